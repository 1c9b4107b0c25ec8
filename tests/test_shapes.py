"""Whole pages in the shapes of many systems: all rules together, with the settings that users have."""

from __future__ import annotations

import pytest
from pages import Case, edits_of, rebuild, shapes

SHAPES = shapes()
OPEN = [case for case in SHAPES if case.notes.get("open")]


def becomes_what_it_must(case: Case) -> None:
    """The result is ``after``, or the page as it was where there is none."""
    assert case.cleaned.result == (case.before if case.after is None else case.after)


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: case.folder.name)
def test_page_becomes_what_an_editor_would_make_of_it(case: Case) -> None:
    """The result is as it must be, and stays; the edits that are told give it, made by hand."""
    if case not in OPEN:
        becomes_what_it_must(case)
    cleaned = case.cleaned
    assert rebuild(case.before, cleaned.findings) == cleaned.result
    assert cleaned.changed == bool(edits_of(cleaned.findings))
    assert case.clean(cleaned.result).result is cleaned.result
    if case.after not in (None, cleaned.result):  # open, since too much or too little is taken away
        assert case.clean(case.after).result is case.after


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=case.folder.name,
            marks=pytest.mark.xfail(strict=True, raises=AssertionError, reason=case.notes.get("reason", "")),
        )
        for case in OPEN
    ],
)  # fmt: skip
def test_what_is_open_is_wrong(case: Case) -> None:
    """A shape on which the program is known to be wrong must fail, so that nobody forgets to close it."""
    becomes_what_it_must(case)


def test_two_in_five_must_stay() -> None:
    """Two in five of the whole pages must stay as they are."""
    assert len([case for case in SHAPES if case.after is None]) >= 0.4 * len(SHAPES)


def test_what_is_open_says_why() -> None:
    """A page on which the program is known to be wrong gives the reason."""
    assert all(case.notes["reason"] for case in SHAPES if case.notes.get("open"))
