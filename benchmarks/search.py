"""Speed and memory of finding near hashes, against other ways to find them exactly.

    python benchmarks/search.py [--sizes 10000,100000,1000000] [--radii 8,4] [--between 10000000x30000x6]
        [--only NAME,NAME] [--longest 120]

Hashes are made: mostly random, a tenth planted with up to ten flipped bits, 1 %
equal, 2 % within two bits of one hash, 2 % with the same upper sixteen bits.
All contenders get the same distinct ones and must count the same pairs. Each
runs in a process of its own on one thread. Figures are the CPU time of the
search, the CPU time of the whole process, which imports, makes the hashes and
may compile, and the largest memory of that process. `growth` is the power of
the number of hashes with which the search has grown since the last size. Those
that are not installed (faiss-cpu, numba) are left out, and those that would
take longer than `--longest` seconds by their last growth.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from captionfix.pictures.search import near_between, near_pairs

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
PLANTED, EQUAL, NEAR, TOPPED = 0.1, 0.01, 0.02, 0.02
FLIPS = 10
BANDS = 3
CELLS = 1 << 15
Hashes = Any


def flipped(rng: np.random.Generator, hashes: Hashes, most: int) -> Hashes:
    flips = rng.integers(0, most + 1, len(hashes))
    for turn in range(most):
        bit = np.uint64(1) << rng.integers(0, 64, len(hashes)).astype(np.uint64)
        hashes = np.where(flips > turn, hashes ^ bit, hashes)
    return hashes


def made(number: int) -> Hashes:
    rng = np.random.default_rng(number)
    hashes = rng.integers(0, 2**64, number, dtype=np.uint64)
    at = number // 2
    for share, change in (
        (PLANTED, lambda part: flipped(rng, rng.choice(hashes[: number // 2], len(part)), FLIPS)),
        (EQUAL, lambda part: np.full_like(part, hashes[0])),
        (NEAR, lambda part: flipped(rng, np.full_like(part, hashes[1]), 2)),
        (TOPPED, lambda part: part & np.uint64((1 << 48) - 1)),
    ):
        end = at + int(number * share)
        hashes[at:end] = change(hashes[at:end])
        at = end
    return np.unique(hashes)


def asked(number: int, entries: Hashes) -> Hashes:
    """Random queries, a tenth of them near an entry."""
    rng = np.random.default_rng(number)
    queries = rng.integers(0, 2**64, number, dtype=np.uint64)
    queries[: number // 10] = flipped(rng, rng.choice(entries, number // 10), FLIPS)
    return queries


def ours(queries: Hashes, entries: Hashes, radius: int) -> int:
    blocks = near_pairs(entries, radius) if queries is entries else near_between(queries, entries, radius)
    return sum(len(block.first) for block in blocks)


def halved(found: int, queries: Hashes, entries: Hashes) -> int:
    """Pairs of two different hashes, where each was found from both sides and with itself."""
    return (found - len(entries)) // 2 if queries is entries else found


def brute(queries: Hashes, entries: Hashes, radius: int) -> int:
    rows = max(1, CELLS // len(entries))
    found = 0
    for at in range(0, len(queries), rows):
        part = queries[at : at + rows, None]
        among = entries[None, at:] if queries is entries else entries[None]
        for begin in range(0, among.shape[1], CELLS):
            near = np.bitwise_count(part ^ among[:, begin : begin + CELLS]) <= radius
            if queries is entries and begin == 0:
                near = np.triu(near, 1)
            found += int(np.count_nonzero(near))
    return found


def ranged(index: Any, queries: Hashes, entries: Hashes, radius: int) -> int:
    index.add(entries.view(np.uint8).reshape(-1, 8))
    found = 0
    for at in range(0, len(queries), CELLS):
        limits, _, _ = index.range_search(queries[at : at + CELLS].view(np.uint8).reshape(-1, 8), radius + 1)
        found += int(limits[-1])
    return halved(found, queries, entries)


def faiss_flat(queries: Hashes, entries: Hashes, radius: int) -> int:
    import faiss

    return ranged(faiss.IndexBinaryFlat(64), queries, entries, radius)


def faiss_multihash(queries: Hashes, entries: Hashes, radius: int) -> int:
    import faiss

    index = faiss.IndexBinaryMultiHash(64, BANDS, 64 // BANDS)
    index.nflip = radius // BANDS
    return ranged(index, queries, entries, radius)


def numba_multi_index(queries: Hashes, entries: Hashes, radius: int) -> int:
    import numba

    flips, width = radius // BANDS, 64 // BANDS
    probes = np.array(
        [sum(1 << bit for bit in bits) for count in range(flips + 1) for bits in combinations(range(width), count)],
        dtype=np.uint64,
    )

    @numba.njit
    def weight(bits):  # noqa: ANN001, ANN202 - compiled for what it is given
        bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
        bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
        bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)

    @numba.njit
    def count(queries, ordered, offsets, band, probes):  # noqa: ANN001, ANN202 - the same
        mask, found = np.uint64((1 << width) - 1), 0
        for query in queries:
            key = (query >> np.uint64(band * width)) & mask
            for probe in probes:
                for place in range(offsets[key ^ probe], offsets[(key ^ probe) + np.uint64(1)]):
                    difference = query ^ ordered[place]
                    if weight(difference) <= radius:
                        first = True
                        for earlier in range(band):
                            if weight((difference >> np.uint64(earlier * width)) & mask) <= flips:
                                first = False
                        found += first
        return found

    found = 0
    for band in range(BANDS):
        keys = (entries >> np.uint64(band * width) & np.uint64((1 << width) - 1)).astype(np.int64)
        offsets = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=1 << width))))
        found += count(queries, entries[np.argsort(keys)], offsets, band, probes)
    return halved(int(found), queries, entries)


CONTENDERS: dict[str, tuple[Callable[[Hashes, Hashes, int], int], str]] = {
    "captionfix": (ours, "numpy"),
    "numpy, each with each": (brute, "numpy"),
    "faiss IndexBinaryFlat": (faiss_flat, "faiss"),
    "faiss IndexBinaryMultiHash": (faiss_multihash, "faiss"),
    "numba multi-index hashing": (numba_multi_index, "numba"),
}


def run(name: str, shape: tuple[int, int], radius: int) -> None:
    """Measure one contender in this process; no queries means each entry against all others."""
    entries = made(shape[1])
    queries = asked(shape[0], entries) if shape[0] else entries
    begun = time.process_time()
    found = CONTENDERS[name][0](queries, entries, radius)
    search = time.process_time() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    whole, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / unit
    print(json.dumps({"found": found, "search": search, "whole": whole, "megabytes": memory}))


def measured(name: str, shape: tuple[int, int], radius: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--run", name, "--shape", f"{shape[0]}x{shape[1]}x{radius}"]
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def tell(name: str, done: dict[str, float], growth: float | None) -> None:
    grown = "" if growth is None else f"  growth {growth:.2f}"
    print(
        f"  {name:28} {done['search']:8.2f} s search {done['whole']:8.2f} s whole {done['megabytes']:6.0f} MB "
        f"{done['found']:10.0f} pairs{grown}",
        flush=True,
    )


def compete(names: Iterable[str], shapes: list[tuple[int, int]], radius: int, longest: float) -> bool:
    """Measure all on growing shapes; whether all have counted the same pairs."""
    last: dict[str, tuple[float, float, float]] = {}
    agreed = True
    for queries, entries in shapes:
        print(f"{f'{queries} queries against ' if queries else ''}{entries} hashes, radius {radius}")
        counts = {}
        for name in names:
            size, seconds, growth = last.get(name, (0.0, 0.0, 2.0))
            expected = seconds * (entries / size) ** max(1.0, growth) if size else 0.0
            if expected > longest:
                print(f"  {name:28} left out, about {expected:.0f} s")
                continue
            done = measured(name, (queries, entries), radius)
            grown = math.log(done["search"] / seconds) / math.log(entries / size) if size else None
            tell(name, done, grown)
            counts[name] = done["found"]
            last[name] = (float(entries), done["search"], 2.0 if grown is None else grown)
        if len(set(counts.values())) > 1:
            agreed = False
            print(f"  NOT THE SAME PAIRS: {counts}")
    return agreed


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=numbers, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--radii", type=numbers, default=[8, 4])
    parser.add_argument("--between", default="10000000x30000x6", help="queries, entries and radius; empty for none")
    parser.add_argument("--only", default="", help="names of contenders, or parts of them")
    parser.add_argument("--longest", type=float, default=120.0)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--shape", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        queries, entries, radius = (int(part) for part in options.shape.split("x"))
        run(options.run, (queries, entries), radius)
        return
    wanted = [name for name in CONTENDERS if any(part in name for part in options.only.split(","))]
    names = [name for name in wanted if importlib.util.find_spec(CONTENDERS[name][1])]
    for name in wanted:
        if name not in names:
            print(f"{name} is left out: {CONTENDERS[name][1]} is not installed")
    agreed = [
        compete(names, [(0, size) for size in options.sizes], radius, options.longest) for radius in options.radii
    ]
    if options.between:
        queries, entries, radius = (int(part) for part in options.between.split("x"))
        shapes = [(queries // 10, entries // 10), (queries, entries)]
        agreed.append(compete(names, shapes, radius, options.longest))
    sys.exit(0 if all(agreed) else 1)


if __name__ == "__main__":
    main()
