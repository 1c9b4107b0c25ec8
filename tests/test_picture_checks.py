"""What the table of safety asks of two pictures, and of a slider and its strip, case by case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from captionfix.checks import pictures, strips
from captionfix.checks.picture_pairs import PicturePair
from captionfix.checks.strips import Strip, strip_of
from captionfix.layout.elements import side_by_side
from captionfix.layout.page import Page
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source

PROSE = "<p>The ferry runs twice a day in summer, and once in winter, when the ice is thin enough.</p>"


def page_of(markup: str) -> Page:
    return Page(HtmlTree(read_source(markup.encode())))


def pair_of(markup: str, **how: bool) -> PicturePair:
    """The first picture as what stays, the last one as what may go."""
    page = page_of(markup)
    return PicturePair(page, page.pictures[0], page.pictures[-1], **how)


def slider(markup: str) -> Strip:
    """Two parts of two pictures each."""
    page = page_of(markup)
    first, second, third, fourth = page.pictures
    parts = side_by_side(first.node, third.node)
    assert parts is not None
    return strip_of(page, *parts, [(first, third), (second, fourth)])


PAIRS: list[tuple[Callable[[PicturePair], bool], str, str]] = [
    (
        pictures.does_more,
        "<img src=/a.jpg><img src=/a.jpg onclick=go()>",
        "<img src=/a.jpg><img src=/a.jpg onload=go()>",
    ),
    (
        pictures.has_own_link,
        "<img src=/a.jpg><a href=/story><img src=/a.jpg></a>",
        "<a href=/story><img src=/a.jpg></a><a href=/story><img src=/a.jpg></a>",
    ),
    (
        pictures.is_not_loaded,
        "<img data-src=/b.jpg src=data:,><img data-src=/a.jpg src=data:,>",
        "<img data-src=/a-80x80.jpg src=data:,><img data-src=/a-90x60.jpg src=data:,>",
    ),
    (
        pictures.differs,
        "<img src=/a.jpg alt=Boat><img src=/a.jpg alt=Mole>",
        "<img src=/a.jpg alt=Boat><img src=/a.jpg>",
    ),
    (
        pictures.is_captioned_alone,
        "<img src=/a.jpg><hr><img src=/b.jpg><figure><img src=/a.jpg><figcaption>The ferry</figcaption></figure>",
        "<figure><img src=/a.jpg><figcaption>The ferry</figcaption></figure><img src=/b.jpg><hr><img src=/a.jpg>",
    ),
    (
        pictures.is_for_machines,
        "<img src=/a.jpg><div itemprop=image><img src=/a.jpg></div>",
        "<div itemprop=image><img src=/a.jpg><div><img src=/a.jpg></div></div>",
    ),
    (
        pictures.is_slide,
        "<img src=/a.jpg><ul><li class=s><img src=/b.jpg></li><li class=s hidden><img src=/a.jpg></li></ul>",
        "<img src=/a.jpg><img src=/b.jpg><p class=s hidden><img src=/b.jpg></p><p class=s hidden><img src=/a.jpg></p>",
    ),
    (
        pictures.is_in_own_part,
        "<img src=/a.jpg><div hidden><img src=/b.jpg><img src=/a.jpg></div>",
        "<img src=/a.jpg><div hidden><img src=/a.jpg></div>",
    ),
    (pictures.is_unproven, "<img src=/a/boats-600.jpg><img src=/a/boats-1200.jpg>", "<img src=/a.jpg><img src=/a.jpg>"),
    (
        pictures.is_in_gallery,
        "<img src=/a.jpg><dialog><a href=/b.jpg><img src=/b.jpg></a><a href=/a.jpg><img src=/a.jpg></a></dialog>",
        "<img src=/a.jpg><dialog><a href=/a.jpg><img src=/a.jpg></a></dialog>",
    ),
    (
        pictures.is_hidden_apart,
        "<img src=/a.jpg><div hidden><img src=/a.jpg></div>",
        "<div hidden><img src=/a.jpg><div><img src=/a.jpg></div></div>",
    ),
    (
        pictures.is_of_list,
        f"<article><div><img src=/a.jpg><img src=/b.jpg></div>{PROSE}<img src=/b.jpg>{PROSE}<img src=/a.jpg></article>",
        f"<article><div><img src=/a.jpg></div>{PROSE}<img src=/b.jpg>{PROSE}<img src=/a.jpg></article>",
    ),
    (
        pictures.has_own_caption,
        "<img src=/a.jpg><hr><figure><img src=/a.jpg><figcaption>The ferry in the harbour</figcaption></figure>",
        "<img src=/a.jpg><hr><img src=/a.jpg>",
    ),
    (pictures.is_uncertain, "<img src=/a.jpg><hr><img src=/a.jpg>", ""),
    (
        pictures.are_parted,
        "<article><div class=s><p>One</p><img src=/a.jpg></div><div class=s><p>Two</p><img src=/a.jpg></div></article>",
        f"<article><header><img src=/a.jpg></header>{PROSE}<img src=/a.jpg>{PROSE}</article>",
    ),
]


@pytest.mark.parametrize(("check", "holds", "fails"), PAIRS, ids=lambda each: getattr(each, "__name__", ""))
def test_question_about_two_pictures(check: Callable[[PicturePair], bool], holds: str, fails: str) -> None:
    """Each case holds for one page and not for its neighbour."""
    assert check(pair_of(holds))
    assert not fails or not check(pair_of(fails))


def test_the_place_of_the_lead_makes_certain() -> None:
    """The lead with a caption, once more without one, needs no pixels."""
    markup = "<figure><img src=/a.jpg><figcaption>The ferry in the harbour</figcaption></figure><hr><img src=/a.jpg>"
    assert not pictures.is_uncertain(pair_of(markup, has_lead=True))
    assert pictures.is_uncertain(pair_of(markup))


SLIDES = "<div class=slides><img src=/a.jpg{one}><img src=/b.jpg></div>"
THUMBS = "<div class=thumbs>{before}<img src=/a-90x60.jpg{one}>{behind}<img src=/b-90x60.jpg></div>"
PLAIN = {"before": "", "behind": "", "one": ""}
STRIPS: list[tuple[Callable[[Strip], bool], dict[str, str], str]] = [
    (strips.does_more, {"one": " onclick=turn(1)"}, ""),
    (strips.has_own_link, {"before": "<a href=/story>", "behind": "</a>"}, ""),
    (strips.is_of_text, {"before": PROSE}, ""),
    (strips.is_alike, {"one": " alt=Mole"}, " alt=Boat"),
    (strips.is_control, {"before": "<button>", "behind": "</button>"}, ""),
    (strips.is_aside, {}, " style=display:none"),
    (strips.has_own_words, {"before": "<i>", "behind": "The ferry</i>"}, ""),
]


@pytest.mark.parametrize(("check", "thumb", "slide"), STRIPS, ids=lambda each: getattr(each, "__name__", ""))
def test_question_about_a_strip(check: Callable[[Strip], bool], thumb: dict[str, str], slide: str) -> None:
    """Each case holds for a strip that has something about it, and not for a plain one."""
    strip = slider("<div>" + SLIDES.format(one=slide) + THUMBS.format(**{**PLAIN, **thumb}) + "</div>")
    plain = slider("<div>" + SLIDES.format(one="") + THUMBS.format(**PLAIN) + "</div>")
    assert check(strip)
    assert not check(plain)


def test_sizes_alone_are_no_slider() -> None:
    """Where no class speaks of a slider, smaller files may be those for the web."""
    bare = "<div><p><img src=/a.jpg><img src=/b.jpg></p><p><img src=/a-90x60.jpg><img src=/b-90x60.jpg></p></div>"
    assert strips.is_by_size(slider(bare))
    assert not strips.is_by_size(slider(bare.replace("<div>", "<div class=slider>", 1)))
