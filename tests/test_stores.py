"""Where the library's images come from: a store of fsspec, and what Scrapy's media pipelines stored."""

import gzip
import hashlib

import pytest
from images import photo, saved

import captionfix
from captionfix.errors import MissingExtraError, PictureError, UsageError
from captionfix.integrations.media import MediaStore

PAGE = (
    """<figure><img class="lazy" data-src="/u/boat-300x200.jpg"><noscript><img src="/u/boat.jpg"></noscript></figure>"""
)
ADDRESS = "https://site.org/story.html"
LARGE = saved(photo(1, 600, 400))
SMALL = saved(photo(1, 300, 200))
OTHER = saved(photo(2, 300, 200))


def stored(url):
    """Where the images pipeline stores what came from a URL."""
    return f"full/{hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()}.jpg"


def is_cleaned(images):
    return captionfix.clean(PAGE, url=ADDRESS, images=images).changed


def filled(fill, small):
    fill("https://site.org/u/boat.jpg", LARGE)
    fill("https://site.org/u/boat-300x200.jpg", small)


@pytest.mark.parametrize(("small", "goes"), [(SMALL, True), (OTHER, False)], ids=["same", "other"])
def test_a_store_of_fsspec_is_looked_into(small, goes):
    """The URL of a folder that fsspec knows is as good as a folder: other pixels keep a picture."""
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    filled(lambda url, data: files.pipe_file(f"/site{goes}/{url.removeprefix('https://site.org/')}", data), small)
    assert is_cleaned(f"memory://site{goes}") is goes


def test_a_large_file_of_a_store_is_a_bad_picture(monkeypatch):
    """What is larger than any image is told and not read."""
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.setattr("captionfix.archives.site.MOST", 1000)
    files = fsspec.filesystem("memory")
    filled(lambda url, data: files.pipe_file(f"/large/{url.removeprefix('https://site.org/')}", data), SMALL)
    result = captionfix.clean(PAGE, url=ADDRESS, images="memory://large")
    assert "more than 1,000" in str(result.bad_pictures[0])


def test_nothing_outside_of_the_store_is_asked_for():
    """A URL that leads out of the folder names nothing in it."""
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    files.pipe_file("/secret.jpg", OTHER)
    files.pipe_file("/inner/u/boat.jpg", LARGE)
    page = PAGE.replace("/u/boat-300x200.jpg", "../secret.jpg")
    result = captionfix.clean(page, images="memory://inner")
    assert result.bad_pictures == ()
    assert result.changed is captionfix.clean(page).changed


def test_a_store_without_fsspec_names_the_extra(monkeypatch):
    """Without the extra, the error says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'captionfix\[fsspec\]'"):
        captionfix.clean(PAGE, images="s3://bucket/site")


@pytest.mark.parametrize(("small", "goes"), [(SMALL, True), (OTHER, False)], ids=["same", "other"])
def test_scrapy_s_store_is_looked_into_by_its_names(tmp_path, small, goes):
    """The SHA-1 of a URL names its file; relative URLs are meant as the page's address says."""
    (tmp_path / "full").mkdir()
    filled(lambda url, data: (tmp_path / stored(url)).write_bytes(data), small)
    assert is_cleaned(MediaStore(tmp_path)) is goes


@pytest.mark.parametrize(("small", "goes"), [(SMALL, True), (OTHER, False)], ids=["same", "other"])
def test_the_item_tells_which_file_came_from_where(tmp_path, small, goes):
    """The results that a pipeline puts into an item go before the names, whatever the store names its files."""
    results = []

    def fill(url, data):
        (tmp_path / str(len(results))).write_bytes(data)
        results.append({"url": url, "path": str(len(results)), "checksum": "x", "status": "downloaded"})

    filled(fill, small)
    assert is_cleaned(MediaStore([tmp_path / "empty", tmp_path], results)) is goes


def test_a_result_that_leads_out_of_the_store_is_not_opened(tmp_path):
    """What an item says is no reason to read another file."""
    (tmp_path / "store").mkdir()
    (tmp_path / "secret.jpg").write_bytes(OTHER)
    urls = ("https://site.org/u/boat.jpg", "https://site.org/u/boat-300x200.jpg")
    store = MediaStore(tmp_path / "store", [{"url": url, "path": "../secret.jpg"} for url in urls])
    with pytest.raises(PictureError, match="leads out of"):
        store("https://site.org/u/boat.jpg")
    result = captionfix.clean(PAGE, url=ADDRESS, images=store)
    assert [error.cause.startswith("leads out of") for error in result.bad_pictures] == [True]


def test_what_was_not_stored_is_not_there(tmp_path):
    """An image that the crawl did not get gives no evidence, and no error."""
    assert MediaStore(tmp_path)("https://site.org/u/boat.jpg") is None
    assert captionfix.clean(PAGE, url=ADDRESS, images=MediaStore(tmp_path)).bad_pictures == ()


def test_files_that_are_no_images_are_bad_pictures(tmp_path):
    """A page of an error that was stored as an image is named."""
    (tmp_path / "full").mkdir()
    for name in ("boat", "boat-300x200"):
        (tmp_path / stored(f"https://site.org/u/{name}.jpg")).write_bytes(b"<html>404")
    assert captionfix.clean(PAGE, url=ADDRESS, images=MediaStore(tmp_path)).bad_pictures


def record(url, data, kind="image/jpeg"):
    body = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind.encode(), len(data), data)
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"WARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def warc(path, small):
    """A WARC file that holds both images, and a page."""
    pytest.importorskip("fastwarc")
    records = [record("https://site.org/story.html", PAGE.encode(), "text/html")]
    filled(lambda url, data: records.append(record(url, data)), small)
    path.write_bytes(b"".join(map(gzip.compress, records) if path.suffix == ".gz" else records))
    return path


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize(("small", "goes"), [(SMALL, True), (OTHER, False)], ids=["same", "other"])
def test_a_warc_file_is_looked_into(tmp_path, name, small, goes):
    """The images of a crawl are found by the URLs they came from."""
    assert is_cleaned(warc(tmp_path / name, small)) is goes


def test_a_cleaner_reads_a_warc_file_once(tmp_path, monkeypatch):
    """However many pages are cleaned, the file is read once."""
    path = warc(tmp_path / "crawl.warc.gz", OTHER)
    cleaner = captionfix.Cleaner(images=str(path))
    assert not cleaner.clean(PAGE, url=ADDRESS).changed
    path.unlink()
    assert not cleaner.clean(PAGE, url=ADDRESS).changed


def test_a_warc_file_that_is_cut_off_gives_what_stands_before(tmp_path):
    """A damaged end costs the images behind it, and nothing else."""
    path = warc(tmp_path / "crawl.warc", OTHER)
    path.write_bytes(path.read_bytes()[:-400])
    assert captionfix.clean(PAGE, url=ADDRESS, images=path).changed


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    """A page named by mistake is told."""
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    with pytest.raises(UsageError, match="is no folder and no WARC file"):
        captionfix.clean(PAGE, url=ADDRESS, images=tmp_path / "page.html")
