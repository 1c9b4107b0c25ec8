"""Small pictures of the images of a run, drawn in one process or several."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import partial
from pathlib import Path

from captionfix.archives import atomic
from captionfix.archives.site import MOST
from captionfix.errors import PictureError
from captionfix.exhibits import Thumbnail
from captionfix.pictures.kinds import is_vector
from captionfix.runs.image_report import ImageReport
from captionfix.runs.processes import spread
from captionfix.runs.roots import Roots

_SNIFFED = 1024


class Sketcher:
    """Draws small pictures of images in one process.

    Args:
        roots: the paths of the run.
        side: how long and high they are at most, in pixels.
    """

    def __init__(self, roots: Roots, side: int) -> None:
        self._roots, self._side = roots, side

    def __call__(self, name: str) -> Thumbnail | None:
        """Return a small picture of an image; None where it has no pixels, or cannot be read any more."""
        from captionfix.pictures.decode import thumbnail  # with Pillow, which a run over what is known spares

        path = Path(os.path.realpath(self._roots.path(name)))
        try:
            head, size = atomic.read_head(path, _SNIFFED)
            if size > MOST or is_vector(head):
                return None
            return Thumbnail(*thumbnail(atomic.read(path).data, self._side))
        except (OSError, PictureError, MemoryError):
            return None


def _no_thumbnail(_: str) -> None:
    """An image that ended the process that drew it."""


def thumbnails(survey: ImageReport, roots: Roots, side: int, jobs: int = 1) -> Generator[Thumbnail | None, None, None]:
    """Yield small pictures of all members of all groups, in their order.

    Args:
        survey: what was found.
        roots: the paths of the run.
        side: how long and high they are at most, in pixels.
        jobs: how many processes work; 0 takes as many as there are cores.
    """
    names = (member.file for group in survey.groups for member in group.members)
    return spread(partial(Sketcher, roots, side), names, jobs, _no_thumbnail)
