"""Pixels brought to other sizes, their shades averaged: one of the doors to Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage

    from captionfix.pictures.relations import Window

Shades: TypeAlias = "NDArray[np.uint8]"
"""Rows of grey pixels."""

_SMOOTH = 2
"""Pillow's triangle filter: its box filter takes whole pixels, and so is off by up to half of one."""


def scaled(image: PillowImage, width: int, height: int) -> PillowImage:
    """Return an image at another size, its pixels averaged where it gets smaller.

    Args:
        image: a Pillow image.
        width: in pixels.
        height: in pixels.
    """
    return image if image.size == (width, height) else image.resize((width, height), 4)  # 4 is Pillow's box filter


def fitted(image: PillowImage, side: int) -> PillowImage:
    """Return an image at most so many pixels long and high, its pixels averaged.

    Args:
        image: a Pillow image.
        side: in pixels.
    """
    if max(image.size) <= side:
        return image
    image = reduced(image, side)
    return scaled(image, *(max(1, round(each * side / max(image.size))) for each in image.size))


def reduced(image: PillowImage, side: int) -> PillowImage:
    """Return an image at a half, a third and so on, as far as its longer side has so many pixels still.

    Args:
        image: a Pillow image.
        side: in pixels.
    """
    share = max(image.size) // side
    return image.reduce(share) if share > 1 else image


def image_of(plane: Shades) -> PillowImage:
    """Return a plane of grey pixels as a Pillow image.

    Args:
        plane: rows of pixels.
    """
    return Image.fromarray(plane)


def scaled_plane(plane: Shades, width: int, height: int) -> Shades:
    """Return a plane of grey pixels at another size, its pixels averaged where it gets smaller.

    Args:
        plane: rows of pixels.
        width: in pixels.
        height: in pixels.
    """
    return np.asarray(scaled(image_of(plane), width, height))


class Canvas:
    """A plane of grey pixels from which windows are cut at any size.

    Args:
        plane: rows of pixels.

    Attributes:
        width: in pixels.
        height: in pixels.
    """

    def __init__(self, plane: Shades) -> None:
        self.height, self.width = plane.shape
        self._levels = [Image.fromarray(plane)]
        self._last: tuple[tuple[Window, int, int], NDArray[np.float32]] | None = None

    def cut(self, window: Window, width: int, height: int) -> NDArray[np.float32]:
        """Return a window at another size; fractions of pixels count.

        Args:
            window: the part to cut out.
            width: in pixels.
            height: in pixels.
        """
        wanted = window, width, height
        if self._last is None or self._last[0] != wanted:  # while one image is moved, the other often stays
            self._last = wanted, self._cut(*wanted)
        return self._last[1]

    def _cut(self, window: Window, width: int, height: int) -> NDArray[np.float32]:
        level = self._level(width / (window.right - window.left), height / (window.bottom - window.top))
        # Halving rounds an odd side up; its last pixel is half a one.
        wide, high = self.width / 2**level, self.height / 2**level
        box = (window.left * wide, window.top * high, window.right * wide, window.bottom * high)
        part = self._levels[level].resize((width, height), _SMOOTH, box)
        return np.frombuffer(part.tobytes(), np.uint8).reshape(height, width).astype(np.float32)

    def _level(self, width: float, height: float) -> int:
        """How often the image can be halved and still has enough pixels."""
        level = 0
        while self.width >= 2 ** (level + 1) * width and self.height >= 2 ** (level + 1) * height:
            level += 1
            if level == len(self._levels):
                self._levels.append(self._levels[-1].reduce(2))
        return level
