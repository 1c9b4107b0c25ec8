"""Aligning: a known placement is found again, and what has nothing in common is not laid upon each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from images import photo
from painted import card, qr

from captionfix.pictures.align import Placement, align, lay
from captionfix.pictures.relations import Window
from captionfix.pictures.scaling import Canvas

GREY = np.asarray(photo(3, 256, 192).convert("L"))


def canvas(image):
    return Canvas(np.asarray(image.convert("L")))


def cut(left, top, right, bottom, size=(200, 150)):
    """A part of the photo, at another size, and where it lies."""
    box = (left * 1024, top * 768, right * 1024, bottom * 768)
    image = photo(3, 1024, 768).resize(size, 1, box)
    return canvas(image), Placement.between(Window(left, top, right, bottom), Window())


def off(found, wanted):
    """How far the corners of the second image are off in the first, in pixels of 256."""
    corners = [
        (abs(found.left - wanted.left), abs(found.top - wanted.top)),
        (
            abs(found.left + found.wide - wanted.left - wanted.wide),
            abs(found.top + found.high - wanted.top - wanted.high),
        ),
    ]
    return max(max(corner) for corner in corners) * 256


WRONG = st.tuples(*[st.floats(-0.03, 0.03)] * 4).map(np.array)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 0.3), st.floats(0.02, 0.3), st.floats(0.6, 0.98), st.floats(0.6, 0.98), WRONG)
def test_known_placements_are_found_again(left, top, right, bottom, wrong):
    """Within half a pixel, from a guess that is off by up to three percent of the part's sides in place and scale."""
    part, wanted = cut(left, top, right, bottom)
    sides = np.array((right - left, right - left, bottom - top, bottom - top))
    laid = align(Canvas(GREY), part, wanted.moved(wrong * sides))
    assert laid is not None
    assert laid.correlation > 0.97
    assert off(laid.placement, wanted) < 0.5


@settings(max_examples=25, deadline=None)
@given(WRONG)
def test_whole_images_are_laid_nearby(wrong):
    """Where a wrong guess puts the edges of both outside each other, the place is found within three pixels."""
    laid = align(Canvas(GREY), cut(0, 0, 1, 1)[0], Placement().moved(wrong))
    assert laid is not None
    assert laid.correlation > 0.97
    assert off(laid.placement, Placement()) < 3


@pytest.mark.parametrize("change", [lambda grey: grey * 0.4 + 120, lambda grey: 255 - (255 - grey) * 0.7])
def test_contrast_and_brightness_are_free(change):
    """A faded or a brightened copy lies as well."""
    laid = align(Canvas(GREY), Canvas(change(GREY).astype(np.uint8)), Placement(left=0.02))
    assert laid is not None
    assert off(laid.placement, Placement()) < 0.5


@pytest.mark.parametrize("other", [photo(4), photo(5), qr(1), card(1)])
def test_nothing_in_common(other):
    """Other pictures are not laid upon each other; nor is what a guess puts outside."""
    assert align(Canvas(GREY), canvas(other), Placement()) is None
    assert align(Canvas(GREY), Canvas(GREY), Placement(left=2.0)) is None


def test_even_images_have_no_place():
    """One shade follows nothing."""
    even = Canvas(np.full((60, 80), 200, np.uint8))
    assert align(even, even, Placement()) is None
    assert align(even, Canvas(GREY), Placement()) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (3, 5)])
def test_tiny_images_do_no_harm(shape):
    """Whatever the shape, aligning ends."""
    tiny = Canvas(np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8))
    for one, other in ((tiny, Canvas(GREY)), (Canvas(GREY), tiny), (tiny, tiny)):
        laid = align(one, other, Placement())
        assert laid is None or laid.correlation <= 1 + 1e-5


@settings(max_examples=200, deadline=None)
@given(st.floats(-3, 3), st.floats(-2, 2), st.floats(-3, 3), st.floats(-2, 2))
def test_windows_stay_inside(wide, left, high, top):
    """Whatever the placement, what both show lies inside either, or is nothing; turned round it is the same."""
    windows = Placement(wide, left, high, top).windows()
    if windows is None:
        return
    for part in windows:
        assert 0 <= part.left < part.right <= 1
        assert 0 <= part.top < part.bottom <= 1
    turned = Placement(wide, left, high, top).turned.windows()
    if turned is not None:
        for here, there in zip(windows, turned[::-1], strict=True):
            assert abs(here.left - there.left) < 1e-6
            assert abs(here.bottom - there.bottom) < 1e-6


def test_placements_follow_one_another():
    """A third image in the first, by way of the second; there and back again is at home."""
    one, two = Placement(0.5, 0.25, 0.8, 0.1), Placement(0.9, 0.05, 0.5, 0.5)
    assert one.after(two) == Placement(0.45, 0.275, 0.4, 0.5)
    home = one.after(one.turned)
    assert np.allclose([home.wide, home.left, home.high, home.top], [1, 0, 1, 0])


def test_laying_cuts_both_at_the_size_of_the_coarser():
    """A part of a large image is not enlarged, and correlation tells how both follow."""
    laid = lay(Canvas(GREY), Canvas(GREY[:40, :40]), Placement(40 / 256, 0, 40 / 192, 0), 100)
    assert laid.one.shape == laid.other.shape == (40, 40)
    assert laid.correlation > 0.999
    assert abs(laid.one.mean()) < 1e-3
    assert np.allclose(laid.spreads, [GREY[:40, :40].std()] * 2, rtol=1e-3)
    ground = Canvas(np.full_like(GREY, 7))
    assert lay(Canvas(GREY), Canvas(255 - GREY), Placement(), 100).correlation < -0.999
    assert lay(Canvas(GREY), ground, Placement(), 100).correlation == 0
