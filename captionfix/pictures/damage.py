"""Files that lost bytes, or got wrong ones, beside the whole file.

What is cut off is compared by its pixels, as far as they decode. Wrong bytes in a JPEG decode without an error, to
something that no pixels tell from another picture; but all bytes after them are the same as before, at the same
place, and no other picture's coded pixels are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import combinations

_BLOCKS = 32
_DIGEST = 4
_AGREEING = 2
"""Blocks that must be equal: by chance one is in 128 million pairs of one length."""
_VARIED = 16
"""Different bytes that a block must begin with: padding and even areas have few, and are the same in many files."""
_SAMPLE = 64
_LEAST = 64
"""Bytes of a block, below which nothing is said."""
_NONE = bytes(_DIGEST)
_SCAN = b"\xff\xda"


def blocks(data: bytes) -> bytes:
    """Return digests of 32 parts of a JPEG's coded pixels; empty for other files, and where there is too little.

    Headers are left out: they are the same in all pictures of one camera.

    Args:
        data: the file.

    >>> len(blocks(b"\\xff\\xd8\\xff" + bytes(9) + b"\\xff\\xda" + bytes(range(256)) * 20))
    128
    """
    if not data.startswith(b"\xff\xd8\xff"):
        return b""
    start = data.rfind(_SCAN, 0, len(data) // 2)
    length = (len(data) - start) // _BLOCKS
    if start < 0 or length < _LEAST:
        return b""
    parts = (data[start + number * length :][:length] for number in range(_BLOCKS))
    return b"".join(
        zlib.crc32(part).to_bytes(_DIGEST, "big") if len(set(part[:_SAMPLE])) >= _VARIED else _NONE for part in parts
    )


def share_of_bytes(one: bytes, other: bytes) -> float:
    """Return which share of two files' blocks is equal, 0 where that may be chance.

    Pictures that differ further down begin with the same bytes: only those count that follow upon others.

    Args:
        one: what `blocks` made of a file.
        other: the same of another that is as long.
    """
    pairs = list(zip(_each(one), _each(other), strict=False))
    equal = [here == there != _NONE for here, there in pairs]
    first = next((place for place, (here, there) in enumerate(pairs) if here != there), len(pairs))
    return sum(equal) / len(pairs) if sum(equal[first:]) >= _AGREEING else 0.0


def _each(told: bytes) -> Iterator[bytes]:
    return (told[at : at + _DIGEST] for at in range(0, len(told), _DIGEST))


def damaged_pairs(files: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, int]]:
    """Yield which files are the same but for some bytes, by their places in order.

    Args:
        files: of each how long it is, and what `blocks` made of it.

    >>> told = b"abcd" * 32
    >>> list(damaged_pairs([(900, told), (900, b"efgh" + told[4:]), (901, told), (900, b"")]))
    [(0, 1)]
    """
    by_length: dict[int, list[tuple[int, bytes]]] = {}
    for place, (length, told) in enumerate(files):
        if told:
            by_length.setdefault(length, []).append((place, told))
    for alike in by_length.values():
        yield from (
            (one, other) for (one, here), (other, there) in combinations(alike, 2) if share_of_bytes(here, there)
        )
