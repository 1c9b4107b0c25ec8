"""All hashes that lie near one another, found exactly.

Two hashes within ``radius`` bits differ in at most so many of ``radius + c``
bands, so they agree on ``c`` of them (pigeonhole principle; Manku, Jain and Das
Sarma 2007). For each choice of ``c`` bands the hashes are sorted by these, and
those that agree are compared bit by bit. A pair that agrees on more bands is
told by the first choice only. How many bands are cheapest is counted on the
hashes themselves; with few hashes or a large radius it is none, and each hash
is compared with each.

Equal hashes are collapsed first. Memory grows with the number of hashes, not
with the number of pairs, which come in blocks. One core takes 0.3 s for
100,000 hashes within 8 bits, 10 s and 210 MB for a million, and 6 s for 10
million queries against 30,000 entries within 6 bits (``benchmarks/search.py``;
docs/decisions/0010-search-in-numpy.md). The figures below are of the same core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Indices = NDArray[np.intp]
    Distances = NDArray[np.uint8]
    Found = tuple[Indices, Indices, Distances]

BLOCK = 1 << 16
"""Pairs in one block at most, and hashes compared at once: half a megabyte of hashes, which a core's cache holds."""
_BITS = 64
_KEY = 16
"""Bits of a key that NumPy sorts by counting, about five times as fast as it sorts longer ones."""
_TABLE = 20
"""Bits of the longest key that has a table of its own, of 8 MB."""
_MOST_BANDS = 6
"""Bands to agree on at most: with more, sorting by so many choices costs more than it saves up to 10 million random
hashes, by the figures below."""
_SORTED, _LOOKED_UP, _COMPARED, _IN_A_ROW, _CELL = 25, 15, 6.5, 0.8, 3
"""Nanoseconds to sort a hash by a choice of bands, to look one up, to compare two that stand anywhere, to compare one
with a row of others, and to make a cell of a table; only what is fastest depends on them."""
_ROW = 512
"""Hashes in a row from which on comparing it as a whole pays."""
_SAMPLE = 4096


class Pairs(NamedTuple):
    """A block of pairs, as arrays of one length, and the crowded hashes.

    Attributes:
        first: index of one hash.
        second: index of the other.
        distance: number of bits in which they differ.
        crowded: indices of hashes that no later pair names, see ``near_pairs``.
    """

    first: Indices
    second: Indices
    distance: Distances
    crowded: Indices


class _Bands(NamedTuple):
    """Parts of a hash: lowest bit and width of each, and how many of them two near hashes agree on at least."""

    lows: tuple[int, ...]
    widths: tuple[int, ...]
    agreeing: int

    def mask(self, band: int) -> np.uint64:
        return np.uint64(((1 << self.widths[band]) - 1) << self.lows[band])


class _Sorted(NamedTuple):
    """Hashes sorted by the chosen bands, the first of these counting most, and the place of each before."""

    chosen: tuple[int, ...]
    order: Indices
    hashes: Hashes


def near_pairs(hashes: Hashes, radius: int, *, most: int | None = None) -> Iterator[Pairs]:
    """Yield all pairs of hashes that differ in few bits, each once, the lower index first.

    Equal hashes are told as a star: the first of them is paired with each of
    the others at distance 0, and it alone stands for them in all other pairs.

    Thousands of hashes may lie near one another, as those of placeholders do.
    With ``most``, a hash is *crowded* as soon as more than so many others were
    paired with it; the block with which that happens names it, and later
    pairs leave it out. So every pair is told of which neither is named, and a
    named one has more than ``most`` near hashes for certain. Equal ones do not
    count. The order of the input does not matter for what is found.

    Args:
        hashes: hashes of 64 bits.
        radius: bits in which two of them may differ, 0 to 64.
        most: pairs of one hash from which on it is left out; without it all pairs are told.

    Yields:
        blocks of at most ``BLOCK`` pairs.

    Raises:
        ValueError: the radius or ``most`` cannot be.

    >>> block, = near_pairs(np.array([0b1111, 0b1000, 0b0111], dtype=np.uint64), 2)
    >>> block.first.tolist(), block.second.tolist(), block.distance.tolist()
    ([0], [2], [1])
    """
    _check(radius)
    if most is not None and most < 0:
        raise ValueError(f"most is {most}, but a number of pairs is 0 or more")
    return _near_pairs(hashes, radius, most)


def near_between(queries: Hashes, entries: Hashes, radius: int) -> Iterator[Pairs]:
    """Yield all pairs of a query and an entry that differ in few bits, each once.

    Of equal entries the first one stands for all; equal queries are each told.

    Args:
        queries: hashes of 64 bits.
        entries: hashes to find them near to.
        radius: bits in which two of them may differ, 0 to 64.

    Yields:
        blocks of at most ``BLOCK`` pairs; ``first`` counts queries, ``second`` entries, and none is crowded.

    Raises:
        ValueError: the radius cannot be.

    >>> block, = near_between(np.array([7, 1], dtype=np.uint64), np.array([255, 5, 5], dtype=np.uint64), 1)
    >>> block.first.tolist(), block.second.tolist(), block.distance.tolist()
    ([0, 1], [1, 1], [1, 1])
    """
    _check(radius)
    return _near_between(queries, entries, radius)


def _check(radius: int) -> None:
    if not 0 <= radius <= _BITS:
        raise ValueError(f"the radius is {radius}, but hashes of {_BITS} bits differ in 0 to {_BITS} bits")


def _near_pairs(hashes: Hashes, radius: int, most: int | None) -> Iterator[Pairs]:
    values, firsts, groups = np.unique(hashes, return_index=True, return_inverse=True)
    stars = firsts[groups]
    others = np.flatnonzero(stars != np.arange(len(hashes)))
    none = np.empty(0, dtype=np.intp)
    for first, second, distance in _blocks((stars[others], others, np.zeros(len(others), dtype=np.uint8))):
        yield Pairs(first, second, distance, none)
    paired = np.zeros(len(values), dtype=np.intp)
    crowded = np.zeros(len(values), dtype=np.bool_)
    for found in _near(values, radius, crowded) if radius else ():
        for one, other, distance in _blocks(found):
            newly = none
            if most is not None:
                kept = ~(crowded[one] | crowded[other])
                one, other, distance = one[kept], other[kept], distance[kept]  # noqa: PLW2901
                newly = _newly_crowded(paired, one, other, most)
                crowded[newly] = True
            if len(one):
                lower, upper = np.minimum(firsts[one], firsts[other]), np.maximum(firsts[one], firsts[other])
                yield Pairs(lower, upper, distance, firsts[newly])


def _newly_crowded(paired: Indices, one: Indices, other: Indices, most: int) -> Indices:
    """Count pairs, none of which names a crowded hash, and return the hashes that have become crowded by them."""
    np.add.at(paired, one, 1)
    np.add.at(paired, other, 1)
    return np.unique(np.concatenate((one[paired[one] > most], other[paired[other] > most])))


def _near_between(queries: Hashes, entries: Hashes, radius: int) -> Iterator[Pairs]:
    values, firsts = np.unique(entries, return_index=True)
    if not len(queries) or not len(values):
        return
    none = np.empty(0, dtype=np.intp)
    bands = _bands_between(queries, values, radius)
    queries = _arranged(queries, bands)
    for entry in _each_choice(_arranged(values, bands), bands):
        offsets = _offsets(entry, bands)
        passed = _passed(entry.chosen, bands)
        for at in range(0, len(queries), BLOCK):
            part = queries[at : at + BLOCK]
            start, count = _looked_up(part, entry.chosen, bands, offsets)
            for rows in _pieces(count):
                row, place, distance = _within(part[rows], entry.hashes, start[rows], count[rows], radius, passed)
                for block in _blocks((at + rows[row], firsts[entry.order[place]], distance)):
                    yield Pairs(*block, none)


def _near(values: Hashes, radius: int, crowded: NDArray[np.bool_]) -> Iterator[Found]:
    """Find near ones of distinct hashes; whoever asks may mark crowded ones meanwhile."""
    bands = _bands_among(values, radius)
    for chosen, every, arranged in _each_choice(_arranged(values, bands), bands):
        order, ordered = every, arranged
        if crowded.any():
            kept = ~crowded[every]
            order, ordered = every[kept], arranged[kept]
        count = _following(ordered, chosen, bands)
        passed = _passed(chosen, bands)
        for rows in _pieces(count):
            sizes = np.where(crowded[order[rows]], 0, count[rows])
            row, place, distance = _within(ordered[rows], ordered, rows + 1, sizes, radius, passed)
            if len(row):
                yield order[rows[row]], order[place], distance


def _blocks(found: Found) -> Iterator[Found]:
    for at in range(0, len(found[0]), BLOCK):
        part = slice(at, at + BLOCK)
        yield found[0][part], found[1][part], found[2][part]


def _bands(radius: int, agreeing: int, key: int) -> _Bands:
    """As many bands as make near hashes agree on so many, none wider than a key."""
    number = radius + agreeing if agreeing else 0
    widths = tuple(min(len(range(band, _BITS, number)), key) for band in range(number))
    return _Bands(tuple(sum(widths[:band]) for band in range(number)), widths, agreeing)


def _bands_among(values: Hashes, radius: int) -> _Bands:
    """The cheapest bands to find near ones of distinct hashes by."""

    def cost(bands: _Bands) -> float:
        chosen, _, ordered = next(_each_choice(_arranged(values, bands), bands))
        return int(_following(ordered, chosen, bands).sum()) * _COMPARED

    choices = (_bands(radius, agreeing, _KEY) for agreeing in range(1, _MOST_BANDS + 1))
    each = len(values) * (len(values) - 1) / 2 * _IN_A_ROW
    return _cheapest(radius, choices, each, len(values) * _SORTED, cost)


def _bands_between(queries: Hashes, values: Hashes, radius: int) -> _Bands:
    """The cheapest bands to look queries up by."""
    sample = queries[:: -(-len(queries) // _SAMPLE)]

    def cost(bands: _Bands) -> float:
        entry = next(_each_choice(_arranged(values, bands), bands))
        offsets = _offsets(entry, bands)
        count = _looked_up(_arranged(sample, bands), entry.chosen, bands, offsets)[1]
        return len(offsets) * _CELL + float(count.mean()) * len(queries) * _COMPARED

    choices = (_bands(radius, agreeing, min(_KEY, _TABLE // agreeing)) for agreeing in range(1, _MOST_BANDS + 1))
    each = len(queries) * len(values) * _IN_A_ROW
    return _cheapest(radius, choices, each, len(queries) * _LOOKED_UP + len(values) * _SORTED, cost)


def _cheapest(
    radius: int, choices: Iterator[_Bands], each: float, sorting: float, cost: Callable[[_Bands], float]
) -> _Bands:
    """The cheapest bands: none cost ``each``, others for each choice ``sorting`` and what counting comes to."""
    best, least = _bands(radius, 0, _KEY), each
    for bands in choices:
        ways = comb(len(bands.widths), bands.agreeing)
        if ways * sorting >= least or not all(bands.widths):
            break
        total = ways * (sorting + cost(bands))
        if total < least:
            best, least = bands, total
    return best


def _arranged(hashes: Hashes, bands: _Bands) -> Hashes:
    """The hashes with their bits in another order, the same for all.

    Every so manyth bit goes into one band, since hashes of pictures that show
    little share bits that stand side by side.
    """
    number = len(bands.widths)
    if not number:
        return hashes
    tables = np.zeros((_BITS // 8, 256), dtype=np.uint64)
    octets = np.arange(256, dtype=np.uint64)
    kept = [list(range(band, _BITS, number)) for band in range(number)]
    sources = [bit for bits, width in zip(kept, bands.widths, strict=True) for bit in bits[:width]]
    sources += [bit for bits, width in zip(kept, bands.widths, strict=True) for bit in bits[width:]]
    for target, source in enumerate(sources):
        tables[source // 8] |= (octets >> np.uint64(source % 8) & np.uint64(1)) << np.uint64(target)
    arranged = np.empty(len(hashes), dtype=np.uint64)
    for at in range(0, len(hashes), BLOCK):
        octet = hashes[at : at + BLOCK].astype("<u8").view(np.uint8).reshape(-1, _BITS // 8)
        arranged[at : at + BLOCK] = np.bitwise_or.reduce([tables[place][octet[:, place]] for place in range(8)])
    return arranged


def _each_choice(hashes: Hashes, bands: _Bands) -> Iterator[_Sorted]:
    """Sort hashes by each choice of bands: by the last ones of it in one go, before that once by the others."""
    number = len(bands.widths)
    short = min(bands.agreeing, _KEY // max(bands.widths, default=_KEY))
    for head in combinations(range(number), bands.agreeing - short):
        before, arranged = _by_bands(hashes, head, bands)
        for tail in combinations(range(head[-1] + 1 if head else 0, number), short):
            order = _sorted_by(arranged, tail, bands)
            yield _Sorted((*tail, *head), before[order], arranged[order])


def _by_bands(hashes: Hashes, chosen: Sequence[int], bands: _Bands) -> tuple[Indices, Hashes]:
    order = np.arange(len(hashes))
    for band in reversed(chosen):
        order = order[_sorted_by(hashes[order], (band,), bands)]
    return order, hashes[order]


def _keys(hashes: Hashes, chosen: Sequence[int], bands: _Bands) -> NDArray[np.uint32]:
    """The chosen bands as one number, the first of them counting most."""
    keys = np.zeros(len(hashes), dtype=np.uint32)
    for band in chosen:
        keys <<= np.uint32(bands.widths[band])
        keys |= (hashes >> np.uint64(bands.lows[band])).astype(np.uint32) & np.uint32((1 << bands.widths[band]) - 1)
    return keys


def _sorted_by(hashes: Hashes, chosen: Sequence[int], bands: _Bands) -> Indices:
    """The order by bands that are not wider than a key together; NumPy counts keys of 16 bits instead of comparing."""
    return np.argsort(_keys(hashes, chosen, bands).astype(np.uint16), kind="stable")


def _offsets(entry: _Sorted, bands: _Bands) -> NDArray[np.int64]:
    """Where the hashes of each key begin, and at last where they end."""
    cells = 1 << sum(bands.widths[band] for band in entry.chosen)
    offsets = np.zeros(cells + 1, dtype=np.int64)
    np.cumsum(np.bincount(_keys(entry.hashes, entry.chosen, bands), minlength=cells), out=offsets[1:])
    return offsets


def _looked_up(
    queries: Hashes, chosen: Sequence[int], bands: _Bands, offsets: NDArray[np.int64]
) -> tuple[Indices, Indices]:
    """Where the entries begin that agree with each query on the chosen bands, and how many they are."""
    keys = _keys(queries, chosen, bands).astype(np.intp)
    start = offsets[keys]
    return start, offsets[keys + 1] - start


def _following(ordered: Hashes, chosen: Sequence[int], bands: _Bands) -> Indices:
    """How many sorted hashes after each one agree with it on the chosen bands."""
    mask = np.uint64(sum(int(bands.mask(band)) for band in chosen))
    cuts = np.flatnonzero((ordered[1:] ^ ordered[:-1]) & mask) + 1
    bounds = np.concatenate(([0], cuts, [len(ordered)]))
    return np.repeat(bounds[1:], np.diff(bounds)) - np.arange(1, len(ordered) + 1)


def _passed(chosen: Sequence[int], bands: _Bands) -> list[np.uint64]:
    """Masks of the bands in which a pair must differ, since an earlier choice has told it otherwise."""
    return [bands.mask(band) for band in range(max(chosen, default=0)) if band not in chosen]


def _pieces(count: Indices) -> Iterator[Indices]:
    """Cut rows so that a piece has no more comparisons than a block, if not a single row has."""
    rows = np.flatnonzero(count)
    ends = np.cumsum(count[rows])
    at = done = 0
    while at < len(rows):
        stop = max(at + 1, int(np.searchsorted(ends, done + BLOCK, side="right")))
        yield rows[at:stop]
        at, done = stop, int(ends[stop - 1])


def _within(  # noqa: PLR0913, PLR0917 - two sides, the places to compare, and what is near
    left: Hashes, right: Hashes, start: Indices, count: Indices, radius: int, passed: Sequence[np.uint64]
) -> Found:
    """Compare each hash on the left with so many on the right; rows, places on the right, and distances."""
    ends = np.cumsum(count)
    differences = _differences(left, right, start, count, ends)
    found = np.flatnonzero(np.bitwise_count(differences) <= radius)
    differences = differences[found]
    for mask in passed:
        kept = np.flatnonzero(differences & mask)
        found, differences = found[kept], differences[kept]
    row = np.searchsorted(ends, found, side="right")
    return row, found - ends[row] + count[row] + start[row], np.bitwise_count(differences)


def _differences(left: Hashes, right: Hashes, start: Indices, count: Indices, ends: Indices) -> Hashes:
    total = int(ends[-1])
    if total >= len(count) * _ROW:
        rows = zip(left, start.tolist(), count.tolist(), strict=True)
        return np.concatenate([right[begin : begin + size] ^ one for one, begin, size in rows])
    places = np.arange(total)
    places += np.repeat(start + count - ends, count)
    differences = right[places]
    differences ^= np.repeat(left, count)
    return differences
