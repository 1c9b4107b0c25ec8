"""HEIC and JPEG XL: read where their extra is installed, named with it where it is not."""

import subprocess
import sys

import pytest
from images import photo, saved

from captionfix.errors import PictureError
from captionfix.pictures.decode import Limits, decode
from captionfix.pictures.image_headers import jpeg_xl_size
from captionfix.pictures.index import same_picture
from captionfix.pictures.kinds import is_image
from captionfix.pictures.relations import ImageRelation

HEIC = b"\0\0\0\x20ftypheic" + bytes(20)
JXL = b"\xff\x0a" + bytes(20)
BOXES = b"\0\0\0\x0cJXL \r\n\x87\n"


@pytest.fixture
def heif():
    plugin = pytest.importorskip("pillow_heif")
    plugin.register_heif_opener()


@pytest.fixture
def jxl():
    pytest.importorskip("pillow_jxl")


@pytest.mark.parametrize(("data", "extra", "module"), [(HEIC, "heic", "pillow_heif"), (JXL, "jxl", "pillow_jxl")])
def test_without_the_extra_the_message_names_it(data, extra, module, monkeypatch):
    """It says what to install, and is not remembered: with the extra the same file is read."""
    for name in list(sys.modules):
        if name.split(".")[0] == module:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(PictureError, match=rf"captionfix\[{extra}\]") as caught:
        decode(data)
    assert caught.value.passing
    assert is_image(data)


def test_heic_is_compared_like_others(heif):
    """A HEIC copy is the same picture as the JPEG; that of another photo is not."""
    copy = saved(photo(), "HEIF", quality=80)
    assert decode(copy).format == "HEIF"
    assert same_picture(copy, saved(photo(), quality=85)).relation is ImageRelation.FORMAT
    assert not same_picture(copy, saved(photo(2), quality=85))


def test_jpeg_xl_is_compared_like_others(jxl):
    """A JPEG XL copy, bare or in boxes, is the same picture as the JPEG; that of another photo is not."""
    for boxes in (False, True):
        copy = saved(photo(), "JXL", use_container=boxes)
        assert decode(copy).format == "JXL"
        assert same_picture(copy, saved(photo(), quality=85)).relation is ImageRelation.FORMAT
        assert not same_picture(copy, saved(photo(2), quality=85))


@pytest.mark.parametrize("size", [(640, 480), (64, 64), (37, 301), (333, 17), (160, 90), (9, 9)])
def test_the_size_of_jpeg_xl_is_told_before_it_is_decoded(size, jxl):
    """Every form of its header is understood."""
    for boxes in (False, True):
        data = saved(photo(1, *size), "JXL", use_container=boxes)
        assert jpeg_xl_size(data) == size


def test_a_jpeg_xl_bomb_is_refused_unopened():
    """What says to be too large is not handed to the plugin, which would decode it at once."""
    side = (1 << 30) - 1
    bits = 0 | 3 << 1 | side << 3 | 1 << 36  # not small, 30 bits for the height, as wide as high
    for data in (
        b"\xff\x0a" + bits.to_bytes(12, "little"),
        BOXES + b"\0\0\0\x20jxlc\xff\x0a" + bits.to_bytes(22, "little"),
    ):
        with pytest.raises(PictureError, match="pixels large"):
            decode(data)
    with pytest.raises(PictureError, match="pixels large"):
        decode(b"\xff\x0a" + bytes(20), Limits(decoded=0))


def test_large_heic_is_refused_undecoded(heif):
    """Its size is looked at first."""
    with pytest.raises(PictureError, match="pixels large"):
        decode(saved(photo(), "HEIF"), Limits(pixels=1000))


@pytest.mark.parametrize("data", [BOXES, BOXES + bytes(60), BOXES + b"\0\0\0\1jxlp" + bytes(8), b"\xff\x0a", JXL])
def test_broken_jpeg_xl_is_named(data):
    """Boxes that lie, and files that end too soon, are bad pictures."""
    with pytest.raises(PictureError):
        decode(data)


def test_cut_off_files_are_named(heif, jxl):
    """Half a file of either kind is a bad picture."""
    for form in ("HEIF", "JXL"):
        data = saved(photo(), form)
        with pytest.raises(PictureError):
            decode(data[: len(data) // 2])


def test_plugins_are_loaded_for_their_own_files_only():
    """A JPEG loads neither, and a HEIC registers nothing with Pillow."""
    code = (
        "import sys; from PIL import Image; from captionfix.pictures.decode import decode\n"
        "try: decode(b'GIF89a')\nexcept Exception: pass\n"
        "assert not {'pillow_heif', 'pillow_jxl'} & set(sys.modules)\n"
        "before = dict(Image.OPEN)\n"
        f"try: decode({HEIC!r})\nexcept Exception: pass\n"
        "assert Image.OPEN == before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
