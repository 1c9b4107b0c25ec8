"""The local check: whether two images that lie upon each other differ in one spot.

A scene compressed twice differs a little everywhere; a changed word, digit or
name differs much in one spot. Before that is asked, both are brought to the
same place within a fraction of a pixel, to one contrast, and to one sharpness.

Figures are of *image-groups* (1,180 pairs of resized, cropped and re-saved
copies, 283 edited ones) and of 206 pictures with planted text of 10 to 40
pixels, its copy at half to full size with one digit, number or word changed,
or with nothing changed, see ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from captionfix.pictures.align import Laid, Placement, centred, lay, refined, spread
from captionfix.pictures.scaling import Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]
    _Places = tuple[NDArray[np.intp], ...]
    _Measure = Callable[[Plane, Plane, _Places, int], Plane]

SIDE = 768
"""Pixels of the longer side at which is compared, at most: at 256 two thirds of changed texts show, at 768 nine
tenths."""
_MIDDLING = 160
"""Pixels of the longer side on the way there."""
_STROKE = 16.0
"""Of 255: how strong a stroke is that only one image has."""
_SPOT = 2.06
"""How far the difference in one spot stands out from that of the whole. Together the two bounds refuse 90 % of changed
texts (56 % of those below 7 pixels of height, 94 % above), keep 91 % of unchanged ones, 99.5 % of resized, cropped and
re-saved copies, and all edited ones."""
_NARROW, _COARSE = 3, 4
"""Pixels of half a patch's side, for strokes and for spots."""
_UNLIKE = 2.0
"""The most by which the pixels of a patch fail to follow each other."""
_MOVES = ((0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5), (0.5, 0.5), (-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5))
"""Pixels down and across by which lines may be off where both sides of an image are scaled to whole pixels."""
_HOPELESS = 6.0
"""A difference that no such move takes away: none of 1,180 true pairs came down from more than 4."""
_STEPS = 3
_LEAP = 2.0
"""Pixels, in one step."""
_BLUR = 0.1
_LIKE = 1.06
"""Quotient of two sharpnesses at which blurring ends."""
_MUCH = 3.0
"""Quotient of two sharpnesses from which the picture is compared at half its size."""
_LEAST = 64
_STEADY = 30.0
"""Variance that compression alone explains, about the constant of structural similarity (Wang et al. 2004)."""


@dataclass(frozen=True, slots=True)
class LocalDifference:
    """What the local check saw.

    Attributes:
        laid: how both lie upon each other.
        difference: mean difference of the grey pixels, of 255.
        contrast: of the fainter one against the other, at most 1.
        sharper: quotient of their sharpnesses, at least 1.
        halved: how often both were halved, since one is much less sharp.
        worst: how far the greatest difference in one spot stands out; above 1 it is none of compression or scaling.
    """

    laid: Laid
    difference: float
    contrast: float
    sharper: float
    halved: int
    worst: float

    @property
    def is_same(self) -> bool:
        """Whether no spot differs more than copies do."""
        return self.worst <= 1


def compare(one: Canvas, other: Canvas, placement: Placement, *, is_placed: bool = False) -> LocalDifference | None:
    """Look for a spot in which two images differ.

    Args:
        one: an image.
        other: another.
        placement: of the second in the first.
        is_placed: whether that is taken as it is, where no fraction of a pixel is to be made up for.

    Returns:
        What was seen; None where they have no part in common.
    """
    laid = lay(one, other, placement, SIDE)
    plain = _plainly(laid) if laid is not None else None
    if plain is not None and plain.is_same:
        return plain
    if not is_placed:
        laid = settled(one, other, placement)
    return _closely(laid) if laid is not None else None


def _plainly(laid: Laid) -> LocalDifference | None:
    """What is seen of both as they lie; None where one is much sharper. It does for most copies, and is quick."""
    first, second, contrast = _levelled(laid.one, laid.other, laid.spreads)
    edges = sharpness(first), sharpness(second)
    if not min(edges) or max(edges) > _MUCH * min(edges):
        return None
    difference, worst = _apart(first, second)
    return LocalDifference(laid, difference, contrast, max(edges) / min(edges), 0, worst)


def _closely(laid: Laid) -> LocalDifference:
    """What is seen of both at one sharpness."""
    first, second, contrast = _levelled(laid.one, laid.other, laid.spreads)
    difference = float(abs(first - second).mean())
    edges = sharpness(first), sharpness(second)
    first, second, halved = _equally_sharp(first, second, edges)
    if halved:
        first, second = centred(first), centred(second)
        first, second, _ = _levelled(first, second, (spread(first), spread(second)))
    sharper = max(edges) / min(edges) if min(edges) else 1.0
    return LocalDifference(laid, difference, contrast, sharper, halved, _apart(first, second)[1])


def settled(one: Canvas, other: Canvas, placement: Placement) -> Laid | None:
    """Return both laid upon each other within a fraction of a pixel; None where they have no part in common.

    Args:
        one: an image.
        other: another.
        placement: about where the second lies in the first.
    """
    middling = refined(one, other, placement, _MIDDLING, 1)
    laid = lay(one, other, middling.placement, SIDE) if middling is not None else None
    if laid is None:
        return None
    for _ in range(_STEPS):
        step = _step(laid)
        if step is None:
            break
        next_ = lay(one, other, laid.placement.moved(step), SIDE)
        if next_ is None or next_.correlation <= laid.correlation:
            break
        laid = next_
    return laid


def _step(laid: Laid) -> NDArray[np.float64] | None:
    """The change of scale and shift along each axis by itself, which is quick; None where it is too small to matter."""
    one, other, _ = _levelled(laid.one, laid.other, laid.spreads)
    height, width = one.shape
    if min(height, width) < 4 * _STEPS:
        return None
    error = one - other
    here, there = laid.windows
    both = one + other  # the mean slope of both leads nearer than that of one (Malis 2004)
    across = (both[:, 2:] - both[:, :-2]) * np.float32(width / 4 / (here.right - here.left))
    down = (both[2:] - both[:-2]) * np.float32(height / 4 / (here.bottom - here.top))
    step = np.concatenate([
        _along(across, error[:, 1:-1], "j", np.linspace(there.left, there.right, 2 * width + 1)[3:-3:2]),
        _along(down, error[1:-1], "i", np.linspace(there.top, there.bottom, 2 * height + 1)[3:-3:2]),
    ])  # fmt: skip
    most = _LEAP / np.array([width, width, height, height])
    step = np.clip(step, -most, most)
    return None if (abs(step) < most / 40).all() else step


def _along(slope: Plane, error: Plane, axis: str, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares for a scale and a shift along one axis."""
    square = np.einsum(f"ij,ij->{axis}", slope, slope).astype(np.float64)
    product = np.einsum(f"ij,ij->{axis}", slope, error).astype(np.float64)
    mixed = (square * places).sum()
    left = np.array([[(square * places * places).sum() * 1.0001, mixed], [mixed, square.sum()]]) + np.eye(2) * 1e-9
    return -np.linalg.solve(left, [(product * places).sum(), product.sum()])


def _levelled(one: Plane, other: Plane, spreads: tuple[float, float]) -> tuple[Plane, Plane, float]:
    """Both at the contrast of the fainter one, and that of the fainter one against the other."""
    if not min(spreads):
        return one, other, 0.0
    share = min(spreads) / max(spreads)
    if spreads[0] > spreads[1]:
        return one * np.float32(share), other, share
    return one, other * np.float32(share), share


def sharpness(image: Plane) -> float:
    """Return how much neighbouring pixels differ: the mean square, across and down."""
    across, down = image[:, 1:] - image[:, :-1], image[1:] - image[:-1]
    return float(np.vdot(across, across) / across.size + np.vdot(down, down) / down.size)


def _equally_sharp(one: Plane, other: Plane, edges: tuple[float, float]) -> tuple[Plane, Plane, int]:
    """Halve both while one is much sharper, then blur the sharper one."""
    halved = 0
    while max(edges) > _MUCH * min(edges) and min(one.shape) >= _LEAST:
        one, other, halved = _half(one), _half(other), halved + 1
        edges = sharpness(one), sharpness(other)
    if edges[0] > edges[1]:
        return _softened(one, *edges), other, halved
    return one, _softened(other, *edges[::-1]), halved


def _softened(image: Plane, edges: float, wanted: float) -> Plane:
    for _ in range(6):
        if edges < _LIKE * wanted:
            break
        blurred = _blurred(image, _BLUR)
        found = sharpness(blurred)
        if found < wanted:
            half = _blurred(image, _BLUR / 2)
            return half if abs(sharpness(half) - wanted) < edges - wanted else image
        image, edges = blurred, found
    return image


def _blurred(image: Plane, share: float) -> Plane:
    side, middle = np.float32(share), np.float32(1 - 2 * share)
    rows = image.copy()
    rows[:, 1:-1] = image[:, 1:-1] * middle + (image[:, 2:] + image[:, :-2]) * side
    both = rows.copy()
    both[1:-1] = rows[1:-1] * middle + (rows[2:] + rows[:-2]) * side
    return both


def _half(image: Plane) -> Plane:
    return _blocks(image, 2)


def _blocks(image: Plane, side: int) -> Plane:
    """The means of square blocks."""
    height, width = (length // side * side for length in image.shape)
    rows = sum((image[start:height:side, :width] for start in range(1, side)), image[0:height:side, :width])
    means = sum((rows[:, start::side] for start in range(1, side)), rows[:, 0::side])
    return np.asarray(means * np.float32(1 / side**2))


def _patches(image: Plane, side: int) -> Plane:
    """The means of square patches of twice the side, at each step of the side."""
    blocks = _blocks(image, side)
    return np.asarray((blocks[1:, 1:] + blocks[:-1, 1:] + blocks[1:, :-1] + blocks[:-1, :-1]) * np.float32(0.25))


def _side(image: Plane, side: int) -> int:
    return side if min(image.shape) >= 4 * side else max(1, min(image.shape) // 6)


def _apart(one: Plane, other: Plane) -> tuple[float, float]:
    """The mean difference of both, and how far the greatest in one spot stands out.

    Only those patches are looked into that may stand out by their difference alone: its variance is that of both less
    twice what they share, the root of a variance, by that and 30, is never more than by twice the root of 30, and
    nothing fails to follow by more than 2.
    """
    apart = abs(one - other)
    narrow, coarse = _side(one, _NARROW), _side(one, _COARSE)
    most = _patches(apart * apart, narrow) * np.float32(0.5 / (_STEADY**0.5 * _STROKE))
    strokes = _standing_out(one, other, most, narrow, _strokes)
    patches = _patches(apart, coarse)
    spots = _standing_out(one, other, patches * np.float32(_UNLIKE / _usual(patches)), coarse, _spots)
    return float(apart.mean()), max(strokes, spots)


def _standing_out(one: Plane, other: Plane, most: Plane, side: int, measure: _Measure) -> float:
    """The greatest difference in one spot that does not go when the images are moved a little against each other.

    Scaling to whole pixels moves thin lines by a fraction of one; a digit that
    was changed is another one wherever it stands.

    Args:
        one: pixels of an image.
        other: as many of another.
        most: what it can come to at most, patch by patch.
        side: half of a patch's side.
        measure: what it comes to in the patches at some places.
    """
    places = np.nonzero(most > 1)
    if not len(places[0]):
        return float(most.max())
    values = measure(one, other, places, side)
    if values.max() <= _HOPELESS:
        for move in _MOVES:
            left = np.nonzero(values > 1)[0]
            if not len(left):
                break
            there = tuple(place[left] for place in places)
            values[left] = np.minimum(values[left], measure(one, _moved(other, *move), there, side))
    return float(values.max())


def _pixels_of(image: Plane, places: _Places, side: int) -> Plane:
    """The pixels of some patches, one patch a row."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (2 * side, 2 * side))
    return np.asarray(windows[places[0] * side, places[1] * side].reshape(len(places[0]), -1))


def _strokes(one: Plane, other: Plane, places: _Places, side: int) -> Plane:
    """How far one has strokes that the other has not."""
    unlike, variance = _structure(_pixels_of(one, places, side), _pixels_of(other, places, side))
    return np.asarray(unlike * np.sqrt(variance) / np.float32(_STROKE))


def _spots(one: Plane, other: Plane, places: _Places, side: int) -> Plane:
    """How far both differ more than they do elsewhere, as they lie: a move changes what they differ by there too."""
    unlike, _ = _structure(_pixels_of(one, places, side), _pixels_of(other, places, side))
    patches = _patches(abs(one - other), side)
    return np.asarray(unlike * patches[places] / np.float32(_usual(patches)))


def _usual(patches: Plane) -> float:
    """How much a spot may differ that does not stand out, by the difference in the middle of all."""
    return (float(np.median(patches)) + 2) * _SPOT


def _structure(one: Plane, other: Plane) -> tuple[Plane, Plane]:
    """How far the pixels of each patch fail to follow each other, 0 to 2, and the greater variance in it."""
    one, other = one - one.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    variances, steady = ((one * one).mean(axis=1), (other * other).mean(axis=1)), np.float32(_STEADY)
    unlike = 1 - (2 * (one * other).mean(axis=1) + steady) / (variances[0] + variances[1] + steady)
    return np.asarray(unlike, np.float32), np.asarray(np.maximum(*variances), np.float32)


def _moved(image: Plane, down: float, across: float) -> Plane:
    for share, axis in ((down, 0), (across, 1)):
        if share:
            other = np.roll(image, 1 if share > 0 else -1, axis)
            image = image * np.float32(1 - abs(share)) + other * np.float32(abs(share))
    return image
