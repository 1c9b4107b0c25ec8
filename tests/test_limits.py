"""What one page may cost: a page over a limit stays as it is, is named with the limit, and stops no other."""

from __future__ import annotations

import json
import pickle
import subprocess
import threading
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

import forked
import lxml.html
import pytest
from lxml import etree

import captionfix
from captionfix import limits
from captionfix.errors import PageError, PageLimitError
from captionfix.limits import measured, spend
from captionfix.pipeline import clean_page
from captionfix.settings import LIMITS, Settings

FIGURE = (
    '<figure><img src="/u/pier{0}.jpg" alt="The pier of Eider, number {0}">'
    "<figcaption>The pier of Eider, number {0}</figcaption></figure>\n"
)
PAGE = "".join(FIGURE.format(number) for number in range(40)).encode()
ROUNDS = (
    '<p><img data-src="/u/pier-600.jpg"><img><noscript><img srcset="/u/pier-600.jpg"></noscript></p>'
    '<figure><img class="lazy" alt="Photo" src="/blank.gif" data-src="/u/pier.jpg">'
    '<noscript><img src="/u/pier.jpg" alt="The harbour of Eider at dawn in May"></noscript>'
    "<figcaption>The harbour of Eider at dawn in May</figcaption></figure>"
)
"""What takes two rounds."""
TIGHT = {"max_page_bytes": 1000, "max_page_work": 100}
"""Limits that the page does not keep."""
SAYS = {"max_page_bytes": "bytes, more than 1,000", "max_page_work": "takes more than 100 steps of work"}


def run(*args: object) -> subprocess.CompletedProcess[str]:
    done = forked.run(*args, environment={})
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("setting", TIGHT)
def test_a_page_over_a_limit_is_named_with_the_limit_and_the_setting(setting: str) -> None:
    """The library raises an error that says what was too much, and which setting allows more."""
    with pytest.raises(PageLimitError) as caught:
        captionfix.clean(PAGE, settings=Settings(**{setting: TIGHT[setting]}))
    assert isinstance(caught.value, PageError)
    assert caught.value.setting == setting
    assert SAYS[setting] in str(caught.value)
    assert f"the setting {setting.replace('_', '-')} allows more" in str(caught.value)
    assert captionfix.clean(PAGE, settings=Settings(**{setting: 0})).changed


def test_a_page_of_too_many_rounds_is_refused() -> None:
    """One round mends, and one more sees that nothing is left."""
    page = ROUNDS.encode()
    with pytest.raises(PageLimitError, match="in more than 1 rounds") as caught:
        clean_page(page, Settings(max_page_rounds=1))
    assert caught.value.setting == "max_page_rounds"
    assert clean_page(page, Settings(max_page_rounds=2)).changed


def test_time_is_the_last_resort_and_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that takes too long is refused between two steps, with how far it came."""
    clock = iter(range(0, 1000, 20))
    monkeypatch.setattr(limits.time, "thread_time", lambda: next(clock))
    with pytest.raises(PageLimitError, match=r"took longer than 30 seconds, seen after [\d,]+ steps") as caught:
        clean_page(PAGE, Settings())
    assert caught.value.setting == "max_page_seconds"


def is_enough(most: int) -> bool:
    try:
        return clean_page(PAGE, Settings(max_page_work=most)).changed
    except PageLimitError:
        return False


def test_steps_are_the_same_each_time() -> None:
    """What a page costs is counted, so that the same limit decides the same everywhere."""
    cost = bisect_left(range(1, 10**6), 1, key=is_enough) + 1
    for _ in range(3):
        assert clean_page(PAGE, Settings(max_page_work=cost)).changed
        with pytest.raises(PageLimitError):
            clean_page(PAGE, Settings(max_page_work=cost - 1))


def test_unmeasured_work_costs_nothing_and_threads_are_measured_apart() -> None:
    """Outside of a page nothing is counted, and what another thread does counts for its own page."""
    spend(10**12)
    with measured("page", Settings(max_page_work=5)) as meter:
        thread = threading.Thread(target=spend, args=(100,))
        thread.start()
        thread.join()
        assert meter.work == 0


def test_a_tree_over_a_limit_is_as_it_was() -> None:
    """A tree is edited in place, round after round; where it meets a limit all of that is taken back."""
    page = f"<body><p>before</p><div id=main>lead {ROUNDS}</div> tail<p>behind</p></body>"
    whole = lxml.html.document_fromstring(page)
    main = whole.get_element_by_id("main")
    before = etree.tostring(whole)
    with pytest.raises(PageLimitError):
        captionfix.clean_tree(main, settings=Settings(max_page_rounds=1))
    assert etree.tostring(whole) == before
    assert captionfix.clean_tree(main)
    assert etree.tostring(whole) != before


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    for number in range(40):
        (folder / f"a{number:02}.html").write_text(FIGURE.format(number))
    (folder / "b.html").write_bytes(PAGE)
    (tmp_path / "captionfix.toml").write_text("max-page-bytes = 2000\n")
    return folder


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["-o", "-i"])
def test_a_run_goes_on_without_a_page_over_a_limit(site: Path, tmp_path: Path, jobs: int, way: str) -> None:
    """The page is named and left, or copied, as it is; the others are cleaned; exit code 2."""
    where = ["-o", tmp_path / "out"] if way == "-o" else ["-i", "--state-dir", tmp_path / "state"]
    done = run("clean", site, *where, "--jobs", jobs, "--config", tmp_path / "captionfix.toml", "--no-images")
    assert done.returncode == 2, done.stderr
    assert "b.html: has " in done.stderr
    assert "max-page-bytes" in done.stderr
    assert "Traceback" not in done.stderr
    result = tmp_path / "out" if way == "-o" else site
    assert (result / "b.html").read_bytes() == PAGE
    assert all('alt=""' in page.read_text() for page in result.glob("a*.html"))


def test_json_tells_a_limit_as_an_error(site: Path, tmp_path: Path) -> None:
    """The page's record has the cause and the setting to change."""
    done = run("check", site / "b.html", "--format", "json", "--config", tmp_path / "captionfix.toml")
    (page,) = json.loads(done.stdout)["pages"]
    assert done.returncode == 2
    assert "more than 2,000" in page["error"]["cause"]
    assert "max-page-bytes" in page["error"]["hint"]


def test_the_error_travels_between_processes() -> None:
    """A worker's error comes back as it is."""
    error = PageLimitError("a.html", "has 5 bytes, more than 4", "max_page_bytes")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 our own bytes
    assert (type(back), str(back), back.setting) == (PageLimitError, str(error), "max_page_bytes")


@pytest.mark.parametrize("setting", LIMITS)
@pytest.mark.parametrize("value", [-1, True, "12", 1.5])
def test_a_limit_is_a_whole_number(setting: str, value: Any) -> None:
    """Anything else is refused, whether it comes from a file or from a program."""
    makers: list[Callable[[], Settings]] = [
        lambda: Settings(**{setting: value}),
        lambda: Settings().with_values({setting.replace("_", "-"): value}, "captionfix.toml"),
    ]
    for make in makers:
        with pytest.raises(captionfix.errors.SettingsError, match="takes a whole number, 0 for no limit"):
            make()


DEEP = FIGURE.format(0)
NESTED = {
    "boxes": "<div>" * 20_000 + DEEP,
    "figures": "<figure>" * 2_000 + DEEP,
    "captions": "<figure><img src=/u/a.jpg><figcaption>" * 300 + "The pier of Eider",
    "links": '<a href="/u/a.jpg"><span>' * 3_000 + DEEP,
    "noscripts": "<noscript><div>" * 3_000 + DEEP,
    "tables": "<table><tr><td>" * 1_000 + DEEP,
    "templates": "<template><div>" * 2_000 + DEEP,
    "dialogs": "<dialog><div class=modal hidden>" * 2_000 + DEEP,
    "lists": "<ul><li>" * 2_000 + DEEP + "<p>The pier of Eider, number 0</p>",
    "formatting": "<b><i><p>" * 300 + DEEP,
    "svg": "<svg><g>" * 3_000 + DEEP,
    "sheet": f"<style>{'@media print {' * 5_000}</style>{DEEP}",
    "selector": f"<style>{':not(' * 5_000}a{')' * 5_000} {{ display: none }}</style>{DEEP}",
    "script": f"<script>{'(function(){[' * 5_000}</script>{DEEP}",
    "json": f"<script type=application/ld+json>{'[' * 100_000}</script>{DEEP}",
}


@pytest.mark.parametrize("what", NESTED)
@pytest.mark.parametrize("door", ["page", "tree", "xml"])
def test_nothing_that_a_page_nests_is_followed_by_recursion(what: str, door: str) -> None:
    """However deep a page is, it is read to its end, or refused by a limit."""
    page = NESTED[what]
    try:
        if door == "tree":
            captionfix.clean_tree(lxml.html.document_fromstring(page))
        else:
            clean_page(page.encode(), Settings(), xml=door == "xml")
    except PageLimitError:
        pass


def test_parts_of_a_text_have_rounds_of_their_own():
    """Many figures of HTML in Markdown are many small pages: their rounds do not add up."""
    said = "Boats leave the harbour at dawn"
    figure = f'<figure><img src="a.jpg" alt="{said}"><figcaption>{said}</figcaption></figure>\n\nA paragraph.\n\n'
    cleaned = clean_page((figure * 80).encode(), Settings(), text=True)
    assert cleaned.result.count(b'alt=""') == 80
    assert [finding.line for finding in cleaned.findings][:3] == [1, 5, 9]
