"""The example site: its script writes what is checked in, and cleaning keeps what repeats by design."""

import io
import itertools
import re
from urllib.parse import urlsplit

import before_after
import imagehash
import numpy as np
import pytest
from pages import edits_of, parse
from PIL import Image
from render_site import COPIED, ICONS, PAGES, PHOTOS, SITE, SOURCE, icon, page, photo

from captionfix.pipeline import clean_page
from captionfix.settings import Settings


def pixels(image):
    return np.asarray(image.convert("RGB"), np.int16)


def cleaned(name):
    return clean_page((SITE / name).read_bytes(), Settings(), locator=name).result.decode(PAGES[name].encoding)


def test_the_site_holds_what_its_script_writes():
    """Nothing is missing, nothing is left over, and the whole is small."""
    files = [path for path in SITE.rglob("*") if path.is_file()]
    written = {SITE / name for name in (*PAGES, *COPIED.values())} | {SITE / "img" / name for name in (*PHOTOS, *ICONS)}
    assert set(files) == written
    assert sum(path.stat().st_size for path in files) <= 600_000


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_written_again_byte_for_byte(name):
    """A page is what its source gives in its encoding and with its line ends."""
    assert (SITE / name).read_bytes() == page(name)


def test_style_sheet_and_logo_are_copies():
    """What is not rendered is copied."""
    for source, place in COPIED.items():
        assert (SITE / place).read_bytes() == (SOURCE / source).read_bytes()


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs_are_painted_again(name):
    """The pixels are the same again, but for what another JPEG encoder or a polygon's edge may change."""
    again = io.BytesIO()
    photo(name).save(again, "JPEG", quality=PHOTOS[name].quality)
    with Image.open(again) as new, Image.open(SITE / "img" / name) as old:
        assert old.size == PHOTOS[name].size
        off = np.abs(pixels(new) - pixels(old))
    assert off.mean() < 2
    assert (off > 48).mean() < 0.002


@pytest.mark.parametrize("name", ICONS)
def test_icons_are_drawn_again(name):
    """Icons are drawn to the same pixels."""
    with Image.open(SITE / "img" / name) as old:
        assert (pixels(icon(name)) == pixels(old)).all()


def test_motifs_are_told_apart_by_their_hashes():
    """Copies of one motif are alike in whatever size; two motifs, even two frames of a burst, are not."""
    hashes = {name: imagehash.phash(Image.open(SITE / "img" / name)) for name in PHOTOS}
    for one, other in itertools.combinations(PHOTOS, 2):
        away = hashes[one] - hashes[other]
        assert away <= 4 if PHOTOS[one].motif == PHOTOS[other].motif else away >= 8, f"{one}, {other}: {away}"


@pytest.mark.parametrize("name", PAGES)
def test_references_lead_somewhere(name):
    """Every picture and style sheet that a page loads by itself is there."""
    for node in parse((SITE / name).read_bytes()).iter():
        for attribute in ("src", "data-src"):
            url = urlsplit(node.attrib.get(attribute, ""))
            if url.path and not url.scheme:
                assert (SITE / url.path).is_file(), url.path


def test_pages_are_saved_in_several_ways():
    """One page is in windows-1252 with CRLF, one begins with a byte order mark."""
    storm = (SITE / "storm.html").read_bytes()
    assert b"caf\xe9" in storm
    assert storm.count(b"\r\n") == storm.count(b"\n")
    assert (SITE / "regatta.html").read_bytes().startswith(b"\xef\xbb\xbf")


def test_teasers_and_lists_stay():
    """A front page repeats its pictures by design; no byte of it changes."""
    assert cleaned("index.html").encode() == (SITE / "index.html").read_bytes()


@pytest.mark.parametrize(
    ("name", "pattern", "count"),
    [
        ("market.html", r"stall-\d\.jpg.*<figcaption[^>]*>Photo: A\. Person</figcaption>", 3),
        ("storm.html", r"The sea comes over the mole, 14 March</td>", 2),
        ("storm.html", r'<img [^>]*src="img/wave-\d\.jpg"', 2),
        ("regatta.html", r">The field rounds the (?:first|second|third) buoy, with the wind from the west\.</div>", 3),
        ("regatta.html", r'<img [^>]*src="img/regatta-\w+\.jpg"', 3),
        ("island.html", r"<noscript><img ", 1),
        ("island.html", r'alt="On the way"', 3),
        ("harbour.html", r'class="avatar" src="img/portrait\.jpg"', 2),
        ("harbour.html", r'src="img/icon-(?:mail|feed)\.png"', 4),
    ],
)
def test_near_misses_stay(name, pattern, count):
    """Galleries, bursts, series, fallbacks, faces and icons are there as often as before."""
    assert len(re.findall(pattern, cleaned(name))) == count


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"index.html", "island.html"}))
def test_each_article_has_something_to_mend(name):
    """Every article but the AMP page holds a repeat that is mended."""
    assert edits_of(clean_page((SITE / name).read_bytes(), Settings(), locator=name).findings)


def test_the_picture_in_the_readme_frames_what_goes():
    """The page on its left is the page with marks and nothing else; the lines that go are those told twice."""
    raw = (SITE / "ferry.html").read_bytes()
    done = clean_page(raw, Settings(), locator="ferry.html")
    framed = before_after.marked(raw, done)
    assert framed.count(b" data-repeat") == 3
    assert framed.replace(b" data-repeat", b"").replace(before_after.MARK, b"") == raw
    told = before_after.told(raw, done.result)
    assert re.findall(r'class="gone">(?:<em>)?([^<]*)', told).count("[The Eider on her first crossing]") == 3
    assert before_after.TARGET.stat().st_size <= before_after.MOST
