"""Cleaning twice is cleaning once, whatever the page: rounds end when nothing is left to do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import cache

import lxml.html
import pytest
from lxml import etree
from mutations import Tokens, mutated, stock
from pages import cases, shapes

from captionfix.errors import PageError
from captionfix.model import Finding, Safety
from captionfix.pipeline import clean_page, clean_tree
from captionfix.settings import Settings

CHOICES = (
    *[Settings()] * 3,
    Settings(review_level=True),
    Settings(alt="drop"),
    Settings(alt="keep"),
    Settings(templates=True),
)
FEW, MANY = 500, 20_000

CAPTION = "The harbour of Eider at dawn in May"
ONCE = {
    "a caption empties the alt that kept a copy in noscript apart": (
        '<figure><img class="lazy" alt="Photo" src="/blank.gif" data-src="/u/pier.jpg">'
        f'<noscript><img src="/u/pier.jpg" alt="{CAPTION}"></noscript><figcaption>{CAPTION}</figcaption></figure>'
    ),
    "a stand-in of no name gets the file of another picture": (
        '<p><img data-src="/u/pier-600.jpg"><img><noscript><img srcset="/u/pier-600.jpg"></noscript></p>'
    ),
    "two stand-ins and one copy, which has the larger file": (
        "<p><img srcset=/u/pier-80x80.jpg><img><noscript><img srcset=/u/pier-470x470.jpg></noscript></p>"
    ),
    "the same picture twice, one of them behind a stand-in": (
        '<p><noscript><img src="/u/pier.jpg"></noscript><img src="/u/pier.jpg" srcset="data:">'
        '<img src="/u/pier.jpg" srcset=":"></p>'
    ),
}


@cache
def pages() -> list[Tokens]:
    return stock([case.before for case in [*cases(), *shapes()] if not case.text])


def left_to_do(findings: Iterable[Finding]) -> list[Finding]:
    return [
        finding for finding in findings if finding.safety is Safety.SAFE and not finding.refused and finding.applied
    ]


def check_bytes(raw: bytes, settings: Settings) -> None:
    once = clean_page(raw, settings)
    again = clean_page(once.result, settings)
    assert left_to_do(again.findings) == []
    assert again.result is once.result


def check_tree(raw: bytes, settings: Settings) -> None:
    try:
        root = lxml.html.document_fromstring(raw)
    except etree.ParserError:
        return  # lxml finds no element in it
    clean_tree(root, settings)
    once = etree.tostring(root)
    again = clean_tree(root, settings)
    assert left_to_do(again) == []
    assert etree.tostring(root) == once


def check_by_chance(seeds: range, check: Callable[[bytes, Settings], None]) -> None:
    """Check a page for each seed; a page that cannot be read is refused as such."""
    for seed in seeds:
        rng = random.Random(seed)
        raw = mutated(rng, pages())
        try:
            check(raw, rng.choice(CHOICES))
        except PageError:
            continue
        except AssertionError as error:
            error.add_note(f"seed {seed}: {raw!r}")
            raise


ROPES = '<figure><img src="/s/ropes.jpg" alt="{}"><figcaption>The ropewalk, 400 paces long.{}</figcaption></figure>'
ODD = {
    "a noscript before the body breaks off in the first of two figures": (
        "<noscript><article>"
        + ROPES.format("", " Photo: A. Person").replace("<figure>", "<figure></noscript>")
        + "<p>Hemp came by barge.</p>"
        + ROPES.format("The last rope was laid in spring.", "")
        + "<p>The last rope was laid in spring.</p></article>"
    ),
    "a caption a thousand boxes deep": (
        f"<figure><figcaption>{CAPTION}</figcaption><figcaption>{CAPTION[:20]}{'<div>' * 1000}{'</div>' * 1000}"
        f"{CAPTION[20:]}</figcaption></figure>"
    ),
}
"""Pages that could not be cleaned at all."""

each_door = pytest.mark.parametrize("check", [check_bytes, check_tree])


@each_door
@pytest.mark.parametrize("why", ONCE)
def test_one_run_does_what_a_mend_brings_to_light(check: Callable[[bytes, Settings], None], why: str) -> None:
    """What a rule can do only after a rule behind it has acted is done in the same run."""
    check(ONCE[why].encode(), Settings())
    assert clean_page(ONCE[why].encode(), Settings()).changed


@each_door
@pytest.mark.parametrize("why", ODD)
def test_odd_pages_are_cleaned(check: Callable[[bytes, Settings], None], why: str) -> None:
    """Markup that its parser takes apart is read to its end, and twice is once on it."""
    check(ODD[why].encode(), Settings())


@each_door
def test_twice_is_once_on_pages_made_by_chance(check: Callable[[bytes, Settings], None]) -> None:
    """Cleaning what was cleaned changes nothing and finds nothing safe, at the same settings."""
    check_by_chance(range(FEW), check)


@pytest.mark.full
@each_door
@pytest.mark.parametrize("start", range(FEW, MANY, 1500))
def test_twice_is_once_on_many_pages_made_by_chance(check: Callable[[bytes, Settings], None], start: int) -> None:
    """The same on many more."""
    check_by_chance(range(start, min(start + 1500, MANY)), check)
