"""Groups: no chains, the right file kept, the same in any order and in any number of processes; hostile runs end."""

import os
import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from images import photo, saved
from painted import WORDS, card, logo, qr
from PIL import Image, ImageFilter, ImageOps

from captionfix.archives import atomic
from captionfix.errors import PictureError
from captionfix.model import Safety
from captionfix.pictures import groups as module
from captionfix.pictures.align import Placement
from captionfix.pictures.cache import Cache
from captionfix.pictures.candidates import Guess
from captionfix.pictures.comparable import ComparableImage
from captionfix.pictures.crop_hashes import CropHashes, Table
from captionfix.pictures.decode import decode
from captionfix.pictures.fingerprint import fingerprint, version
from captionfix.pictures.groups import Cluster, ImageSet, stars
from captionfix.pictures.local_difference import SIDE
from captionfix.pictures.records import Keep, KeepPolicy, know
from captionfix.pictures.relations import ImageRelation
from captionfix.runs import grouping
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

NO_CACHE = Settings(cache=False)
PHOTO = photo(1)


def put(folder, contents):
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1e9, 1e9))


def found(folder, keep="best", settings=NO_CACHE, **options):
    roots = Roots([Path(folder)])
    return survey(roots, settings, roots.policy(keep), **options)


def files(result):
    return {frozenset(group.files) for group in result.groups}


class Given:
    """Images given as bytes, grouped without files."""

    def __init__(self, images, policy=None, memory=None):
        self.policy, self.memory = policy or KeepPolicy(), memory
        self.comparables, self.known, self.rows, self.table = {}, [], {}, Table()
        for name, data in images.items():
            image = fingerprint(data)
            known = know(image).named(name)
            self.comparables[image.content] = ComparableImage(
                image, lambda data=data: np.asarray(decode(data, side=SIDE).grey)
            )
            if known.crop_hashes and known.content not in self.rows:
                self.rows[known.content] = len(self.rows)
                self.table.add(CropHashes.from_bytes(known.crop_hashes))
            self.known.append(known.without_crop_hashes())
        self.pool = ImageSet(self.known, self.table, self.rows, self.policy)

    def groups(self):
        found = []
        for cluster in self.pool.clusters():
            comparable = lambda place, each=cluster: self.comparables[each.images[place].content]  # noqa: E731
            found += stars(cluster, comparable, self.policy, self.memory)
        return self.pool.groups(found)


def grouped(images, policy=None):
    return {frozenset(group.files) for group in Given(images, policy).groups()}


COPIES = {
    "large.jpg": saved(PHOTO, quality=90),
    "small.jpg": saved(PHOTO.resize((400, 300))),
    "tiny.webp": saved(PHOTO.resize((336, 252)), "WEBP"),
    "square.jpg": saved(PHOTO.crop((80, 0, 560, 480))),
}
OTHERS = {f"other{seed}.jpg": saved(photo(seed)) for seed in range(2, 6)}


def test_copies_come_together_and_others_stay_out():
    """Sizes, formats and crops of one photo are a group; other photos are none."""
    assert grouped(COPIES | OTHERS) == {frozenset(COPIES)}


def test_no_chain_leads_from_one_picture_to_another():
    """A collage holds two photos; each is no copy of the other because both are like parts of it."""
    one, other = photo(1, 320, 240), photo(2, 320, 240)
    collage = Image.new("RGB", (640, 240))
    collage.paste(one, (0, 0))
    collage.paste(other, (320, 0))
    images = {"one.png": saved(one, "PNG"), "other.png": saved(other, "PNG"), "both.png": saved(collage, "PNG")}
    for group in grouped(images):
        assert not {"one.png", "other.png"} <= group


def test_steps_along_a_wall_do_not_add_up():
    """Crops that move on bit by bit over a panorama: what shares nothing is never in one group."""
    wide = photo(6, 1600, 300)
    images = {f"{left:04}.png": saved(wide.crop((left, 0, left + 400, 300)), "PNG") for left in range(0, 1201, 100)}
    for group in grouped(images):
        places = sorted(int(name[:4]) for name in group)
        assert places[-1] - places[0] < 400 + 400


@pytest.mark.slow
@pytest.mark.parametrize("paint", [card, qr, logo], ids=lambda paint: paint.__name__)
def test_pictures_in_one_template_group_with_their_own_copies(paint):
    """Ten that look alike and a small copy of each make ten pairs."""
    images = {}
    for seed in range(10):
        image = paint(seed).convert("RGB")
        images[f"{seed}.png"] = saved(image, "PNG")
        images[f"{seed}-small.png"] = saved(image.resize((image.width // 2, image.height // 2), 1), "PNG")
    assert grouped(images) == {frozenset((f"{seed}.png", f"{seed}-small.png")) for seed in range(10)}


def test_equal_bytes_and_equal_pixels_are_one():
    """Whatever they are, SVG and plain ones too; their evidence says which."""
    plain = Image.new("RGB", (40, 30), "white")
    images = {
        "a.svg": b"<svg/>", "b.svg": b"<svg/>", "c.svg": b"<svg id='c'/>", "white.png": saved(plain, "PNG"),
        "white.bmp": saved(plain, "BMP"), "nearly.png": saved(Image.new("RGB", (40, 30), (254,) * 3), "PNG"),
    }  # fmt: skip
    result = Given(images).groups()
    assert [set(group.files) for group in result] == [{"a.svg", "b.svg"}, {"white.png", "white.bmp"}]
    told = {group.keep: group.members[1].evidence[0].name for group in result}
    assert list(told.values()) == ["the same bytes", "identical pixels"]


@pytest.mark.parametrize(
    ("keep", "kept"), [("best", "b/large.png"), ("largest", "b/large.png"), ("smallest", "c/small.jpg"),
                       ("first", "a/middle.jpg"), ("in", "c/small.jpg")]
)  # fmt: skip
def test_the_kept_file_follows_the_policy(keep, kept):
    """The best, the largest, the smallest, the first, one in a folder: always a whole one, never the crop."""
    images = {
        "a/middle.jpg": saved(PHOTO.resize((480, 360))),
        "b/large.png": saved(PHOTO, "PNG"),
        "c/small.jpg": saved(PHOTO.resize((400, 300))),
        "d/crop.jpg": saved(PHOTO.crop((80, 0, 560, 480)).resize((200, 200))),
    }
    (group,) = Given(images, KeepPolicy(Keep(keep), ("c/",) if keep == "in" else ())).groups()
    assert group.keep == kept
    assert set(group.files) == set(images)
    assert group.members[0].file == kept


def test_an_enlarged_copy_is_not_the_best():
    """A copy that was blown up is larger, and shows no more: the one it was made of is kept."""
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 255, (200, 300), dtype=np.uint8))
    fine = Image.blend(noise.filter(ImageFilter.GaussianBlur(0.7)), photo(4, 300, 200).convert("L"), 0.6)
    images = {"blown.png": saved(fine.resize((600, 400), 3), "PNG"), "true.png": saved(fine, "PNG")}
    assert [group.keep for group in Given(images).groups()] == ["true.png"]
    assert [group.keep for group in Given(images, KeepPolicy(Keep.LARGEST)).groups()] == ["blown.png"]


def test_mirror_images_are_for_review_and_lead_nowhere():
    """A mirror image may stand in the group, never safe."""
    images = COPIES | {"mirror.jpg": saved(ImageOps.mirror(PHOTO))}
    for group in Given(images).groups():
        for member in group.members:
            if member.relation is ImageRelation.MIRRORED:
                assert member.safety is Safety.REVIEW
                assert member.file == "mirror.jpg"


def test_the_order_does_not_matter():
    """The same groups and the same kept files come of any order of the input."""
    images = COPIES | OTHERS | {f"card{seed}.png": saved(card(seed), "PNG") for seed in range(4)}
    first = [(group.keep, frozenset(group.files)) for group in Given(images).groups()]
    for seed in range(4):
        names = np.random.default_rng(seed).permutation(list(images)).tolist()
        turned = Given({name: images[name] for name in names}).groups()
        assert [(group.keep, frozenset(group.files)) for group in turned] == first


@pytest.mark.slow
def test_pictures_in_one_template_take_bounded_work(monkeypatch):
    """Each is compared with so many of the nearest only; copies are among them."""
    asked, real = [], module.verify
    monkeypatch.setattr(module, "verify", lambda *given: asked.append(1) or real(*given))
    monkeypatch.setattr(module, "_REFUSED", 8)
    images = {f"{number}.png": saved(card(number), "PNG") for number in range(24)}
    images["copy.png"] = saved(card(7).resize((300, 158), 1), "PNG")
    assert grouped(images) == {frozenset(("7.png", "copy.png"))}
    assert len(asked) <= 25 * 9


@pytest.mark.slow
def test_near_copies_take_linear_work(monkeypatch):
    """Three hundred near copies are one group, each compared twice at most, in memory that grows with them."""
    asked, real = [], module.verify
    monkeypatch.setattr(module, "verify", lambda *given: asked.append(1) or real(*given))
    base = np.asarray(photo(1, 80, 60)).astype(int)
    rng = np.random.default_rng(0)
    noisy = [np.clip(base + rng.integers(-2, 3, base.shape), 0, 255).astype(np.uint8) for _ in range(300)]
    images = {f"{number:03}.png": saved(Image.fromarray(each), "PNG") for number, each in enumerate(noisy)}
    given = Given(images)
    guesses = sum(len(cluster.guesses) for cluster in given.pool.clusters())
    assert [len(group.files) for group in given.groups()] == [300]
    assert len(asked) < 2 * 300
    assert guesses <= 300 * 128


def test_many_images_hold_no_list_of_all_their_pairs():
    """Four thousand images in one cluster, each like the next, take memory by their number, not by its square."""
    known = Given({"a.png": saved(PHOTO, "PNG")}).known[0]
    images = tuple(replace(known, content=number.to_bytes(32)) for number in range(4000))
    guesses = {(place, place + 1): (Guess(0, Placement()),) for place in range(3999)}
    tracemalloc.start()
    module._Judge(Cluster(images, guesses), None, None)  # noqa: SLF001 what it holds is the point
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


def test_what_was_compared_is_remembered(tmp_path, monkeypatch):
    """The second run compares nothing anew, and comes to the same."""
    memory = Cache(tmp_path / "memory.sqlite3", version)
    images = COPIES | OTHERS | {f"{word}.png": saved(logo(place), "PNG") for place, word in enumerate(WORDS[:4])}
    first = Given(images, memory=memory).groups()

    def never(*_):
        raise AssertionError("compared again")

    monkeypatch.setattr(module, "verify", never)
    assert Given(images, memory=memory).groups() == first
    memory.close()


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    put(folder, COPIES | OTHERS)
    return folder


@pytest.mark.slow
def test_processes_change_nothing(site):
    """One process and two come to the same groups, evidence and all."""
    for seed in range(20):
        put(site, {f"set/{seed}.png": saved(photo(100 + seed, 120, 90), "PNG")})
        put(site, {f"set/{seed}.jpg": saved(photo(100 + seed, 120, 90))})
    one, two = found(site, jobs=1), found(site, jobs=2)
    assert one.groups == two.groups
    assert len(one.groups) == 21


@pytest.mark.parametrize("harm", ["gone", "changed", "folder"])
def test_files_that_change_while_it_runs(site, monkeypatch, harm):
    """One that is gone, or holds something else when it is looked at again, is bad; the others are grouped."""
    real, victim = grouping.CompareWorker.__call__, site / "small.jpg"

    def later(self, cluster):
        if victim.is_file():
            victim.unlink()
            if harm == "changed":
                victim.write_bytes(saved(photo(77)))
            elif harm == "folder":
                victim.mkdir()
        return real(self, cluster)

    monkeypatch.setattr(grouping.CompareWorker, "__call__", later)
    result = found(site)
    assert [error.locator for error in result.bad] == ["small.jpg"]
    assert files(result) == {frozenset(COPIES) - {"small.jpg"}}


def test_everything_vanishes(site, monkeypatch):
    """Where the whole folder is gone meanwhile, nothing is grouped, and nothing is raised."""
    real = grouping.CompareWorker.__call__

    def later(self, cluster):
        shutil.rmtree(site, ignore_errors=True)
        return real(self, cluster)

    monkeypatch.setattr(grouping.CompareWorker, "__call__", later)
    result = found(site)
    assert result.groups == []
    assert result.bad


def test_a_file_that_may_not_be_read_again(site, monkeypatch):
    """An error of the system while comparing is told with the file's name."""
    real = atomic.read

    def refused(path):
        if path.name == "large.jpg" and list(site.glob("seen")):
            raise PermissionError(13, "Permission denied")
        return real(path)

    call = grouping.CompareWorker.__call__

    def later(self, cluster):
        (site / "seen").touch()
        return call(self, cluster)

    monkeypatch.setattr(atomic, "read", refused)
    monkeypatch.setattr(grouping.CompareWorker, "__call__", later)
    result = found(site)
    assert [error.locator for error in result.bad] == ["large.jpg"]
    assert all("large.jpg" not in group.files for group in result.groups)


def test_an_image_that_fails_at_the_second_look_is_named(tmp_path, monkeypatch):
    """What goes wrong with a file that is looked at again is told of that file, and the others are compared."""
    for name, size in (("a.jpg", (640, 480)), ("b.jpg", (480, 360)), ("c.jpg", (320, 240))):
        (tmp_path / name).write_bytes(saved(photo(1).resize(size), quality=85))
    slow = (tmp_path / "b.jpg").read_bytes()

    def looked_at(data, **how):
        if data == slow:
            raise PictureError("<picture>", "takes too long", "leave it out", passing=True)
        return fingerprint(data, **how)

    monkeypatch.setattr(grouping.Store, "find", lambda *_: None)
    monkeypatch.setattr(grouping, "fingerprint", looked_at)
    roots = Roots([tmp_path])
    told = survey(roots, Settings(cache=False), roots.policy("best"))
    assert [sorted(group.files) for group in told.groups] == [["a.jpg", "c.jpg"]]
    assert [(error.locator, error.cause) for error in told.bad] == [("b.jpg", "takes too long")]
