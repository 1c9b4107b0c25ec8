"""Plain text and Markdown: bytes to paragraphs with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from captionfix.markup.markdown import front_matter, holds_image, html_blocks, images_in, said
from captionfix.markup.source import Source
from captionfix.model import Edit, Paragraph, Span
from captionfix.text import fold, letters

_QUOTE = re.compile(r"\s*>")
_LIST = re.compile(r"\s*(?:[-*+:\u2013\u2014\u2022\u2023\u25e6\u25aa]|\d{1,3}[.)]|[a-zA-Z]\))\s")
_HEADING = re.compile(r"\s*#{1,6}\s|.*\n\s*(?:=+|-+)\s*$")
_TABLE = re.compile(r".*(?:\|.*\||\t.*\t)")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_INDENTED = re.compile(r"(?: {4}|\t)")
_TOLD = ("prose", "verse")
"""Kinds of paragraphs that may hold an image or its caption."""
_PARTS = 2
"""Paragraphs behind an image in which its caption may stand: what closes the link around it may be one."""
_VERSE_LINE = 50
"""Characters; two or more lines, all shorter, are verse or an address, not a wrapped paragraph (wrapped text is
set at 60 to 80)."""


@dataclass(frozen=True, slots=True)
class PlainImage:
    """An image of Markdown: its text, its title, and what stands behind it."""

    text: Paragraph
    title: Paragraph | None
    behind: Paragraph | None


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
        self._front = front_matter(source.view)
        self.paragraphs = tuple(self._read())
        self.images = tuple(self._read_images()) if "![" in source.view else ()

    def _read(self) -> Iterator[Paragraph]:
        view = self.source.view
        pieces = list(_pieces(view))
        offsets = self.source.byte_offsets(point for piece in pieces for point in piece)
        fence = ""
        ends = [0, *(end for _, end in pieces)]
        for (start, end), before in zip(pieces, ends, strict=False):
            text = view[start:end]
            fence, kind = _fenced(text, fence) if start >= self._front else (fence, "front matter")
            said = self.source.text(text)
            yield Paragraph(
                fold(said),
                letters(said),
                kind or _kind(text),
                Span(offsets[start], offsets[end]),
                Span(offsets[before] if before else 0, offsets[start]),
            )

    @property
    def html(self) -> Iterator[Span]:
        """The bytes of HTML between its paragraphs."""
        for start, end in html_blocks(self.source.view, self._places):
            offsets = self.source.byte_offsets((start, end))
            yield Span(offsets[start], offsets[end])

    @property
    def _places(self) -> list[tuple[int, int, str]]:
        at = self.source.position
        return [(at(piece.span.start), at(piece.span.end), piece.kind) for piece in self.paragraphs]

    def _read_images(self) -> Iterator[PlainImage]:
        """Yield the images that begin a line, each with what stands behind it."""
        view, places = self.source.view, self._places
        for number, (start, end, kind) in enumerate(places):
            if kind not in _TOLD:
                continue
            for image in images_in(view, start, end):
                text = self._piece(*image.text, "linked image" if image.is_linked else "image", image.says)
                title = None if image.title is None else self._title(*image.title, image.titled)
                yield PlainImage(text, title, self._behind(image.end, end, places[number + 1 :]))

    def _behind(self, at: int, end: int, others: Sequence[tuple[int, int, str]]) -> Paragraph | None:
        """What an image's line, or the paragraph behind it, says; what only closes a link says nothing."""
        view = self.source.view
        for start, stop, kind in ((at, end, "prose"), *others[:_PARTS]):
            told = view[start:stop]
            if kind not in _TOLD or holds_image(told):
                return None
            if letters(said(told)):
                return self._piece(start, stop, "prose", said(told))
        return None

    def _title(self, start: int, end: int, says: str) -> Paragraph:
        """The title of an image, with the blanks before it as its separator."""
        inner = start + len(self.source.view[start:end]) - len(self.source.view[start:end].lstrip())
        piece = self._piece(inner, end, "image title", says)
        offsets = self.source.byte_offsets((start, inner))
        return replace(piece, separator=Span(offsets[start], offsets[inner]))

    def _piece(self, start: int, end: int, kind: str, says: str) -> Paragraph:
        words = self.source.text(says)
        offsets = self.source.byte_offsets((start, end))
        span = Span(offsets[start], offsets[end])
        return Paragraph(fold(words), letters(words), kind, span, Span(span.start, span.start))

    def removal(self, paragraph: Paragraph) -> Edit:
        """Return the edit that takes a paragraph out, with the blank lines before it, or the text of an image."""
        return Edit(Span(paragraph.separator.start, paragraph.span.end))

    def loses(self, other: TextPage, gone: Sequence[Span]) -> bool:
        """Return whether the other page is this one less some bytes: paragraphs, texts and titles of images."""
        mine = [text for paragraph in self.paragraphs if (text := self._less(paragraph, gone)) is not None]
        return mine == [paragraph.text for paragraph in other.paragraphs] and len(self.images) == len(other.images)

    def _less(self, paragraph: Paragraph, gone: Sequence[Span]) -> str | None:
        """What a paragraph says less some bytes, None where all of it goes."""
        span = paragraph.span
        inside = [each for each in gone if span.start < each.end and each.start < span.end]
        if not inside:
            return paragraph.text
        at, text = self.source.position(span.start), ""
        for each in (*sorted(inside), Span(span.end, span.end)):
            text += self.source.view[at : self.source.position(max(each.start, span.start))]
            at = self.source.position(each.end)
        return fold(self.source.text(text)) if text.strip() else None


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
