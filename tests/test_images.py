"""Image files of an archive: which are the same picture, told in every form; bad ones are named and never fatal."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import forked
import pytest
from images import photo, png, saved

from captionfix import cli
from captionfix.archives import atomic
from captionfix.errors import PictureError, UsageError
from captionfix.output.images import json_parts, lines
from captionfix.pictures import fingerprint as fingerprints
from captionfix.pictures import groups
from captionfix.pictures.records import Keep, KeepPolicy
from captionfix.runs import fingerprinting, grouping, images
from captionfix.runs.image_report import ImageMention
from captionfix.runs.images import survey
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

LARGE, SMALL, OTHER = saved(photo()), saved(photo().resize((320, 240))), saved(photo(2))
WEBP = saved(photo(), "WEBP", quality=30)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
NO_CACHE = Settings(cache=False)
LOADED = """
import sys
from captionfix.cli import main
try:
    main()
finally:
    print("numpy" if "numpy" in sys.modules else "", file=sys.stderr)
"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    put(
        folder,
        {"img/large.jpg": LARGE, "img/small.jpg": SMALL, "img/other.jpg": OTHER, "page.html": b"<!doctype html>"},
    )
    return folder


def put(folder, contents):
    """Write files long ago, so that what they hold can be remembered."""
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1e9, 1e9))


def found(*paths, settings=NO_CACHE, keep="best", **options):
    roots = Roots([Path(path) for path in paths])
    return survey(roots, settings, roots.policy(keep), **options)


def files(result):
    return [group.files for group in result.groups]


def bad(result):
    return {error.locator: error.cause for error in result.bad}


def run(*arguments, cwd=None):
    return forked.run("images", *arguments, cwd=cwd, environment={})


def here(monkeypatch, capfdbinary, *arguments):
    """The same without a new process: exit code, standard output and error."""
    monkeypatch.setattr(sys, "argv", ["captionfix", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    out, err = capfdbinary.readouterr()
    return caught.value.code, out.decode(), err.decode()


@pytest.fixture
def command(monkeypatch, capfdbinary):
    return lambda *arguments: here(monkeypatch, capfdbinary, *arguments)


# What is found


def test_sizes_and_formats_of_a_picture_are_one_group(site):
    """The largest file comes first and is kept; names are below the root, with slashes."""
    put(site, {"deep/er/large.webp": WEBP})
    result = found(site)
    assert files(result) == [("img/large.jpg", "deep/er/large.webp", "img/small.jpg")]
    kept, webp, small = result.groups[0].members
    assert (kept.width, kept.height, kept.size, kept.format, kept.frames) == (640, 480, len(LARGE), "JPEG", 1)
    assert (webp.relation.value, small.relation.value) == ("format", "resized")
    assert result.counts.repeats == 2
    assert result.counts.bytes == len(WEBP) + len(SMALL)
    assert (result.counts.images, result.counts.others) == (4, 1)


def test_nothing_and_one_file(site, tmp_path):
    """An empty folder and a single image come to nothing, and that is told."""
    (tmp_path / "empty").mkdir()
    assert found(tmp_path / "empty").counts.sentence() == "0 images, no two are the same picture"
    result = found(site / "img" / "large.jpg")
    assert (files(result), result.counts.images) == ([], 1)


def test_several_roots(site, tmp_path, monkeypatch):
    """Each name begins with its root as the user gave it; a file that is named itself is called so."""
    put(tmp_path / "more", {"copy.jpg": LARGE})
    put(tmp_path, {"alone.jpg": LARGE})
    monkeypatch.chdir(tmp_path)
    result = found("site", "more/", "alone.jpg")
    assert files(result) == [("site/img/large.jpg", "alone.jpg", "more/copy.jpg", "site/img/small.jpg")]


@pytest.mark.parametrize(
    "paths", [("site", "site"), ("site", "site/img"), ("site/img/large.jpg", "site"), ("a", "./a")]
)
def test_nothing_is_met_twice(site, tmp_path, monkeypatch, paths):
    """Paths inside one another are refused: a file would be a copy of itself."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="name each once"):
        Roots([Path(path) for path in paths])


def test_what_a_file_is_tell_its_first_bytes(tmp_path):
    """Images are found under any name; what is only called an image is bad; other files are left alone."""
    put(
        tmp_path,
        {
            "a": LARGE, "b.php?id=3": SMALL, "c.txt": OTHER, "notes": b"BMW makes cars", "d.gz": b"\x1f\x8b\x08no",
            "page.jpg": b"<!DOCTYPE html><p>gone", "empty.png": b"", "x.svg": SVG, "y": SVG, "empty": b"",
            "doc.gif": b"%PDF-1.4", "set.zip": b"PK\x03\x04",
        },
    )  # fmt: skip
    result = found(tmp_path)
    assert {frozenset(group) for group in files(result)} == {frozenset(("a", "b.php?id=3")), frozenset(("x.svg", "y"))}
    assert bad(result) == {
        "doc.gif": "is a PDF document, no picture",
        "empty.png": "is empty",
        "page.jpg": "holds a web page, no picture",
    }
    assert (result.counts.bad, result.counts.others) == (3, 4)


def test_bad_images_are_named(tmp_path):
    """Bombs, cut and lying files have a cause each, in order of name, and stop nothing."""
    put(
        tmp_path,
        {
            "a.jpg": LARGE, "b.jpg": LARGE, "bomb.png": png(60000, 60000), "cut.jpg": LARGE[:5000],
            "lying.png": png(300, 200, b"\0"), "noise.gif": b"GIF89a" + bytes(40),
        },
    )  # fmt: skip
    result = found(tmp_path, jobs=2)
    assert files(result) == [("a.jpg", "b.jpg")]
    assert list(bad(result)) == ["bomb.png", "cut.jpg", "lying.png", "noise.gif"]
    assert bad(result)["cut.jpg"] == "is cut off"
    assert all(isinstance(error, PictureError) for error in result.bad)


def test_a_huge_file_is_not_read(tmp_path):
    """A sparse file of gigabytes that begins like an image is bad by its size alone."""
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.write(LARGE)
        file.truncate(2**32)
    result = found(tmp_path)
    assert bad(result) == {"huge.jpg": "has 4,294,967,296 bytes, more than 134,217,728"}


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are those of POSIX")
def test_nothing_is_followed_out_of_the_root(site, tmp_path):
    """Links and pipes in folders are left alone, whatever they lead to; a link that is named is followed."""
    put(tmp_path, {"secret.jpg": LARGE})
    (site / "link.jpg").symlink_to("../secret.jpg")
    (site / "folder").symlink_to(tmp_path)
    (site / "again.jpg").symlink_to("img/large.jpg")
    os.mkfifo(site / "pipe.jpg")
    (site / ".captionfix-3kd_x81a.tmp").write_bytes(LARGE)
    left = {}
    result = found(site, left=left.__setitem__)
    assert files(result) == [("img/large.jpg", "img/small.jpg")]
    assert bad(result) == {}
    assert left == {
        "link.jpg": "a link", "folder": "a link", "again.jpg": "a link", "page.html": "no image",
        "pipe.jpg": "a pipe, a socket or a device", ".captionfix-3kd_x81a.tmp": "a temporary file",
    }  # fmt: skip
    assert found(site / "again.jpg").counts.images == 1


def test_hard_links_take_no_room(site):
    """Another name of the same file is a copy that takes no bytes."""
    os.link(site / "img" / "large.jpg", site / "img" / "twin.jpg")
    result = found(site)
    assert len(result.groups[0].members) == 3
    assert result.counts.bytes == len(SMALL)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read(site):
    """An unreadable image and an unreadable folder are errors."""
    (site / "img" / "other.jpg").chmod(0)
    result = found(site)
    (site / "img" / "other.jpg").chmod(0o644)
    assert result.counts.unread == 1


def test_unread_files_are_errors(site, monkeypatch):
    """A file that cannot be read, and a path that is not there, are told and make the exit code 2."""
    real = atomic.read

    def read(path):
        if path.name == "small.jpg":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(atomic, "read", read)
    result = found(site)
    assert bad(result) == {"img/small.jpg": "cannot be read: Permission denied"}
    assert (result.counts.unread, result.counts.bad) == (1, 0)
    assert result.counts.exit_code(found_is_one=True) == 2
    assert bad(found(site, site.parent / "gone")) | {"x": ""} != {"x": ""}


def test_a_lost_process_is_told():
    """An image that ends the process which looks at it is an error with its name."""
    assert fingerprinting.lost(fingerprinting.ImageTask(3, "a.jpg", "/a.jpg")).error.locator == "a.jpg"


def test_a_fault_of_ours_stops_nothing(site, monkeypatch):
    """An error that nobody thought of is told with the image that made it."""
    monkeypatch.setattr(fingerprinting, "know", lambda *_: 1 / 0)
    result = found(site)
    assert len(result.bad) == 3
    assert result.bad[0].cause.startswith("captionfix is at fault: ZeroDivisionError")


# Which is kept


KEPT = [
    ("best", "img/large.jpg"), ("largest", "img/large.jpg"), ("smallest", "img/small.jpg"), ("first", "a.jpg"),
    ("in:{}/thumbs", "thumbs/t.jpg"), ("in:{}", "img/large.jpg"),
]  # fmt: skip


@pytest.mark.parametrize(("keep", "kept"), KEPT)
def test_which_image_is_kept(site, keep, kept):
    """The best, the largest, the smallest, the first by name, or one in a folder."""
    put(site, {"a.jpg": saved(photo().resize((400, 300))), "thumbs/t.jpg": saved(photo().resize((360, 270)))})
    assert found(site, keep=keep.format(site)).groups[0].keep == kept


def test_a_folder_to_keep(site, tmp_path, monkeypatch):
    """in:PATH names a folder below the paths, one of them, or one above; others are wrong usage."""
    put(tmp_path / "more", {"x.jpg": LARGE})
    monkeypatch.chdir(tmp_path)
    roots = Roots([Path("site"), Path("more")])
    assert roots.policy("in:more") == KeepPolicy(Keep.IN, ("more/",))
    assert roots.policy("in:site/img") == KeepPolicy(Keep.IN, ("site/img/",))
    assert roots.policy("in:.") == KeepPolicy(Keep.IN, ("site/", "more/"))
    for wrong in ("in:", "in", "in:elsewhere", "in:site/img/large.jpg", "nicest", "best:site"):
        with pytest.raises(UsageError, match="--keep"):
            roots.policy(wrong)


# The same whatever happens around it


@pytest.mark.slow
def test_the_output_is_the_same_whatever_the_number_of_processes(tmp_path):
    """Groups, members and bad images come in one order, with the cache and without."""
    contents = {f"{number:02}/{name}.jpg": data for number in range(9) for name, data in
                (("a", LARGE), ("b", SMALL), ("c", saved(photo(number + 5), quality=60)))}  # fmt: skip
    put(tmp_path / "site", contents | {"cut.jpg": LARGE[:999], "07/x.png": b""})
    cache = ("--cache", tmp_path / "cache.db")
    outputs = [run(tmp_path / "site", "--format", "json", *options).stdout for options in
               (("--no-cache",), ("--no-cache", "-j", 2), (*cache, "-j", 3), cache)]  # fmt: skip
    assert len(set(outputs)) == 1
    assert json.loads(outputs[0])["counts"]["images"] == 27


def looked_at(monkeypatch):
    """The images that are decoded from now on."""
    count = []
    real = fingerprints.fingerprint
    monkeypatch.setattr(fingerprinting, "fingerprint", lambda data: count.append(1) or real(data))
    return count


def test_a_second_run_reads_nothing(site, tmp_path, monkeypatch):
    """An unchanged image is neither opened nor compared again, a bad one neither; a changed one is."""
    put(site, {"cut.jpg": LARGE[:5000]})
    settings = Settings(cache_path=str(tmp_path / "cache.db"))
    first = found(site, settings=settings)
    count = looked_at(monkeypatch)
    reads = []
    real = atomic.read
    monkeypatch.setattr(atomic, "read", lambda path: reads.append(path) or real(path))
    monkeypatch.setattr(groups, "verify", None)
    again = found(site, settings=settings)
    assert again.groups == first.groups
    assert bad(again) == bad(first) == {"cut.jpg": "is cut off"}
    assert (reads, count) == ([], [])
    put(site, {"img/other.jpg": SMALL + b"\0"})
    os.utime(site / "img" / "other.jpg", (2e9, 2e9))
    monkeypatch.undo()
    assert files(found(site, settings=settings)) == [("img/large.jpg", "img/other.jpg", "img/small.jpg")]


def test_a_second_run_groups_nothing_anew(site, tmp_path, monkeypatch):
    """The same images come to the same groups, which needs no NumPy; another policy, name or image does not."""
    command = [sys.executable, "-c", LOADED, "images", str(site), "--cache", str(tmp_path / "cache.db")]
    runs = [
        subprocess.run([*command, *more], capture_output=True, check=True) for more in ((), (), ("--keep", "first"))
    ]
    assert runs[0].stdout == runs[1].stdout
    assert [b"numpy" in run.stderr for run in runs] == [True, False, True]
    settings = Settings(cache_path=str(tmp_path / "cache.db"))
    before = files(found(site, settings=settings))
    monkeypatch.setattr(grouping, "grouped", None)
    assert files(found(site, settings=settings)) == before
    (site / "img" / "small.jpg").rename(site / "img" / "smaller.jpg")
    with pytest.raises(TypeError):
        found(site, settings=settings)


@pytest.mark.parametrize("data", [b"", b"{", b"[[[]], []]", b"[[[[1]]], []]", b"7"])
def test_groups_that_are_not_kept_well_are_found_anew(site, tmp_path, data):
    """Whatever stands in the cache, the run goes on."""
    settings = Settings(cache_path=str(tmp_path / "cache.db"))
    before = found(site, settings=settings).groups
    with closing(sqlite3.connect(settings.cache_path)) as database, database:
        assert database.execute("UPDATE groupings SET data = ?", (data,)).rowcount == 1
    assert found(site, settings=settings).groups == before


def test_without_a_cache_nothing_is_left(site, tmp_path, monkeypatch):
    """--no-cache keeps fingerprints in a file that goes with the run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.rglob("*"))
    assert files(found(site))
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["another program's", "damaged", "read only"])
def test_a_cache_that_cannot_be_used_breaks_no_run(site, tmp_path, monkeypatch, kind):
    """The run goes on without it, says so once, and finds the same."""
    path = tmp_path / "cache.db"
    if kind == "another program's":
        import sqlite3

        sqlite3.connect(path).execute("CREATE TABLE mine (x)").connection.close()
    elif kind == "damaged":
        path.write_bytes(b"these are no tables" * 500)
    else:
        import sqlite3

        found(site, settings=Settings(cache_path=str(path)))
        put(site, {"img/new.jpg": WEBP})
        real = sqlite3.connect

        def connect(where, **options):
            database = real(where, **options)
            if Path(where) == path:
                database.execute("PRAGMA query_only = ON")  # root may write what is read only
            return database

        monkeypatch.setattr(sqlite3, "connect", connect)
    before = path.read_bytes()
    result = found(site, settings=Settings(cache_path=str(path)))
    assert files(result)[0][0] == "img/large.jpg"
    assert len(result.notes) == 1
    assert str(path) in result.notes[0]
    assert path.read_bytes() == before


def test_images_that_change_while_they_are_compared(site, monkeypatch):
    """An image that nobody kept and that is gone when its pixels are needed is bad; the rest is told."""
    put(site, {"img/webp": WEBP})
    monkeypatch.setattr(images.Store, "find", lambda *_: None)
    real, gone = grouping.ImageSet.clusters, site / "img" / "small.jpg"

    def clusters(pool):
        gone.unlink(missing_ok=True)
        return real(pool)

    monkeypatch.setattr(grouping.ImageSet, "clusters", clusters)
    result = found(site)
    assert files(result) == [("img/large.jpg", "img/webp")]
    assert bad(result) == {"img/small.jpg": "cannot be read again: No such file or directory"}


@pytest.mark.slow
def test_two_runs_at_once(tmp_path):
    """Runs that share a new cache find the same, without trouble."""
    put(tmp_path / "site", {f"{number}.jpg": saved(photo(number % 8), quality=50 + number) for number in range(24)})
    command = [sys.executable, "-m", "captionfix", "images", tmp_path / "site", "--cache", tmp_path / "cache.db"]
    running = [subprocess.Popen([*command, "-j", "2"], stdout=-1, stderr=-1) for _ in range(2)]
    outputs = {process.communicate() for process in running}
    assert len(outputs) == 1
    assert outputs.pop()[1] == b""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")
def test_killed_while_it_writes(tmp_path, monkeypatch):
    """A run that is killed at any moment leaves a sound cache, and the next one goes on from there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    put(
        tmp_path / "site",
        {f"{number}.jpg": saved(photo(number % 20), quality=50 + number % 40) for number in range(60)},
    )
    arguments = (tmp_path / "site", "--cache", tmp_path / "cache.db", "--format", "json", "-o", tmp_path / "out.json")
    for seconds in (0.6, 0.9, 1.2):
        process = subprocess.Popen([sys.executable, "-m", "captionfix", "images", *map(str, arguments)])
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "out.json").read_bytes() == run(tmp_path / "site", "--no-cache", "--format", "json").stdout


# How it is told


HOSTILE = {
    "a\nb\x1b[31m.jpg": LARGE, "\u202egpj.exe.jpg": LARGE, "=cmd|' /C calc'!A0.jpg": LARGE, '"><b>q\'.jpg': LARGE,
    "[red]x[/b].jpg": LARGE, "-1+1.jpg": LARGE, "\x9b31m.jpg": LARGE, "@x.jpg": LARGE, "é ü 日本.jpg": LARGE,
    os.fsdecode(b"\xff\xfe.jpg"): LARGE,
}  # fmt: skip


@pytest.fixture
def hostile(tmp_path):
    put(tmp_path / "site", HOSTILE)
    return tmp_path / "site"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_never_act_on_a_terminal(hostile, command):
    """No form holds a control or bidirectional character of a name, and each holds a line a file."""
    for form in ("text", "json", "csv", "html"):
        code, out, err = command("images", hostile, "--no-cache", "--format", form)
        assert (code, err) == (0, "")
        assert not set(out) & set("\x1b\x9b\u202e\x00\x07")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_json_says_names_exactly(hostile, command):
    """Every name can be had back from JSON; of one that is no UTF-8, the bytes stand beside it."""
    import base64

    _, out, _ = command("images", hostile, "--no-cache", "--format", "json")
    data = json.loads(out)
    members = data["groups"][0]["members"]
    names = {os.fsdecode(base64.b64decode(m["file_base64"])) if "file_base64" in m else m["file"] for m in members}
    assert names == set(HOSTILE)
    assert (data["schema"], data["roots"]) == (1, [str(hostile)])
    assert data["groups"][0]["keep"] == data["groups"][0]["files"][0] == members[0]["file"]
    assert members[1]["relation"] == "identical"
    assert set(members[1]["evidence"][0]) == {"kind", "name", "figure"}
    assert set(members[0]) - {"file_base64"} == {
        "file", "relation", "safety", "distance", "width", "height", "bytes", "format", "frames", "sha256", "window",
        "twin", "evidence",
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_csv_holds_no_formula(hostile, command):
    """One row a member, and no cell that a spreadsheet would calculate."""
    _, out, _ = command("images", hostile, "--no-cache", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert len(rows) == len(HOSTILE)
    assert [row["kept"] for row in rows].count("1") == 1
    assert not [
        cell for row in rows for cell in row.values() if cell.startswith(("=", "-", "+", "@", "\t", "\r", "\n"))
    ]
    assert "'-1+1.jpg" in {row["file"] for row in rows}


def test_lines(site, command):
    """A group is the kept file, then the others with relation, figures and why; then what was bad, and the sum."""
    put(site, {"cut.jpg": LARGE[:5000]})
    code, out, err = command("images", site, "--no-cache")
    told = out.splitlines()
    assert (code, err) == (0, "")
    assert told[0] == f"img/large.jpg: kept, 640 x 480, {len(LARGE):,} bytes, JPEG"
    assert told[1] == f"    img/small.jpg: resized, 320 x 240, {len(SMALL):,} bytes, JPEG"
    assert told[2].startswith("        pixels: ")
    assert told[4].startswith("bad image cut.jpg: byte 5000: is cut off; ")
    assert told[5].startswith(f"3 images, 1 group of the same picture: 1 file repeats another, {len(SMALL):,} bytes; ")
    assert told[5].endswith("; 1 bad image; 1 other file")


def test_animations_have_frames(tmp_path):
    """How many frames an image has is told; that of a picture of several views in a JPEG is one."""
    frames = [photo(seed, 64, 48) for seed in (1, 2, 3)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    put(tmp_path, {"a.gif": data, "b.gif": data})
    member = found(tmp_path).groups[0].members[0]
    assert (member.format, member.frames) == ("GIF", 3)


def test_places_stand_beside_a_member(site):
    """Given a call that tells where pages show an image, the report has its places."""
    result = found(site)

    def spots(file):
        return [ImageMention("page.html", 3, 7, "img src")] if file.endswith("small.jpg") else []

    data = json.loads("".join(json_parts(result, "0", spots)))
    assert [member["places"] for member in data["groups"][0]["members"]] == [
        [],
        [{"page": "page.html", "line": 3, "column": 7, "kind": "img src"}],
    ]
    told = list(lines(result, spots))
    assert "        at page.html:3:7 (img src)" in told
    assert told.count("        no place names it") == 1


def test_exit_codes(site, tmp_path, command):
    """0 done; 1 with --exit-code where groups are; 2 where something could not be read; 3 for wrong usage."""
    assert command("images", site, "--no-cache")[0] == 0
    assert command("images", site, "--no-cache", "--exit-code")[0] == 1
    assert command("images", site / "img" / "large.jpg", "--no-cache", "--exit-code")[0] == 0
    code, out, err = command("images", site, tmp_path / "gone", "--no-cache", "--exit-code")
    assert code == 2
    assert "gone: cannot be read: No such file" in err
    assert "1 group" in out
    for wrong in ((), ("-",), ("",), (site, site), (site, "--keep", "x"), (site, "--format", "xml")):
        assert command("images", *wrong)[0] == 3


def test_quiet_and_verbose(site, command):
    """--quiet tells errors only, --verbose the files left alone too."""
    assert command("images", site, "--no-cache", "-q") == (0, "", "")
    _, _, err = command("images", site, "--no-cache", "-v")
    assert err == "page.html: left alone, no image\n"
    assert json.loads(command("images", site, "--no-cache", "-q", "--format", "json")[1])["groups"]


def test_a_report_in_a_file(site, tmp_path, command):
    """-o writes it whole with the sum on standard output; an image or a folder is never overwritten."""
    target = tmp_path / "new" / "out.csv"
    code, out, _ = command("images", site, "--no-cache", "--format", "csv", "-o", target)
    assert (code, out.count("\n")) == (0, 1)
    assert target.read_bytes().startswith(b"group,kept,file")
    assert os.name == "nt" or target.stat().st_mode & 0o777 == 0o666 & ~images.files._umask()  # noqa: SLF001
    for wrong in (site / "img" / "large.jpg", site):
        assert command("images", site, "--no-cache", "-o", wrong)[0] == 3
    assert (site / "img" / "large.jpg").read_bytes() == LARGE
    assert command("images", site, "--no-cache", "-q", "-o", target)[:2] == (0, "")
    assert target.read_text(encoding="utf-8").startswith("img/large.jpg: kept")


def test_a_report_that_cannot_be_finished(tmp_path):
    """What stood there stays, and nothing half written is left."""
    target = tmp_path / "out.json"
    target.write_bytes(b"before")

    def parts():
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        images.files.write_parts(target, parts())
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    assert target.read_bytes() == b"before"
