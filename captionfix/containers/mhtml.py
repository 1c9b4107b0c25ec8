"""MHTML (RFC 2557): a page and what it loads, as the parts of one message. A changed part is encoded as it was."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import partial
from typing import BinaryIO
from urllib.parse import urljoin

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.source import CHUNK, Source
from captionfix.containers.splicing import Splicer
from captionfix.containers.transfer import Transfer, transfer_of
from captionfix.errors import ContainerError
from captionfix.model import Edit
from captionfix.settings import Settings

_MOST_HEADER = 2**18
"""Bytes of one part's header; browsers write some hundred."""
_MOST_NESTED = 16
"""Messages within messages; browsers nest none, mail programs two or three."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part: where its content stands, encoded, and what is said of it."""

    head: Message
    at: int
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


class Mhtml:
    """An open MHTML file.

    Args:
        source: the file.
        settings: its limits.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        self._file = source.open()

    def members(self) -> Iterator[Member]:
        """Yield the parts that hold something, in order; see `captionfix.containers.members.Container`."""
        base = ""
        with self._source.open() as file:
            for number, part in enumerate(_Scan(self._source, file).parts(), 1):
                base = base or _location(part.head)
                yield self._member(part, base, number)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(self._file, Splicer(self._source, self._settings, out))

    def close(self) -> None:
        """Let go of what it holds open."""
        self._file.close()

    def _member(self, part: _Part, base: str, number: int) -> Member:
        named = _location(part.head)
        url = urljoin(base, named) if named else ""
        content_id = str(part.head.get("Content-ID", "")).strip().strip("<>")
        name = url or (f"cid:{content_id}" if content_id else f"part {number}")
        told = str(part.head.get("Content-Transfer-Encoding", ""))
        transfer = transfer_of(told)
        if transfer is None:
            return Member(name, part.at, left=f"a part in the encoding {told.strip()!r}", url=url)
        head = transfer.decoded(self._raw(part, transfer.growth * HEAD + HEAD))[:HEAD]
        declared = part.head.get_content_type() if "Content-Type" in part.head else ""
        read = partial(self._read, part, transfer)
        encoding = part.head.get_content_charset() or ""
        return Member(name, part.at, head, read, url, declared, encoding, handle=(part, transfer))

    def _read(self, part: _Part, transfer: Transfer, most: int) -> bytes:
        return transfer.decoded(self._raw(part, transfer.growth * (most + CHUNK)))[: most + 1]

    def _raw(self, part: _Part, most: int) -> bytes:
        self._file.seek(part.start)
        return self._file.read(min(part.size, most))


class _Writer:
    def __init__(self, file: BinaryIO, splicer: Splicer) -> None:
        self._file, self._splicer = file, splicer

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 the edits say it all
        part, transfer = member.handle
        self._file.seek(part.start)
        self._splicer.replace(part.start, part.end, transfer.edited(self._file.read(part.size), edits))

    def finish(self) -> None:
        self._splicer.finish()


class _Scan:
    """Finds the parts of a message in one pass; keeps places only.

    Args:
        source: the message, for errors.
        file: its bytes, from the first one.
    """

    def __init__(self, source: Source, file: BinaryIO) -> None:
        self._source, self._file = source, file
        self._at = 0
        self._boundaries: list[bytes] = []

    def parts(self) -> Iterator[_Part]:
        """Yield the parts that are whole.

        Raises:
            ContainerError: the message is cut off.
        """
        at, head = 0, self._header()
        while True:
            if _boundary(head) and len(self._boundaries) < _MOST_NESTED:
                self._boundaries.append(_boundary(head))
                _, has_more = self._content_end()
            else:
                start = self._at
                end, has_more = self._content_end()
                yield _Part(head, at, start, end)
            while not has_more and self._boundaries:
                _, has_more = self._content_end()
            if not has_more:
                return
            at, head = self._at, self._header()

    def _header(self) -> Message:
        lines = io.BytesIO()
        while (line := self._line()).strip():
            lines.write(line)
            if lines.tell() > _MOST_HEADER:
                raise self._error("has a part whose header does not end")
        if not line and self._boundaries:
            raise self._error("is cut off in the header of a part")
        return BytesHeaderParser().parsebytes(lines.getvalue())

    def _content_end(self) -> tuple[int, bool]:
        """Where the content ends that is being read, and whether another part begins behind it."""
        end, is_begun = self._at, False
        while line := self._line():
            if not is_begun and line.startswith(b"--") and (found := self._delimiter(line.rstrip())) is not None:
                return end, found
            is_begun = not line.endswith(b"\n")
            end = self._at - (len(line) - len(line.removesuffix(b"\n").removesuffix(b"\r")))
        if self._boundaries:
            raise self._error("is cut off: the last part does not end")
        return self._at, False

    def _delimiter(self, line: bytes) -> bool | None:
        """Whether a line begins another part, or ends the last one; None where it does neither."""
        for place in reversed(range(len(self._boundaries))):
            boundary = self._boundaries[place]
            if line in (boundary, boundary + b"--"):
                del self._boundaries[place + (line == boundary) :]
                return line == boundary
        return None

    def _line(self) -> bytes:
        line = self._file.readline(CHUNK)
        self._at += len(line)
        return line

    def _error(self, cause: str) -> ContainerError:
        return self._source.error(cause, self._at)


def _boundary(head: Message) -> bytes:
    """The line between parts of a message that has some."""
    if head.get_content_maintype() != "multipart":
        return b""
    told = head.get_boundary()
    return b"--" + told.encode("utf-8", "surrogateescape").rstrip() if told else b""


def _location(head: Message) -> str:
    """The address of a part (RFC 2557, section 4): blanks of folded lines fall out, and it may be an encoded word."""
    told = head.get("Content-Location") or head.get("Snapshot-Content-Location") or ""
    try:
        text = str(make_header(decode_header(str(told))))
    except (HeaderParseError, LookupError, ValueError):
        text = str(told)
    return "".join(text.split())


open_container = Mhtml
