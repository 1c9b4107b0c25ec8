"""Views of an image and their hashes, by which images that may show the same picture find each other.

Copies on the web are resized and cropped. If two images are crops of one
picture that share their middle, or an edge, there is an aspect ratio between
their own at which the crops of both show exactly the same, so that hashing
each image at a fixed grid of ratios finds them, however much either was cut
(picture-matching study: recall .99, against .55 of whole images). Smaller
windows of the same ratio find enlarged details, and the inner part of a
framed image its copy without a frame.

All hashes of an image come from one pass over its grey thumbnail. Each is
what `imagehash.phash` gives for that view scaled to 32 x 32.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from captionfix.pictures.fingerprint import Fingerprint, plane
from captionfix.pictures.poses import MIRROR, STRAIGHT, TURNS, Pose
from captionfix.pictures.relations import Window
from captionfix.pictures.scaling import scaled_plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.float32]
    Hashes = NDArray[np.uint64]

_HEAD = struct.Struct("<II4d")
SIDE = 32
"""Pixels a side of what is hashed, as in `imagehash.phash`."""
_LOW = 8
_STEP = 0.12
"""Of the grid, in logarithms of aspect ratios: with this step and a distance of 8 bits no copy was missed
(picture-matching study, which has the table)."""
_SPAN = 1.4
"""How far from an image's own ratio crops through its middle go, in logarithms: a quarter of the picture."""
_EDGE_SPAN = 0.75
"""The same for crops along an edge: half of the picture. Cuts at one side rarely take more."""
_LIMIT = 1.6
_ZOOM = 0.926
_ZOOMS = 9
"""Enlarged details: each step shows 92.6 % of the last a side, down to half, as in a collage of four. Of details of .78
to .85 of a side, planted at corners of 115 images, .96 to 1.0 stood within 8 bits of such a window."""
_FRAME = 24.0
"""Grey levels by which a frame may vary (picture-matching study)."""
_INNER = 0.96
"""Share of the area from which the part within a frame counts as the whole (picture-matching study)."""
_ROWS = 1024
"""Images whose hashes are kept in one piece."""
_ROUGH = 1.0
"""Between two coefficients in single precision: sums of 1,024 products of numbers up to 255 and cosines up to 4 differ
by less than a tenth from those in double precision."""
_SLACK = 0.1
"""The same for crops, whose bits need be no one else's: what single precision makes of equal coefficients."""
_TIE = 1e-6
"""Between two coefficients: sums of 1,024 products of numbers up to 255 differ by less than 1e-8 in another order."""
_LEAST = 16
"""Pixels a side that the part within a frame must have (picture-matching study)."""

_COSINES = 2 * np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * np.arange(SIDE) + 1) / (2 * SIDE))
"""The first rows of the discrete cosine transform of type II (Ahmed, Natarajan and Rao 1974), not scaled."""


FIRST, LAST = -math.floor(_LIMIT / _STEP), math.floor(_LIMIT / _STEP)
"""Numbers of the grid's ratios."""
PLACES = 3
"""Where a crop lies: 0 in the middle, 1 at the start, 2 at the end of the side that is cut."""
WHOLE, MIRRORED, INNER, GRID = 0, 1, 2, 3
"""Where hashes stand: of the whole image, of its mirror image, of what stands within its frame, of its crops."""
DETAIL = GRID + (LAST - FIRST + 1) * PLACES
"""Where the hashes of enlarged details begin."""
TURNED = DETAIL + PLACES**2 * _ZOOMS
"""Where the hashes of the whole image begin, turned by each of `TURNS`."""
STRIP = TURNED + len(TURNS)
"""Where the hashes begin of strips along the four sides."""
COUNT = STRIP + 4
PARTS = (*range(TURNED - PLACES**2, TURNED), *range(STRIP, COUNT))
"""Where the hashes stand of the smallest details, of half a side, and of the strips: of two images of one shape some of
these are alike, where the others are covered by a mark."""
_STRIP = 12
"""Pixels of 64: of two sides one has so much beside a mark that covers half of an image, unless it is in the middle."""
_TEXTURED = 8.0
"""Standard deviation of a strip, or a detail of half a side, below which it is like many others."""


@dataclass(frozen=True, slots=True)
class CropHashes:
    """The hashes of an image's views, each at its fixed place.

    Attributes:
        width: of the image, in pixels.
        height: the same.
        content: the part within a frame; all of it where there is none.
        hashes: 64 bits each; those of the grid that lie too far from the image's own ratio are 0, see `layout`.
    """

    width: int
    height: int
    content: Window
    hashes: Hashes

    def window(self, place: int) -> Window:
        """Return the part of the image that a hash is of.

        Args:
            place: of the hash.
        """
        if place == INNER:
            return self.content
        if place >= STRIP:
            return STRIPS[place - STRIP]
        if place >= TURNED:
            return Window()
        if place >= DETAIL:
            return DETAILS[place - DETAIL]
        return layout(self.width, self.height)[place] if place >= GRID else Window()

    def to_bytes(self) -> bytes:
        """Return them as bytes, for a cache.

        >>> one = CropHashes(4, 3, Window(), np.arange(3, dtype=np.uint64))
        >>> CropHashes.from_bytes(one.to_bytes()).hashes.tolist()
        [0, 1, 2]
        """
        content = self.content
        head = _HEAD.pack(self.width, self.height, content.left, content.top, content.right, content.bottom)
        return head + self.hashes.astype("<u8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> CropHashes:
        """Return what `to_bytes` wrote.

        Raises:
            ValueError: it did not write this.
        """
        if len(data) < _HEAD.size:
            raise ValueError("no views")
        width, height, *content = _HEAD.unpack_from(data)
        return cls(width, height, Window(*content), np.frombuffer(data, "<u8", offset=_HEAD.size).astype(np.uint64))


def pose_of(place: int) -> Pose:
    """Return how an image is laid down of which a hash is.

    Args:
        place: of the hash.
    """
    if TURNED <= place < STRIP:
        return TURNS[place - TURNED]
    return MIRROR if place == MIRRORED else STRAIGHT


@lru_cache(maxsize=4096)
def layout(width: int, height: int) -> Mapping[int, Window]:
    """Return which parts of an image the hashes of its grid are of, by their places.

    Args:
        width: of the image, in pixels.
        height: the same.

    >>> crops = layout(400, 300)
    >>> len(crops), round(crops[GRID - FIRST * PLACES].left, 3)
    (47, 0.125)
    """
    ratio = math.log(width / height)
    first, last = math.ceil((ratio - _SPAN) / _STEP), math.floor((ratio + _SPAN) / _STEP)
    return MappingProxyType({
        GRID + (number - FIRST) * PLACES + place: _window(number * _STEP - ratio, place)
        for number in range(max(first, FIRST), min(last, LAST) + 1)
        for place in range(PLACES)
        if not place or abs(number * _STEP - ratio) <= _EDGE_SPAN
    })  # fmt: skip


def _window(change: float, place: int) -> Window:
    """The largest window with another ratio, by the change of its logarithm, in the middle, at the start or the end."""
    share = math.exp(-abs(change))
    start = ((1 - share) / 2, 0.0, 1 - share)[place]
    return Window(start, 0.0, start + share, 1.0) if change < 0 else Window(0.0, start, 1.0, start + share)


def _details() -> tuple[Window, ...]:
    shares = [_ZOOM**step for step in range(1, _ZOOMS + 1)]
    places = [(across, down) for across in (0.5, 0.0, 1.0) for down in (0.5, 0.0, 1.0)]
    return tuple(
        Window(across * (1 - share), down * (1 - share), across * (1 - share) + share, down * (1 - share) + share)
        for share in shares
        for across, down in places
    )


DETAILS = _details()
"""The smaller windows: each size in the middle, at the edges and at the corners."""


def crop_hashes(image: Fingerprint) -> CropHashes:
    """Return an image's views.

    Args:
        image: one that has pixels.
    """
    grey = plane(image)
    double = scaled_plane(grey, 2 * SIDE, 2 * SIDE).astype(np.float32)
    whole, within = _halved(_halved(double, 0), 1), content(grey)
    inner = _inner(grey, within) if within.share < 1 else whole
    strips = _strips(double)
    turned = [pose.plane(whole) for pose in TURNS]
    entire = phashes(np.rint(np.concatenate([[whole, whole[:, ::-1], inner], turned, strips])))
    entire[-len(strips) :][strips.std(axis=(1, 2)) < _TEXTURED] = 0
    cuts = _above_middle(np.concatenate([_grid(grey, *_edges(image.width, image.height)), _enlarged(double)]))
    crops = layout(image.width, image.height)
    hashes = np.zeros(COUNT, np.uint64)
    hashes[:GRID], hashes[TURNED:] = np.split(entire, [GRID])
    hashes[list(crops)], hashes[DETAIL:TURNED] = np.split(cuts, [len(crops)])
    return CropHashes(image.width, image.height, within, hashes)


def _above_middle(low: Plane) -> Hashes:
    """The hashes of windows, by their coefficients; where some are equal, none of these is above the others."""
    rows = low.reshape(len(low), _LOW * _LOW)
    return _packed(rows > _medians(rows) + _SLACK)


def phashes(stack: Plane) -> Hashes:
    """Return the hash of each image, bit for bit that of `imagehash.phash`.

    Where coefficients are equal, as in pictures of one shade or like their
    own mirror image, imagehash's bits are what rounding makes of them; here
    none of these is above the others, on any machine.

    Args:
        stack: grey images of 32 x 32 pixels, their values whole numbers.

    >>> f"{phashes(np.arange(1024.0, dtype=np.float32).reshape(1, 32, 32) // 4)[0]:016x}"
    '8000000000000000'
    """
    cosines = _COSINES.astype(np.float32)
    low = (cosines @ stack @ cosines.T).reshape(len(stack), _LOW * _LOW)
    middle = _medians(low)
    hashes = _packed(low > middle)
    unsure = np.flatnonzero((abs(low - middle) < _ROUGH).any(axis=1))
    if len(unsure):
        exact = (_COSINES @ stack[unsure].astype(np.float64) @ _COSINES.T).reshape(len(unsure), _LOW * _LOW)
        hashes[unsure] = _packed(exact > _medians(exact) + _TIE)
    return hashes


def _medians(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """The median of each row of even length; sorting short rows takes a tenth of the time that `numpy.median` does."""
    ordered = np.sort(rows, axis=1)
    half = rows.shape[1] // 2
    return np.asarray((ordered[:, half - 1] + ordered[:, half]) / 2)[:, None]


def _packed(bits: NDArray[np.bool_]) -> Hashes:
    return np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)


def _halved(image: Plane, axis: int) -> Plane:
    pairs = (image[::2], image[1::2]) if axis == 0 else (image[:, ::2], image[:, 1::2])
    return np.asarray((pairs[0] + pairs[1]) * np.float32(0.5))


@lru_cache(maxsize=4096)
def _edges(width: int, height: int) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Which crops of the grid are full in height, and where these, and those that are full in width, begin and end."""
    crops = layout(width, height).values()
    is_high = np.array([crop.top == 0 and crop.bottom == 1 for crop in crops], dtype=np.bool_)
    across = np.array([(crop.left, crop.right) for crop in crops]).reshape(-1, 2)[is_high]
    return is_high, across, np.array([(crop.top, crop.bottom) for crop in crops]).reshape(-1, 2)[~is_high]


def _grid(
    grey: NDArray[np.uint8], is_high: NDArray[np.bool_], across: NDArray[np.float64], down: NDArray[np.float64]
) -> Plane:
    """The coefficients of all crops: of those that are full in height, and full in width, each in one go."""
    high, wide = grey.shape
    cosines = _COSINES.astype(np.float32)
    result = np.empty((len(is_high), _LOW, _LOW), np.float32)
    result[is_high] = _cut(cosines @ scaled_plane(grey, wide, SIDE).astype(np.float32), across) @ cosines.T
    columns = scaled_plane(grey, SIDE, high).astype(np.float32) @ cosines.T
    result[~is_high] = (_cut(columns.T, down) @ cosines.T).transpose(0, 2, 1)
    return result


def _cut(rows: Plane, ends: NDArray[np.float64]) -> Plane:
    """Cut ranges of columns out, and scale each to 32, by the sums of all pixels before their edges."""
    high, size = rows.shape
    sums = np.zeros((high, size + 1), np.float32)
    np.cumsum(rows, axis=1, out=sums[:, 1:])
    span = (ends[:, 1] - ends[:, 0]) * size
    places = (ends[:, :1] * size + span[:, None] * np.linspace(0, 1, SIDE + 1)).ravel()
    low = np.clip(places.astype(np.intp), 0, size - 1)
    before = sums.take(low, axis=1)
    before += (sums.take(low + 1, axis=1) - before) * (places - low).astype(np.float32)
    cells = before.reshape(high, len(ends), SIDE + 1)
    shares = (SIDE / span).astype(np.float32)
    return np.asarray(((cells[:, :, 1:] - cells[:, :, :-1]) * shares[:, None]).transpose(1, 0, 2))


def _strips(double: Plane) -> Plane:
    """The strips along the four sides at 32 x 32, from the whole at twice their size."""
    long, short = _weights(0.0, 1.0), _stretched()
    top, bottom = short @ double[:_STRIP] @ long.T, short @ double[-_STRIP:] @ long.T
    left, right = long @ double[:, :_STRIP] @ short.T, long @ double[:, -_STRIP:] @ short.T
    return np.array([top, bottom, left, right], np.float32)


@cache
def _stretched() -> Plane:
    """How much of each of a strip's pixels goes into each of 32."""
    places = np.clip((np.arange(SIDE) + 0.5) * _STRIP / SIDE - 0.5, 0, _STRIP - 1)
    return np.asarray(np.maximum(0, 1 - abs(places[:, None] - np.arange(_STRIP))), np.float32)


def _inner(grey: NDArray[np.uint8], content: Window) -> Plane:
    high, wide = grey.shape
    top, bottom = round(content.top * high), round(content.bottom * high)
    left, right = round(content.left * wide), round(content.right * wide)
    return scaled_plane(grey[top:bottom, left:right], SIDE, SIDE).astype(np.float32)


def _enlarged(double: Plane) -> Plane:
    """The coefficients of the windows of `DETAILS`, from the whole at twice their size."""
    # Many small products: linear algebra libraries spread larger ones over threads, which wait in busy loops.
    zoomed = _zoomed()
    cells = (zoomed @ double @ zoomed.transpose(0, 2, 1)).reshape(_ZOOMS, PLACES, _LOW, PLACES, _LOW)
    return np.asarray(cells.transpose(0, 3, 1, 2, 4).reshape(len(DETAILS), _LOW, _LOW))


@cache
def _zoomed() -> NDArray[np.float32]:
    """For each step, what takes 64 pixels to the coefficients of middle, start and end, one below another."""
    shares = [_ZOOM**step for step in range(1, _ZOOMS + 1)]
    starts = [((1 - share) / 2, 0.0, 1 - share) for share in shares]
    return np.array(
        [
            np.concatenate([_COSINES @ _weights(start, start + share) for start in three])
            for three, share in zip(starts, shares, strict=True)
        ],
        np.float32,
    )


def _weights(start: float, end: float) -> Plane:
    edges = np.linspace(start, end, SIDE + 1) * 2 * SIDE
    pixels = np.arange(2 * SIDE)
    parts = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    parts = np.clip(parts, 0, None)
    return np.asarray(parts / parts.sum(axis=1, keepdims=True), dtype=np.float32)


def content(grey: NDArray[np.uint8]) -> Window:
    """Return the part of an image that stands within a frame of one shade; all of it where there is none.

    Args:
        grey: its pixels.
    """
    high, wide = grey.shape
    around = np.sort(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    edge = (int(around[(len(around) - 1) // 2]) + int(around[len(around) // 2])) / 2  # the median
    rows, columns = (_busy(grey, axis, edge) for axis in (1, 0))
    if not len(rows) or min(rows[-1] - rows[0], columns[-1] - columns[0]) + 1 < _LEAST:
        return Window()
    left, right = int(columns[0]) / wide, (int(columns[-1]) + 1) / wide
    found = Window(left, int(rows[0]) / high, right, (int(rows[-1]) + 1) / high)
    return Window() if found.share >= _INNER else found


def _busy(grey: NDArray[np.uint8], axis: int, edge: float) -> NDArray[np.intp]:
    """The rows, or columns, in which something differs from the edges."""
    return np.flatnonzero((grey.min(axis=axis) < edge - _FRAME) | (grey.max(axis=axis) > edge + _FRAME))


STRIPS = (
    Window(0.0, 0.0, 1.0, _STRIP / (2 * SIDE)),
    Window(0.0, 1 - _STRIP / (2 * SIDE), 1.0, 1.0),
    Window(0.0, 0.0, _STRIP / (2 * SIDE), 1.0),
    Window(1 - _STRIP / (2 * SIDE), 0.0, 1.0, 1.0),
)
"""The strips: above, below, left and right."""


class Table:
    """The views of many images: a kilobyte and a quarter of memory each."""

    def __init__(self) -> None:
        self._rows: list[Hashes] = []
        self._used = _ROWS
        self._sides = array("I")
        self._contents = array("f")

    def __len__(self) -> int:
        return len(self._sides) // 2

    def add(self, crop_hashes: CropHashes) -> None:
        """Add the views of one more image."""
        if self._used == _ROWS:
            self._rows.append(np.zeros((_ROWS, len(crop_hashes.hashes)), np.uint64))
            self._used = 0
        self._rows[-1][self._used] = crop_hashes.hashes
        self._used += 1
        content = crop_hashes.content
        self._sides.extend((crop_hashes.width, crop_hashes.height))
        self._contents.extend((content.left, content.top, content.right, content.bottom))

    def column(self, images: NDArray[np.intp], place: int) -> Hashes:
        """Return the hashes at one place of some images.

        Args:
            images: their numbers, in the order in which they were added.
            place: of the hash.
        """
        return np.concatenate([rows[:, place] for rows in self._rows])[images]

    def sides(self) -> NDArray[np.int64]:
        """Return width and height of each image, in pixels."""
        return np.array(self._sides, dtype=np.int64).reshape(-1, 2)

    def content(self, image: int) -> Window:
        """Return the part of an image that stands within a frame; all of it where there is none."""
        return Window(*self._contents[4 * image : 4 * image + 4])

    def crop_hashes(self, image: int) -> CropHashes:
        """Return the views of an image."""
        width, height = self._sides[2 * image : 2 * image + 2]
        return CropHashes(width, height, self.content(image), self._rows[image // _ROWS][image % _ROWS])

    def pieces(self) -> Iterator[tuple[int, Hashes]]:
        """Yield the number of an image, and the hashes of it and of some that follow."""
        for piece, rows in enumerate(self._rows):
            yield piece * _ROWS, rows[: len(self) - piece * _ROWS]
