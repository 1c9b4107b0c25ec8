"""Whether two images show the same picture, verified on pixels, and how they are related.

A guess says where one may lie in the other. Both are laid upon each other
there; they are one picture only if they follow each other closely, in enough
detail, in the same colours, and differ in no spot more than copies do.

Figures are of *image-groups* and of the *picture-matching study*, see
ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from captionfix.lazy import cached_property
from captionfix.model import Evidence, Safety
from captionfix.pictures import spots
from captionfix.pictures.align import Laid, align
from captionfix.pictures.candidates import Guess
from captionfix.pictures.decode import Canvas, Shades, decode
from captionfix.pictures.fingerprint import CHROMA, THUMB, TINY, Fingerprint, plane
from captionfix.pictures.kin import Kin, Likeness, Window
from captionfix.pictures.views import content

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_CORRELATION = 0.93
"""Of the grey pixels: 1,433 of 1,435 true pairs reach 0.95, of pairs alike by chance none more than 0.7."""
_SURE = 0.97
"""The same, where one is tiny (picture-matching study)."""
SHARED = 0.2
"""Of either image, that both show (picture-matching study)."""
_TINY_SHARED = 0.97
"""The same, where one is tiny: of these no crop is told (picture-matching study)."""
_LEAST = 16
"""Pixels of the shorter side below which only equal pixels count (picture-matching study)."""
_DETAIL = 7.0
"""Standard deviation of what both show, below which anything is alike (picture-matching study)."""
_CONTRAST = 0.22
"""Of the fainter one against the other: a copy faded to a quarter (picture-matching study)."""
_FADED = 0.85
"""The same, below which it is told as edited: re-saving keeps .95 and more."""
_SOFT = 2.0
"""Quotient of two sharpnesses from which one of two images of a size is blurred: of resized and cropped copies .98 stay
below 1.75; ways of scaling differ more where there is much noise."""
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
_NEUTRAL = 128
_GREY = 2.0
"""Mean colour below which an image is grey, and colours are not compared."""
_WHOLE = 0.015
_ROUNDED = 1.5
"""How much of a side may be left out of an image that is taken for whole: a share of it, or pixels of the smaller
image, which scaling rounds and aligning finds to a fraction."""
_RATIO = 1.05
"""Quotient of two aspect ratios that rounding of small sizes explains (image-hashing study)."""
_EDGE = 0.03
"""Of a side: how near a frame's inner edge is to that of what both show."""
_EQUAL = 0.5
"""Mean difference below which it is worth asking whether all pixels are equal."""
_LINE = 0.02
"""Of the area that may be clear in one image only, as edges are after scaling."""
_CLEAR = 128
_ALPHA = 64
"""Pixels a side at which transparency is compared, at most."""
_ALL = Window()
_LARGER, _MUCH_LARGER = 1.25, 2.2
"""Quotients of two sides between which it is asked whether the larger image was enlarged from the smaller one: beyond,
the smaller is a thumbnail, and nobody wants it kept, however soft the larger one is."""
_SHARPER = 1.7
"""Quotient of two sharpnesses: of 630 images enlarged by three filters 98 % stay below it, of 144 larger copies in
image-groups the upper three quarters are above 2.4, and the others are blurred pictures, which have no detail at half
their size either."""
_PARTS = (Kin.CROP, Kin.FRAMED)
_SAFE = (Kin.RECOMPRESSED, Kin.RESIZED, Kin.FORMAT)


@dataclass
class Sight:
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

    @cached_property
    def mirrored(self) -> Canvas:
        """Its thumbnail in a mirror."""
        return Canvas(np.ascontiguousarray(plane(self.fingerprint)[:, ::-1]))

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
        return float(abs(np.frombuffer(self.fingerprint.chroma, np.uint8).astype(np.float32) - _NEUTRAL).mean())

    @cached_property
    def opacity(self) -> Canvas | None:
        """How opaque it is, where it is not everywhere."""
        if not self.fingerprint.alpha:
            return None
        return Canvas(np.frombuffer(self.fingerprint.alpha, np.uint8).reshape(self.fingerprint.size[::-1]))


def verify(one: Sight, other: Sight, guesses: Iterable[Guess]) -> Likeness:
    """Return whether two images show the same picture, and how they are related.

    Args:
        one: an image.
        other: another.
        guesses: where the second may lie in the first, the likeliest first.

    Raises:
        PictureError: one is asked for more of its pixels, and they cannot be had any more.
    """
    first, second = one.fingerprint, other.fingerprint
    if first.content == second.content:
        return Likeness(Kin.IDENTICAL, Safety.SAFE, (Evidence("bytes", "the same bytes"),), 0, difference=0.0)
    if first.pixels == second.pixels != b"":
        return _identical()
    if not (first.grey and second.grey) or min(first.detail, second.detail) < 1:
        return _unlike(Evidence("pixels", "too little to be seen to tell it from others"))
    best: tuple[Guess, Laid] | None = None
    for guess in guesses:
        laid = align(one.canvas, other.mirrored if guess.mirrored else other.canvas, guess.placement)
        if laid is not None and (best is None or laid.correlation > best[1].correlation):
            best = guess, laid
            if laid.correlation >= _SURE:
                break
    if best is None:
        return _unlike(Evidence("pixels", "no part of one lies upon the other"))
    return _judged(one, other, *best)


def _identical() -> Likeness:
    return Likeness(Kin.IDENTICAL, Safety.SAFE, (Evidence("pixels", "identical pixels"),), 0, difference=0.0)


def _unlike(*evidence: Evidence) -> Likeness:
    return Likeness(None, Safety.SHOW, evidence)


def _judged(one: Sight, other: Sight, guess: Guess, laid: Laid) -> Likeness:
    evidence = [Evidence("pixels", "bits of the hashes that differ, of 64", guess.distance)]
    evidence.append(Evidence("pixels", "correlation of the aligned pixels", round(laid.correlation, 3)))
    reason = _why_not(one, other, laid)
    hue = _Hue() if reason or guess.mirrored else _hue(one, other, laid)
    reason = reason or _other_colours(one, other, hue)
    if reason:
        return _unlike(*evidence, Evidence("pixels", reason))
    if guess.mirrored:
        return Likeness(Kin.MIRRORED, Safety.REVIEW, tuple(evidence), guess.distance, _flipped(laid.windows))
    seen = spots.compare(one.sharp, other.sharp, laid.placement)
    if seen is None or seen.contrast < _CONTRAST:
        return _unlike(*evidence, Evidence("pixels", "one is much fainter than the other"))
    evidence += _told(seen)
    if not seen.is_same:
        unlike = _unlike(*evidence, Evidence("pixels", "they differ in one spot"))
        return replace(unlike, spot=round(seen.worst, 3), difference=round(seen.difference, 2))
    if seen.difference < _EQUAL and _has_equal_pixels(one, other):
        return _identical()
    kin = _kin(one, other, seen)
    is_safe = kin in _SAFE and one.is_seen and other.is_seen and _is_opaque_alike(one, other) and hue.is_copys
    if not hue.is_copys:
        evidence.append(Evidence("pixels", "greatest difference of the colours in one spot", round(hue.spot, 1)))
    safety = Safety.SAFE if is_safe else Safety.REVIEW
    is_enlarged = kin is Kin.RESIZED and _is_enlarged(one, other)
    if is_enlarged:
        evidence.append(Evidence("pixels", "the larger one holds no more detail"))
    figures = round(seen.worst, 3), round(seen.difference, 2)
    windows = seen.laid.windows if kin in _PARTS else (_ALL, _ALL)
    return Likeness(kin, safety, tuple(evidence), guess.distance, windows, is_enlarged, *figures)


def _is_enlarged(one: Sight, other: Sight) -> bool:
    """Whether the larger image is no sharper than the smaller one scaled to its size, which has detail to lose."""
    small, large = sorted((one.sharp, other.sharp), key=lambda canvas: canvas.width)
    if not _LARGER <= large.width / small.width <= _MUCH_LARGER:
        return False  # also where both were scaled down to be looked at
    half = Canvas(np.rint(small.cut(_ALL, small.width // 2, small.height // 2)).astype(np.uint8))
    return _is_sharper(small, half) and not _is_sharper(large, small)


def _is_sharper(large: Canvas, small: Canvas) -> bool:
    planes = [canvas.cut(_ALL, large.width, large.height) for canvas in (small, large)]
    return spots.sharpness(planes[1]) > _SHARPER * spots.sharpness(planes[0])


def _told(seen: spots.Compared) -> Iterator[Evidence]:
    yield Evidence("pixels", "mean difference of 255", round(seen.difference, 2))
    yield Evidence("pixels", "greatest difference in one spot, of 1", round(seen.worst, 2))
    yield Evidence("pixels", "least share of an image that both show", round(min(map(_share, seen.laid.windows)), 3))


def _why_not(one: Sight, other: Sight, laid: Laid) -> str:
    """Why two images that lie upon each other are not the same picture, by what their thumbnails show."""
    shares = [window.share for window in laid.windows]
    side = min(one.fingerprint.width, one.fingerprint.height, other.fingerprint.width, other.fingerprint.height)
    if side < _LEAST:
        return "too few pixels to tell it from others"
    is_tiny = side < TINY
    if laid.correlation < (_SURE if is_tiny else _CORRELATION):
        return "they do not follow each other closely enough"
    if min(shares) < (_TINY_SHARED if is_tiny else SHARED):
        return "they have too small a part in common"
    if max(laid.spreads) < _DETAIL:
        return "too little is to be seen in the part that they have in common"
    return ""


@dataclass(frozen=True, slots=True)
class _Hue:
    """How far the colours of two images differ: in a region, in a spot beyond all right beside it; the strongest."""

    region: float = 0.0
    spot: float = 0.0
    strongest: float = 0.0

    @property
    def is_copys(self) -> bool:
        """Whether the colours of a copy that shows all of a picture may differ so."""
        return self.spot <= max(_FAINT, min(_SPOT_OF_COLOUR, _SHARE_OF_COLOUR * self.strongest))


def _other_colours(one: Sight, other: Sight, hue: _Hue) -> str:
    told = "their colours differ" if hue.region > _COLOUR else ""
    if not told and hue.spot > _OTHER_COLOUR:
        told = "their colours differ in one spot"
    return told if told and min(one.colour, other.colour) >= _GREY else ""


def _hue(one: Sight, other: Sight, laid: Laid) -> _Hue:
    if not (one.fingerprint.chroma and other.fingerprint.chroma):
        return _Hue()
    planes = list(_colours(one, other, laid))
    beyond = (_beyond(*pair) for first, second in planes for pair in ((first, second), (second, first)))
    return _Hue(
        max(float(abs(_regions(first) - _regions(second)).max()) for first, second in planes),
        max(float(each.max()) for each in beyond),
        max(float(abs(each).max()) for pair in planes for each in pair),
    )


def _colours(one: Sight, other: Sight, laid: Laid) -> Iterator[tuple[Plane, Plane]]:
    """The colour planes of what both show, a faded copy's, which are as faint as its greys, at the other's strength.

    Cut at their own size, so that windows which differ by a hair are smoothed alike.
    """
    shares = [np.float32(min(laid.spreads) / spread) for spread in laid.spreads]
    for here, there in zip(one.colours, other.colours, strict=True):
        first, second = (
            (canvas.cut(window, CHROMA, CHROMA) - _NEUTRAL) * share
            for canvas, window, share in zip((here, there), laid.windows, shares, strict=True)
        )
        yield first, second


def _regions(plane: Plane) -> Plane:
    """The means of a colour plane in sixteen regions."""
    return np.asarray(plane.reshape(4, CHROMA // 4, 4, CHROMA // 4).mean(axis=(1, 3)))


def _beyond(plane: Plane, other: Plane) -> Plane:
    """How far each pixel lies beyond those at its place in another plane, and right beside."""
    return np.asarray(np.maximum(plane - _around(other, np.maximum), _around(other, np.minimum) - plane))


def _around(plane: Plane, pick: np.ufunc) -> Plane:
    """What is picked of each pixel and those right beside it."""
    rows = plane.copy()
    rows[1:] = pick(rows[1:], plane[:-1])
    rows[:-1] = pick(rows[:-1], plane[1:])
    both = rows.copy()
    both[:, 1:] = pick(both[:, 1:], rows[:, :-1])
    both[:, :-1] = pick(both[:, :-1], rows[:, 1:])
    return both


def _is_opaque_alike(one: Sight, other: Sight) -> bool:
    """Whether both are opaque in the same places: white on a transparent ground is not seen on white."""
    if one.opacity is None and other.opacity is None:
        return True
    if one.opacity is None or other.opacity is None or one.fingerprint.ground != other.fingerprint.ground:
        return False
    side = min(one.opacity.width, one.opacity.height, other.opacity.width, other.opacity.height, _ALPHA)
    first, second = one.opacity.cut(Window(), side, side), other.opacity.cut(Window(), side, side)
    return float((abs(first - second) > _CLEAR).mean()) <= _LINE


def _has_equal_pixels(one: Sight, other: Sight) -> bool:
    first, second = one.fingerprint, other.fingerprint
    if (first.width, first.height) != (second.width, second.height):
        return False
    if not ((first.pixels or one.digest) and (second.pixels or other.digest)):
        return False
    digests = [sight.fingerprint.pixels or (sight.digest() if sight.digest else b"") for sight in (one, other)]
    return digests[0] == digests[1] != b""


def _kin(one: Sight, other: Sight, seen: spots.Compared) -> Kin:
    first, second = one.fingerprint, other.fingerprint
    if not _are_whole(one, other, seen.laid.windows):
        return Kin.FRAMED if _is_framed(one, other, seen.laid) else Kin.CROP
    ratio = first.width * second.height / (first.height * second.width)
    was_grey = (one.colour < _GREY) != (other.colour < _GREY)
    is_one_size = (first.width, first.height) == (second.width, second.height)
    is_soft = seen.halved > 1 or (is_one_size and seen.sharper > _SOFT and not _may_be_dithered(first, second))
    if max(ratio, 1 / ratio) > _RATIO or seen.contrast < _FADED or is_soft or was_grey:
        return Kin.EDITED
    if not is_one_size:
        return Kin.RESIZED
    return Kin.RECOMPRESSED if first.format == second.format else Kin.FORMAT


def _may_be_dithered(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether one may look sharper since it has few colours: patterns of dots go when it is halved."""
    return one.format != other.format and ("GIF" in (one.format, other.format) or "PNG" in (one.format, other.format))


def _are_whole(one: Sight, other: Sight, windows: tuple[Window, Window]) -> bool:
    """Whether two windows show all of both images, but for what rounding explains."""
    first, second = one.fingerprint, other.fingerprint
    wide = max(_WHOLE, _ROUNDED / min(first.width, second.width))
    high = max(_WHOLE, _ROUNDED / min(first.height, second.height))
    return all(window.right - window.left >= 1 - wide and window.bottom - window.top >= 1 - high for window in windows)


def _share(window: Window) -> float:
    return window.share


def _is_framed(one: Sight, other: Sight, laid: Laid) -> bool:
    """Whether what one leaves out is only a frame around the other."""
    return any(
        sight.content.share < 1 and _is_near(sight.content, window)
        for sight, window in zip((one, other), laid.windows, strict=True)
    )


def _is_near(one: Window, other: Window) -> bool:
    edges = ((one.left, other.left), (one.top, other.top), (one.right, other.right), (one.bottom, other.bottom))
    return all(abs(here - there) <= _EDGE for here, there in edges)


def _flipped(windows: tuple[Window, Window]) -> tuple[Window, Window]:
    there = windows[1]
    return windows[0], Window(1 - there.right, there.top, 1 - there.left, there.bottom)


def sharper_of(data: bytes) -> Shades:
    """Return the grey pixels of an image in as much detail as is compared.

    Args:
        data: the file.

    Raises:
        PictureError: it cannot be decoded.
    """
    return np.asarray(decode(data, side=spots.SIDE, grey=True).grey)
