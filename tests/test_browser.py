"""Pages before and after, as a real browser shows them, with scripts and without."""

import json
import re
from functools import cache
from pathlib import PurePosixPath

import pytest
from browser import ask, find_browser
from pages import cases, failing
from render_site import PHOTOS, SITE

from captionfix.pipeline import clean_page
from captionfix.settings import Settings

BROWSER = find_browser()
pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome, see CONTRIBUTING.md")

MODES = {"scripts": "allow-same-origin allow-scripts", "no scripts": "allow-same-origin"}
LOOK = """<!DOCTYPE html><meta charset="utf-8"><title>look</title><body><script>
const jobs = %s, results = {};
function settle(image) {
  image.loading = "eager";
  return image.complete ? 0 : new Promise(done => { image.onload = image.onerror = done; setTimeout(done, 3000); });
}
async function look([key, path, sandbox]) {
  const frame = document.createElement("iframe");
  frame.sandbox = sandbox;
  frame.style.cssText = "position:fixed;top:0;left:0;width:1000px;height:800px;border:0";
  const loaded = new Promise(done => { frame.onload = done; setTimeout(done, 5000); });
  frame.src = path;
  document.body.append(frame);
  await loaded;
  const page = frame.contentDocument;
  await Promise.all([...page.images].map(settle));
  const shown = [...page.images].filter(image => image.naturalWidth > 1 && image.getClientRects().length);
  results[key] = {text: page.body.innerText, pictures: shown.map(image => image.currentSrc)};
  frame.remove();
}
async function work() { while (jobs.length) await look(jobs.shift()); }
Promise.all([work(), work(), work(), work()]).then(() =>
  fetch("/done", {method: "POST", body: JSON.stringify(results)}));
</script>"""
DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'
STAND_IN = re.compile(r"/(?:blank|loading|placeholder|spacer)\.")
LABELS = {"repeated_caption/word-for-a-picture-in-front": {"图"}}
"""Words for a picture, and no more than that, that must go with the copy they stand in front of: all of them."""
KINDS = {".svg": "image/svg+xml", ".css": "text/css", ".png": "image/png", ".jpg": "image/jpeg"}


def changed_pages():
    """Name, page before, page after: the example site, and the fixtures that change."""
    for path in sorted(SITE.glob("*.html")):
        raw = path.read_bytes()
        yield f"site/{path.name}", raw, clean_page(raw, Settings(), locator=path.name).result
    for case in cases():
        if case.after is not None and not case.text:
            yield f"{case.rule}/{case.folder.name}", case.before, case.after


@cache
def pages():
    return {name: {"before": before, "after": after} for name, before, after in changed_pages()}


def ways():
    """Pages and ways to see them; scripts make a difference only where there are any."""
    for name, page in pages().items():
        yield from ((name, mode) for mode in MODES if mode == "scripts" or b"script" in page["before"].lower())


def answer(path):
    """The page, or the file of the site; pictures of fixtures are all drawn alike, stand-ins left out."""
    if path == "/":
        jobs = [
            (f"{name} {when} {mode}", f"/{when}/{name}", MODES[mode])
            for name, mode in ways() for when in ("before", "after")
        ]  # fmt: skip
        return "text/html", (LOOK % json.dumps(jobs)).encode()
    when, _, name = path.lstrip("/").partition("/")
    if name in pages():
        return "text/html", pages()[name][when]
    file = SITE / name.removeprefix("site/").partition("?")[0]
    if name.startswith("site/"):
        return (KINDS[file.suffix], file.read_bytes()) if file.is_file() else None
    return None if STAND_IN.search(path) else ("image/svg+xml", DRAWN)


@pytest.fixture(scope="module")
def shown():
    return json.loads(ask(BROWSER, answer, "/", 120))


def words(text):
    return re.findall(r"\w+", text)


def lines(text):
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def motif(url):
    """What a picture shows: its motif on the site, else its file's name without sizes, hashes and format."""
    name = PurePosixPath(url.partition("?")[0]).name.removeprefix("csm_")
    if name in PHOTOS:
        return PHOTOS[name].motif
    bare = re.sub(r"[-_.@]?(?:\d+x\d+|\d+w?|\dx|[0-9a-f]{10}|small|klein|large|thumb|blur)(?=\.|$)", "", name)
    return bare.partition(".")[0]


def test_a_reader_sees_the_same_less_the_repeats(shown):
    """The lines of the cleaned page are lines of the page in their order; no word is gone but a label that must."""

    def has_the_same_words(seen):
        name, mode = seen
        before, after = (shown[f"{name} {when} {mode}"]["text"] for when in ("before", "after"))
        rest = iter(lines(before))
        assert all(any(line == other for other in rest) for line in lines(after)), (before, after)
        assert set(words(after)) <= set(words(before))
        assert set(words(before)) - set(words(after)) == LABELS.get(name, set())

    assert failing(has_the_same_words, ways()) == {}


def test_every_picture_is_still_shown(shown):
    """What a browser showed of the page, it shows of the cleaned page, once at least."""

    def shows_the_same(seen):
        name, mode = seen
        pictures = (shown[f"{name} {when} {mode}"]["pictures"] for when in ("before", "after"))
        before, after = ({motif(url) for url in urls} for urls in pictures)
        assert before <= after

    assert failing(shows_the_same, ways()) == {}


def test_the_browser_sees_what_is_doubled(shown):
    """A page's text and pictures are seen at all, and there are fewer of them afterwards."""
    before, after = (shown[f"site/ferry.html {when} scripts"] for when in ("before", "after"))
    caption = "The Eider on her first crossing, two hours behind the timetable."
    assert (before["text"].count(caption), after["text"].count(caption)) == (2, 1)
    ferries = [sum(motif(url) == "ferry" for url in page["pictures"]) for page in (before, after)]
    assert ferries == [3, 1]
