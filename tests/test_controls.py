"""What a person operates, element by element, and what may go of it."""

import pytest

import captionfix
from captionfix.layout.controls import around, described, left_without, operated, whole
from captionfix.layout.page import Page
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source

OPERATED = {
    "button": "<button>{}</button>",
    "label": "<label for=a>{}</label>",
    "summary": "<details><summary>{}</summary>More</details>",
    "a button by its role": "<div role=button>{}</div>",
    "a tab": "<li role=tab>{}</li>",
    "an item of a menu": "<li role=menuitem>{}</li>",
    "an option by its role": "<li role=option>{}</li>",
    "a handler of clicks": "<li onclick='turn(1)'>{}</li>",
    "a handler of keys": "<span onkeydown='turn(1)'>{}</span>",
    "a handler of the mouse": "<span onmouseover='turn(1)'>{}</span>",
    "a handler of Vue": "<li @click.prevent='turn(1)'>{}</li>",
    "a handler of AngularJS": "<li ng-click='turn(1)'>{}</li>",
    "a handler of WordPress": "<div data-wp-on-async--click='turn'>{}</div>",
    "in the order of tabs": "<span tabindex=0>{}</span>",
    "a link to nothing": "<a href='#'>{}</a>",
    "a link within the page": "<a href='#upper'>{}</a>",
    "a link to a script": "<a href=' JavaScript:turn(1)'>{}</a>",
    "a link without an address": "<a href=''>{}</a>",
    "a form": "<form><p>{}</p></form>",
    "a row of a form": "<div><p>{}<input name=a></p></div>",
    "a button called a dialog": "<div role=button class=open-modal>{}</div>",
}
SHOWN = {
    "a link to the file": "<a href='big.jpg'>{}</a>",
    "a link for a lightbox": "<a href='big.jpg' role=button tabindex=0 onclick='return hs.expand(this)'>{}</a>",
    "a link to a page": "<a href='/boats' tabindex=0>{}</a>",
    "a handler of loading": "<div onload='begin()'>{}</div>",
    "a handler of errors": "<span onerror='again()'>{}</span>",
    "a figure with a handler": "<figure onclick='zoom()'>{}</figure>",
    "a figure that gets the focus": "<figure tabindex=0>{}</figure>",
    "a figure by its role": "<div role=figure tabindex=0>{}</div>",
    "a slide that gets the focus": "<div class='swiper-slide' tabindex=0>{}</div>",
    "a cloned slide": "<li class='slick-slide slick-cloned' role=option tabindex=0>{}</li>",
    "a slide by its description": "<div role=group aria-roledescription=slide tabindex=0>{}</div>",
    "a dialog": "<dialog onclick='this.close()'>{}</dialog>",
    "a dialog by its role": "<div role=dialog tabindex=0 onkeydown='keys()'>{}</div>",
    "a dialog by its class": "<div class=lightbox onclick='shut()'>{}</div>",
    "a closed box": "<div hidden tabindex=0>{}</div>",
    "closed details": "<details>{}</details>",
    "a scroller": "<div style='overflow-x: auto' tabindex=0>{}</div>",
    "a scroller by its class": "<div class='scroll-area' tabindex=0>{}</div>",
    "a region": "<div role=region tabindex=0>{}</div>",
    "out of the order of tabs": "<div tabindex=-1>{}</div>",
    "a panel": "<div role=tabpanel tabindex=0>{}</div>",
    "several pictures": "<div tabindex=0>{}<img src=b.jpg></div>",
}


def page_of(markup):
    return Page(HtmlTree(read_source(markup.encode())))


def told(markup, *, form=False):
    """What is said of the picture a.jpg of a page, beside another one that stands outside."""
    body = f"<body><p><img src=o.jpg></p>{markup.format('<img src=a.jpg>')}"
    page = page_of(f"<form>{body}</form>" if form else body)
    nodes = [picture.node for picture in page.pictures]
    return page, nodes[1], nodes[0]


@pytest.mark.parametrize("markup", OPERATED.values(), ids=OPERATED)
def test_what_a_person_operates_is_a_control(markup):
    """It is found around the picture, named, and nothing goes of it."""
    page, duplicate, kept = told(markup, form="<input" in markup)
    control = around(page, duplicate, kept)[0]
    assert described(page, control)
    assert left_without(page, duplicate, kept, [duplicate]) is control
    assert operated(page, duplicate, kept) is control


@pytest.mark.parametrize("markup", SHOWN.values(), ids=SHOWN)
def test_what_is_there_to_be_seen_is_none(markup):
    """Figures, slides, boxes, scrollers and links to a file hold pictures, whatever happens to them."""
    page, duplicate, kept = told(markup)
    assert around(page, duplicate, kept) == []
    assert left_without(page, duplicate, kept, [duplicate]) is None


def test_what_holds_both_is_not_asked():
    """A button that holds both copies keeps one of them."""
    page = page_of("<button><img src=a.jpg><span><img src=b.jpg></span></button>")
    one, other = (picture.node for picture in page.pictures)
    assert around(page, other, one) == []


@pytest.mark.parametrize("main", ["<h1>Boats</h1>", "<main>Boats</main>", f"<p>{'Boats leave. ' * 50}</p>"])
def test_a_form_around_the_whole_page_is_none(main):
    """As servers of the 2000s write it, around everything, with a field for the search."""
    page = page_of(f"<form><div>{main}<img src=a.jpg></div><div><img src=b.jpg><input name=q></div></form>")
    one, other = (picture.node for picture in page.pictures)
    assert around(page, other, one) == []


@pytest.mark.parametrize(
    ("one", "other", "goes"),
    [
        ("<a href='#x'>{}</a>", "<a href='#x'>{}</a>", True),
        ("<a href='#x'>{} Zoom</a>", "<a href='#x'>{} Zoom</a>", True),
        ("<a href='#x'>{}</a>", "<a href='#x'>{} Zoom</a>", False),
        ("<a href='#x'>{}</a>", "<a href='#y'>{}</a>", False),
        ("<a href='#'>{}</a>", "<a href='#'>{}</a>", False),
        ("<a href='javascript:void(0);'>{}</a>", "<a href='javascript:void(0);'>{}</a>", False),
        ("<button onclick='turn(1)'>{}</button>", "<button onclick='turn(1)'>{}</button>", True),
        ("<button onclick='turn(1)'>{}</button>", "<button onclick='turn(2)'>{}</button>", False),
        ("<button>{}</button>", "<button>{}</button>", False),
        ("<label for=a>{}</label>", "<label for=a>{}</label>", True),
        ("<label for=a>{}</label>", "<label for=a>{}<input id=a></label>", False),
        ("<p>{}</p>", "<label for=a>{}</label>", False),
    ],
)
def test_a_control_goes_whole_where_its_like_stays(one, other, goes):
    """The same target, and nothing in it that would be lost."""
    page = page_of(f"<div>{one.format('<img src=a.jpg>')}</div><div>{other.format('<img src=a.jpg>')}</div>")
    kept, duplicate = (picture.node for picture in page.pictures)
    left = left_without(page, duplicate, kept, [duplicate])
    assert (left is None) is goes
    if goes:
        assert whole(page, duplicate, kept) is duplicate.parent


def test_a_control_in_what_goes_needs_its_like():
    """A figure with a button of its own goes only where the other has one that says the same."""
    figure = "<figure><img src=a.jpg><button>{}</button></figure>"
    for words, lost in (("Save", False), ("Share", True)):
        page = page_of(f"<div>{figure.format('Save')}</div><div>{figure.format(words)}</div>")
        kept, duplicate = (picture.node for picture in page.pictures)
        assert (left_without(page, duplicate, kept, [duplicate.parent]) is not None) is lost


BOXED = """<article><figure><img src="/a/boat.jpg" alt="Boat"><figcaption>The boat that nobody wanted
</figcaption></figure><p>She leaks.</p></article><div class="lightbox" hidden>{}</div>"""


@pytest.mark.parametrize("review", [False, True])
def test_a_refusal_names_the_control_even_when_review_is_asked_for(review):
    """What no like control stands for is only shown."""
    page = BOXED.format('<button type="button"><img src="/a/boat.jpg" alt="Boat"></button>')
    result = captionfix.clean(page, settings=captionfix.Settings(review_level=review))
    assert not result.changed or "<button" in result.html
    (found,) = [finding for finding in result.findings if finding.code == "CF203"]
    assert found.safety is captionfix.Safety.SHOW
    assert any(piece.figure == "button" for piece in found.evidence)


STRIP = """<div class="slider"><ul class="slides"><li><img src="/a/oar.jpg"></li><li><img src="/a/mast.jpg"></li></ul>
<ul class="thumbs"><li>{}<img src="/a/oar-150x100.jpg">{}</li><li><img src="/a/mast-150x100.jpg"></li></ul></div>"""


def test_a_strip_goes_with_its_whole_buttons_when_review_is_asked_for():
    """No button is left without a name."""
    page = STRIP.format('<button type="button">', "</button>")
    (first, second) = captionfix.clean(page).findings
    assert {first.safety, second.safety} == {captionfix.Safety.REVIEW}
    assert any(piece.figure == "button" for piece in first.evidence)
    result = captionfix.clean(page, settings=captionfix.Settings(review_level=True))
    assert "button" not in result.html
    assert result.html.count("<img") == 2
