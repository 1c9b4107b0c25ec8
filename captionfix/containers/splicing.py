"""Copies of containers that are a row of bytes: what is not replaced is copied as it is."""

from __future__ import annotations

from typing import BinaryIO

from captionfix.containers.packing import packed, unpacked
from captionfix.containers.source import CHUNK, Source
from captionfix.errors import ContainerError
from captionfix.settings import Settings


class Splicer:
    """Copies a container but for some ranges, in one go from front to back.

    Nothing is written before the first range is replaced. Where none is, the copy is the container itself, packing
    included.

    Args:
        source: the container.
        settings: its limits.
        out: where the copy goes.
    """

    def __init__(self, source: Source, settings: Settings, out: BinaryIO) -> None:
        self._source, self._settings, self._out = source, settings, out
        self._from: BinaryIO | None = None
        self._to = out
        self._at = 0

    def replace(self, start: int, end: int, data: bytes) -> None:
        """Put other bytes in the place of some.

        Args:
            start: where these begin in what the container holds unpacked, not before the last range's end.
            end: where they end.
            data: the other bytes.
        """
        self.take(start, end)
        self._to.write(data)

    def take(self, start: int, end: int) -> bytes:
        """Return some bytes, which are not copied.

        Args:
            start: where they begin in what the container holds unpacked, not before the last range's end.
            end: where they end.
        """
        if self._from is None:
            self._from = unpacked(self._source, self._settings)
            self._to = packed(self._out, self._source) if self._source.packing else self._out
        _copy(self._from, self._to, start - self._at)
        self._at = end
        return self._from.read(end - start)

    def finish(self) -> None:
        """Copy what is left; of a container that is cut off, all that there is."""
        if self._from is None:
            with self._source.open() as file:
                _copy(file, self._out, None)
            return
        try:
            _copy(self._from, self._to, None)
        except ContainerError:
            if not self._source.packing:
                raise
        finally:
            self._from.close()
            if self._to is not self._out:
                self._to.close()


def _copy(file: BinaryIO, out: BinaryIO, size: int | None) -> None:
    """Copy so many bytes, or all there are."""
    while size is None or size > 0:
        data = file.read1(CHUNK if size is None else min(CHUNK, size))  # type: ignore[attr-defined]  # all have it
        if not data:
            return
        out.write(data)
        size = None if size is None else size - len(data)
