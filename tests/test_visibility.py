"""What hides an element, from whom, and what of it can be lifted; quick filters against what they stand for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captionfix.layout import widths
from captionfix.layout.page import Page
from captionfix.layout.page_texts import longer_words
from captionfix.layout.visibility import After, barriers, is_hidden_in_print, is_print_only, kept_from, unheard, unseen
from captionfix.layout.widths import hidden_at
from captionfix.markup.html import HtmlTree
from captionfix.markup.selectors import selectors_of
from captionfix.markup.source import read_source
from captionfix.markup.stylesheets import PAPER, declarations, hidden_by, media_of, rules, shown_style
from captionfix.model import DropAttribute, SetAttribute
from captionfix.text import holds, says

FEW = settings(
    max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
PHONE, DESK = 360, 1300


def tree_of(markup: str) -> HtmlTree:
    return HtmlTree(read_source(markup.encode()))


def page_of(body: str, sheet: str = "", attributes: str = "") -> Page:
    style = f"<style{attributes}>{sheet}</style>" if sheet else ""
    return Page(tree_of(f"<!doctype html><title>x</title>{style}<body>{body}"))


def hidden_on(page: Page, tag: str = "b", *, scripts: bool = True) -> frozenset[int]:
    """The edges at which the first element of a name does not show."""
    (node, *_) = page.tree.search(tag)
    return unseen(barriers(page, node, None, scripts=scripts))


HIDING = (
    "display:none",
    "DISPLAY : None !important",
    "visibility:hidden",
    "visibility: COLLAPSE",
    "opacity:0",
    "opacity: .0",
    "opacity:0%",
    "clip:rect(0 0 0 0)",
    "clip: rect(1px, 1px, 1px, 1px)",
    "clip-path:inset(50%)",
    "left:-9999px",
    "text-indent: -9999px",
    "top:-10000px",
)
SHOWING = (
    "display:block",
    "visibility:visible",
    "opacity:.5",
    "opacity:0.1",
    "left:-20px",
    "clip:auto",
    "top:0",
    "background:url(display:none.png)",
    "--display:none",
    "x-visibility:hidden",
    "",
)


@pytest.mark.parametrize("declaration", HIDING)
def test_every_way_to_hide_is_read_alike_in_sheets_and_in_styles(declaration: str) -> None:
    """A declaration that hides does so in a sheet, in an element's own style, and in capitals."""
    for each in (declaration, declaration.upper()):
        sheet, own = page_of("<b>x</b>", f"b{{color:red;{each}}}"), page_of(f'<b style="color:red;{each}">x</b>')
        assert hidden_on(sheet) == sheet.sheets.everywhere
        assert hidden_on(own) == own.sheets.everywhere
        assert not hidden_by(shown_style(each))


@pytest.mark.parametrize("declaration", SHOWING)
def test_what_shows_hides_nothing(declaration: str) -> None:
    """Likewise for declarations that do not hide."""
    assert not hidden_on(page_of("<b>x</b>", f"b{{{declaration}}}"))
    assert not hidden_on(page_of(f'<b style="{declaration}">x</b>'))


def test_transparent_and_far_texts_are_heard() -> None:
    """Screen readers read what is transparent or out of the window, and nothing that is not displayed."""
    for sheet, silent in (("b{opacity:0}", False), ("b{left:-9999px}", False), ("b{display:none}", True)):
        page = page_of("<b>x</b>", sheet)
        assert bool(unheard(barriers(page, page.tree.search("b")[0], None))) is silent


@pytest.mark.parametrize(
    ("query", "phone", "desk", "paper"),
    [
        ("", 1, 1, 1),
        ("all", 1, 1, 1),
        ("screen", 1, 1, 0),
        ("print", 0, 0, 1),
        ("screen, print", 1, 1, 1),
        ("only screen", 1, 1, 0),
        ("SCREEN", 1, 1, 0),
        ("not print", 1, 1, 0),
        ("not screen", 0, 0, 1),
        ("speech", 0, 0, 0),
        ("(max-width: 30em)", 1, 0, 0),
        ("screen and (min-width:768px)", 0, 1, 0),
        ("(width<=767.98px)", 1, 0, 1),
        ("(400px <= width < 2000px)", 0, 1, 1),
        ("(max-width:400px), (min-width:1200px)", 1, 1, 0),
        ("(prefers-color-scheme: dark)", 1, 1, 1),
    ],
)
def test_media(query: str, phone: int, desk: int, paper: int) -> None:
    """Lists of queries say for which widths and media a rule holds, or may hold."""
    told = media_of(query)
    assert [any(each.applies(width) for each in told) for width in (PHONE, DESK, PAPER)] == [
        bool(each) for each in (phone, desk, paper)
    ]


@pytest.mark.parametrize(
    ("sheet", "phone", "desk"),
    [
        (".n{display:none} @media (min-width:600px){.n{display:block}}", True, False),
        ("@media (min-width:600px){.n{display:block}} .n{display:none}", True, True),
        (".n{display:none!important} #i{display:block}", True, True),
        ("b{display:none} .n{display:inline}", False, False),
        ("#i{display:none} .n.n.n{display:inline}", True, True),
        ("div .n{display:none} section .n{display:block}", False, False),
        ("div > section > .n{display:none}", True, True),
        ("section > div .n{display:none}", False, False),
        (".n:hover{display:none}", False, False),
        (".n::before{display:none}", False, False),
        (".n:not(.m){display:none}", True, True),
        (".n:not([id]){display:none}", False, False),
        (".n:first-child{display:none}", True, True),
        (".n{display:none} .n:first-child{display:block}", True, True),
        ("[class~=n]{display:none}", True, True),
        ("[class^='m']{display:none}", False, False),
        ("@supports (display:grid){.n{display:none}}", True, True),
        ("@keyframes n{from{opacity:0}}", False, False),
        ("@font-face{src:x} /* .n{display:none} */ .n{color:red}", False, False),
        ("@media print{.n{display:none}}", False, False),
        ("@media screen{@media (max-width:500px){.n{display:none}}}", True, False),
        (".no-js .n{display:none}", False, False),
        ("q{content:'}'} .n{display:none}", True, True),
        (".n{display:none", True, True),
    ],
)
def test_rules_win_as_in_browsers(sheet: str, phone: bool, desk: bool) -> None:
    """Importance, specificity and order decide; what is not understood may hide, and never shows."""
    page = page_of('<div><section><b id="i" class="n">x</b></section></div>', sheet)
    hidden = hidden_on(page)
    assert (0 in hidden, 1280 in hidden) == (phone, desk)


def test_sheets_for_readers_without_scripts() -> None:
    """What noscript and a no-js class hide is hidden where no script runs."""
    for head in ("<noscript><style>b{display:none}</style></noscript>", "<style>.no-js b{display:none}</style>"):
        page = Page(tree_of(f"<!doctype html><html class=no-js><head><title>x</title>{head}<body><b>x</b>"))
        assert not hidden_on(page)
        assert hidden_on(page, scripts=False) == page.sheets.everywhere


def test_paper() -> None:
    """What is on paper only and on screens only, by classes and by sheets."""
    page = page_of(
        '<b class="p">x</b><i class="s">x</i>', ".p{display:none} @media print{.p{display:block} .s{display:none}}"
    )
    (printed,), (unprinted,) = page.tree.search("b"), page.tree.search("i")
    assert is_print_only(page, printed)
    assert not is_hidden_in_print(page, printed)
    assert is_hidden_in_print(page, unprinted)
    assert not is_print_only(page, unprinted)
    page = page_of('<b class="print-only">x</b><i class="d-print-none">x</i>')
    assert is_print_only(page, page.tree.search("b")[0])
    assert is_hidden_in_print(page, page.tree.search("i")[0])


def test_what_is_around_both_is_no_barrier() -> None:
    """Of a hidden box that holds two elements nothing is told; of one that holds one of them it is."""
    page = page_of('<div hidden><p style="display:none"><b>x</b></p><i>x</i></div>')
    (b,), (i,) = page.tree.search("b"), page.tree.search("i")
    assert [barrier.says for barrier in kept_from(page, b, i)] == ["its own style"]
    assert not kept_from(page, i, b)


def test_elements_are_asked_about_as_they_will_be() -> None:
    """A selector is matched on the attributes that actions give and take."""
    page = page_of("<p><img data-src=a.jpg><i>x</i></p>", "img:not([src]){opacity:0} [data-src]{display:none}")
    (img,), (i,) = page.tree.search("img"), page.tree.search("i")
    assert kept_from(page, img, i)
    assert kept_from(page, img, i, After([SetAttribute(img, "src", "a.jpg")]))
    assert not kept_from(page, img, i, After([SetAttribute(img, "src", "a.jpg"), DropAttribute(img, "data-src")]))


@pytest.mark.parametrize(
    ("classes", "phone", "desk"),
    [
        ("d-none d-md-block", 1, 0),
        ("d-md-none", 0, 1),
        ("d-block", 0, 0),
        ("d-none", 1, 1),
        ("hidden lg:block", 1, 0),
        ("lg:hidden", 0, 1),
        ("max-md:hidden", 1, 0),
        ("overflow-hidden", 0, 0),
        ("hidden-xs hidden-sm", 1, 0),
        ("visible-xs", 0, 1),
        ("visible-xs visible-lg", 0, 0),
        ("hidden-phone", 1, 0),
        ("visible-desktop", 1, 0),
        ("show-for-large", 1, 0),
        ("hide-for-medium", 0, 1),
        ("show-for-small-only", 0, 1),
        ("hide-for-small-only", 1, 0),
        ("uk-visible@m", 1, 0),
        ("uk-hidden@m", 0, 1),
        ("uk-visible-small", 0, 1),
        ("is-hidden-mobile", 1, 0),
        ("is-hidden-tablet", 0, 1),
        ("hide-on-med-and-down", 1, 0),
        ("hide-on-small-only", 1, 0),
        ("w3-hide-small", 1, 0),
        ("hidden-sm-and-down", 1, 0),
        ("elementor-hidden-desktop", 0, 1),
        ("vc_hidden-xs", 1, 0),
        ("fusion-no-small-visibility", 1, 0),
        ("fresnel-at-xs", 0, 1),
        ("fresnel-greaterThanOrEqual-lg", 1, 0),
        ("fresnel-lessThan-md", 0, 1),
        ("hero-mobile", 0, 0),
        ("unhidden", 0, 0),
        ("hide-caption", 0, 0),
    ],
)
def test_classes_of_the_common_style_sheets(classes: str, phone: int, desk: int) -> None:
    """At which widths each convention hides."""
    hidden = hidden_at(f"box {classes}")
    assert (hidden.at(PHONE), hidden.at(DESK)) == (bool(phone), bool(desk))
    assert hidden.names <= {*classes.split()}


words = st.sampled_from(
    ("boats", "leave", "the", "Harbour", "photo-call", "café", "©", "A.", "“Anker”", "12", "co\u00adop", "o'clock")
)


@FEW
@given(
    st.lists(words, min_size=1, max_size=8),
    st.lists(words, max_size=4),
    st.sampled_from(("", "-", " ", "\u00ad", " / ")),
)
def test_a_filter_for_words_never_rejects_what_a_text_holds(said: list[str], more: list[str], sign: str) -> None:
    """Where a caption holds, or says, what an attribute says, the quick look does not rule it out."""
    attribute, caption = " ".join(said), f"{sign.join(said)} {' '.join(more)}"
    page = page_of(f"<figure><img src=a.jpg><figcaption>{caption}</figcaption></figure>")
    (figure,) = page.tree.search("figure")
    for part in (attribute, sign.join(said), attribute.upper()):
        if holds(caption, part) or says(caption, part):
            assert page.texts.may_say(figure, longer_words(part))
            assert page.texts.may_be_marked_as(longer_words(part))


@FEW
@given(st.lists(st.sampled_from((*HIDING, *SHOWING, "color:red", "border:none", "margin-top:-9999px")), max_size=5))
def test_a_sheet_says_what_its_declarations_say(told: list[str]) -> None:
    """A rule in a sheet says of each property what a style attribute with the same text says."""
    text = ";".join(told)
    in_sheet = [
        rule.declaration for rule in rules(f"i{{color:blue}} b{{{text}}} u{{display:block}}") if rule.selectors == "b"
    ]
    assert in_sheet == [said for said, _, _ in declarations(text)]


@FEW
@given(st.text(alphabet="ab.#>+~ *:[]()\"'=\\,{}@;/-_", max_size=40))
def test_any_text_may_stand_where_a_selector_or_a_sheet_does(text: str) -> None:
    """What is broken is read without an error, and hides nothing that it does not name."""
    page = page_of("<b class=a>x</b>", "x{display:none}")
    (node,) = page.tree.search("b")
    for selector in selectors_of(text):
        selector.matches(node)
    rules(f"{text}{{display:none}}{text}")
    hidden_at(text)


def test_unclosed_blocks_take_no_longer_than_their_size() -> None:
    """Blocks within blocks end at a depth; what is deeper hides nothing."""
    assert rules("@media screen{" * 20_000 + "b{display:none}") == []
    assert len(rules("b{display:none}" * 2_000)) == 2_000
    assert widths.EDGES[0] == 0
