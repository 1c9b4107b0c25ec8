"""The bytes of a container: of a file, or of a pipe that is read once and kept in a spare file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from captionfix.errors import ContainerError

CHUNK = 2**20
"""Bytes that are copied at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a container's bytes are.

    Attributes:
        locator: the container, as the user named it.
        open: gives the bytes from the first one; each call another reader.
        packing: the key of what the whole is packed with, if anything.
        is_whole: whether all bytes are there already, so that reading out of order costs nothing.
        close: lets go of what all readers share.
    """

    locator: str
    open: Callable[[], BinaryIO]
    packing: str = ""
    is_whole: bool = True
    close: Callable[[], None] = lambda: None

    def unpacked(self) -> Source:
        """Return the same bytes as a source that is not packed as a whole."""
        return replace(self, packing="")

    def error(self, cause: str, offset: int | None = None, hint: str = "") -> ContainerError:
        """Return the error for a container that is cut off or damaged."""
        return ContainerError(self.locator, cause, hint or _HINT, offset)


_HINT = "what stands before was read; fetch it again, or repair it, for the rest"


def of_file(path: Path, packing: str = "") -> Source:
    """Return the source that a file is.

    Args:
        path: the file.
        packing: the key of what the whole is packed with, if anything.
    """
    return Source(str(path), lambda: path.open("rb"), packing)


class Spool:
    """A pipe that several can read: what came is kept in a spare file, which goes with the run.

    Args:
        pipe: the pipe.

    >>> spool = Spool(io.BytesIO(b"boats"))
    >>> one, other = spool.open(), spool.open()
    >>> [one.read(2), other.read(), one.read()]
    [b'bo', b'boats', b'ats']
    >>> spool.close()
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._file = TemporaryFile(prefix="captionfix-")  # noqa: SIM115 it lives as long as its readers
        self._size = 0
        self._is_done = False

    def open(self) -> BinaryIO:
        """Return a reader from the first byte."""
        return io.BufferedReader(_Reader(self))

    def read(self, at: int, size: int) -> bytes:
        """Return bytes from a place, fewer only where fewer came so far; none at the end."""
        if at >= self._size:
            self._more(at - self._size + 1)
        self._file.seek(at)
        return self._file.read(size)

    def end(self) -> int:
        """Return how many bytes the pipe gave in all; waits for the last one."""
        self._more(None)
        return self._size

    def close(self) -> None:
        """Let the spare file go."""
        self._file.close()

    def _more(self, wanted: int | None) -> None:
        end = None if wanted is None else self._size + wanted
        read = getattr(self._pipe, "read1", self._pipe.read)
        self._file.seek(0, os.SEEK_END)
        while not self._is_done and (end is None or self._size < end):
            chunk = read(CHUNK)
            self._is_done = not chunk
            self._file.write(chunk)
            self._size += len(chunk)


class _Reader(io.RawIOBase):
    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        self._at = (self._spool.end() if start is None else start) + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._spool.read(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
