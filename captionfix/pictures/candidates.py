"""Which images of many may show the same picture: those of which two views have like hashes.

Crops are compared with crops of the same ratio and place only, details with
whole images of about their ratio, so that few pairs are alike by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from captionfix.pictures.align import Placement
from captionfix.pictures.kin import Window
from captionfix.pictures.search import Pairs, near_between, near_pairs
from captionfix.pictures.views import DETAIL, DETAILS, GRID, INNER, MIRRORED, WHOLE, Table, Views, layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 8
"""Bits in which the hashes of two views may differ: with 8 all but 2 of 1,463 pairs of image-groups are found, with 6
all but 6, with 10 none more than with 8."""
_SAME_RATIO = 0.08
"""Between two logarithms of aspect ratios: what rounding and a crop of a few pixels explain."""
_STRETCH = 0.75
"""The same for whole images, of which one may be stretched: to twice its ratio (picture-matching study)."""
_CROWD = 64
"""Images near one, in one view, from which on it is a common pattern, as placeholders and empty pages are: no group of
image-groups has more than 22 members."""
_MOST = 4 * _CROWD
"""Images near one in all views together, from which on only pairs that are known already get further guesses. Views
come in the order of what they tell, and so those that are left out are alike in some crop or detail only."""
_BAND = 0.25
"""Width of the bands of ratios in which details are looked for; it changes the time only."""
_AT_ONCE = 9
"""Details of an image that are looked for together; it changes the time, and the memory for their hashes."""
_GUESSES = 2
"""Kept of one pair: the true ones say all the same, and by chance hardly more than one is found."""


@dataclass(frozen=True, slots=True)
class Guess:
    """About where an image may lie in another.

    Attributes:
        distance: bits in which the hashes of two of their views differ, of 64.
        placement: of the second in the first.
        mirrored: whether the second is to be seen in a mirror.
    """

    distance: int
    placement: Placement
    mirrored: bool = False


class Candidates:
    """Pairs of images that may show the same picture.

    Args:
        table: the views of images.
        rows: those of the table that are compared; an image is known by its place among them.

    Attributes:
        crowded: the images with so many alike that some pairs were left out.
    """

    def __init__(self, table: Table, rows: Sequence[int]) -> None:
        self._table, self._rows = table, np.array(rows, dtype=np.intp)
        self._found: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        self._partners = [0] * len(rows)
        self.crowded: set[int] = set()
        if len(rows):
            sides = table.sides()[self._rows]
            self._ratios = np.log(sides[:, 0] / sides[:, 1])
            self._inner = self._ratios + [_stretch(table.content(row)) for row in rows]
            self._find(sides)
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
            Guess(distance, self._placed(one, here, other, there), MIRRORED in (here, there))
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
        first, second = self._table.views(int(self._rows[one])), self._table.views(int(self._rows[other]))
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
        self._between(_Column(np.intersect1d(framed, lonely), INNER), _Column(lonely, WHOLE))
        self._between(_Column(lonely, MIRRORED), _Column(lonely, WHOLE))
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
                for start in range(DETAIL, DETAIL + len(DETAILS), _AT_ONCE):
                    places = np.arange(start, min(start + _AT_ONCE, DETAIL + len(DETAILS)))
                    self._detailed(inside, places, _Column(around, WHOLE))

    def _detailed(self, images: NDArray[np.intp], places: NDArray[np.intp], whole: _Column) -> None:
        """Several details of each image among whole images, in one go."""
        details = np.concatenate([self._hashes(_Column(images, place)) for place in places.tolist()])
        for pairs in near_between(details, self._hashes(whole), NEAR):
            place, image = np.divmod(pairs.first, len(images))
            self._keep(
                _Found(images[image], places[place], whole.images[pairs.second], WHOLE, pairs.distance), _SAME_RATIO
            )

    def _hashes(self, column: _Column) -> NDArray[np.uint64]:
        return self._table.column(self._rows[column.images], column.place)

    def _among(self, column: _Column, ratio: float) -> None:
        for pairs in near_pairs(self._hashes(column), NEAR, most=_CROWD):
            self.crowded.update(column.images[pairs.crowded].tolist())
            self._keep(_found(pairs, column, column), ratio)

    def _between(self, one: _Column, other: _Column) -> None:
        for pairs in near_between(self._hashes(one), self._hashes(other), NEAR):
            self._keep(_found(pairs, one, other), _SAME_RATIO)

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
        return shapes

    def _note(self, pair: tuple[int, int], found: tuple[int, int, int]) -> None:
        known = self._found.get(pair)
        if known is None:
            if full := [image for image in pair if self._partners[image] >= _MOST]:
                self.crowded.update(full)
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


def _found(pairs: Pairs, one: _Column, other: _Column) -> _Found:
    return _Found(one.images[pairs.first], one.place, other.images[pairs.second], other.place, pairs.distance)


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


def guess(one: Views, other: Views, radius: int = NEAR) -> tuple[Guess, ...]:
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
            mirrored=bool(_HERE[place] == MIRRORED),
        )
        for place in nearest
    )


def near(one: Views, table: Table, radius: int = NEAR) -> list[int]:
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


def _distances(one: Views, hashes: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """In how many bits the hashes of one image differ from those of others, for all that are to be compared."""
    here, there = one.hashes[_HERE], hashes[:, _THERE]
    distances: NDArray[np.uint8] = np.bitwise_count(here ^ there)
    distances[(here == 0) | (there == 0)] = _FAR  # a crop that one of them does not have
    return distances


def _ratios(one: Views) -> NDArray[np.float64]:
    """The logarithm of the aspect ratio at each place; that of the grid is the same for all images."""
    ratios = np.full(len(one.hashes), math.log(one.width / one.height))
    ratios[GRID:DETAIL] = 0
    ratios[INNER] += _stretch(one.content)
    return ratios


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
    rows.append((MIRRORED, WHOLE, _SAME_RATIO))
    rows += [(place, place, math.inf) for place in range(GRID, DETAIL)]
    for place in range(DETAIL, DETAIL + len(DETAILS)):
        rows += [(place, WHOLE, _SAME_RATIO), (WHOLE, place, _SAME_RATIO)]
    here, there, apart = zip(*rows, strict=True)
    return np.array(here), np.array(there), np.array(apart)


_HERE, _THERE, _APART = _places()
_FAR = 255
