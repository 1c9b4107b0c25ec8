"""Transfer encodings of mail (RFC 2045, section 6): what stands in a part, and an edited part encoded as it was."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from captionfix.containers.pieces import Piece, places, spliced
from captionfix.model import Edit

_LINE = 76
"""Characters of a line, at most (RFC 2045, section 6.7, rule 5, and section 6.8)."""
_QUOTED = re.compile(rb"=[ \t]*+\r?\n|=[ \t]*+\Z|=[0-9A-Fa-f]{2}|[^=]++|=")
"""A soft line break, an encoded byte, or a run of bytes that stand for themselves."""
_UNITS = re.compile(rb"\r\n|.", re.DOTALL)
_LITERAL = frozenset(b"\t " + bytes(range(33, 127))) - frozenset(b"=")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer encoding.

    Attributes:
        decoded: what encoded bytes say; raises a ValueError where they are damaged.
        edited: encoded bytes, and edits of what they say, to other encoded bytes.
        growth: how many encoded bytes one byte may take, and a few besides.
    """

    decoded: Callable[[bytes], bytes]
    edited: Callable[[bytes, Sequence[Edit]], bytes]
    growth: int = 1


def transfer_of(name: str) -> Transfer | None:
    """Return a transfer encoding by its name, in any case; None for one that is not known.

    >>> transfer_of("Quoted-Printable").decoded(b"a=3Db=\\r\\nc")
    b'a=bc'
    >>> transfer_of("x-uuencode")
    """
    return _TRANSFERS.get(name.strip().lower())


def _unquoted(raw: bytes) -> bytes:
    return b"".join(piece.said for piece in _tokens(raw))


def _tokens(raw: bytes) -> Iterator[Piece]:
    for piece in _QUOTED.finditer(raw):
        said = piece[0]
        if said.startswith(b"=") and len(said) > 1:
            said = b"" if said[1] in b" \t\r\n" else bytes((int(said[1:], 16),))
        elif said == b"=" and piece.end() == len(raw):
            said = b""
        yield Piece(said, piece.start(), piece.end())


def _requoted(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """Edit quoted-printable: untouched lines stay; a line that grows too long is broken softly."""
    starts, ends = places(_tokens(raw), len(raw), edits)
    lines = _Lines(b"\r\n" if b"\r\n" in raw else b"\n")
    at = 0
    for edit in edits:
        start = starts[edit.span.start]
        end = max(start, ends[edit.span.end])
        lines.copy(raw[at:start])
        lines.write(edit.replacement)
        lines.join(raw, end)
        at = end
    lines.copy(raw[at:])
    return bytes(lines.out)


class _Lines:
    """Quoted-printable as it is written."""

    def __init__(self, line_end: bytes) -> None:
        self.out = bytearray()
        self._line_end = line_end
        self._begun = 0

    def copy(self, raw: bytes) -> None:
        """Take bytes that are encoded already."""
        ended = raw.rfind(b"\n")
        if ended >= 0:
            self._begun = len(self.out) + ended + 1
        self.out += raw

    def write(self, data: bytes) -> None:
        """Take bytes that are to be encoded."""
        for unit in _UNITS.findall(data):
            if unit == self._line_end:
                self._guard_blank()
                self._break(unit)
            else:
                self._add(
                    unit if unit[0] in _LITERAL and len(unit) == 1 else b"".join(b"=%02X" % each for each in unit)
                )

    def join(self, raw: bytes, at: int) -> None:
        """Get ready for what stands behind an edit."""
        end = raw.find(b"\n", at)
        rest = len(raw[at : len(raw) if end < 0 else end].rstrip(b"\r"))
        if not rest:
            self._guard_blank()
        elif len(self.out) - self._begun + rest > _LINE and len(self.out) > self._begun:
            self._break(b"=" + self._line_end)

    def _guard_blank(self) -> None:
        """A blank at the end of a line would be lost on its way."""
        if self.out.endswith((b" ", b"\t")) and len(self.out) > self._begun:
            self._add(b"=%02X" % self.out.pop())

    def _add(self, unit: bytes) -> None:
        if len(self.out) - self._begun + len(unit) >= _LINE:
            self._break(b"=" + self._line_end)
        self.out += unit

    def _break(self, written: bytes) -> None:
        self.out += written
        self._begun = len(self.out)


def _unarmoured(raw: bytes) -> bytes:
    """What base64 says; of a last group that is cut off, what it holds whole."""
    digits = re.sub(rb"[^A-Za-z0-9+/]", b"", raw.split(b"=", 1)[0])
    return binascii.a2b_base64(digits[: len(digits) // 4 * 4]) + _rest(digits[len(digits) // 4 * 4 :])


def _rest(digits: bytes) -> bytes:
    return binascii.a2b_base64(digits + b"=" * (4 - len(digits))) if len(digits) > 1 else b""


def _rearmoured(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """Edit base64, in lines as long as the first one."""
    said = spliced(_unarmoured(raw), edits)
    first, _, rest = raw.partition(b"\n")
    ended = b"\r\n" if first.endswith(b"\r") else b"\n"
    width = len(first.strip())
    if not rest.strip():
        width = _LINE if width <= _LINE else len(said) * 2
    size = max(width // 4 * 3, 3)
    pieces = [binascii.b2a_base64(said[at : at + size], newline=False) for at in range(0, len(said), size)]
    return ended.join(pieces) + raw[len(raw.rstrip()) :]


_PLAIN = Transfer(bytes, spliced)
_TRANSFERS = {
    "": _PLAIN,
    "7bit": _PLAIN,
    "8bit": _PLAIN,
    "binary": _PLAIN,
    "quoted-printable": Transfer(_unquoted, _requoted, growth=4),
    "base64": Transfer(_unarmoured, _rearmoured, growth=2),
}
