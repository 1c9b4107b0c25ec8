"""Look for inputs that break a door: pages, trees, style sheets.

    python tools/fuzz.py page [--seconds 200] [--found tests/fuzzed/page]

With atheris (pip install atheris), guided by which lines of captionfix an input reaches; without it, by chance alone.
The corpus lies in a temporary folder and goes with the run. An input that breaks the door is kept in the folder of
findings, where tests/test_fuzzed.py tries it from then on, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
_MOST = 2_000
"""Inputs that the corpus begins with."""
_SLOW = 120
"""Seconds on the clock for one input beyond which it counts as broken; the doors allow 10 of the processor."""


def guided(door: str, seconds: int, found: Path) -> int:
    """Run libFuzzer, through atheris, in a process of its own: it ends its process in its own way."""
    with tempfile.TemporaryDirectory(prefix="captionfix-fuzz-") as folder:
        from doors import seeds

        for raw in seeds(door)[:_MOST]:
            Path(folder, hashlib.sha256(raw).hexdigest()[:16]).write_bytes(raw)
        flags = [f"-max_total_time={seconds}", "-max_len=20000", f"-timeout={_SLOW}", "-rss_limit_mb=2048"]
        flags += [f"-artifact_prefix={found}{os.sep}", "-print_final_stats=1"]
        command = [sys.executable, __file__, door, "--inner", folder, *flags]
        return int(subprocess.run(command, check=False).returncode != 0)


def inner(door: str, corpus: str, flags: list[str]) -> None:
    """What runs in that process."""
    import atheris

    with atheris.instrument_imports(include=["captionfix"]):
        from doors import DOORS, altered

    def mutate(raw: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311 no secret
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(raw, most))
        return altered(door, raw, rng)[:most]

    def one(raw: bytes) -> None:
        DOORS[door](raw)

    atheris.Setup([sys.argv[0], *flags, corpus], one, custom_mutator=mutate)
    atheris.Fuzz()


def by_chance(door: str, seconds: int, found: Path) -> int:
    """Alter seeds, and what was made of them, until the time is over."""
    from doors import DOORS, altered, seeds

    corpus, end, number = list(seeds(door)), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rng = random.Random(number)  # noqa: S311 no secret
        number += 1
        raw = altered(door, rng.choice(corpus), rng)
        try:
            DOORS[door](raw)
        except Exception as error:  # noqa: BLE001 whatever it is, it is a finding
            path = found / f"crash-{hashlib.sha256(raw).hexdigest()[:16]}"
            path.write_bytes(raw)
            print(f"{path}: {type(error).__name__}: {error}")
            return 1
        if len(corpus) < _MOST and rng.random() < 0.1:
            corpus.append(raw)
    print(f"{door}: {number} inputs, none broke it")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("door", choices=("page", "tree", "sheet"))
    parser.add_argument("--seconds", type=int, default=200)
    parser.add_argument("--found", type=Path, help="where inputs that break it go")
    parser.add_argument("--inner", metavar="CORPUS", help=argparse.SUPPRESS)
    chosen, flags = parser.parse_known_args()
    if chosen.inner:
        inner(chosen.door, chosen.inner, flags)
        return 0
    found = chosen.found or ROOT / "tests" / "fuzzed" / chosen.door
    found.mkdir(parents=True, exist_ok=True)
    run = guided if importlib.util.find_spec("atheris") is not None else by_chance
    return run(chosen.door, chosen.seconds, found)


if __name__ == "__main__":
    sys.exit(main())
