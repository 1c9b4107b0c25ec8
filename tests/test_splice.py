"""What an edit takes along, what it leaves, and arithmetic of ranges."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pages import rebuild

from captionfix.markup.splice import apply, compose, lines_taken, to_original
from captionfix.model import Edit, Span
from captionfix.pipeline import clean_page
from captionfix.settings import Settings

FEW = settings(
    max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
SAID = "Boats leave the harbour at dawn"


def cleaned(page: str, **options: str) -> str:
    return clean_page(page.encode(), Settings(**options)).result.decode()  # type: ignore[arg-type]


def marked(page: str) -> tuple[str, str]:
    """A page with ``{{`` and ``}}`` around what goes, before and after."""
    before, after, left = "", "", page
    while left:
        kept, _, left = left.partition("{{")
        gone, _, left = left.partition("}}")
        before, after = before + kept + gone, after + kept
    return before, after


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "page",
    [
        f"<figure><img src=a>\n  <figcaption>{SAID}</figcaption>\n{{{{  <p class=caption>{SAID}</p>\n}}}}</figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption>\n{{{{\t<p class=caption>{SAID}</p> \t \n}}}}  </figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption> {{{{<p class=caption>{SAID}</p>}}}}\n</figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption>\n  {{{{<p class=caption>{SAID}</p>}}}} </figure>",
        f"<figure><img src=a><figcaption>{SAID}</figcaption>{{{{<p class=caption>{SAID}</p>}}}}</figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption>\n\n{{{{<p class=caption>{SAID}</p>\n}}}}\n</figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption>\n{{{{<p class=caption>\n{SAID}\n</p>\n}}}}</figure>",
        f"<figure><img src=a>\n<figcaption>{SAID}</figcaption>\n{{{{<p class=caption>{SAID}</p>}}}}<!-->\n</figure>",
    ],
)
def test_lines_that_go(page: str, line_end: str) -> None:
    """An element that stood alone on its line, or lines, takes the line along; any other leaves all white space."""
    before, after = (each.replace("\n", line_end) for each in marked(page))
    assert cleaned(before) == after


def test_white_space_in_pre_stays() -> None:
    """Where white space is text nothing goes but the element."""
    before, after = marked(
        f"<pre>\n<img src=a>\n<span class=caption>{SAID}</span>\n{{{{<span class=caption>{SAID}</span>}}}}\n</pre>"
    )
    assert cleaned(before) == after


@pytest.mark.parametrize(
    "page",
    [
        f'<img src="a.jpg" alt="{SAID}"{{{{ title="{SAID}"}}}}>',
        f'<img src="a.jpg" alt="{SAID}"{{{{\n\t title="{SAID}"}}}}\n>',
        f'<img{{{{ title="{SAID}"}}}} src="a.jpg" alt="{SAID}">',
        f"<img{{{{ TITLE = '{SAID}'}}}} src=a.jpg alt='{SAID}'/>",
        f'<img{{{{\r\ntitle="{SAID}"}}}} src="a.jpg" alt="{SAID}"/>',
        f'<img src="a.jpg" alt="{SAID}"{{{{title="{SAID}"}}}}>',
        f'<img src="a.jpg"{{{{ title="{SAID}"}}}} / alt="{SAID}">',
    ],
)
def test_attributes_that_go(page: str) -> None:
    """A dropped title takes the white space before it and nothing behind it."""
    before, after = marked(page)
    assert cleaned(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'<img title="{SAID}"alt="{SAID}" src=a.jpg>', f'<img alt="{SAID}" src=a.jpg>'),
        (f'<img src=a.jpg title="{SAID}"alt="{SAID}">', f'<img src=a.jpg alt="{SAID}">'),
        (f'<img alt="{SAID}" src=a.jpg title="{SAID}"/>', f'<img alt="{SAID}" src=a.jpg />'),
    ],
)
def test_attributes_that_touch(before: str, after: str) -> None:
    """Where no white space parted a dropped title from its neighbour, a blank does, so that no value grows."""
    assert cleaned(before) == after


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f'alt="{SAID}"', 'alt=""'),
        (f"alt='{SAID}'", 'alt=""'),
        (f"ALT = '{SAID}'", 'ALT=""'),
        (f"aLt=\r\n'{SAID}'", 'aLt=""'),
        ("alt=Boats&#32;leave&#32;the&#32;harbour&#32;at&#32;dawn", 'alt=""'),
        ("alt=Boats&#32;leave&nbsp;the&#x20;harbour&Tab;at&#32;dawn", 'alt=""'),
    ],
)
def test_an_emptied_alt(written: str, left: str) -> None:
    """An emptied alt keeps its place and the case of its name, and is written ``alt=""`` however it was written."""
    page = "<figure><img class=x {} src=a.jpg><figcaption>{}</figcaption></figure>"
    assert cleaned(page.format(written, SAID)) == page.format(left, SAID)


def test_the_first_of_two_attributes_counts() -> None:
    """Of two attributes of one name the parser knows the first; the other is dead and stays."""
    page = '<figure><img alt="{}" src=a.jpg alt="Boats at night"><figcaption>{}</figcaption></figure>'
    assert cleaned(page.format(SAID, SAID)) == page.format("", SAID)


@pytest.mark.parametrize(
    ("tag", "after"),
    [
        ("<img data-src=a.jpg>", '<img src="a.jpg" data-src=a.jpg>'),
        ("<IMG\n data-src=a.jpg>", '<IMG src="a.jpg"\n data-src=a.jpg>'),
        ("<img/data-src=a.jpg>", '<img src="a.jpg"/data-src=a.jpg>'),
        ("<img src data-src=a.jpg>", '<img src="a.jpg" data-src=a.jpg>'),
        ("<img SRC='' data-src=a.jpg>", '<img SRC="a.jpg" data-src=a.jpg>'),
        ("<image data-src=a.jpg>", '<image src="a.jpg" data-src=a.jpg>'),
        ("<img data-src=a.jpg src=blank.gif />", '<img data-src=a.jpg src="a.jpg" />'),
    ],
)
def test_an_attribute_that_arrives(tag: str, after: str) -> None:
    """A value goes to where the attribute stood, a new attribute right behind the tag's name."""
    assert cleaned(f"<p>{tag}<noscript><img src=a.jpg></noscript></p>") == f"<p>{after}</p>"


def test_a_value_that_arrives_is_escaped_anew() -> None:
    """What moves over stands in double quotes with its signs escaped, and only attributes of pictures move."""
    copy = "<img src='a.jpg?a=1&amp;b=2' alt='&quot;Ada&quot; &lt;b&gt; &amp;amp;' onload=x() style=color:red>"
    assert cleaned(f"<p><img data-src='a.jpg?a=1&amp;b=2'><noscript>{copy}</noscript></p>") == (
        '<p><img src="a.jpg?a=1&amp;b=2" alt="&quot;Ada&quot; &lt;b&gt; &amp;amp;" data-src=\'a.jpg?a=1&amp;b=2\'></p>'
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", " javascript:x"]
)
def test_dangerous_urls_do_not_move(url: str) -> None:
    """A script in a noscript's src never becomes live."""
    page = f'<p><img class=lazy alt="a b"><noscript><img src="{url}" srcset="{url} 2x" alt="a b"></noscript></p>'
    assert url not in cleaned(page).split("<noscript>", maxsplit=1)[0]


def test_wrappers_left_empty_go() -> None:
    """What holds nothing any more goes along, up to what still holds something; table parts stay."""
    before, after = marked(
        f"<article><figure><img src=/a.jpg><figcaption>{SAID}</figcaption></figure>\n"
        "<p>Words between.</p>\n"
        "{{<section>\n  <div class=lightbox><p><a href=/a.jpg><img src=/a.jpg></a></p></div>\n</section>\n}}</article>"
    )
    assert cleaned(before) == after
    before, after = marked(
        f"<article><figure><img src=/a.jpg><figcaption>{SAID}</figcaption></figure><p>Words between.</p>"
        "<table class=lightbox><tr><td>{{<img src=/a.jpg>}}</td></tr></table></article>"
    )
    assert cleaned(before) == after


def test_an_id_that_is_spoken_of_moves_over() -> None:
    """The id of a removed copy goes to the survivor where the page points to it, and only there."""
    page = '{link}<p><img{taken} src=/a.jpg?w=900 alt="{said}"></p>{copy}'
    copy = f'<div class=lightbox><img{{}} src=/a.jpg?w=900 alt="{SAID}"></div>'
    link = '<a href="#big">Big</a>'
    before = page.format(link=link, taken="", said=SAID, copy=copy.format(" id=big"))
    assert cleaned(before) == page.format(link=link, taken=' id="big"', said=SAID, copy="")
    before = page.format(link="", taken="", said=SAID, copy=copy.format(" id=big"))
    assert cleaned(before) == page.format(link="", taken="", said=SAID, copy="")


def test_misnested_markup_is_left_alone() -> None:
    """Where a removal would make the rest parse in another way, it is refused and told."""
    page = (
        f"<figure><img src=a.jpg><figcaption>{SAID}</figcaption><b><p class=caption>{SAID}</b></p>x</figure>".encode()
    )
    result = clean_page(page, Settings())
    assert rebuild(page, result.findings) == result.result
    assert result.result is page or b"<b>" not in result.result


@pytest.mark.parametrize(
    ("text", "start", "end", "taken"),
    [
        ("<i></i>", 0, 7, (0, 0)),
        ("<i></i>\n", 0, 7, (0, 1)),
        ("\n<i></i>", 1, 8, (0, 0)),
        ("a\n \t<i></i>\t \nb", 4, 11, (2, 3)),
        ("a <i></i>\nb", 2, 9, (0, 0)),
        ("a\n<i></i> b", 2, 9, (0, 0)),
    ],
)
def test_lines_taken(text: str, start: int, end: int, taken: tuple[int, int]) -> None:
    """Blanks before and behind, and one line end, go with what stands alone between two line ends."""
    assert lines_taken(text, start, end) == taken


@st.composite
def edits(draw: st.DrawFn, length: int) -> list[Edit]:
    """Edits in order, none running into another, of a page of this length."""
    points = sorted(draw(st.lists(st.integers(0, length), max_size=8, unique=True)))
    spans = zip(points[::2], points[1::2], strict=False)
    return [Edit(Span(start, end), draw(st.binary(max_size=3))) for start, end in spans]


@FEW
@given(st.binary(max_size=30), st.data())
def test_edits_compose(raw: bytes, data: st.DataObject) -> None:
    """Two lists of edits made one after the other are one list made at once."""
    first = data.draw(edits(len(raw)))
    middle = apply(raw, first)
    then = data.draw(edits(len(middle)))
    both = compose(first, then)
    assert apply(raw, both) == apply(middle, then)
    assert all(left.span.end <= right.span.start for left, right in pairwise(both))


@FEW
@given(st.binary(max_size=30), st.data())
def test_bytes_find_their_origin(raw: bytes, data: st.DataObject) -> None:
    """A byte that no edit wrote stands where the same byte stood before."""
    made = data.draw(edits(len(raw)))
    after = apply(raw, made)
    written = set()
    shift = 0
    for edit in made:
        begin = edit.span.start + shift
        written |= set(range(begin, begin + len(edit.replacement)))
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    for at in set(range(len(after))) - written:
        origin = to_original(at, made)
        assert raw[origin] == after[at]
        assert not any(edit.span.start <= origin < edit.span.end for edit in made)
