"""How much an image may ask for, and how much of it is handed on."""

from __future__ import annotations

from dataclasses import dataclass

SIDE = 320
"""Longer side of what is handed on of an image, in pixels: the picture-matching study took 256; a quarter of web
pictures have 300, and are seen whole so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an image may ask for.

    Args:
        bytes: of the file; no compression at all needs 4 a pixel.
        pixels: that it says to have: what Pillow warns of, a quarter of a gigabyte at 3 bytes a pixel.
        decoded: pixels that are decoded at once; 128 MiB as Pillow keeps them.
        scans: of a progressive JPEG; 500 is what libjpeg-turbo's fuzzers stop at, and no encoder writes 100.
        seconds: for decoding.
    """

    bytes: int = 2**27
    pixels: int = 89_478_485
    decoded: int = 2**25
    scans: int = 100
    seconds: float = 20.0


LIMITS = Limits()
