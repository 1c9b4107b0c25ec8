"""The work on a page grows with its size: counted in calls, not in seconds. See benchmarks/growth.py."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import pytest
from pages import ROOT

from captionfix.pipeline import clean_page
from captionfix.settings import Settings

SHARE = 25
"""Of the sizes of the benchmark: calls are counted exactly, so that small pages do."""


def _growth() -> ModuleType:
    spec = spec_from_file_location("growth", ROOT / "benchmarks" / "growth.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GROWTH = _growth()


def calls(raw: bytes) -> int:
    """How often a function, of Python or of C, is entered or left while a page is cleaned."""
    count = 0

    def note(*_: Any) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        clean_page(raw, Settings())
    finally:
        sys.setprofile(before)
    return count


def families() -> Iterator[Any]:
    for family, size in GROWTH.FAMILIES.items():
        yield pytest.param(family, max(size // SHARE, 10), id=family.__name__)


@pytest.mark.parametrize(("family", "size"), [*families()])
def test_work_grows_with_the_page(family: Any, size: int) -> None:
    """What the second doubling of a page adds is no more than twice what the first one added, and a little."""
    clean_page(GROWTH.page(family, 1), Settings())
    one, two, four = (calls(GROWTH.page(family, size * factor)) for factor in (1, 2, 4))
    assert four - two <= GROWTH.LINEAR * (two - one) + 100, (one, two, four)


def test_families_are_many_and_told() -> None:
    """There are twenty families at least, and each says what it is made of."""
    assert len(GROWTH.FAMILIES) >= 20
    assert all(family.__doc__ for family in GROWTH.FAMILIES)
