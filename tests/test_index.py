"""The index and two images compared: added, found, saved, merged; foreign and damaged files refused; symmetric."""

import hashlib
from itertools import combinations

import pytest
from images import photo, saved
from painted import TEMPLATES
from PIL import ImageOps

from captionfix import PictureIndex, same_picture
from captionfix.errors import IndexFileError, PictureError
from captionfix.model import Safety
from captionfix.pictures import index as module
from captionfix.pictures.fingerprint import fingerprint
from captionfix.pictures.relations import ImageRelation

PHOTO = photo(1, 400, 300)
COPIES = {
    "original": saved(PHOTO, "PNG"),
    "jpeg": saved(PHOTO, quality=80),
    "small": saved(PHOTO.resize((200, 150)), quality=80),
    "crop": saved(PHOTO.crop((50, 0, 350, 300)), quality=85),
}
ODD = ("", " ", "a/b\\c", "\n\t\0", "日本語 🎏", "\udcff\udc80", "x" * 5000, "../..", "-rf")


def index_of(images):
    index = PictureIndex()
    for name, data in images.items():
        index.add(name, data)
    return index


@pytest.fixture(scope="module")
def index():
    return index_of(COPIES | {f"photo{seed}": saved(photo(seed, 400, 300), quality=85) for seed in range(2, 8)})


def names(matches):
    return [match.name for match in matches]


def test_copies_are_found_and_others_are_not(index):
    """Asked with any copy, all copies come, the most certain first; another photo finds itself alone."""
    for data in COPIES.values():
        assert set(names(index.query(data))) == set(COPIES)
    first, *_ = index.query(COPIES["jpeg"])
    assert (first.name, first.likeness.relation) == ("jpeg", ImageRelation.IDENTICAL)
    assert names(index.query(saved(photo(3, 400, 300).resize((200, 150))))) == ["photo3"]
    assert index.query(saved(photo(50, 400, 300))) == []


@pytest.mark.parametrize("paint", TEMPLATES, ids=lambda paint: paint.__name__)
def test_pictures_of_one_kind_find_their_own_copies_only(paint):
    """Of five codes, charts or cards a small copy finds its own original, or, of thin lines, nothing: never another."""
    images = {str(seed): paint(seed).convert("RGB") for seed in range(5)}
    index = index_of({name: saved(image, "PNG") for name, image in images.items()})
    right = 0
    for name, image in images.items():
        assert names(index.query(saved(image, quality=85))) == [name]
        found = names(index.query(saved(image.resize((image.width // 2, image.height // 2), 1), "PNG")))
        assert found in ([name], [])
        right += bool(found)
    assert right >= 1 or paint.__name__ == "bars"  # lines that blur into grey when they are halved


def test_a_fingerprint_does_as_well_as_bytes(index):
    """It is added, asked with and compared, and what needs more of the pixels is not safe."""
    image = fingerprint(COPIES["small"])
    assert set(names(index.query(image))) == set(COPIES)
    assert index_of({"it": image}).query(COPIES["small"])[0].likeness.relation is ImageRelation.IDENTICAL
    assert same_picture(image, COPIES["original"])
    assert not same_picture(image, saved(photo(2, 400, 300)))
    assert same_picture(fingerprint(COPIES["original"]), fingerprint(COPIES["jpeg"])).safety is not Safety.SAFE


def test_it_is_like_a_collection(index):
    """Length, names in their order, what is in it, fingerprints by name."""
    assert len(index) == 10
    assert list(index)[:4] == list(COPIES)
    assert "jpeg" in index
    assert "other" not in index
    assert 7 not in index
    assert index["jpeg"] == fingerprint(COPIES["jpeg"])
    with pytest.raises(KeyError):
        index["other"]


def test_a_name_stands_for_one_image():
    """The same image again changes nothing; another one is refused, and nothing is added."""
    index = index_of({"a": COPIES["jpeg"]})
    index.add("a", COPIES["jpeg"])
    with pytest.raises(ValueError, match="'a' is the name of another image"):
        index.add("a", COPIES["small"])
    assert len(index) == 1
    assert names(index.query(COPIES["jpeg"])) == ["a"]


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.4", COPIES["jpeg"][:1000]])
def test_bad_images_are_refused(data, index):
    """They are named as such whether added or asked with, and leave the index as it was."""
    with pytest.raises(PictureError):
        index.add("bad", data)
    with pytest.raises(PictureError):
        index.query(data)
    assert "bad" not in index


def test_it_comes_back_from_a_file(index, tmp_path):
    """Everything is there again: names, order, fingerprints, answers; a file that was there is replaced."""
    path = tmp_path / "all.index"
    path.write_bytes(b"old")
    index.save(path)
    back = PictureIndex.load(str(path))
    assert list(back) == list(index)
    assert all(back[name] == index[name] for name in index)
    assert back.query(COPIES["small"]) == index.query(COPIES["small"])
    assert [each.name for each in tmp_path.iterdir()] == ["all.index"]


def test_odd_names_come_back(tmp_path):
    """Empty, long, foreign, unprintable names, and those that are no UTF-8."""
    index = index_of({name: saved(photo(place, 60, 40), "PNG") for place, name in enumerate(ODD)})
    index.save(tmp_path / "odd")
    assert tuple(PictureIndex.load(tmp_path / "odd")) == ODD


def test_an_empty_index(tmp_path):
    """It is saved and loaded, and nothing is found in it."""
    PictureIndex().save(tmp_path / "none")
    back = PictureIndex.load(tmp_path / "none")
    assert len(back) == 0
    assert back.query(COPIES["jpeg"]) == []


@pytest.mark.parametrize("damage", ["cut", "longer", "bit", "middle", "empty", "foreign", "newer"])
def test_damaged_and_foreign_files_are_refused(damage, index, tmp_path):
    """The message names the file and what to do."""
    path = tmp_path / "some.index"
    index.save(path)
    data = path.read_bytes()
    path.write_bytes({
        "cut": data[:-50], "longer": data + b"x", "bit": data[:-1] + bytes([data[-1] ^ 1]),
        "middle": data[:300] + b"\0\0\0\0" + data[304:], "empty": b"", "foreign": COPIES["jpeg"],
        "newer": data.replace(b"captionfix index 1", b"captionfix index 2"),
    }[damage])  # fmt: skip
    with pytest.raises(IndexFileError, match=r"some\.index: is (no index|cut off or damaged).*; "):
        PictureIndex.load(path)


def sealed(data):
    return data + hashlib.sha256(data).digest()


def test_a_file_of_other_versions_is_refused(index, tmp_path, monkeypatch):
    """Fingerprints of other versions are not compared with those of this one."""
    path = tmp_path / "old.index"
    with monkeypatch.context() as patched:
        patched.setattr(module, "version", lambda: "1 imagehash 1.0 pillow 2.0")
        index.save(path)
    with pytest.raises(IndexFileError, match=r"was made with 1 imagehash 1\.0 pillow 2\.0.*add the images"):
        PictureIndex.load(path)


@pytest.mark.parametrize("tail", [b"\1", b"\1\0\0\0\xff\xff\xff\xff", b"\1\0\0\0\2\0\0\0abc", b"\1\0\0\0\1\0\0\0\xffx"])
def test_a_forged_file_is_refused(tail, tmp_path):
    """One whose digest is right and whose content is nonsense is no index."""
    path = tmp_path / "forged.index"
    path.write_bytes(sealed(module._MARK + module.version().encode() + b"\n" + tail))  # noqa: SLF001 to forge one
    with pytest.raises(IndexFileError, match=r"forged\.index"):
        PictureIndex.load(path)
    path.write_bytes(sealed(module._MARK + b"no end of line"))  # noqa: SLF001 to forge one
    with pytest.raises(IndexFileError, match=r"forged\.index"):
        PictureIndex.load(path)


def test_a_save_that_fails_leaves_the_old_file(index, tmp_path, monkeypatch):
    """Whole or not at all, and no temporary file stays."""
    path = tmp_path / "kept.index"
    index.save(path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        index.save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["kept.index"]


def test_indexes_are_merged():
    """All of both are found; a name that both have for the same image is one."""
    one, other = (
        index_of({"a": COPIES["jpeg"], "b": COPIES["small"]}),
        index_of({"b": COPIES["small"], "c": COPIES["crop"]}),
    )
    one.merge(other)
    assert set(names(one.query(COPIES["original"]))) == {"a", "b", "c"}
    one.merge(one)
    assert len(one) == 3


def test_a_merge_that_clashes_adds_nothing():
    """Names for two images are refused before anything is added."""
    one, other = index_of({"a": COPIES["jpeg"]}), index_of({"z": COPIES["crop"], "a": COPIES["small"]})
    with pytest.raises(ValueError, match="'a' is the name of another image"):
        one.merge(other)
    assert list(one) == ["a"]


def test_svg_and_plain_images_are_found_by_what_they_are():
    """By their bytes, or their pixels, and by nothing else."""
    index = index_of({"svg": b"<svg/>", "white": saved(PHOTO.point(lambda _: 255), "PNG")})
    assert names(index.query(b"<svg/>")) == ["svg"]
    assert index.query(b"<svg id='a'/>") == []
    assert names(index.query(saved(PHOTO.point(lambda _: 255), "BMP"))) == ["white"]
    assert index.query(saved(PHOTO.point(lambda _: 250), "PNG")) == []


@pytest.mark.slow
def test_verdicts_are_symmetric():
    """Whichever image comes first, the same is said: of copies, templates, codes, frames and mirror images."""
    images = [*COPIES.values(), saved(ImageOps.mirror(PHOTO)), saved(ImageOps.expand(PHOTO, 40, "white")), b"<svg/>"]
    images += [saved(PHOTO.convert("L")), saved(PHOTO.resize((240, 300))), saved(PHOTO.crop((0, 0, 300, 225)))]
    for paint in TEMPLATES:
        images += [saved(paint(seed).convert("RGB"), "PNG") for seed in (1, 2)]
    prints = [fingerprint(data) for data in images]
    for one, other in combinations(prints, 2):
        assert bool(same_picture(one, other)) == bool(same_picture(other, one))
