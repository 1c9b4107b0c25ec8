"""Quick looks that rule something out never rule out what the closer look would find."""

import random
from types import SimpleNamespace

from captionfix.layout.roles import _CAPTION_CORES, _LAYOUT_HINTS, _OF_LAYOUT, CAPTION_PARTS
from captionfix.markup.templates import first_statement, may_hold_statement
from captionfix.model import Safety
from captionfix.pipeline import clean_page
from captionfix.rules.repeated_caption import _how
from captionfix.settings import Settings
from captionfix.text import letters, says, weight

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


def text(said):
    """What of a caption says whether it repeats another."""
    return SimpleNamespace(text=said, letters=letters(said))


def test_a_text_that_says_another_is_not_ruled_out():
    """The quick comparison of two captions comes to what the whole comparison comes to."""
    draw, found = random.Random(2), 0
    for _ in range(10_000):
        one, other = (text("".join(draw.choices(TEXTS, k=draw.randint(1, 4)))) for _ in range(2))
        if min(weight(one.letters), weight(other.letters)) >= 12:
            how = "equal" if one.letters == other.letters else says(one.text, other.text)
            found += bool(how)
            assert _how(one, other) == how
    assert found > 50


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
