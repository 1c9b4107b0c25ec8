"""Copies with a mark over them: found for review, with what agrees and which is unmarked; look-alikes are not."""

from itertools import combinations

import pytest
from images import saved
from likenesses import LOOKALIKES, MARKS, laid_over, scene
from painted import TEMPLATES

from captionfix.beside import PixelRelation
from captionfix.model import Safety
from captionfix.pictures.colours import other_hues
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.index import same_picture
from captionfix.pictures.marks import mark
from captionfix.pictures.match import compare
from captionfix.pictures.relations import ImageRelation
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

SHARES = {"band": (0.1, 0.2, 0.3, 0.5), "logo": (0.1, 0.2, 0.3, 0.5), "word": (0.15, 0.2, 0.3), "pattern": (0.1, 0.3)}


def found(folder):
    roots = Roots([folder])
    return survey(roots, Settings(cache=False), roots.policy("best")).groups


@pytest.mark.slow
def test_planted_copies_are_found(tmp_path):
    """Of 208 pictures at least 85 % have their copy, marked, smaller and saved anew, and nothing else."""
    for seed in range(1, 209):
        kind = MARKS[seed // 2 % 4]
        image, share = scene(seed, 360, 240), SHARES[kind][seed // 8 % len(SHARES[kind])]
        (tmp_path / f"{seed}.jpg").write_bytes(saved(image, quality=90))
        copy = laid_over(image, kind, seed, share)
        (tmp_path / f"{seed}-copy.jpg").write_bytes(saved(copy.resize((300, 200), 1), quality=82))
    groups = found(tmp_path)
    pairs = [{name.split(".")[0].removesuffix("-copy") for name in group.files} for group in groups]
    assert all(len(pair) == 1 for pair in pairs)
    assert len(pairs) >= 0.85 * 208
    members = [group.members[1] for group in groups]
    assert sum(
        (member.relation, member.safety) == (ImageRelation.MARKED, Safety.REVIEW) for member in members
    ) >= 0.95 * len(members)
    kept = [group.keep for group in groups if "-copy" not in group.keep]
    assert len(kept) >= 0.97 * len(groups)


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_lookalikes_are_not_joined(tmp_path, kind):
    """Other words in one template, other sums, other small things in the dark, a second later, two marks."""
    for place, image in enumerate(LOOKALIKES[kind]):
        (tmp_path / f"{place}.jpg").write_bytes(saved(image))
    assert not found(tmp_path)


@pytest.mark.parametrize("paint", TEMPLATES, ids=lambda paint: paint.__name__)
def test_templates_are_not_joined(paint):
    """Codes, charts, maps, logos: what differs in them is no mark."""
    seen = [saved(paint(seed).convert("RGB")) for seed in range(6)]
    assert not any(same_picture(one, other) for one, other in combinations(seen, 2))


@pytest.mark.slow
def test_large_logos_are_found_whichever_comes_first():
    """Also where compression evens out the grain of the copy, and where a sign is as bright as what it covers."""
    for share in (0.1, 0.2, 0.3):
        found = 0
        for seed in range(700, 716):
            image = scene(seed, 480, 320)
            copy = ComparableImage(fingerprint(saved(laid_over(image, "logo", seed, share).resize((384, 256), 1))))
            plain = ComparableImage(fingerprint(saved(image, quality=90)))
            each = [
                mark(*pair, other_hues(copy, plain))
                for pair in ((copy.canvas, plain.canvas), (plain.canvas, copy.canvas))
            ]
            found += all(each)
        assert found >= 0.85 * 16


@pytest.mark.parametrize("kind", MARKS)
def test_which_one_is_marked_is_told(kind):
    """With the share of the area that agrees; a page is told nothing."""
    image = scene(11, 480, 320)
    marked = saved(laid_over(image, kind, 3, 0.2), quality=90)
    plain = saved(image.resize((360, 240), 1), quality=90)
    there, back = same_picture(marked, plain), same_picture(plain, marked)
    assert there.relation is back.relation is ImageRelation.MARKED
    assert there.altered == back.altered[::-1] == (True, False)
    assert "share" in there.evidence[0].name
    assert 0.5 < there.evidence[0].figure < 1
    assert (
        compare(ComparableImage(fingerprint(marked)), ComparableImage(fingerprint(plain))).relation
        is PixelRelation.UNKNOWN
    )


def test_the_unmarked_one_is_kept(tmp_path):
    """Though it is smaller, and there are two marked ones."""
    image = scene(11, 480, 320)
    for number, kind in enumerate(("word", "pattern")):
        (tmp_path / f"{number}.jpg").write_bytes(saved(laid_over(image, kind, 3, 0.2), quality=90))
    (tmp_path / "b.jpg").write_bytes(saved(image.resize((360, 240), 1), quality=90))
    (group,) = found(tmp_path)
    assert group.keep == "b.jpg"
    assert len(group.files) == 3
