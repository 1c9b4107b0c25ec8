"""Whether one of two images is the other with a mark: a word, a logo, a band or a pattern laid over it.

What is not covered agrees, closely and with something to be seen in it; what is covered begins with an edge that the
other image does not have. So a mark is one-sided. Where words were exchanged, each image has strokes that the other
does not have; where things moved, each has one where the other has none; and two photographs of one scene agree
nowhere closely enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from captionfix.pictures.relations import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from captionfix.pictures.scaling import Canvas

    Plane = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_ROUGH, _FINE = 64, 384
"""Pixels of the longer side at which is looked first, and then."""
_FINER = 560
"""Pixels of the longer side from which on a mark must be one at twice the fine size too."""
_BEYOND = 16.0
"""Of 255: how far a pixel lies beyond those around its place in the other image where they do not show the same. What
compression and ways of scaling add at edges mostly stays below."""
_BLOCK = 8
_COVERED = 0.1
"""Share of a block's pixels from which on it counts as covered."""
_STROKE, _REGION = 2, 8
"""Pixels that are closed within strokes, and within regions."""
_AGREE = 0.4
"""Share of the blocks that must agree: a mark covers half of a picture at most, and blocks at its edge besides."""
_CLOSE = 3.0
"""Mean difference of the blocks that agree, of 255: that of photographs a second apart is more, by grain alone."""
_BUSY = 5.0
"""Standard deviation of a block in which there is something to be seen."""
_SHOWN = 0.04
"""Share of all blocks that must agree and have something to be seen."""
_FOLLOW = 0.85
"""Correlation of such a block in one image with the same in the other, in the middle of all."""
_LEAST = 0.02
"""Share of the blocks that a mark covers at least: fewer are a digit, and another picture."""
_SOFT = 1.0
_NOISE = 8.0
"""Of 255: by how much a step must be higher in one image to count."""
_STEP = 6.0
"""Of 255: the mean height of the steps at a mark's edge, beyond noise, at least."""
_FILLED = 0.85
"""Share of a rectangle that is covered where it is a mark as a whole: more than that of a disc, as in pie charts."""
_LARGE = 0.08
"""Share of the image that such a rectangle takes at least."""
_EVEN, _MOSTLY = 1.0, 0.4
"""Grey levels that neighbours differ by in an even area, and the share of an image from which on it is a drawing."""
_MUCH = 0.1
"""Share of a drawing that a mark covers at least: less is another digit of a code, or another bar."""
_DRAWN = 0.03
"""As below, for drawings and the very strokes: charts of other figures, and codes of other digits, stay apart."""
_ONE_SIDED = 0.15
"""Of the steps that only one image has, those that only the other has, at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on one of two images.

    Attributes:
        agreeing: share of the area in which both are the same.
        is_on_first: whether it is on the first one.
    """

    agreeing: float
    is_on_first: bool


def may_be_marked(one: Canvas, other: Canvas) -> bool:
    """Return whether enough of two images of one shape agrees, at a coarse look.

    Args:
        one: an image.
        other: another.
    """
    first, second = _cut(one, other, _ROUGH)
    return float((_means(abs(first - second), _BLOCK // 2) <= _BEYOND).mean()) >= _AGREE


def mark(one: Canvas, other: Canvas, hues: Mask | None = None) -> Mark | None:
    """Return the mark that only one of two images of one shape has; None where that is not what they differ in.

    Args:
        one: an image, in as much detail as can be had.
        other: another.
        hues: where their colours differ, coarsely: a sign may be as bright as what it is laid over.
    """
    first, second = _cut(one, other, _FINE)
    differs = _differ(first, second)
    marked = _means(_closed(differs, _STROKE).astype(np.float32), _BLOCK) > _COVERED
    share = float(marked.mean())
    if not _LEAST <= share <= 1 - _AGREE or not _agree(first, second, ~marked):
        return None
    side = _marked_side(first, second, differs, 1, hues)
    if side is None:
        return None
    is_finer = min(max(one.width, one.height), max(other.width, other.height)) >= _FINER
    if is_finer:  # small words show there only
        first, second = _cut(one, other, 2 * _FINE)
        if _marked_side(first, second, _differ(first, second), 2, hues) is not side:
            return None
    return Mark(1 - share, side)


def _differ(one: Plane, other: Plane) -> Mask:
    return np.asarray((beyond(one, other) > _BEYOND) | (beyond(other, one) > _BEYOND))


def _marked_side(one: Plane, other: Plane, differs: Mask, scale: int, hues: Mask | None) -> bool | None:
    """Whether the mark is on the first; None where both have edges where they differ.

    Args:
        one: pixels of an image.
        other: as many of another.
        differs: where they do.
        scale: how many times as far closing reaches.
        hues: where their colours differ.
    """
    covered, region = _closed(differs, scale * _STROKE), _closed(differs, scale * _REGION)
    if not covered.any():
        return None
    is_drawn = all(_is_drawn(plane, ~covered) for plane in (one, other))  # compression evens out a photograph's grain
    if is_drawn and float(covered.mean()) < _MUCH:
        return None
    most, covers = (_DRAWN, [covered]) if is_drawn else (_ONE_SIDED, [covered, region, *_box(region, hues)])
    each = [_steps(one, other, cover) for cover in covers]
    sides = [steps for steps in each if max(steps) >= _STEP and min(steps) <= most * max(steps)]
    if not sides:
        return None
    here, there = max(sides, key=max)
    return here > there


def _is_drawn(plane: Plane, where: Mask) -> bool:
    """Whether an image is a drawing: even areas, in which anything that was added or taken away is one-sided."""
    even = around(plane, np.maximum) - around(plane, np.minimum) <= _EVEN
    return float(even[where].mean()) > _MOSTLY


def _steps(one: Plane, other: Plane, covered: Mask) -> tuple[float, float]:
    """How high the steps are at the edge of what is covered, that only one image has, and that only the other has."""
    edge = _grown(covered) & ~_shrunk(covered)
    if not edge.any():
        return 0.0, 0.0
    first, second = (around(plane, np.maximum) - around(plane, np.minimum) for plane in (one, other))
    sharp = [float(each[~covered].mean()) + _SOFT for each in (first, second)]
    first, second = first * (min(sharp) / sharp[0]), second * (min(sharp) / sharp[1])  # else the sharper has the mark
    return _beyond_noise(first - second, edge), _beyond_noise(second - first, edge)


def _beyond_noise(steps: Plane, edge: Mask) -> float:
    return float(np.maximum(steps - _NOISE, 0)[edge].mean())


def _box(covered: Mask, hues: Mask | None) -> Iterator[Mask]:
    """The rectangle around most of what is covered, where that fills it: the band or sign that it is."""
    down, across = (_most_of(covered.mean(axis=axis)) for axis in (1, 0))
    box = np.zeros(covered.shape, np.bool_)
    box[down, across] = True
    if hues is not None:
        rows, columns = (np.linspace(0, len(hues) - 1, len(each)).round().astype(int) for each in (covered, covered.T))
        covered = covered | hues[np.ix_(rows, columns)]
    if float(box.mean()) >= _LARGE and float(covered[box].mean()) >= _FILLED:
        yield box


def _most_of(shares: NDArray[np.floating]) -> slice:
    """The rows, or columns, from the first to the last that are covered at least half as far as any."""
    places = np.flatnonzero(shares >= shares.max() / 2)
    return slice(int(places[0]), int(places[-1]) + 1)


def _cut(one: Canvas, other: Canvas, side: int) -> tuple[Plane, Plane]:
    """Both at the size of the smaller one, at most so large."""
    small = min(one, other, key=lambda canvas: canvas.width * canvas.height)
    shrink = min(1.0, side / max(small.width, small.height))
    width, height = (max(2 * _BLOCK, round(length * shrink)) for length in (small.width, small.height))
    return one.cut(Window(), width, height), other.cut(Window(), width, height)


def _agree(one: Plane, other: Plane, blocks: Mask) -> bool:
    """Whether blocks that do not differ much are the same, and show enough."""
    first, second = _split(one)[blocks], _split(other)[blocks]
    if float(abs(first - second).mean()) > _CLOSE:
        return False
    spreads = first.std(axis=1), second.std(axis=1)
    busy = np.minimum(*spreads) >= _BUSY
    if busy.sum() < _SHOWN * blocks.size:
        return False
    here, there = (each[busy] - each[busy].mean(axis=1, keepdims=True) for each in (first, second))
    follows = (here * there).mean(axis=1) / (spreads[0][busy] * spreads[1][busy])
    return float(np.median(follows)) >= _FOLLOW


def _split(plane: Plane) -> Plane:
    """The square blocks of a plane, pixel by pixel; what is left at the edges is left out."""
    high, wide = (length // _BLOCK for length in plane.shape)
    cells = plane[: high * _BLOCK, : wide * _BLOCK].reshape(high, _BLOCK, wide, _BLOCK)
    return np.asarray(cells.transpose(0, 2, 1, 3).reshape(high, wide, _BLOCK * _BLOCK))


def _means(plane: Plane, side: int) -> Plane:
    high, wide = (length // side for length in plane.shape)
    return np.asarray(plane[: high * side, : wide * side].reshape(high, side, wide, side).mean(axis=(1, 3)))


def beyond(plane: Plane, other: Plane) -> Plane:
    """Return how far each pixel lies beyond those at its place in another plane, and right beside.

    Args:
        plane: rows of pixels.
        other: as many.
    """
    return np.asarray(np.maximum(plane - around(other, np.maximum), around(other, np.minimum) - plane))


def around(plane: Plane, pick: np.ufunc) -> Plane:
    """Return what is picked of each pixel and those right beside it.

    Args:
        plane: rows of pixels.
        pick: of two, such as the greater one.
    """
    rows = plane.copy()
    rows[1:] = pick(rows[1:], plane[:-1])
    rows[:-1] = pick(rows[:-1], plane[1:])
    both = rows.copy()
    both[:, 1:] = pick(both[:, 1:], rows[:, :-1])
    both[:, :-1] = pick(both[:, :-1], rows[:, 1:])
    return both


def _grown(mask: Mask) -> Mask:
    return np.asarray(around(mask.astype(np.uint8), np.maximum), np.bool_)


def _shrunk(mask: Mask) -> Mask:
    return ~_grown(~mask)


def _closed(mask: Mask, reach: int) -> Mask:
    """Without holes and gaps of so many pixels, where what is covered has the colour of the mark."""
    for change in (_grown, _shrunk):
        for _ in range(reach):
            mask = change(mask)
    return mask
