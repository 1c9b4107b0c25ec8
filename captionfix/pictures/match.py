"""What the pixels of two images of a page say about each other, for the rules.

``same`` and ``different`` are both said only where they are certain, since
one may take a picture out of a page and the other keeps it there. What lies
between is ``unknown``: mirror images, edited ones, and pictures in which too
little is to be seen; a crop is only a ``part``.

Figures below are of *image-groups* (757 images of seven sites, 1,486 labelled
pairs), see ARCHITECTURE.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from captionfix.beside import PixelRelation, Verdict
from captionfix.model import Safety
from captionfix.pictures.candidates import guess
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.crop_hashes import crop_hashes
from captionfix.pictures.fingerprint import Fingerprint, plane
from captionfix.pictures.relations import ImageRelation, Likeness
from captionfix.pictures.verify import verify

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_UNLIKE = 0.6
"""Correlation that no part of one image reaches anywhere in the other, at any size, if they are different for
certain: the lowest of 1,463 pairs that show the same, crops and edits included, is 0.67; 42 % of others are below."""
_SCALES = (1.0, 0.85, 0.72, 0.61, 0.52, 0.44, 0.37)
_SEARCHED = 32
_NARROW = 4
"""Pixels of a side below which a piece is too narrow to tell."""
_MIDDLE = 0.2
"""Left out on each side for the middle of an image, which two crops of one picture still share."""


_SAME = (ImageRelation.RECOMPRESSED, ImageRelation.RESIZED, ImageRelation.FORMAT)
_PART = (ImageRelation.CROP, ImageRelation.FRAMED)


def compare(one: ComparableImage, other: ComparableImage) -> Verdict:
    """Return what the pixels of two images say about each other, whichever comes first.

    Args:
        one: an image.
        other: another.

    Raises:
        PictureError: one is asked for more of its pixels, and they cannot be had any more.

    >>> svg = ComparableImage(Fingerprint(bytes(32), b"", 0, 0, 0, 0.0, (0, 0), b"", b""))
    >>> compare(svg, svg).relation, compare(svg, svg).plain
    (<PixelRelation.IDENTICAL: 'identical'>, True)
    """
    if _rank(other.fingerprint) < _rank(one.fingerprint):  # one is aligned to the other, which rounds either way
        return compare(other, one).turned
    first, second = one.fingerprint, other.fingerprint
    like = verify(
        one, other, guess(crop_hashes(first), crop_hashes(second)) if _shows(first) and _shows(second) else ()
    )
    return Verdict(
        _relation(first, second, like),
        sizes=((first.width, first.height), (second.width, second.height)),
        plain=first.plain or second.plain,
        difference=like.difference,
        shares=(round(like.windows[0].share, 2), round(like.windows[1].share, 2)),
    )


def _rank(image: Fingerprint) -> tuple[int, bytes]:
    return image.width * image.height, image.content


def _shows(image: Fingerprint) -> bool:
    return bool(image.grey) and image.detail >= 1


def _relation(one: Fingerprint, other: Fingerprint, like: Likeness) -> PixelRelation:
    if like.relation is ImageRelation.IDENTICAL:
        return PixelRelation.IDENTICAL
    if not (one.grey and other.grey) or one.plain or other.plain or one.ground != other.ground:
        return PixelRelation.UNKNOWN
    if max(one.frames, other.frames) > 1 and like:
        return PixelRelation.UNKNOWN  # what follows the first frame may be anything
    if like.relation in _SAME and like.safety is Safety.SAFE:
        return PixelRelation.SAME
    if like.relation in _PART:
        return PixelRelation.PART
    return PixelRelation.DIFFERENT if not like and _likeness(one, other) < _UNLIKE else PixelRelation.UNKNOWN


def _grey(image: Fingerprint) -> Plane:
    grey: Plane = plane(image).astype(np.float32)
    return grey


@lru_cache(64)
def _weights(before: int, after: int) -> Plane:
    """How much of each pixel goes into each of the new ones, as a matrix."""
    edges = np.linspace(0, before, after + 1)
    pixels = np.arange(before)
    shares = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares = np.clip(shares, 0, None)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def _resized(image: Plane, width: int, height: int) -> Plane:
    if image.shape == (height, width):
        return image
    rows, columns = _weights(image.shape[0], height), _weights(image.shape[1], width)
    return np.asarray(rows @ image @ columns.T, dtype=np.float32)


def _shrunk(image: Plane, side: int) -> Plane:
    factor = min(1.0, side / max(image.shape))
    return _resized(image, max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))


def _likeness(one: Fingerprint, other: Fingerprint) -> float:
    """The best correlation of one image, or of its middle, with any part of the other, at most 1."""
    planes = [_shrunk(_grey(image), 2 * _SEARCHED) for image in (one, other)]
    best = -1.0
    for part, whole in (planes, planes[::-1]):
        around = _shrunk(whole, _SEARCHED)
        for piece in (part, _middle(part)):
            best = max(best, _best_place(piece, around))
            if best >= _UNLIKE:
                return best
    return best


def _middle(image: Plane) -> Plane:
    top, left = (int(side * _MIDDLE) for side in image.shape)
    return image[top : image.shape[0] - top, left : image.shape[1] - left]


def _best_place(piece: Plane, around: Plane) -> float:
    """The best correlation of a piece with any window of an image, over all places and several sizes."""
    fit = min(around.shape[0] / piece.shape[0], around.shape[1] / piece.shape[1])
    best = -1.0
    for scale in _SCALES:
        height, width = (round(side * fit * scale) for side in piece.shape)
        if min(height, width) <= _NARROW:
            return best if best > -1 else 1.0  # too narrow to tell
        wanted = _resized(piece, width, height)
        wanted = wanted - wanted.mean()
        norm = float(np.sqrt((wanted * wanted).sum()))
        if norm < 1:
            return 1.0  # a part without detail is everywhere
        windows = np.lib.stride_tricks.sliding_window_view(around, (height, width))
        spread = (windows * windows).mean(axis=(2, 3)) - windows.mean(axis=(2, 3)) ** 2
        found = np.einsum("ijkl,kl->ij", windows, wanted) / (norm * np.sqrt(np.maximum(spread, 1e-3) * height * width))
        best = max(best, float(found.max()))
    return best
