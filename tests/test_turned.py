"""Copies that are turned by quarters in their pixels: found, told how, for review; what looks alike is not joined."""

from itertools import combinations

import pytest
from images import photo, saved
from likenesses import LOOKALIKES, scene
from PIL import Image, ImageOps

from captionfix.beside import PixelRelation
from captionfix.model import Safety
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.index import same_picture
from captionfix.pictures.match import compare
from captionfix.pictures.poses import MIRROR, STRAIGHT, TURNS, Pose
from captionfix.pictures.relations import ImageRelation, Window
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

WAYS = [Pose(quarters, mirrored) for mirrored in (False, True) for quarters in (1, 2, 3)]
SIZES = [(240, 160), (192, 192), (180, 250)]


def turned(image, pose):
    return (ImageOps.mirror(image) if pose.mirrored else image).rotate(90 * pose.quarters, expand=True)


@pytest.mark.parametrize("pose", [*WAYS, STRAIGHT, MIRROR], ids=str)
def test_a_pose_and_its_inverse(pose):
    """Pixels and windows are laid down alike, and come back."""
    import numpy as np

    plane = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert (pose.inverse.plane(pose.plane(plane)) == plane).all()
    assert pose.plane(plane).tolist() == np.asarray(turned(Image.fromarray(plane), pose)).tolist()
    part = Window(0.25, 0.0, 0.75, 1 / 3)
    assert pose.inverse.window(pose.window(part)).sides == pytest.approx(part.sides)
    assert pose.size(4, 3) == pose.plane(plane).shape[::-1]


@pytest.mark.slow
def test_planted_copies_are_found(tmp_path):
    """Of 204 pictures at least 95 % have their copy, turned, smaller and saved anew, and nothing else, in each way."""
    for seed in range(1, 205):
        image, pose = scene(seed, *SIZES[seed % 3]), WAYS[seed % 6]
        copy = turned(image, pose)
        (tmp_path / f"{seed}.jpg").write_bytes(saved(image, quality=90))
        (tmp_path / f"{seed}-copy.jpg").write_bytes(saved(copy.resize([side * 3 // 4 for side in copy.size], 1)))
    roots = Roots([tmp_path])
    groups = survey(roots, Settings(cache=False), roots.policy("best")).groups
    pairs = {tuple(sorted(name.split(".")[0].removesuffix("-copy") for name in group.files)) for group in groups}
    assert len(pairs) == len(groups)
    assert all(len(set(pair)) == 1 and len(pair) == 2 for pair in pairs)
    for way in range(6):
        assert sum(int(pair[0]) % 6 == way for pair in pairs) >= 0.95 * 34
    assert {(group.members[1].relation, group.members[1].safety) for group in groups} == {
        (ImageRelation.TURNED, Safety.REVIEW)
    }


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_lookalikes_are_not_joined(kind):
    """Turned or not, they are no copies of one another."""
    images = LOOKALIKES[kind]
    seen = [fingerprint(saved(image)) for image in images]
    on_side = [fingerprint(saved(turned(image, WAYS[place % 6]))) for place, image in enumerate(images)]
    for one, other in combinations(range(len(images)), 2):
        assert not same_picture(seen[one], on_side[other])


def test_what_was_done_is_told():
    """By which quarters, and whether mirrored; which part is shown stands where it is in either image."""
    image = photo(5, 480, 320)
    for pose in WAYS:
        there = same_picture(saved(image), saved(turned(image, pose)))
        assert there.relation is ImageRelation.TURNED
        assert there.evidence[-1].name in {f"the same once one is {way.told}" for way in (pose, pose.inverse)}
        assert all(window.share > 0.97 for window in there.windows)


def test_a_symmetric_picture_is_not_called_turned():
    """A badge that looks the same upside down, at another size, is resized and safe."""
    half = photo(6, 400, 200)
    badge = Image.new("RGB", (400, 400))
    badge.paste(half)
    badge.paste(half.rotate(180), (0, 200))
    found = same_picture(saved(badge), saved(badge.resize((200, 200), 1)))
    assert (found.relation, found.safety) == (ImageRelation.RESIZED, Safety.SAFE)


def test_turned_copies_are_grouped_for_review(tmp_path):
    """All six with the upright one, whatever the order; a page is told nothing by them."""
    image = photo(7, 480, 320)
    (tmp_path / "a.jpg").write_bytes(saved(image, quality=95))
    for number, pose in enumerate(WAYS):
        (tmp_path / f"{number}.jpg").write_bytes(saved(turned(image, pose)))
    (tmp_path / "z.jpg").write_bytes(saved(photo(8, 480, 320)))
    roots = Roots([tmp_path])
    (group,) = survey(roots, Settings(cache=False), roots.policy("best")).groups
    assert len(group.members) == 7
    assert {member.relation for member in group.members[1:]} <= {
        ImageRelation.TURNED,
        ImageRelation.MIRRORED,
        ImageRelation.RECOMPRESSED,
    }
    assert all(
        member.safety is Safety.REVIEW for member in group.members[1:] if member.relation is ImageRelation.TURNED
    )
    comparables = [ComparableImage(fingerprint((tmp_path / name).read_bytes())) for name in ("a.jpg", "0.jpg")]
    assert compare(*comparables).relation is PixelRelation.UNKNOWN


def test_turns_cover_all_ways():
    """What is looked for finds each way from one of the two images."""
    assert {*TURNS, *(pose.inverse for pose in TURNS)} == set(WAYS)
