"""Which URLs name one picture: every row of the table, hostile text, and what holds for any URL."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pages import failing

from captionfix import picture_key
from captionfix.layout.pictures import Keys
from captionfix.pictures.names import ratio
from captionfix.pictures.proxies import PROXIES
from captionfix.pictures.services import GENERAL, SERVICES
from captionfix.pictures.urls import Confidence, loose_key, url_key

FEW = settings(
    max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
LEAST_MEET, LEAST_APART = 3, 2
LONGEST, LONG = 8_000, 100_000


def blocks():
    """The service and the marked URLs of each block of urls.txt."""
    lines = (Path(__file__).parent / "urls.txt").read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        if line.startswith("["):
            found.append((line.strip("[]"), []))
        elif line and not line.startswith("#"):
            found[-1][1].append((line[0], line[2:]))
    return found


BLOCKS = blocks()
URLS = [url for _, lines in BLOCKS for _, url in lines]
NAMES = [f"{name or 'any server'} {place}" for place, (name, _) in enumerate(BLOCKS)]


@pytest.mark.parametrize(("service", "lines"), BLOCKS, ids=NAMES)
def test_variants_meet_and_near_misses_do_not(service, lines):
    """All URLs of one picture have one key, its crops the same picture, and other pictures neither."""
    meet, crops, apart = ([url for mark, url in lines if mark == wanted] for wanted in "=~!")
    assert len(meet) >= LEAST_MEET
    assert len(apart) >= LEAST_APART
    keys = {url: picture_key(url) for _, url in lines}
    assert len({keys[url].key for url in meet}) == 1, {url: keys[url].key for url in meet}
    key = keys[meet[0]]
    for url in crops:
        assert (keys[url].key != key.key, keys[url].picture) == (True, key.picture), (url, keys[url])
    for url in apart:
        assert keys[url] is None or keys[url].picture != key.picture, url
    assert len({keys[url].picture for url in apart if keys[url]}) == len([url for url in apart if keys[url]])


def test_every_row_has_its_tests():
    """Each service of the table has a block, and some URL of it is told by that service's name."""
    tested = {name for name, _ in BLOCKS}
    assert {row.name for row in (*PROXIES, *SERVICES)} | {name for name, _ in GENERAL} == tested - {"", "proxy"}
    for name, lines in BLOCKS:
        told = {key.service for _, url in lines if (key := picture_key(url))}
        assert name in told or name == "brightspot", (name, told)


@pytest.mark.parametrize("row", SERVICES, ids=lambda row: row.name)
def test_a_row_says_how_it_is_told(row):
    """A row is told by hosts or by parts of the path, and names something."""
    assert row.hosts or row.marks
    assert "(?P<id>" in row.path or "(?P<url>" in row.path or row.prefix


def test_confidence_says_what_was_dropped():
    """Exact for ids and whole URLs, likely for sizes in names and parameters, weak where only `picture` drops more."""
    told = {
        "https://pbs.twimg.com/media/EabC_d1XYAA?name=small": Confidence.EXACT,
        "https://site.org/u/boat.jpg": Confidence.EXACT,
        "https://site.org/u/boat-300x200.jpg": Confidence.LIKELY,
        "https://site.org/u/poster-1920x1080.jpg": Confidence.LIKELY,
        "https://site.org/u/boat.jpg?w=300": Confidence.LIKELY,
        "https://site.org/u/boat_thumb.jpg": Confidence.WEAK,
        "https://site.org/files/_processed_/a/b/csm_boat_0123456789.jpg": Confidence.WEAK,
        "https://shop.org/media/catalog/product/cache/0123456789abcdef0123456789abcdef/b/o/boat.jpg": Confidence.WEAK,
    }
    assert {url: picture_key(url).confidence for url in told} == told


@pytest.mark.parametrize(
    "urls",
    [
        ("/u/boat_thumb.jpg", "/u/boat.jpg", "/u/boat-small.jpg", "/u/boat-1024w.jpg", "/u/boat-2x.jpg"),
        ("/_processed_/a/b/csm_boat_0123456789.jpg", "/_processed_/a/b/csm_boat_abcdef0123.jpg"),
        (f"/m/product/cache/{'0a' * 16}/b/o/boat.jpg", f"/m/product/cache/1/{'9f' * 16}/b/o/boat.jpg"),
    ],
)
def test_weak_hints_keep_keys_apart(urls):
    """What only might be a size or a cache's mark tells keys apart, and is left out of `picture` and `stem`."""
    keys = [picture_key(url) for url in urls]
    assert len({key.key for key in keys}) == len(urls)
    assert len({key.picture for key in keys}) == 1
    assert {key.stem for key in keys} == {"boat"}
    assert {loose_key(key.key) for key in keys} == {keys[0].picture}


@pytest.mark.parametrize("name", ["image", "lead", "1000x0563", "gallery_medium", "500", "thumbnail"])
def test_a_common_file_name_is_no_stem(name):
    """A name that any picture could have is never offered as a stem."""
    assert picture_key(f"https://site.org/u/{name}.jpg").stem == ""


@pytest.mark.parametrize("url", ["", "  ", "#", "data:image/gif;base64,R0lGOD", "DATA:image/png,x", "about:blank",
                                 "javascript:void(0)", "blob:https://site.org/1", "/img/blank.gif", "/1x1.png",
                                 "https://web.archive.org/web/2016im_/http://site.org/img/lazy-placeholder.gif",
                                 "https://wsrv.nl/?url=site.org/blank.gif"])  # fmt: skip
def test_placeholders_have_no_key(url):
    """A placeholder names no picture, in a proxy neither."""
    assert picture_key(url) is None
    assert url_key(url) == ""


def test_a_key_is_made_for_comparing():
    """Keys of one picture are equal and hash alike whatever else they know, and cannot be changed."""
    small, large = picture_key("//s.org/u/boat-300x200.jpg"), picture_key("https://s.org/u/boat.jpg?w=1200")
    assert small == large
    assert {small, large} == {small}
    assert (small.width, large.width, str(small)) == (300, 1200, small.key)
    with pytest.raises(AttributeError):
        small.key = "other"


def test_base_makes_short_urls_whole():
    """A relative URL is meant as the page means it; a broken one is taken as it is."""
    base = "https://site.org/a/b.html"
    assert picture_key("../u/boat.jpg", base) == picture_key("https://site.org/u/boat.jpg")
    assert picture_key("/_next/image?url=%2Fu%2Fboat.jpg&w=64", base) == picture_key("https://site.org/u/boat.jpg")
    assert picture_key("http://[bad/boat.jpg", base) is not None
    assert picture_key("boat.jpg", "http://[bad/") == picture_key("boat.jpg")


def test_keys_of_a_page_are_the_same_keys():
    """What the rules of a page compare is what `picture_key` says, and its looser form its picture."""
    keys = Keys()
    for url in URLS:
        told = picture_key(url)
        assert keys.of(url) == (told.key if told else "")
        assert keys.loose(keys.of(url)) == (told.picture if told else "")


def test_originals_are_the_same_picture():
    """The original's URL, where it is known, has the same picture, and no crop."""
    assert failing(has_its_original, URLS) == {}


def has_its_original(url):
    told = picture_key(url)
    if told and told.original:
        again = picture_key(told.original)
        assert again.picture == told.picture
        assert again.key == told.key or told.crop or told.confidence is Confidence.WEAK


def test_the_scheme_names_nothing():
    """http, https, no scheme at all, capitals and spaces around make no difference."""
    assert failing(is_the_same_without_a_scheme, [url for url in URLS if url.startswith("https://")]) == {}


def is_the_same_without_a_scheme(url):
    told = picture_key(url)
    for other in (f"http{url[5:]}", url[6:], f"HTTPS{url[5:]}", f" {url}\n"):
        assert picture_key(other) == told


def test_the_order_of_parameters_names_nothing():
    """Parameters in another order give the same key."""
    assert failing(is_the_same_in_another_order, [url for url in URLS if "&" in url and "#" not in url]) == {}


def is_the_same_in_another_order(url):
    path, _, query = url.partition("?")
    if "://" in path[8:]:
        return
    turned = "&".join(reversed(query.replace("&amp;", "&").split("&")))
    assert picture_key(f"{path}?{turned}") == picture_key(url)


def test_proxies_in_proxies_are_unwrapped_up_to_five():
    """Five wrappers come off; a sixth stays, and does no harm."""
    url = "https://site.org/u/boat.jpg"
    for _ in range(5):
        url = f"https://wsrv.nl/?url={quote(url, safe='')}"
        assert url_key(url) == "//site.org/u/boat.jpg"
    assert url_key(f"https://wsrv.nl/?url={quote(url, safe='')}") != "//site.org/u/boat.jpg"


def test_shapes_survive_rounding():
    """All sizes of one shape have one word, whatever rounding to whole pixels did."""
    assert {ratio(width, round(width * 9 / 16)) for width in range(160, 2000, 7)} == {"16:9"}
    assert {ratio(width, round(width * 2 / 3)) for width in range(150, 2000, 7)} == {"3:2"}


HOSTILE = (
    "http://[::1]:80/u/boat.jpg",
    "http://[::1/u/boat.jpg",
    "http://[/]?url=http://[",
    "//",
    "///",
    "http:",
    "https://",
    "?",
    "?url=",
    "?url=/",
    "/%00/%zz/%/boat%.jpg",
    "/u/\x00boat.jpg?w=\x00",
    "/u/\ud800boat.jpg?url=\udfff",
    "//\u0130.org/\u212a.jpg",
    "https://wsrv.nl/?url=%zz",
    "https://img.site.org/x/rs:fit:1:1/////",
    "https://img.site.org/x/rs:fit:1:1/AAAAAAAAAAAAAAAAAAAAA",
    "https://img.site.org/x/rs:fit:1:1/" + urlsafe_b64encode(b"https://\xff\xfe\xfd/boat.jpg").decode(),
    "https://camo.githubusercontent.com/" + "0" * 40 + "/ff",
    "https://lh3.googleusercontent.com/proxy/x=w1#",
    "https://i0.wp.com/",
    "https://.wp.com/x",
    "https://a..b/c",
    "u/{id}{host}.jpg",
    "https://pbs.twimg.com/media/{0}{id.__class__}",
    "https://site.org/size/w100000/u/0x0.jpg",
    "/w_0,h_0,c_fill/0x0/boat-0000x0000.jpg?fit=crop&w=0&h=0",
    "https://i0.wp.com/s.org/boat.jpg?resize=0%2C0",
    "https://site.org/u/\u0661\u0662\u0663x\u0664\u0665/boat.jpg?w=\u00b2",
)


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_urls_do_no_harm(url):
    """Whatever is written where a URL should be, nothing is raised."""
    picture_key(url)
    picture_key(url, "https://site.org/")
    picture_key("boat.jpg", url)


PIECES = (
    "/", "a", "-", "_", ":", ".", "=", "%", "&", "?", "#", "@", "0", "x", ",", "a/", "/a", "1x1:", "w_1,", "/w_1",
    "-1x1", "-300x200", "files/", "/thumb", "/unsafe", "%3A%2F%2F", "/http://", "url=http://", "/rs:a", "/filters:a(",
    "/web/1/http://", "&amp;", "-square", "/300x200", "0a", "/0x0", "[", "\u00fc", "s1/", "/tr:", "((", "/a_b",
)  # fmt: skip
HEADS = (
    "https://site.org/", "https://cdn.shopify.com/s/files/", "https://res.cloudinary.com/a/image/upload/",
    "https://static01.nyt.com/images/", "https://img.org/x/rs:fit:1/", "https://t.org/unsafe/", "https://wsrv.nl/?url=",
    "https://upload.wikimedia.org/wikipedia/commons/", "https://1.bp.blogspot.com/",
    "https://m.media-amazon.com/images/I/", "https://site.org/boat.jpg?", "https://site.org/boat",
    "https://scontent.fbcdn.net/", "https://site.org/resizer/", "data:",
    "",
)  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_long_urls_are_read_to_their_end_or_not_at_all(head):
    """A piece repeated up to the longest URL that is read holds nobody up; what is longer is its own name."""
    for piece in PIECES:
        url_key(head + piece * ((LONGEST - len(head)) // len(piece)))
        beyond = head + piece * (LONG // len(piece))
        key = url_key(beyond)
        assert not key or "#" in piece or key in beyond


text = st.text(st.sampled_from("ab01x/.:?=&%#@-_,~ \u00fc[]+*!$()\x00"), max_size=60)
piece = st.sampled_from((*PIECES, *URLS))


@FEW
@given(st.lists(st.one_of(text, piece), max_size=5).map("".join))
@example("https://site.org/u/boat-1x1-2x2.jpg")
def test_any_text_gives_a_key_that_is_its_own(url):
    """Nothing raises; both ways to ask agree; a text keeps its key, whatever surrounds it."""
    told = picture_key(url)
    assert url_key(url) == (told.key if told else "")
    assert picture_key(f" {url} ") == told
    if told:
        assert told.key
        assert told.picture == loose_key(told.key)
        assert told.key.startswith(told.key.partition("#")[0])
        assert "#" not in told.crop
