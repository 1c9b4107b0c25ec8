"""The cache looked after: what it holds, emptied, pruned; older ones made anew, others' databases left alone."""

import os
import random
import sqlite3
import sys
import threading
from contextlib import closing

import pytest
from images import photo, saved

from captionfix import cli
from captionfix.errors import CacheError, PictureError
from captionfix.model import Evidence, Safety
from captionfix.pictures import cache_file as caches
from captionfix.pictures import upkeep
from captionfix.pictures.cache import Cache, Stamp
from captionfix.pictures.fingerprint import fingerprint, version
from captionfix.pictures.records import know
from captionfix.pictures.relations import ImageRelation, Likeness, Window
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

LARGE, SMALL = saved(photo()), saved(photo().resize((320, 240)))
OLD = """
CREATE TABLE files (path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE fingerprints (
    content BLOB NOT NULL, version TEXT NOT NULL, data BLOB, problem TEXT, PRIMARY KEY (content, version)
);
INSERT INTO files VALUES (x'61', 1, 1, x'00');
PRAGMA application_id = 1667330168; PRAGMA user_version = 1;
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache.db"


@pytest.fixture
def site(tmp_path, path):
    """Two sizes of a picture and a broken one, and a cache that knows them."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, data in (("a.jpg", LARGE), ("b.jpg", SMALL), ("cut.jpg", LARGE[:5000])):
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1e9, 1e9))
    look(folder, path)
    return folder


def look(folder, path):
    roots = Roots([folder])
    return survey(roots, Settings(cache_path=str(path)), roots.policy("best"))


def make(path, script):
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)


def count(path, table):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608


@pytest.fixture
def command(monkeypatch, capfdbinary, path):
    def run(*arguments, cache=path):
        monkeypatch.setattr(sys, "argv", ["captionfix", "cache", *arguments, "--cache", str(cache)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capfdbinary.readouterr()
        return caught.value.code or 0, out.decode(), err.decode()

    return run


# What is kept


def test_files_are_looked_up_together(path):
    """Of any number of files those that have not changed are known, bad ones with their cause, in order."""
    cache = Cache(path, lambda: "1")
    image = know(fingerprint(LARGE))
    assert cache.keep_image(image)
    assert cache.keep(bytes(32), PictureError("x", "is cut off", "save it again", 7))
    for number in range(1000):
        cache.keep_file(Stamp(f"{number}.jpg", number, 5), image.content if number % 2 else bytes(32))
    stamps = [Stamp(f"{number}.jpg", number + (number == 3), 5) for number in range(1200)]
    found = cache.look_up(stamps)
    assert found[1] == image.without_crop_hashes()
    assert cache.crop_hashes([image.content, bytes(32), b"unknown"]) == {image.content: image.crop_hashes}
    assert (found[0].cause, found[0].offset) == ("is cut off", 7)
    assert [place for place, each in enumerate(found) if each is None] == [3, *range(1000, 1200)]
    cache.close()
    other = Cache(path, lambda: "2")
    assert other.look_up(stamps[:5]) == [None] * 5
    other.close()


def test_verdicts_are_kept(path):
    """What comparing two images came to is had back by both contents and both versions, and by no others."""
    like = Likeness(
        ImageRelation.CROP, Safety.REVIEW, (Evidence("pixels", "a part", 0.5),), 9, (Window(0.25), Window(0, 0.5))
    )
    unlike = Likeness(None, Safety.SHOW, (Evidence("pixels", "differ"),))
    pairs = {(bytes([one]), bytes([other])): like if one else unlike for one in range(40) for other in range(40)}
    cache = Cache(path, lambda: "1")
    assert cache.keep_likeness(pairs, "7")
    assert cache.find_likeness([*pairs, (b"x", b"y")], "7") == pairs
    assert cache.find_likeness([(b"\1", b"\2")], "7") == {(b"\1", b"\2"): like}
    assert cache.find_likeness(list(pairs), "8") == {}
    cache.close()
    other = Cache(path, lambda: "2")
    assert other.find_likeness(list(pairs), "7") == {}
    other.close()


def test_a_new_cache_that_another_run_makes_is_waited_for(tmp_path):
    """Two runs that make one cache at the same moment both use it."""
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.3, other.execute, ("COMMIT",))
        end.start()
        cache = Cache(path, lambda: "1")
        assert cache.keep(b"bad", PictureError("x", "is cut off", "save it again"))
        assert cache.troubles == []
        cache.close()
        end.join()


def test_rows_that_are_broken_are_not_there(site, path):
    """Figures and verdicts that nobody wrote so are made anew."""
    make(path, "UPDATE images SET data = '[1, 2'; UPDATE likenesses SET data = '{}'; UPDATE fingerprints "
         "SET problem = 7 WHERE problem IS NOT NULL")  # fmt: skip
    result = look(site, path)
    assert result.groups[0].files == ("a.jpg", "b.jpg")
    assert [error.cause for error in result.bad] == ["is cut off"]
    assert [note.partition(": ")[2] for note in result.notes] == [DAMAGED]
    assert look(site, path).notes == ()


DAMAGED = "holds damaged rows; what they were of is looked at once more"
ANEW = "was damaged; it was made anew, and pictures are read once more"


def forget_groups(path):
    make(path, "DELETE FROM groupings")


@pytest.mark.parametrize("crop_hashes", ["x'78'", "x''", "NULL", "7", "'x'", "zeroblob(1300)", "substr(views, 1, 100)",
                                   "views || x'00'", "cast(zeroblob(8) || substr(views, 9) AS BLOB)"])  # fmt: skip
def test_damaged_views_are_made_anew_with_a_word(site, path, crop_hashes):
    """Whatever stands in their place, the groups are the same, it is told once, and the next run has them again."""
    make(path, "PRAGMA ignore_check_constraints = ON; DELETE FROM groupings; DELETE FROM likenesses;")
    if crop_hashes == "NULL":
        make(path, "DELETE FROM images")
    else:
        make(path, f"UPDATE images SET views = {crop_hashes}")  # noqa: S608
    result = look(site, path)
    assert result.groups[0].files == ("a.jpg", "b.jpg")
    assert [note.partition(": ")[2] for note in result.notes] == ([DAMAGED] if crop_hashes != "NULL" else [])
    forget_groups(path)
    again = look(site, path)
    assert again.groups == result.groups
    assert again.notes == ()


@pytest.mark.parametrize("table", caches.TABLES)
@pytest.mark.parametrize("how", ["DROP TABLE {0}", "DROP TABLE {0}; CREATE TABLE {0} (x)", "ALTER TABLE {0} ADD y"])
def test_a_table_that_is_gone_or_odd_is_made_anew_with_a_word(site, path, table, how):
    """A cache of ours without one of its tables, or with another one, is made anew."""
    make(path, how.format(table))
    result = look(site, path)
    assert result.groups[0].files == ("a.jpg", "b.jpg")
    assert [note.partition(": ")[2] for note in result.notes] == [ANEW]
    assert look(site, path).notes == ()


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("how", ["cut", "zeros", "noise"])
def test_a_damaged_database_never_costs_a_group(site, path, share, how):
    """Whatever a disk loses, the groups are there, and what was done is told, or nothing had to be."""
    make(path, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; DELETE FROM groupings")
    raw = path.read_bytes()
    at = max(int(len(raw) * share), 200)
    rest = {"cut": b"", "zeros": bytes(len(raw) - at), "noise": random.Random(at).randbytes(len(raw) - at)}
    path.write_bytes(raw[:at] + rest[how])
    for _ in range(2):
        result = look(site, path)
        assert result.groups[0].files == ("a.jpg", "b.jpg")
        assert len(result.notes) <= 2
    assert look(site, path).notes == ()


def test_a_damaged_database_of_others_is_left_alone(site, path):
    """A file that does not say that it is this cache is never taken away."""
    path.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    before = path.read_bytes()
    assert "cannot be used" in look(site, path).notes[0]
    assert path.read_bytes() == before


def test_an_older_cache_is_made_anew(site, path):
    """The tables of another version go, which is told once; afterwards it is a cache like any other."""
    path.unlink()
    make(path, OLD)
    assert upkeep.info(path).is_old
    with pytest.raises(CacheError, match="captionfix cache clear"):
        upkeep.prune(path, version())
    first = look(site, path)
    assert len(first.notes) == 1
    assert "was of an older version; it was made anew" in first.notes[0]
    assert look(site, path).notes == ()
    assert upkeep.info(path).files == 3


def test_a_newer_cache_is_left_alone(site, path):
    """A database of a newer captionfix is done without, and not touched."""
    make(path, f"PRAGMA user_version = {caches.SCHEMA + 1}")
    before = path.read_bytes()
    assert "is a newer version's" in look(site, path).notes[0]
    with pytest.raises(CacheError, match="newer version's"):
        upkeep.clear(path)
    assert path.read_bytes() == before


# Looking after it


def test_info(site, path, command):
    """Where it lies, how large it is, how many files and fingerprints, of which versions."""
    make(path, "INSERT INTO fingerprints VALUES (x'01', 'older', NULL, x'02')")
    code, out, err = command("info")
    told = out.splitlines()
    assert (code, err) == (0, "")
    assert told[0].startswith(f"cache {path}: ")
    assert told[1].startswith("3 files, ")
    assert told[2:] == [
        f"2 fingerprints, 1 bad image of version {version()}: in use",
        "1 fingerprint, 0 bad images of version older: of no use, captionfix cache prune takes them out",
    ]


def test_groupings_are_kept(path):
    """What grouping images came to is had back for the same images and versions; of older runs only some are kept."""
    cache = Cache(path, lambda: "1")
    for number in range(20):
        cache.keep_grouping(b"%d" % number, "a", b"groups")
    cache.keep_grouping(b"19", "a", b"anew")
    assert cache.find_grouping(b"19", "a") == b"anew"
    assert [cache.find_grouping(b"18", version) for version in "ab"] == [b"groups", None]
    assert [cache.find_grouping(b"%d" % number, "a") for number in (3, 5)] == [None, b"groups"]
    cache.close()
    other = Cache(path, lambda: "2")
    assert other.find_grouping(b"19", "a") is None
    other.close()


def test_clear(site, path, command):
    """Everything goes and the file shrinks; the next run fills it again."""
    before = path.stat().st_size
    code, out, _ = command("clear")
    assert (code, out.startswith(f"cache {path}: empty, ")) == (0, True)
    assert path.stat().st_size < before / 2
    assert [count(path, table) for table in caches.TABLES] == [0] * len(caches.TABLES)
    assert look(site, path).notes == ()
    assert count(path, "files") == 3


def test_clearing_while_a_run_uses_it(site, path):
    """A run that has the cache open goes on, and keeps what it finds."""
    cache = Cache(path, version)
    stamp = Stamp(str(site / "a.jpg"), len(LARGE), 10**18)
    assert cache.look_up([stamp])[0] is not None
    upkeep.clear(path)
    assert cache.look_up([stamp]) == [None]
    assert cache.keep_image(know(fingerprint(LARGE)))
    assert cache.troubles == []
    cache.close()


def test_prune(site, path, command):
    """Files that are gone or changed go, and what no file refers to or another version made; the rest stays."""
    (site / "b.jpg").unlink()
    make(path, "INSERT INTO fingerprints VALUES (x'01', 'older', NULL, x'02');"
         "INSERT INTO likenesses VALUES (x'01', x'02', 'older; 1', x'00')")  # fmt: skip
    code, out, _ = command("prune")
    assert (code, "1 file, 2 fingerprints, " in out) == (0, True)
    assert (count(path, "files"), count(path, "fingerprints"), count(path, "images")) == (2, 2, 1)
    assert count(path, "likenesses") == 0
    os.utime(site / "a.jpg", (2e9, 2e9))
    assert upkeep.prune(path, version()).files == 1
    assert upkeep.prune(path, version()) == upkeep.Pruned(0, 0, 0, 0)


REFUSED = {
    "another program's": (lambda path: make(path, "CREATE TABLE mine (x)"), "name captionfix's with --cache"),
    "an empty file": (lambda path: path.write_bytes(b""), "name captionfix's with --cache"),
    "no database": (lambda path: path.write_bytes(b"no tables" * 999), "remove it: the next run makes a new one"),
    "a folder": (lambda path: path.mkdir(), "check the rights there"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("verb", ["info", "clear", "prune"])
def test_what_is_no_cache_is_refused(tmp_path, command, name, verb):
    """It stays as it is, byte for byte, and the error tells the next step."""
    other = tmp_path / "other.db"
    build, hint = REFUSED[name]
    build(other)
    before = other.read_bytes() if other.is_file() else None
    code, out, err = command(verb, cache=other)
    assert (code, out) == (3 if name == "a folder" else 2, "")
    assert name == "a folder" or (f"cache {other}: " in err and hint in err)
    assert (other.read_bytes() if other.is_file() else None) == before


def test_a_locked_cache_is_not_waited_for_forever(site, path, command, monkeypatch):
    """The error tells to wait for the run that uses it."""
    monkeypatch.setattr(caches, "_WAIT", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        code, _, err = command("clear")
    assert code == 2
    assert "wait for the run that uses it" in err


def test_without_a_cache(command, path):
    """Where there is none yet, that is told, and none is made."""
    for verb in ("info", "clear", "prune"):
        code, out, err = command(verb)
        assert (code, out) == (0, "")
        assert f"there is no cache at {path} yet" in err
    assert not path.exists()
