"""Whole pages in the shapes of many systems: all rules together, with the settings that users have."""

from __future__ import annotations

from typing import Any

import pytest
from pages import Case, edits_of, rebuild, shapes

SHAPES = shapes()
each_shape = pytest.mark.parametrize("case", SHAPES, ids=lambda case: case.folder.name)


def judged(case: Case) -> Any:
    """A shape on which the program is known to be wrong must fail, so that nobody forgets to close it."""
    open_ = pytest.mark.xfail(strict=True, raises=AssertionError, reason=case.notes.get("reason", ""))
    return pytest.param(case, id=case.folder.name, marks=open_ if case.notes.get("open") else ())


@pytest.mark.parametrize("case", [judged(case) for case in SHAPES])
def test_page_becomes_what_an_editor_would_make_of_it(case: Case) -> None:
    """The result is ``after``, or the page as it was where there is none; what is open must fail."""
    assert case.cleaned.result == (case.before if case.after is None else case.after)


@each_shape
def test_nothing_is_left_to_clean(case: Case) -> None:
    """Cleaning the result changes nothing, also where the result is not yet what it should be."""
    result = case.cleaned.result
    assert case.clean(result).result is result


@each_shape
def test_what_an_editor_made_is_left_alone(case: Case) -> None:
    """A page that is as it should be stays, unless the shape is open because too much is taken away."""
    if case.after is not None:
        assert case.clean(case.after).result is case.after


@each_shape
def test_reported_edits_are_all_that_changes(case: Case) -> None:
    """The edits of the findings, made by hand on the page as it was, give the result."""
    cleaned = case.cleaned
    assert rebuild(case.before, cleaned.findings) == cleaned.result
    assert cleaned.changed == bool(edits_of(cleaned.findings))


def test_two_in_five_must_stay() -> None:
    """Two in five of the whole pages must stay as they are."""
    assert len([case for case in SHAPES if case.after is None]) >= 0.4 * len(SHAPES)


def test_what_is_open_says_why() -> None:
    """A page on which the program is known to be wrong gives the reason."""
    assert all(case.notes["reason"] for case in SHAPES if case.notes.get("open"))
