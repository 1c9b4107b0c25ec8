"""What holds for every page, whatever is on it."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pages import SHARED, edits_of, is_said, parse, picture_urls, rebuild, shared_pages, words

from captionfix.errors import PageError
from captionfix.markup.source import read_source
from captionfix.pipeline import Cleaned, clean_page
from captionfix.settings import ALT_CHOICES, Settings

FEW = settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
MANY = settings(FEW, max_examples=6000)

DEFAULT = Settings()
TEXTS = (
    "Boats leave the harbour at dawn",
    "Boats leave the harbour at noon",
    "Boats leave the harbour at dawn. Photo: A. Person",
    "Boats leave the harbour …",
    "Die Bäckerei „Zum Anker“ öffnet um fünf Uhr früh \u2013 wie jeden Tag",
    "Photo: A. Person",
    "Le marché du port, un matin d\u2019été & de brume",
    "港を出る漁船と見送る人々",
    "лодки покидают гавань на рассвете",
    "قوارب تغادر الميناء عند الفجر",
    "The quay was rebuilt in stone after the winter storm of that year, and the town paid for it with a tax on salt.",
    "x",
    "",
)
PICTURES = 4
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "cp1252": "windows-1252",
    "cp1251": "windows-1251",
    "gb18030": "gbk",
    "cp932": "shift_jis",
    "iso2022_jp": "iso-2022-jp",
    "big5hkscs": "big5",
    "cp949": "euc-kr",
}
"""How a page is written, and how it says so."""

numbers = st.integers(0, PICTURES - 1)
texts = st.sampled_from(TEXTS)


@st.composite
def urls(draw: st.DrawFn, number: int | None = None) -> str:
    """The address of a picture in one of its sizes."""
    name = f"pic{draw(numbers) if number is None else number}"
    return draw(
        st.sampled_from(
            (
                f"/u/{name}.jpg",
                f"/u/{name}-300x200.jpg",
                f"/u/{name}.jpg?w=1200",
                f"//i0.wp.com/s.org/u/{name}.jpg?w=600",
            )
        )
    )


@st.composite
def attribute(draw: st.DrawFn, name: str, value: str) -> str:
    """An attribute in one of the ways people write them."""
    escaped = value.replace("&", "&amp;").replace('"', "&quot;")
    bare = name + "=" + re.sub(r"[\s\"'<>=`]+", "-", escaped) if value else name
    return draw(
        st.sampled_from(
            (
                f' {name}="{escaped}"',
                f' {name}="{escaped}"',
                f" {name}='{escaped.replace(chr(39), '&#39;')}'",
                f'\n\t{name.upper()} = "{escaped}"',
                f" {bare}",
            )
        )
    )


@st.composite
def img(draw: st.DrawFn, number: int | None = None, text: str | None = None, *, lazy: bool | None = None) -> str:
    """A picture's tag."""
    text = draw(texts) if text is None else text
    url = draw(urls(number))
    lazy = draw(st.booleans()) if lazy is None else lazy
    stand_in = draw(st.sampled_from(("/blank.gif", "data:image/gif;base64,R0lGOD", "", None)))
    written = [("data-src", url)] if lazy else [("src", url)]
    if lazy and stand_in is not None:
        written.append(("src", stand_in))
    if draw(st.integers(0, 3)) == 0:
        written.append(("srcset", f"{url} 300w, {url.replace('.jpg', '.jpg')} 2x"))
    for name in ("alt", "title"):
        said = draw(st.sampled_from((text, text, "", None, TEXTS[0], f"Ada {text}")))
        if said is not None:
            written.append((name, said))
    if draw(st.integers(0, 4)) == 0:
        written += [("width", "640"), ("height", "480")]
    if draw(st.integers(0, 8)) == 0:
        written.append(("id", draw(st.sampled_from(("a", "b")))))
    order = draw(st.permutations(written))
    tag = draw(st.sampled_from(("img", "img", "img", "IMG", "amp-img", "image")))
    end = draw(st.sampled_from((">", ">", "/>", " />", "\n>")))
    return f"<{tag}{''.join(draw(attribute(name, value)) for name, value in order)}{end}"


@st.composite
def figure(draw: st.DrawFn) -> str:
    """A picture and one or two captions."""
    text = draw(texts)
    picture = draw(img(text=text))
    if draw(st.booleans()):
        picture = f'<a href="{draw(st.sampled_from(("/u/pic1.jpg", "/story.html", "#")))}" title="{text}">{picture}</a>'
    gap = draw(st.sampled_from(("", "\n", " ", "\n\t")))
    captions = draw(
        st.lists(
            st.sampled_from(
                (
                    f"<figcaption>{text}</figcaption>",
                    f'<p class="wp-caption-text">{text}</p>',
                    f'<div class="caption-mobile">{text}</div>',
                    f"<p>{text}</p>",
                    f"<span class=sr-only>{text}</span>",
                    f"<figcaption>{text} <b>{draw(texts)}</b>",
                    f"<P>{text}",
                )
            ),
            max_size=3,
        )
    )
    tag = draw(st.sampled_from(("figure", "div", "div class=wp-caption", "td", "li", "p")))
    end = draw(st.sampled_from((f"</{tag.split()[0]}>", f"</{tag.split()[0]}>", "")))
    return f"<{tag}>{gap}{picture}{gap}{gap.join(captions)}{gap}{end}"


@st.composite
def lazy_pair(draw: st.DrawFn) -> str:
    """A lazy picture and its copy in noscript."""
    number, text, gap = draw(numbers), draw(texts), draw(st.sampled_from(("", "\n", "\n  ")))
    live, copy = draw(img(number, text, lazy=True)), draw(img(number, text, lazy=False))
    inside = draw(
        st.sampled_from((copy, copy, f"<p>{copy}</p>", f"{copy}<img src=/t.gif width=1 height=1>", copy + "text"))
    )
    noscript = f"<noscript>{inside}{draw(st.sampled_from(('</noscript>', '</noscript>', '')))}"
    return gap.join(draw(st.permutations((live, noscript))))


@st.composite
def screen_pair(draw: st.DrawFn) -> str:
    """One picture for wide and one for narrow screens, or one in a lightbox."""
    number, text, gap = draw(numbers), draw(texts), draw(st.sampled_from(("", "\n", "\n  ", "words")))
    one, other = draw(img(number, text, lazy=False)), draw(img(number, text))
    kinds = draw(
        st.sampled_from((("d-none d-md-block", "d-md-none"), ("x", "lightbox"), ("a", "b"), ("desktop", "mobile")))
    )
    pair = [f'<div class="{kind}">{each}</div>' for kind, each in zip(kinds, (one, other), strict=True)]
    return gap.join(draw(st.permutations(pair)))


broken = st.sampled_from((
    "</p>", "<b><i>x</b>y</i>", "<div", "<!-- ", "-->", "<table><tr>", "</table>", "<p>", "</div>",
    "<svg><image href=a>", "<select><option></select>", "<textarea>", "</textarea>", "<script>if (a < b) {}</script>",
    "<template>", "</template>", "<noscript>", "</noscript>", "<a href=/x>", "</a>", "<br>", "</br>", "&amp",
    "&#0;", "\x00", "<![CDATA[x]]>", "<?x y ?>", "<title>t</title>", "<body class=z>", "</body>", "</html>",
    "<form>", "<button>", "<h2>", "</h2>", "<pre>\n", "<math><mi>", "<center>", "<font color=red>",
    "<frameset>", "<li>", "<dd>", "<nobr>", "<col>", "<style>p{}</style>", "<iframe></iframe>",
))  # fmt: skip


@st.composite
def wrapped(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """Something in an element around it."""
    tag = draw(st.sampled_from((
        "div", "article", "aside", "p", "td", "li", "a href=/x", "figure", "span", "noscript", "template",
        "blockquote", "pre", "div class=modal", "div id=a", "section", "table", "button", "dialog",
        "div hidden", "ul", "details",
    )))  # fmt: skip
    gap = draw(st.sampled_from(("", "\n", "\n  ")))
    return f"<{tag}>{gap}{draw(inner)}{gap}</{tag.split()[0]}>"


def _paragraph(text: str) -> str:
    return f"<p>{text}</p>"


leaves = st.one_of(
    figure(), figure(), lazy_pair(), screen_pair(), img(), texts.map(_paragraph), texts, broken,
    texts.map(lambda text: f"<p>{text}</p>\n<p>{text}</p>"), texts.map(lambda text: f"<h2>{text}</h2>"),
    texts.map(lambda text: f"<table><tr><td>{text}<td>{text}</table>"), st.text(max_size=12),
    st.sampled_from(('<a href="#a">to a</a>', '<a href="#b">to b</a>')),
)  # fmt: skip
blocks = st.recursive(
    leaves, lambda inner: st.one_of(wrapped(inner), st.lists(inner, max_size=4).map("\n".join)), max_leaves=8
)


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """A page as bytes, in some encoding, with some line ends, perhaps with bytes that belong to none."""
    codec = draw(st.sampled_from(("utf-8", "utf-8", "utf-8", *ENCODINGS)))
    declared = draw(st.sampled_from((ENCODINGS[codec], ENCODINGS[codec], "utf-8", "nonsense", None)))
    head = f"<!DOCTYPE html>\n<html><head><meta charset={declared}></head>\n<body>\n" if declared else ""
    text = (
        head
        + "\n".join(draw(st.lists(blocks, min_size=1, max_size=6)))
        + draw(st.sampled_from(("\n", "", "</body></html>\n")))
    )
    if draw(st.integers(0, 9)) == 0:
        text = '<?xml version="1.0"?>\n' + text
    text = text.replace("\n", draw(st.sampled_from(("\n", "\n", "\r\n", "\r", "\n\r"))))
    text = text.encode("utf-16", "replace").decode("utf-16")
    raw = text.encode(codec, "xmlcharrefreplace")
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 3)))):
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.binary(max_size=3)) + raw[at + draw(st.integers(0, 2)) :]
    return raw


options = st.builds(Settings, alt=st.sampled_from(ALT_CHOICES), review_level=st.booleans())


def clean_or_none(raw: bytes, options: Settings = DEFAULT) -> Cleaned | None:
    """Clean a page; a page that cannot be read is told so and nothing else is raised."""
    try:
        return clean_page(raw, options)
    except PageError:
        return None


def check_edits(cleaned: Cleaned) -> None:
    """Nothing but the reported edits changes, and a page without any stays the very object."""
    if not edits_of(cleaned.findings):
        assert cleaned.result is cleaned.raw
    assert rebuild(cleaned.raw, cleaned.findings) == cleaned.result


def check_twice(cleaned: Cleaned, options: Settings = DEFAULT) -> None:
    """Cleaning the result changes nothing."""
    again = clean_page(cleaned.result, options)
    assert again.result == cleaned.result, again.findings


def check_content(cleaned: Cleaned, identity: str) -> None:
    """Every word and every picture that was there is still there, and what loaded without a script still does."""
    if not cleaned.changed:
        return
    encoding = read_source(cleaned.raw).encoding
    before, after = (parse(raw.decode(encoding, "replace")) for raw in (cleaned.raw, cleaned.result))
    assert {word for word in words(before) - words(after) if not is_said(word, after)} == set()
    for was, left in zip(picture_urls(before), picture_urls(after), strict=True):
        assert _names(was, identity) <= _names(left, identity)


def _names(found: set[str], identity: str) -> set[str]:
    names = {match[0] for url in found if (match := re.search(identity, url))}
    return {PROCESSED_NAME.sub(r"\1", name) for name in names}


def check(raw: bytes, options: Settings) -> None:
    cleaned = clean_or_none(raw, options)
    if cleaned is not None:
        check_edits(cleaned)
        check_twice(cleaned, options)
        check_content(cleaned, r"pic\d")


@FEW
@given(pages(), options)
def test_pages_keep_what_is_theirs(raw: bytes, options: Settings) -> None:
    """Edits are all that changes, cleaning twice equals once, no word or picture is lost."""
    check(raw, options)


@FEW
@given(st.binary(max_size=200))
def test_any_bytes_can_be_given(raw: bytes) -> None:
    """Bytes of any kind are cleaned or refused with a PageError; what cannot be a picture's page stays as it is."""
    cleaned = clean_or_none(raw)
    assert cleaned is None or b"<" in raw or cleaned.result is raw


@FEW
@given(
    st.lists(texts.filter(bool), max_size=8),
    st.sampled_from(("\n\n", "\r\n\r\n", "\n \n\n")),
    st.sampled_from(("", "\ufeff")),
)
def test_texts_keep_what_is_theirs(paragraphs: list[str], gap: str, mark: str) -> None:
    """In plain text, too, edits are all that changes, twice equals once, and each paragraph is still there."""
    raw = (mark + gap.join(paragraphs)).encode()
    cleaned = clean_page(raw, Settings(), text=True)
    check_edits(cleaned)
    assert clean_page(cleaned.result, Settings(), text=True).result is cleaned.result
    assert {each for each in paragraphs if each not in cleaned.result.decode()} == set()


@pytest.mark.full
@MANY
@given(pages(), options)
def test_many_pages_keep_what_is_theirs(raw: bytes, options: Settings) -> None:
    """The same over many more pages."""
    check(raw, options)


each_shared_page = pytest.mark.parametrize(
    "path",
    shared_pages() or [pytest.param(None, marks=pytest.mark.skip("no shared pages beside the repository"))],
    ids=lambda path: str(path.relative_to(SHARED)) if path else "none",
)
PROCESSED_NAME = re.compile(r"^csm_(.+)_[0-9a-f]{10}(?=\.)")
"""TYPO3 puts a checksum behind the name of each size of a file."""
FILE_NAME = r"(?<![^/=])(?!(?:lazy_placeholder|dot)\.)[^/?#&,=\s]+\.(?:jpe?g|png|gif|webp|avif)(?=$|[?#&,])"


@pytest.mark.full
@each_shared_page
def test_real_pages_keep_what_is_theirs(path: Path) -> None:
    """Edits are all that changes, cleaning twice equals once, no word and no file is lost."""
    cleaned = clean_page(path.read_bytes(), Settings())
    check_edits(cleaned)
    check_twice(cleaned)
    check_content(cleaned, FILE_NAME)


@pytest.mark.full
@each_shared_page
def test_encoding_does_not_matter(path: Path) -> None:
    """A page in UTF-16 becomes what it becomes in its own encoding."""
    raw = path.read_bytes()
    source = read_source(raw)
    try:
        text = raw.decode(source.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pytest.skip("holds bytes that are no text")
    wide = clean_page(text.encode("utf-16"), Settings()).result.decode("utf-16")
    own = clean_page(raw, Settings()).result.removeprefix(codecs.BOM_UTF8)
    assert wide.encode(source.encoding, "xmlcharrefreplace") == own


@pytest.mark.full
@each_shared_page
def test_line_ends_do_not_matter(path: Path) -> None:
    """A page with Windows line ends becomes what it becomes with those of Unix."""
    unix = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in unix:
        pytest.skip("line ends of UTF-16 are no single bytes")
    windows = unix.replace(b"\n", b"\r\n")
    assert clean_page(windows, Settings()).result == clean_page(unix, Settings()).result.replace(b"\n", b"\r\n")
