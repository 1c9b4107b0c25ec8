"""Feeds and WordPress exports: texts in CDATA and escaped, in any encoding, and what is not to be touched."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captionfix.containers.xml_text import XmlText
from captionfix.model import Edit, Span
from captionfix.runs import batch
from captionfix.settings import Settings

SETTINGS = Settings(cache=False, images=False)
DOUBLED = '<figure><img src="a.jpg" alt="Boats é ü лодки"><figcaption>Boats é ü лодки</figcaption></figure>'
CLEAN = DOUBLED.replace('alt="Boats é ü лодки"', 'alt=""')
ENCODINGS = ("utf-8", "iso-8859-1", "windows-1251", "utf-16-le")
PARTS = ["<p>", "a", "é", "ü", "中", "&amp;", "]]>", '"', "'", " ", "\n", "😀", "&nbsp;"]


def cdata(text):
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def mixed(text):
    half = len(text) // 2
    return escape(text[:half], quote=False) + cdata(text[half:]) + "<!-- a comment -->"


@given(st.data(), st.sampled_from([cdata, escape, mixed]), st.sampled_from(ENCODINGS))
def test_a_text_is_edited_as_it_is_written(data, write, encoding):
    """What it says afterwards is what edits make of it, whatever it is written in."""
    text = "".join(data.draw(st.lists(st.sampled_from(PARTS), max_size=20)))
    raw = write(text).encode(encoding, "xmlcharrefreplace")
    said = XmlText(raw, encoding).said
    ends = [len(said.decode()[:at].encode()) for at in range(len(said.decode()) + 1)]
    marks = sorted(data.draw(st.sets(st.sampled_from(ends), max_size=6)))
    edits = [
        Edit(
            Span(start, end), "".join(data.draw(st.lists(st.sampled_from(PARTS[:2] + PARTS[5:9]), max_size=3))).encode()
        )
        for start, end in zip(marks[::2], marks[1::2], strict=False)
    ]
    after = said
    for edit in reversed(edits):
        after = after[: edit.span.start] + edit.replacement + after[edit.span.end :]
    assert XmlText(XmlText(raw, encoding).edited(edits), encoding).said == after
    assert XmlText(raw, encoding).edited([]) == raw


def run(path, out=None, settings=SETTINGS):
    return [each for each in batch.run([path], settings, out) if not each.is_end]


def feed(*texts, declared="utf-8", head=""):
    items = "".join(
        f"<item><description>{text}</description><guid>https://x.org/{n}</guid></item>\r\n"
        for n, text in enumerate(texts)
    )
    return f'<?xml version="1.0" encoding="{declared}"?>{head}\r\n<rss version="2.0"><channel>{items}</channel></rss>\n'


@pytest.mark.parametrize(
    ("declared", "encoding"), [("utf-8", "utf-8"), ("windows-1251", "windows-1251"), ("utf-16", "utf-16")]
)
def test_only_the_text_changes(tmp_path, declared, encoding):
    """In any encoding that expat reads; what the encoding lacks stays a reference."""
    whole = feed(cdata("<p>Boats"), cdata(DOUBLED), escape(DOUBLED), escape(DOUBLED, quote=False), declared=declared)
    told = feed(cdata("<p>Boats"), cdata(CLEAN), escape(CLEAN), escape(CLEAN, quote=False), declared=declared)
    (tmp_path / "a.xml").write_bytes(whole.encode(encoding, "xmlcharrefreplace"))
    outcomes = run(tmp_path / "a.xml", tmp_path / "out.xml")
    assert not [each.error for each in outcomes if each.error]
    assert (tmp_path / "out.xml").read_bytes() == told.encode(encoding, "xmlcharrefreplace")
    assert outcomes[1].within.member == "https://x.org/1!description"


def test_a_feed_cut_off_or_unsound_is_cleaned_up_to_there(tmp_path):
    """The error names the byte; the copy holds all there was."""
    whole = feed(cdata(DOUBLED), cdata(DOUBLED)).encode()
    (tmp_path / "a.rss").write_bytes(whole[:-60])
    outcomes = run(tmp_path / "a.rss", tmp_path / "out.rss")
    (told,) = [each.error for each in outcomes if each.error]
    assert "is cut off or no sound XML" in str(told)
    assert (tmp_path / "out.rss").read_bytes() == whole[:-60].replace(DOUBLED.encode(), CLEAN.encode(), 1)


def test_entities_of_its_own_are_refused(tmp_path):
    """Nothing is expanded."""
    head = '<!DOCTYPE rss [<!ENTITY a "boats"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "a.rss").write_text(feed("&b;", head=head))
    (told,) = [each.error for each in run(tmp_path / "a.rss") if each.error]
    assert "declares an entity of its own, 'a'" in str(told)


def test_what_is_no_html_stays(tmp_path):
    """Plain text, other media types and texts that are too long are named, or passed over."""
    (tmp_path / "a.atom").write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x:1</id>'
        f'<summary type="text">{escape(DOUBLED)}</summary><content type="image/png">AAAA</content></entry>'
        f'<entry><content type="html">{escape(DOUBLED + "x" * 70_000 * 10)}</content></entry></feed>'
    )
    outcomes = run(
        tmp_path / "a.atom", tmp_path / "out.atom", Settings(cache=False, images=False, max_page_bytes=9_000)
    )
    assert [each.left for each in outcomes] == ["a text of the type text", "a text of the type image/png", ""]
    assert "longer than a page may be" in str(outcomes[-1].error)
    assert (tmp_path / "out.atom").read_bytes() == (tmp_path / "a.atom").read_bytes()


def test_xhtml_in_atom_stays_xml(tmp_path):
    """It is read as XML, and what changes in it is written as XML."""
    page = DOUBLED.replace('"><fig', '"/><fig')
    whole = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x:1</id><content type="xhtml">\n'
        f'<div xmlns="http://www.w3.org/1999/xhtml">{page}<br/></div>\n</content></entry></feed>'
    )
    (tmp_path / "a.atom").write_text(whole, encoding="utf-8")
    outcomes = run(tmp_path / "a.atom", tmp_path / "out.atom")
    assert not [each.error for each in outcomes if each.error]
    assert (tmp_path / "out.atom").read_text("utf-8") == whole.replace('alt="Boats é ü лодки"', 'alt=""')


def test_texts_over_the_edges_of_what_is_read_at_once(tmp_path):
    """A feed is read in pieces: wherever these end, its texts are found where they stand."""
    texts = [cdata("x" * (65_400 + at * 7) + DOUBLED) for at in range(40)]
    (tmp_path / "a.rss").write_text(feed(*texts), encoding="utf-8")
    run(tmp_path / "a.rss", tmp_path / "out.rss")
    assert (tmp_path / "out.rss").read_bytes() == (tmp_path / "a.rss").read_bytes().replace(
        DOUBLED.encode(), CLEAN.encode()
    )


def test_captions_in_a_shortcode_are_seen(tmp_path):
    """WordPress keeps captions in square brackets: the alt that repeats one is emptied, the shortcode stays."""
    said = "Boats leave the harbour"
    text = '[caption id="attachment_1" width="9"]<a href="b.jpg"><img src="a.jpg" alt="{}" /></a> {}[/caption] [caption'
    (tmp_path / "a.rss").write_text(feed(cdata(text.format(said, said))))
    run(tmp_path / "a.rss", tmp_path / "out.rss")
    expected = text.format("", said).replace("<a ", '<a aria-labelledby="caption-attachment-1" ')
    assert (tmp_path / "out.rss").read_bytes() == feed(cdata(expected)).encode()


def test_a_caption_that_stands_again_below_its_shortcode(tmp_path):
    """The paragraph goes; the shortcode stays as it is, and so does one without an id."""
    said = "Boats leave the harbour before the storm"
    code = f'[caption id="attachment_1"]<img src="a.jpg" alt="Boats"> {said}[/caption]'
    rest = '<p>Words of the text.</p>\n[caption]<img src="b.jpg" alt="Huts"> Huts[/caption]'
    (tmp_path / "a.rss").write_text(feed(cdata(f'{code}\n<p class="wp-caption-text">{said}</p>\n{rest}')))
    outcomes = run(tmp_path / "a.rss", tmp_path / "out.rss")
    assert not [each.error for each in outcomes if each.error]
    assert (tmp_path / "out.rss").read_bytes() == feed(cdata(f"{code}\n{rest}")).encode()
