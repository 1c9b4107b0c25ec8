"""Whether two images show the same picture, by their pixels.

``same`` and ``different`` are both said only where they are certain, since
one may take a picture out of a page and the other keeps it there. What lies
between is ``unknown``: crops, mirror images, and pictures in which too little
is to be seen.

Figures below are of *image-groups* (757 images of seven sites, 1,486 labelled
pairs, 27 hard negatives) and of the *picture-matching study*, see
ARCHITECTURE.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from captionfix.model import Relation, Verdict
from captionfix.pictures.fingerprint import CHROMA, Fingerprint, plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_NEAR = 8
"""Bits of the hash in which copies may differ: 99 % of re-saved ones do not differ in more (image-hashing study)."""
_RATIO = 1.05
"""Quotient of two aspect ratios that rounding of small sizes explains (image-hashing study)."""
_CORRELATION = 0.95
"""Of the grey pixels at 64 a side (picture-matching study)."""
_ALIGNED = 64
_CONTRAST = 2.0
"""Quotient of contrasts that a filter explains; a fainter one is another picture of the page, as of a link's states."""
_COLOUR = 20.0
"""Largest mean difference of a colour plane in a sixteenth of the image (picture-matching study)."""
_GREY = 2.0
"""Mean colour below which an image is grey, and colours are not compared."""
_BLOCKS = 28
"""Blocks a side of the local check. With 28 on 256 pixels it refuses 78 % of planted changed words and digits
(44 % at 12 pixels of height, 96 % at 32) and keeps 88 % of unchanged ones; with 14 on 128 pixels 42 % and 98 %."""
_LEAST_BLOCK = 4
_WORST, _PEAK, _STRUCTURE = 8.0, 8.0, 2.5
"""Bounds of the local check: mean difference in the worst block, the same against the mean of all, and where the
pixels of a block do not follow each other at all (picture-matching study)."""
_STEADY = 58.5
"""The constant of structural similarity for 8 bits, (0.03 * 255) squared (Wang et al. 2004)."""
_BLURS = (0.05, 0.1, 0.17, 0.25)
_UNLIKE = 0.6
"""Correlation that no part of one image reaches anywhere in the other, at any size, if they are different for
certain: the lowest of 1,463 pairs that show the same, crops and edits included, is 0.67; 42 % of others are below."""
_SCALES = (1.0, 0.85, 0.72, 0.61, 0.52, 0.44, 0.37)
_SEARCHED = 32
_MIDDLE = 0.2
"""Left out on each side for the middle of an image, which two crops of one picture still share."""


def compare(one: Fingerprint, other: Fingerprint) -> Verdict:
    """Return what the pixels of two images say about each other.

    Args:
        one: an image.
        other: another; the order does not matter.

    >>> svg = Fingerprint(bytes(32), b"", 0, 0, 0, 0.0, (0, 0), b"", b"")
    >>> compare(svg, svg).relation, compare(svg, svg).plain
    (<Relation.IDENTICAL: 'identical'>, True)
    """
    sizes = ((one.width, one.height), (other.width, other.height))
    plain = one.plain or other.plain
    if one.content == other.content or one.pixels == other.pixels != b"":
        return Verdict(Relation.IDENTICAL, sizes=sizes, plain=plain, distance=0, difference=0.0, ratio=1.0)
    if not (one.grey and other.grey):
        return Verdict(Relation.UNKNOWN, sizes=sizes, plain=plain)
    ratio = one.width * other.height / (one.height * other.width)
    ratio = max(ratio, 1 / ratio)
    distance = (one.phash ^ other.phash).bit_count()
    first, second = _at_one_size(one, other)
    correlation = _correlation(_shrunk(first, _ALIGNED), _shrunk(second, _ALIGNED))
    if plain or one.ground != other.ground:
        relation = Relation.UNKNOWN
    elif (
        distance <= _NEAR
        and ratio <= _RATIO
        and correlation >= _CORRELATION
        and _same_colours(one, other)
        and _same_alpha(one, other)
        and _same_everywhere(first, second)
    ):
        relation = Relation.SAME
    else:
        relation = Relation.DIFFERENT if _likeness(one, other) < _UNLIKE else Relation.UNKNOWN
    return Verdict(
        relation,
        sizes=sizes,
        plain=plain,
        distance=distance,
        difference=round(float(abs(first - second).mean()), 2),
        correlation=round(correlation, 3),
        ratio=round(ratio, 3),
    )


def _at_one_size(one: Fingerprint, other: Fingerprint) -> tuple[Plane, Plane]:
    """The grey pixels of both at the size of the smaller one."""
    width, height = _smaller(one, other)
    return _resized(_grey(one), width, height), _resized(_grey(other), width, height)


def _smaller(one: Fingerprint, other: Fingerprint) -> tuple[int, int]:
    return min(one.size, other.size, key=lambda size: (size[0] * size[1], size))


def _grey(image: Fingerprint) -> Plane:
    import numpy as np

    grey: Plane = plane(image).astype(np.float32)
    return grey


@lru_cache(64)
def _weights(before: int, after: int) -> Plane:
    """How much of each pixel goes into each of the new ones, as a matrix."""
    import numpy as np

    edges = np.linspace(0, before, after + 1)
    pixels = np.arange(before)
    shares = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares = np.clip(shares, 0, None)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def _resized(image: Plane, width: int, height: int) -> Plane:
    if image.shape == (height, width):
        return image
    import numpy as np

    rows, columns = _weights(image.shape[0], height), _weights(image.shape[1], width)
    return np.asarray(rows @ image @ columns.T, dtype=np.float32)


def _shrunk(image: Plane, side: int) -> Plane:
    factor = min(1.0, side / max(image.shape))
    return _resized(image, max(1, round(image.shape[1] * factor)), max(1, round(image.shape[0] * factor)))


def _correlation(one: Plane, other: Plane) -> float:
    import numpy as np

    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / scale if scale else 0.0


def _same_colours(one: Fingerprint, other: Fingerprint) -> bool:
    import numpy as np

    planes = [
        np.frombuffer(image.chroma, dtype=np.uint8).astype(np.float32).reshape(2, CHROMA, CHROMA)
        for image in (one, other)
    ]
    if min(float(abs(colours - 128).mean()) for colours in planes) < _GREY:
        return True
    regions = abs(planes[0] - planes[1]).reshape(2, 4, CHROMA // 4, 4, CHROMA // 4).mean(axis=(2, 4))
    return float(regions.max()) <= _COLOUR


def _same_alpha(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether both are opaque in the same places: white on a transparent ground is not seen on white."""
    import numpy as np

    if not one.alpha and not other.alpha:
        return True
    if not (one.alpha and other.alpha):
        return False
    width, height = _smaller(one, other)
    first, second = (
        _resized(np.frombuffer(image.alpha, np.uint8).astype(np.float32).reshape(image.size[::-1]), width, height)
        for image in (one, other)
    )
    return float(_in_blocks(abs(first - second), _BLOCKS // 2).max()) <= _COLOUR


def _same_everywhere(one: Plane, other: Plane) -> bool:
    """The local check: another way of shrinking differs a little everywhere, a changed word much in one place."""
    spreads = float(one.std()), float(other.std())
    if not min(spreads) or max(spreads) / min(spreads) > _CONTRAST:
        return False
    if spreads[0] > spreads[1]:
        one, other, spreads = other, one, spreads[::-1]
    other = (other - other.mean()) * (spreads[0] / spreads[1]) + one.mean()
    one, other = _equally_sharp(one, other)
    differences = _in_blocks(abs(one - other), _BLOCKS)
    worst, mean = float(differences.max()), float(differences.mean())
    if worst <= _WORST:
        return True
    return worst / (mean + 1) <= _PEAK and (1 - _structure(one, other)) * worst / (mean + 3) <= _STRUCTURE


def _in_blocks(image: Plane, side: int) -> Plane:
    """The means of blocks, so many a side or fewer, since a block has at least 4 pixels a side."""
    height, width = image.shape
    return _resized(image, max(1, min(side, width // _LEAST_BLOCK)), max(1, min(side, height // _LEAST_BLOCK)))


def _structure(one: Plane, other: Plane) -> float:
    """How well the pixels follow each other where they do so least, at most 1."""
    side = _BLOCKS // 2
    mean_one, mean_other = _in_blocks(one, side), _in_blocks(other, side)
    spread = _in_blocks(one * one, side) - mean_one**2 + _in_blocks(other * other, side) - mean_other**2
    shared = _in_blocks(one * other, side) - mean_one * mean_other
    return float(((2 * shared + _STEADY) / (spread + _STEADY)).min())


def _equally_sharp(one: Plane, other: Plane) -> tuple[Plane, Plane]:
    """Blur the sharper one until both are as alike as they get."""
    choices = [(one, other)]
    for share in _BLURS:
        choices += [(_blurred(one, share), other), (one, _blurred(other, share))]
    return min(choices, key=lambda pair: float(((pair[0] - pair[1]) ** 2).mean()))


def _blurred(image: Plane, share: float) -> Plane:
    import numpy as np

    wide = np.pad(image, 1, mode="edge")
    wide = (wide[:-2] + wide[2:]) * np.float32(share) + wide[1:-1] * np.float32(1 - 2 * share)
    blurred: Plane = (wide[:, :-2] + wide[:, 2:]) * np.float32(share) + wide[:, 1:-1] * np.float32(1 - 2 * share)
    return blurred


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
    import numpy as np

    fit = min(around.shape[0] / piece.shape[0], around.shape[1] / piece.shape[1])
    best = -1.0
    for scale in _SCALES:
        height, width = (round(side * fit * scale) for side in piece.shape)
        if min(height, width) <= _LEAST_BLOCK:
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
