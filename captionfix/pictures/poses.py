"""The eight ways in which a rectangle can be laid down: turned by quarters, and seen in a mirror."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from captionfix.pictures.relations import ImageRelation, Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = TypeVar("Plane", NDArray[np.uint8], NDArray[np.float32])


class Pose(NamedTuple):
    """How an image is laid down.

    Attributes:
        quarters: by how many right angles it is turned, against the clock, once it is mirrored.
        mirrored: whether left and right are exchanged before.
    """

    quarters: int = 0
    mirrored: bool = False

    @property
    def inverse(self) -> Pose:
        """What brings it back.

        >>> Pose(1).inverse, Pose(1, mirrored=True).inverse
        (Pose(quarters=3, mirrored=False), Pose(quarters=1, mirrored=True))
        """
        return self if self.mirrored else Pose(-self.quarters % 4)

    @property
    def relation(self) -> ImageRelation:
        """How an image is related to the same one laid down so."""
        return ImageRelation.TURNED if self.quarters else ImageRelation.MIRRORED

    @property
    def told(self) -> str:
        """What is done to an image, in words.

        >>> Pose(3).told, Pose(2, mirrored=True).told
        ('turned by 90 degrees clockwise', 'mirrored, then turned by 180 degrees')
        """
        turns = ("", "turned by 90 degrees counterclockwise", "turned by 180 degrees", "turned by 90 degrees clockwise")
        return ", then ".join(filter(None, ("mirrored" * self.mirrored, turns[self.quarters])))

    def plane(self, plane: Plane) -> Plane:
        """Return a plane of pixels laid down so.

        Args:
            plane: rows of pixels.

        >>> Pose(1).plane(np.array([[1, 2]], dtype=np.uint8)).tolist()
        [[2], [1]]
        """
        return np.ascontiguousarray(np.rot90(plane[:, ::-1] if self.mirrored else plane, self.quarters))

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return the width and height that an image has then."""
        return (height, width) if self.quarters % 2 else (width, height)

    def window(self, window: Window) -> Window:
        """Return where a part of an image is then.

        Args:
            window: where it is before.

        >>> Pose(1).window(Window(0.5, 0.0, 1.0, 1.0))
        Window(left=0.0, top=0.0, right=1.0, bottom=0.5)
        """
        left, top, right, bottom = window.sides
        if self.mirrored:
            left, right = 1 - right, 1 - left
        for _ in range(self.quarters):
            left, top, right, bottom = top, 1 - right, bottom, 1 - left
        return Window(left, top, right, bottom)


STRAIGHT, MIRROR = Pose(), Pose(mirrored=True)
TURNS = (Pose(1), Pose(2), Pose(1, mirrored=True), Pose(2, mirrored=True), Pose(3, mirrored=True))
"""The turned ones that have to be looked for: of two images one of which is turned by a quarter clockwise, the other
is so against the clock."""
