"""Decisions that last: marks in a page, and pairs that were recorded as no repeat."""

import lxml.html
import pytest

import captionfix
from captionfix.errors import SettingsError
from captionfix.pipeline import clean_page
from captionfix.project import decision_lines, load_settings, read_decisions
from captionfix.settings import Settings

CAPTION = "Boats leave the harbour at dawn, seen from the old lighthouse."
COPY = f"<p>{CAPTION}</p>"
FIGURE = f'<figure><img src="img/b.jpg"><figcaption>{CAPTION}</figcaption>{COPY}</figure>'
MARKED = Settings(marks=True)


def cleaned(page, **settings):
    result = captionfix.clean(page, settings=Settings(**settings))
    assert captionfix.clean(result.html, settings=Settings(**settings)).html == result.html
    return result


@pytest.mark.parametrize(
    "page",
    [
        FIGURE.replace("<p>", '<p data-captionfix="keep">'),
        FIGURE.replace("<p>", "<!-- captionfix: keep --><p>"),
        FIGURE.replace("<p>", "<!--captionfix:keep-->\n  <p>"),
        FIGURE.replace("<figure>", '<figure data-captionfix="keep">'),
        f"<!-- captionfix: keep -->\n{FIGURE}",
        FIGURE.replace(CAPTION + "</p>", f'<b data-captionfix="keep">{CAPTION}</b></p>'),
    ],
)
def test_a_mark_keeps_its_element_and_all_in_it(page):
    """What a mark guards stays byte for byte, and is told as kept; where marks do not count, it goes."""
    result = cleaned(page, marks=True)
    assert result.html == page
    assert {finding.suppressed for finding in result.findings} == {"a mark in the page"}
    assert not any(finding.edits for finding in result.findings)
    assert cleaned(page).html != page


@pytest.mark.parametrize(
    "page",
    [
        FIGURE.replace("<p>", "<!-- captionfix: keep -->text<p>"),
        FIGURE.replace("<p>", "<!-- captionfix: keep --><i>x</i><p>"),
        FIGURE.replace("<p>", '<p data-captionfix="kept">'),
        FIGURE.replace("<p>", "<!-- captionfix keep --><p>"),
        FIGURE.replace("</figure>", "</figure><!-- captionfix: keep -->"),
    ],
)
def test_other_words_and_other_places_keep_nothing(page):
    """A mark counts for the next element only, and only in its exact words."""
    assert cleaned(page, marks=True).html.count(CAPTION) == 1


def test_marks_count_in_trees_too():
    """A tree's marked element stays as it is."""
    tree = lxml.html.fromstring(f"<div>{FIGURE.replace('<p>', '<!-- captionfix: keep --><p>')}</div>")
    (finding,) = captionfix.clean_tree(tree, settings=MARKED)
    assert (finding.suppressed, finding.applied) == ("a mark in the page", False)
    assert lxml.html.tostring(tree).count(CAPTION.encode()) == 2


def test_a_recorded_pair_stays_and_a_new_copy_goes():
    """A pair that was recorded stays where lines shift and classes change; one more copy is a repeat again."""
    (finding,) = cleaned(FIGURE).findings
    kept = {"kept": (finding.key,)}
    for page in (FIGURE, f"<p>More.</p>\n{FIGURE.replace('<p>', '<p class=x>')}", FIGURE.replace("img/", "../img/")):
        result = cleaned(page, **kept)
        assert result.html == page
        assert [each.suppressed for each in result.findings] == ["a recorded decision"]
    third = cleaned(FIGURE.replace(COPY, COPY + COPY), **kept)
    assert third.html == FIGURE
    assert sorted(each.suppressed for each in third.findings) == ["", "a recorded decision"]
    assert cleaned(FIGURE.replace(COPY, COPY + COPY), kept=(finding.key, finding.key)).html.count(CAPTION) == 3
    other = FIGURE.replace("dawn", "noon")
    assert cleaned(other, **kept).html != other


def test_text_has_decisions_too():
    """A paragraph of plain text that was judged no repeat stays."""
    text = f"{CAPTION} It is a long way.\n\n{CAPTION} It is a long way.\n"
    (finding,) = clean_page(text.encode(), Settings(), text=True).findings
    assert not clean_page(text.encode(), Settings(kept=(finding.key,)), text=True).changed


def test_the_file_of_decisions(tmp_path):
    """A line is a key and a note; blank lines and comments count for nothing, anything else is refused."""
    (tmp_path / "captionfix.toml").write_text("")
    file = tmp_path / ".captionfix-keep"
    file.write_text("# looked at\n\n" + decision_lines([("0" * 16, 'CF101 "Boats"'), ("a" * 16, "")]))
    assert load_settings(directory=tmp_path).kept == ("0" * 16, "a" * 16)
    assert load_settings(directory=tmp_path.parent).kept == ()
    file.write_text("Boats\n")
    with pytest.raises(SettingsError, match=r"\.captionfix-keep:1: does not begin with a key"):
        list(read_decisions(file))
