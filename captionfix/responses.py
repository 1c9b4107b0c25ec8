"""What scrapers hold instead of a page: responses and selectors, known by what they have, never by an import.

A response has its bytes in ``body`` (Scrapy) or ``content`` (requests, httpx), with ``url`` and ``headers``. A selector
of parsel or Scrapy has its lxml tree in ``root``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from captionfix.errors import EncodingError
from captionfix.markup.source import read_source

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_GUESSED = ("iso-8859-1", "utf-8")
"""What requests and httpx take for text of which the server tells no encoding, whatever the page declares."""


class HasBody(Protocol):
    """A response of Scrapy."""

    @property
    def body(self) -> bytes:
        """Its bytes."""


class HasContent(Protocol):
    """A response of requests or httpx."""

    @property
    def content(self) -> bytes:
        """Its bytes."""


class HasRoot(Protocol):
    """A selector of parsel or Scrapy."""

    @property
    def root(self) -> Any:
        """Its element."""


@dataclass(frozen=True, slots=True)
class Received:
    """What was received.

    Attributes:
        raw: the bytes.
        url: where they came from, None where that is unknown or no place on the web.
        encoding: what the server, or whoever holds the response, says they are in; None where nobody does.
    """

    raw: bytes
    url: str | None = None
    encoding: str | None = None


def received(page: object) -> Received:
    """Return what a response holds.

    Args:
        page: bytes, or a response of Scrapy, requests or httpx.

    Raises:
        TypeError: it is something else, or its content has not been read.

    >>> class Response:
    ...     content, url = b"<p>", "https://site.org/boats"
    ...     headers = {"content-type": "text/html; charset=Windows-1251"}
    >>> received(Response())
    Received(raw=b'<p>', url='https://site.org/boats', encoding='Windows-1251')
    """
    if isinstance(page, (bytes, bytearray, memoryview)):
        return Received(bytes(page))
    of_scrapy = hasattr(page, "body")
    raw = getattr(page, "body", None) if of_scrapy else getattr(page, "content", None)
    if not isinstance(raw, bytes):
        raise TypeError(_refusal(page))
    told = _charset(page)
    held = getattr(page, "encoding", None)
    if isinstance(held, str) and (of_scrapy or told or held.lower() not in _GUESSED):
        told = held
    return Received(raw, _url(page), told if told and _is_known(told) else None)


def tree_of(holder: Any) -> tuple[Any, str | None]:
    """Return the lxml tree that a selector holds, or the one given, and the page's address where it is known.

    Args:
        holder: a selector of parsel or Scrapy, or an lxml element or tree.

    Raises:
        TypeError: a selector holds text or JSON.
    """
    if not hasattr(holder, "xpath") or not hasattr(holder, "root") or hasattr(holder, "tag"):
        return holder, None
    if getattr(holder, "type", "html") not in ("html", "xml"):
        raise TypeError(f"clean_tree takes a selector of HTML or XML, not of {holder.type}")
    return holder.root, _url(getattr(holder, "response", None))


def _charset(page: object) -> str | None:
    """The encoding that the server told."""
    headers = getattr(page, "headers", None)
    if not isinstance(headers, Mapping):
        return None
    value = next((headers[name] for name in ("Content-Type", "content-type") if name in headers), "")
    found = _CHARSET.search(value.decode("latin-1") if isinstance(value, bytes) else str(value))
    return found[1] if found else None


def _url(page: object) -> str | None:
    url = str(getattr(page, "url", None) or "")
    try:
        return url if urlsplit(url).scheme in ("http", "https", "file") else None
    except ValueError:
        return None


def _is_known(encoding: str) -> bool:
    """Whether an encoding exists; what servers invent is passed over, as browsers do."""
    try:
        read_source(b"", encoding=encoding)
    except EncodingError:
        return False
    return True


def _refusal(page: object) -> str:
    kind = type(page).__name__
    if hasattr(page, "root") or hasattr(page, "tag"):
        return f"clean takes a page, not {kind}: clean_tree cleans trees and selectors"
    return f"clean takes text, bytes, or a response whose body or content is bytes, not {kind}"
