"""Which images are one picture: found by their views, laid upon each other, told apart by a word."""

import io
import random
from dataclasses import replace
from itertools import combinations

import imagehash
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from images import photo, saved
from PIL import Image, ImageDraw, ImageFilter, ImageOps

import captionfix
from captionfix import Safety
from captionfix.pictures import crop_hashes, local_difference
from captionfix.pictures.align import Placement, align
from captionfix.pictures.candidates import Candidates, guess, near
from captionfix.pictures.crop_hashes import DETAIL, GRID, INNER, MIRRORED, CropHashes, Table, layout, phashes
from captionfix.pictures.fingerprint import fingerprint, plane
from captionfix.pictures.relations import ImageRelation, Window
from captionfix.pictures.scaling import Canvas

LARGE = photo(1, 640, 480)
JPEG = saved(LARGE, quality=90)


def detailed(seed, width=640, height=480):
    """A photograph with as much to see in its parts as in the whole."""
    chance = np.random.default_rng(seed)
    image = np.zeros((height, width, 3), np.float32)
    for size in (8, 16, 32, 64, 128):
        blobs = chance.random((size * height // width + 1, size, 3), np.float32)
        layer = Image.fromarray((blobs * 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        image += np.asarray(layer, np.float32) / size**0.7
    image -= image.min()
    return Image.fromarray((image / image.max() * 255).astype(np.uint8))


PICTURE = detailed(1)
SOURCE = saved(PICTURE, quality=92)


def cut(left, top, right, bottom, image=PICTURE):
    width, height = image.size
    return image.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))


def like(image, original=SOURCE, **options):
    return captionfix.same_picture(original, image if isinstance(image, bytes) else saved(image, **options))


def lettered(text, seed=3, size=24, at=(60, 90)):
    image = detailed(seed)
    ImageDraw.Draw(image).text(at, text, fill="white", font_size=size, stroke_width=2, stroke_fill="black")
    return image


# --- views


@pytest.mark.parametrize("seed", range(4))
def test_hashes_are_those_of_imagehash(seed):
    """Every hash of the one pass is bit for bit imagehash's of that view."""
    chance = np.random.default_rng(seed)
    stack = np.rint(chance.random((40, 32, 32), np.float32) * 255)
    for image, found in zip(stack, phashes(stack), strict=True):
        bits = imagehash.phash(Image.fromarray(image.astype(np.uint8))).hash
        assert int.from_bytes(np.packbits(bits).tobytes()) == int(found)


def test_crops_lie_within_the_image():
    """The grid has the same places for every image, and each window lies within it."""
    for width, height in ((640, 480), (480, 640), (1000, 90), (1, 900), (33, 32)):
        for place, window in layout(width, height).items():
            assert GRID <= place < DETAIL
            assert 0 <= window.left < window.right <= 1 + 1e-9
            assert 0 <= window.top < window.bottom <= 1 + 1e-9
            assert window.left == 0 == window.top or window.share < 1


def test_frames_are_seen():
    """What stands within a frame of one shade is found; a picture without one is all its own content."""
    framed = crop_hashes.crop_hashes(fingerprint(saved(ImageOps.expand(PICTURE, 60, "#dddddd"), "PNG"))).content
    assert abs(framed.left - 60 / 760) < 0.01
    assert abs(framed.bottom - 540 / 600) < 0.01
    assert crop_hashes.crop_hashes(fingerprint(SOURCE)).content == Window()


def test_views_survive_as_bytes():
    """Views are the same after a while in the cache, and anything else is refused."""
    seen = crop_hashes.crop_hashes(fingerprint(SOURCE))
    again = CropHashes.from_bytes(seen.to_bytes())
    assert (again.width, again.height, again.content) == (seen.width, seen.height, seen.content)
    assert (again.hashes == seen.hashes).all()
    with pytest.raises(ValueError, match="no views"):
        CropHashes.from_bytes(b"x")


# --- candidates

CHANGED = {
    "half the size": PICTURE.resize((320, 240)),
    "left": cut(0, 0, 0.75, 1),
    "right": cut(0.3, 0, 1, 1),
    "top": cut(0, 0, 1, 0.7),
    "bottom": cut(0, 0.25, 1, 1),
    "square": ImageOps.fit(PICTURE, (150, 150)),
    "banner": ImageOps.fit(PICTURE, (600, 200)),
    "detail": cut(0.1, 0.1, 0.9, 0.9),
    "corner": cut(0.35, 0.35, 1, 1),
    "framed": ImageOps.expand(PICTURE, 40, "white"),
    "letterbox": ImageOps.pad(PICTURE, (640, 700), color="black"),
    "stretched": PICTURE.resize((480, 480)),
    "mirrored": ImageOps.mirror(PICTURE),
    "grey": PICTURE.convert("L"),
}


def table_of(*images):
    table = Table()
    for image in images:
        table.add(crop_hashes.crop_hashes(fingerprint(saved(image, quality=88))))
    return table


@pytest.mark.parametrize("name", CHANGED)
def test_copies_are_found_among_others(name):
    """Each way to change a picture is found among other pictures, by all three ways of looking."""
    others = [detailed(seed) for seed in range(20, 26)]
    table = table_of(*others[:3], PICTURE, CHANGED[name], *others[3:])
    candidates = Candidates(table, range(len(table)))
    assert [3, 4] in [sorted(found) for found in candidates.components()]
    assert 4 in near(table.crop_hashes(3), table)
    assert guess(table.crop_hashes(3), table.crop_hashes(4))
    assert not guess(table.crop_hashes(0), table.crop_hashes(4))


def test_the_order_of_images_does_not_matter():
    """The same pairs come forth whatever the order, and whatever rows are asked about."""
    table = table_of(PICTURE, *CHANGED.values(), *(detailed(seed) for seed in range(30, 36)))
    rows = list(range(len(table)))
    expected = pairs_of(Candidates(table, rows), rows)
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert pairs_of(Candidates(table, rows), rows) == expected


def pairs_of(candidates, rows):
    found = [[rows[place] for place in component] for component in candidates.components()]
    return sorted(map(sorted, found))


def test_no_image_is_no_candidate():
    """Nothing to compare gives nothing."""
    assert not list(Candidates(Table(), []).components())
    table = table_of(PICTURE)
    assert not list(Candidates(table, [0]).components())


# --- align


@pytest.mark.parametrize("window", [Window(0.1, 0.2, 0.9, 0.8), Window(0, 0, 0.6, 0.7), Window(0.31, 0.0, 1.0, 1.0)])
def test_a_part_is_laid_where_it_was_cut_out(window):
    """A placement is found again within half a pixel, from a guess that is some percent off."""
    part = cut(window.left, window.top, window.right, window.bottom)
    one, other = (Canvas(plane(fingerprint(saved(image, "PNG")))) for image in (PICTURE, part))
    off = Window(window.left + 0.015, window.top - 0.012, window.right - 0.01, window.bottom + 0.012)
    laid = align(one, other, Placement.between(off, Window()))
    assert laid.correlation > 0.99
    found, wanted = laid.placement, Placement.between(window, Window())
    assert abs(found.left - wanted.left) * 256 < 0.5
    assert abs(found.wide - wanted.wide) * 256 < 1


def test_nothing_is_laid_upon_another_picture():
    """Another picture fits nowhere, and what does not even touch is no guess."""
    one, other = (Canvas(plane(fingerprint(saved(detailed(seed))))) for seed in (1, 2))
    assert align(one, other, Placement()) is None
    assert align(one, one, Placement(left=1.5)) is None
    assert Placement(left=1.5).windows() is None


# --- relation and safety

RELATIONS = {
    "half the size": "resized", "left": "crop", "right": "crop", "top": "crop", "bottom": "crop", "square": "crop",
    "banner": "crop", "detail": "crop", "corner": "crop", "framed": "framed", "letterbox": "framed",
    "stretched": "edited", "mirrored": "mirrored", "grey": "edited",
}  # fmt: skip


@pytest.mark.parametrize("name", RELATIONS)
def test_how_two_images_are_related(name):
    """Each change has its relation; only copies that show all of the picture are safe; both directions agree."""
    found = like(CHANGED[name], quality=88)
    assert found.relation.value == RELATIONS[name]
    assert found.safety is (Safety.SAFE if found.relation is ImageRelation.RESIZED else Safety.REVIEW)
    back = captionfix.same_picture(saved(CHANGED[name], quality=88), SOURCE)
    assert back.relation is found.relation
    assert all(str(piece) for piece in found.evidence)


def test_formats_and_qualities():
    """Another quality or format of one size is safe, and says which; equal pixels are identical whatever the bytes."""
    assert like(PICTURE, quality=60).relation is ImageRelation.RECOMPRESSED
    assert like(PICTURE, form="WEBP", quality=85).relation is ImageRelation.FORMAT
    pixels = saved(PICTURE, "PNG")
    for other in (saved(PICTURE, "BMP"), pixels + b"more"):
        assert captionfix.same_picture(pixels, other).relation is ImageRelation.IDENTICAL
    commented = SOURCE[:2] + b"\xff\xfe\x00\x04hi" + SOURCE[2:]
    assert like(commented).relation is ImageRelation.IDENTICAL


def test_the_part_that_both_show():
    """The windows say which part of either image the other shows."""
    here, there = like(cut(0, 0, 0.75, 1), quality=90).windows
    assert (round(here.right, 2), round(here.left, 2)) == (0.75, 0)
    assert there.share > 0.97


@pytest.mark.parametrize("first", [1, 5, 9])
def test_other_pictures_are_not_the_same(first):
    """Pictures that were painted by other chances are never one, whatever is done to them."""
    for seed in range(first + 10, first + 14):
        for image in (detailed(seed), cut(0.1, 0, 1, 1, detailed(seed)), detailed(seed).resize((320, 240))):
            assert not captionfix.same_picture(saved(detailed(first)), saved(image))


@pytest.mark.parametrize(
    ("one", "other"),
    [("27 May 1919", "23 May 1919"), ("No. 481", "No. 487"), ("Harbour open", "Harbour shut"), ("Page 6", "Page 8")],
)
@pytest.mark.parametrize("share", [1.0, 0.7])
def test_a_changed_word_or_digit_tells_two_pictures(one, other, share):
    """The same photograph with another word on it is another picture; with the same word it is a copy."""
    size = (round(640 * share), round(480 * share))
    assert not like(
        lettered(other).resize(size, Image.Resampling.LANCZOS), saved(lettered(one), quality=90), quality=85
    )
    assert like(lettered(one).resize(size, Image.Resampling.LANCZOS), saved(lettered(one), quality=90), quality=85)


@pytest.mark.parametrize("filter_", [Image.Resampling.HAMMING, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
@pytest.mark.parametrize("size", [(500, 375), (321, 241), (150, 112)])
def test_ways_of_scaling_are_no_difference(filter_, size):
    """Whatever filter scaled a picture, also one with thin lines, it stays the same."""
    drawn = lettered("Thin lines, and much to read", size=20)
    for place in range(0, 640, 40):
        ImageDraw.Draw(drawn).line((place, 0, 640 - place, 480), fill="black")
    assert like(drawn.resize(size, filter_), saved(drawn, "PNG"), quality=85)


def test_blur_and_fade_are_edits():
    """A blurred or faded copy is the same picture, edited."""
    drawn = lettered("A line to be blurred", size=40)
    white = Image.new("RGB", drawn.size, "white")
    for image in (drawn.filter(ImageFilter.GaussianBlur(5)), Image.blend(drawn, white, 0.5)):
        assert like(image, saved(drawn, quality=92)).relation is ImageRelation.EDITED


def test_other_colours_throughout_are_an_edit():
    """A photograph in sepia, or warmer, is edited, for review."""
    warm = Image.merge(
        "RGB",
        [each.point(lambda value, by=by: value * by) for each, by in zip(PICTURE.split(), (1.2, 1, 0.7), strict=True)],
    )
    sepia = ImageOps.colorize(PICTURE.convert("L"), (30, 18, 8), (255, 240, 205))
    for image in (warm, sepia):
        found = like(image, quality=95)
        assert (found.relation, found.safety) == (ImageRelation.EDITED, Safety.REVIEW)


@pytest.mark.parametrize("share", [0.15, 0.4])
def test_one_thing_in_another_colour_is_another_picture(share):
    """Where the greys agree and the colours of one thing do not, two pictures are not one."""
    red, green, blue = PICTURE.split()
    box = [round(side * edge) for edge in (0.3, 0.3 + share) for side in PICTURE.size]
    image = PICTURE.copy()
    image.paste(Image.merge("RGB", (blue, green, red)).crop(box), box[:2])
    assert not like(image, quality=95)


def test_a_chart_in_other_colours_is_another_chart():
    """Of a few colours any others can be made; a bar that is green says something else than a red one."""

    def chart(*inks):
        image = Image.new("RGB", (640, 480), "white")
        for place, ink in enumerate(inks):
            ImageDraw.Draw(image).rectangle((40 + 120 * place, 400 - 70 * place, 120 + 120 * place, 440), fill=ink)
        return image

    one, other = chart((200, 40, 40), (40, 120, 40), (40, 60, 200)), chart((40, 112, 100), (196, 40, 60), (40, 60, 200))
    assert not like(other, saved(one, quality=95), quality=95)


def test_little_to_see_is_never_the_same():
    """Of plain, tiny and even pictures only equal pixels count."""
    shades = [Image.new("RGB", (200, 100), (value,) * 3) for value in (250, 251)]
    slopes = [Image.linear_gradient("L").resize((200, 200 + more)) for more in (0, 1)]
    for one, other in (shades, slopes):
        assert not captionfix.same_picture(saved(one, "PNG"), saved(other, "PNG"))
        assert captionfix.same_picture(saved(one, "PNG"), saved(one, "BMP")).relation is ImageRelation.IDENTICAL


def test_white_on_a_clear_ground():
    """Transparent pictures are compared on a ground on which they show, and are safe only if both are so."""

    def mark(*boxes):
        image = Image.new("RGBA", (300, 220))
        for box in boxes:
            ImageDraw.Draw(image).ellipse(box, fill="white")
        return image

    one = mark((20, 30, 120, 160), (150, 60, 280, 120), (60, 150, 200, 210))
    other = mark((40, 20, 90, 200), (150, 10, 200, 210), (210, 100, 290, 150))
    assert like(one.resize((200, 147)), saved(one, "PNG"), form="PNG").relation is ImageRelation.RESIZED
    assert not like(other, saved(one, "PNG"), form="PNG")
    flat = Image.new("RGB", one.size, "black")
    flat.paste(one, mask=one.getchannel("A"))
    assert like(flat, saved(one, "PNG"), form="PNG").safety is not Safety.SAFE


def test_logos_of_one_family():
    """The sign of a house with another name below is another picture."""

    def logo(name):
        image = Image.new("RGB", (360, 240), "white")
        draw = ImageDraw.Draw(image)
        draw.arc((90, 20, 270, 170), 30, 330, fill="#702040", width=22)
        draw.line((120, 60, 240, 130), fill="#702040", width=18)
        draw.text((70, 185), name, fill="#702040", font_size=26)
        return saved(image, "PNG")

    names = ["JUNGLE BEACH", "ULA GALLA", "HALLOO WELLA", "RESIDENCE"]
    for one, other in combinations(names, 2):
        assert not captionfix.same_picture(logo(one), logo(other))


def test_svg_is_known_by_its_bytes():
    """SVG is one picture with the same XML, and with nothing else."""
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    assert captionfix.same_picture(svg, svg).relation is ImageRelation.IDENTICAL
    assert not captionfix.same_picture(svg, svg.replace(b"/>", b" width='9'/>"))
    assert not captionfix.same_picture(svg, SOURCE)


def test_fingerprints_alone_are_never_safe_where_more_is_needed():
    """Of images larger than their fingerprints only these were given: the same picture, for review."""
    one, other = fingerprint(SOURCE), fingerprint(saved(PICTURE, quality=70))
    found = captionfix.same_picture(one, other)
    assert found.relation is ImageRelation.RECOMPRESSED
    assert found.safety is Safety.REVIEW
    small = [fingerprint(saved(PICTURE.resize((200, 150)), quality=quality)) for quality in (90, 70)]
    assert captionfix.same_picture(*small).safety is Safety.SAFE


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_two_images_compare(data):
    """Whatever two images are, comparing them ends, says why, and keeps its windows within them."""
    images = []
    for _ in range(2):
        width, height = data.draw(st.integers(1, 70)), data.draw(st.integers(1, 70))
        chance = np.random.default_rng(data.draw(st.integers(0, 9)))
        pixels = chance.integers(0, data.draw(st.sampled_from([1, 2, 40, 256])), (height, width, 3), np.uint8)
        images.append(saved(Image.fromarray(pixels), data.draw(st.sampled_from(["PNG", "JPEG", "GIF"]))))
    found = captionfix.same_picture(*images)
    assert found.evidence
    for window in found.windows:
        assert 0 <= window.left <= window.right <= 1 + 1e-9
        assert 0 <= window.top <= window.bottom <= 1 + 1e-9


def test_a_local_difference_says_how_much_it_is():
    """The local check stays below 1 for copies, and is above where a spot differs."""
    one = Canvas(np.asarray(lettered("27 May 1919").convert("L")))
    same = Canvas(np.asarray(lettered("27 May 1919").convert("L").filter(ImageFilter.GaussianBlur(0.6))))
    other = Canvas(np.asarray(lettered("28 May 1949").convert("L")))
    assert local_difference.compare(one, same, Placement()).is_same
    seen = local_difference.compare(one, other, Placement())
    assert seen.worst > 1
    assert replace(seen, worst=0.5).is_same


def test_mirrors_and_frames_have_their_places():
    """A mirror image has the hash of what it mirrors, and a framed picture that of what stands within."""
    seen = crop_hashes.crop_hashes(fingerprint(saved(PICTURE, "PNG"))).hashes
    mirrored = crop_hashes.crop_hashes(fingerprint(saved(ImageOps.mirror(PICTURE), "PNG"))).hashes
    framed = crop_hashes.crop_hashes(fingerprint(saved(ImageOps.expand(PICTURE, 64, "white"), "PNG"))).hashes
    assert (int(mirrored[MIRRORED]) ^ int(seen[0])).bit_count() <= 4
    assert (int(framed[INNER]) ^ int(seen[0])).bit_count() <= 8


def test_images_of_several_frames_are_compared_with_stills_by_the_first():
    """An animation is related to its first frame, and says how many frames it has."""
    file = io.BytesIO()
    PICTURE.save(file, "WEBP", save_all=True, append_images=[detailed(8)], quality=90)
    assert fingerprint(file.getvalue()).frames == 2
    assert like(file.getvalue()).relation is ImageRelation.MOVING
