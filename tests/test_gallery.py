"""The page of image groups: complete in itself, escaped, and as a real browser shows it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from browser import ask, find_browser
from images import photo, saved

from captionfix.errors import PageError, PictureError
from captionfix.model import Evidence, Safety
from captionfix.output.gallery import SIDE, SMALL_SIDE, amount, html_parts, side
from captionfix.pictures.relations import Group, ImageRelation, Member, Window
from captionfix.runs.image_report import ImageCounts, ImageMention, ImageReport
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.runs.thumbnails import Thumbnail, thumbnails
from captionfix.settings import Settings

BROWSER = find_browser()
NASTY = "<img src=x onerror=alerted=1>\"'&\x1b[31m\u202e.jpg"
KEPT = Member(NASTY, ImageRelation.IDENTICAL, Safety.SAFE, 640, 480, 90_000, "JPEG", 1, "00")
CROP = Member(
    "img/crop.gif",
    ImageRelation.CROP,
    Safety.REVIEW,
    320,
    240,
    9_000,
    "GIF",
    3,
    "11",
    12,
    Window(0.25, 0.1, 0.75, 0.6),
    (Evidence("pixels", "a part of <it>", 0.97),),
)
GROUP = Group(NASTY, (KEPT, CROP))
SAFE = Group("a.svg", (replace(KEPT, file="a.svg", width=0, format="SVG"), replace(KEPT, file="b.svg")))
BAD = (PictureError("cut<b>.jpg", "is cut off", "save it again", 500), PageError("gone", "cannot be read", "check"))


def page(groups=(GROUP, SAFE), bad=BAD, find_mentions=None):
    data = saved(photo(1, 40, 30))
    drawn = iter([Thumbnail(data, 40, 30), Thumbnail(data, 40, 30), None, None])
    found = ImageReport(
        ("site & <more>",), groups, bad, ImageCounts(7, len(groups), 2, 9_000, len(bad[:1]), len(bad[1:]))
    )
    return "".join(html_parts(found, drawn, find_mentions))


class Reader(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


def test_names_are_text_only():
    """Whatever a file is called, it makes no element and no attribute, and nothing in it acts."""
    reader = Reader()
    html = page(find_mentions=lambda _: [ImageMention(NASTY, 1, 2, "img src")])
    reader.feed(html)
    assert reader.tags.count("img") == 2
    assert {"script", "b"} & (set(reader.tags) - {"b"}) == set()
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert not set(html) & {"\x1b", "\u202e"}
    assert "a part of &lt;it&gt; (0.97)" in html


def test_nothing_is_loaded_from_elsewhere():
    """The page has its styles and pictures in itself, and forbids all else."""
    html = page()
    urls = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", html)
    assert urls
    assert all(url.startswith(("data:image/jpeg;base64,", "#group-")) or url == "x" for url in urls)
    assert "default-src 'none'" in html


def test_without_groups():
    """No group and no bad file make a page too."""
    html = page((), ())
    assert "No two images are the same picture." in html
    assert "could not be looked at" not in html
    assert html.endswith("</html>\n")


def test_it_is_written_group_by_group():
    """A part comes as soon as its thumbnails are there; nothing is collected."""
    asked = []

    def drawn():
        for number in range(8):
            asked.append(number)
            yield None

    parts = html_parts(ImageReport((), (GROUP,) * 4, (), ImageCounts()), drawn())
    next(parts)
    assert asked == []
    next(parts)
    assert asked == [0, 1]


def test_thumbnails_of_a_run(tmp_path):
    """Thumbnails are small JPEGs in the order of the members; what has no pixels has none, nor what is gone."""
    (tmp_path / "a.jpg").write_bytes(saved(photo()))
    (tmp_path / "b.jpg").write_bytes(saved(photo()))
    for name in ("x.svg", "y.svg"):
        (tmp_path / name).write_bytes(b"<svg/>")
    roots = Roots([tmp_path])
    found = survey(roots, Settings(cache=False), roots.policy("best"))
    (tmp_path / "b.jpg").unlink()
    drawn = list(thumbnails(found, roots, SIDE))
    assert [thumbnail and (thumbnail.width, thumbnail.height) for thumbnail in drawn] == [(192, 144), None, None, None]
    assert drawn[0].data.startswith(b"\xff\xd8")
    assert len(drawn[0].data) < 20_000


def test_many_pictures_are_smaller():
    """A page of thousands of pictures stays one that a browser can hold."""
    assert side(ImageReport((), (), (), ImageCounts(groups=1000, repeats=3000))) == SIDE
    assert side(ImageReport((), (), (), ImageCounts(groups=1001, repeats=3000))) == SMALL_SIDE


def test_amounts():
    """Bytes are told in the unit that people would choose."""
    assert [amount(size) for size in (0, 1_000, 10_000, 10**15)] == [
        "0 bytes", "1.0 KB", "10 KB", "1000 TB"
    ]  # fmt: skip


LOOK = """<!DOCTYPE html><meta charset="utf-8"><body><script>
async function look(width, path) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  const loaded = new Promise(done => { frame.onload = done; });
  frame.src = path;
  document.body.append(frame);
  await loaded;
  const page = frame.contentDocument, root = page.documentElement;
  const shown = (selector) => [...page.querySelectorAll(selector)].filter(each => each.getClientRects().length).length;
  const found = {
    text: page.body.textContent, overflow: root.scrollWidth - root.clientWidth,
    alert: frame.contentWindow.alerted === 1,
    drawn: [...page.images].filter(image => image.naturalWidth > 1).length, groups: shown(".group"),
  };
  const review = page.getElementById("review");
  if (review) { review.click(); found.review = shown(".group"); page.getElementById("safe").click();
    found.safe = shown(".group"); }
  frame.remove();
  return found;
}
Promise.all([[1280, "/full"], [360, "/full"], [360, "/none"]].map(each => look(...each))).then(results =>
  fetch("/done", {method: "POST", body: JSON.stringify(results)}));
</script>"""


@pytest.fixture(scope="module")
def shown():
    pages = {"/": LOOK, "/full": page(), "/none": page((), ())}
    answer = lambda path: ("text/html", pages[path].encode()) if path in pages else None  # noqa: E731
    return json.loads(ask(BROWSER, answer, "/", 60))


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome, see CONTRIBUTING.md")
def test_a_browser_shows_it(shown):
    """Every picture is drawn, names are read as they are, and no width of screen cuts anything off."""
    for seen in shown[:2]:
        assert (seen["drawn"], seen["groups"], seen["alert"]) == (2, 2, False)
        assert "<img src=x onerror=alerted=1>\"'&" in seen["text"].replace("\n", "")
        assert "crop · for review" in seen["text"]
        assert "shows 25% of it" in seen["text"]
        assert "2 files could not be looked at" in seen["text"]
    assert "No two images are the same picture." in shown[2]["text"]
    assert [seen["overflow"] for seen in shown] == [0, 0, 0]


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome, see CONTRIBUTING.md")
def test_groups_can_be_chosen_without_scripts(shown):
    """Its choice of groups is one of the style sheet."""
    assert (shown[0]["review"], shown[0]["safe"]) == (1, 1)
    assert "review" not in shown[2]
