"""What a container is to the rest: a stream of members, and a writer that takes changed ones back.

A container knows nothing of pages and rules. Whatever it is not given back stands in its copy as it stood before, byte
for byte, wherever the form allows that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from captionfix.containers.source import Source
from captionfix.model import Edit
from captionfix.settings import Settings


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a container.

    Attributes:
        name: what it is called there: a file's name, a URL, or a place such as ``line 17``.
        at: where it begins in the container, in bytes (in rows, where that has no bytes to count).
        head: its first bytes, up to `HEAD` of them; all there are where it has fewer.
        read: gives all its bytes, at most so many and one more; to be asked before the next member is.
        url: where it came from, if the container says so.
        declared: its media type, if the container says so.
        encoding: its encoding, if the container knows it better than the member itself.
        left: what it is, with its article, where it is never looked into, such as a link.
        problem: why it cannot be read, if so; it stays as it is.
        handle: what the container needs to know to take it back.
    """

    name: str
    at: int
    head: bytes = b""
    read: Callable[[int], bytes] = bytes
    url: str = ""
    declared: str = ""
    encoding: str = ""
    left: str = ""
    problem: str = ""
    handle: Any = None


HEAD = 2**16
"""Bytes of a member by which its kind is told."""


class Writer(Protocol):
    """Writes a copy of a container."""

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:
        """Take a changed member; they come in the order in which they were read, others do not come at all.

        Args:
            member: as it was read.
            data: its new bytes.
            edits: what makes them of its old ones, in order of place.
        """

    def finish(self) -> None:
        """Write whatever is left."""


class Container(Protocol):
    """An open container."""

    def members(self) -> Iterator[Member]:
        """Yield what it holds, in its order.

        Raises:
            ContainerError: it is cut off or damaged from there on; what was yielded before is sound.
        """

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy of it.

        Args:
            out: where the copy goes, from its first byte; nothing is read from it, and it is not moved in.
        """

    def close(self) -> None:
        """Let go of what it holds open; its source closes by itself."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of container: one row of the table.

    Attributes:
        key: the key of its `captionfix.signatures.Format`, without a packing.
        module: the module of this package that reads it, where ``open_container`` opens it.
        packings: the packings that may be around the whole, by their keys.
        in_place: whether it may be replaced where it is.
        asks: whether it is looked into in folders only if the user named a field.
    """

    key: str
    module: str
    packings: tuple[str, ...] = ()
    in_place: bool = True
    asks: bool = False

    @property
    def noun(self) -> str:
        """What people call it, with its article."""
        return f"a {self.key.upper()} file"


Open = Callable[[Source, Settings], Container]
"""What ``open_container`` of each module is: a source and the user's settings to a container. It raises a
`captionfix.errors.NotAPageError` where the file holds no members for these settings."""
