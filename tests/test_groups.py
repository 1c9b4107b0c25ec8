"""Groups of images: who is kept, who joins, and that no chain leads from one picture to another."""

import random
from pathlib import Path

import pytest
from images import photo, saved
from PIL import Image, ImageOps
from test_matching import cut, detailed, lettered

from captionfix import images
from captionfix.pictures import groups
from captionfix.pictures.kin import Kin
from captionfix.settings import Settings

PICTURE = detailed(1)
FILES = {
    "b/large.jpg": saved(PICTURE, quality=90),
    "a/small.jpg": saved(PICTURE.resize((320, 240)), quality=85),
    "a/left.jpg": saved(cut(0, 0, 0.75, 1), quality=88),
    "c/large.png": saved(PICTURE, "PNG"),
    "c/same.png": saved(PICTURE, "PNG", compress_level=1),
    "c/mirrored.jpg": saved(ImageOps.mirror(PICTURE), quality=88),
    "other.jpg": saved(detailed(2)),
}


@pytest.fixture
def site(tmp_path):
    return put(tmp_path / "site", FILES)


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def found(folder, keep="best", jobs=1, **options):
    roots = images.Roots([Path(folder)])
    return images.survey(roots, Settings(**{"cache": False, **options}), roots.policy(keep), jobs=jobs)


def kinds(survey):
    return [{member.file: member.kin for member in group.members} for group in survey.groups]


def test_one_group_with_each_kin(site):
    """All forms of a picture are one group around the best of them, each with its relation to that one."""
    (group,) = found(site).groups
    assert group.keep == "c/large.png"
    assert {member.file: member.kin.value for member in group.members[1:]} == {
        "a/left.jpg": "crop", "a/small.jpg": "resized", "b/large.jpg": "format", "c/mirrored.jpg": "mirrored",
        "c/same.png": "identical",
    }  # fmt: skip
    twins = {member.file: member.twin for member in group.members}
    assert twins["c/same.png"] == twins["c/large.png"] == "c/large.png"
    assert twins["a/small.jpg"] == "a/small.jpg"


@pytest.mark.parametrize(
    ("keep", "file"),
    [("best", "c/large.png"), ("largest", "c/large.png"), ("smallest", "a/small.jpg"), ("first", "a/small.jpg"),
     ("in:{site}/b", "b/large.jpg")],
)  # fmt: skip
def test_policies(site, keep, file):
    """Each policy keeps its image, always a whole one, and the others say how they are related to that."""
    (group,) = found(site, keep.format(site=site)).groups
    assert group.keep == file
    assert len(group.members) == 6
    assert next(member for member in group.members if member.file == "a/left.jpg").kin is Kin.CROP


def test_an_enlarged_copy_is_not_the_best(tmp_path):
    """A copy blown up to twice the size holds no more than what it was made of."""
    grain = Image.effect_noise((640, 480), 90).convert("RGB")
    sharp = Image.blend(detailed(4), grain, 0.05)
    small = sharp.resize((320, 240), Image.Resampling.LANCZOS)
    large = small.resize((640, 480), Image.Resampling.BICUBIC)
    put(tmp_path, {"small.jpg": saved(small, quality=92), "large.jpg": saved(large, quality=92)})
    (group,) = found(tmp_path).groups
    assert group.keep == "small.jpg"
    (group,) = found(tmp_path, "largest").groups
    assert group.keep == "large.jpg"
    put(tmp_path, {"large.jpg": saved(sharp, quality=92)})
    (group,) = found(tmp_path).groups
    assert group.keep == "large.jpg"


def test_no_chain_leads_to_another_picture(tmp_path):
    """A is like B in its left half, B like C in its right: A and C are never members of one another."""
    one, other = detailed(5), detailed(6)
    wide = Image.new("RGB", (1280, 480))
    wide.paste(one, (0, 0))
    wide.paste(other, (640, 0))
    put(tmp_path, {"one.jpg": saved(one), "wide.jpg": saved(wide), "other.jpg": saved(other)})
    for group in kinds(found(tmp_path)):
        assert not ({"one.jpg", "other.jpg"} <= set(group) and "wide.jpg" not in group)
    (tmp_path / "wide.jpg").unlink()
    assert kinds(found(tmp_path)) == []


def test_a_changed_word_parts_a_group(tmp_path):
    """Sizes of two posters that differ in a digit are two groups."""
    files = {}
    for number, text in enumerate(("12 May", "18 May")):
        poster = lettered(text, size=60)
        for width in (640, 480, 400):
            files[f"{number}-{width}.jpg"] = saved(poster.resize((width, width * 3 // 4)), quality=88)
    names = [sorted(group) for group in kinds(found(put(tmp_path, files)))]
    assert sorted(names) == [sorted(name for name in files if name.startswith(f"{number}-")) for number in (0, 1)]


def test_order_and_processes_do_not_matter(tmp_path):
    """Whatever the files are called, and however many processes compare, the same images are together."""
    pictures = [(seed, size) for seed in range(6) for size in (640, 480, 320)]
    contents = [saved(detailed(seed).resize((size, size * 3 // 4)), quality=85) for seed, size in pictures]
    results = []
    for run in range(3):
        order = list(range(len(contents)))
        random.Random(run).shuffle(order)
        folder = tmp_path / str(run)
        put(folder, {f"{place:02}.jpg": contents[number] for place, number in enumerate(order)})
        told = found(folder, jobs=1 + run % 2)
        results.append(sorted(sorted(pictures[order[int(name[:2])]] for name in group) for group in kinds(told)))
    assert results[0] == results[1] == results[2]
    assert len(results[0]) == 6


def test_a_second_run_compares_nothing(site, tmp_path, monkeypatch):
    """What was compared is remembered, by contents: also where files have other names by then."""
    cache = {"cache": True, "cache_path": str(tmp_path / "cache.db")}
    before = kinds(found(site, **cache))
    monkeypatch.setattr(groups, "verify", None)
    (site / "b").rename(site / "d")
    after = kinds(found(site, **cache))
    assert [{name.replace("d/", "b/"): kin for name, kin in group.items()} for group in after] == before


def test_what_repeats_without_pixels(tmp_path):
    """SVG, plain pictures and what is tiny are together only where bytes or pixels are equal."""
    plain = Image.new("RGB", (90, 60), "navy")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    put(tmp_path, {"a.svg": svg, "b.svg": svg, "c.svg": svg + b" ", "d.png": saved(plain, "PNG"),
                   "e.bmp": saved(plain, "BMP"), "f.png": saved(plain.resize((90, 61)), "PNG")})  # fmt: skip
    assert [sorted(group) for group in kinds(found(tmp_path))] == [["a.svg", "b.svg"], ["d.png", "e.bmp"]]


def test_images_with_very_many_alike_are_told(tmp_path):
    """Hundreds of copies of one placeholder with other bytes are grouped or told as crowded, and end in time."""
    base = photo(3, 200, 150)
    put(
        tmp_path,
        {
            f"{quality:03}.jpg": saved(base, quality=20 + quality % 75, comment=bytes([quality]))
            for quality in range(150)
        },
    )
    survey = found(tmp_path)
    joined = sum(len(group.members) for group in survey.groups)
    assert joined == 150 or any("many others" in note for note in survey.notes)
    assert survey.counts.images == 150
