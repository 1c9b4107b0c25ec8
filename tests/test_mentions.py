"""Which places of an archive name which files, and which of them may be edited."""

import os

import pytest
from acts import picture, write
from hypothesis import given, settings
from hypothesis import strategies as st

from captionfix.dedupe.mentions import Archive, survey
from captionfix.dedupe.names import Names
from captionfix.markup.css import css_urls
from captionfix.markup.values import candidates, read_value


def mentions(root, page, text, file="img/a.png", **files):
    write(root, {page: text, "img/a.png": picture(), **files})
    found = survey(Archive(root), {file})
    assert not found.unread
    return found.mentions


def editable(root, page, text, file="img/a.png"):
    raw = text if isinstance(text, bytes) else text.encode()
    told = mentions(root, page, text, file)
    return [(each.kind, raw[each.span.start : each.span.end]) for each in told if each.span is not None]


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ('<img alt=x src="img/a.png">', "img src"),
        ("<IMG SRC = ' img/a.png\t'>", "img src"),
        ("<img src=img/a.png>", "img src"),
        ("<amp-img src=img/a.png></amp-img>", "amp-img src"),
        ('<img srcset="b.png 1x,\n img/a.png 2x">', "img srcset"),
        ('<link rel=preload as=image imagesrcset="img/a.png 2x">', "link imagesrcset"),
        ('<picture><source srcset="img/a.png"><img></picture>', "source srcset"),
        ('<video poster="img/a.png"></video>', "video poster"),
        ('<input type=image src="img/a.png">', "input src"),
        ('<link rel=icon href="img/a.png">', "link href"),
        ('<a href="img/a.png">large</a>', "a href"),
        ('<img data-src="img/a.png">', "img data-src"),
        ('<img data-lazy-srcset="img/a.png 2x">', "img data-lazy-srcset"),
        ('<div style="background: url(img/a.png)">', "div style"),
        ("<div style='background: url(\"img/a.png\")'>", "div style"),
        ("<style>p { background: url( 'img/a.png' ) }</style>", "style url()"),
        ("<svg><image xlink:href='img/a.png'/></svg>", "image xlink:href"),
        ("<noscript><img src='img/a.png'></noscript>", "img src"),
        ("<table background=img/a.png></table>", "table background"),
    ],
)
def test_places_that_can_be_edited(tmp_path, markup, kind):
    """Each is known by exactly the bytes of its URL."""
    assert editable(tmp_path, "page.html", f"<!DOCTYPE html><p>é\r\n{markup}") == [(kind, b"img/a.png")]


@pytest.mark.parametrize(
    "markup",
    [
        '<meta property="og:image" content="img/a.png">',
        '<script>show("img/a.png")</script>',
        '<script type="application/ld+json">{"image": "https:\\/\\/example.org\\/img\\/a.png"}</script>',
        '<template><img src="img/a.png"></template>',
        "<!-- <img src=img/a.png> -->",
        "<textarea>img/a.png</textarea>",
        "<p>Download img/a.png here.</p>",
        '<img data-options=\'{"full": "img/a.png"}\'>',
        '<img onclick="show(&#39;img/a.png&#39;)">',
        "<img src=b.png src=img/a.png>",
        '<img src="http://cdn.example.net/img/a.png">',
        "<iframe srcdoc='<img src=img/a.png>'></iframe>",
        "<style>p { --boat: url(img/a.png) }</style>",
        "<style>p { background: image-set('img/a.png' 1x) }</style>",
        "<style>p { background: u\\72l(img/a.png) }</style>",
        "<style>@import 'img/a.png';</style>",
        '<img src="img/%61%2Epng" alt="{{ name }}">',
    ],
)
def test_places_that_are_never_edited_still_count(tmp_path, markup):
    """A name in a script, in data, in a comment, on another server or in a template page keeps the file."""
    told = mentions(tmp_path, "page.html", f"<!DOCTYPE html>\n{markup}")
    assert [(each.file, each.span) for each in told] == [("img/a.png", None)] * len(told)
    assert told
    assert told[0].where.startswith("page.html:2:")
    assert told[0].why


@pytest.mark.parametrize(
    "name", ["data.json", "app.js", "feed.xml", "notes.txt", "drawing.svg", "site.webmanifest", "x"]
)
def test_names_in_any_text_file_count(tmp_path, name):
    """Also where nothing is known about the file but that it is text."""
    (told,) = mentions(tmp_path, name, 'x = "\\u0069mg\\/%61.png"')
    assert (told.page, told.kind, told.span) == (name, "text", None)


@pytest.mark.parametrize("text", ["ba.png", "my-a.png", "a.pn", "a png"])
def test_other_names_do_not_count(tmp_path, text):
    """The end of a longer name is another name."""
    assert mentions(tmp_path, "notes.txt", text) == []


def test_urls_that_lead_to_other_files_of_that_name_do_not_count(tmp_path):
    """What certainly is another file does not keep this one."""
    write(tmp_path, {"other/a.png": picture(2)})
    assert mentions(tmp_path, "page.html", "<img src=other/a.png>") == []


def test_names_that_need_escapes(tmp_path):
    """Quotes, blanks, percent signs, letters of all languages, references and escapes of style sheets."""
    name = "b o'a%20t&é.png"
    write(tmp_path, {f"img/{name}": picture()})
    page = (
        "<img src=\"img/b o'a%2520t&amp;&eacute;.png\"><img src='img/b%20o&#39;a%2520t&%C3%A9.png'>"
        '<p style="background:url(&quot;img/b o\\27 a\\%2520t&\\e9.png&quot;)">'
    )
    told = mentions(tmp_path, "page.html", page, f"img/{name}")
    assert [each.kind for each in told if each.span] == ["img src", "img src", "p style"]
    assert not [each for each in told if not each.span]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252", "shift_jis", "iso-2022-jp", "gb18030"])
def test_encodings(tmp_path, encoding):
    """The bytes are those of the URL in every encoding that a page may have."""
    letters = "é" if encoding in ("windows-1252", "utf-8", "utf-16") else "日本"
    text = f"<meta charset={encoding}><p>{letters}<img src='img/a.png'>"
    raw = text.encode(encoding)
    (found,) = [raw[each.span.start : each.span.end] for each in mentions(tmp_path, "page.html", raw) if each.span]
    assert found.decode("utf-16-le" if encoding == "utf-16" else encoding) == "img/a.png"


def test_pages_of_xml(tmp_path):
    """XHTML that is sound is read as XML, the rest as HTML."""
    page = "<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><img\n src='img/a.png'/><p>{}</p></body></html>"
    assert editable(tmp_path, "page.xhtml", page) == [("img src", b"img/a.png")]
    assert editable(tmp_path, "page.xhtml", page.format("<br>")) == [("img src", b"img/a.png")]


def test_urls_as_mirrors_have_them(tmp_path):
    """From the top, from a base, of the mirrored host, of a web archive."""
    page = (
        "<link rel=canonical href='https://example.org/'><base href='/img/'>"
        "<img src=a.png><img src=/img/a.png><img src=//example.org/img/a.png>"
        "<img src='https://web.archive.org/web/2020im_/http://example.org/img/a.png'>"
    )
    assert len(editable(tmp_path, "index.html", page)) == 4


@pytest.mark.skipif(os.name == "nt", reason="links are those of POSIX")
def test_links_keep_what_they_lead_to(tmp_path):
    """A symbolic link names a file too; one that leads out of the archive names none."""
    site = write(tmp_path / "site", {"img/a.png": picture(), "page.html": "<img src=pics/a.png>"})
    write(tmp_path, {"away.png": picture()})
    (site / "pics").symlink_to(site / "img")
    (site / "b.png").symlink_to("img/a.png")
    (site / "away.png").symlink_to(tmp_path / "away.png")
    told = survey(Archive(site), {"img/a.png", "away.png"}).mentions
    assert [(each.page, each.kind, each.span) for each in told] == [
        ("page.html", "img src", None), ("b.png", "link", None)
    ]  # fmt: skip


def test_a_text_that_cannot_be_read_may_name_anything(tmp_path, monkeypatch):
    """It is told, so that nothing is removed."""
    monkeypatch.setattr("captionfix.dedupe.mentions._MOST", 10)
    write(tmp_path, {"img/a.png": picture(), "large.json": "x" * 11})
    assert [each.locator for each in survey(Archive(tmp_path), {"img/a.png"}).unread] == ["large.json"]


@pytest.mark.slow
def test_large_style_sheets_are_read_whole(tmp_path):
    """Five million bytes of the worst kinds are read to their end, and no more is found than is there."""
    for text in (
        "url(" * 1_250_000,
        "/*" * 2_500_000,
        '"\\' * 2_500_000,
        "p{b:url(x.png)}" * 333_000,
        "url('" * 1_000_000,
    ):
        assert sum(1 for _ in css_urls(text)) == text.count(".png")
    sheet = "p{color:red}\n" * 400_000 + "p{b:url(img/a.png)}"
    assert len(editable(tmp_path, "a.css", sheet)) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab&#;=x41AÀcopy\t\n \"'<", max_size=30))
def test_values_find_their_way_back(text):
    """Every character of a value has its place, in order, and references mean what they mean to a parser."""
    import turbohtml

    value = read_value(text, 5)
    places = [value.place(at, at + 1) for at in range(len(value.text))]
    assert all(5 <= start <= end <= 5 + len(text) for start, end in places)
    assert places == sorted(places)
    if '"' not in text:
        parsed = turbohtml.parse(f'<p title="{text}">').select("p")[0].attr("title")
        assert value.text == parsed


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab, ()\t1x", max_size=30))
def test_candidates_are_parts_of_the_set(text):
    """URLs of a set are in order, without blanks, and apart."""
    last = 0
    for start, end in candidates(text):
        assert last <= start <= end
        assert not set(text[start:end]) & set(" \t")
        last = end


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=10))
def test_a_name_is_found_wherever_it_stands_alone(text, name):
    """Whatever is around it, and however odd it is."""
    name = name.replace("/", "_")
    assert Names([f"x/{name}"]).found(f"{text}/{name} {text}") == {f"x/{name}"}
