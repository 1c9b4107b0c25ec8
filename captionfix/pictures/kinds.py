"""What a file is by its first bytes, where it is no image that Pillow opens."""

from __future__ import annotations

from captionfix.signatures import (
    AVIF,
    BMP,
    GIF,
    GZIP_START,
    HEIC,
    JPEG,
    JPEG_XL,
    PNG,
    Family,
    Format,
    format_of,
    unpacked,
)

_SNIFFED = 1024
_BROKEN = ((b"\xff\xd8", JPEG), (b"\x89PNG", PNG), (b"GIF8", GIF), (b"BM", BMP))
"""What is left of some beginnings where a file was damaged."""
ENDINGS = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".png", ".apng", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp",
     ".ico", ".cur", ".svg", ".svgz", ".heic", ".heif", ".jxl")
)  # fmt: skip
"""What the names of images end with."""
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")


def is_vector(data: bytes) -> bool:
    """Return whether bytes are SVG, plain or compressed, which has no pixels of its own.

    >>> is_vector(b"<?xml version='1.0'?><svg xmlns='x'>"), is_vector(b"<html><svg>")
    (True, False)
    """
    if data.startswith(GZIP_START):
        return True
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head and b"<html" not in head


def is_image(head: bytes) -> bool:
    """Return whether a file is an image by its first 1,024 bytes, whatever it is called and whether it is sound.

    >>> is_image(b"GIF89a"), is_image(b"BM, a town"), is_image(b"<svg/>"), is_image(b"%PDF-1.4")
    (True, False, True, False)
    """
    if format_of(head, (Family.IMAGE,)) is not None:
        return True
    return is_vector(unpacked(head, _SNIFFED) if head.startswith(GZIP_START) else head)


def is_named_image(name: str) -> bool:
    """Return whether a file is called like an image.

    >>> is_named_image("Boat.JPG"), is_named_image("boat.jpg?w=300"), is_named_image("jpg")
    (True, True, False)
    """
    stem, dot, ending = name.partition("?")[0].rpartition(".")
    return bool(stem and dot) and f".{ending.lower()}" in ENDINGS


def extra(data: bytes) -> str:
    """Return which extra of captionfix reads what Pillow does not; an empty string where none does.

    >>> extra(b"\\xff\\x0a"), extra(b"\\0\\0\\0\\x18ftypheic"), extra(b"GIF89a")
    ('jxl', 'heic', '')
    """
    found = format_of(data, (Family.IMAGE,))
    return found.key if found in (HEIC, JPEG_XL) else ""


def what_else(data: bytes) -> str:
    """Return what bytes are that Pillow does not open, as the cause of an error.

    >>> what_else(b"%PDF-1.4"), what_else(b"<!DOCTYPE html><p>404")
    ('is a PDF document, no picture', 'holds a web page, no picture')
    """
    if (found := format_of(data) or _broken(data)) is not None:
        return _cause(found)
    head = data[:_SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_PAGE) or b"<html" in head:
        return "holds a web page, no picture"
    return "is no picture that browsers show"


def _broken(data: bytes) -> Format | None:
    return next((found for start, found in _BROKEN if data.startswith(start)), None)


def _cause(found: Format) -> str:
    if found in (HEIC, JPEG_XL):
        return f"is {found.name}, which pip install 'captionfix[{found.key}]' makes readable"
    if found is AVIF:
        return "is an AVIF image, and broken, or this Pillow does not read AVIF"
    if found.family is Family.IMAGE:
        return f"begins like {found.name}, and is broken"
    return f"is {found.name}, no picture"
