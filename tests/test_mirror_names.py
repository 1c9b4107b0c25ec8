"""URLs of saved pages to files: found under every name that tools give them, and never outside the root."""

import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captionfix.archives.mirror_names import PageLocation, absolute, candidates, host_folder
from captionfix.archives.site import MOST, Site
from captionfix.beside import Declared
from captionfix.errors import PictureError
from captionfix.pictures.data_urls import read_data_url
from captionfix.pictures.image_loader import ImageLoader

NOTHING = Declared()
FILES = (
    "a/img/boat.jpg",
    "img/boat.jpg",
    "img/with space.jpg",
    "img/literal%20name.jpg",
    "img/ship.jpg?w=300",
    "img/sail.jpg@w=300",
    "img/rope8c85.jpg",
    "img/still.jpg",
    "img/proxy.php?u=http:%2F%2Fx%2Fy.jpg",
    "img/ÄÖ.jpg",
    "media/7/index.html",
    "cdn.example.net/pic.jpg",
    "port.example.net:8080/pic.jpg",
    "web.archive.org/web/2020im_/http:/example.org/archived.jpg",
    "a/CON.jpg",
    "a/odd_name_.jpg",
)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "site"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    (folder / "a" / "page.html").write_bytes(b"<p>")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return folder


def found(root, url, declared=NOTHING, page="a/page.html", top=""):
    image = Site(root, ImageLoader(), top).page(root / page).image(url, declared)
    return None if image is None else os.fsdecode(image.read())


CANONICAL = "https://example.org/a/page.html"
FOUND = [
    ("img/boat.jpg", "a/img/boat.jpg"),
    ("./img/../img/boat.jpg", "a/img/boat.jpg"),
    ("../img/boat.jpg", "img/boat.jpg"),
    ("/img/boat.jpg", "img/boat.jpg"),
    ("  /img/bo\nat.jpg#top ", "img/boat.jpg"),
    ("\\img\\boat.jpg", "img/boat.jpg"),
    ("%2e%2e/img/boat.jpg", "img/boat.jpg"),
    ("/img/with%20space.jpg", "img/with space.jpg"),
    ("/img/with space.jpg", "img/with space.jpg"),
    ("/img/literal%20name.jpg", "img/literal%20name.jpg"),
    ("/img/%C3%84%C3%96.jpg", "img/ÄÖ.jpg"),
    ("/img/ship.jpg?w=300", "img/ship.jpg?w=300"),
    ("/img/ship.jpg%3Fw=300", "img/ship.jpg?w=300"),
    ("/img/sail.jpg?w=300", "img/sail.jpg@w=300"),
    ("/img/sail.jpg%3Fw=300", "img/sail.jpg@w=300"),
    ("/img/rope.jpg?w=3", "img/rope8c85.jpg"),
    ("/img/still.jpg?ver=2", "img/still.jpg"),
    ("/img/proxy.php?u=http://x/y.jpg", "img/proxy.php?u=http:%2F%2Fx%2Fy.jpg"),
    ("/media/7/", "media/7/index.html"),
    ("/a/odd:name*.jpg", "a/odd_name_.jpg"),
    ("https://example.org/img/boat.jpg", "img/boat.jpg"),
    ("HTTP://Example.ORG:80/img/boat.jpg", "img/boat.jpg"),
    ("//example.org/img/boat.jpg", "img/boat.jpg"),
    ("https://user@cdn.example.net/pic.jpg", "cdn.example.net/pic.jpg"),
    ("http://port.example.net:8080/pic.jpg", "port.example.net:8080/pic.jpg"),
    ("/web/2020im_/https://example.org/img/boat.jpg", "img/boat.jpg"),
    ("https://web.archive.org/web/20200101000000im_/http://example.org/img/boat.jpg", "img/boat.jpg"),
    (
        "https://web.archive.org/web/2020im_/http://example.org/archived.jpg",
        "web.archive.org/web/2020im_/http:/example.org/archived.jpg",
    ),
]


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not take")
@pytest.mark.parametrize(("url", "name"), FOUND)
def test_found(root, url, name):
    """A URL leads to the file that its image was saved as."""
    assert found(root, url, Declared(address=CANONICAL)) == name


MISSING = [
    "", "#", "?", " ", "boat.jpg", "/img/Boat.jpg", "/img/boat.jpeg", "/img/proxy.php?u=other", "/img/proxy.php",
    "/img/rope.jpg?w=4", "/img", "/img/", "/media/7/8/", "https://other.org/img/boat.jpg", "//other.org/img/boat.jpg",
    "../../secret.jpg", "/../secret.jpg", "..\\..\\secret.jpg", "%2e%2e/%2e%2e/secret.jpg", "..%2f..%2fsecret.jpg",
    "/..%2f..%2fsecret.jpg", "....//....//secret.jpg", "file:///etc/passwd", "/etc/passwd", "//etc/passwd",
    "C:\\boot.ini", "c:/boot.ini", "a.jpg\0.png", "a%00.jpg", "javascript:alert(1)", "about:blank", "blob:x", "cid:1",
    "x" * 9000,
    "/" + "n" * 300, "/".join("ab" * 99), "http://", "http://[", "http://[::1/x", "https://../secret.jpg",
    "https://./img/boat.jpg", "//../secret.jpg", "https://..%2f/secret.jpg", "\ud800.jpg", "/img/\ud83d.jpg",
    "a/page.html/x.jpg", "img/boat.jpg/", "img/boat.jpg/x", "/web/2020/", "/web/2020im_/file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("url", MISSING, ids=lambda url: ascii(url[:30]))
def test_missing(root, url):
    """A URL of something else leads nowhere, a hostile one too."""
    assert found(root, url, Declared(address=CANONICAL)) is None


def test_base(root):
    """<base href> moves relative URLs, below the root only."""
    assert found(root, "boat.jpg", Declared("img/")) == "a/img/boat.jpg"
    assert found(root, "boat.jpg", Declared("/img/")) == "img/boat.jpg"
    assert found(root, "pic.jpg", Declared("https://cdn.example.net/")) == "cdn.example.net/pic.jpg"
    assert found(root, "boat.jpg", Declared("https://example.org/img/", CANONICAL)) == "img/boat.jpg"
    for base in ("../../", "file:///etc/", "http://[", "data:,", "/%2e%2e/"):
        assert found(root, "secret.jpg", Declared(base)) is None


def test_which_host_a_folder_is(root):
    """An absolute URL counts as the site's own only if something certain says so."""
    url = "https://example.org/img/boat.jpg"
    assert found(root, url) is None
    assert found(root, url, Declared(address="https://example.org/elsewhere.html")) is None
    assert found(root, url, top="https://example.org/") == "img/boat.jpg"
    (root / "index.html").write_bytes(b'<link rel="canonical" href="https://example.org/">')
    assert found(root, url) == "img/boat.jpg"
    (root / "index.html").write_bytes(b"<meta content=https://example.org property=og:url>")
    assert found(root, url) == "img/boat.jpg"
    (root / "index.html").write_bytes(b'<link rel="canonical" href="https://example.org/other/place">')
    assert found(root, url) is None


def test_folders_named_like_hosts(root, tmp_path):
    """In a mirror with a folder for each host, paths from the top begin at the page's host."""
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    root.rename(mirror / "www.example.org")
    page = "www.example.org/a/page.html"
    assert found(mirror, "/img/boat.jpg", page=page) == "img/boat.jpg"
    assert found(mirror, "https://www.example.org/img/boat.jpg", page=page) == "img/boat.jpg"
    assert found(mirror, "../../www.example.org/img/boat.jpg", page=page) == "img/boat.jpg"
    assert found(mirror / "www.example.org", "//www.example.org/img/boat.jpg") == "img/boat.jpg"


def test_links_stay_inside(root, tmp_path):
    """A link below the root is followed; one that leads out is named and not opened, a dangling one is nothing."""
    (root / "in.jpg").symlink_to(root / "img" / "boat.jpg")
    (root / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "folder").symlink_to(tmp_path)
    (root / "gone.jpg").symlink_to(root / "nothing.jpg")
    (root / "round.jpg").symlink_to(root / "round.jpg")
    assert found(root, "/in.jpg") == "img/boat.jpg"
    assert found(root, "/gone.jpg") is None
    assert found(root, "/round.jpg") is None
    for url in ("/out.jpg", "/folder/secret.jpg"):
        with pytest.raises(PictureError, match="leads out of"):
            found(root, url)


def test_what_is_no_file(root, monkeypatch):
    """Pipes, sockets, folders and huge files are not read, and nothing waits for them."""
    (root / "folder.jpg").mkdir()
    assert found(root, "/folder.jpg") is None
    with (root / "huge.jpg").open("wb") as file:
        file.truncate(MOST + 1)
    with pytest.raises(PictureError, match="bytes"):
        found(root, "/huge.jpg")
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe.jpg")
        with pytest.raises(PictureError, match="a pipe"):
            found(root, "/pipe.jpg")
    if hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as one:
            monkeypatch.chdir(root)  # a socket's whole path must be short
            one.bind("socket.jpg")
            with pytest.raises(PictureError, match="a pipe"):
                found(root, "/socket.jpg")


def test_a_file_that_becomes_a_pipe_is_not_waited_for(root):
    """Between looking and reading, a file may be replaced; what then is no file is not read."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes here")
    image = Site(root, ImageLoader()).page(root / "a" / "page.html").image("/img/boat.jpg", Declared())
    (root / "img" / "boat.jpg").unlink()
    os.mkfifo(root / "img" / "boat.jpg")
    with pytest.raises(PictureError, match="a pipe"):
        image.read()
    (root / "img" / "boat.jpg").unlink()
    with pytest.raises(PictureError, match="cannot be read"):
        image.read()


URLS = st.lists(
    st.sampled_from(
        ["..", ".", "/", "\\", "//", "%2e",
          "%2F", "%5c", "a", "img", "boat.jpg", "?", "&w=3", "#", ":", "http:", "file:",
         "example.org", "@", "%00", "%", " ", "~", "/web/2020im_/", "C:", "con", "\ud800", "é", "*"]
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=400, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(url=URLS, base=URLS, address=URLS)
def test_never_outside(url, base, address):
    """No candidate of any URL, base or address leads out of the root, and none is a name with a path in it."""
    told = host_folder(address, ("a", "page.html"))
    hosts = ((told,) if told else ()) + (("example.org", ()),)
    for parts in candidates(url, PageLocation(("a", "page.html"), address, base, hosts)):
        assert parts
        for part in parts:
            assert part not in ("", ".", "..")
            assert not set(part) & set("/\\\0")
        assert os.path.normpath("/".join(("/root", *parts))).startswith("/root/")


@settings(max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(url=URLS, base=URLS)
def test_never_opened_outside(tmp_path_factory, url, base):
    """Whatever a page says, only what lies below the root is read."""
    top = tmp_path_factory.getbasetemp() / "hostile"
    (top / "root" / "a" / "img").mkdir(parents=True, exist_ok=True)
    for name in ("boat.jpg", "a", "img", "con"):
        if not (top / name).exists():
            (top / name).write_bytes(b"secret")
    (top / "root" / "a" / "boat.jpg").write_bytes(b"inside")
    try:
        data = found(top / "root", url, Declared(base))
    except PictureError:
        return
    assert data in (None, "inside")


def test_windows_names(monkeypatch):
    """Where names are devices or streams, they are never made."""
    monkeypatch.setattr("captionfix.archives.mirror_names._is_windows", lambda: True)
    place = PageLocation(("page.html",))
    for url in ("con", "CON.jpg", "lpt1.png", "a/nul/b.jpg", "b.jpg.", "b.jpg%20", "b.jpg::$DATA", "x/C:/y.jpg"):
        for parts in candidates(url, place):
            assert not any(part.lower().split(".")[0] in ("con", "lpt1", "nul") for part in parts)
            assert not any(":" in part or part[-1] in ". " for part in parts)


def test_absolute():
    """URLs for a caller's images are those that a browser asks for."""
    assert absolute("a.jpg", "https://example.org/x/y", "../z/") == "https://example.org/z/a.jpg"
    assert absolute("//cdn.net/a.jpg?x=1#y", "https://example.org/") == "https://cdn.net/a.jpg?x=1"
    assert absolute("http://[", "https://example.org/") == ""


def test_data_urls():
    """data: URLs are read as browsers read them, broken ones are named."""
    assert read_data_url("data:image/png;charset=x;BASE64, AAEC\nAw==") == b"\0\1\2\3"
    assert read_data_url("data:image/png;base64,AAECAw") == b"\0\1\2\3"
    assert read_data_url("data:image/svg+xml,%3Csvg/%3E") == b"<svg/>"
    for url in ("data:image/png", "data:;base64,A", "data:;base64,A*==", "data:;base64,é"):
        with pytest.raises(PictureError):
            read_data_url(url)
