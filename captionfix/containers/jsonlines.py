"""JSON Lines: a page in a field of each line. Only the bytes of that field's text change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.packing import unpacked
from captionfix.containers.pieces import Piece, places
from captionfix.containers.source import CHUNK, Source
from captionfix.containers.splicing import Splicer
from captionfix.errors import NotAPageError
from captionfix.model import Edit
from captionfix.settings import Settings

_BLANKS = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]+", re.DOTALL
)
"""What stands for one character in a JSON text, or for a run of them that stand for themselves (RFC 8259, 7)."""
_DECODER = json.JSONDecoder(strict=False)
_BOM = "\ufeff"
_MARGIN = 2**16
"""Bytes of a line besides what a page may have; escaped, each of those may take six."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in a line: where it stands in the container, and how it is written."""

    at: int
    literal: str

    def edited(self, edits: Sequence[Edit]) -> Iterator[tuple[int, int, bytes]]:
        """Edits of the text's UTF-8 form as edits of the container, in order."""
        starts, ends = places(self._pieces(), len(_encoded(self.literal)), edits)
        for edit in edits:
            start, end = starts[edit.span.start], ends[edit.span.end]
            yield self.at + start, self.at + end, self._written(edit.replacement)

    def _pieces(self) -> Iterator[Piece]:
        at = 0
        for token in _TOKEN.finditer(self.literal):
            is_plain = not token[0].startswith("\\")
            said = token[0] if is_plain else json.loads(f'"{token[0]}"', strict=False)
            end = at + len(_encoded(token[0]))
            yield Piece(_encoded(said), at, end)
            at = end

    def _written(self, data: bytes) -> bytes:
        """Bytes of the text's UTF-8 form as this text is written: with escapes for what is not ASCII, or without."""
        text = json.dumps(data.decode("utf-8", "surrogatepass"), ensure_ascii=self.literal.isascii())[1:-1]
        return _encoded(text.replace("/", "\\/") if "\\/" in self.literal else text)


class JsonLines:
    """An open file of JSON Lines.

    Args:
        source: the file.
        settings: which field holds the page, and which its URL.

    Raises:
        NotAPageError: its first line has no such field.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        self._keys = settings.field.split(".")
        self._check()

    def members(self) -> Iterator[Member]:
        """Yield the pages, line by line; see `captionfix.containers.members.Container`."""
        for number, at, line in self._lines():
            if line is None:
                yield Member(f"line {number}", at, problem="is longer than a page may be (max-page-bytes)")
            elif line.strip():
                yield self._member(number, at, line)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(Splicer(self._source, self._settings, out))

    def close(self) -> None:
        """Nothing is held open between lines."""

    def _check(self) -> None:
        """Refuse a file whose first line has no such field."""
        with unpacked(self._source, self._settings) as file:
            line = file.readline(self._most)
        try:
            row = _row(_decoded(line))
        except ValueError:
            return  # told with its place when it is read
        if _found(row, self._keys) is None:
            names = ", ".join(list(row)[:_MANY]) or "none"
            cause = f"is a JSON Lines file whose first line has no field {self._settings.field!r}"
            raise NotAPageError(self._source.locator, cause, f"name the one that holds the pages, --field: {names}")

    @property
    def _most(self) -> int:
        most = self._settings.max_page_bytes
        return 6 * most + _MARGIN if most else -1

    def _lines(self) -> Iterator[tuple[int, int, bytes | None]]:
        """Each line with its number and where it begins; none of its bytes where it is too long."""
        at, most = 0, self._most
        with unpacked(self._source, self._settings) as file:
            for number, (size, line) in enumerate(_split(file, most), 1):
                yield number, at, line
                at += size

    def _member(self, number: int, at: int, line: bytes) -> Member:
        name = f"line {number}"
        try:
            text = _decoded(line)
            row = _row(text)
        except ValueError as error:
            return Member(name, at, problem=str(error))
        url = _found(row, self._settings.url_field.split("."))
        url = url if isinstance(url, str) else ""
        page = _found(row, self._keys)
        if not isinstance(page, str):
            return Member(url or name, at, left=f"a line without {self._settings.field}")
        start, end = _span(text, self._keys)
        place = at + len(_encoded(text[:start])) + 1
        data = _encoded(page)
        handle = _Text(place, text[start + 1 : end - 1])
        return Member(url or name, at, data[:HEAD], lambda _: data, url, "text/html", "utf-8", handle=handle)


_MANY = 20
"""Fields that an error lists."""


def _split(file: BinaryIO, most: int) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their sizes; one that is longer than ``most`` without its bytes."""
    while True:
        line = file.readline(most)
        if len(line) != most or line.endswith(b"\n"):
            if not line:
                return
            yield len(line), line
            continue
        size = len(line)
        while line and not line.endswith(b"\n"):
            line = file.readline(CHUNK)
            size += len(line)
        yield size, None


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"is no UTF-8 from its byte {error.start} on") from error


def _row(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text.removeprefix(_BOM), strict=False)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 of the file, not of a call
    return row


def _found(row: Any, keys: Sequence[str]) -> Any:
    """What stands under keys, one within the other; None where nothing does."""
    for key in keys:
        row = row.get(key) if isinstance(row, dict) else None
    return row


def _span(text: str, keys: Sequence[str]) -> tuple[int, int]:
    """Where the value under keys stands in a sound line; of several under one key the last, as readers take it."""
    start = end = _blank(text, int(text.startswith(_BOM)))
    for wanted in keys:
        at = _blank(text, start + 1)
        while text[at] != "}":
            key, at = _DECODER.raw_decode(text, at)
            value = _blank(text, _blank(text, at) + 1)
            _, behind = _DECODER.raw_decode(text, value)
            if key == wanted:
                start, end = value, behind
            at = _blank(text, behind)
            at = _blank(text, at + 1) if text[at] == "," else at
    return start, end


def _blank(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


class _Writer:
    def __init__(self, splicer: Splicer) -> None:
        self._splicer = splicer

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 the edits say it all
        for start, end, new in member.handle.edited(edits):
            self._splicer.replace(start, end, new)

    def finish(self) -> None:
        self._splicer.finish()


open_container = JsonLines
