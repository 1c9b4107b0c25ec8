"""An index of pictures: found by what they show, kept in a file, merged; what is no index is refused."""

import pytest
from images import saved
from test_matching import cut, detailed

import captionfix
from captionfix import IndexFileError, Kin, PictureIndex, fingerprint

ONE, OTHER = saved(detailed(1), quality=90), saved(detailed(2), quality=90)
ODD = "odd \ud800 name\n/ü.jpg"


@pytest.fixture
def index():
    made = PictureIndex()
    made.add("one", ONE)
    made.add("other", OTHER)
    made.add(ODD, saved(detailed(3)))
    return made


def names(matches):
    return [match.name for match in matches]


def test_copies_are_found(index):
    """A copy, a crop and a mirror image of a picture find it, with how they are related to it."""
    assert names(index.query(ONE)) == ["one"]
    small = index.query(saved(detailed(1).resize((300, 225))))
    assert [(match.name, match.likeness.kin) for match in small] == [("one", Kin.RESIZED)]
    (crop,) = index.query(saved(cut(0, 0, 0.8, 1)))
    assert (crop.name, crop.likeness.kin) == ("one", Kin.CROP)
    assert index.query(fingerprint(OTHER))[0].likeness.kin is Kin.IDENTICAL


def test_others_are_not_found(index):
    """Another picture finds nothing, nor does an empty index."""
    assert index.query(saved(detailed(9))) == []
    assert PictureIndex().query(ONE) == []
    assert index.query(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == []


def test_names(index):
    """Names are kept as they are; one name is one image."""
    assert (len(index), "one" in index, "two" in index, list(index)) == (3, True, False, ["one", "other", ODD])
    index.add("one", ONE)
    assert len(index) == 3
    with pytest.raises(ValueError, match="another image"):
        index.add("one", OTHER)
    with pytest.raises(KeyError):
        index["two"]
    index.add("again", ONE)
    assert names(index.query(ONE)) == ["again", "one"]


def test_a_file_gives_it_back(index, tmp_path):
    """What was saved is the same after it was loaded; saving leaves nothing else behind."""
    path = tmp_path / "pictures.idx"
    index.save(path)
    index.save(path)
    again = PictureIndex.load(path)
    assert list(again) == list(index)
    assert all(again[name] == index[name] for name in index)
    assert names(again.query(saved(detailed(2).resize((320, 240))))) == ["other"]
    assert [each.name for each in tmp_path.iterdir()] == ["pictures.idx"]
    PictureIndex().save(path)
    assert len(PictureIndex.load(path)) == 0


def test_indexes_merge(index):
    """Merging adds what is new, and nothing at all where a name means two images."""
    more = PictureIndex()
    more.add("one", ONE)
    more.add("new", saved(detailed(4)))
    index.merge(more)
    assert len(index) == 4
    clash = PictureIndex()
    clash.add("another", saved(detailed(5)))
    clash.add("other", ONE)
    with pytest.raises(ValueError, match="'other'"):
        index.merge(clash)
    assert "another" not in index


def test_what_is_no_index_is_refused(index, tmp_path, monkeypatch):
    """A damaged, cut, foreign or older file says what it is and what to do; nothing is half loaded."""
    path = tmp_path / "pictures.idx"
    index.save(path)
    whole = path.read_bytes()
    for data, cause in ((whole[:-7], "cut off or damaged"), (b"", "no index"), (ONE, "no index"),
                        (whole[:99] + b"x" + whole[100:], "cut off or damaged")):  # fmt: skip
        path.write_bytes(data)
        with pytest.raises(IndexFileError, match=cause):
            PictureIndex.load(path)
    path.write_bytes(whole)
    monkeypatch.setattr("captionfix.pictures.index.version", lambda: "other versions")
    with pytest.raises(IndexFileError, match="was made with"):
        PictureIndex.load(path)
    with pytest.raises(FileNotFoundError):
        PictureIndex.load(tmp_path / "none")


def test_bad_images_are_refused(index):
    """What is no image is neither added nor looked for."""
    for bad in (b"", b"%!PS-Adobe-3.0", ONE[:200]):
        with pytest.raises(captionfix.PictureError):
            index.add("bad", bad)
        with pytest.raises(captionfix.PictureError):
            index.query(bad)
    assert "bad" not in index
