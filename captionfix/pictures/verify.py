"""Whether two images show the same picture, verified on pixels, and how they are related.

A guess says where one may lie in the other. Both are laid upon each other
there; they are one picture only if they follow each other closely, in enough
detail, in the same colours, and differ in no spot more than copies do.

Figures are of *image-groups* and of the *picture-matching study*, see
ARCHITECTURE.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from captionfix.model import Evidence, Safety
from captionfix.pictures import local_difference
from captionfix.pictures.align import FINE, Laid, Placement, align, lay
from captionfix.pictures.candidates import Guess
from captionfix.pictures.colours import GREY, Hue, hue_of, is_recoloured, other_colours, other_hues
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.damage import share_of_bytes
from captionfix.pictures.damaged import cut_off, damaged_bytes, goes_wrong
from captionfix.pictures.fingerprint import TINY, Fingerprint
from captionfix.pictures.marks import mark, may_be_marked
from captionfix.pictures.motion import KEPT, moves_alike
from captionfix.pictures.poses import STRAIGHT, Pose
from captionfix.pictures.relations import ImageRelation, Likeness, Window
from captionfix.pictures.scaling import Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]

_CORRELATION = 0.93
"""Of the grey pixels: 1,433 of 1,435 true pairs reach 0.95, of pairs alike by chance none more than 0.7."""
_SURE = 0.97
"""The same, where one is tiny (picture-matching study)."""
_THERE = 0.985
"""The same, from which on a guess is taken as it is: groups of image-groups stay as they are."""
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
_WHOLE = 0.015
_ROUNDED = 1.5
"""How much of a side may be left out of an image that is taken for whole: a share of it, or pixels of the smaller
image, which scaling rounds and aligning finds to a fraction."""
_NEARLY = 0.95
"""Share of both images from which on it takes a closer look to tell whether any of it is left out."""
_RATIO = 1.05
"""Quotient of two aspect ratios that rounding of small sizes explains (image-hashing study)."""
_EDGE = 0.03
"""Of a side: how near a frame's inner edge is to that of what both show."""
_EQUAL = 0.5
"""Mean difference below which it is worth asking whether all pixels are equal."""
_ENOUGH = 1.4
"""How many times the pixels a side of the coarser image a thumbnail must have to be compared in place of its file: with
less, scaling it once more blurs it, and 3 copies of image-groups are refused."""
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
_SHAPE = 0.03
"""Between the logarithms of two aspect ratios: what rounding explains."""
_EVENLY = 4.0
"""Mean difference from which on what differs evenly may be a pattern of words: such copies come to 5.4 and more."""
_MARKED = 160
"""Pixels of the shorter side below which a mark cannot be told from another picture."""
_MOST_BYTES = 0.5
"""Share of equal bytes, some of them behind others, with which two files that look the same are one, damaged."""
_PARTS = (ImageRelation.CROP, ImageRelation.FRAMED)
_SAFE = (ImageRelation.RECOMPRESSED, ImageRelation.RESIZED, ImageRelation.FORMAT)


def verify(one: ComparableImage, other: ComparableImage, guesses: Iterable[Guess]) -> Likeness:
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
        return Likeness(ImageRelation.IDENTICAL, Safety.SAFE, (Evidence("bytes", "the same bytes"),), 0, difference=0.0)
    if first.pixels == second.pixels != b"":
        return _identical("identical pixels" if first.grey else "the same XML, written otherwise")
    if not (first.grey and second.grey) or min(first.detail, second.detail) < 1:
        return _unlike(Evidence("pixels", "too little to be seen to tell it from others"))
    share = share_of_bytes(first.blocks, second.blocks) if first.length == second.length else 0.0
    if share and goes_wrong(one.canvas, other.canvas):
        return damaged_bytes(one, other, share)
    ways = list(guesses)
    like = _laid_upon(one, other, _straight(one, other, ways))
    for pose in dict.fromkeys(guess.pose for guess in ways if guess.pose != STRAIGHT):
        if like:
            break
        turned = _laid_upon(one, other.laid_down(pose), [guess for guess in ways if guess.pose == pose])
        like = _posed(turned, pose) if turned and _is_turned_whole(turned, pose) else like
    if like and share >= _MOST_BYTES:
        return damaged_bytes(one, other, share)
    if not like or (like.safety is Safety.SAFE and (like.difference or 0.0) > _EVENLY):
        like = _marked(one, other, like, [guess for guess in ways if _is_in_place(guess)])
    return _moving(first, second, cut_off(first, second, like))


def _straight(one: ComparableImage, other: ComparableImage, guesses: Sequence[Guess]) -> Sequence[Guess]:
    """The guesses that lay an image down as it is; one by a part only where there is no other, and enough agrees."""
    straight = [guess for guess in guesses if guess.pose == STRAIGHT]
    whole = [guess for guess in straight if not guess.is_part]
    return whole or (straight[:1] if straight and may_be_marked(one.canvas, other.canvas) else ())


def _is_in_place(guess: Guess) -> bool:
    """Whether a guess lays all of one image upon all of the other."""
    placed = guess.placement
    sides = placed.wide - 1, placed.high - 1, placed.left, placed.top
    return guess.pose == STRAIGHT and max(map(abs, sides)) <= _EDGE


def _marked(one: ComparableImage, other: ComparableImage, like: Likeness, guesses: Sequence[Guess]) -> Likeness:
    """What is to be said of two images of one shape that differ: whether one is the other with a mark."""
    first, second = one.fingerprint, other.fingerprint
    small = min(first.width, first.height, second.width, second.height) < _MARKED
    if not (one.is_seen and other.is_seen):
        return like  # exchanged words are told by strokes that a thumbnail does not show
    if not guesses or small or not _is_one_shape(first, second) or not may_be_marked(one.canvas, other.canvas):
        return like
    found = mark(one.sharp, other.sharp, other_hues(one, other))
    if found is None:
        return like
    told = Evidence("pixels", "one has a mark; share of the area that is the same", round(found.agreeing, 2))
    altered = found.is_on_first, not found.is_on_first
    distance = min(guess.distance for guess in guesses)
    return Likeness(ImageRelation.MARKED, Safety.REVIEW, (told,), distance, altered=altered)


def _laid_straight(one: ComparableImage, other: ComparableImage, guesses: Sequence[Guess]) -> Likeness | None:
    """What is to be said of all of one image laid upon all of the other, where nothing has to be moved for it.

    Most copies have another size and nothing else; whatever does not fit at once is laid upon each other with care.
    """
    whole = next((guess for guess in guesses if guess.placement == Placement()), None)
    if whole is None or not _is_scaled(*sorted((one.fingerprint, other.fingerprint), key=lambda image: image.width)):
        return None
    laid = lay(one.canvas, other.canvas, Placement(), FINE)
    if laid is None or laid.correlation < _SURE:
        return None
    return _judged(one, other, whole, laid, is_placed=True) or None


def _is_scaled(small: Fingerprint, large: Fingerprint) -> bool:
    """Whether one image has the size of the other, scaled and rounded to whole pixels."""
    return abs(small.height - large.height * small.width / large.width) <= 1 and small.height <= large.height


def _is_one_shape(one: Fingerprint, other: Fingerprint) -> bool:
    return abs(math.log(one.width * other.height / (one.height * other.width))) <= _SHAPE


def _laid_upon(one: ComparableImage, other: ComparableImage, guesses: Iterable[Guess]) -> Likeness:
    """Whether two images show the same, laid upon each other as the best of some guesses says."""
    guesses = list(guesses)
    if plainly := _laid_straight(one, other, guesses):
        return plainly
    best: tuple[Guess, Laid] | None = None
    for guess in guesses:
        laid = _placed(one, other, guess.placement)
        if laid is not None and (best is None or laid.correlation > best[1].correlation):
            best = guess, laid
            if laid.correlation >= _SURE:
                break
    if best is None:
        return _unlike(Evidence("pixels", "no part of one lies upon the other"))
    return _judged(one, other, *best)


def _placed(one: ComparableImage, other: ComparableImage, placement: Placement) -> Laid | None:
    """Both laid upon each other; as they are where that fits, since every pixel is moved into place later."""
    laid = lay(one.canvas, other.canvas, placement, FINE)
    return laid if laid is not None and laid.correlation >= _THERE else align(one.canvas, other.canvas, placement)


def _is_turned_whole(like: Likeness, pose: Pose) -> bool:
    """Whether all of an image was turned: of one that was cut too, what is left may be a room with other things in."""
    return pose.relation is ImageRelation.MIRRORED or min(map(_share, like.windows)) >= _NEARLY


def _posed(like: Likeness, pose: Pose) -> Likeness:
    """What is to be said of two images of which one was turned or mirrored to be compared."""
    one, other = like.windows
    evidence = (*like.evidence, Evidence("pixels", f"the same once one is {pose.told}"))
    return replace(
        like, relation=pose.relation, safety=Safety.REVIEW, evidence=evidence,
        windows=(one, pose.inverse.window(other)), is_enlarged=False,
    )  # fmt: skip


def _moving(one: Fingerprint, other: Fingerprint, like: Likeness) -> Likeness:
    """What is to be said where one of two images moves, of which the first frames were compared."""
    if not like or like.relation is ImageRelation.IDENTICAL or max(one.frames, other.frames) == 1:
        return like
    if min(one.frames, other.frames) == 1:
        told = Evidence("frames", "one moves, and the other is like its first frame")
        return replace(like, relation=ImageRelation.MOVING, safety=Safety.REVIEW, evidence=(*like.evidence, told))
    if one.motion is None or other.motion is None:
        return _unlike(*like.evidence, Evidence("frames", "both move, and have too many frames to be compared"))
    if not moves_alike(one.motion, other.motion):
        return _unlike(*like.evidence, Evidence("frames", "they begin alike, and go on otherwise"))
    told = Evidence("frames", "frames that are alike", f"{KEPT} of {KEPT}")
    return replace(like, safety=Safety.REVIEW, evidence=(*like.evidence, told))


def _identical(told: str = "identical pixels") -> Likeness:
    return Likeness(ImageRelation.IDENTICAL, Safety.SAFE, (Evidence("pixels", told),), 0, difference=0.0)


def _unlike(*evidence: Evidence) -> Likeness:
    return Likeness(None, Safety.SHOW, evidence)


def _judged(
    one: ComparableImage, other: ComparableImage, guess: Guess, laid: Laid, *, is_placed: bool = False
) -> Likeness:
    evidence = [Evidence("pixels", "bits of the hashes that differ, of 64", guess.distance)]
    evidence.append(Evidence("pixels", "correlation of the aligned pixels", round(laid.correlation, 3)))
    reason = _why_not(one, other, laid)
    hue = Hue() if reason else hue_of(one, other, laid)
    is_toned = False
    if not reason and (reason := other_colours(one, other, hue)):
        is_toned = is_recoloured(one, other, laid)
    if reason and not is_toned:
        return _unlike(*evidence, Evidence("pixels", reason))
    canvases = _detailed(one, other, laid.windows)
    if not is_placed and min(map(_share, laid.windows)) > _NEARLY:  # to tell a crop from a whole
        laid, is_placed = local_difference.settled(*canvases, laid.placement) or laid, True
    seen = local_difference.compare(*canvases, laid.placement, is_placed=is_placed)
    if seen is None or seen.contrast < _CONTRAST:
        return _unlike(*evidence, Evidence("pixels", "one is much fainter than the other"))
    evidence += _told(seen)
    if not seen.is_same:
        unlike = _unlike(*evidence, Evidence("pixels", "they differ in one spot"))
        return replace(unlike, spot=round(seen.worst, 3), difference=round(seen.difference, 2))
    if seen.difference < _EQUAL and _has_equal_pixels(one, other):
        return _identical()
    relation = ImageRelation.EDITED if is_toned else _relation(one, other, seen)
    if is_toned:
        evidence.append(Evidence("pixels", "other colours throughout, by one rule"))
    is_safe = relation in _SAFE and one.is_seen and other.is_seen and _is_opaque_alike(one, other) and hue.is_copys
    if not hue.is_copys:
        evidence.append(Evidence("pixels", "greatest difference of the colours in one spot", round(hue.spot, 1)))
    safety = Safety.SAFE if is_safe else Safety.REVIEW
    is_enlarged = relation is ImageRelation.RESIZED and _is_enlarged(one, other)
    if is_enlarged:
        evidence.append(Evidence("pixels", "the larger one holds no more detail"))
    figures = round(seen.worst, 3), round(seen.difference, 2)
    windows = seen.laid.windows if relation in _PARTS else (_ALL, _ALL)
    return Likeness(relation, safety, tuple(evidence), guess.distance, windows, is_enlarged, *figures)


def _detailed(one: ComparableImage, other: ComparableImage, windows: tuple[Window, Window]) -> tuple[Canvas, Canvas]:
    """Both in as much detail as the coarser of them has in what they share: often their thumbnails hold all of it."""
    comparables = one, other
    wide = min(
        _width(window) * comparable.fingerprint.width for comparable, window in zip(comparables, windows, strict=True)
    )
    high = min(
        _height(window) * comparable.fingerprint.height for comparable, window in zip(comparables, windows, strict=True)
    )
    shrink = _ENOUGH * min(1.0, local_difference.SIDE / max(wide, high))
    first, second = (
        comparable.canvas
        if comparable.is_small
        or (
            _width(window) * comparable.canvas.width >= wide * shrink
            and _height(window) * comparable.canvas.height >= high * shrink
        )
        else comparable.sharp
        for comparable, window in zip(comparables, windows, strict=True)
    )
    return first, second


def _width(window: Window) -> float:
    return window.right - window.left


def _height(window: Window) -> float:
    return window.bottom - window.top


def _is_enlarged(one: ComparableImage, other: ComparableImage) -> bool:
    """Whether the larger image is no sharper than the smaller one scaled to its size, which has detail to lose."""
    widths = one.fingerprint.width, other.fingerprint.width
    if not _LARGER <= max(widths) / min(widths) <= _MUCH_LARGER:
        return False
    small, large = sorted((one.sharp, other.sharp), key=lambda canvas: canvas.width)
    if not _LARGER <= large.width / small.width <= _MUCH_LARGER:
        return False  # also where both were scaled down to be looked at
    half = Canvas(np.rint(small.cut(_ALL, small.width // 2, small.height // 2)).astype(np.uint8))
    return _is_sharper(small, half) and not _is_sharper(large, small)


def _is_sharper(large: Canvas, small: Canvas) -> bool:
    planes = [canvas.cut(_ALL, large.width, large.height) for canvas in (small, large)]
    return local_difference.sharpness(planes[1]) > _SHARPER * local_difference.sharpness(planes[0])


def _told(seen: local_difference.LocalDifference) -> Iterator[Evidence]:
    yield Evidence("pixels", "mean difference of 255", round(seen.difference, 2))
    yield Evidence("pixels", "greatest difference in one spot, of 1", round(seen.worst, 2))
    yield Evidence("pixels", "least share of an image that both show", round(min(map(_share, seen.laid.windows)), 3))


def _why_not(one: ComparableImage, other: ComparableImage, laid: Laid) -> str:
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


def _is_opaque_alike(one: ComparableImage, other: ComparableImage) -> bool:
    """Whether both are opaque in the same places: white on a transparent ground is not seen on white."""
    if one.opacity is None and other.opacity is None:
        return True
    if one.opacity is None or other.opacity is None or one.fingerprint.ground != other.fingerprint.ground:
        return False
    side = min(one.opacity.width, one.opacity.height, other.opacity.width, other.opacity.height, _ALPHA)
    first, second = one.opacity.cut(Window(), side, side), other.opacity.cut(Window(), side, side)
    return float((abs(first - second) > _CLEAR).mean()) <= _LINE


def _has_equal_pixels(one: ComparableImage, other: ComparableImage) -> bool:
    first, second = one.fingerprint, other.fingerprint
    if (first.width, first.height) != (second.width, second.height):
        return False
    if not ((first.pixels or one.digest) and (second.pixels or other.digest)):
        return False
    digests = [
        comparable.fingerprint.pixels or (comparable.digest() if comparable.digest else b"")
        for comparable in (one, other)
    ]
    return digests[0] == digests[1] != b""


def _relation(one: ComparableImage, other: ComparableImage, seen: local_difference.LocalDifference) -> ImageRelation:
    first, second = one.fingerprint, other.fingerprint
    if not _are_whole(one, other, seen.laid.windows):
        return ImageRelation.FRAMED if _is_framed(one, other, seen.laid) else ImageRelation.CROP
    ratio = first.width * second.height / (first.height * second.width)
    was_grey = (one.colour < GREY) != (other.colour < GREY)
    is_one_size = (first.width, first.height) == (second.width, second.height)
    is_soft = seen.halved > 1 or (is_one_size and seen.sharper > _SOFT and not _may_be_dithered(first, second))
    if max(ratio, 1 / ratio) > _RATIO or seen.contrast < _FADED or is_soft or was_grey:
        return ImageRelation.EDITED
    if not is_one_size:
        return ImageRelation.RESIZED
    return ImageRelation.RECOMPRESSED if first.format == second.format else ImageRelation.FORMAT


def _may_be_dithered(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether one may look sharper since it has few colours: patterns of dots go when it is halved."""
    return one.format != other.format and ("GIF" in (one.format, other.format) or "PNG" in (one.format, other.format))


def _are_whole(one: ComparableImage, other: ComparableImage, windows: tuple[Window, Window]) -> bool:
    """Whether two windows show all of both images, but for what rounding explains."""
    first, second = one.fingerprint, other.fingerprint
    wide = max(_WHOLE, _ROUNDED / min(first.width, second.width))
    high = max(_WHOLE, _ROUNDED / min(first.height, second.height))
    return all(window.right - window.left >= 1 - wide and window.bottom - window.top >= 1 - high for window in windows)


def _share(window: Window) -> float:
    return window.share


def _is_framed(one: ComparableImage, other: ComparableImage, laid: Laid) -> bool:
    """Whether what one leaves out is only a frame around the other."""
    return any(
        comparable.content.share < 1 and _is_near(comparable.content, window)
        for comparable, window in zip((one, other), laid.windows, strict=True)
    )


def _is_near(one: Window, other: Window) -> bool:
    edges = ((one.left, other.left), (one.top, other.top), (one.right, other.right), (one.bottom, other.bottom))
    return all(abs(here - there) <= _EDGE for here, there in edges)
