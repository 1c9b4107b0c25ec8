"""What is taken out for a text extractor: what it would print twice, and nothing that it prints once."""

import pytest

import captionfix
from captionfix import Settings
from captionfix.extractors import PROFILES

SAID = "Boats leave the harbour at dawn"
FIGURE = f'<figure><img src="boat.jpg" alt="{SAID}"><figcaption>{SAID}</figcaption></figure>'
PARAGRAPH = f'<div class="wp-caption"><img src="boat.jpg" alt="{SAID}"><p class="wp-caption-text">{SAID}</p></div>'
LINKED = f'<a href="/boats"><img src="boat.jpg" alt="{SAID}"></a><p class="caption">{SAID}</p>'


def cleaned(page, name, **others):
    return captionfix.clean(page, settings=Settings.for_extractor(name, **others)).html


@pytest.mark.parametrize("name", sorted(set(PROFILES) - {"trafilatura"}))
def test_the_caption_stays_where_all_texts_are_printed(name):
    """An alt that the caption says goes for every extractor that prints captions."""
    assert cleaned(FIGURE, name) == FIGURE.replace(f'alt="{SAID}"', 'alt=""')


def test_for_trafilatura_the_alt_stays_where_the_caption_is_no_paragraph():
    """trafilatura passes by figcaption: its alt is the only copy that is printed, and its title, too."""
    assert cleaned(FIGURE, "trafilatura") == FIGURE
    titled = f'<figure><img src="b.jpg" title="{SAID}"><figcaption><span>{SAID}</span></figcaption></figure>'
    assert cleaned(titled, "trafilatura") == titled


@pytest.mark.parametrize("inner", ["<p>{}</p>", "<b>Photo</b><p>{}</p>"])
def test_for_trafilatura_a_paragraph_in_figcaption_is_printed(inner):
    """What counts is the paragraph, wherever it stands."""
    page = f'<figure><img src="boat.jpg" alt="{SAID}"><figcaption>{inner.format(SAID)}</figcaption></figure>'
    assert 'alt=""' in cleaned(page, "trafilatura")


def test_for_trafilatura_a_caption_in_a_paragraph_stays():
    """A caption that is a paragraph is printed, so that the alt goes."""
    assert cleaned(PARAGRAPH, "trafilatura") == PARAGRAPH.replace(f'alt="{SAID}"', 'alt=""')


def test_for_trafilatura_one_of_alt_and_title_stays():
    """It prints both attributes in one line: the title goes, whatever the picture is for."""
    page = f'<a href="/boats"><img src="boat.jpg" alt="{SAID}" title="{SAID}"></a>'
    assert cleaned(page, "trafilatura") == f'<a href="/boats"><img src="boat.jpg" alt="{SAID}"></a>'
    assert captionfix.clean(page).html == page


def test_for_trafilatura_the_printed_one_of_two_texts_stays():
    """The paragraph does not go for a figcaption that is passed by."""
    said = f"{SAID}, seen from the old lighthouse in the north of the bay."
    page = f"<figure><img src=a.jpg><figcaption>{said}</figcaption></figure><p class=caption>{said}</p>"
    assert "<p" not in captionfix.clean(page).html
    assert cleaned(page, "trafilatura") == page


def test_for_resiliparse_the_alt_stays_where_the_caption_is_called_hidden():
    """Its main-content mode passes by what a class calls hidden, on some screens or all."""
    page = f'<figure><img src="boat.jpg" alt="{SAID}"><figcaption class="hidden xl:block">{SAID}</figcaption></figure>'
    assert cleaned(page, "resiliparse") == page
    assert 'alt=""' in cleaned(page, "markitdown")


def test_names_of_links_are_for_nobody():
    """No link needs a name, and no id is written: an extractor follows neither."""
    assert cleaned(LINKED, "markitdown") == LINKED.replace(f'alt="{SAID}"', 'alt=""')
    assert captionfix.clean(LINKED).html == LINKED


def test_a_copy_for_narrow_screens_is_a_copy():
    """What hides one of two from some screens is nothing to an extractor."""
    said = f"{SAID}, seen from the old lighthouse."
    page = (
        "<style>@media (max-width:480px){.wide{display:none}}@media (min-width:481px){.narrow{display:none}}</style>"
        "<figure><img src=a.jpg>"
        f"<figcaption class=wide>{said}</figcaption><figcaption class=narrow>{said}</figcaption></figure>"
    )
    assert captionfix.clean(page).html == page
    assert cleaned(page, "markitdown").count(said) == 1


def test_settings_go_along():
    """Other settings hold with a profile, and the profile can be named in a settings file."""
    assert cleaned(FIGURE, "markitdown", alt="keep") == FIGURE
    assert Settings().with_values({"extractor": "html2text"}, "x") == Settings.for_extractor("html2text")
    assert Settings.for_extractor("html2text").profile.name == "html2text"
    assert Settings().profile is None


@pytest.mark.parametrize("name", ["", "Trafilatura", "lynx"])
def test_a_profile_that_there_is_not_is_refused(name):
    """The profiles there are are named."""
    with pytest.raises(captionfix.SettingsError, match="'extractor' takes one of trafilatura, inscriptis"):
        Settings.for_extractor(name)


def test_math_annotations_are_no_captions():
    """What a formula says to programs is shown to nobody: the alt of its picture stays."""
    annotation = f'<annotation encoding="application/x-tex">{SAID}</annotation>'
    page = f'<p><math>{annotation}</math><img src="m.svg" alt="{SAID}"></p>'
    assert captionfix.clean(page).html == page


def test_the_command_line_cleans_for_an_extractor(tmp_path):
    """--for is the same choice."""
    from typer.testing import CliRunner

    from captionfix.cli import app

    (tmp_path / "a.html").write_text(FIGURE, encoding="utf-8")
    done = CliRunner().invoke(app, ["clean", str(tmp_path / "a.html"), "-o", "-", "--for", "trafilatura"])
    assert done.exit_code == 0
    assert FIGURE in done.stdout
    wrong = CliRunner().invoke(app, ["check", str(tmp_path / "a.html"), "--for", "lynx"])
    assert "takes one of trafilatura" in f"{wrong.output}{wrong.exception}"


TEXT = "<p>The wind had turned in the night, and by six the quay was empty but for two gulls.</p>"
LEAD = (
    f'<article><h1>Boats</h1><div class="post-thumbnail"><img class="wp-post-image" src="boat.jpg" alt="{SAID}"></div>'
    f'{TEXT}<figure><img src="boat.jpg" alt="{SAID}">'
    f"<figcaption>The harbour in March, with the old ferry.</figcaption></figure>{TEXT}</article>"
)
WIDTHS = (
    f'<article><h1>Boats</h1><div class="d-md-none"><img src="boat-300x200.jpg" alt="{SAID}"></div>'
    f'<div class="d-none d-md-block"><img src="boat.jpg" alt="{SAID}"></div>{TEXT}</article>'
)


@pytest.mark.parametrize("page", [LEAD, WIDTHS], ids=["lead", "widths"])
def test_what_goes_says_nothing_for_what_stays(page):
    """An alt stays where the picture that said it before goes as a copy of its own."""
    once = cleaned(page, "markitdown")
    assert (once.count(SAID), once.count("<img")) == (1, 1)
    assert cleaned(once, "markitdown") == once


@pytest.mark.parametrize("name", ["inscriptis", "trafilatura", "readability"])
def test_what_an_extractor_takes_to_be_hidden_says_nothing(name):
    """A caption hidden by its own style is not printed, so that the alt stays; to others it is a text as any."""
    page = f'<img src="boat.jpg" alt="{SAID}"><p class="caption" style="display:none">{SAID}</p>'
    assert cleaned(page, name) == page
    assert 'alt=""' in cleaned(page, "markitdown")


def test_a_caption_in_sight_does_not_go_for_one_that_is_passed_by():
    """Of two captions of a figure, the one that is printed stays."""
    said = f"{SAID}, seen from the old lighthouse."
    seen = f'<figure><img src="a.jpg"><figcaption hidden>{said}</figcaption><div class="caption">{said}</div></figure>'
    assert f'<div class="caption">{said}</div>' in cleaned(seen, "readability")
    assert cleaned(seen, "html2text").count(said) == 1
    loose = f'<figure><img src="a.jpg"><figcaption>{said}</figcaption><div class="caption">{said}</div></figure>'
    assert cleaned(loose, "trafilatura") == loose


def test_of_two_texts_that_may_be_printed_one_goes():
    """Where trafilatura prints both or neither, one is enough."""
    said = f"{SAID}, seen from the old lighthouse."
    page = f'<figure><img src="a.jpg"><div class="caption">{said}</div><div class="caption">{said}</div></figure>'
    assert cleaned(page, "trafilatura").count(said) == 1


@pytest.mark.parametrize("name", ["inscriptis", "readability"])
def test_the_slide_does_not_lose_its_words_to_the_clone_that_goes(name):
    """A clone goes, so that nothing may rely on it: the slide keeps its alt, whichever comes first."""
    slides = "".join(f'<li class="swiper-slide"><img src="{n}.jpg" alt="{SAID} ({n})"></li>' for n in (1, 2, 3))
    clone = f'<li class="swiper-slide swiper-slide-duplicate"><img src="3.jpg" alt="{SAID} (3)"></li>'
    page = f'<div class="swiper"><ul class="swiper-wrapper">{clone}{slides}</ul></div>'
    result = cleaned(page, name)
    assert result == page.replace(clone, "")


def test_what_an_extractor_may_leave_out_says_nothing_for_a_picture_behind_it():
    """readability prints a part of the page: a picture before it need not be in it; markitdown prints all."""
    page = f'<div><img src="a.jpg" alt="{SAID}"></div><p>Long.</p><p><img src="b.jpg" alt="{SAID}"></p>'
    assert cleaned(page, "readability") == page
    assert cleaned(page, "markitdown").count(SAID) == 1
