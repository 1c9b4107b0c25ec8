"""The records of ZIP archives, byte by byte (PKWARE's APPNOTE.TXT, 4.3): read, changed, and all else in them kept."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

DESCRIBED = 8
"""The flag of sizes that stand behind the data (4.4.4)."""
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_AT_END64 = struct.Struct("<4sIQI")
_LARGE = 0xFFFFFFFF
"""What stands for a figure that the ZIP64 field has (4.4.1.4)."""
_ZIP64 = 1
_PACKED, _SIZE, _PLACE = 8, 9, 16
"""Fields of a directory record."""
_FIELD = struct.Struct("<2H")


class Changed(NamedTuple):
    """What the records say of changed data: its sum, and its sizes packed and unpacked."""

    crc: int
    packed: int
    size: int


@dataclass(frozen=True, slots=True)
class LocalHeader:
    """What stands before an entry's data."""

    fixed: tuple[bytes, int, int, int, int, int, int, int, int, int, int]
    name: bytes
    extra: bytes

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return _LOCAL.size + len(self.name) + len(self.extra)

    def changed(self, to: Changed) -> bytes:
        """Return the header of other data; its sizes stand in it and not behind the data."""
        sign, version, flags, method, time, date, *_ = self.fixed
        extra = _without_zip64(self.extra)
        head = (sign, version, flags & ~DESCRIBED, method, time, date, *to, len(self.name), len(extra))
        return _LOCAL.pack(*head) + self.name + extra


def local_header(file: BinaryIO) -> LocalHeader:
    """Return the local header that comes next in a file."""
    fixed = _LOCAL.unpack(file.read(_LOCAL.size))
    return LocalHeader(fixed, file.read(fixed[9]), file.read(fixed[10]))


def packed_as(info: zipfile.ZipInfo, data: bytes) -> bytes:
    """Return data packed by the method of an entry.

    Args:
        info: the entry.
        data: what it is to hold.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", info.compress_type) as archive:
        archive.writestr("x", data)
        length = archive.getinfo("x").compress_size
    start = _LOCAL.size + 1
    return buffer.getvalue()[start : start + length]


def directory_record(file: BinaryIO, moved: int, to: Changed | None) -> bytes:
    """Return the record of the directory that comes next in a file, as it is to be now.

    Args:
        file: the archive.
        moved: by how many bytes the entry stands further back.
        to: what is new of it, if its data is.

    Raises:
        OverflowError: it would stand beyond what the archive can say.
    """
    fixed = list(_CENTRAL.unpack(file.read(_CENTRAL.size)))
    name, extra, comment = (file.read(size) for size in fixed[10:13])
    large = list(_large(extra))
    figures = {place: large.pop(0) for place in (_SIZE, _PACKED, _PLACE) if fixed[place] == _LARGE and large}
    if to is not None:
        fixed[3] &= ~DESCRIBED
        fixed[7:10] = to
        figures = {place: figure for place, figure in figures.items() if place == _PLACE}
    if _PLACE in figures:
        figures[_PLACE] += moved
    else:
        fixed[_PLACE] += moved
        if fixed[_PLACE] >= _LARGE:
            raise OverflowError("would grow beyond what a ZIP archive without ZIP64 can hold")
    if figures or to is not None:
        extra = _zip64(figures.values()) + _without_zip64(extra)
    fixed[11] = len(extra)
    return _CENTRAL.pack(*fixed) + name + extra + comment


def end_records(tail: bytes, moved: int, size: int) -> bytes:
    """Return what ends an archive, as it is to be now.

    Args:
        tail: all that stands behind the directory's records.
        moved: by how many bytes the directory stands further back.
        size: its size.

    Raises:
        OverflowError: it would stand beyond what the archive can say.
    """
    found = bytearray(tail)
    at = tail.rfind(b"PK\5\6")
    end = list(_END.unpack_from(tail, at))
    locator = at - _AT_END64.size
    if locator >= 0 and tail.startswith(b"PK\6\7", locator):
        sign, disk, place, disks = _AT_END64.unpack_from(tail, locator)
        _AT_END64.pack_into(found, locator, sign, disk, place + moved, disks)
        record = tail.rfind(b"PK\6\6", 0, locator)
        if record >= 0:
            whole = list(_END64.unpack_from(tail, record))
            whole[8], whole[9] = size, whole[9] + moved
            _END64.pack_into(found, record, *whole)
    end[5] = end[5] if end[5] == _LARGE else size
    end[6] = end[6] if end[6] == _LARGE else end[6] + moved
    if end[6] > _LARGE:
        raise OverflowError("would grow beyond what a ZIP archive without ZIP64 can hold")
    _END.pack_into(found, at, *end)
    return bytes(found)


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of an extra part, each with its key; what is not a valid field comes as one under -1."""
    while len(extra) >= _FIELD.size:
        key, size = _FIELD.unpack_from(extra)
        if _FIELD.size + size > len(extra):
            break
        yield key, extra[: _FIELD.size + size]
        extra = extra[_FIELD.size + size :]
    if extra:
        yield -1, extra


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(raw for key, raw in _fields(extra) if key != _ZIP64)


def _large(extra: bytes) -> Iterator[int]:
    """The figures of a ZIP64 field."""
    for key, raw in _fields(extra):
        if key == _ZIP64:
            body = raw[_FIELD.size :]
            yield from (int.from_bytes(body[at : at + 8], "little") for at in range(0, len(body) - 7, 8))


def _zip64(figures: Iterable[int]) -> bytes:
    body = b"".join(figure.to_bytes(8, "little") for figure in figures)
    return _FIELD.pack(_ZIP64, len(body)) + body if body else b""
