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
    """The result is ``after``, or the page as it was where there is none, and what is told of it is true."""
    assert case.cleaned.result == (case.before if case.after is None else case.after)
    rules_are_told(case)
    edits_are_all_that_changes(case)
    nothing_is_left(case)


def rules_are_told(case: Case) -> None:
    """A case stands in the folder of a rule that has applied an edit to it, if any has; those it names are all."""
    applied = {finding.code for finding in case.cleaned.findings if finding.edits}
    own = {rule.code for rule in RULES if rule.name == case.rule}
    assert (own <= applied) if case.after is not None else not applied
    if "codes" in case.notes:
        assert sorted(applied) == sorted(case.notes["codes"])


def edits_are_all_that_changes(case: Case) -> None:
    """The edits of the findings, made by hand on the page as it was, give the result."""
    assert rebuild(case.before, case.cleaned.findings) == case.cleaned.result
    assert case.cleaned.changed == bool(edits_of(case.cleaned.findings))


def nothing_is_left(case: Case) -> None:
    """Cleaning the result changes nothing, to the very object."""
    again = case.clean(case.cleaned.result)
    assert again.result is case.cleaned.result
    assert not edits_of(again.findings)


def test_every_rule_is_shown_both_ways() -> None:
    """Each rule has at least six pages that change and five that must stay; two in five of all must stay."""
    change = Counter(case.rule for case in CASES if case.after is not None)
    stay = Counter(case.rule for case in CASES if case.after is None)
    names = {rule.name for rule in RULES}
    assert set(change) | set(stay) == names
    assert {name for name in names if change[name] < 6 or stay[name] < 5} == set()
    assert stay.total() >= 0.4 * (stay.total() + change.total())
