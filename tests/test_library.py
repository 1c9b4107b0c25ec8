"""Calls for scrapers."""

import pytest

import captionfix

PAGE = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
CLEAN = PAGE.replace('alt="Boats leave"', 'alt=""')


def test_text_comes_back_as_text():
    """Text in, text out; the findings say what was found."""
    result = captionfix.clean(PAGE)
    assert (result.html, result.changed) == (CLEAN, True)
    assert [finding.code for finding in result.findings] == ["CF102"]


def test_bytes_come_back_as_bytes():
    """Bytes in, bytes out."""
    assert captionfix.clean(PAGE.encode()).html == CLEAN.encode()


def test_nothing_found_gives_the_same_object():
    """A page in which nothing repeats comes back as it is."""
    page = "<p>Boats leave</p>"
    result = captionfix.clean(page)
    assert result.html is page
    assert not result.changed
    assert result.findings == ()


@pytest.mark.parametrize(
    "page", ["<p>\ud83d", "\udcff" + PAGE, PAGE + "\x00", "\ufeff" + PAGE, "<meta charset=gbk>é" + PAGE]
)
def test_odd_text_survives(page):
    """Lone surrogates, NUL, a byte order mark and a wrong declaration in text change nothing around the edit."""
    assert captionfix.clean(page).html == page.replace(PAGE, CLEAN)


def test_check_changes_nothing_and_finds_the_same():
    """Check finds what clean finds."""
    assert captionfix.check(PAGE) == captionfix.clean(PAGE).findings


def test_settings_are_heeded():
    """A rule that is ignored finds nothing; a kept alt is only shown."""
    assert captionfix.check(PAGE, settings=captionfix.Settings(ignore=("CF102",))) == ()
    (finding,) = captionfix.check(PAGE, settings=captionfix.Settings(alt="keep"))
    assert (finding.safety, finding.edits) == (captionfix.Safety.SHOW, ())


@pytest.mark.parametrize(
    ("alt", "after"),
    [
        ("empty", '<img src="a.jpg" alt="">'),
        ("drop", '<img src="a.jpg">'),
        ("keep", '<img src="a.jpg" alt="Boats leave">'),
    ],
)
def test_alt_choices(alt, after):
    """What becomes of a redundant alt is the user's choice."""
    page = '<figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    assert after in captionfix.clean(page, settings=captionfix.Settings(alt=alt)).html


def test_unlinked_keeps_the_alt_of_linked_pictures():
    """With alt=unlinked, a picture inside any link keeps its alt."""
    page = (
        '<figure><a href="a.jpg"><img src="a.jpg" alt="Boats leave"></a><figcaption>Boats leave</figcaption></figure>'
    )
    assert captionfix.clean(page, settings=captionfix.Settings(alt="unlinked")).html == page
    assert 'alt=""' in captionfix.clean(page).html


def test_a_wrong_encoding_is_an_error_with_a_next_step():
    """An encoding that does not exist is named, with what to do."""
    with pytest.raises(captionfix.errors.EncodingError, match=r"klingon.*name one that Python knows"):
        captionfix.clean(b"<p>", settings=captionfix.Settings(encoding="klingon"))


def test_unsound_utf16_is_an_error_that_names_the_byte():
    """A page that cannot be read says where."""
    with pytest.raises(captionfix.PageError) as caught:
        captionfix.clean(b"\xff\xfe<\0p\0>\0x\0y")
    assert caught.value.offset is not None
    assert "--encoding" in str(caught.value)


def test_edits_rebuild_the_page():
    """The edits of all findings, each once, make the cleaned page out of the original."""
    raw = PAGE.encode()
    edits = sorted(
        {(e.span.start, e.span.end, e.replacement) for f in captionfix.check(raw) for e in f.edits}, reverse=True
    )
    for start, end, new in edits:
        raw = raw[:start] + new + raw[end:]
    assert raw == CLEAN.encode()


def test_templates_are_reported_and_not_edited():
    """A template source keeps its doubles unless asked, and the finding says why."""
    page = "{% if wide %}" + PAGE + "{% endif %}"
    (finding,) = captionfix.check(page)
    assert "template" in finding.refused
    assert captionfix.clean(page).html == page
    assert captionfix.clean(page, settings=captionfix.Settings(templates=True)).html == page.replace(PAGE, CLEAN)


def test_scripts_make_no_template():
    """Braces inside a script are no template."""
    assert captionfix.clean("<script>a = '{{b}}'</script>" + PAGE).changed


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 30_000 + "<img src=a.jpg alt='Boats leave the harbour'><p>Boats leave the harbour",
        "<b>" * 5_000 + PAGE,
        "<p>" + "a " * 200_000 + PAGE,
        "<p>" + " " * 200_000 + PAGE,
        "(" * 50_000 + PAGE,
        PAGE + "<figcaption>" * 3_000,
    ],
    ids=["deep", "formatting", "long", "blank", "brackets", "captions"],
)
def test_hostile_pages_are_read(page):
    """Pages made to be slow or deep are read to their end, and cleaning them twice equals cleaning once."""
    once = captionfix.clean(page)
    assert captionfix.clean(once.html).html == once.html


def test_the_page_s_own_address_joins_short_and_long_names():
    """With the page's URL, a relative name and the whole address are one picture."""
    page = '<p><img class="lazy" data-src="u/boat.jpg"><noscript><img src="https://example.org/n/u/boat.jpg"></noscript></p>'
    assert not captionfix.clean(page).changed
    assert captionfix.clean(page, url="https://example.org/n/story.html").changed


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"alt": "bogus"}, "'alt' takes one of empty, unlinked, drop, keep, not 'bogus'"),
        ({"alt": ["keep"]}, "'alt' takes one of"),
        ({"url": "http://[::1"}, "'url' takes where the page came from"),
        ({"ignore": "CF104"}, "'ignore' takes several rule codes"),
        ({"select": "CF2"}, "'select' takes several rule codes"),
        ({"select": (104,)}, "'select' takes several rule codes"),
        ({"select": None}, "'select' takes several rule codes"),
        ({"ignore": ("CF102", "CF110")}, "'ignore': no rule 'CF110'; did you mean CF10"),
        ({"select": ("alt",)}, "no rule 'ALT'; captionfix rules lists them"),
        ({"review_level": "no"}, "'review_level' takes true or false, not 'no'"),
        ({"images": 0}, "'images' takes true or false"),
        ({"encoding": 1252}, "'encoding' takes text"),
        ({"max_page_bytes": True}, "'max_page_bytes' takes a whole number"),
    ],
)
def test_wrong_settings_are_refused_at_once(values, says):
    """Settings that mean nothing are refused where they are made, with what would be right."""
    with pytest.raises(captionfix.SettingsError) as caught:
        captionfix.Settings(**values)
    assert says in str(caught.value)


def test_codes_may_come_in_a_list_or_a_set():
    """Codes are kept as a tuple, so that settings can be compared and hashed, whatever holds several was given."""
    assert (
        captionfix.Settings(select=["CF1"])
        == captionfix.Settings(select={"cf1"})
        == captionfix.Settings(select=("CF1",))
    )
    assert hash(captionfix.Settings(ignore=["CF104"]))


def test_codes_in_lower_case_count():
    """Rule codes count in any case, and an empty one is none."""
    assert captionfix.Settings(ignore=("cf102", " ")).ignore == ("CF102",)
    assert captionfix.check(PAGE, settings=captionfix.Settings(ignore=("cf102",))) == ()


def test_what_is_put_into_an_ascii_page_is_ascii():
    """A page of ASCII bytes gets character references: whatever it is declared to be, they read alike."""
    page = (
        b'<meta charset=windows-1252><p><img class=lazy data-src="a.jpg" src="blank.gif">'
        b'<noscript><img src="a.jpg" alt="Caf&eacute; by the harbour"></noscript>'
    )
    assert b'alt="Caf&#233; by the harbour"' in captionfix.clean(page).html


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tickets cost $500 this year", "Tickets cost €500 this year"),
        ("Programs written in C", "Programs written in C++"),
        ("लड़का गेंद से खेल रहा है", "लड़की गेंद से खेल रही है"),
        ("room for 1.5 thousand boats", "room for 15 thousand boats"),
        ("The therapist at work in town", "the rapist at work in town"),
    ],
)
def test_captions_that_differ_in_a_sign_stay(one, other):
    """Marks, symbols and signs inside numbers tell captions of a series apart."""
    page = f"<figure><img src=a.jpg><figcaption>{one}</figcaption><figcaption>{other}.</figcaption></figure>"
    assert captionfix.clean(page, settings=captionfix.Settings(select=("CF101",))).html == page
    page = f'<figure><img src=a.jpg alt="{other}"><figcaption>{one}</figcaption></figure>'
    assert captionfix.clean(page).html == page
