"""Plain text and Markdown: bytes to paragraphs with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from captionfix.markup.source import Source
from captionfix.model import Edit, Paragraph, Span
from captionfix.text import fold, letters

_QUOTE = re.compile(r"\s*>")
_LIST = re.compile(r"\s*(?:[-*+:\u2013\u2014\u2022\u2023\u25e6\u25aa]|\d{1,3}[.)]|[a-zA-Z]\))\s")
_HEADING = re.compile(r"\s*#{1,6}\s|.*\n\s*(?:=+|-+)\s*$")
_TABLE = re.compile(r".*(?:\|.*\||\t.*\t)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_INDENTED = re.compile(r"(?: {4}|\t)")
_IMAGE = re.compile(
    r"(?P<link>\[)?!\[(?P<alt>[^\[\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)(?:\{[^{}\n]*\})?"
    r"(?(link)\]\((?:[^()\n]|\([^()\n]*\))*\))"
)
"""An image, with its attributes, and within a link, as CommonMark and Pandoc write it."""
_TOLD = ("prose", "verse")
"""Kinds of paragraphs that may hold an image or its caption."""
_VERSE_LINE = 50
"""Characters; two or more lines, all shorter, are verse or an address, not a wrapped paragraph (wrapped text is
set at 60 to 80)."""


class TextPage:
    """A page of plain text or Markdown.

    Args:
        source: the page.

    >>> from captionfix.markup.source import read_source
    >>> page = TextPage(read_source(b"One.\\n\\n> Two.\\n\\n    three()\\n"))
    >>> [(paragraph.text, paragraph.kind) for paragraph in page.paragraphs]
    [('One.', 'prose'), ('> Two.', 'quote'), ('three()', 'code')]
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.paragraphs = tuple(self._read())
        self.captioned_images = tuple(self._read_images()) if "](" in source.view else ()

    def _read(self) -> Iterator[Paragraph]:
        view = self.source.view
        pieces = list(_pieces(view))
        offsets = self.source.byte_offsets(point for piece in pieces for point in piece)
        fence = ""
        ends = [0, *(end for _, end in pieces)]
        for (start, end), before in zip(pieces, ends, strict=False):
            text = view[start:end]
            fence, kind = _fenced(text, fence)
            said = self.source.text(text)
            yield Paragraph(
                fold(said),
                letters(said),
                kind or _kind(text),
                Span(offsets[start], offsets[end]),
                Span(offsets[before] if before else 0, offsets[start]),
            )

    def _read_images(self) -> Iterator[tuple[Paragraph, Paragraph]]:
        """Yield the texts of images that stand on a line of their own, each with what stands behind it."""
        view = self.source.view
        places = [(self.source.position(piece.span.start), self.source.position(piece.span.end), piece.kind)
                  for piece in self.paragraphs]  # fmt: skip
        for (start, end, kind), (following, stop, next_kind) in pairwise((*places, (len(view), len(view), ""))):
            for at, line_end in _lines(view, start, end) if kind in _TOLD else ():
                found = _IMAGE.fullmatch(view, at, line_end)
                behind = (line_end, end) if line_end < end else (following, stop)
                told = view[slice(*behind)]
                if found is None or not found["alt"].strip() or not told.strip() or _IMAGE.search(told):
                    continue
                if line_end < end or next_kind in _TOLD:
                    image = self._piece(*found.span("alt"), "linked image" if found["link"] else "image")
                    yield image, self._piece(*behind, "prose")

    def _piece(self, start: int, end: int, kind: str) -> Paragraph:
        said = self.source.text(self.source.view[start:end])
        offsets = self.source.byte_offsets((start, end))
        span = Span(offsets[start], offsets[end])
        return Paragraph(fold(said), letters(said), kind, span, Span(span.start, span.start))

    def removal(self, paragraph: Paragraph) -> Edit:
        """Return the edit that takes a paragraph out, with the blank lines before it, or the text of an image."""
        return Edit(Span(paragraph.separator.start, paragraph.span.end))

    def loses(self, other: TextPage, gone: set[Paragraph]) -> bool:
        """Return whether the other page is this one less these paragraphs and texts of images."""
        images = [piece for piece in gone if piece not in self.paragraphs]
        mine = [_without(paragraph, images) for paragraph in self.paragraphs if paragraph not in gone]
        return mine == [paragraph.text for paragraph in other.paragraphs]


def _without(paragraph: Paragraph, images: Sequence[Paragraph]) -> str:
    """What a paragraph says less the texts of some images in it."""
    text = paragraph.text
    for image in images:
        if paragraph.span.start <= image.span.start and image.span.end <= paragraph.span.end:
            text = text.replace(f"![{image.text}]", "![]", 1)
    return text


def _lines(view: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the lines of a paragraph begin and end, blanks left out."""
    at = start
    for line in view[start:end].split("\n"):
        yield at + len(line) - len(line.lstrip()), at + len(line.rstrip())
        at += len(line) + 1


def _pieces(view: str) -> Iterator[tuple[int, int]]:
    """Yield where paragraphs begin and end, the blanks of their last line left out."""
    start, end, at = -1, 0, 0
    for line in view.split("\n"):
        if line and not line.isspace():
            start = at if start < 0 else start
            end = at + len(line.rstrip())
        elif start >= 0:
            yield start, end
            start = -1
        at += len(line) + 1
    if start >= 0:
        yield start, end


def _fenced(text: str, fence: str) -> tuple[str, str]:
    """The code fence that is open behind a paragraph, and ``code`` where one is open in it.

    A fence is closed by the same sign, at least as often (CommonMark 0.31, section 4.5).
    """
    touched = bool(fence)
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found is None:
            continue
        touched = True
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence) and not line[found.end() :].strip():
            fence = ""
    return fence, "code" if touched else ""


def _kind(text: str) -> str:
    lines = text.split("\n")
    if all(_INDENTED.match(line) for line in lines):
        return "code"
    for name, pattern in (("quote", _QUOTE), ("list", _LIST), ("heading", _HEADING), ("table", _TABLE)):
        if pattern.match(text):
            return name
    if len(lines) > 1 and all(len(line.strip()) < _VERSE_LINE for line in lines):
        return "verse"
    return "prose"
