"""Calls for scrapers: a page in, a cleaned page out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from captionfix.settings import Settings

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

    from captionfix.model import Finding

Html = TypeVar("Html", str, bytes)


@dataclass(frozen=True, slots=True)
class Result(Generic[Html]):
    """What cleaning a page gave.

    Attributes:
        html: the cleaned page, text or bytes as it was given.
        findings: what was found, in order of place.
        changed: whether the page differs from what was given.
    """

    html: Html
    findings: tuple[Finding, ...]
    changed: bool


def clean(html: Html, *, url: str | None = None, settings: Settings | None = None) -> Result[Html]:
    """Take doubled captions and doubled pictures out of a page.

    Args:
        html: a page or a fragment. Bytes keep their encoding, line ends and
            whatever is broken in them; text comes back as text.
        url: where the page came from, if known.
        settings: what to look for and how far to go.

    Returns:
        The cleaned page with what was found. Spans of findings are bytes; for
        text, bytes of its UTF-8 form.

    Raises:
        PageError: the page cannot be read, such as unsound UTF-16.

    >>> page = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> clean(page).html
    '<figure><img src="boat.jpg" alt=""><figcaption>Boats leave</figcaption></figure>'
    """
    from captionfix.pipeline import clean_page

    chosen = _chosen(url, settings)
    if isinstance(html, bytes):
        done = clean_page(html, chosen)
        return Result(done.result, done.findings, done.changed)
    # A lone surrogate, which Python text may hold, survives the way there and back.
    done = clean_page(html.encode("utf-8", "surrogatepass"), replace(chosen, encoding="utf-8"))
    text = done.result.decode("utf-8", "surrogatepass") if done.changed else html
    return Result(text, done.findings, done.changed)


def check(html: str | bytes, *, url: str | None = None, settings: Settings | None = None) -> tuple[Finding, ...]:
    """Find doubled captions and doubled pictures on a page, and change nothing.

    Args:
        html: a page or a fragment.
        url: where the page came from, if known.
        settings: what to look for and how far to go.

    Raises:
        PageError: the page cannot be read.

    >>> [finding.code for finding in check('<img src="a.jpg" alt="Boats leave" title="Boats leave">')]
    ['CF104']
    """
    if isinstance(html, bytes):
        return clean(html, url=url, settings=settings).findings
    return clean(html, url=url, settings=settings).findings


def clean_tree(
    tree: _Element | _ElementTree, *, url: str | None = None, settings: Settings | None = None
) -> tuple[Finding, ...]:
    """Take doubled captions and doubled pictures out of an lxml tree, in place.

    Text behind a removed element stays. The findings are those of `clean`
    wherever libxml2 builds the tree that the HTML standard asks for.

    Args:
        tree: an element or a tree, from ``lxml.html``, parsel or readability.
        url: where the page came from, if known.
        settings: what to look for and how far to go.

    >>> import lxml.html
    >>> page = '<figure><img src="b.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> root = lxml.html.fromstring(page)
    >>> [finding.code for finding in clean_tree(root)], root.find("img").get("alt")
    (['CF102'], '')
    """
    from captionfix.pipeline import clean_tree as clean_in_place

    return clean_in_place(tree, _chosen(url, settings))


def _chosen(url: str | None, settings: Settings | None) -> Settings:
    chosen = settings or Settings()
    return replace(chosen, url=url) if url else chosen
