"""Quick looks that rule something out never rule out what the closer look would find."""

import random

from captionfix.layout.page import Page
from captionfix.layout.roles import _CAPTION_CORES, _LAYOUT_HINTS, _OF_LAYOUT, CAPTION_PARTS
from captionfix.layout.texts import LEAST, core_of, same_texts
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source
from captionfix.markup.templates import first_statement, may_hold_statement
from captionfix.model import Safety
from captionfix.pipeline import clean_page
from captionfix.settings import Settings
from captionfix.text import effective_length, is_credit, says, without_label

LAYOUT = (
    "has-sidebar",
    "no_menu",
    "with-teaser",
    "without_nav",
    "elementor-widget-image",
    "post-teaser__img",
    "widget Blog",
)
STATEMENTS = (
    "{{", "}}", "{%", "<%", "<?", "%", "?", "php", "PHP", "=", "xml", "#", "/", "-", "~", "{", " ", "\n", "\x1c",
    "\xa0", "if", "IF", "unle\u017f\u017f", "each", "name", "é", "<p>", "<script>", "</script>",
)  # fmt: skip
TEXTS = (
    "Boats leave the harbour at dawn", "boats leave the harbour at", " Boats", "Caption: ", "Bildtext ", "…", "...",
    " Photo: A. Person", "1.5", "1", "-5 ", "ß", "“", "港を出る船", "Quelle: dpa", "leave the harbour on the river",
)  # fmt: skip


def test_each_part_of_a_caption_s_name_holds_a_core():
    """A class word of captions holds one of the cores by which elements are searched."""
    for part in (*CAPTION_PARTS, "imagedescription"):
        assert any(core in part for core in _CAPTION_CORES)


def test_each_name_of_a_layout_holds_a_hint():
    """A class word that only describes the layout holds one of the hints by which it is searched."""
    for name in LAYOUT:
        assert _OF_LAYOUT.search(name)
        assert any(hint in name for hint in _LAYOUT_HINTS)


def test_a_statement_is_not_ruled_out():
    """Where markup shows a statement of a template, the quick look at its bytes says that it may."""
    draw, found = random.Random(1), 0
    for _ in range(20_000):
        view = "<p>" + "".join(draw.choices(STATEMENTS, k=draw.randint(1, 6)))
        if first_statement(view) is not None:
            found += 1
            assert may_hold_statement(view.encode())
    assert found > 1000


def test_a_text_that_says_another_is_not_ruled_out():
    """Texts of which one says what the other says are compared, whatever their beginnings."""
    draw, found = random.Random(2), 0
    for _ in range(6_000):
        one, other = ("".join(draw.choices(TEXTS, k=draw.randint(1, 4))) for _ in range(2))
        markup = f"<body><figure><img src=a.jpg><figcaption>{one}</figcaption></figure><p class=caption>{other}"
        if is_credit(one.strip()) or is_credit(other.strip()) or is_credit(without_label(one)):
            continue  # one credit may stand by many pictures
        if says(one, other) and min(effective_length(core_of(one)), effective_length(core_of(other))) >= LEAST:
            found += 1
            assert same_texts(Page(HtmlTree(read_source(markup.encode())))), (one, other)
    assert found > 20


def test_links_that_are_left_open():
    """Misnested elements that are to go with each other are no reason to fail: the edit is refused."""
    page = (
        b'<img src="/u/x.jpg" data-srcset="/u/x.jpg 600w, /u/boat-at-sea-300x200.jpg 300w" alt="A ship at sea, seen">'
        b'<noscript><a href="/u/boat-at-sea.jpg"><img src="/u/boat-at-sea-300x200.jpg" data-src="/u/boat-at-sea.jpg" '
        b'srcset="/u/boat-at-sea-300x200.jpg 300w" title="A ship at sea, seen" class="caption-img"></noscript>'
        b'<noscript><a href="/u/boat-at-sea.jpg"><img src="/u/x.jpg" data-src="/u/boat-at-sea-300x200.jpg" '
        b'srcset="/u/boat-at-sea.jpg 300w"></noscript>'
        b'<img src="https://site.example/pixel?a=1" data-lazy-src="/u/boat-at-sea.jpg">'
    )
    for settings in (Settings(), Settings(review_level=True)):
        cleaned = clean_page(page, settings)
        assert not cleaned.changed
        assert all(finding.refused for finding in cleaned.findings if finding.safety is Safety.SAFE)
