"""The local check: a changed word, digit or bar is seen; what scaling, saving, blurring and fading do is not."""

import io

import numpy as np
import pytest
from images import photo, saved
from painted import WORDS, bars, font, table
from PIL import Image, ImageDraw, ImageFilter

from captionfix.pictures.align import Placement
from captionfix.pictures.local_difference import compare, sharpness
from captionfix.pictures.scaling import Canvas


def seen(one, other):
    planes = [Canvas(np.asarray(image.convert("L"))) for image in (one, other)]
    return compare(*planes, Placement())


def sign(text, size=30, seed=5):
    """A photo with a text on a plate."""
    image = photo(seed, 480, 360)
    draw = ImageDraw.Draw(image)
    draw.rectangle((100, 140, 420, 160 + size * 1.4), fill="white")
    draw.text((110, 145), text, font=font(size), fill="black")
    return image


def jpeg(image, quality=75):
    return Image.open(io.BytesIO(saved(image, quality=quality)))


FILTERS = (Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.HAMMING, Image.Resampling.BICUBIC,
           Image.Resampling.LANCZOS)  # fmt: skip


@pytest.mark.parametrize("number", range(6))
def test_a_changed_word_is_seen(number):
    """At the same size and at half of it, saved as JPEG."""
    one, other = sign(f"The {WORDS[number]} is open"), sign(f"The {WORDS[number + 6]} is open")
    assert not seen(one, jpeg(other)).is_same
    assert not seen(one, jpeg(other.resize((240, 180), Image.Resampling.LANCZOS))).is_same


@pytest.mark.parametrize(("one", "other"), [("3", "8"), ("1", "7"), ("5", "6"), ("0", "9"), ("2", "4")])
def test_a_changed_digit_is_seen(one, other):
    """One digit of twenty-four pixels among others."""
    assert not seen(sign(f"Part {one} of 12", 24), jpeg(sign(f"Part {other} of 12", 24))).is_same


@pytest.mark.parametrize("digit", [1, 4, 7])
def test_a_changed_digit_of_a_screenshot_is_seen(digit):
    """One of sixteen pixels among sixty numbers, nothing else being different."""
    assert not seen(table(0), jpeg(table(digit), 85)).is_same


@pytest.mark.parametrize("bar", range(0, 6, 2))
def test_a_changed_bar_is_seen(bar):
    """A bar a tenth higher is another chart."""
    assert not seen(bars(3), bars(3, changed=bar)).is_same
    assert not seen(bars(3), jpeg(bars(3, changed=bar).resize((240, 150), Image.Resampling.LANCZOS))).is_same


@pytest.mark.parametrize("scale", [0.8, 0.5, 0.3])
@pytest.mark.parametrize("way", FILTERS, ids=lambda way: way.name)
def test_scaling_is_no_spot(way, scale):
    """Photos with text, screenshots and charts scaled by any filter are what they were."""
    for image in (sign("The harbour is open"), bars(4), photo(8, 480, 360)):
        small = image.resize((round(image.width * scale), round(image.height * scale)), way)
        assert seen(image, small).is_same


@pytest.mark.parametrize("quality", [95, 75, 50])
def test_saving_is_no_spot(quality):
    """Compression differs everywhere, and in no spot more than elsewhere."""
    for image in (sign("The harbour is open"), bars(4), table(5)):
        assert seen(image, jpeg(image, quality)).is_same


def test_blurring_and_fading_are_no_spots():
    """Of a blurred copy both are compared blurred, of a faded one both faded; how much is told."""
    image = photo(8, 480, 360)
    blurred = seen(image, image.filter(ImageFilter.GaussianBlur(4)))
    assert blurred.is_same
    assert blurred.halved >= 1
    faded = seen(image, Image.blend(image, Image.new("RGB", image.size, "white"), 0.5))
    assert faded.is_same
    assert 0.45 < faded.contrast < 0.55


def test_a_changed_word_is_seen_in_faded_copies():
    """Fading does not hide another word."""
    white = Image.new("RGB", (480, 360), "white")
    other = Image.blend(sign("The museum is shut"), white, 0.3)
    assert not seen(sign("The harbour is open"), other).is_same


def test_it_does_not_matter_which_comes_first():
    """Both ways the same is seen, about as much of it."""
    one, other = sign("Part 3 of 12", 24), jpeg(sign("Part 8 of 12", 24))
    there, back = seen(one, other), seen(other, one)
    assert there.is_same == back.is_same
    assert abs(there.worst - back.worst) < 0.2 * there.worst


def test_nothing_in_common_is_told():
    """Outside of each other there is nothing to compare; even images have no contrast."""
    grey = Canvas(np.asarray(photo(1, 64, 64).convert("L")))
    assert compare(grey, grey, Placement(left=3.0)) is None
    even = Canvas(np.full((64, 64), 90, np.uint8))
    assert compare(even, even, Placement()).contrast == 0


def test_sharpness_tells_fine_from_soft():
    """A sharper picture has more of it."""
    image = photo(8, 200, 150).convert("L")
    soft = image.filter(ImageFilter.GaussianBlur(2))
    assert sharpness(np.asarray(image, np.float32)) > 2 * sharpness(np.asarray(soft, np.float32))
