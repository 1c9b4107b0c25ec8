"""What is found hangs on what a page says and shows, not on how it is written."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from metamorphosis import ALTERATIONS, Tokens
from pages import ROOT, SHARED, Case, cases, shapes
from tokens import Written, cut, write

from captionfix.model import Finding
from captionfix.pipeline import clean_page
from captionfix.settings import Settings

KNOWN = ROOT / "tests" / "metamorphic.toml"
PAGES = [
    case for case in [*cases(), *shapes()] if not case.text and b"\0" not in case.before and b"\x1b" not in case.before
]
"""The fixtures of markup whose encoding writes ASCII as such."""

each_alteration = pytest.mark.parametrize("name", ALTERATIONS)


def key(case: Case) -> str:
    return f"{case.rule}/{case.folder.name}"


@cache
def tokens_of(case: Case) -> Tokens:
    return cut(case.before.decode("latin-1"))


def applied(findings: Iterable[Finding], origin: Callable[[int], int]) -> Counter[tuple[str, int]]:
    """The rules that were applied, each with the element whose repeat it took away."""
    return Counter((finding.code, origin(finding.spans[0].start)) for finding in findings if finding.edits)


def altered(case: Case, name: str) -> Written | None:
    """A fixture written in another way; None where that is the way it is written."""
    written = write(ALTERATIONS[name](tokens_of(case)))
    return None if written.page.encode("latin-1") == case.before else written


def is_found_alike(case: Case, written: Written) -> bool:
    findings = case.clean(written.page.encode("latin-1")).findings
    return applied(findings, written.origin) == applied(case.cleaned.findings, lambda place: place)


@cache
def known() -> dict[str, Any]:
    """For each alteration and reason the fixtures on which the program leans on what it should not."""
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))


def excused(name: str) -> set[str]:
    """Fixtures that differ under an alteration: those known to, and those that say themselves why they must."""
    listed = [each for names in known().get(name, {}).values() for each in names]
    assert len(listed) == len(set(listed))
    own = {key(case) for case in PAGES if name in case.notes.get("metamorphic", {})}
    assert own.isdisjoint(listed)
    return own.union(listed)


def written_anew(name: str, some: Iterable[Case]) -> dict[Case, Written]:
    """Of some fixtures those that are not written that way already."""
    return {case: page for case in some if (page := altered(case, name)) is not None}


def differing(written: Mapping[Case, Written]) -> set[str]:
    """Those on which something else is found."""
    return {key(case) for case, page in written.items() if not is_found_alike(case, page)}


@each_alteration
def test_the_same_is_found_on_some_pages_however_they_are_written(name: str) -> None:
    """The same rules take the same elements away, on every eighth fixture; each alteration begins at another one."""
    some = PAGES[list(ALTERATIONS).index(name) % 8 :: 8]
    assert sorted(differing(written_anew(name, some)) - excused(name)) == [], (
        "found in another way than on the page as it was"
    )


@pytest.mark.slow
@each_alteration
def test_the_same_is_found_however_a_page_is_written(name: str) -> None:
    """The same rules take the same elements away; a fixture that is excused and need not be fails as well."""
    written = written_anew(name, PAGES)
    assert written
    differ = differing(written)
    assert sorted(differ - excused(name)) == [], "found in another way than on the page as it was"
    assert sorted(excused(name) - differ) == [], f"no longer needed in {KNOWN.name}, or in their case.toml"


def test_excuses_have_reasons() -> None:
    """Every excuse is of an alteration that there is, and every reason is explained."""
    reasons = known()["reasons"]
    lists = {name: lists for name, lists in known().items() if name not in ("reasons", "shares")}
    assert {*lists, *known()["shares"]} <= ALTERATIONS.keys()
    assert {reason for each in lists.values() for reason in each} == reasons.keys()
    for case in PAGES:
        assert case.notes.get("metamorphic", {}).keys() <= ALTERATIONS.keys()
        assert all(case.notes.get("metamorphic", {}).values())


@each_alteration
def test_an_altered_page_has_other_bytes_only(name: str) -> None:
    """Cutting and writing alone change nothing, and what stands in the altered page comes from a place of the page."""
    for case in PAGES[:: len(ALTERATIONS)]:
        tokens = tokens_of(case)
        assert write(tokens).page.encode("latin-1") == case.before
        starts = {token.origin for token in tokens}
        assert {token.origin for token in ALTERATIONS[name](tokens)} <= starts


REAL = sorted(SHARED.glob("caption-corpus*/pages/*.html"))
LEAST = 0.97
"""The share of what is found on real pages that an alteration must leave, if metamorphic.toml does not say less."""


@cache
def real_page(path: Path) -> tuple[Tokens, Counter[tuple[str, int]]]:
    """A page less its scripts, which may name classes, and what is applied on it."""
    raw = path.read_bytes()
    if b"\0" in raw or b"\x1b" in raw:
        return [], Counter()
    tokens = [token for token in cut(raw.decode("latin-1")) if token.name != "script"]
    page = write(tokens)
    return tokens, applied(clean_page(page.page.encode("latin-1"), Settings()).findings, page.origin)


@pytest.mark.full
@pytest.mark.skipif(not REAL, reason="no shared pages beside the repository")
@each_alteration
def test_most_is_found_however_real_pages_are_written(name: str) -> None:
    """Of what is applied on real pages an alteration leaves the share that is asked for; less is not put up with for
    longer than it is so."""
    found: Counter[tuple[str, int]] = Counter()
    for path in REAL:
        tokens, as_it_was = real_page(path)
        if as_it_was:
            written = write(ALTERATIONS[name](tokens))
            findings = clean_page(written.page.encode("latin-1"), Settings()).findings
            kept = as_it_was & applied(findings, written.origin)
            found.update({("all", 0): as_it_was.total(), ("kept", 0): kept.total()})
    share = found["kept", 0] / found["all", 0]
    least = known()["shares"].get(name)
    assert share >= (LEAST if least is None else least)
    assert least is None or share < LEAST, f"{share:.2f} is enough: no longer needed in {KNOWN.name}"
