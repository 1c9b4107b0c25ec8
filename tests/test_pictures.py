"""Images: decoded whatever they are, fingerprinted, compared; hostile ones named."""

import io
import json
import subprocess
import sys
import warnings
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import icon, photo, png, saved
from PIL import ExifTags, Image, ImageDraw, ImageFile, features

from captionfix.beside import PixelRelation
from captionfix.errors import PictureError
from captionfix.pictures.comparable import ComparableImage, sharper_of
from captionfix.pictures.decode import Limits, decode
from captionfix.pictures.fingerprint import Fingerprint, fingerprint, phash
from captionfix.pictures.match import compare

GROUPS = Path(__file__).parent.parent.parent / "shared" / "image-groups"
PHOTO = photo()
JPEG = saved(PHOTO, quality=90)


def verdict(one, other):
    return compare(seen(one), seen(other))


def seen(data):
    image = fingerprint(data)
    return ComparableImage(image, lambda: sharper_of(data))


def relation(one, other):
    return verdict(one, other).relation


def forms():
    yield "JPEG", saved(PHOTO, quality=85)
    yield "progressive", saved(PHOTO, quality=85, progressive=True)
    yield "CMYK", saved(PHOTO.convert("CMYK"), quality=90)
    yield "PNG", saved(PHOTO, "PNG")
    yield "palette", saved(PHOTO.quantize(256), "PNG")
    yield "GIF", saved(PHOTO.quantize(256), "GIF")
    yield "WebP", saved(PHOTO, "WEBP", quality=90)
    yield "TIFF", saved(PHOTO, "TIFF")
    yield "BMP", saved(PHOTO, "BMP")
    yield "opaque alpha", saved(PHOTO.convert("RGBA"), "PNG")
    yield "half the size", saved(PHOTO.resize((320, 240), Image.Resampling.LANCZOS), quality=85)
    yield "a thumbnail", saved(PHOTO.resize((150, 112), Image.Resampling.BICUBIC), quality=80)
    if features.check("avif"):
        yield "AVIF", saved(PHOTO, "AVIF", quality=80)


@pytest.mark.parametrize(("name", "data"), list(forms()), ids=lambda value: value if isinstance(value, str) else "")
def test_one_picture_in_every_form(name, data):
    """A picture is the same in every format, mode and size, and another picture is not."""
    found = verdict(JPEG, data)
    assert found.relation in (PixelRelation.SAME, PixelRelation.IDENTICAL)
    assert found.is_one_picture
    assert relation(saved(photo(2)), data) is PixelRelation.DIFFERENT


@pytest.mark.parametrize(("name", "data"), list(forms()), ids=lambda value: value if isinstance(value, str) else "")
def test_hash_of_every_form(name, data):
    """The hash is that of imagehash on the whole picture, but for a few bits, whatever the form."""
    bits = imagehash.phash(Image.open(io.BytesIO(data)).convert("RGB")).hash
    whole = int.from_bytes(np.packbits(bits).tobytes())
    assert (phash(data) ^ whole).bit_count() <= 6
    assert (fingerprint(data).phash ^ whole).bit_count() <= 6
    assert (phash(saved(photo(2))) ^ whole).bit_count() > 16


def test_hash_is_of_what_is_seen():
    """Upright, and on white where it is transparent; hostile files are named, and vector images have no pixels."""
    turned = PHOTO.getexif()
    turned[ExifTags.Base.Orientation] = 6
    upright = saved(PHOTO.transpose(Image.Transpose.ROTATE_270), quality=90)
    assert (phash(saved(PHOTO, quality=90, exif=turned)) ^ phash(upright)).bit_count() <= 6
    clear = PHOTO.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(PHOTO.size))
    white = Image.alpha_composite(Image.new("RGBA", PHOTO.size, "white"), clear)
    assert (phash(saved(clear, "PNG")) ^ phash(saved(white.convert("RGB"), "PNG"))).bit_count() <= 4
    for data in (b"", b"<svg/>", JPEG[:200], saved(Image.new("L", (3000, 3000)), "PNG")):
        with pytest.raises(PictureError):
            phash(data, Limits(decoded=2**22))
    assert fingerprint(b"<svg/>").phash == 0


def test_grey_of_eight_and_sixteen_bits():
    """16 bits a pixel are scaled, not cut off."""
    grey = PHOTO.convert("L")
    deep = Image.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    assert relation(saved(grey, "PNG"), saved(deep, "PNG")) is PixelRelation.SAME
    assert relation(saved(grey, "PNG"), saved(deep, "TIFF")) is PixelRelation.SAME


def test_orientation():
    """A picture that EXIF turns is compared upright, and has its upright size; broken EXIF turns nothing."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    turned = saved(PHOTO.transpose(Image.Transpose.ROTATE_90), quality=90, exif=exif)
    found = fingerprint(turned)
    assert (found.width, found.height) == PHOTO.size
    assert relation(JPEG, turned) is PixelRelation.SAME
    assert relation(JPEG, saved(PHOTO, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")) is PixelRelation.SAME


def test_identical_pixels_in_other_bytes():
    """Equal pixels are identical whatever the bytes; what transparency hides does not count."""
    assert relation(saved(PHOTO, "PNG"), saved(PHOTO, "BMP")) is PixelRelation.IDENTICAL
    assert relation(JPEG, JPEG[:2] + b"\xff\xfe\x00\x04hi" + JPEG[2:]) in (PixelRelation.SAME, PixelRelation.IDENTICAL)
    clear, hidden = Image.new("RGBA", (90, 90)), Image.new("RGBA", (90, 90), (9, 99, 199, 0))
    found = verdict(saved(clear, "PNG"), saved(hidden, "PNG"))
    assert (found.relation, found.plain, found.is_one_picture) == (PixelRelation.IDENTICAL, True, False)


def test_transparent_pictures():
    """White on a transparent ground is seen; it is not taken for other white, nor for an opaque picture."""

    def drawn(word, colour):
        image = Image.new("RGBA", (300, 200))
        draw = ImageDraw.Draw(image)
        for number, letter in enumerate(word):
            draw.rectangle((20 + number * 60, 40, 50 + number * 60, 60 + ord(letter) % 7 * 15), fill=colour)
        return saved(image, "PNG")

    assert relation(drawn("abcd", "white"), drawn("abcd", "white")) is PixelRelation.IDENTICAL
    assert relation(drawn("abcd", "white"), drawn("dacb", "white")) in (PixelRelation.UNKNOWN, PixelRelation.DIFFERENT)
    both = Image.open(io.BytesIO(drawn("abcd", "black")))
    ImageDraw.Draw(both).rectangle((20, 150, 280, 190), fill="white")
    assert relation(drawn("abcd", "black"), saved(both, "PNG")) is not PixelRelation.SAME


def test_plain_pictures_match_on_equal_pixels_only():
    """One colour, a gradient, and what is tiny are never the same as another, and say that they are plain."""
    grey = [Image.new("RGB", (200, 100), (value,) * 3) for value in (250, 251)]
    slope = [Image.linear_gradient("L").resize((200, 200 + more)) for more in (0, 1)]
    small = [PHOTO.resize((24, 18 + more)) for more in (0, 1)]
    for one, other in (grey, slope, small):
        found = verdict(saved(one, "PNG"), saved(other, "PNG"))
        assert (found.relation, found.plain) == (PixelRelation.UNKNOWN, True)
        found = verdict(saved(one, "PNG"), saved(one, "BMP"))
        assert (found.relation, found.plain) == (PixelRelation.IDENTICAL, True)
    large = Image.new("RGB", (2048, 2048), (9, 9, 9))
    assert relation(saved(large), saved(large, comment=b"again")) is PixelRelation.IDENTICAL


def test_what_is_not_the_same():
    """A crop may be a part; it, a mirror image, a changed number and a fainter copy are not the same, nor different."""
    mirrored = PHOTO.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert relation(JPEG, saved(PHOTO.crop((0, 0, 480, 480)))) is PixelRelation.PART
    assert relation(JPEG, saved(PHOTO.crop((60, 40, 500, 400)))) in (PixelRelation.PART, PixelRelation.UNKNOWN)
    assert relation(JPEG, saved(mirrored)) in (PixelRelation.UNKNOWN, PixelRelation.DIFFERENT)
    signs = []
    for digit in "14":
        sign = PHOTO.copy()
        draw = ImageDraw.Draw(sign)
        draw.rectangle((200, 200, 420, 270), fill="white")
        draw.text((210, 205), f"Part {digit}", fill="black", font_size=56)
        signs.append(saved(sign, quality=85))
    assert relation(*signs) is not PixelRelation.SAME


def test_order_does_not_matter():
    """Comparing is symmetric."""
    images = [seen(data) for data in (*(data for _, data in forms()), saved(photo(3)), b"<svg/>")]
    for one, other in combinations(images[::4], 2):
        there, back = compare(one, other), compare(other, one)
        assert there.relation is back.relation


def test_vector_pictures_are_known_by_their_bytes():
    """SVG is identical to itself and says nothing else."""
    svg = b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>"
    assert relation(svg, svg) is PixelRelation.IDENTICAL
    assert relation(svg, svg.replace(b"M0 0", b"M0 1")) is PixelRelation.UNKNOWN
    assert relation(svg, JPEG) is PixelRelation.UNKNOWN


BOMB = png(30_000, 30_000, b"\0" * 1000)
MANY_SCANS = saved(PHOTO, progressive=True)
BAD = {
    "empty": (b"", "is empty"),
    "PostScript named .jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
    "EPS with a preview": (b"\xc5\xd0\xd3\xc6" + bytes(40), "PostScript"),
    "a web page": (b"\n<!DOCTYPE html><html><body>404", "web page"),
    "PDF": (b"%PDF-1.4\n", "PDF"),
    "a film": (b"\0\0\0\x20ftypisom" + bytes(20), "video"),
    "noise": (bytes(range(256)), "no picture"),
    "a bomb": (BOMB, "larger than"),
    "a bomb that Pillow only warns of": (png(12_000, 12_000), "pixels large"),
    "a larger picture in an icon": (icon(png(20_000, 20_000)), "pixels large"),
    "a large picture in an icon": (icon(png(12_000, 12_000)), "pixels large"),
    "no width": (png(0, 9), "broken"),
    "GIF of no size": (b"GIF89a" + bytes(7) + b"," + bytes(9) + b"\x02\x02\x44\x01\0;", "GIF"),
    "a lying header": (png(500, 500, b"\0" * 9), "cut off"),
    "cut off": (JPEG[: len(JPEG) // 2], "cut off"),
    "cut in the header": (JPEG[:40], "cut off"),
    "PNG cut off": (saved(PHOTO, "PNG")[:5000], "cut off"),
    "a broken TIFF": (b"II*\0\x08\0\0\0\xff\xff" + bytes(50), "TIFF"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_named(name):
    """What cannot be looked at says why and what to do, quickly and without a warning."""
    data, cause = BAD[name]
    with pytest.raises(PictureError) as caught:
        fingerprint(data)
    assert cause in f"{caught.value.cause}"
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_limits():
    """Bytes, pixels, scans and time are limited, each by itself."""
    for limits, cause in (
        (Limits(bytes=1000), "bytes"),
        (Limits(pixels=1000), "pixels large"),
        (Limits(decoded=1000), "pixels large"),
        (Limits(seconds=-1), "seconds"),
    ):
        with pytest.raises(PictureError, match=cause):
            decode(JPEG, limits)
    with pytest.raises(PictureError, match="scans"):
        decode(MANY_SCANS, Limits(scans=3))
    assert decode(saved(photo(1, 4000, 3000)), Limits(decoded=2_000_000)).width == 4000


def test_large_progressive_pictures():
    """A progressive picture of which only the coarse part is read is the same as the whole one."""
    large = photo(1, 2400, 1800)
    found = verdict(saved(large, progressive=True), saved(large))
    assert found.relation is PixelRelation.SAME
    assert fingerprint(saved(large, progressive=True)).width == 2400


def test_nothing_of_the_process_changes(monkeypatch):
    """Neither Pillow's settings nor the filters of warnings change, and a caller's own settings do not matter."""
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters))
    for data, _ in BAD.values():
        with pytest.raises(PictureError):
            fingerprint(data)
    fingerprint(JPEG)
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)) == before
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    with pytest.raises(PictureError, match="more than"):
        fingerprint(BOMB)


def test_only_formats_of_the_web_are_loaded():
    """Decoding loads no plugin that could start another program."""
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from captionfix.pictures.decode import decode\n"
        "from captionfix.errors import PictureError\n"
        "for data in (open(sys.argv[1], 'rb').read(), b'%!PS-Adobe-3.0'):\n"
        "    try: decode(data)\n"
        "    except PictureError as error: print(error)\n"
        "print(*sys.modules)"
    )
    path = Path(__file__).parent.parent / "captionfix" / "py.typed"
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert "PIL.JpegImagePlugin" in done.stdout
    for name in ("EpsImagePlugin", "WmfImagePlugin", "PdfImagePlugin", "FpxImagePlugin", "MicImagePlugin"):
        assert name not in done.stdout


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_pictures_never_crash(data):
    """Whatever happens to the bytes of an image, it gives a fingerprint or a named error."""
    whole = bytearray(data.draw(st.sampled_from([small for _, small in SMALL])))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=12)):
        whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        found = fingerprint(bytes(whole[:cut]))
    except PictureError:
        return
    assert Fingerprint.from_bytes(found.to_bytes()) == found


def _small():
    small = photo(4, 60, 40)
    for form in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "ICO", *(["AVIF"] if features.check("avif") else [])):
        yield form, saved(small, form)
    yield "progressive", saved(small, progressive=True)


SMALL = list(_small())


@pytest.mark.parametrize("data", [data for _, data in SMALL] + [b"<svg/>"])
def test_fingerprints_survive_as_bytes(data):
    """A fingerprint is the same after a while in the cache, and anything else is refused."""
    found = fingerprint(data)
    assert Fingerprint.from_bytes(found.to_bytes()) == found
    for broken in (b"", b"x" * 200, found.to_bytes()[:-4], found.to_bytes()[:60]):
        with pytest.raises(ValueError, match="no fingerprint"):
            Fingerprint.from_bytes(broken)


@pytest.mark.full
@pytest.mark.skipif(not GROUPS.is_dir(), reason="the labelled images are not here")
def test_scores_on_labelled_images(tmp_path):
    """On real labelled images no pair is wrongly the same, none wrongly different, and size variants are found.

    A square that was cut out of a picture of nearly that shape is found as a part of it.
    """
    truth = json.loads((GROUPS / "groups.json").read_text())
    images = {path.name: fingerprint(path.read_bytes()) for path in sorted((GROUPS / "images").iterdir())}
    labelled = {tuple(sorted(pair[:2])): pair[2] for group in truth["groups"] for pair in group["pairs"]}
    hard = {tuple(sorted(pair[:2])) for pair in truth["hard_negatives"]}
    same, parts = [], []
    for pair in combinations(sorted(images), 2):
        one, other = images[pair[0]], images[pair[1]]
        near = (one.phash ^ other.phash).bit_count() <= 8 or one.content == other.content
        if near or pair in labelled or pair in hard:
            found = compare(*(seen((GROUPS / "images" / name).read_bytes()) for name in pair))
            assert pair not in labelled or found.relation is not PixelRelation.DIFFERENT
            if found.relation in (PixelRelation.SAME, PixelRelation.IDENTICAL):
                same.append(pair)
            elif found.relation is PixelRelation.PART:
                parts.append(pair)
    score = scored(same, tmp_path)
    assert score["precision"] == 1
    assert score["hard_negative_violations"] == 0
    assert all(score["recall_by_relation"][name][0] == 1 for name in ("identical", "format"))
    assert score["recall_by_relation"]["recompress"][0] >= 0.92
    assert scored(same + parts, tmp_path)["recall_by_relation"]["resize"][0] >= 0.97


def scored(pairs, folder):
    """What the scorer of the labelled images says of pairs."""
    predicted, command = folder / "pairs.json", [sys.executable, GROUPS / "score_images.py"]
    predicted.write_text(json.dumps({"pairs": pairs}))
    done = subprocess.run([*command, predicted, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
