"""Views: hashes bit for bit those of imagehash, each at its place; frames found; nothing lost as bytes."""

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from images import photo, saved
from painted import bars, qr
from PIL import Image, ImageOps
from scipy.fft import dct

from captionfix.pictures import crop_hashes as module
from captionfix.pictures.crop_hashes import (
    COUNT,
    DETAIL,
    DETAILS,
    GRID,
    INNER,
    MIRRORED,
    WHOLE,
    CropHashes,
    Table,
    crop_hashes,
    layout,
    phashes,
)
from captionfix.pictures.decode import decode
from captionfix.pictures.fingerprint import fingerprint, plane
from captionfix.pictures.relations import Window
from captionfix.pictures.scaling import scaled_plane

Y, X = np.indices((32, 32))
PLANES = {
    "photo": np.asarray(photo(3, 32, 32).convert("L")),
    "code": np.asarray(qr(1).convert("L").resize((32, 32), 4)),
    "flat": np.full((32, 32), 77),
    "black": np.zeros((32, 32)),
    "stripes": (X // 4 % 2) * 255,
    "rows": (Y % 2) * 255,
    "checkers": ((X // 8 + Y // 8) % 2) * 200,
    "left as right": abs(X - 15.5) * 8 + Y,
    "top as bottom": abs(Y - 15.5) * 8 + X,
    "all ways": np.hypot(X - 15.5, Y - 15.5) * 8,
    "slope": X * 8,
}


def imagehash_of(grey):
    return int(str(imagehash.phash(Image.fromarray(np.asarray(grey, np.uint8)))), 16)


def tied_in(grey):
    """The bits of coefficients that are equal to the median, or nearly: imagehash's are what rounding makes of them."""
    low = dct(dct(np.asarray(grey, float), axis=0), axis=1)[:8, :8]
    return int.from_bytes(np.packbits(abs(low - np.median(low)) < 2e-6).tobytes())


def seen(image):
    return crop_hashes(fingerprint(saved(image, "PNG")))


@pytest.mark.parametrize("name", PLANES)
def test_hashes_are_those_of_imagehash(name):
    """Photos have the very same bits, and so have flat, striped and symmetric pictures where it is not rounding."""
    grey = np.rint(PLANES[name]).astype(np.uint8)
    found, tied = int(phashes(grey[None].astype(np.float32))[0]), tied_in(grey)
    assert found == imagehash_of(grey) & ~tied
    assert not tied or name not in ("photo", "code")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 4, 8, 16]), st.sampled_from([2, 5, 256]))
def test_hashes_of_any_picture_are_those_of_imagehash(seed, cell, levels):
    """So have random cells of any size in few or many shades."""
    cells = np.random.default_rng(seed).integers(0, levels, (32 // cell, 32 // cell)) * (255 // (levels - 1))
    grey = np.kron(cells, np.ones((cell, cell))).astype(np.uint8)
    assert int(phashes(grey[None].astype(np.float32))[0]) == imagehash_of(grey) & ~tied_in(grey)


@pytest.mark.parametrize("size", [(640, 480), (300, 600), (256, 256), (90, 70)])
def test_each_hash_is_of_its_window(size):
    """The hash at a place is about that of the crop, cut out by itself and scaled to 32 x 32."""
    image = fingerprint(saved(photo(4, *size), "PNG"))
    grey, found = plane(image), crop_hashes(image)
    high, wide = grey.shape
    assert int(found.hashes[WHOLE]) == imagehash_of(scaled_plane(grey, 32, 32)) or size != (256, 256)
    away = []
    for place in [WHOLE, *layout(*size), *range(DETAIL, DETAIL + len(DETAILS))]:
        part = found.window(place)
        box = (part.left * wide, part.top * high, part.right * wide, part.bottom * high)
        crop = Image.fromarray(grey).resize((32, 32), 4, box)
        away.append((int(found.hashes[place]) ^ imagehash_of(crop)).bit_count())
    assert np.mean(away) < 3
    assert max(away) <= 10


def test_the_mirrored_hash_is_of_the_mirror_image():
    """It is about the hash of the picture turned from left to right, and not that of the picture."""
    image = photo(5)
    there = seen(ImageOps.mirror(image))
    here = seen(image)
    assert (int(here.hashes[MIRRORED]) ^ int(there.hashes[WHOLE])).bit_count() <= 2
    assert (int(here.hashes[MIRRORED]) ^ int(here.hashes[WHOLE])).bit_count() > 10


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_windows_stay_inside(width, height):
    """Of an image of any shape no crop reaches over its edges, and every one has an area."""
    for part in (*layout(width, height).values(), *DETAILS):
        assert -1e-9 <= part.left < part.right <= 1 + 1e-9
        assert -1e-9 <= part.top < part.bottom <= 1 + 1e-9


def test_the_layout_holds_crops_up_to_a_quarter():
    """A crop in the middle shows a quarter or more, one at an edge nearly half or more; places are grid places."""
    for place, part in layout(800, 600).items():
        assert GRID <= place < DETAIL
        assert part.share >= (0.24 if (place - GRID) % 3 == 0 else 0.47)


@pytest.mark.parametrize("size", [(1000, 40), (40, 1000), (2000, 2), (2, 2000), (256, 1), (1, 256)])
def test_very_long_images_have_views(size):
    """An image longer than every ratio of the grid has no crops, but is hashed as a whole."""
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    image = fingerprint(saved(Image.fromarray(noise), "PNG"))
    assert crop_hashes(image).hashes.shape == (COUNT,)


@pytest.mark.parametrize("colour", ["white", "black", (200, 30, 30)])
@pytest.mark.parametrize("edges", [(40, 40, 40, 40), (0, 60, 0, 60), (10, 0, 90, 0)])
def test_frames_are_found(colour, edges):
    """The part within a border on all sides, above and below, or at one side more than at the other."""
    left, top, right, bottom = edges
    image = Image.new("RGB", (256, 256), colour)
    image.paste(photo(6, 256 - left - right, 256 - top - bottom), (left, top))
    found = seen(image).content
    for side, wanted in zip(
        (found.left, found.top, found.right, found.bottom),
        (left / 256, top / 256, 1 - right / 256, 1 - bottom / 256),
        strict=True,
    ):
        assert abs(side - wanted) < 0.05


def test_what_is_no_frame():
    """A photo, an even picture, and one whose content is tiny have none."""
    assert seen(photo(7)).content == Window()
    assert module.content(np.full((50, 50), 9, np.uint8)) == Window()
    spot = np.full((100, 100), 255, np.uint8)
    spot[50:60, 50:60] = 0
    assert module.content(spot) == Window()


def test_the_part_within_a_frame_hashes_like_the_picture():
    """So a framed copy finds its original; another photo in the same frame does not look like it."""
    image = photo(8, 320, 240)
    framed, other = (ImageOps.expand(each, 40, "white") for each in (image, photo(9, 320, 240)))
    inner = int(seen(framed).hashes[INNER])
    assert (inner ^ int(seen(image).hashes[WHOLE])).bit_count() <= 6
    assert (inner ^ int(seen(other).hashes[INNER])).bit_count() > 10


def test_they_come_back_from_bytes():
    """Nothing is lost; what was not written so is refused."""
    one = seen(ImageOps.expand(bars(1), 30, "navy"))
    back = CropHashes.from_bytes(one.to_bytes())
    assert (back.width, back.height, back.content) == (one.width, one.height, one.content)
    assert (back.hashes == one.hashes).all()
    for bad in (b"", b"x" * 20, one.to_bytes()[:-3]):
        with pytest.raises(ValueError, match=r"no views|multiple of"):
            CropHashes.from_bytes(bad)


def test_a_table_gives_back_what_was_added():
    """Views by row, hashes by column, in pieces that join to all."""
    table, rng = Table(), np.random.default_rng(0)
    added = []
    for number in range(1500):
        hashes = rng.integers(0, 2**63, DETAIL + len(DETAILS), dtype=np.uint64)
        added.append(CropHashes(number + 1, 7, Window(0.25, 0.0, 1.0, 1.0 - number % 2 / 4), hashes))
        table.add(added[-1])
    assert len(table) == 1500
    for row in (0, 1023, 1024, 1499):
        back = table.crop_hashes(row)
        assert (back.width, back.height, back.content) == (row + 1, 7, added[row].content)
        assert (back.hashes == added[row].hashes).all()
    rows = np.array([1499, 3, 1024])
    assert table.column(rows, 5).tolist() == [int(added[row].hashes[5]) for row in rows]
    assert [start for start, _ in table.pieces()] == [0, 1024]
    assert sum(len(piece) for _, piece in table.pieces()) == 1500
    assert table.sides()[-1].tolist() == [1500, 7]


def test_the_hash_of_the_fingerprint_and_of_the_whole_are_near():
    """Both are of the same picture, scaled by one filter and by another."""
    data = saved(photo(2), quality=90)
    grey = np.asarray(decode(data).grey)
    assert (int(crop_hashes(fingerprint(data)).hashes[WHOLE]) ^ imagehash_of(grey)).bit_count() <= 4
