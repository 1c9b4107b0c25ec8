"""Which images of many may show the same picture: those of which two views have like hashes.

Crops are compared with crops of the same ratio and place only, details with
whole images of about their ratio, so that few pairs are alike by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from captionfix.pictures.align import Placement
from captionfix.pictures.crop_hashes import (
    DETAIL,
    DETAILS,
    GRID,
    INNER,
    MIRRORED,
    PARTS,
    STRIP,
    TURNED,
    WHOLE,
    CropHashes,
    Table,
    layout,
    pose_of,
)
from captionfix.pictures.poses import STRAIGHT, Pose
from captionfix.pictures.relations import Window
from captionfix.pictures.search import BLOCK, Pairs, near_between, near_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from captionfix.pictures.search import Found

NEAR = 8
"""Bits in which the hashes of two views may differ: with 8 all but 2 of 1,463 pairs of image-groups are found, with 6
all but 6, with 10 none more than with 8."""
_SAME_RATIO = 0.08
"""Between two logarithms of aspect ratios: what rounding and a crop of a few pixels explain."""
_SAME_SHAPE = 0.03
"""The same, where nothing was cut off: what rounding explains of a thumbnail of 50 pixels."""
_STRETCH = 0.75
"""The same for whole images, of which one may be stretched: to twice its ratio (picture-matching study)."""
_CROWD = 64
"""Images near one, in one view, from which on it is a common pattern, as placeholders and empty pages are: no group of
image-groups has more than 22 members."""
_MOST = 2 * _CROWD
"""Images near one in all views together: of two that both have so many no new pair is made. Views come in the order of
what they tell, and so those that are left out are alike in some crop or detail only."""
_BAND = 0.25
"""Width of the bands of ratios in which details are looked for; it changes the time only."""
_AT_ONCE = 9
"""Details of an image that are looked for together; it changes the time, and the memory for their hashes."""
_EQUAL = 24
"""Images with the very same hash of which each is paired by itself; of more, the first stands for the rest. Pictures in
one template often have equal hashes, and one that is refused must not stand between two copies. No group of
image-groups has more than 22 members."""
_GUESSES = 3
"""Kept of one pair: the true ones say all the same, and by chance hardly more than one is found."""


@dataclass(frozen=True, slots=True)
class Guess:
    """About where an image may lie in another.

    Attributes:
        distance: bits in which the hashes of two of their views differ, of 64.
        placement: of the second in the first.
        pose: how the second is to be laid down.
        is_part: whether only the same part of both was alike, of images of one shape.
    """

    distance: int
    placement: Placement
    pose: Pose = STRAIGHT
    is_part: bool = False

    @property
    def back(self) -> Guess:
        """About where the first image may lie in the second."""
        return Guess(self.distance, self.placement.turned, self.pose.inverse, self.is_part)


class Candidates:
    """Pairs of images that may show the same picture.

    Args:
        table: the views of images.
        rows: those of the table that are compared; an image is known by its place among them.
        pairs: of places, the lower first, that are to be compared in any case.

    Attributes:
        crowded: the images with so many alike that some pairs were left out.
    """

    def __init__(self, table: Table, rows: Sequence[int], pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._table, self._rows = table, np.array(rows, dtype=np.intp)
        self._found: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        self._partners = [0] * len(rows)
        self.crowded: set[int] = set()
        if len(rows):
            sides = table.sides()[self._rows]
            self._ratios = np.log(sides[:, 0] / sides[:, 1])
            self._inner = self._ratios + [_stretch(table.content(row)) for row in rows]
            self._find(sides)
        for pair in pairs:
            self._found[pair] = [(0, WHOLE, WHOLE)]
        self._near: dict[int, list[int]] = {}
        for one, other in sorted(self._found):
            self._near.setdefault(one, []).append(other)
            self._near.setdefault(other, []).append(one)

    def within(self, images: Sequence[int]) -> dict[tuple[int, int], tuple[Guess, ...]]:
        """Return where one image may lie in another, for all pairs of some images, the nearest guesses first.

        Args:
            images: some of them; they are known by their places in this sequence.
        """
        places = {image: place for place, image in enumerate(images)}
        return {
            (places[one], places[other]): self._guesses(one, other)
            for one in images
            for other in self._near.get(one, ())
            if one < other
        }

    def _guesses(self, one: int, other: int) -> tuple[Guess, ...]:
        return tuple(
            Guess(distance, self._placed(one, here, other, there), _pose(here, there), here == there and here in PARTS)
            for distance, here, there in self._found[one, other]
        )

    def components(self) -> Iterator[list[int]]:
        """Yield images that hang together by such pairs, in order, two or more at a time."""
        seen: set[int] = set()
        for first in sorted(self._near):
            if first in seen:
                continue
            seen.add(first)
            component, waiting = [first], [first]
            while waiting:
                for other in self._near[waiting.pop()]:
                    if other not in seen:
                        seen.add(other)
                        component.append(other)
                        waiting.append(other)
            yield sorted(component)

    def _placed(self, one: int, here: int, other: int, there: int) -> Placement:
        first, second = self._table.crop_hashes(int(self._rows[one])), self._table.crop_hashes(int(self._rows[other]))
        return Placement.between(first.window(here), second.window(there))

    def _find(self, sides: NDArray[np.int64]) -> None:
        everything = np.arange(len(self._rows))
        framed = np.array(
            [place for place, row in enumerate(self._rows.tolist()) if self._table.content(row).share < 1],
            dtype=np.intp,
        )
        whole = _Column(everything, WHOLE)
        self._among(whole, _STRETCH)
        # What is crowded as a whole is not looked for in frames, mirrors and details, where each meets each.
        lonely = np.setdiff1d(everything, sorted(self.crowded))
        self._among(_Column(framed, INNER), _STRETCH)
        self._between(_Column(np.intersect1d(framed, lonely), INNER), _Column(lonely, WHOLE), _STRETCH)
        for place in (MIRRORED, *range(TURNED, STRIP)):
            self._between(_Column(lonely, place), _Column(lonely, WHOLE), _SAME_RATIO)
        for place in PARTS:
            self._among(_Column(lonely[self._hashes(_Column(lonely, place)) > 0], place), _SAME_SHAPE)
        for column in _grid(sides):
            self._among(column, math.inf)
        self._details(lonely)

    def _details(self, images: NDArray[np.intp]) -> None:
        """Details are looked for among whole images band by band of their ratios."""
        if not len(images):
            return
        order = images[np.argsort(self._ratios[images], kind="stable")]
        ratios = self._ratios[order]
        for low in np.arange(math.floor(ratios[0] / _BAND), math.ceil(ratios[-1] / _BAND) + 1) * _BAND:
            inside = order[(ratios >= low) & (ratios < low + _BAND)]
            around = order[(ratios >= low - _SAME_RATIO) & (ratios < low + _BAND + _SAME_RATIO)]
            if len(inside) and len(around) > 1:
                whole = _Column(around, WHOLE)
                equal = _Equal(self._hashes(whole))
                for start in range(DETAIL, DETAIL + len(DETAILS), _AT_ONCE):
                    places = np.arange(start, min(start + _AT_ONCE, DETAIL + len(DETAILS)))
                    self._detailed(inside, places, whole, equal)

    def _detailed(self, images: NDArray[np.intp], places: NDArray[np.intp], whole: _Column, equal: _Equal) -> None:
        """Several details of each image among whole images, in one go."""
        details = np.concatenate([self._hashes(_Column(images, place)) for place in places.tolist()])
        for pairs in near_between(details, self._hashes(whole), NEAR):
            for first, second, distance in _joined(equal.between(pairs, None)):
                place, image = np.divmod(first, len(images))
                self._keep(_Found(images[image], places[place], whole.images[second], WHOLE, distance), _SAME_RATIO)

    def _hashes(self, column: _Column) -> NDArray[np.uint64]:
        return self._table.column(self._rows[column.images], column.place)

    def _among(self, column: _Column, ratio: float) -> None:
        hashes = self._hashes(column)
        equal = _Equal(hashes)
        self.crowded.update(column.images[equal.beyond].tolist())
        for first, second, distance in _joined(equal.within()):
            self._keep(_Found(column.images[first], column.place, column.images[second], column.place, distance), ratio)
        for pairs in near_pairs(hashes, NEAR, most=_CROWD):
            self.crowded.update(column.images[pairs.crowded].tolist())
            for first, second, distance in _joined(equal.between(pairs, equal)):
                self._keep(
                    _Found(column.images[first], column.place, column.images[second], column.place, distance), ratio
                )

    def _between(self, one: _Column, other: _Column, ratio: float) -> None:
        hashes = self._hashes(other)
        equal = _Equal(hashes)
        for pairs in near_between(self._hashes(one), hashes, NEAR):
            for first, second, distance in _joined(equal.between(pairs, None)):
                self._keep(_Found(one.images[first], one.place, other.images[second], other.place, distance), ratio)

    def _keep(self, found: _Found, ratio: float) -> None:
        """Keep the pairs whose shapes agree."""
        one, other = found.one, found.other
        apart = abs(self._shape(one, found.here) - self._shape(other, found.there))
        near = (one != other) & (apart <= ratio)
        places = np.broadcast_to(found.here, one.shape)[near].tolist()
        for here, place, there, distance in zip(
            one[near].tolist(), places, other[near].tolist(), found.distance[near].tolist(), strict=True
        ):
            if here < there:
                self._note((here, there), (distance, place, found.there))
            else:
                self._note((there, here), (distance, found.there, place))

    def _shape(self, images: NDArray[np.intp], place: NDArray[np.intp] | int) -> NDArray[np.float64]:
        """The logarithm of the aspect ratio of what is compared of images."""
        shapes: NDArray[np.float64] = (self._inner if np.all(place == INNER) else self._ratios)[images]
        return -shapes if isinstance(place, int) and _is_on_its_side(place) else shapes

    def _note(self, pair: tuple[int, int], found: tuple[int, int, int]) -> None:
        known = self._found.get(pair)
        if known is None:
            if min(self._partners[image] for image in pair) >= _MOST:
                self.crowded.update(pair)
                return
            known = self._found[pair] = []
            for image in pair:
                self._partners[image] += 1
        if len(known) < _GUESSES:
            known.append(found)
            known.sort()
        elif found < known[-1]:
            known[-1] = found
            known.sort()


class _Column(NamedTuple):
    """The hashes at one place of some images."""

    images: NDArray[np.intp]
    place: int


class _Found(NamedTuple):
    """Pairs of images, which view of each was compared, and in how many bits the hashes of these differ."""

    one: NDArray[np.intp]
    here: NDArray[np.intp] | int
    other: NDArray[np.intp]
    there: int
    distance: NDArray[np.uint8]


class _Equal:
    """Which hashes of a column are equal.

    Attributes:
        beyond: the places of those that have too many equals to be paired by themselves.
    """

    def __init__(self, hashes: NDArray[np.uint64]) -> None:
        _, firsts, groups, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
        self._counts = np.zeros(len(hashes), np.intp)
        self._counts[firsts] = np.minimum(counts, _EQUAL)
        self._order = np.argsort(groups, kind="stable")  # the first of a group is its lowest place
        self._starts = np.zeros(len(hashes), np.intp)
        self._starts[firsts] = np.cumsum(counts) - counts
        self._several = firsts[counts > 1]
        ranks = np.arange(len(hashes)) - np.repeat(np.cumsum(counts) - counts, counts)
        self.beyond = self._order[ranks >= _EQUAL]

    def within(self) -> Iterator[Found]:
        """Yield pairs of equal hashes, besides those with the first of them."""
        most = int(self._counts.max(initial=0))
        for one in range(1, most):
            for other in range(one + 1, most):
                these = self._several[self._counts[self._several] > other]
                if len(these):
                    first, second = (self._order[self._starts[these] + place] for place in (one, other))
                    yield first, second, np.zeros(len(these), np.uint8)

    def between(self, pairs: Pairs, firsts: _Equal | None) -> Iterator[Found]:
        """Yield pairs again, for each hash that equals one of theirs.

        Args:
            pairs: of places; the first of equal ones stands for all.
            firsts: which of the first ones of the pairs are equal; None where each stands for itself.
        """
        yield pairs.first, pairs.second, pairs.distance
        for one in range(int(firsts._counts[pairs.first].max()) if firsts is not None else 1):  # noqa: SLF001 the same
            for other in range(int(self._counts[pairs.second].max())):
                has = (pairs.distance > 0) | (firsts is None)
                if firsts is not None:
                    has &= firsts._counts[pairs.first] > one  # noqa: SLF001 of the same class
                has &= self._counts[pairs.second] > other
                if (one or other) and has.any():
                    first = pairs.first[has]
                    if firsts is not None:
                        first = firsts._order[firsts._starts[first] + one]  # noqa: SLF001 of the same class
                    yield first, self._order[self._starts[pairs.second[has]] + other], pairs.distance[has]


def _joined(pieces: Iterator[Found]) -> Iterator[Found]:
    """The same in larger pieces, since each of them costs more than what it holds."""
    held: list[Found] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece[0])
        if size >= BLOCK:
            yield _together(held)
            held, size = [], 0
    if held:
        yield _together(held)


def _together(pieces: Sequence[Found]) -> Found:
    if len(pieces) == 1:
        return pieces[0]
    first, second, distance = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    return first, second, distance


def _grid(sides: NDArray[np.int64]) -> Iterator[_Column]:
    """The crops at each place, of the images that have one there."""
    sizes: dict[tuple[int, int], list[int]] = {}
    for image, (width, height) in enumerate(sides.tolist()):
        sizes.setdefault((width, height), []).append(image)
    places: dict[int, list[int]] = {}
    for (width, height), images in sizes.items():
        for place in layout(width, height):
            places.setdefault(place, []).extend(images)
    for place, images in sorted(places.items()):
        yield _Column(np.array(sorted(images), dtype=np.intp), place)


def guess(one: CropHashes, other: CropHashes, radius: int = NEAR) -> tuple[Guess, ...]:
    """Return where an image may lie in another, the nearest guesses first.

    Args:
        one: the views of an image.
        other: those of another.
        radius: bits in which the hashes of two of their views may differ.
    """
    distances = _distances(one, other.hashes[None, :])[0]
    distances[abs(_ratios(one)[_HERE] - _ratios(other)[_THERE]) > _APART] = _FAR
    nearest = [place for place in np.argsort(distances, kind="stable")[:_GUESSES] if distances[place] <= radius]
    return tuple(
        Guess(
            int(distances[place]),
            Placement.between(one.window(int(_HERE[place])), other.window(int(_THERE[place]))),
            _pose(int(_HERE[place]), int(_THERE[place])),
            _HERE[place] == _THERE[place] and _HERE[place] in PARTS,
        )
        for place in nearest
    )


def near(one: CropHashes, table: Table, radius: int = NEAR) -> list[int]:
    """Return the rows of a table whose images may show the same as another one.

    Args:
        one: the views of that.
        table: the views of many.
        radius: bits in which the hashes of two views may differ.
    """
    found: list[int] = []
    for start, piece in table.pieces():
        rows = np.flatnonzero((_distances(one, piece) <= radius).any(axis=1))
        found += (rows + start).tolist()
    return found


def _distances(one: CropHashes, hashes: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """In how many bits the hashes of one image differ from those of others, for all that are to be compared."""
    here, there = one.hashes[_HERE], hashes[:, _THERE]
    distances: NDArray[np.uint8] = np.bitwise_count(here ^ there)
    distances[(here == 0) | (there == 0)] = _FAR  # a crop that one of them does not have
    return distances


def _ratios(one: CropHashes) -> NDArray[np.float64]:
    """The logarithm of the aspect ratio at each place; that of the grid is the same for all images."""
    ratios = np.full(len(one.hashes), math.log(one.width / one.height))
    ratios[GRID:DETAIL] = 0
    ratios[INNER] += _stretch(one.content)
    ratios[TURNED:STRIP] *= _SIGNS
    return ratios


def _pose(here: int, there: int) -> Pose:
    """How the second of two images is to be laid down, by the views of which the hashes are alike."""
    return pose_of(there) if pose_of(here) == STRAIGHT else pose_of(here).inverse


def _is_on_its_side(place: int) -> bool:
    return pose_of(place).quarters % 2 == 1


def _stretch(content: Window) -> float:
    return math.log((content.right - content.left) / (content.bottom - content.top))


def _places() -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Which hash of one image is compared with which of another, and how far their ratios may be apart."""
    rows = [
        (WHOLE, WHOLE, _STRETCH),
        (INNER, INNER, _STRETCH),
        (INNER, WHOLE, _SAME_RATIO),
        (WHOLE, INNER, _SAME_RATIO),
    ]
    rows += [(place, WHOLE, _SAME_RATIO) for place in (MIRRORED, *range(TURNED, STRIP))]
    rows += [(WHOLE, place, _SAME_RATIO) for place in range(TURNED, STRIP) if pose_of(place).inverse != pose_of(place)]
    rows += [(place, place, math.inf) for place in range(GRID, DETAIL)]
    rows += [(place, place, _SAME_SHAPE) for place in PARTS]
    for place in range(DETAIL, DETAIL + len(DETAILS)):
        rows += [(place, WHOLE, _SAME_RATIO), (WHOLE, place, _SAME_RATIO)]
    here, there, apart = zip(*rows, strict=True)
    return np.array(here), np.array(there), np.array(apart)


_HERE, _THERE, _APART = _places()
_SIGNS = np.array([-1 if _is_on_its_side(place) else 1 for place in range(TURNED, STRIP)])
_FAR = 255
