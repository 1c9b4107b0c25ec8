"""What the bytes of an image file say about it before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.errors import LEFT_OUT, PictureError
from captionfix.signatures import JPEG_XL_START

BAD = f"{LEFT_OUT}; see whether it opens in a browser, or save it again"
_FILL, _SCAN, _END = 0xFF, 0xDA, 0xD9
_NO_LENGTH = frozenset((0x00, 0x01, _FILL, *range(0xD0, 0xD9)))
"""Second bytes of what is no segment in JPEG data: stuffing, fill bytes, restarts (ITU-T T.81, table B.1)."""
_FIRST_SCANS = 8
"""Scans before the first AC scan, at most: one for each component, twice."""
_JPEG_XL_BITS = (9, 13, 18, 30)
_JPEG_XL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_ICO_ENTRY = 16
_BITMAP_HEAD = 16


def jpeg_scans(data: bytes) -> tuple[int, int]:
    """Return how many scans a progressive JPEG has, and where its first one with detail begins, 0 if unclear.

    ITU-T T.81, B.1.1.2: a marker is FF and what is not 00; B.2.3: a scan
    header's first spectral selection is 0 for the coarse picture.
    """
    at, scans, coarse = 2, 0, 0
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 < len(data):
        marker = data[at + 1]
        if marker in _NO_LENGTH:
            at += 1 if marker == _FILL else 2
            continue
        if marker == _END:
            break
        length = int.from_bytes(data[at + 2 : at + 4])
        if marker == _SCAN:
            scans += 1
            first = at + 5 + 2 * data[at + 4]
            if not coarse and first < len(data) and data[first] != 0:
                coarse = at if 1 < scans <= _FIRST_SCANS else 0
        at += 2 + max(length, 2)
    return scans, coarse


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Return the width and height that JPEG XL says to have (ISO/IEC 18181-1, size header; 18181-2, boxes).

    Args:
        data: the file.

    Raises:
        PictureError: no picture begins in it.
    """
    bits, at = int.from_bytes(_jpeg_xl_stream(data)[2:14], "little"), 0

    def read(count: int) -> int:
        nonlocal at
        at += count
        return bits >> at - count & (1 << count) - 1

    is_small = read(1)

    def side() -> int:
        return 8 * (1 + read(5)) if is_small else 1 + read(_JPEG_XL_BITS[read(2)])

    height = side()
    ratio = read(3)
    if not ratio:
        return side(), height
    wide, high = _JPEG_XL_RATIOS[ratio - 1]
    return height * wide // high, height


def _jpeg_xl_stream(data: bytes) -> bytes:
    """Where the picture in the boxes of JPEG XL begins."""
    at = 0
    while not data.startswith(JPEG_XL_START, at):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        head = 16 if length == 1 else 8
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        if kind in (b"jxlc", b"jxlp"):
            at += head + 4 * (kind == b"jxlp")
            break
        if length < head or at + length >= len(data):
            raise PictureError("<picture>", "is broken: JPEG XL without a picture", BAD)
        at += length
    return data[at : at + 14]


def icon_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield width and height of each picture in an icon file: its directory may say others.

    Args:
        data: the file.
    """
    for number in range(int.from_bytes(data[4:6], "little")):
        entry = data[6 + number * _ICO_ENTRY :][:_ICO_ENTRY]
        start = int.from_bytes(entry[12:16], "little")
        inner = data[start : start + 24]
        if inner.startswith(b"\x89PNG"):
            yield int.from_bytes(inner[16:20]), int.from_bytes(inner[20:24])
        elif len(inner) > _BITMAP_HEAD:
            width, height = (int.from_bytes(inner[at : at + 4], "little", signed=True) for at in (4, 8))
            yield max(1, abs(width)), max(1, abs(height) // 2)
