"""gzip, xz, bzip2 and Zstandard around a whole container: read piece by piece, and written as it was."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO, cast

from captionfix.containers.source import CHUNK, Source
from captionfix.errors import MissingExtraError
from captionfix.settings import Settings

_PEEKED = 2**12
_FREE = 2**26
"""Bytes that may come out of few, before their ratio to these counts."""


def unpacked(source: Source, settings: Settings) -> BinaryIO:
    """Return what a source holds, unpacked where it is packed.

    Args:
        source: the container.
        settings: how much more may come out than goes in.

    Raises:
        ContainerError: on reading, what comes next is cut off or damaged, or comes to more than the settings allow.
        MissingExtraError: what unpacks it is not installed.
    """
    file = source.open()
    if not source.packing:
        return file
    return io.BufferedReader(_Unpacked(source, file, settings), CHUNK)


class _Unpacked(io.RawIOBase):
    """What is in a packed file; what came before damage is given out first."""

    def __init__(self, source: Source, file: BinaryIO, settings: Settings) -> None:
        self._source, self._file = source, file
        self._stream = _OPENERS[source.packing](file)
        self._damage = damage_of(source.packing)
        self._most = settings.max_container_ratio
        self._came = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read1(len(buffer)) if hasattr(self._stream, "read1") else self._stream.read(len(buffer))
        except EOFError as error:
            raise self._source.error("ends in the middle of what is packed", self._file.tell()) from error
        except self._damage as error:
            raise self._source.error(f"cannot be unpacked further: {error}", self._file.tell()) from error
        self._came += len(data)
        if self._most and self._came > _FREE and self._came > self._most * self._file.tell():
            hint = "the rest was left out; the setting max-container-ratio allows more"
            raise self._source.error(f"unpacks to more than {self._most} times its size", self._file.tell(), hint)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def peeked(head: bytes) -> bytes:
    """Return what the first bytes of a Zstandard file hold, as far as that can be told.

    Args:
        head: the first bytes.

    Raises:
        MissingExtraError: what unpacks it is not installed.
    """
    try:
        return _Zstandard(io.BytesIO(head)).read(_PEEKED)
    except EOFError:
        return b""
    except damage_of("zst"):
        return b""


def packed(out: BinaryIO, source: Source) -> BinaryIO:
    """Return what packs bytes as a source is packed; closing it leaves ``out`` open.

    Args:
        out: where packed bytes go.
        source: the container.
    """
    return _WRITERS[source.packing](out, source)


def damage_of(packing: str) -> tuple[type[Exception], ...]:
    """Return what reading a damaged file of a packing raises."""
    found: tuple[type[Exception], ...] = (zlib.error, OSError)
    if packing == "xz":
        found += (import_module("lzma").LZMAError,)
    if packing == "zst":
        found += (_zstandard().ZstdError,)
    return found


def _zstandard() -> Any:
    try:
        return import_module("zstandard")
    except ImportError as error:
        raise MissingExtraError("Zstandard", "zstd") from error


class _Zstandard:
    """What is in a Zstandard file, frame by frame; the library's reader takes one that is cut off for whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._new = file, _zstandard().ZstdDecompressor().decompressobj
        self._frame: Any = None
        self._rest = b""
        self._held = b""

    def read(self, most: int) -> bytes:
        """Return some bytes, at most so many; none at the end."""
        while not self._held:
            data = self._rest or self._file.read(_SIP)
            if not data:
                if self._frame is not None:
                    raise EOFError
                return b""
            self._frame = self._frame or self._new()
            self._held, self._rest = self._frame.decompress(data), b""
            if self._frame.eof:
                self._rest, self._frame = self._frame.unused_data, None
        found, self._held = self._held[:most], self._held[most:]
        return found


_SIP = 2**11
"""Bytes that are unpacked at once: blocks of four bytes may come to 128 KiB each (RFC 8878, 3.1.1.2.4)."""


_OPENERS: dict[str, Callable[[BinaryIO], Any]] = {
    "gz": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
    "bz2": lambda file: import_module("bz2").BZ2File(file),
    "xz": lambda file: import_module("lzma").LZMAFile(file),
    "zst": _Zstandard,
}


def _write_gzip(out: BinaryIO, source: Source) -> BinaryIO:
    """A gzip file of the same name, time and, as far as its head tells, effort (RFC 1952, 2.3)."""
    with source.open() as file:
        head = file.read(CHUNK)
    name = b""
    if head[3] & 0x08 and not head[3] & 0x04:
        name = head[10 : head.find(b"\0", 10)]
    level = {2: 9, 4: 1}.get(head[8], 6)
    stamp = int.from_bytes(head[4:8], "little")
    return cast("BinaryIO", gzip.GzipFile(name.decode("latin-1"), "wb", level, out, stamp))


def _write_zstd(out: BinaryIO, _: Source) -> BinaryIO:
    return cast("BinaryIO", _zstandard().ZstdCompressor(write_checksum=True).stream_writer(out, closefd=False))


_WRITERS: dict[str, Callable[[BinaryIO, Source], BinaryIO]] = {
    "gz": _write_gzip,
    "bz2": lambda out, _: cast("BinaryIO", import_module("bz2").BZ2File(out, "wb")),
    "xz": lambda out, _: cast("BinaryIO", import_module("lzma").LZMAFile(out, "wb")),
    "zst": _write_zstd,
}
