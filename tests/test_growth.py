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
KNOWN = {
    "nested_figures": "each figure asks all those around it and in it",
    "same_in_paragraphs": "each place of the picture is compared with all others",
}
"""Families on which the calls grow faster than the page, and why; one that no longer does must go."""


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
        name = family.__name__
        marks = [pytest.mark.xfail(strict=True, raises=AssertionError, reason=KNOWN[name])] if name in KNOWN else []
        yield pytest.param(family, max(size // SHARE, 10), id=name, marks=marks)


@pytest.mark.parametrize(("family", "size"), [*families()])
def test_work_grows_with_the_page(family: Any, size: int) -> None:
    """What the second doubling of a page adds is no more than twice what the first one added, and a little."""
    clean_page(GROWTH.page(family, 1), Settings())
    one, two, four = (calls(GROWTH.page(family, size * factor)) for factor in (1, 2, 4))
    assert four - two <= GROWTH.LINEAR * (two - one) + 100, (one, two, four)


def test_families_are_many_and_told() -> None:
    """There are twenty families at least, each says what it is made of, and what is known names families."""
    assert len(GROWTH.FAMILIES) >= 20
    assert all(family.__doc__ for family in GROWTH.FAMILIES)
    assert KNOWN.keys() <= GROWTH.by_name().keys()
