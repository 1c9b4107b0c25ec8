"""What the fuzzer found once stays right, and some hundred inputs more are tried each time."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from doors import DOORS, altered, seeds
from pages import ROOT

FOUND = ROOT / "tests" / "fuzzed"


@pytest.mark.parametrize(
    ("door", "path"),
    [(door, path) for door in DOORS for path in sorted((FOUND / door).glob("*")) if path.suffix != ".md"],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_what_the_fuzzer_found_stays_right(door: str, path: Path) -> None:
    """Each input that once broke a door goes through it."""
    DOORS[door](path.read_bytes())


@pytest.mark.parametrize("door", DOORS)
def test_seeds_and_what_chance_makes_of_them_go_through(door: str) -> None:
    """Whatever is given, a door cleans it once and for all or refuses it as its kind of error."""
    for raw in seeds(door):
        DOORS[door](raw)
    for seed in range(150):
        rng = random.Random(seed)
        raw = altered(door, rng.choice(seeds(door)), rng)
        try:
            DOORS[door](raw)
        except Exception as error:
            error.add_note(f"seed {seed}: {raw!r}")
            raise


@pytest.mark.full
@pytest.mark.parametrize("door", DOORS)
def test_the_fuzzer_finds_nothing(door: str, tmp_path: Path) -> None:
    """Ten minutes for the three doors together; what it finds goes into tests/fuzzed."""
    command = [sys.executable, str(ROOT / "tools" / "fuzz.py"), door, "--seconds", "200", "--found", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert [*tmp_path.iterdir()] == []
