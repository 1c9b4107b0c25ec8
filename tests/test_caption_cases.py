"""Each case of CF101's table on a small page of its own: the first that holds decides."""

from __future__ import annotations

import pytest

from captionfix.checks.pairs import CaptionPair
from captionfix.layout.page import Page
from captionfix.layout.texts import same_texts
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source
from captionfix.rules.repeated_caption import CODE, find
from captionfix.safety import TABLE, explain, judge
from captionfix.settings import Settings

C = "Pilots of the sound row out to a bark in the autumn"
FIGURE = f"<figure><img src=/i/bark.jpg><figcaption>{C}</figcaption></figure>"
PROSE = "<p>Nobody on the island had seen a ship of that size come so near to the mole in a north wind before.</p>"
CASES = {
    "headline": f"{FIGURE}<h2>{C}</h2>",
    "name": f"{FIGURE}<a class=caption href=/story>{C}</a>",
    "no element": f"{FIGURE}{C}",
    "holds more": f"{FIGURE}<div class=caption>{C}<video src=a.mp4></video></div>",
    "item": f"{FIGURE}<ul><li class=caption>{C}<li>Other</ul>",
    "own link": f"{FIGURE}<div class=caption>{C.replace('bark', '<a href=/bark>bark</a>')}</div>",
    "own markup": f"{FIGURE}<div class=caption>{C.replace('bark', '<abbr title=Ship>bark</abbr>')}</div>",
    "own words": f"<figure><img src=/i/a.jpg><figcaption>1/2 {C}</figcaption><p class=caption>2/2 {C}</p></figure>",
    "parted": f"<p class=caption>{C}</p><video src=a.mp4></video><p class=caption>{C}</p>",
    "own part": f"{FIGURE}<div hidden><img src=/i/bark.jpg><p>{C}</p>{PROSE}</div>",
    "other file": f"{FIGURE}<div class=lightbox hidden><img src=/i/plan-of-town.png><p>{C}</p></div>",
    "two pictures": f"{FIGURE}{FIGURE.replace('bark.jpg', 'brig.jpg')}",
    "row": f"<div><img src=/i/a.jpg><img src=/i/b.jpg><p class=caption>{C}</p><p class=caption>{C}</p></div>",
    "tab": f"<div role=tabpanel>{FIGURE}</div><div role=tabpanel hidden>{FIGURE}</div>",
    "styled": "<style>@media print{.s{display:none}}</style>"
    f"<figure><img src=/i/a.jpg><figcaption class=s>{C}</figcaption><p class=caption>{C[:36]}...</p></figure>",
    "machines": f"<figure><img src=/i/a.jpg><figcaption>{C}</figcaption>"
    f"<p class=caption itemprop=caption>{C}</p></figure>",
    "site widths": f"<figure><img src=/i/a.jpg><figcaption class=for-mobile>{C}</figcaption>"
    f"<p class='caption for-desktop'>{C}</p></figure>",
    "more pictures": f"{FIGURE}<div hidden><img src=/i/bark.jpg><p>{C}</p><img src=/i/moon.jpg></div>",
    "hidden": f"{FIGURE}<div hidden><img src=/i/bark-1200x800.jpg><p>{C}</p></div>",
    "one figure": f"<figure><img src=/i/a.jpg><figcaption>{C}</figcaption><div>{C}</div></figure>",
    "both marked": f"{FIGURE}<p class=caption>{C}</p>",
    "by width": f"<figure><img src=/i/a.jpg><figcaption class='d-none d-md-block'>{C}</figcaption></figure>"
    f"<div class=d-md-none>{C}</div>",
    "credited": f"<div><img src=/i/a.jpg><p class=caption>{C}</p><h3>Pilots</h3><div>{C}</div>"
    f"<div>Photo: A. Person</div>{PROSE}</div>",
    "own box": f"<div><img src=/i/a.jpg><p class=caption>{C}</p><h3>Pilots</h3><span>{C}</span></div>{PROSE}",
    "picture's box": f"<div><img src=/i/a.jpg><small>{C}</small></div><p class=caption>{C}</p>",
    "no picture": f"<article>{FIGURE}{PROSE}<p class=caption>{C}</p></article>",
    "alone": f"<div><p class=caption>{C}</p><p class=caption>{C}</p></div>",
    "shortcode": f"<div>{PROSE}[caption id=a]<img src=/i/a.jpg> {C}[/caption]<p>{C}</p></div>",
    "running": f"<div><img src=/i/a.jpg><p class=l>{C}</p><p class=l>{C}</p><p class=l>The end</p></div>",
    "like lines": f"<p><img src=/i/a.jpg></p><p>{C}</p><p>{C}</p>",
    "neighbours": f"<p><img src=/i/a.jpg></p><p>{C}</p><p>{C}. Photo: A. Person</p>",
    "no paragraph": f"<article>{PROSE}{FIGURE}<div>{C}</div>{PROSE}</article>",
    "paragraph": f"<article>{PROSE}{FIGURE}<p>{C}</p>{PROSE}</article>",
    "one text": f"<figure><img src=/i/a.jpg><figcaption>{C}<br>{C}</figcaption></figure>",
    "text only": f"{FIGURE}{PROSE}<p>{C}</p>",
}


def page_of(body: str) -> Page:
    return Page(HtmlTree(read_source(f"<!DOCTYPE html><body>{body}".encode())))


@pytest.mark.parametrize("case", CASES)
def test_a_case_decides_where_it_is_the_first_that_holds(case: str) -> None:
    """The finding tells the case's evidence, and goes as far as its row says, scripts and controls aside."""
    row = next(row for row in TABLE if (row.code, row.case) == (CODE, case))
    found = [*find(page_of(CASES[case]), Settings())]
    assert [(proposal.evidence[1].name, proposal.safety) for proposal in found] == [(row.says, row.safety)]


def test_every_case_with_a_check_has_a_page() -> None:
    """No case of the table stands there untried."""
    assert {row.case for row in TABLE if row.code == CODE} == CASES.keys()


def test_the_table_is_evaluated_in_its_order() -> None:
    """Whatever holds further down, the first case that holds is the verdict; what comes before does not hold."""
    page = page_of(CASES["neighbours"])
    (texts,) = same_texts(page)
    pair = CaptionPair(page, texts[1], texts[0], "equal")
    verdict = judge(CODE, pair)
    told = [*explain(CODE, pair)]
    assert [row.case for row, _ in told] == [row.case for row in TABLE if row.code == CODE and row.check]
    assert next(row for row, holds in told if holds) is verdict
    assert not told[-1][1], "the last case is what is left where no other holds"
