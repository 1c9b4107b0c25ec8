"""HTTP responses as crawlers keep them: head and body, whatever the body is sent in, and the head of another body."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

_END = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"([^\r\n:]+):[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_GONE = frozenset(
    (b"transfer-encoding", b"content-encoding", b"content-length", b"content-md5", b"digest", b"content-digest",
     b"repr-digest", b"trailer")
)  # fmt: skip
"""Fields that speak of the body as it was sent (RFC 9110, 8.4 and 8.6; RFC 9112, 6.1; RFC 9530)."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response, or the beginning of one.

    Attributes:
        head: from its status line up to and with the blank line.
        status: its status code.
        fields: its fields by name in lower case; of several, the last.
    """

    head: bytes
    status: int
    fields: dict[bytes, bytes]

    @property
    def media_type(self) -> str:
        """What it says the body is, without parameters."""
        return self._type.partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The encoding that it says the body has; none where it says nothing."""
        found = _CHARSET.search(self._type)
        return found[1] if found else ""

    @property
    def _type(self) -> str:
        return self.fields.get(b"content-type", b"").decode("latin-1")

    def codings(self) -> list[str]:
        """Return what the body is sent in, the outermost first."""
        told = (self.fields.get(name, b"").decode("latin-1") for name in (b"transfer-encoding", b"content-encoding"))
        return [coding for each in told for coding in reversed(each.lower().replace(",", " ").split())]

    def body(self, data: bytes, most: int) -> bytes:
        """Return the body, free of what it is sent in.

        Args:
            data: it, as it was sent.
            most: how many bytes of it are wanted, and one more.

        Raises:
            ValueError: it is damaged, or in a coding that is not known.
        """
        for coding in self.codings():
            data = _decoded(data, coding, most)
        return data[: most + 1]

    def of_other(self, size: int) -> bytes:
        """Return the head of a body that is sent as it is.

        Args:
            size: its bytes.
        """
        start, *_ = self.head.splitlines(keepends=True)
        end = b"\r\n" if start.endswith(b"\r\n") else b"\n"
        kept, has_length = [start], False
        for line in _LINE.finditer(self.head, len(start)):
            name = line[1].strip().lower()
            if name == b"content-length" and not has_length:
                kept.append(line[1] + b": " + str(size).encode() + end)
                has_length = True
            elif name not in _GONE:
                kept.append(line[0])
        if not has_length:
            kept.append(b"Content-Length: " + str(size).encode() + end)
        return b"".join(kept) + end


def response(data: bytes) -> Response | None:
    """Return the response that bytes begin with; None where they begin with none.

    >>> response(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html; charset=utf-8\\r\\n\\r\\n<p>").charset
    'utf-8'
    """
    end, status = _END.search(data), _STATUS.match(data)
    if end is None or status is None:
        return None
    head = data[: end.end()]
    start = head.find(b"\n") + 1
    fields = {line[1].strip().lower(): line[2].strip() for line in _LINE.finditer(head, start)}
    return Response(head, int(status[1]), fields)


def _decoded(data: bytes, coding: str, most: int) -> bytes:
    if coding in _PLAIN:
        return data
    read = _READERS.get(coding)
    if read is None:
        raise ValueError(f"is sent in {coding}, which is not known")
    try:
        return read(data, most)
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"is not a valid {coding}: {error}") from error


def _through(reader: str) -> Callable[[bytes, int], bytes]:
    def read(data: bytes, most: int) -> bytes:
        stream: Any = getattr(import_module("fastwarc.stream_io"), reader)(io.BytesIO(data))
        found = bytearray()
        while len(found) <= most and (more := stream.read(min(2**20, most + 1 - len(found)))):
            found += more
        return bytes(found)

    return read


def _inflated(data: bytes, most: int) -> bytes:
    """A body in "deflate": with a zlib head as the standard says, or bare as some send it (RFC 9110, 8.4.1.2)."""
    import zlib

    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        stream = zlib.decompressobj(bits)
        try:
            found = stream.decompress(data, most + 1)
        except zlib.error as error:
            problem = str(error)
            continue
        if not stream.eof and len(found) <= most:
            raise EOFError("ends too soon")
        return found
    raise ValueError(problem)


_PLAIN = frozenset(("identity", "binary", "none", "utf-8"))
_READERS: dict[str, Callable[[bytes, int], bytes]] = {
    "chunked": _through("ChunkedReader"),
    "br": _through("BrotliReader"),
    "zstd": _through("ZstdReader"),
    **dict.fromkeys(("gzip", "x-gzip", "deflate"), _inflated),
}
