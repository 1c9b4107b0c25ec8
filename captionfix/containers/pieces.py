"""Encoded texts in pieces: where places of what a text says stand in the text as it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from captionfix.model import Edit


class Piece(NamedTuple):
    """A piece of an encoded text.

    Attributes:
        said: the bytes that it stands for; where they are as many as it has itself, each stands for itself.
        start: where it begins in the encoded text, in bytes.
        end: where it ends.
    """

    said: bytes
    start: int
    end: int


def places(pieces: Iterable[Piece], size: int, edits: Sequence[Edit]) -> tuple[dict[int, int], dict[int, int]]:
    """Return where edits of what a text says begin and end in the encoded text.

    What says nothing, such as a line broken softly, is neither at an edit's beginning nor at its end.

    Args:
        pieces: the encoded text, in order.
        size: its length in bytes.
        edits: edits of what it says.

    >>> from captionfix.model import Span
    >>> pieces = [Piece(b"a", 0, 1), Piece(b"=", 1, 4), Piece(b"", 4, 6), Piece(b"bc", 6, 8)]
    >>> places(pieces, 8, [Edit(Span(1, 2)), Edit(Span(3, 4))])
    ({1: 1, 3: 7}, {0: 0, 2: 4, 4: 8})
    """
    first = sorted({edit.span.start for edit in edits}, reverse=True)
    last = sorted({edit.span.end for edit in edits}, reverse=True)
    begun: dict[int, int] = {}
    ended: dict[int, int] = {0: 0}
    at = 0
    for said, start, end in pieces:
        behind = at + len(said)
        is_plain = len(said) == end - start
        while first and first[-1] < behind:
            begun[first[-1]] = start + (first[-1] - at if is_plain else 0)
            first.pop()
        while last and last[-1] <= behind:
            if last[-1] > at:
                ended[last[-1]] = start + last[-1] - at if is_plain else end
            last.pop()
        at = behind
    return begun | dict.fromkeys(first, size), ended | dict.fromkeys(last, size)


def spliced(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return bytes with edits made.

    >>> from captionfix.model import Span
    >>> spliced(b"boats", [Edit(Span(0, 1), b"g")])
    b'goats'
    """
    out, at = bytearray(), 0
    for edit in edits:
        out += data[at : edit.span.start] + edit.replacement
        at = edit.span.end
    return bytes(out + data[at:])
