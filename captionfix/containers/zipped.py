"""ZIP archives: entries that do not change are copied as they are packed, with all that is said of them."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.names import why_odd
from captionfix.containers.source import CHUNK, Source
from captionfix.containers.zip_records import DESCRIBED, Changed, directory_record, end_records, local_header, packed_as
from captionfix.errors import ContainerError
from captionfix.model import Edit
from captionfix.settings import Settings

_ENCRYPTED, _MASKED = 1, 0x2000
"""Flags (APPNOTE.TXT 4.4.4): encrypted; a local header without sizes."""
_UNIX = 3
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
"""What `zipfile` raises over damaged entries, and over those that it cannot read."""
_FREE = 2**20
"""Bytes that may come out of few, before their ratio to these counts."""


class Zipped:
    """An open ZIP archive.

    Args:
        source: the file.
        settings: its limits.

    Raises:
        ContainerError: it has no directory, as when it is cut off.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        self._file = source.open()
        size = self._file.seek(0, io.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(self._file)
        except _DAMAGE as error:
            self._file.close()
            raise source.error(f"is cut off or damaged: {error}", size, _REPAIR) from error
        infos = sorted(self._zip.infolist(), key=lambda info: info.header_offset)
        self._infos = infos
        self._overlapping = {
            info.header_offset
            for info, behind in pairwise(infos)
            if info.header_offset + info.compress_size >= behind.header_offset
        }
        self._names = Counter(info.orig_filename for info in infos)

    def members(self) -> Iterator[Member]:
        """Yield the entries in the order of their bytes; see `captionfix.containers.members.Container`."""
        for info in self._infos:
            if info.is_dir():
                continue
            left = self._why_left(info)
            if left:
                yield Member(info.filename, info.header_offset, left=left)
                continue
            try:
                head = self._read(info, HEAD - 1)
            except _DAMAGE as error:
                yield Member(info.filename, info.header_offset, problem=f"cannot be read: {error}")
                continue
            yield Member(info.filename, info.header_offset, head, partial(self._whole, info), handle=info)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(self._source, self._zip, out)

    def close(self) -> None:
        """Let go of what it holds open."""
        self._zip.close()
        self._file.close()

    def _why_left(self, info: zipfile.ZipInfo) -> str:
        mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            return "a link" if stat.S_ISLNK(mode) else "a special file"
        if info.flag_bits & (_ENCRYPTED | _MASKED):
            return "an encrypted entry"
        if self._names[info.orig_filename] > 1:
            return "an entry whose name stands twice"
        if info.header_offset in self._overlapping:
            return "an entry that overlaps another"
        return why_odd(info.orig_filename)

    def _read(self, info: zipfile.ZipInfo, most: int) -> bytes:
        """At most so many bytes of an entry, and one more."""
        found = bytearray()
        with self._zip.open(info) as file:
            while len(found) <= most and (data := file.read(min(CHUNK, most + 1 - len(found)))):
                found += data
                ratio = self._settings.max_container_ratio
                if ratio and len(found) > _FREE and len(found) > ratio * max(info.compress_size, 1):
                    raise ValueError(f"unpacks to more than {ratio} times its size (max-container-ratio)")
        return bytes(found)

    def _whole(self, info: zipfile.ZipInfo, most: int) -> bytes:
        try:
            return self._read(info, most)
        except _DAMAGE as error:
            raise ContainerError(
                f"{self._source.locator}!{info.filename}", f"cannot be read: {error}", _KEPT, info.header_offset
            ) from error


_REPAIR = "fetch it again; zip -FF mends some"
_KEPT = "it was left as it is"


class _Writer:
    """Copies an archive; entries move as those before them grow or shrink."""

    def __init__(self, source: Source, archive: zipfile.ZipFile, out: BinaryIO) -> None:
        self._source, self._zip, self._out = source, archive, out
        self._file = source.open()
        self._moved = 0
        self._moves: list[tuple[int, int]] = []
        self._new: dict[int, Changed] = {}

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 it is packed anew
        """Take a changed entry; see `captionfix.containers.members.Writer`."""
        info: zipfile.ZipInfo = member.handle
        self._copy_to(info.header_offset)
        body = packed_as(info, data)
        changed = Changed(zlib.crc32(data), len(body), len(data))
        old = local_header(self._file)
        new = old.changed(changed) + body
        self._out.write(new)
        self._file.seek(info.header_offset + old.size + info.compress_size)
        if info.flag_bits & DESCRIBED:
            self._file.seek(_descriptor_end(self._file, info))
        self._moved += len(new) - (self._file.tell() - info.header_offset)
        self._moves.append((self._file.tell(), self._moved))
        self._new[info.header_offset] = changed

    def finish(self) -> None:
        """Write the rest, and the directory as it is now."""
        if self._new:
            self._copy_to(self._zip.start_dir)
            self._write_directory()
        while data := self._file.read(CHUNK):
            self._out.write(data)
        self._file.close()

    def _copy_to(self, end: int) -> None:
        while (rest := end - self._file.tell()) > 0 and (data := self._file.read(min(CHUNK, rest))):
            self._out.write(data)

    def _write_directory(self) -> None:
        """The directory with sums, sizes and places as they are now, all else in it as it is."""
        size = 0
        for info in self._zip.infolist():
            moved = self._moved_by(info.header_offset)
            record = directory_record(self._file, moved, self._new.get(info.header_offset))
            self._out.write(record)
            size += len(record)
        self._out.write(end_records(self._file.read(), self._moved, size))

    def _moved_by(self, offset: int) -> int:
        """By how much what stood at a place stands further back now."""
        at = bisect_right(self._moves, offset, key=lambda move: move[0])
        return self._moves[at - 1][1] if at else 0


def _descriptor_end(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where the sizes behind an entry's data end: they have a signature or none, and four bytes each or eight."""
    start = file.tell()
    raw = file.read(24)
    for sign in (b"PK\7\x08", b""):
        for width in (4, 8):
            told = sign + info.CRC.to_bytes(4, "little")
            told += info.compress_size.to_bytes(8, "little")[:width] + info.file_size.to_bytes(8, "little")[:width]
            if raw.startswith(told):
                return start + len(told)
    return start


open_container = Zipped
