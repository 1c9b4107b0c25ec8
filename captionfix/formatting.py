"""What all reports share: numbers of things, text that acts on nothing, JSON, diffs."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

SCHEMA = 1
"""The version of the JSON form; it grows when a field changes its meaning or goes."""

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control, bidirectional and lone surrogate characters: in a terminal they would act, not show."""


def plural(number: int, noun: str) -> str:
    """Return a number of things.

    >>> plural(1, "page"), plural(2000, "page")
    ('1 page', '2,000 pages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_MOST_KINDS = 6
"""Kinds of files that are listed in a line; reports in JSON have all."""


def kinds(names: Counter[str]) -> str:
    """Return how many files of which kinds there are, the most frequent first.

    Args:
        names: what each is, with its article.

    >>> kinds(Counter(["a JPEG image", "an RSS feed", "a JPEG image"]))
    '2 JPEG images, 1 RSS feed'
    """
    most = names.most_common(_MOST_KINDS)
    told = [plural(number, name.partition(" ")[2]) for name, number in most]
    rest = names.total() - sum(number for _, number in most)
    return ", ".join(told) + (f" and {rest:,} of other kinds" if rest else "")


def printable(text: str) -> str:
    """Return text with nothing in it that a terminal would act on.

    >>> printable("a\\x1b[31mb\\u202ec")
    'a\\ufffd[31mb\\ufffdc'
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def unprintable(text: str, instead: Callable[[str], str]) -> str:
    """Return text with something else for each character that a terminal would act on, line ends left as they are.

    Args:
        text: what is to be shown.
        instead: what to put for such a character.

    >>> unprintable("a\\x9b\\nb", lambda found: f"<{ord(found):x}>")
    'a<9b>\\nb'
    """
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] == "\n" else instead(found[0]), text)


def dumps(data: Any) -> str:
    """Return JSON that every reader takes: lone surrogates become replacement characters."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def header(version: str) -> dict[str, Any]:
    """Return what a JSON report opens with."""
    return {"tool": "captionfix", "version": version, "schema": SCHEMA}


_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


def diff(before: bytes, after: bytes, name: str) -> Iterator[bytes]:
    """Yield the lines of a unified diff of two pages, their own bytes kept.

    Args:
        before: the page as it was.
        after: the page cleaned.
        name: the page's name.

    >>> b"".join(diff(b"a\\nb\\n", b"a\\n", "x.html")).splitlines()[-2:]
    [b' a', b'-b']
    """
    if before.startswith((b"\xff\xfe", b"\xfe\xff")):
        before, after = (page.decode("utf-16", "replace").encode() for page in (before, after))
    label = printable(name).lstrip("/").encode() + (b"\t" if " " in name else b"")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _LINE.findall(before), _LINE.findall(after), b"a/" + label, b"b/" + label
    )
    for each in lines:
        yield each if each.endswith(b"\n") else each + b"\n\\ No newline at end of file\n"
