"""Whether the colours of two images that lie upon each other are a copy's, others in one spot, or others throughout.

Figures are of *image-groups* and of planted changes of colour, see ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from captionfix.pictures.align import Laid
from captionfix.pictures.comparable import NEUTRAL, ComparableImage
from captionfix.pictures.fingerprint import CHROMA
from captionfix.pictures.marks import beyond
from captionfix.pictures.relations import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_COLOUR = 20.0
"""Largest mean difference of a colour plane in a sixteenth of the image (picture-matching study)."""
_OTHER_COLOUR = 45.0
"""Difference of the colours in one spot that no copy has: crops of image-groups, blurred at their edges, come to 37."""
_SPOT_OF_COLOUR = 21.0
"""The same for copies that show all of a picture: 138 resized ones of image-groups stay below 20.8, planted changes of
hue that keep the greys (a lamp, a bar, a state of a map, a stripe of a shoe) come to 57 and more."""
_FAINT, _SHARE_OF_COLOUR = 5.0, 0.5
"""The same where colours are in thin lines and letters, which fill little of a spot: what compression explains, and a
share of the strongest colour. The copies come to 0.46 of it, lines and numbers in other colours to 0.53 and more."""
_STEP, _VARIED = 8.0, 10
"""Of the colour planes; and colours that an image must have at least for others to be told: of fewer, as in charts
and signs, sums make any others."""
_LEFT_OVER = 10.0
"""How far the colours of a region may be from what sums make of them: of 91 copies of 24 painted scenes that are toned,
warmer, paler or more vivid the most is 7.5."""
_UNEXPLAINED = 0.1
"""Share of the change that sums may leave over: in these 0.03 at most; where one thing has another colour, of a
hundredth to a quarter of the area, 0.22 and more."""
_HUE = 8.0
"""Between the colours of one place that are others: ways of compression change those of even places by less."""
_MIXED = 0.2
"""Of a side that is left out at most at an edge within an image."""
_FAR = 2
GREY = 2.0
"""Mean colour below which an image is grey, and colours are not compared."""


@dataclass(frozen=True, slots=True)
class Hue:
    """How far the colours of two images differ: in a region, in a spot beyond all right beside it; the strongest."""

    region: float = 0.0
    spot: float = 0.0
    strongest: float = 0.0

    @property
    def is_copys(self) -> bool:
        """Whether the colours of a copy that shows all of a picture may differ so."""
        return self.spot <= max(_FAINT, min(_SPOT_OF_COLOUR, _SHARE_OF_COLOUR * self.strongest))


def other_colours(one: ComparableImage, other: ComparableImage, hue: Hue) -> str:
    """Return why the colours of two images are not those of one picture; empty where they may be.

    Args:
        one: an image.
        other: another.
        hue: how far their colours differ.
    """
    told = "their colours differ" if hue.region > _COLOUR else ""
    if not told and hue.spot > _OTHER_COLOUR:
        told = "their colours differ in one spot"
    return told if told and min(one.colour, other.colour) >= GREY else ""


def hue_of(one: ComparableImage, other: ComparableImage, laid: Laid) -> Hue:
    """Return how far the colours of two images differ.

    Args:
        one: an image.
        other: another.
        laid: how they lie upon each other.
    """
    if not (one.fingerprint.chroma and other.fingerprint.chroma):
        return Hue()
    planes = list(_colours(one, other, laid))
    most = max(float(abs(first - second).max()) for first, second in planes)
    if most <= _FAINT:
        return Hue(most, most)
    outside = (beyond(*pair) for first, second in planes for pair in ((first, second), (second, first)))
    return Hue(
        max(float(abs(_regions(first) - _regions(second)).max()) for first, second in planes),
        max(float(each.max()) for each in outside),
        max(float(abs(each).max()) for pair in planes for each in pair),
    )


def is_recoloured(one: ComparableImage, other: ComparableImage, laid: Laid) -> bool:
    """Return whether one image has other colours throughout, by one rule: toned, tinted, more or less vivid.

    That is so where the colours of one follow from its own greys and the other's colours, or the other way round,
    by sums alone (least squares); where another thing has its own colour, no sum makes that of all its likes.

    Args:
        one: an image.
        other: another.
        laid: how they lie upon each other.
    """
    if not (one.fingerprint.chroma and other.fingerprint.chroma):
        return False
    planes = np.array(list(_colours(one, other, laid)))
    greys = [
        canvas.cut(window, CHROMA, CHROMA)
        for canvas, window in zip((one.canvas, other.canvas), laid.windows, strict=True)
    ]
    if max(_variety(planes[:, place]) for place in (0, 1)) < _VARIED:
        return False
    return any(_follows(planes[:, here], greys[here], planes[:, 1 - here]) for here in (0, 1))


def other_hues(one: ComparableImage, other: ComparableImage) -> Mask | None:
    """Return where the colours of two images of one shape differ, 32 x 32; None where they have none.

    Args:
        one: an image.
        other: another.
    """
    if not (one.fingerprint.chroma and other.fingerprint.chroma):
        return None
    whole = Window()
    apart = [
        abs(here.cut(whole, CHROMA, CHROMA) - there.cut(whole, CHROMA, CHROMA))
        for here, there in zip(one.colours, other.colours, strict=True)
    ]
    return np.asarray(np.maximum(*apart) > _HUE)


def _variety(planes: Plane) -> int:
    """How many colours there are, each in a hundredth of the image or more."""
    places = np.floor(planes / _STEP).astype(np.intp).reshape(2, -1)
    _, counts = np.unique(places, axis=1, return_counts=True)
    return int((counts >= planes[0].size // 100).sum())


def _follows(planes: Plane, grey: Plane, wanted: Plane) -> bool:
    """Whether two colour planes follow from two others and the greys, in each region, which explains the change."""
    given = np.stack([planes[0], planes[1], grey - grey.mean(), np.ones_like(grey)]).reshape(4, -1).astype(np.float64)
    sums, *_ = np.linalg.lstsq(given.T, wanted.reshape(2, -1).T, rcond=None)
    left = np.asarray((sums.T @ given).reshape(wanted.shape), np.float32) - wanted
    if float((left * left).mean()) > _UNEXPLAINED * float(((wanted - planes) ** 2).mean()):
        return False
    return max(float(abs(_regions(each)).max()) for each in left) <= _LEFT_OVER


def _colours(one: ComparableImage, other: ComparableImage, laid: Laid) -> Iterator[tuple[Plane, Plane]]:
    """The colour planes of what both show, a faded copy's, which are as faint as its greys, at the other's strength.

    Cut at their own size, so that windows which differ by a hair are smoothed alike.
    """
    shares = [np.float32(min(laid.spreads) / spread) for spread in laid.spreads]
    windows = _within(*laid.windows)
    for here, there in zip(one.colours, other.colours, strict=True):
        first, second = (
            (canvas.cut(window, CHROMA, CHROMA) - NEUTRAL) * share
            for canvas, window, share in zip((here, there), windows, shares, strict=True)
        )
        yield first, second


def _within(one: Window, other: Window) -> tuple[Window, Window]:
    """Two windows without the pixels of a colour plane at their edges that what lies beside is mixed with."""
    shares = []
    for side in range(4):
        inside = (window.sides[side] if side < _FAR else 1 - window.sides[side] for window in (one, other))
        lengths = (window.sides[side % 2 + 2] - window.sides[side % 2] for window in (one, other))
        mixed = [1 / (CHROMA * length) for edge, length in zip(inside, lengths, strict=True) if edge > 1 / CHROMA]
        shares.append(min(_MIXED, max(mixed, default=0.0)))
    left, top, right, bottom = shares
    first, second = (
        Window(
            window.left + left * (window.right - window.left),
            window.top + top * (window.bottom - window.top),
            window.right - right * (window.right - window.left),
            window.bottom - bottom * (window.bottom - window.top),
        )
        for window in (one, other)
    )
    return first, second


def _regions(plane: Plane) -> Plane:
    """The means of a colour plane in sixteen regions."""
    return np.asarray(plane.reshape(4, CHROMA // 4, 4, CHROMA // 4).mean(axis=(1, 3)))
