"""Images of pages: compared only when a rule asks, remembered between runs, bad ones told and never fatal."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lxml.html
import pytest
from images import photo, saved

import captionfix
from captionfix import cli, pipeline
from captionfix.archives.site import Site
from captionfix.beside import Declared, PixelRelation
from captionfix.errors import PictureError
from captionfix.layout.page import Page
from captionfix.markup.html import HtmlTree
from captionfix.markup.source import read_source
from captionfix.model import Evidence, Proposal, Remove, Safety
from captionfix.pictures import fingerprint as fingerprints
from captionfix.pictures.cache import Cache, Stamp
from captionfix.pictures.cache_file import default_path
from captionfix.pictures.image_loader import ImageLoader
from captionfix.runs import batch
from captionfix.settings import Settings

LARGE, SMALL = saved(photo()), saved(photo().resize((320, 240)))
OTHER = saved(photo(2))
PAGE = b"<!DOCTYPE html><p><img src='img/large.jpg'><p><img src='/img/small.jpg?x=1'><p><img src=img/other.jpg>"
CUT = LARGE[: len(LARGE) // 2]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "img").mkdir(parents=True)
    for name, data in (("large", LARGE), ("small", SMALL), ("other", OTHER), ("bad", CUT)):
        (folder / "img" / f"{name}.jpg").write_bytes(data)
        os.utime(folder / "img" / f"{name}.jpg", (1e9, 1e9))
    (folder / "page.html").write_bytes(PAGE)
    return folder


def page_of(html, comparer=None):
    return Page(HtmlTree(read_source(html)), comparer=comparer)


def compared(html, folder, name="page.html"):
    """The verdict on the first two pictures of a page, and its bad pictures."""
    page_images = Site(folder, ImageLoader()).page(folder / name)
    page = page_of(html, page_images)
    return page.compare(*page.pictures[:2]), page_images.bad


@pytest.fixture
def asking(monkeypatch):
    """A rule that compares every picture of a page with the first, and would take out what is the same."""

    def ask(page, reads, settings):
        if reads == "text":
            return
        first, *rest = page.pictures or [None]
        for picture in rest:
            verdict = page.compare(first, picture)
            if verdict is not None and verdict.is_one_picture:
                yield Proposal(
                    "CF299",
                    picture.node,
                    first.node,
                    "again",
                    (verdict.evidence,),
                    Safety.SAFE,
                    (Remove(picture.node),),
                )

    monkeypatch.setattr(pipeline, "find_repeats", ask)


def test_a_page_compares_pictures(site):
    """Page.compare says what the pixels say, and of which files."""
    page_images = Site(site, ImageLoader()).page(site / "page.html")
    page = page_of(PAGE, page_images)
    large, small, other = page.pictures
    found = page.compare(large, small)
    assert found.relation is PixelRelation.SAME
    assert found.sizes == ((640, 480), (320, 240))
    assert [Path(name).name for name in found.images] == ["large.jpg", "small.jpg"]
    assert found.evidence == Evidence("pixels", "the same picture, mean difference of 255", found.difference)
    assert page.compare(large, other).relation is PixelRelation.DIFFERENT
    assert page.compare(large, large).relation is PixelRelation.IDENTICAL
    assert page_images.bad == []


def test_without_images_nothing_is_compared():
    """A page without a comparer, and a picture without a file, give no verdict."""
    page = page_of(PAGE)
    assert page.compare(*page.pictures[:2]) is None


LAZY = [
    ("<img src='img/large.jpg'><img src='img/spinner.png' data-src='img/small.jpg'>", PixelRelation.SAME),
    ("<img src='img/large.jpg'><img src='img/other.jpg' data-src='gone.jpg'>", None),
    ("<img src='img/large.jpg'><img src='gone.jpg' srcset='img/small.jpg 2x'>", PixelRelation.SAME),
    ("<img src='img/large.jpg'><picture><source srcset='img/other.jpg'><img src='gone.jpg'></picture>", None),
    ("<base href=/img/><img src='large.jpg'><img src='small.jpg'>", PixelRelation.SAME),
    ("<link rel=canonical href='https://x.org/page'><img src='//x.org/img/large.jpg'><img src=img/small.jpg>",
     PixelRelation.SAME),
    ("<img src='img/large.jpg'><img src='gone.jpg'>", None),
    ("<img src='img/large.jpg'><img>", None),
    ("<img src='data:,x'><img src='about:blank'>", None),
]  # fmt: skip


@pytest.mark.parametrize(("html", "relation"), LAZY)
def test_which_file_of_a_picture_counts(site, html, relation):
    """A picture's own image is compared, never the stand-in of a lazy one whose image is not there."""
    found, _ = compared(html.encode(), site)
    assert (found.relation if found is not None else None) is relation


def test_data_urls_are_images(site):
    """An image that stands in the page is compared like a file."""
    import base64

    url = b"data:image/jpeg;base64," + base64.b64encode(SMALL)
    found, _ = compared(b"<img src='img/large.jpg'><img src='" + url + b"'>", site)
    assert found.relation is PixelRelation.SAME
    assert len(found.images[1]) < 130
    found, bad = compared(b"<img src='img/large.jpg'><img src='data:image/png;base64,@'>", site)
    assert found is None
    assert [error.cause for error in bad] == ["is broken Base64"]


def test_bad_pictures_are_told_once(site):
    """A bad picture is named once a page, with its own name, and stops nothing."""
    (site / "img" / "again.jpg").write_bytes(CUT)
    page_images = Site(site, ImageLoader()).page(site / "page.html")
    page = page_of(
        b"<img src=img/bad.jpg><img src=img/large.jpg><img src=img/again.jpg><img src=img/bad.jpg>", page_images
    )
    for one in page.pictures:
        for other in page.pictures:
            page.compare(one, other)
    assert [(Path(error.locator).name, error.cause) for error in page_images.bad] == [
        ("bad.jpg", "is cut off"),
        ("again.jpg", "is cut off"),
    ]


def test_the_pipeline_hands_images_on(site, asking):
    """clean_page and clean_tree let rules compare; what is bad stands beside the findings."""
    raw = PAGE + b"<img src=img/bad.jpg>"
    done = pipeline.clean_page(raw, Settings(), page_images=Site(site, ImageLoader()).page(site / "page.html"))
    assert done.result == raw.replace(b"<img src='/img/small.jpg?x=1'>", b"").replace(b"<p><p>", b"<p>")
    assert [error.cause for error in done.bad_pictures] == ["is cut off"]
    assert pipeline.clean_page(raw, Settings()).result == raw
    root = lxml.html.fromstring(raw)
    page_images = Site(site, ImageLoader()).page(site / "page.html")
    assert [finding.code for finding in pipeline.clean_tree(root, Settings(), page_images=page_images)] == ["CF299"]
    assert len(root.findall(".//img")) == 3


def test_images_of_the_library(site, asking, caplog):
    """images= takes a folder, a mapping or a call, asked for the absolute URL where the page's is known."""
    url = "https://example.org/page.html"
    files = {
        f"https://example.org/img/{name}.jpg": (site / "img" / f"{name}.jpg").read_bytes() for name in ("large", "bad")
    }
    files["https://example.org/img/small.jpg?x=1"] = SMALL
    asked = []

    def fetch(name):
        asked.append(name)
        return files.get(name)

    html = PAGE.decode() + "<img src=img/bad.jpg>"
    for images in (site, str(site), files, fetch):
        done = captionfix.clean(html, url=url, images=images)
        assert [finding.code for finding in done.findings] == ["CF299"]
        assert [error.cause for error in done.bad_pictures] == ["is cut off"]
    assert asked[0] == "https://example.org/img/large.jpg"
    relative = {"img/large.jpg": LARGE, "/img/small.jpg?x=1": bytearray(SMALL)}
    assert captionfix.clean(PAGE, images=relative).changed
    assert not captionfix.clean(PAGE, images=relative, settings=Settings(images=False)).changed
    assert not captionfix.clean(PAGE).changed
    assert captionfix.check(html, url=url, images=files)
    assert "bad.jpg: byte" in caplog.text
    assert captionfix.clean_tree(lxml.html.fromstring(html), url=url, images=files)


def test_wrong_images_of_the_library(asking):
    """What is no source of images is refused; a call's OSError is a bad picture, its other errors come through."""

    def offline(url):
        raise ConnectionError("no network")

    done = captionfix.clean(PAGE, images=offline)
    assert [error.cause for error in done.bad_pictures] == ["cannot be had: no network"]
    for images in (7, {"img/large.jpg": "text"}):
        with pytest.raises(TypeError, match="images= takes"):
            captionfix.clean(PAGE, images=images)

    def wrong(url):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        captionfix.clean(PAGE, images=wrong)


# The cache


def looked_at(monkeypatch):
    """The number of images that are decoded from now on."""
    count = []
    real = fingerprints.fingerprint
    monkeypatch.setattr(fingerprints, "fingerprint", lambda data: count.append(1) or real(data))
    return count


def compare_all(folder, cache):
    page_images = ImageLoader(lambda: cache)
    page = page_of(PAGE + b"<img src=img/bad.jpg>", images := Site(folder, page_images).page(folder / "page.html"))
    found = [page.compare(page.pictures[0], picture) for picture in page.pictures]
    cache.close()
    return [(verdict.relation if verdict else None) for verdict in found], images.bad, page_images.take_troubles()


def test_a_second_run_decodes_nothing(site, tmp_path, monkeypatch):
    """What the cache knows is not read again, bad pictures too; a changed file and another version are."""
    path = tmp_path / "new" / "cache.db"
    count = looked_at(monkeypatch)
    first = compare_all(site, Cache(path, lambda: "1"))
    assert len(count) == 4
    (site / "img" / "large.jpg").chmod(0)
    again = compare_all(site, Cache(path, lambda: "1"))
    assert len(count) == 4
    assert again[0] == first[0]
    assert [str(error) for error in again[1]] == [str(error) for error in first[1]] != []
    (site / "img" / "large.jpg").chmod(0o644)
    (site / "img" / "large.jpg").write_bytes(OTHER)
    assert compare_all(site, Cache(path, lambda: "1"))[0][2] is PixelRelation.IDENTICAL
    assert len(count) == 4
    compare_all(site, Cache(path, lambda: "2"))
    assert len(count) == 7


def test_fresh_files_are_looked_at_again(site, tmp_path):
    """A file that has just changed may change again with the same time: its content is not remembered by its time."""
    cache = Cache(tmp_path / "cache.db", lambda: "1")
    stamp = Stamp("x.jpg", 1, time.time_ns())
    cache.keep_file(stamp, b"c" * 32)
    assert cache.content(stamp) is None
    cache.keep_file(Stamp("x\udcff.jpg", 1, 5), b"c" * 32)
    assert cache.content(Stamp("x\udcff.jpg", 1, 5)) == b"c" * 32
    assert cache.troubles == []


UNUSABLE = {
    "no database": lambda path: path.write_bytes(b"these are no tables, whatever else they are" * 50),
    "another program's": lambda path: sqlite3.connect(path).execute("CREATE TABLE mine (x)").connection.close(),
    "a folder": lambda path: path.mkdir(),
    "below a file": lambda path: path.parent.rmdir() or path.parent.write_bytes(b""),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_cache_that_cannot_be_used(site, tmp_path, name):
    """It is told about once, left as it is, and done without."""
    path = tmp_path / "folder" / "cache.db"
    path.parent.mkdir()
    UNUSABLE[name](path)
    before = path.read_bytes() if path.is_file() else None
    relations, bad, troubles = compare_all(site, Cache(path, lambda: "1"))
    assert relations[1] is PixelRelation.SAME
    assert len(bad) == len(troubles) == 1
    assert troubles[0].startswith(f"cache {path}: cannot be used: ")
    assert "--cache" in troubles[0]
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_cache_damaged_in_use(site, tmp_path):
    """Damage behind a sound head, and rows that are no fingerprints, are worked around."""
    path = tmp_path / "cache.db"
    compare_all(site, Cache(path, lambda: "1"))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE fingerprints SET data = zeroblob(99) WHERE data IS NOT NULL")
        database.execute("UPDATE fingerprints SET problem = '[1' WHERE problem IS NOT NULL")
    database.close()
    assert compare_all(site, Cache(path, lambda: "1"))[0][1] is PixelRelation.SAME
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    path.write_bytes(data)
    relations, _, troubles = compare_all(site, Cache(path, lambda: "1"))
    assert relations[1] is PixelRelation.SAME
    assert len(troubles) == 1


def test_a_locked_cache(site, tmp_path, monkeypatch):
    """Another process that holds the cache for long is not waited for forever."""
    monkeypatch.setattr("captionfix.pictures.cache_file._WAIT", 0.05)
    path = tmp_path / "cache.db"
    compare_all(site, Cache(path, lambda: "1"))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    relations, _, troubles = compare_all(site, Cache(path, lambda: "2"))
    holder.close()
    assert relations[1] is PixelRelation.SAME
    assert len(troubles) == 1
    assert "locked" in troubles[0]


def test_a_cache_that_may_only_be_read(site, tmp_path):
    """What it knows is used; that nothing new is kept is told once."""
    path = tmp_path / "cache.db"
    compare_all(site, Cache(path, lambda: "1"))
    cache = Cache(path, lambda: "1")
    assert cache.content(Stamp("x", 1, 1)) is None
    cache._database.execute("PRAGMA query_only = ON")  # noqa: SLF001  # root may write what is read only
    for number in range(3):
        cache.keep_file(Stamp(str(number), 1, 1), b"c" * 32)
    assert len(cache.troubles) == 1
    assert "nothing new is kept" in cache.troubles[0]
    known = cache.content(Stamp(os.path.realpath(site / "img" / "large.jpg"), len(LARGE), 10**18))
    assert known is not None
    cache.close()


@pytest.mark.slow
def test_several_processes_share_a_cache(site, tmp_path):
    """Processes that start on one new cache at once all get their verdicts, without trouble."""
    path = tmp_path / "cache.db"
    program = (
        "import sys; from pathlib import Path\n"
        "from captionfix.archives.site import open_site\n"
        "from captionfix.beside import Declared\n"
        "from captionfix.settings import Settings\n"
        "site = open_site(Path(sys.argv[1]), Settings(cache_path=sys.argv[2]))\n"
        "for turn in range(20):\n"
        "    page = site.page(Path(sys.argv[1], 'page.html'))\n"
        "    verdict = page.compare(['img/large.jpg'], ['img/small.jpg'], Declared())\n"
        "    assert verdict.relation.value == 'same'\n"
        "assert site.loader.take_troubles() == []\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, site, path]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM fingerprints").fetchone() == (2,)
    database.close()


def test_threads(site):
    """The library may be called from several threads at once."""
    barrier = threading.Barrier(4)

    def one(_):
        barrier.wait()
        return compared(PAGE, site)[0].relation

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(4))) == {PixelRelation.SAME}


# The command line


def run_cli(monkeypatch, capfdbinary, *arguments):
    monkeypatch.setattr(sys, "argv", ["captionfix", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    out, err = capfdbinary.readouterr()
    return caught.value.code, out.decode(), err.decode()


def test_bad_pictures_on_the_command_line(site, tmp_path, asking, monkeypatch, capfdbinary):
    """They are named in every form, counted, and change no exit code."""
    (site / "page.html").write_bytes(b"<!DOCTYPE html><img src=img/large.jpg><img src=img/bad.jpg>")
    options = ("--cache", tmp_path / "cache.db")
    code, out, _ = run_cli(monkeypatch, capfdbinary, "check", site, *options)
    assert code == 0
    assert (
        f"{site / 'page.html'}: picture {site / 'img' / 'bad.jpg'}: byte {len(CUT)}: is cut off; it was left out" in out
    )
    assert "1 picture could not be compared" in out
    code, out, _ = run_cli(monkeypatch, capfdbinary, "check", site, "--format", "json", *options)
    data = json.loads(out)
    assert (code, data["summary"]["bad_pictures"], data["pages"][0]["bad_pictures"][0]["cause"]) == (0, 1, "is cut off")
    _, out, _ = run_cli(monkeypatch, capfdbinary, "check", site, "--format", "jsonl", *options)
    assert [line["offset"] for line in map(json.loads, out.splitlines()) if line["type"] == "picture"] == [len(CUT)]
    _, out, _ = run_cli(monkeypatch, capfdbinary, "check", site, "--no-images")
    assert "could not be compared" not in out


def test_where_the_cache_lies(site, tmp_path, asking, monkeypatch, capfdbinary):
    """In the user's cache folder, or where --cache says; --no-cache keeps nothing, and nothing lies in the archive."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    before = sorted(site.rglob("*"))
    run_cli(monkeypatch, capfdbinary, "check", site, "--no-cache")
    assert not (tmp_path / "home").exists()
    list(batch.rewrite([site / "page.html"], Settings()))
    assert not (tmp_path / "home").exists()
    run_cli(monkeypatch, capfdbinary, "check", site)
    if sys.platform == "linux":
        assert default_path().is_relative_to(tmp_path / "home")
        assert default_path().is_file()
    (tmp_path / "mine").write_bytes(b"no cache" * 200)
    code, _, err = run_cli(monkeypatch, capfdbinary, "check", site, "--cache", tmp_path / "mine")
    assert code == 0
    assert err.count(f"note: cache {tmp_path / 'mine'}: cannot be used") == 1
    assert sorted(site.rglob("*")) == before


def test_wrong_cache_options(site, tmp_path, monkeypatch, capfdbinary):
    """Options that contradict each other, or name no file, are wrong usage."""
    for wrong in (("--cache", tmp_path), ("--cache", ""), ("--cache", "x", "--no-cache")):
        code, _, err = run_cli(monkeypatch, capfdbinary, "check", site, *wrong)
        assert code == 3
        assert "--cache" in err


def test_a_single_file_belongs_to_the_working_directory(site, asking, monkeypatch, tmp_path):
    """Images beside a page's own folder are found if the user works above both, and not otherwise."""
    (site / "sub").mkdir()
    page = site / "sub" / "page.html"
    page.write_bytes(b"<img src=../img/large.jpg><img src=../img/small.jpg>")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert not next(batch.run([page], Settings(cache=False))).findings
    monkeypatch.chdir(site)
    assert next(batch.run([page], Settings(cache=False))).findings


def test_the_archive_is_not_touched(site, asking):
    """Looking at images changes neither them nor their times."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in site.rglob("*.jpg")}
    list(batch.run([site], Settings(cache=False)))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in site.rglob("*.jpg")} == before
    assert all(stat.S_ISREG(path.stat().st_mode) for path in before)


def test_errors_travel():
    """A PictureError keeps what it knows on the way between processes."""
    import pickle

    error = pickle.loads(pickle.dumps(PictureError("a.jpg", "is cut off", "save it again", 7)))  # noqa: S301
    assert (str(error), error.offset) == ("a.jpg: byte 7: is cut off; save it again", 7)
    assert Declared() == Declared("", "")
