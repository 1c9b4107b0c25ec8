"""The page's own scripts as an audience: which of them run, what is read of them, and from where."""

from __future__ import annotations

import os

import lxml.html
import pytest
from pages import command_line

import captionfix
from captionfix.archives import scripts as script_files
from captionfix.markup.javascript import Code
from captionfix.model import Safety
from captionfix.settings import Settings

PAGE = (
    '<article><h1>Weir</h1><figure><img src="u/weir.jpg" alt="Water over wood" width="800" height="600">'
    "<figcaption>The weir in March</figcaption></figure><p>It was mended last year.</p></article>"
    '<div class="lightbox" id="weir-box" hidden><img src="u/weir.jpg" alt="Water over wood" width="800" height="600">'
    '</div><script src="js/show.js"></script>'
)
OPENS = b"document.getElementById('weir-box').hidden = false"


def levels(page=PAGE, **options):
    return [finding.safety for finding in captionfix.check(page, **options) if finding.code == "CF203"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "js").mkdir(parents=True)
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    return folder


def test_bytes_alone_have_no_files(site):
    """A page without anything beside it has no script files, and a folder or a mapping may have them."""
    (site / "js" / "show.js").write_bytes(OPENS)
    assert levels() == [Safety.SAFE]
    assert levels(images=site) == [Safety.REVIEW]
    assert levels(images={"js/show.js": OPENS}) == [Safety.REVIEW]


def test_a_call_for_images_is_not_asked_for_scripts():
    """What may fetch from the network gets no URL of a script."""
    asked = []
    assert levels(images=asked.append) == [Safety.SAFE]
    assert not [url for url in asked if url.endswith(".js")]


def test_the_setting_wins_over_what_is_at_hand(site):
    """Dead scripts are not looked at, and running ones need not be at hand."""
    (site / "js" / "show.js").write_bytes(OPENS)
    assert levels(images=site, settings=Settings(scripts="dead")) == [Safety.SAFE]
    assert levels(settings=Settings(scripts="run")) == [Safety.REVIEW]


def test_a_tree_of_lxml_is_judged_alike(site):
    """Trees have inline scripts, handlers and files as pages have."""
    (site / "js" / "show.js").write_bytes(OPENS)
    tree = lxml.html.fromstring(f"<html><body>{PAGE}</body></html>")
    assert [finding.safety for finding in captionfix.clean_tree(tree, images=site)] == [Safety.REVIEW]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_script_outside_the_folder_is_not_opened(site):
    """What a link leads out of the folder counts as a script that cannot be read, and is no bad picture."""
    outside = site.parent / "show.js"
    outside.write_bytes(b"nothing of the kind")
    (site / "js" / "show.js").symlink_to(outside)
    cleaned = captionfix.clean(PAGE, images=site)
    assert [finding.safety for finding in cleaned.findings] == [Safety.REVIEW]
    assert not cleaned.bad_pictures
    assert levels(PAGE.replace("js/show.js", "../show.js"), images=site) == [Safety.SAFE]


def test_a_script_that_is_too_large_may_name_anything(site, monkeypatch):
    """Beyond the limits of one file, and of all, nothing is read."""
    (site / "js" / "show.js").write_bytes(b"0;" * 50)
    assert levels(images=site) == [Safety.SAFE]
    for limit in ("MOST", "MOST_IN_ALL"):
        with monkeypatch.context() as patched:
            patched.setattr(script_files, limit, 99)
            assert levels(images=site) == [Safety.REVIEW]
            assert levels(images={"js/show.js": b"0;" * 50}) == [Safety.REVIEW]


def test_a_script_of_another_kind_is_no_script():
    """Data and templates run nothing."""
    data = '<script type="application/json">{"open": "weir-box"}</script>'
    assert levels(PAGE + data) == [Safety.SAFE]
    written = """<script>state = '<b class="weir-pane">'</script>"""
    page = PAGE.replace('class="lightbox"', 'class="lightbox weir-pane"')
    assert levels(page + written) == [Safety.SAFE]
    assert levels(page + written.replace("<b class", "b[class")) == [Safety.REVIEW]
    assert levels(PAGE + "<script>weirBox = '#weir-box'</script>") == [Safety.REVIEW]


def test_scripts_are_looked_for_without_images(site):
    """The command line finds script files beside the page with --no-images too, and names them."""
    (site / "js" / "show.js").write_bytes(OPENS)
    done = command_line("check", site, "--no-images", "--select", "CF203")
    assert done.returncode == 0
    assert b"js/show.js may open this box; --scripts dead removes it" in done.stdout
    assert command_line("check", site, "--no-images", "--select", "CF203", "--scripts", "dead").returncode == 1


def test_the_hook_takes_pages_for_sources(site):
    """The hook changes no box that a script may open, unless the settings say that scripts are dead."""
    page = site / "page.html"
    before = page.read_bytes()
    assert command_line("hook", page, cwd=site).returncode == 0
    assert page.read_bytes() == before
    (site / "captionfix.toml").write_text('scripts = "dead"\n', encoding="utf-8")
    assert command_line("hook", "--check", page, cwd=site).returncode == 1
    assert page.read_bytes() == before
    assert command_line("hook", "--scripts", "run", page, cwd=site).returncode == 0
    assert command_line("hook", page, cwd=site).returncode == 1
    assert page.read_bytes() != before


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("document.querySelector('#box').hidden = false", set()),
        ("$('#box').show()", {"$"}),
        ("(function ($) { $('#box').show() })(jQuery)", set()),
        ("jQuery(function ($) { $('#box').show() })", {"jQuery"}),
        ("function go() { missing.run() }\nopen('#box')", set()),
        ("// $('a')\nlet box = document.getElementById('#box')", set()),
        ("if (window.jQuery) { jQuery('#box').show() }", {"jQuery"}),
        ("later.call(); \n document.body.append('#box')", set()),
        ("const a = 'it\\'s $(1)'; fetch('#box')", set()),
        ("new Swiper('#box', { loop: true })", {"Swiper"}),
    ],
)
def test_what_a_script_needs(text, needed):
    """What a statement uses up to a place, and nobody in the page gives it."""
    assert Code(text).needed_at(text.index("#box")) == needed


def test_broken_and_long_scripts_take_no_time():
    """Brackets, quotes and slashes without end are read in one go."""
    for text in ("{" * 200_000, "'" * 100_001, "/" * 100_000, "`${" * 50_000, "(a," * 60_000, "function " * 30_000):
        code = Code(f"{text} weir-box")
        code.needed_at(len(text) + 1)
        assert isinstance(code.defined, frozenset)
