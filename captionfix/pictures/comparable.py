"""An image that is compared: what is kept of it, and its file's pixels where these have to be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from captionfix.lazy import cached_property
from captionfix.pictures.crop_hashes import content
from captionfix.pictures.decode import decode, salvaged
from captionfix.pictures.fingerprint import CHROMA, THUMB, Fingerprint, plane, posed
from captionfix.pictures.local_difference import SIDE
from captionfix.pictures.poses import STRAIGHT, Pose
from captionfix.pictures.relations import Window
from captionfix.pictures.scaling import Canvas, Shades

NEUTRAL = 128
"""What grey pixels have in both colour planes."""


@dataclass
class ComparableImage:
    """An image that is compared.

    Args:
        fingerprint: what is kept of it.
        sharper: gives its grey pixels in more detail than the fingerprint has; None where there is nothing to ask.
        digest: gives the SHA-256 of all its upright pixels; None likewise.
    """

    fingerprint: Fingerprint
    sharper: Callable[[], Shades] | None = None
    digest: Callable[[], bytes] | None = None

    @cached_property
    def canvas(self) -> Canvas:
        """Its thumbnail."""
        return Canvas(plane(self.fingerprint))

    @cached_property
    def content(self) -> Window:
        """The part of it that stands within a frame."""
        return content(plane(self.fingerprint))

    def laid_down(self, pose: Pose) -> ComparableImage:
        """Return the same image turned or mirrored, of which no digest is known.

        Args:
            pose: how.
        """
        if pose not in self._poses:
            sharper = self.sharper
            ask = None if sharper is None else lambda: pose.plane(sharper())
            self._poses[pose] = ComparableImage(posed(self.fingerprint, pose), ask)
        return self._poses[pose]

    @cached_property
    def _poses(self) -> dict[Pose, ComparableImage]:
        return {STRAIGHT: self}

    @cached_property
    def sharp(self) -> Canvas:
        """Its pixels in as much detail as can be had."""
        if self.is_small or self.sharper is None:
            return self.canvas
        return Canvas(self.sharper())

    @property
    def is_small(self) -> bool:
        """Whether its thumbnail is all there is to see."""
        return max(self.fingerprint.width, self.fingerprint.height) <= THUMB

    @property
    def is_seen(self) -> bool:
        """Whether as much of it can be seen as is to be compared."""
        return self.is_small or self.sharper is not None

    @cached_property
    def colours(self) -> tuple[Canvas, Canvas]:
        """Its colour differences blue and red."""
        planes = np.frombuffer(self.fingerprint.chroma, np.uint8).reshape(2, CHROMA, CHROMA)
        return Canvas(planes[0]), Canvas(planes[1])

    @cached_property
    def colour(self) -> float:
        """How colourful it is on average; below 2 it is grey."""
        return float(abs(np.frombuffer(self.fingerprint.chroma, np.uint8).astype(np.float32) - NEUTRAL).mean())

    @cached_property
    def opacity(self) -> Canvas | None:
        """How opaque it is, where it is not everywhere."""
        if not self.fingerprint.alpha:
            return None
        return Canvas(np.frombuffer(self.fingerprint.alpha, np.uint8).reshape(self.fingerprint.size[::-1]))


def sharper_of(data: bytes, *, rows: int = 0) -> Shades:
    """Return the grey pixels of an image in as much detail as is compared.

    Args:
        data: the file.
        rows: of a damaged image, those that decode, of which alone they are; else 0.

    Raises:
        PictureError: it cannot be decoded.
    """
    if rows:
        return np.asarray(salvaged(data, side=SIDE, grey=True, rows=rows).grey)
    return np.asarray(decode(data, side=SIDE, grey=True).grey)
