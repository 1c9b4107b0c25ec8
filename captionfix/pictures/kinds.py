"""What a file is by its first bytes, where it is no image that Pillow opens."""

from __future__ import annotations

import zlib

ICON = b"\0\0\x01\0"
"""What opens an icon file."""
_SNIFFED = 1024
_KINDS = (
    (b"%!PS", "is PostScript, no picture of the web"),
    (b"\xc5\xd0\xd3\xc6", "is PostScript, no picture of the web"),
    (b"%PDF", "is PDF, no picture of the web"),
    (b"PK\x03\x04", "is a ZIP archive, no picture"),
    (b"8BPS", "is a Photoshop file, no picture of the web"),
    (b"\xff\xd8", "begins like JPEG, and is broken"),
    (b"\x89PNG", "begins like PNG, and is broken"),
    (b"GIF8", "begins like GIF, and is broken"),
    (b"BM", "begins like BMP, and is broken"),
    (b"II*\0", "begins like TIFF, and is broken"),
    (b"MM\0*", "begins like TIFF, and is broken"),
    (ICON, "begins like an icon file, and is broken"),
)
JPEG_XL, _JPEG_XL_BOXES = b"\xff\x0a", b"\0\0\0\x0cJXL "
"""What opens JPEG XL, bare and in boxes (ISO/IEC 18181-2)."""
_OPENINGS = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", JPEG_XL, _JPEG_XL_BOXES
)  # fmt: skip
_BITMAP_HEADS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))
"""Sizes of what follows the first 14 bytes of a BMP file: without one, BM is the beginning of a word."""
_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"))
_BRANDS = _HEIC | {b"avif", b"avis"}
_GZIP = b"\x1f\x8b\x08"
_ENDINGS = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".png", ".apng", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp",
     ".ico", ".cur", ".svg", ".svgz", ".heic", ".heif", ".jxl")
)  # fmt: skip
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")


def is_vector(data: bytes) -> bool:
    """Return whether bytes are SVG, plain or compressed, which has no pixels of its own.

    >>> is_vector(b"<?xml version='1.0'?><svg xmlns='x'>"), is_vector(b"<html><svg>")
    (True, False)
    """
    if data.startswith(_GZIP):
        return True
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head and b"<html" not in head


def is_image(head: bytes) -> bool:
    """Return whether a file is an image by its first 1,024 bytes, whatever it is called and whether it is sound.

    >>> is_image(b"GIF89a"), is_image(b"BM, a town"), is_image(b"<svg/>"), is_image(b"%PDF-1.4")
    (True, False, True, False)
    """
    if head.startswith(_OPENINGS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    if head.startswith(b"BM"):
        return int.from_bytes(head[14:18], "little") in _BITMAP_HEADS
    if head.startswith(ICON):
        return 0 < int.from_bytes(head[4:6], "little") < _SNIFFED
    if head[4:8] == b"ftyp":
        return head[8:12] in _BRANDS
    return is_vector(_unpacked(head) if head.startswith(_GZIP) else head)


def _unpacked(head: bytes) -> bytes:
    """The first bytes of what is compressed; none where it is broken."""
    try:
        return zlib.decompressobj(31).decompress(head, _SNIFFED)
    except zlib.error:
        return b""


def is_named_image(name: str) -> bool:
    """Return whether a file is called like an image.

    >>> is_named_image("Boat.JPG"), is_named_image("boat.jpg?w=300"), is_named_image("jpg")
    (True, True, False)
    """
    stem, dot, ending = name.partition("?")[0].rpartition(".")
    return bool(stem and dot) and f".{ending.lower()}" in _ENDINGS


def extra(data: bytes) -> str:
    """Return which extra of captionfix reads what Pillow does not; an empty string where none does.

    >>> extra(b"\\xff\\x0a"), extra(b"\\0\\0\\0\\x18ftypheic"), extra(b"GIF89a")
    ('jxl', 'heic', '')
    """
    if data.startswith((JPEG_XL, _JPEG_XL_BOXES)):
        return "jxl"
    return "heic" if data[4:8] == b"ftyp" and data[8:12] in _HEIC else ""


def what_else(data: bytes) -> str:
    """Return what bytes are that Pillow does not open, as the cause of an error.

    >>> what_else(b"%PDF-1.4"), what_else(b"<!DOCTYPE html><p>404")
    ('is PDF, no picture of the web', 'holds a web page, no picture')
    """
    if missing := extra(data):
        kind = {"heic": "HEIC", "jxl": "JPEG XL"}[missing]
        return f"is {kind}, which pip install 'captionfix[{missing}]' makes readable"
    for start, told in _KINDS:
        if data.startswith(start):
            return told
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "begins like WebP, and is broken"
    if data[4:8] == b"ftyp":
        return f"is {_box(data)}"
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_PAGE) or b"<html" in head:
        return "holds a web page, no picture"
    return "is no picture that browsers show"


def _box(data: bytes) -> str:
    brand = data[8:12]
    if brand in (b"avif", b"avis"):
        return "AVIF, and broken, or this Pillow does not read AVIF"
    return "a film, no picture"
