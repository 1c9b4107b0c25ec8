"""Finding near hashes: exactly, each pair once, in bounded memory."""

import tracemalloc
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captionfix.pictures import search
from captionfix.pictures.search import BLOCK, near_between, near_pairs

FEW = 250
MANY = 1_200
RADII = (0, 1, 2, 3, 5, 6, 8, 11, 16, 31, 33, 63, 64)


def flipped(rng, hashes, most):
    for _ in range(most):
        kept = rng.random(len(hashes)) < 0.3
        bits = np.uint64(1) << rng.integers(0, 64, len(hashes)).astype(np.uint64)
        hashes = np.where(kept, hashes, hashes ^ bits)
    return hashes


def uniform(rng, number):
    return rng.integers(0, 2**64, number, dtype=np.uint64)


def planted(rng, number):
    """A third of the hashes are others with up to twelve flipped bits."""
    hashes = uniform(rng, number)
    third = number // 3
    hashes[:third] = flipped(rng, hashes[third : 2 * third], 12)
    return hashes


def clustered(rng, number):
    """All hashes lie around five."""
    return flipped(rng, rng.choice(uniform(rng, 5), number), 6)


def topped(rng, number):
    """All hashes share their upper 40 bits."""
    return uniform(rng, number) >> np.uint64(40)


def striped(rng, number):
    """All hashes share every second bit."""
    return uniform(rng, number) & np.uint64(0x5555555555555555)


def lopsided(rng, number):
    """Most bits are nearly always 0."""
    return np.packbits(rng.random((number, 64)) < np.linspace(0.01, 0.5, 64), axis=1).view(np.uint64).ravel()


def counted(rng, number):
    """The numbers from 0, and their complements."""
    numbers = np.arange(number // 2, dtype=np.uint64)
    return rng.permutation(np.concatenate((numbers, ~numbers)))


def doubled(rng, number):
    """Each hash stands there several times."""
    return rng.choice(uniform(rng, max(1, number // 5)), number)


SETS = (uniform, planted, clustered, topped, striped, lopsided, counted, doubled)


def distances(one, other):
    return np.bitwise_count(one[:, None] ^ other[None])


def coded(first, second, distance):
    """Pairs as one number each, which are compared faster than tuples."""
    return (np.asarray(first, dtype=np.int64) << 32) | (np.asarray(second, dtype=np.int64) << 8) | distance


def ends(codes):
    """The two indices of each pair."""
    codes = np.asarray(codes, dtype=np.int64)
    return codes >> 32, (codes >> 8) & 0xFFFFFF


def listed(*pairs):
    return [int(coded(*pair)) for pair in pairs]


def expected_pairs(hashes, radius):
    """Each with each: pairs of the first of equal ones, and a star of each group of equal ones."""
    _, firsts, groups = np.unique(hashes, return_index=True, return_inverse=True)
    others = np.flatnonzero(firsts[groups] != np.arange(len(hashes)))
    stars = coded(firsts[groups[others]], others, 0)
    firsts = np.sort(firsts)
    table = distances(hashes[firsts], hashes[firsts])
    one, other = np.nonzero(np.triu(table <= radius, 1))
    return np.sort(np.concatenate((stars, coded(firsts[one], firsts[other], table[one, other])))).tolist()


def expected_between(queries, entries, radius):
    firsts = np.unique(entries, return_index=True)[1]
    table = distances(queries, entries[firsts])
    one, other = np.nonzero(table <= radius)
    return np.sort(coded(one, firsts[other], table[one, other])).tolist()


def told(blocks):
    """All pairs in order, after a look at each block."""
    pairs = [np.zeros(0, dtype=np.int64)]
    for block in blocks:
        assert 0 < len(block.first) <= BLOCK
        assert len(block.first) == len(block.second) == len(block.distance)
        pairs.append(coded(block.first, block.second, block.distance))
    found = np.sort(np.concatenate(pairs))
    assert (found[1:] != found[:-1]).all()
    return found.tolist()


@pytest.mark.parametrize("make", SETS)
@pytest.mark.parametrize("radius", RADII)
def test_pairs_are_those_of_comparing_each_with_each(make, radius):
    """All near pairs are found, each once, and no other."""
    hashes = make(np.random.default_rng(radius), FEW)
    assert told(near_pairs(hashes, radius)) == expected_pairs(hashes, radius)


@pytest.mark.parametrize("make", SETS)
@pytest.mark.parametrize("radius", [1, 4, 8])
def test_pairs_of_many_hashes(make, radius):
    """The same with so many hashes that comparing each with each is not what is cheapest."""
    hashes = make(np.random.default_rng(radius), MANY)
    assert told(near_pairs(hashes, radius)) == expected_pairs(hashes, radius)


@pytest.mark.parametrize("make", SETS)
@pytest.mark.parametrize("radius", RADII)
def test_pairs_between_are_those_of_comparing_each_with_each(make, radius):
    """All pairs of a query and a near entry are found, each once, and no other."""
    rng = np.random.default_rng(radius)
    hashes = make(rng, 2 * FEW)
    queries, entries = hashes[: FEW + 50], hashes[FEW - 50 :]
    assert told(near_between(queries, entries, radius)) == expected_between(queries, entries, radius)


@pytest.mark.parametrize("radius", [0, 3, 6])
def test_many_queries_against_few_entries(radius):
    """More queries than a block has are looked up piece by piece."""
    rng = np.random.default_rng(radius)
    entries = planted(rng, 60)
    queries = uniform(rng, BLOCK + 5_000)
    queries[::100] = flipped(rng, rng.choice(entries, len(queries[::100])), 6)
    assert told(near_between(queries, entries, radius)) == expected_between(queries, entries, radius)


def with_bands(patch, radius, agreeing):
    """Search by so many bands, or fewer where there would be hundreds of choices."""
    while comb(radius + agreeing, agreeing) > 250 or radius + agreeing > 64:
        agreeing -= 1
    key = min(16, 20 // max(1, agreeing))
    patch.setattr(search, "_cheapest", lambda *_: search._bands(radius, agreeing, key))  # noqa: SLF001


@pytest.mark.parametrize("agreeing", range(7))
@pytest.mark.parametrize("radius", [1, 4, 8, 13])
def test_every_number_of_bands_finds_the_same(monkeypatch, agreeing, radius):
    """Which bands are cheapest decides about speed only."""
    with_bands(monkeypatch, radius, agreeing)
    rng = np.random.default_rng(agreeing)
    hashes = np.concatenate((planted(rng, 90), clustered(rng, 60)))
    assert told(near_pairs(hashes, radius)) == expected_pairs(hashes, radius)
    assert told(near_between(hashes[:90], hashes[50:], radius)) == expected_between(hashes[:90], hashes[50:], radius)


bits = st.integers(0, 2**64 - 1)
near_bits = st.sets(st.integers(0, 63)).map(lambda flips: 77 ^ sum(1 << flip for flip in flips))


@settings(max_examples=60, deadline=None)
@given(st.lists(bits | near_bits | st.integers(0, 9), max_size=40), st.integers(0, 64), st.integers(0, 6))
def test_any_hashes(numbers, radius, agreeing):
    """Whatever the hashes, the radius and the bands: what is found is what comparing each with each finds."""
    hashes = np.array(numbers, dtype=np.uint64)
    with pytest.MonkeyPatch.context() as patch:
        with_bands(patch, radius, agreeing)
        assert told(near_pairs(hashes, radius)) == expected_pairs(hashes, radius)
        assert told(near_between(hashes, hashes[::2], radius)) == expected_between(hashes, hashes[::2], radius)


@pytest.mark.parametrize("most", [None, 0, 40])
@pytest.mark.parametrize("make", [planted, clustered])
def test_order_does_not_matter(make, most):
    """The same hashes in another order give the same pairs of hashes, and the same crowded ones."""
    rng = np.random.default_rng(1)
    hashes = np.unique(make(rng, MANY))
    results = []
    for order in (np.arange(len(hashes)), rng.permutation(len(hashes)), np.arange(len(hashes))[::-1]):
        mixed = hashes[order]
        blocks = list(near_pairs(mixed, 8, most=most))
        one, other = (mixed[side] for side in ends(told(blocks)))
        pairs = np.unique(np.stack((np.minimum(one, other), np.maximum(one, other))), axis=1)
        crowded = {int(mixed[index]) for block in blocks for index in block.crowded}
        results.append((pairs.tobytes(), crowded))
        assert all((block.first < block.second).all() for block in blocks)
    assert results[0] == results[1] == results[2]


def test_equal_hashes_are_a_star():
    """Of equal hashes the first is paired with each other one, and alone with what is near."""
    hashes = np.array([9, 1, 9, 9, 8], dtype=np.uint64)
    assert told(near_pairs(hashes, 1)) == listed((0, 1, 1), (0, 2, 0), (0, 3, 0), (0, 4, 1))
    assert told(near_pairs(hashes, 0)) == listed((0, 2, 0), (0, 3, 0))


def test_many_equal_hashes_stay_few_pairs():
    """A hundred thousand equal hashes give as many pairs, not their square, with ``most`` as well."""
    hashes = np.full(100_000, 5, dtype=np.uint64)
    blocks = list(near_pairs(hashes, 8, most=3))
    assert len(told(blocks)) == len(hashes) - 1
    assert len(blocks) > 1
    assert not any(block.crowded.size for block in blocks)


def test_equal_queries_are_each_told_equal_entries_once():
    """A caller asks about each query; the first of equal entries answers."""
    queries, entries = np.array([4, 4], dtype=np.uint64), np.array([5, 5, 4], dtype=np.uint64)
    assert told(near_between(queries, entries, 1)) == listed((0, 0, 1), (0, 2, 0), (1, 0, 1), (1, 2, 0))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("radius", [0, 8, 64])
def test_nothing_to_find(number, radius):
    """No hash, or one, has no pair."""
    hashes, none = np.zeros(number, dtype=np.uint64), np.zeros(0, dtype=np.uint64)
    assert list(near_pairs(hashes, radius)) == []
    assert list(near_between(none, hashes, radius)) == []
    assert list(near_between(hashes, none, radius)) == []


def test_hashes_are_left_as_they_are():
    """What is given may be read-only, and with steps."""
    hashes = planted(np.random.default_rng(2), MANY)
    before = hashes.copy()
    hashes.flags.writeable = False
    assert told(near_pairs(hashes[::2], 8)) == expected_pairs(before[::2], 8)
    assert told(near_between(hashes[::3], hashes[::2], 4)) == expected_between(before[::3], before[::2], 4)
    assert (hashes == before).all()


@pytest.mark.parametrize("radius", [-1, 65])
def test_a_radius_that_cannot_be_is_refused_at_once(radius):
    """A wrong radius is an error of the caller, told before anything is asked for."""
    hashes = np.zeros(2, dtype=np.uint64)
    with pytest.raises(ValueError, match="0 to 64"):
        near_pairs(hashes, radius)
    with pytest.raises(ValueError, match="0 to 64"):
        near_between(hashes, hashes, radius)


def test_a_negative_number_of_pairs_is_refused():
    """So is ``most`` below zero."""
    with pytest.raises(ValueError, match="0 or more"):
        near_pairs(np.zeros(2, dtype=np.uint64), 8, most=-1)


def placeholders(number):
    """As many hashes within three bits of one, among random and planted ones."""
    rng = np.random.default_rng(5)
    around = np.unique(flipped(rng, np.full(number, 2**63 + 12345, dtype=np.uint64), 3))
    return rng.permutation(np.concatenate((around, planted(rng, MANY))))


@pytest.mark.parametrize("most", [0, 1, 20, 200])
def test_crowded_hashes_are_named_and_nothing_else_is_missing(most):
    """Each pair is told unless one of it is named; whoever is named has more near hashes than allowed."""
    hashes = placeholders(600)
    blocks = list(near_pairs(hashes, 8, most=most))
    crowded = [int(index) for block in blocks for index in block.crowded]
    pairs, everything = told(blocks), expected_pairs(hashes, 8)
    near = np.bincount(np.concatenate(ends(everything)), minlength=len(hashes))
    missing = ends(np.setdiff1d(everything, pairs))
    assert crowded
    assert len(set(crowded)) == len(crowded)
    assert np.isin(pairs, everything).all()
    assert (np.isin(missing[0], crowded) | np.isin(missing[1], crowded)).all()
    assert (near[crowded] > most).all()


def test_a_crowded_hash_is_in_no_later_block():
    """The block that names a hash is the last one it is in."""
    gone = set()
    for block in near_pairs(placeholders(600), 8, most=50):
        assert gone.isdisjoint(block.first.tolist())
        assert gone.isdisjoint(block.second.tolist())
        gone.update(block.crowded.tolist())
    assert gone


def test_nothing_is_crowded_where_all_fits():
    """A bound that no hash reaches changes nothing."""
    hashes = placeholders(300)
    blocks = list(near_pairs(hashes, 8, most=len(hashes)))
    assert not any(block.crowded.size for block in blocks)
    assert told(blocks) == told(near_pairs(hashes, 8))


def test_crowds_cost_no_more_pairs_than_allowed():
    """With a bound, pairs grow with the hashes, not with their square: about so many a hash."""
    hashes = placeholders(4_000)
    found = sum(len(block.first) for block in near_pairs(hashes, 8, most=10))
    assert found < 10 * len(hashes) + 2 * BLOCK


@pytest.mark.parametrize("most", [None, 100])
def test_memory_does_not_grow_with_the_pairs(most):
    """Millions of pairs of a crowd, told block by block, need a few megabytes."""
    hashes = np.array([sum(1 << bit for bit in chosen) for chosen in combinations(range(20), 4)], dtype=np.uint64)
    tracemalloc.start()
    try:
        found = sum(len(block.first) for block in near_pairs(hashes, 8, most=most))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    number = len(hashes)
    assert found == number * (number - 1) // 2 if most is None else found < number * (number - 1) // 10
    assert peak < 8e6  # the pairs would be 200 MB, 17 bytes each
