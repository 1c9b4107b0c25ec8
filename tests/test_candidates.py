"""Candidates: copies find each other by like views, however they were cut; others do not; crowds are told."""

import math

import numpy as np
import pytest
from images import photo, saved
from painted import card, qr
from PIL import Image, ImageOps

from captionfix.pictures import candidates as module
from captionfix.pictures.candidates import Candidates, guess, near
from captionfix.pictures.crop_hashes import Table, crop_hashes
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.poses import MIRROR
from captionfix.pictures.relations import Window

ORIGINAL = photo(11)
CUT = {
    "half size": lambda image: image.resize((320, 240)),
    "square from the middle": lambda image: image.crop((80, 0, 560, 480)),
    "portrait from the middle": lambda image: image.crop((160, 0, 480, 480)),
    "left three quarters": lambda image: image.crop((0, 0, 480, 480)),
    "right three quarters": lambda image: image.crop((160, 0, 640, 480)),
    "upper two thirds": lambda image: image.crop((0, 0, 640, 320)),
    "lower two thirds": lambda image: image.crop((0, 160, 640, 480)),
    "enlarged middle": lambda image: image.crop((64, 48, 576, 432)),
    "enlarged corner": lambda image: image.crop((0, 0, 541, 406)),
    "enlarged edge": lambda image: image.crop((128, 48, 640, 432)),
    "in a frame": lambda image: ImageOps.expand(image, 60, "white"),
    "stretched": lambda image: image.resize((400, 480)),
    "grey": lambda image: image.convert("L"),
    "mirrored": ImageOps.mirror,
}


def seen(image):
    return crop_hashes(fingerprint(saved(image, "PNG")))


def among(all_views, rows=None):
    table = Table()
    for each in all_views:
        table.add(each)
    return table, Candidates(table, range(len(all_views)) if rows is None else rows)


HERE = seen(ORIGINAL)


@pytest.mark.parametrize("name", CUT)
def test_copies_are_found(name):
    """Resized, cropped, enlarged, framed, stretched, greyed and mirrored ones, and where they lie."""
    copy = seen(CUT[name](ORIGINAL))
    guesses = guess(HERE, copy)
    assert guesses
    assert any(each.pose == MIRROR for each in guesses) == (name == "mirrored")
    table, found = among([HERE, copy])
    assert list(found.components()) == [[0, 1]]
    assert found.within([0, 1])[0, 1]
    assert near(copy, table) == [0, 1]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("left three quarters", Window(0, 0, 0.75, 1)),
        ("lower two thirds", Window(0, 1 / 3, 1, 1)),
        ("enlarged corner", Window(0, 0, 0.845, 0.845)),
        ("square from the middle", Window(0.125, 0, 0.875, 1)),
    ],
)
def test_the_first_guess_says_where_it_lies(name, part):
    """Within the eight percent of a side that aligning makes up for."""
    windows = guess(HERE, seen(CUT[name](ORIGINAL)))[0].placement.windows()
    for found, wanted in zip(
        (windows[0].left, windows[0].top, windows[0].right, windows[0].bottom),
        (part.left, part.top, part.right, part.bottom),
        strict=True,
    ):
        assert abs(found - wanted) < 0.08


@pytest.mark.parametrize("seed", range(12, 20))
def test_other_pictures_are_not_found(seed):
    """Another photo has no view like any of this one's."""
    other = seen(photo(seed))
    assert guess(HERE, other) == ()
    table, found = among([HERE, other])
    assert list(found.components()) == []
    assert near(other, table) == [1]


@pytest.fixture(scope="module")
def crowd():
    copies = [seen(cut(photo(seed))) for seed in (21, 22) for cut in CUT.values()]
    return copies + [seen(photo(seed)) for seed in (21, 22, 23, 24)] + [seen(qr(seed)) for seed in (1, 2)]


@pytest.mark.slow
def test_two_images_are_compared_as_many_are(crowd):
    """A pair that is found among many has guesses by itself too, and nothing else has; `near` agrees."""
    table, found = among(crowd)
    pairs = found.within(range(len(crowd)))
    for one, here in enumerate(crowd):
        alike = set(near(here, table))
        for other in range(one + 1, len(crowd)):
            by_itself = [each for each in guess(here, crowd[other]) if each.distance <= 7]
            if by_itself:
                assert (one, other) in pairs
            if (one, other) in pairs:
                assert other in alike
                assert guess(here, crowd[other]), (one, other)


@pytest.mark.slow
def test_the_order_of_images_does_not_matter(crowd):
    """The same pairs are found in any order, and with the rows of a table in any order."""
    _, found = among(crowd)
    forward = set(found.within(range(len(crowd))))
    order = np.random.default_rng(1).permutation(len(crowd)).tolist()
    for table_order, rows in ((order, None), (list(range(len(crowd))), order)):
        _, other = among([crowd[place] for place in table_order], rows)
        turned = {tuple(sorted((order[one], order[two]))) for one, two in other.within(range(len(crowd)))}
        assert turned == forward


def test_two_pictures_do_not_hang_together(crowd):
    """Copies of two photos make two components, and no other photo belongs to one."""
    _, found = among(crowd)
    components = [set(each) for each in found.components()]
    cuts = len(CUT)
    assert {*range(cuts), 2 * cuts} in components
    assert {*range(cuts, 2 * cuts), 2 * cuts + 1} in components
    assert all(2 * cuts + 2 not in each and 2 * cuts + 3 not in each for each in components)


def test_guesses_turn_round():
    """Where one lies in the other is the inverse of where the other lies in it."""
    copy = seen(CUT["enlarged corner"](ORIGINAL))
    there, back = guess(HERE, copy)[0], guess(copy, HERE)[0]
    assert there.distance == back.distance
    assert math.isclose(there.placement.wide * back.placement.wide, 1, rel_tol=0.1)


def like_a_placeholder(number, base):
    noisy = base.astype(int) + np.random.default_rng(number).integers(-2, 3, base.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def test_crowds_are_told(monkeypatch):
    """Of very many near copies not all pairs are found; they are named, and all hang together still."""
    monkeypatch.setattr(module, "_CROWD", 4)
    monkeypatch.setattr(module, "_EQUAL", 2)
    monkeypatch.setattr(module, "_MOST", 8)
    base = np.asarray(photo(1, 80, 60))
    many = [seen(like_a_placeholder(number, base)) for number in range(60)] + [seen(photo(2))]
    _, found = among(many)
    assert len(found.crowded) > 5
    assert 60 not in found.crowded
    assert len(found.within(range(61))) < 60 * 59 / 2
    assert max(map(len, found.components())) > 50


def test_pictures_in_one_template_stay_few(monkeypatch):
    """The partners of one image are bounded over all views together."""
    _, free = among(cards := [seen(card(seed)) for seed in range(14)])
    monkeypatch.setattr(module, "_MOST", 5)
    _, found = among(cards)
    assert len(found.within(range(14))) <= 14 * 5 < len(free.within(range(14)))
    assert found.crowded
    assert not free.crowded


def test_equal_hashes_hide_no_copy():
    """Where pictures in one template have the very same hash, each finds its own copy, whichever comes first."""
    one = seen(photo(31))
    copy = type(one)(one.width, one.height, one.content, one.hashes ^ np.uint64(6))
    for order in ([one, one, copy, copy], [copy, one, copy, one], [one, copy, copy, one]):
        _, found = among(order)
        assert len(found.within(range(4))) == 6


def test_nothing_comes_of_nothing():
    """No image, and one image, have no pairs."""
    assert list(among([])[1].components()) == []
    table, found = among([HERE])
    assert list(found.components()) == []
    assert near(HERE, table) == [0]
