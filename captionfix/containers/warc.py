"""WARC: the pages of a crawl. fastwarc reads; what does not change is copied record by record, as it is packed."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO

from captionfix.containers import http_message
from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.packing import peeked, unpacked
from captionfix.containers.source import CHUNK, Source
from captionfix.containers.splicing import Splicer
from captionfix.containers.warc_records import Record, conversion, converted, info, replaced
from captionfix.errors import ContainerError, MissingExtraError
from captionfix.model import Edit
from captionfix.settings import Settings
from captionfix.signatures import unpacked as unpacked_gzip

_MARGIN = 2**20
"""Bytes of a record besides the body that a page may have."""
_PAGES = ("response", "resource", "conversion")
_STARTS = {"gz": b"\x1f\x8b\x08", "zst": b"\x28\xb5\x2f\xfd", "": b"WARC/"}
_PARTIAL = 206


def fastwarc() -> Any:
    """Return the library that reads WARC.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module("fastwarc.warc")
    except ImportError as error:
        raise MissingExtraError("WARC", "warc") from error


@dataclass(frozen=True, slots=True)
class _Read:
    """A record that was read: itself, its first bytes or all, and why these are not all, if they are not."""

    record: Record
    block: bytes = b""
    is_page: bool = False


class _Forward:
    """A file as fastwarc wants it: it asks where it is by moving it by nothing."""

    def __init__(self, file: BinaryIO, at: int) -> None:
        self._file, self._at = file, at

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = self._file.read1(size)  # type: ignore[attr-defined]  # all have it
        self._at += len(data)
        found: bytes = data
        return found

    def tell(self) -> int:
        """Return how far it has been read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Return where it is, for moving it there."""
        if (whence, offset) not in ((io.SEEK_CUR, 0), (io.SEEK_SET, self._at)):
            raise io.UnsupportedOperation("seek")
        return self._at


class Warc:
    """An open WARC file.

    Args:
        source: the file.
        settings: in which style it is written, and its limits.

    Raises:
        MissingExtraError: the library is not installed.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._library = fastwarc()
        self._settings = settings
        self.each = _packing_of_each(source)
        """What each record is packed with, where it is packed by itself."""
        self._source = source.unpacked() if self.each else source

    def members(self) -> Iterator[Member]:
        """Yield the records that hold something, in order; see `captionfix.containers.members.Container`."""
        before: _Read | None = None
        for read in self._records():
            is_same = before is not None and before.record.at == read.record.at
            if before is not None and not is_same:
                yield from self._member(before, read.record)
            before = read
        if before is not None:
            yield from self._member(before, None)
            self._check_end(before.record)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(self._source, self._settings, self.each, out)

    def close(self) -> None:
        """Nothing is held open between records."""

    def _records(self) -> Iterator[_Read]:
        """The records; behind damage, those from the next sound one on."""
        start = 0
        while start >= 0:
            last: Record | None = None
            try:
                for read in self._sound(start):
                    last = read.record
                    yield read
            except ContainerError:
                raise
            except (OSError, ValueError) as error:
                bad = self._damaged(last, start)
                if last is None or not last.problem or bad != last.at:
                    yield _Read(Record(bad, 0, problem=f"cannot be read: {error}"))
                start = self._next_start(bad + 1)
            else:
                return

    def _damaged(self, last: Record | None, start: int) -> int:
        """Where the record begins that stopped the reading from a place on: the last one, if any, or the next."""
        if last is None:
            return start
        try:
            with self._from(last.at) as stream:
                is_whole = not _missing(stream, last)
        except ContainerError:
            is_whole = False
        return max(self._next_start(last.at + 1), last.at + 1) if is_whole else last.at

    def _sound(self, start: int) -> Iterator[_Read]:
        with self._open(start) as file:
            try:
                for found in self._library.ArchiveIterator(_Forward(file, start), parse_http=False):
                    yield self._read(found)
            except BaseException as error:  # it panics over what it did not foresee, which is no Exception
                if type(error).__name__ != "PanicException":
                    raise
                raise ValueError(error) from error

    def _open(self, start: int) -> BinaryIO:
        file = unpacked(self._source, self._settings)
        if start:
            file.seek(start)
        return file

    def _next_start(self, after: int) -> int:
        """Where the next record begins that can be opened; below 0 where none does."""
        if self._source.packing:
            return -1
        sign = _STARTS[self.each]
        with self._source.open() as file:
            file.seek(after)
            at, held = after, b""
            while data := file.read(CHUNK):
                held += data
                place = held.find(sign)
                while place >= 0:
                    if not self.each or _begins(self._source, at + place, self.each):
                        return at + place
                    place = held.find(sign, place + 1)
                at, held = at + max(len(held) - len(sign) + 1, 0), held[max(len(held) - len(sign) + 1, 0) :]
        return -1

    def _read(self, found: Any) -> _Read:
        record = Record(
            found.stream_pos,
            found.content_length,
            found.headers.status_line,
            tuple(found.headers.astuples()),
        )
        most = self._settings.max_page_bytes
        if record.kind not in _PAGES or record.is_segment:
            return _Read(record)
        is_whole = not most or record.size <= most + _MARGIN
        block = found.reader.read() if is_whole else found.reader.read(HEAD)
        if len(block) < min(record.size, HEAD) or (is_whole and len(block) < record.size):
            record = replace(record, problem=f"ends {record.size - len(block):,} bytes too soon")
        return _Read(record, block, is_page=is_whole)

    def _member(self, read: _Read, behind: Record | None) -> Iterator[Member]:
        """What a record holds, if it is for anybody to look at."""
        record = read.record
        end = behind.at if behind is not None else None
        name = record.url or f"record at {record.at}"
        if record.problem:
            yield Member(name, record.at, problem=record.problem)
            return
        if record.kind not in _PAGES or record.is_segment:
            return
        is_conversion = self._settings.warc_style == "conversion"
        if is_conversion and (record.kind == "conversion" or (behind is not None and converted(record, behind))):
            yield Member(name, record.at, left="a record that was converted already")
            return
        if record.kind == "response" and record.media_type == "application/http":
            yield self._of_http(name, read, end)
        else:
            most = self._settings.max_page_bytes
            handle = record, end, None
            yield Member(
                name, record.at, read.block[:HEAD], lambda _: read.block[: most + 1] if most else read.block,
                record.url, record.media_type, problem="" if read.is_page else _LONG, handle=handle,
            )  # fmt: skip

    def _of_http(self, name: str, read: _Read, end: int | None) -> Member:
        record = read.record
        found = http_message.response(read.block)
        if found is None:
            return Member(name, record.at, left="a response without a head")
        if found.status == _PARTIAL:
            return Member(name, record.at, left="a part of a response")
        if not read.is_page:
            return Member(name, record.at, left="a response longer than a page may be")
        raw = read.block[len(found.head) :]
        encoding = "" if self._settings.encoding else found.charset
        body = partial(_body, self._source, record, found, raw)
        head, problem = b"", ""
        try:
            head = found.body(raw, HEAD - 1) if raw else b""
        except ValueError as error:
            problem = str(error)
        return Member(
            name, record.at, head, body, record.url, found.media_type, encoding, problem=problem,
            handle=(record, end, found),
        )  # fmt: skip

    def _check_end(self, last: Record) -> None:
        """Say so where the last record is cut off: nothing tells but that bytes are missing."""
        with self._from(last.at) as stream:
            missing = _missing(stream, last)
        if missing > 0:
            with self._source.open() as file:
                size = file.seek(0, io.SEEK_END)
            raise self._source.error(f"ends {missing:,} bytes before its last record does", size)

    def _from(self, at: int) -> BinaryIO:
        """What the file holds unpacked, from a record on."""
        if self.each:
            return unpacked(_part(self._source, at, self.each), self._settings)
        stream = unpacked(self._source, self._settings)
        if not self._source.packing:
            stream.seek(at)
        while self._source.packing and at and (data := stream.read(min(CHUNK, at))):
            at -= len(data)
        return stream


_LONG = "is longer than a page may be (max-page-bytes)"


def _part(source: Source, at: int, packing: str) -> Source:
    """What begins at a place of a file."""

    def opened() -> BinaryIO:
        file = source.open()
        file.seek(at)
        return file

    return Source(source.locator, opened, packing)


_BLANKS = len(b"\r\n\r\n")
"""What ends a record."""


def _missing(stream: BinaryIO, record: Record) -> int:
    """How many bytes of a record's block are missing from a stream that begins with it; below 0 where others follow."""
    head = b""
    while b"\r\n\r\n" not in head and (line := stream.readline(HEAD)):
        head += line
    rest = record.size
    while rest and (data := stream.read(min(CHUNK, rest))):
        rest -= len(data)
    behind = stream.read(_BLANKS + 1)  # with the first byte behind them, the sum of what is packed was compared
    return rest or -int(bool(behind[:_BLANKS].strip(b"\r\n")))


def _body(source: Source, record: Record, found: http_message.Response, raw: bytes, most: int) -> bytes:
    try:
        return found.body(raw, most)
    except ValueError as error:
        locator = f"{source.locator}!{record.url}"
        raise ContainerError(locator, str(error), "it was left as it is", record.at) from error


def _begins(source: Source, at: int, packing: str) -> bool:
    """Whether a record begins at a place of a file, packed by itself."""
    with source.open() as file:
        file.seek(at)
        head = file.read(HEAD)
    try:
        return (unpacked_gzip(head, 64) if packing == "gz" else peeked(head)).startswith(b"WARC/")
    except EOFError:
        return False


def _packing_of_each(source: Source) -> str:
    """What each record of a packed file is packed with; nothing where all are packed as one."""
    if source.packing not in ("gz", "zst"):
        return ""
    with source.open() as file:
        try:
            records = fastwarc().ArchiveIterator(_Forward(file, 0), parse_http=False)
            places = [each.stream_pos for each in islice(records, 2)]
        except (OSError, ValueError):  # told when it is read
            places = [0]
    return source.packing if all(_begins(source, place, source.packing) for place in places) else ""


class _Writer:
    """Writes a WARC file: records as they were, changed ones anew, and what was done to them before the first."""

    def __init__(self, source: Source, settings: Settings, each: str, out: BinaryIO) -> None:
        self._source, self._settings, self._each = source, settings, each
        self._splicer = Splicer(source, settings, out)
        self._is_begun = False

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 it is written whole
        """Take a changed page; see `captionfix.containers.members.Writer`."""
        record, end, head = member.handle
        if not self._is_begun:
            self._is_begun = True
            self._splicer.replace(0, 0, self._packed(info(self._source, self._settings, record.version)))
        end = self._size() if end is None else end
        if self._settings.warc_style == "conversion":
            media_type = head.fields.get(b"content-type", b"text/html").decode("latin-1") if head else record.full_type
            self._splicer.replace(end, end, self._packed(conversion(record, media_type, data)))
        else:
            self._splicer.replace(record.at, end, self._packed(replaced(record, head, data)))

    def finish(self) -> None:
        """Write the rest."""
        self._splicer.finish()

    def _packed(self, record: bytes) -> bytes:
        if self._each == "gz":
            stream = zlib.compressobj(wbits=31)
            return stream.compress(record) + stream.flush()
        if self._each == "zst":
            found: bytes = import_module("zstandard").compress(record)
            return found
        return record

    def _size(self) -> int:
        """Where the last record ends."""
        if not self._source.packing:
            with self._source.open() as file:
                return file.seek(0, io.SEEK_END)
        size = 0
        with unpacked(self._source, self._settings) as file:
            while data := file.read(CHUNK):
                size += len(data)
        return size


open_container = Warc
