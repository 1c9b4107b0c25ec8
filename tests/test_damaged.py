"""Damaged copies: cut off or with wrong bytes, found beside the whole picture, which is kept; named as bad too."""

import random
from itertools import combinations

import pytest
from images import photo, saved
from likenesses import LOOKALIKES, scene
from PIL import Image

from captionfix.errors import PictureError
from captionfix.model import Safety
from captionfix.pictures.damage import blocks, share_of_bytes
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.relations import ImageRelation
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings


def cut(data, share):
    return data[: int(len(data) * share)]


def flipped(data, seed, number):
    """A JPEG with wrong bytes in its coded pixels."""
    chance, wrong = random.Random(seed), bytearray(data)
    start = data.rfind(b"\xff\xda") + 20
    for _ in range(number):
        place = chance.randrange(start, len(data) - 2)
        if 0xFF not in wrong[place - 1 : place + 2]:
            wrong[place] = (wrong[place] + chance.randrange(1, 254)) % 255
    return bytes(wrong)


def found(folder, **settings):
    roots = Roots([folder])
    return survey(roots, Settings(cache=False, **settings), roots.policy("best"))


@pytest.mark.slow
def test_planted_copies_are_found(tmp_path):
    """Of 200 pictures in two sizes and ways to save, cut at 60 % or with 1 to 16 wrong bytes, nine in ten and more."""
    for seed in range(1, 201):
        image = scene(seed, 240, 180) if seed % 2 else scene(seed, 180, 240)
        data = saved(image, quality=85, progressive=seed % 5 == 4)
        (tmp_path / f"{seed}.jpg").write_bytes(data)
        (tmp_path / f"{seed}-copy.jpg").write_bytes(
            cut(data, 0.6) if seed % 4 < 2 else flipped(data, seed, 1 << seed % 5)
        )
    told = found(tmp_path)
    pairs = [{name.split(".")[0].removesuffix("-copy") for name in group.files} for group in told.groups]
    assert all(len(pair) == 1 for pair in pairs)
    seeds = [int(pair.pop()) for pair in pairs]
    assert sum(seed % 4 < 2 for seed in seeds) >= 0.9 * 100
    assert sum(seed % 4 >= 2 for seed in seeds) >= 0.9 * 100
    members = [group.members[1] for group in told.groups]
    told_so = [(member.relation, member.safety) == (ImageRelation.DAMAGED, Safety.REVIEW) for member in members]
    assert sum(told_so) >= 0.95 * len(members)  # the others show all the same, but for a wrong byte at the very end
    kept = [group.keep for group in told.groups if "-copy" not in group.keep]
    assert len(kept) >= 0.95 * len(members)
    assert len(told.bad) >= 95


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_every_format_that_decodes_row_by_row(tmp_path, form):
    """What is cut off at 60 % is found; the whole one is kept, though it is smaller, and the cut one is bad."""
    image = photo(4, 320, 240)
    (tmp_path / "a.jpg").write_bytes(saved(image.resize((240, 180), 1)))
    (tmp_path / "b").write_bytes(cut(saved(image, form), 0.6))
    told = found(tmp_path)
    (group,) = told.groups
    assert (group.keep, group.members[1].relation) == ("a.jpg", ImageRelation.DAMAGED)
    assert 0.4 < group.members[1].window.share < 0.7
    assert [error.locator for error in told.bad] == ["b"]
    assert "decode" in told.bad[0].cause


def test_a_damaged_file_is_bad_in_the_next_run_too(tmp_path):
    """What the cache knows of it is told like what was seen."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(saved(photo(4)))
    (folder / "b.jpg").write_bytes(cut(saved(photo(4)), 0.6))
    roots, settings = Roots([folder]), Settings(cache_path=str(tmp_path / "cache"))
    first, second = (survey(roots, settings, roots.policy("best")) for _ in range(2))
    assert first.groups == second.groups
    assert list(map(str, first.bad)) == list(map(str, second.bad))
    assert len(first.groups) == len(first.bad) == 1


def test_what_hardly_decodes_is_only_bad(tmp_path):
    """Nothing is compared that shows too little."""
    (tmp_path / "a.jpg").write_bytes(saved(photo(4)))
    (tmp_path / "b.jpg").write_bytes(cut(saved(photo(4)), 0.1))
    (tmp_path / "c.png").write_bytes(saved(photo(4), "PNG")[:60])
    told = found(tmp_path)
    assert not told.groups
    assert {error.locator for error in told.bad} == {"b.jpg", "c.png"}


def test_pages_do_not_look_at_damaged_images():
    """A fingerprint is of a sound image only, unless a damaged one is asked for."""
    data = cut(saved(photo(4)), 0.6)
    with pytest.raises(PictureError, match="cut off"):
        fingerprint(data)
    seen = fingerprint(data, damaged=True)
    assert 0 < seen.rows == seen.height < 400
    assert not seen.pixels


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_lookalikes_are_not_joined(tmp_path, kind):
    """Whole pictures that only look alike stay apart from one another, and from their neighbours' damaged copies."""
    for place, image in enumerate(LOOKALIKES[kind]):
        data = saved(image)
        (tmp_path / f"{place}.jpg").write_bytes(cut(data, 0.85) if place % 2 else data)
    assert not found(tmp_path).groups


def test_bytes_at_the_same_places_are_no_chance():
    """Different pictures from one encoder, and one picture saved twice, share no blocks; uniform ones say nothing."""
    told = [blocks(saved(scene(seed), quality=quality)) for seed in range(1, 20) for quality in (80, 81)]
    assert not any(share_of_bytes(one, other) for one, other in combinations(told, 2))
    even = blocks(saved(Image.new("RGB", (2000, 2000), "navy"), quality=100))
    assert not share_of_bytes(even, even)
    assert blocks(saved(photo(1), "PNG")) == b""


def test_the_whole_one_of_three_is_kept(tmp_path):
    """A cut and a flipped copy, whatever they are called."""
    data = saved(scene(3, 480, 320))
    for name, bytes_ in (("z.jpg", data), ("a.jpg", cut(data, 0.7)), ("b.jpg", flipped(data, 1, 3))):
        (tmp_path / name).write_bytes(bytes_)
    (group,) = found(tmp_path).groups
    assert group.keep == "z.jpg"
    assert set(group.files) == {"z.jpg", "a.jpg", "b.jpg"}
