"""TAR archives: of a changed entry, its data, its size and its header's sum are new."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO, BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.names import why_odd
from captionfix.containers.packing import unpacked
from captionfix.containers.source import CHUNK, Source
from captionfix.containers.splicing import Splicer
from captionfix.errors import ContainerError
from captionfix.model import Edit
from captionfix.settings import Settings

_BLOCK = tarfile.BLOCKSIZE
_SIZE, _SUM = slice(124, 136), slice(148, 156)
"""Fields of a header (POSIX.1-1988, ustar interchange format)."""


class Tar:
    """An open TAR archive.

    Args:
        source: the file.
        settings: its limits.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings

    def members(self) -> Iterator[Member]:
        """Yield the entries, in order; see `captionfix.containers.members.Container`."""
        names: set[int] = set()
        with unpacked(self._source, self._settings) as file:
            try:
                with tarfile.open(fileobj=file, mode="r|", errorlevel=2) as archive:
                    for info in archive:
                        if not info.isdir():
                            yield self._member(archive, info, names)
                        vars(archive)["members"] = []  # it remembers each
            except (tarfile.TarError, EOFError, ValueError) as error:
                cause = f"is cut off or damaged: {error}"
                raise self._source.error(cause, file.tell() if not self._source.packing else None) from error

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(Splicer(self._source, self._settings, out))

    def close(self) -> None:
        """Nothing is held open between entries."""

    def _member(self, archive: tarfile.TarFile, info: tarfile.TarInfo, names: set[int]) -> Member:
        left = _why_left(info, names)
        names.add(hash(info.name))
        if left:
            return Member(info.name, info.offset, left=left)
        file = archive.extractfile(info) or io.BytesIO()
        head = _read(file, HEAD - 1)
        if len(head) < min(info.size, HEAD):
            return Member(info.name, info.offset, problem="is cut off")
        return Member(info.name, info.offset, head, partial(self._whole, file, head, info), handle=info)

    def _whole(self, file: IO[bytes], head: bytes, info: tarfile.TarInfo, most: int) -> bytes:
        try:
            data = head + _read(file, most - len(head)) if most >= len(head) else head
        except (tarfile.TarError, EOFError) as error:
            data, cause = head, str(error)
        else:
            cause = "is cut off"
        if len(data) < min(info.size, most):
            raise ContainerError(f"{self._source.locator}!{info.name}", cause, "it was left as it is", info.offset)
        return data


def _read(file: IO[bytes], most: int) -> bytes:
    """At most so many bytes, and one more."""
    found = bytearray()
    while len(found) <= most and (data := file.read(min(CHUNK, most + 1 - len(found)))):
        found += data
    return bytes(found)


def _why_left(info: tarfile.TarInfo, names: set[int]) -> str:
    if info.issym() or info.islnk():
        return "a link"
    if info.issparse() or not info.isreg():
        return "a special file"
    if "size" in info.pax_headers:
        return "an entry whose size stands elsewhere"
    return why_odd(info.name) or ("an entry whose name stands twice" if hash(info.name) in names else "")


class _Writer:
    def __init__(self, splicer: Splicer) -> None:
        self._splicer = splicer

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 its size is new as well
        info: tarfile.TarInfo = member.handle
        start = info.offset_data - _BLOCK
        head = bytearray(self._splicer.take(start, info.offset_data))
        head[_SIZE] = b"%011o\0" % len(data)
        head[_SUM] = b" " * 8
        head[_SUM] = b"%06o\0 " % sum(head)
        self._splicer.replace(info.offset_data, info.offset_data + _padded(info.size), bytes(head) + _filled(data))

    def finish(self) -> None:
        self._splicer.finish()


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _filled(data: bytes) -> bytes:
    return data + bytes(_padded(len(data)) - len(data))


open_container = Tar
