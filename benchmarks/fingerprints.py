"""All pairs of near fingerprints in archives of growing size: how long, how many, and whether they are all.

    python benchmarks/fingerprints.py [--sizes 10000,100000,1000000] [--radius 8] [--asked 300]

Hashes are made as in `search.py`, with a *heavy bucket* besides: one in two hundred is a placeholder's, within a few
bits of one and the same. *All pairs* leaves nothing out; *as in a run* stops at 64 near ones of a hash, as runs over
images do, and tells which it stopped at. Exactness is looked at by brute force: of all hashes up to 10,000, beyond of
as many as are asked for. Then the pairs that stopping leaves out must all be pairs of two crowded hashes, or with one.

Seconds are on the wall and of the CPU, of one process; memory is its largest so far. *Other pairs a hash* are those
that no crowded hash has a part in: what has to be compared, which must not grow with the archive.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).parent)]

from search import brute, flipped, made, numbers  # noqa: E402 the paths come first

from captionfix.pictures.search import near_pairs  # noqa: E402 the same

MOST = 64
EXACTLY = 10_000
HEAVY = 0.005
Hashes = Any


def archive(number: int) -> Hashes:
    rng = np.random.default_rng(number + 1)
    hashes = made(number)
    places = rng.choice(len(hashes), int(number * HEAVY), replace=False)
    hashes[places] = flipped(rng, np.full(len(places), np.uint64(0x8F0F_33CC_55AA_1E87)), 6)
    return np.unique(hashes)


def searched(hashes: Hashes, radius: int, most: int | None) -> tuple[Hashes, Hashes, Hashes, float, float]:
    """Pairs, crowded ones, and seconds on the wall and of the CPU."""
    wall, used = time.perf_counter(), time.process_time()
    blocks = list(near_pairs(hashes, radius, most=most))
    wall, used = time.perf_counter() - wall, time.process_time() - used
    parts = ([getattr(block, name) for block in blocks] for name in ("first", "second", "crowded"))
    first, second, crowded = (np.concatenate([*part, np.empty(0, np.intp)]).astype(np.intp) for part in parts)
    return first, second, np.unique(crowded), wall, used


def is_exact(hashes: Hashes, radius: int, found: tuple[Hashes, Hashes], asked: int) -> bool:
    """Whether brute force finds as many, of all hashes or of some."""
    first, second = found
    if len(hashes) <= EXACTLY:
        return brute(hashes, hashes, radius) == len(first)
    for place in np.random.default_rng(1).choice(len(hashes), asked, replace=False).tolist():
        near = np.flatnonzero(np.bitwise_count(hashes ^ hashes[place]) <= radius)
        told = np.concatenate([second[first == place], first[second == place], [place]])
        if not np.array_equal(near, np.sort(told)):
            return False
    return True


def measure(size: int, radius: int, asked: int) -> bool:
    hashes = archive(size)
    first, second, _, wall, used = searched(hashes, radius, None)
    exact = is_exact(hashes, radius, (first, second), asked)
    print(f"{len(hashes):10,} hashes  all pairs    {wall:7.2f} s wall {used:7.2f} s CPU {len(first):12,} pairs  "
          f"{'exact' if exact else 'NOT EXACT'}")  # fmt: skip
    some, others, crowded, wall, used = searched(hashes, radius, MOST)
    is_heavy = np.zeros(len(hashes), np.bool_)
    is_heavy[crowded] = True
    free = int((~(is_heavy[first] | is_heavy[second])).sum())
    kept = int((~(is_heavy[some] | is_heavy[others])).sum())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"{'':10}         as in a run  {wall:7.2f} s wall {used:7.2f} s CPU {len(some):12,} pairs  "
          f"{len(crowded):,} crowded, told; {kept / len(hashes):.3f} other pairs a hash"
          f"{'' if kept == free else '  SOME ARE LOST'}  {memory:.0f} MB", flush=True)  # fmt: skip
    return exact and kept == free


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=numbers, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--radius", type=int, default=8)
    parser.add_argument("--asked", type=int, default=300)
    options = parser.parse_args()
    right = [measure(size, options.radius, options.asked) for size in options.sizes]
    sys.exit(0 if all(right) else 1)


if __name__ == "__main__":
    main()
