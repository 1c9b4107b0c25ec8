"""Bytes to text and back: encodings, offsets, lines, and where elements stand."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pages import parse

from captionfix.errors import EncodingError, PageError
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source
from captionfix.model import Node
from captionfix.pipeline import clean_page
from captionfix.settings import Settings

FEW = settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
SCRIPTS = {
    "utf-8": ("utf-8", "Größe, море, 港, 😀"),
    "windows-1250": ("cp1250", "Łódź przy nabrzeżu"),
    "windows-1251": ("cp1251", "лодки на рейде"),
    "windows-1252": ("cp1252", "Möwe \u201eGroß\u201c à côté"),
    "windows-1253": ("cp1253", "βάρκες στο λιμάνι"),
    "windows-1254": ("cp1254", "gölge, şehir, iğne"),
    "windows-1255": ("cp1255", "סירות ליד הרציף"),
    "windows-1256": ("cp1256", "قوارب عند الرصيف"),
    "iso-8859-2": ("iso8859_2", "lodě u mola, tůň"),
    "koi8-r": ("koi8_r", "лодки на рейде"),
    "gbk": ("gb18030", "码头边的小船"),
    "big5": ("big5hkscs", "碼頭邊的小船"),
    "euc-kr": ("cp949", "부두의 작은 배"),
    "shift_jis": ("cp932", "波止場の小舟、表"),
    "euc-jp": ("euc_jp", "波止場の小舟"),
    "iso-2022-jp": ("iso2022_jp", "波止場の小舟"),
}
"""How pages name an encoding, the codec it is, and a text in it."""

in_each_encoding = pytest.mark.parametrize(
    ("label", "codec", "text"), [(k, *v) for k, v in SCRIPTS.items()], ids=SCRIPTS
)


def figure(text: str, label: str = "") -> str:
    meta = f'<meta charset="{label}">' if label else ""
    picture = f'<img src="a.jpg" alt="{text} 1234"><figcaption>{text} 1234</figcaption>'
    return f"<html>{meta}<p>{text}</p>\r\n<figure>{picture}</figure></html>"


@in_each_encoding
def test_declared_encoding_is_read(label: str, codec: str, text: str) -> None:
    """What a meta element declares is what the page is read with, and it is edited in the same encoding."""
    page = figure(text, label)
    raw = page.encode(codec)
    source = read_source(raw)
    assert source.exact
    assert source.view == page.replace("\r\n", " \n")
    assert clean_page(raw, Settings()).result == page.replace(f'alt="{text} 1234"', 'alt=""').encode(codec)


@in_each_encoding
def test_caller_knows_the_encoding(label: str, codec: str, text: str) -> None:
    """What the caller says counts where the page says nothing, and before what it says wrongly."""
    for page in (figure(text), figure(text, "utf-8"), figure(text, "windows-1252")):
        assert read_source(page.encode(codec), encoding=label).view == page.replace("\r\n", " \n")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_mark_wins_over_everything(codec: str) -> None:
    """A byte order mark wins over the caller and over the page, stands in the view as one blank, and stays."""
    page = figure("Größe, море, 港, 😀", "windows-1251")
    mark = codecs.BOM_UTF16_BE if codec == "utf-16-be" else b""
    raw = mark + page.encode(codec)
    source = read_source(raw, encoding="koi8-r")
    assert source.view == " " + page.replace("\r\n", " \n")
    emptied = page.replace('alt="Größe, море, 港, 😀 1234"', 'alt=""')
    assert clean_page(raw, Settings()).result == mark + emptied.encode(codec)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(codec: str) -> None:
    """Markup in UTF-16 is known by its zero bytes where no mark says so."""
    assert read_source(figure("море").encode(codec)).encoding == codec


@pytest.mark.parametrize("label", ["utf-16le", "UTF-16", "utf-16be"])
def test_caller_knows_utf16(label: str) -> None:
    """The caller's UTF-16 is UTF-16, while a page that can say so in a meta element is none."""
    codec = "utf-16-be" if label == "utf-16be" else "utf-16-le"
    assert read_source("море <p>".encode(codec), encoding=label).view == "море <p>"
    assert read_source(f"<meta charset={label}><p>море".encode()).encoding == "utf-8"


@pytest.mark.parametrize("label", ["ISO-8859-1", "latin1", "us-ascii", "x-cp1252"])
def test_labels_mean_what_browsers_take_them_for(label: str) -> None:
    """Latin-1 and ASCII are read as windows-1252, as the Encoding Standard has it."""
    assert read_source(figure("\u201eMöwe\u201c", label).encode("cp1252")).view.count("\u201eMöwe\u201c") == 3


@pytest.mark.parametrize(
    "declaration",
    [
        "<meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>",
        "<META CHARSET=windows-1251>",
        "<?xml version='1.0' encoding='windows-1251'?>",
        '<meta name="a" content="b"><meta   charset = " windows-1251">',
        "<!--" + "-" * 9000 + "--><meta charset=windows-1251>",
    ],
)
def test_ways_to_declare(declaration: str) -> None:
    """A declaration counts in every form, late ones too."""
    assert read_source(f"{declaration}<p>лодки".encode("cp1251")).view.endswith("лодки")


def test_utf8_is_known_by_its_bytes() -> None:
    """Bytes that are valid UTF-8 beyond ASCII are UTF-8 whatever the page declares."""
    raw = figure("лодки на рейде", "windows-1251").encode()
    assert read_source(raw).encoding == "utf-8"


def test_wrong_declaration() -> None:
    """A page that says UTF-8 and is not keeps every byte, and is cleaned by its structure."""
    raw = figure("波止場の小舟", "utf-8").encode("cp932")
    result = clean_page(raw, Settings()).result
    assert result == figure("波止場の小舟", "utf-8").replace('alt="波止場の小舟 1234"', 'alt=""').encode("cp932")


def test_no_declaration() -> None:
    """Bytes that are no UTF-8 and declare nothing are windows-1252, as in a browser."""
    assert read_source(b"<p>M\xf6we \x84x\x93").view == "<p>Möwe \u201ex\u201c"


def test_unknown_declaration() -> None:
    """A declaration nobody knows is as good as none."""
    assert read_source(b"<meta charset=x-nonsense><p>M\xf6we").view.endswith("Möwe")


@pytest.mark.parametrize("hint", ["nonsense", "utf-7", "hex", "rot13", "base64", "idna", "punycode", "undefined", ""])
def test_caller_must_know_an_encoding(hint: str) -> None:
    """A hint that names no encoding of pages is refused with the page's name and a next step; no hint is none."""
    if not hint:
        assert read_source(b"<p>", encoding=hint).encoding == "ascii"
        return
    with pytest.raises(EncodingError) as told:
        read_source(b"<p>x", encoding=hint, locator="page.html")
    assert told.value.locator == "page.html"
    assert repr(hint) in told.value.cause
    assert "utf-8" in told.value.hint


@pytest.mark.parametrize("raw", [b"\xff\xfe<\0p\0>", b"\xfe\xff\0<\0p\0", b"\xff\xfe\x3d\xd8<\0"])
def test_half_characters(raw: bytes) -> None:
    """UTF-16 that ends within a character or holds half a pair is refused with its place, not guessed at."""
    with pytest.raises(PageError) as told:
        read_source(raw + (b"" if len(raw) % 2 else b"x"), locator="page.html")
    assert told.value.offset is not None
    assert "--encoding" in told.value.hint


@pytest.mark.parametrize("label", ["utf-8", "windows-1252", "gbk", "shift_jis", "big5", "euc-kr", "euc-jp", "koi8-r"])
@pytest.mark.parametrize("odd", [b"\xff", b"\x81", b"\x80\xff", b"\xe4\xb8", b"\xc0\xaf", b"\xed\xa0\x80", b"\xa0"])
def test_invalid_bytes_stay(label: str, odd: bytes) -> None:
    """Bytes that are no text of the encoding stay where they are while the page around them is cleaned."""
    before, after = (
        b"<meta charset=%s><p>x%s <figure><img src=a.jpg %s><figcaption>Boats leave the quay</figcaption></figure>%s"
        % (label.encode(), odd, alt, odd)
        for alt in (b'alt="Boats leave the quay"', b'alt=""')
    )
    assert clean_page(before, Settings()).result == after


@pytest.mark.parametrize("odd", [b"\xff", b"\x80", b"\xed\xa0\x80"])
def test_invalid_bytes_in_names(odd: bytes) -> None:
    """Names of elements and attributes may hold bytes that are no text."""
    raw = b"<meta charset=utf-8><p%s x%s=1><img he%sght=1 src=a.jpg alt='x'><td\xf5\nx>" % (odd, odd, odd)
    assert clean_page(raw, Settings()).result is raw


def test_bytes_that_do_not_come_back() -> None:
    """Where decoding and encoding would change bytes, the page is still read, and cleaned, byte by byte."""
    other = b"\x87\x90"  # one of two codes of a sign in windows-31j; encoding it gives the other
    picture = "<img src=a.jpg alt='波止場の小舟と#表'><figcaption>波止場の小舟と#表</figcaption>"
    page = f"<meta charset=shift_jis><figure>{picture}</figure>"
    raw = page.encode("cp932").replace(b"#", other)
    source = read_source(raw)
    assert not source.exact
    assert clean_page(raw, Settings()).result == raw.replace(raw[raw.index(b"alt=") : raw.index(b"><figc")], b'alt=""')


def test_inserted_text_is_written_in_the_encoding_of_the_page() -> None:
    """What moves from one element to another is written in the page's encoding, the rest as references."""
    copy = '<noscript><img src=a.jpg alt="лодки &#8470; &#22909; &quot;"></noscript>'
    before = f"<meta charset=windows-1251><img data-src=a.jpg>{copy}"
    after = '<meta charset=windows-1251><img src="a.jpg" alt="лодки № &#22909; &quot;" data-src=a.jpg>'
    assert clean_page(before.encode("cp1251"), Settings()).result == after.encode("cp1251")


def test_inserted_text_where_bytes_do_not_come_back() -> None:
    """The same where the page is read byte by byte."""
    before = "<meta charset=shift_jis><p>#</p><img data-src=a.jpg><noscript><img src=a.jpg alt='表の小舟'></noscript>"
    after = '<meta charset=shift_jis><p>#</p><img src="a.jpg" alt="表の小舟" data-src=a.jpg>'
    raw, want = (page.encode("cp932").replace(b"#", b"\x87\x90") for page in (before, after))
    assert clean_page(raw, Settings()).result == want


@FEW
@given(st.sampled_from(sorted(SCRIPTS)), st.text(max_size=40), st.sampled_from(("\n", "\r\n", "\r")), st.data())
def test_every_character_knows_its_byte(label: str, text: str, line_end: str, data: st.DataObject) -> None:
    """The byte at which a character begins is the length of all before it in bytes, whatever the encoding."""
    codec = SCRIPTS[label][0]
    page = (
        f"<meta charset={label}>{text}{SCRIPTS[label][1]}\nend".replace("\r", "")
        .replace("\x1b", "")
        .replace("\n", line_end)
    )
    raw = page.encode(codec, "xmlcharrefreplace")
    try:
        page = raw.decode("utf-8") if read_source(raw).encoding == "utf-8" else raw.decode(codec)
    except UnicodeDecodeError:
        return
    source = read_source(raw)
    if not source.exact:
        return
    positions = data.draw(st.lists(st.integers(0, len(page)), max_size=5))
    offsets = source.byte_offsets(positions)
    joined = [at for at in positions if codec != "iso2022_jp" or page[:at].isascii()]
    assert [offsets[at] for at in joined] == [len(page[:at].encode(source.encoding)) for at in joined]
    assert len(source.view) == len(page)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_and_columns(line_end: str) -> None:
    """Lines end with LF, CR LF or CR; columns count characters."""
    raw = line_end.join(("<p>港", "  <b>x</b>", "", "<i>y")).encode("utf-16")
    source = read_source(raw)
    assert [source.line_column(source.view.index(tag)) for tag in ("<p>", "<b>", "<i>")] == [(1, 2), (2, 3), (4, 1)]


def test_line_of_a_text_in_utf16() -> None:
    """A letter whose bytes hold a line feed ends no line."""
    letters = "ਅ ਆ " * 30
    page = f"\ufeffਅਊ\n\n{letters}\n\n{letters}\n"
    (finding,) = clean_page(page.encode("utf-16-le"), Settings(), text=True).findings
    assert (finding.line, finding.column) == (5, 1)


# where elements stand

VOID, LEFT_OPEN, CLOSED = ("img", "br", "hr", "input"), ("li", "p", "option"), ("div", "span", "section", "figure", "b")


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> list[Any]:
    """Elements in elements: name, style of writing, children or texts."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("void", "closed", "text", "comment") if depth else ("void", "text")))
        if kind == "text":
            found.append(draw(st.sampled_from(("a < b", "港", " \n", "x &amp; y", "'\"", "\r\n"))))
        elif kind == "comment":
            found.append(draw(st.sampled_from(("<!-- <i> -->", "<!>", "<?x <i>?>"))))
        elif kind == "void":
            found.append((draw(st.sampled_from(VOID)), draw(st.integers(0, 2)), []))
        else:
            found.append((draw(st.sampled_from(CLOSED)), draw(st.integers(0, 2)), draw(elements(depth - 1))))
    return found


def write(parts: list[Any], at: int, spans: dict[str, tuple[int, int]]) -> str:
    """Write elements, and note for each id where it begins and ends."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        tag, style, inside = part
        name = f"n{len(spans)}"
        begin = at + len(text)
        spans[name] = (0, 0)
        text += (
            f"<{tag} id={name}>",
            f'<{tag.upper()}\n\talt="a > b"\r\n id = "{name}" >',
            f"<{tag} title='<i>' id='{name}' />",
        )[style if tag in VOID else min(style, 1)]
        text += write(inside, at + len(text), spans)
        text += "" if tag in VOID else f"</{tag}>" if style != 1 else f"</{tag.upper()}\n>"
        spans[name] = (begin, at + len(text))
    return text


def below(node: Node) -> Iterator[Node]:
    for kid in node.elements:
        yield kid
        yield from below(kid)


@FEW
@given(elements(), st.sampled_from(("utf-8", "utf-16", "utf-8-sig")))
def test_elements_stand_where_they_were_written(parts: list[Any], codec: str) -> None:
    """A place begins at the ``<`` of a tag and ends behind the end tag; html5lib sees the same elements."""
    spans: dict[str, tuple[int, int]] = {}
    page = write(parts, 0, spans)
    source = read_source(page.encode(codec))
    shift = len(source.view) - len(page)
    tree = HtmlTree(source)
    assert tree.root is not None
    nodes = {node.get("id"): node for node in below(tree.root) if node.get("id")}
    places = {name: tree.place(node) for name, node in nodes.items()}
    assert places == {name: (begin + shift, end + shift) for name, (begin, end) in spans.items()}
    theirs = {node.get("id"): node.tag for node in parse(page).iter() if node.get("id")}
    assert theirs == {name: node.tag for name, node in nodes.items()}
    offsets = source.byte_offsets(point for place in places.values() for point in place)
    for name, (begin, end) in spans.items():
        raw = source.raw[offsets[begin + shift] : offsets[end + shift]]
        assert raw == page[begin:end].encode("utf-16-le" if codec == "utf-16" else "utf-8"), name


@pytest.mark.parametrize(
    ("page", "tag", "said"),
    [
        ("<ul><li>One\n<li>Two</ul>", "li", "<li>One\n"),
        ("<div><p>One <b>two</b></div>", "p", "<p>One <b>two</b>"),
        ("<div><p>One <b>two</div>three", "p", "<p>One <b>two"),
        ("<table><tr><td>One<td>Two</table>", "td", "<td>One"),
        ("<p>One<figure>Two</figure>", "p", "<p>One"),
        ("<figure><figcaption>One</figure>", "figcaption", "<figcaption>One"),
        ("<p>One", "p", "<p>One"),
        ("<dl><dt>One<dd>Two</dl>", "dt", "<dt>One"),
        ("<body><noscript><img src=a></noscript>x", "noscript", "<noscript><img src=a></noscript>"),
        ("<amp-img src=a /><p>x</p>", "amp-img", "<amp-img src=a /><p>x</p>"),
        ("<image src=a>x", "img", "<image src=a>"),
    ],
)
def test_elements_without_an_end_tag(page: str, tag: str, said: str) -> None:
    """An element without an end tag ends where the standard ends it: at the next tag that is not its own."""
    source = read_source(page.encode())
    tree = HtmlTree(source)
    begin, end = tree.place(tree.search(tag)[0])
    assert source.view[begin:end] == said
