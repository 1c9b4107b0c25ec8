"""Template marks and declarations are found in one pass, however often what might begin one stands on a page."""

import pytest

from captionfix.markup.source import read_source
from captionfix.markup.templates import first_statement, mark_in, may_hold_statement

MANY = 300_000
"""At this number anything that looks from each of them to the end of the page would take hours."""


@pytest.mark.parametrize(
    ("markup", "place"),
    [
        ("{" * MANY, None),
        ("{" * MANY + "#if a}}", 0),
        ("{" * (MANY + 1) + "% if a %}", MANY),
        ("{{ " * MANY + "{{else}}", 3 * MANY),
        ("<pre></pre " * MANY + "{% if a %}", 11 * MANY),
        ("<pre>" * MANY + "</pre>{% if a %}", 5 * MANY + 6),
        ("<code>{{#a}}</code>" * MANY, None),
        ("<script " * MANY + "{% if a %}", None),
    ],
    ids=["braces", "a block", "a tag", "values", "open ends", "one end", "listings", "a script to the end"],
)
def test_the_first_statement_is_found_in_one_pass(markup, place):
    """What stands in listings and scripts is text; a run of braces is looked at once."""
    assert first_statement(markup) == place


@pytest.mark.parametrize("braces", range(2, 9))
def test_a_run_of_braces_is_read_in_pairs(braces):
    """A value may be in any number of braces; one that is left over may open a tag."""
    assert first_statement("{" * braces + "a}}") is None
    assert first_statement("{" * braces + "if a}}") == 0
    assert first_statement("{" * braces + "% if a %}") == (braces - 1 if braces % 2 else None)
    assert may_hold_statement(b"{" * braces + b"if a}}")
    assert not may_hold_statement(b"{" * braces + b"a}}")


@pytest.mark.parametrize(
    ("markup", "place"),
    [
        ("<script " * MANY + "{{", 8 * MANY),
        ("<script>{{</script>" * MANY, None),
        ("<script " * MANY + "</script>{{", 8 * MANY + 9),
        ("{" * MANY, 0),
    ],
    ids=["never closed", "all closed", "one end", "braces"],
)
def test_a_mark_between_two_texts_is_found_in_one_pass(markup, place):
    """A script that is closed holds no mark; one that never is hides none."""
    assert mark_in(markup) == place


@pytest.mark.parametrize(
    ("opening", "codec"),
    [
        (b"<meta ", "cp1252"),
        (b"<?xml ", "cp1252"),
        (b"<meta <?xml ", "cp1252"),
        (b"<meta a='", "cp1252"),
    ],
)
def test_a_declaration_is_found_in_one_pass(opening, codec):
    """Tags that are never closed are one tag, in which the first declaration counts."""
    assert read_source(opening * MANY + b"\xff").encoding == codec
    declared = b" charset=koi8-r encoding=koi8-u>"
    expected = "koi8_u" if opening == b"<?xml " else "koi8_r"
    assert read_source(opening * MANY + declared + b"\xff").encoding == expected


@pytest.mark.parametrize(
    ("page", "codec"),
    [
        (b"<meta name=a><meta charset='gbk'>\xff", "gb18030"),
        (b"<meta name=a>charset=gbk <META content='text/html; charset = koi8-r'>\xff", "koi8_r"),
        (b"<?xml version='1.0' encoding='iso-8859-2'?>\xff", "iso8859_2"),
        (b"<meta encoding=koi8-r><?xml charset=koi8-r?>\xff", "cp1252"),
        (b"x" * 100_000 + b"<meta charset=koi8-r>\xff", "koi8_r"),
    ],
    ids=["two meta", "content", "xml", "neither", "far down"],
)
def test_a_declaration_counts_where_its_tag_says_it(page, codec):
    """A charset belongs to a meta element, an encoding to an XML declaration, wherever on the page they stand."""
    assert read_source(page).encoding == codec
