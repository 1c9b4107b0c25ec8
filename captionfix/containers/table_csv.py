"""CSV: a page in a column of each record. Only the bytes of that field change."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.packing import unpacked
from captionfix.containers.source import Source
from captionfix.containers.splicing import Splicer
from captionfix.errors import NotAPageError
from captionfix.model import Edit
from captionfix.settings import Settings

_BOM = b"\xef\xbb\xbf"
_MARGIN = 2**20
_SIGNS = (",", "\t", ";")
_SPECIAL = re.compile(rb"[\"\r\n]")


@dataclass(frozen=True, slots=True)
class _Field:
    """A field: where it stands in the container, and its bytes there."""

    at: int
    raw: bytes

    @property
    def is_quoted(self) -> bool:
        return self.raw.startswith(b'"')

    @property
    def value(self) -> bytes:
        return self.raw[1:-1].replace(b'""', b'"') if self.is_quoted else self.raw


class Csv:
    """An open CSV file.

    Args:
        source: the file.
        settings: which column holds the page, and which its URL.

    Raises:
        NotAPageError: it has no such column.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        with unpacked(source, settings) as file:
            head = file.readline(_MARGIN)
        line = head.removeprefix(_BOM).decode("utf-8", "replace").rstrip("\r\n")
        self._sign = max(_SIGNS, key=line.count)
        names = next(csv.reader([line], delimiter=self._sign), [])
        if settings.field not in names:
            cause = f"is a CSV file without a column {settings.field!r}"
            raise NotAPageError(
                source.locator, cause, f"name the one that holds the pages, --field: {', '.join(names)}"
            )
        self._column = names.index(settings.field)
        self._url = names.index(settings.url_field) if settings.url_field in names else -1
        self._columns, self._start = len(names), len(head)
        sign = re.escape(self._sign.encode())
        self._field = re.compile(
            rb'("(?:[^"]|"")*"|[^"\r\n' + sign + rb"][^\r\n" + sign + rb"]*|)(" + sign + rb"|\r?\n|\r|\Z)"
        )

    def members(self) -> Iterator[Member]:
        """Yield the pages, record by record; see `captionfix.containers.members.Container`."""
        with unpacked(self._source, self._settings) as file:
            file.read(self._start)
            for line, at, record in self._records(file):
                if record.strip():
                    yield self._member(line, at, record)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(Splicer(self._source, self._settings, out), self._sign.encode())

    def close(self) -> None:
        """Nothing is held open between records."""

    def _records(self, file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
        """Each record, with the number of its first line and where it begins."""
        most = 2 * self._settings.max_page_bytes + _MARGIN if self._settings.max_page_bytes else 0
        at, number, held, quotes, lines = self._start, 2, bytearray(), 0, 0
        while line := file.readline(most or -1):
            held += line
            quotes += line.count(b'"')
            lines += 1
            if quotes % 2 == 0 and line.endswith(b"\n"):
                yield number, at, bytes(held)
                at, number, held, quotes, lines = at + len(held), number + lines, bytearray(), 0, 0
            elif most and len(held) > most:
                hint = "what stands before was read; look for a quote without its other"
                raise self._source.error("has a record that is longer than a page may be (max-page-bytes)", at, hint)
        if held:
            yield number, at, bytes(held)

    def _member(self, line: int, at: int, record: bytes) -> Member:
        name = f"line {line}"
        fields: list[_Field] = []
        end = 0
        for found in self._field.finditer(record):
            if found.start() != end or (found.start() == len(record) and fields and not found[1]):
                break
            fields.append(_Field(at + found.start(1), found[1]))
            end = found.end()
            if found[2] != self._sign.encode():
                break
        if len(fields) != self._columns or record[end:].strip():
            return Member(name, at, problem=f"has {len(fields)} sound fields, not {self._columns}")
        field = fields[self._column]
        url = fields[self._url].value.decode("utf-8", "replace") if self._url >= 0 else ""
        data = field.value
        return Member(
            url or name,
            at,
            data[:HEAD],
            lambda _: data,
            url,
            "text/html",
            _encoding(data, self._settings),
            handle=field,
        )


def _encoding(data: bytes, settings: Settings) -> str:
    """UTF-8 where a page is that, as tables are; else the page says it, or the user."""
    if settings.encoding:
        return ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "utf-8"


class _Writer:
    def __init__(self, splicer: Splicer, sign: bytes) -> None:
        self._splicer, self._sign = splicer, sign

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:
        field: _Field = member.handle
        if not field.is_quoted:
            is_plain = self._sign not in data and not _SPECIAL.search(data)
            new = data if is_plain else b'"' + data.replace(b'"', b'""') + b'"'
            self._splicer.replace(field.at, field.at + len(field.raw), new)
            return
        value = field.value
        for edit in edits:
            start, end = (
                field.at + 1 + place + value.count(b'"', 0, place) for place in (edit.span.start, edit.span.end)
            )
            self._splicer.replace(start, end, edit.replacement.replace(b'"', b'""'))

    def finish(self) -> None:
        self._splicer.finish()


open_container = Csv
