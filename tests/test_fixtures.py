"""Pages of our own, rule by rule: what each must become, or that it must stay."""

from __future__ import annotations

from collections import Counter

import pytest
from pages import Case, cases, edits_of, rebuild

from captionfix.rules import RULES

CASES = cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)


@each_case
def test_page_becomes_what_an_editor_would_make_of_it(case: Case) -> None:
    """The result is ``after``, or the page as it was where there is none; the rules named are those applied."""
    cleaned = case.cleaned
    assert cleaned.result == (case.before if case.after is None else case.after)
    if "codes" in case.notes:
        assert sorted({finding.code for finding in cleaned.findings if finding.edits}) == sorted(case.notes["codes"])


@each_case
def test_nothing_is_left_to_clean(case: Case) -> None:
    """Cleaning the result changes nothing, to the very object."""
    result = case.cleaned.result
    again = case.clean(result)
    assert again.result is result
    assert not edits_of(again.findings)


@each_case
def test_reported_edits_are_all_that_changes(case: Case) -> None:
    """The edits of the findings, made by hand on the page as it was, give the result."""
    cleaned = case.cleaned
    assert rebuild(case.before, cleaned.findings) == cleaned.result
    assert cleaned.changed == bool(edits_of(cleaned.findings))


@each_case
def test_a_page_that_changes_is_changed_by_its_rule(case: Case) -> None:
    """A case stands in the folder of a rule that has applied an edit to it, if any has."""
    applied = {finding.code for finding in case.cleaned.findings if finding.edits}
    own = {rule.code for rule in RULES if rule.name == case.rule}
    assert (own <= applied) if case.after is not None else not applied


def test_every_rule_is_shown_both_ways() -> None:
    """Each rule has at least six pages that change and five that must stay; two in five of all must stay."""
    change = Counter(case.rule for case in CASES if case.after is not None)
    stay = Counter(case.rule for case in CASES if case.after is None)
    names = {rule.name for rule in RULES}
    assert set(change) | set(stay) == names
    assert {name for name in names if change[name] < 6 or stay[name] < 5} == set()
    assert stay.total() >= 0.4 * (stay.total() + change.total())
