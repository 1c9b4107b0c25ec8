"""How two images lie upon each other: which part of one shows what which part of the other does.

Both are taken to be cut from one picture, and scaled: two scales and two
shifts, found by least squares on the grey pixels (Lucas and Kanade 1981),
from a first guess and from coarse to fine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from captionfix.pictures.relations import Window
from captionfix.pictures.scaling import Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_COARSE, FINE = 32, 64
"""Pixels of the longer side at which images are laid upon each other."""
_FURTHEST = 0.08
"""Of a side, in one step: where the slope of the grey pixels is of little use any more, as in the study's search."""
_HOPELESS = 0.6
"""Correlation at 32 pixels a side below which no finer look follows: of 1,435 true pairs of image-groups none was below
0.9 at the end, of 175 other pairs with like hashes all but four below 0.7."""
_CLOSE = 0.97
"""Correlation at 64 pixels a side from which a guess is near enough to go on at that size; it saves time only."""
_NARROW = 0.05
_STILL = 1e-4
_PIECE = 4096
"""Pixels at once: OpenBLAS takes threads from 262,144 multiplications on, and 36 of them are made of each pixel."""
_FEWEST = 4
"""Pixels a side at which there is nothing to align any more."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point of the second image lies in the first: scale times place, plus shift, in shares of the sides."""

    wide: float = 1.0
    left: float = 0.0
    high: float = 1.0
    top: float = 0.0

    @classmethod
    def between(cls, one: Window, other: Window) -> Placement:
        """Return the placement by which two windows show the same.

        >>> Placement.between(Window(0.0, 0.0, 0.5, 1.0), Window())
        Placement(wide=0.5, left=0.0, high=1.0, top=0.0)
        """
        wide = (one.right - one.left) / (other.right - other.left)
        high = (one.bottom - one.top) / (other.bottom - other.top)
        return cls(wide, one.left - wide * other.left, high, one.top - high * other.top)

    def after(self, other: Placement) -> Placement:
        """Return the placement of a third image in the first, by that of the third in the second."""
        return Placement(
            self.wide * other.wide,
            self.wide * other.left + self.left,
            self.high * other.high,
            self.high * other.top + self.top,
        )

    @property
    def turned(self) -> Placement:
        """The placement of the first image in the second.

        >>> Placement(0.5, 0.25, 1.0, 0.0).turned
        Placement(wide=2.0, left=-0.5, high=1.0, top=-0.0)
        """
        return Placement(1 / self.wide, -self.left / self.wide, 1 / self.high, -self.top / self.high)

    def moved(self, step: NDArray[np.float64]) -> Placement:
        """Return it changed by a step of its four numbers."""
        wide, left, high, top = (float(each) for each in step)
        return Placement(self.wide + wide, self.left + left, self.high + high, self.top + top)

    def windows(self) -> tuple[Window, Window] | None:
        """Return the part of either image that both show; None where that is hardly anything.

        >>> Placement(wide=2.0, left=-0.5).windows()
        (Window(left=0.0, top=0.0, right=1.0, bottom=1.0), Window(left=0.25, top=0.0, right=0.75, bottom=1.0))
        """
        if self.wide < _NARROW or self.high < _NARROW:
            return None
        left, right = max(0.0, -self.left / self.wide), min(1.0, (1 - self.left) / self.wide)
        top, bottom = max(0.0, -self.top / self.high), min(1.0, (1 - self.top) / self.high)
        if right - left < _NARROW or bottom - top < _NARROW:
            return None
        other = Window(left, top, right, bottom)
        one = Window(
            max(0.0, self.wide * left + self.left),
            max(0.0, self.high * top + self.top),
            min(1.0, self.wide * right + self.left),
            min(1.0, self.high * bottom + self.top),
        )
        return (one, other) if one.right - one.left >= _NARROW and one.bottom - one.top >= _NARROW else None


@dataclass(frozen=True, slots=True)
class Laid:
    """Two images laid upon each other.

    Attributes:
        placement: of the second in the first.
        windows: the part of either that both show.
        one: the grey pixels of that part of the first, less their mean.
        other: those of the second, at the same size, likewise.
        spreads: standard deviations of both.
        correlation: of both, at most 1; 0 where one of them is even.
    """

    placement: Placement
    windows: tuple[Window, Window]
    one: Plane
    other: Plane
    spreads: tuple[float, float]
    correlation: float


def align(one: Canvas, other: Canvas, guess: Placement) -> Laid | None:
    """Lay one image upon another.

    Args:
        one: an image.
        other: another.
        guess: about where the second lies in the first: some eight percent of a side are made up for.

    Returns:
        How they lie best; None if they have no part in common, or nothing near the guess fits.
    """
    laid = lay(one, other, guess, FINE)
    if laid is not None and laid.correlation >= _CLOSE:
        return refined(one, other, guess, FINE, 3)
    coarse = refined(one, other, guess, _COARSE, 4)
    if coarse is None or coarse.correlation < _HOPELESS:
        return None
    return refined(one, other, coarse.placement, FINE, 3)


def lay(one: Canvas, other: Canvas, placement: Placement, side: int) -> Laid | None:
    """Cut what both images show out of each, at the size of the coarser one.

    Args:
        one: an image.
        other: another.
        placement: of the second in the first.
        side: pixels of the longer side, at most.
    """
    windows = placement.windows()
    if windows is None:
        return None
    width, height = _pixels(one, other, windows, side)
    first, second = centred(one.cut(windows[0], width, height)), centred(other.cut(windows[1], width, height))
    spreads = spread(first), spread(second)
    scale = spreads[0] * spreads[1] * first.size
    correlation = float(np.vdot(first, second)) / scale if scale else 0.0
    return Laid(placement, windows, first, second, spreads, correlation)


def centred(plane: Plane) -> Plane:
    """Return a plane less its mean."""
    return np.asarray(plane - plane.mean())


def spread(plane: Plane) -> float:
    """Return the standard deviation of a plane whose mean is 0."""
    return float(np.sqrt(float(np.vdot(plane, plane)) / plane.size))


def _pixels(one: Canvas, other: Canvas, windows: tuple[Window, Window], side: int) -> tuple[int, int]:
    wide = min((part.right - part.left) * canvas.width for canvas, part in zip((one, other), windows, strict=True))
    high = min((part.bottom - part.top) * canvas.height for canvas, part in zip((one, other), windows, strict=True))
    shrink = min(1.0, side / max(wide, high))
    return max(_FEWEST, round(wide * shrink)), max(_FEWEST, round(high * shrink))


def refined(one: Canvas, other: Canvas, placement: Placement, side: int, steps: int) -> Laid | None:
    """Return the best of some steps downhill.

    Args:
        one: an image.
        other: another.
        placement: where to begin.
        side: pixels of the longer side, at most.
        steps: at most.
    """
    best: Laid | None = None
    for left in range(steps, -1, -1):
        laid = lay(one, other, placement, side)
        if laid is None:
            break
        gained = laid.correlation - best.correlation if best is not None else 1.0
        if gained > 0:
            best = laid
        if not left or gained < _STILL:
            break
        step = _step(laid)
        if step is None:
            break
        placement = placement.moved(step)
    return best


def _step(laid: Laid) -> NDArray[np.float64] | None:
    """The change of scales and shifts that brings both nearest, contrast and brightness being free."""
    one, other = laid.windows
    height, width = laid.one.shape
    slopes = np.empty((6, height, width), np.float32)
    across, down = slopes[1], slopes[3]
    _slope(laid.one, across)
    _slope(laid.one.T, down.T)
    across *= np.float32(width / (one.right - one.left))
    down *= np.float32(height / (one.bottom - one.top))
    np.multiply(across, _centres(other.left, other.right, width), out=slopes[0])
    np.multiply(down, _centres(other.top, other.bottom, height)[:, None], out=slopes[2])
    np.negative(laid.other, out=slopes[4])
    slopes[5] = 1
    products, targets = _products(slopes.reshape(6, -1), laid.one.ravel())
    products[range(4), range(4)] *= 1.001
    try:
        found = np.linalg.solve(products, -targets)
    except np.linalg.LinAlgError:
        return None
    return np.clip(found[:4], -_FURTHEST, _FURTHEST)


def _slope(plane: Plane, out: Plane) -> None:
    """How much the pixels change along each row: the middle difference, at the ends the one there is."""
    np.subtract(plane[:, 2:], plane[:, :-2], out=out[:, 1:-1])
    out[:, 1:-1] *= np.float32(0.5)
    out[:, 0] = plane[:, 1] - plane[:, 0]
    out[:, -1] = plane[:, -1] - plane[:, -2]


def _products(rows: Plane, target: Plane) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The products of all rows with one another, and with another row.

    Piece by piece: linear algebra libraries spread larger products over threads, which wait in busy loops.
    """
    products, targets = np.zeros((len(rows), len(rows))), np.zeros(len(rows))
    for start in range(0, rows.shape[1], _PIECE):
        piece = rows[:, start : start + _PIECE]
        products += piece @ piece.T
        targets += piece @ target[start : start + _PIECE]
    return products, targets


def _centres(start: float, end: float, count: int) -> Plane:
    return np.linspace(start, end, 2 * count + 1, dtype=np.float32)[1::2]
