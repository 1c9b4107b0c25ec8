"""What a person is shown of a finding: both copies in words, the picture, the markup before and after."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from captionfix.errors import PageError
from captionfix.markup.source import read_source
from captionfix.model import Edit, Finding, Span
from captionfix.settings import Settings

_AROUND = 120
"""Bytes of markup shown on both sides of what changes."""
_MOST = 1500
"""Bytes of markup shown of one place; of longer ones the beginning and the end."""
_WORDS = 400
"""Characters of a copy's words."""
_ELEMENT = re.compile(r"(?is)<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^<>]*>")
_SAID = re.compile(r"""(?is)\b(?:alt|title|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Thumbnail(NamedTuple):
    """A small JPEG of a picture, and its sides in pixels."""

    data: bytes
    width: int
    height: int


class Piece(NamedTuple):
    """A piece of markup: as it stays, taken out, put in, or left out of what is shown."""

    kind: Literal["same", "out", "in", "gap"]
    text: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What is shown of a finding.

    Attributes:
        duplicate: the words of the copy that repeats.
        kept: the words of what it repeats.
        markup: the page around what changes, or around the copy where nothing does.
        thumbnail: the picture it is about, where its file is at hand.
    """

    duplicate: str
    kept: str
    markup: tuple[Piece, ...]
    thumbnail: Thumbnail | None = None


def exhibits(
    raw: bytes, findings: Sequence[Finding], settings: Settings, draw: Callable[[str], Thumbnail | None]
) -> tuple[Exhibit, ...]:
    """Return what is shown of each finding of a page.

    Args:
        raw: the page as it was.
        findings: what was found on it.
        settings: how the page was read.
        draw: gives a small picture of what a URL of the page names.

    >>> from captionfix.pipeline import clean_page
    >>> page = b'<figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> shown = exhibits(page, clean_page(page, Settings()).findings, Settings(), lambda url: None)[0]
    >>> shown.duplicate, shown.kept, [piece for piece in shown.markup if piece.kind == "out"]
    ('Boats leave', 'Boats leave', [Piece(kind='out', text='alt="Boats leave"')])
    """
    try:
        codec = read_source(raw, encoding=settings.encoding).encoding
    except PageError:
        codec = "latin-1"

    def said(start: int, end: int) -> str:
        return raw[start:end].decode(codec, "replace")

    return tuple(
        Exhibit(
            _words(said(*_ends(finding.spans[:1]))),
            _words(said(*_ends(finding.spans[1:2]))) or finding.caption[:_WORDS],
            tuple(_markup(finding, len(raw), said, codec)),
            draw(finding.picture) if finding.picture else None,
        )
        for finding in findings
    )


def _ends(spans: Sequence[Span]) -> tuple[int, int]:
    return (spans[0].start, spans[0].end) if spans else (0, 0)


def _words(markup: str) -> str:
    """What somebody reads of an element; of one without words, what its attributes say."""
    words = " ".join(html.unescape(_ELEMENT.sub(" ", markup)).split())
    if not words and (told := _SAID.search(markup)) is not None:
        words = " ".join(html.unescape(told[1] or told[2] or "").split())
    return words[:_WORDS]


def _markup(finding: Finding, size: int, said: Callable[[int, int], str], codec: str) -> Iterator[Piece]:
    """The page around each place that changes; without one, around the copy."""
    edits = finding.edits or tuple(Edit(span) for span in finding.spans[:1])
    at = max(edits[0].span.start - _AROUND, 0) if edits else 0
    if at:
        yield Piece("gap", "")
    for edit in edits:
        start, end = edit.span.start, edit.span.end
        if start - at > _MOST:
            yield Piece("same", said(at, at + _AROUND))
            yield Piece("gap", "")
            at = start - _AROUND
        yield Piece("same", said(at, start))
        yield from _taken(said, start, end, "out" if finding.edits else "same")
        if edit.replacement:
            yield Piece("in", edit.replacement.decode(codec, "replace"))
        at = end
    yield Piece("same", said(at, min(at + _AROUND, size)))
    if at + _AROUND < size:
        yield Piece("gap", "")


def _taken(said: Callable[[int, int], str], start: int, end: int, kind: Literal["same", "out"]) -> Iterator[Piece]:
    if end - start <= _MOST:
        yield Piece(kind, said(start, end))
        return
    yield Piece(kind, said(start, start + _MOST // 2))
    yield Piece("gap", "")
    yield Piece(kind, said(end - _MOST // 2, end))
