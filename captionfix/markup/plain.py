"""Plain text and Markdown: bytes to paragraphs with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from captionfix.markup.source import Source
from captionfix.model import Edit, Paragraph, Span
from captionfix.text import fold, letters

_QUOTE = re.compile(r"\s*>")
_LIST = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_HEADING = re.compile(r"\s*#{1,6}\s|.*\n\s*(?:=+|-+)\s*$")
_TABLE = re.compile(r".*(?:\|.*\||\t.*\t)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_INDENTED = re.compile(r"(?: {4}|\t)")
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

    def _read(self) -> Iterator[Paragraph]:
        view = self.source.view
        pieces = list(_pieces(view))
        offsets = self.source.byte_offsets(point for piece in pieces for point in piece)
        fenced = False
        ends = [0, *(end for _, end in pieces)]
        for (start, end), before in zip(pieces, ends, strict=False):
            text = view[start:end]
            opens = sum(1 for line in text.split("\n") if _FENCE.match(line)) % 2 == 1
            kind = "code" if fenced or opens else _kind(text)
            fenced ^= opens
            said = self.source.text(text)
            yield Paragraph(
                fold(said),
                letters(said),
                kind,
                Span(offsets[start], offsets[end]),
                Span(offsets[before] if before else 0, offsets[start]),
            )

    def removal(self, paragraph: Paragraph) -> Edit:
        """Return the edit that takes a paragraph out, with the blank lines before it."""
        return Edit(Span(paragraph.separator.start, paragraph.span.end))

    def loses(self, other: TextPage, gone: set[Paragraph]) -> bool:
        """Return whether the other page is this one less these paragraphs."""
        mine = [paragraph.text for paragraph in self.paragraphs if paragraph not in gone]
        return mine == [paragraph.text for paragraph in other.paragraphs]


def _pieces(view: str) -> Iterator[tuple[int, int]]:
    """Yield where paragraphs begin and end, the blanks of their last line left out."""
    breaks = [match.span() for match in re.finditer(r"[ \t\f\v]*\n(?:[ \t\f\v]*\n)+|\s*\Z", view)]
    for (_, behind), (end, _) in pairwise([(0, 0), *breaks]):
        start = end - len(view[behind:end].lstrip("\n"))
        if view[start:end].strip():
            yield start, end


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
