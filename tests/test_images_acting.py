"""captionfix images from comparing to acting and back, by the command itself, on small sites with painted pictures."""

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import time

import pytest
from acts import group, member, picture, retold, write
from images import photo, saved
from pages import snapshot
from PIL import ImageOps

from captionfix import cli
from captionfix.archives.journal_store import JournalStore
from captionfix.cli.terminal import Bar
from captionfix.dedupe import mentions
from captionfix.model import Safety
from captionfix.pictures.relations import ImageRelation
from captionfix.runs import grouping, images

LARGE, SMALL = saved(photo()), saved(photo().resize((320, 240)))
PAGE = (
    "<!DOCTYPE html>\r\n<p>caf\xe9 <IMG src = 'img/copy.png' srcset=\"img/again.png 1x, img/other.png 2x\">\r\n"
    '<a href=img/copy.png>large</a><figure style="background:url(img/again.png)"></i>\x80'
).encode("latin-1")
CSS = "p{background:url( ../img/copy.png )}"
SITE = {
    "img/boat.png": picture(), "img/copy.png": picture(), "img/again.png": retold(), "img/other.png": picture(2),
    "page.html": PAGE, "css/a.css": CSS, "sub/x.html": "<img src=../img/boat.png>",
}  # fmt: skip
BOTH = ("--relink", "--remove", "quarantine")
APPLY = (*BOTH, "--apply", "--state-dir", "state")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site in a folder of its own, with one picture under three names; the kept one is the first by name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAPTIONFIX_STATE_DIR", str(tmp_path / "state"))
    return write(tmp_path / "site", SITE)


@pytest.fixture
def command(monkeypatch, capfdbinary):
    """The command without a new process: exit code, standard output and error."""

    def here(*arguments):
        monkeypatch.setattr(sys, "argv", ["captionfix", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        out, err = capfdbinary.readouterr()
        return caught.value.code, out.decode(), err.decode()

    return here


@pytest.fixture
def act(command):
    """The command on the site, keeping the first file by name."""
    return lambda *arguments: command("images", "site", "--no-cache", "--keep", "first", *arguments)


def names(site):
    return {path.relative_to(site).as_posix() for path in snapshot(site)}


# What is done


def test_a_dry_run_tells_and_changes_nothing(site, act):
    """What would be done, place by place, and the bytes that it saves; no byte and no time of the site changes."""
    before = {path: (raw, path.stat().st_mtime_ns) for path, raw in snapshot(site).items()}
    code, out, err = act(*BOTH)
    assert code == 0
    assert 'page.html:2:21: "img/copy.png" would be "img/again.png"' in out
    saves = len(SITE["img/boat.png"]) + len(SITE["img/copy.png"])
    assert f"4 places in 3 pages to relink, 2 files to remove, {saves:,} bytes to save" in out
    assert "img/copy.png: would go into quarantine; img/again.png stays" in out
    assert "nothing was written; --apply does it" in err
    assert {path: (raw, path.stat().st_mtime_ns) for path, raw in snapshot(site).items()} == before
    assert not (site.parent / "state").exists()


def test_applied_and_taken_back(site, act, command):
    """Pages, style sheets and sets name the kept file, copies are in quarantine; undo gives every byte back."""
    before = snapshot(site)
    code, out, err = act(*APPLY)
    assert (code, "takes it back" in err) == (0, True)
    assert "4 places in 3 pages relinked, 2 files removed" in out
    assert (site / "page.html").read_bytes() == PAGE.replace(b"img/copy.png", b"img/again.png")
    assert (site / "css/a.css").read_text() == CSS.replace("copy", "again")
    assert (site / "sub/x.html").read_text() == "<img src=../img/again.png>"
    assert names(site) == set(SITE) - {"img/boat.png", "img/copy.png"}
    after = snapshot(site)
    code, out, _ = act(*APPLY)
    assert (code, "0 places in 0 pages relinked, 0 files removed, 0 bytes saved" in out) == (0, True)
    assert snapshot(site) == after
    code, out, _ = command("undo")
    assert (code, "3 pages restored, 2 files brought back" in out) == (0, True)
    assert snapshot(site) == before


@pytest.mark.parametrize("way", ["hardlink", "delete"])
def test_other_ways(site, act, command, way):
    """Only the very same bytes are deleted or linked; what is the same in pixels alone stays."""
    (site / "img/again.png").rename(site / "img/z.png")
    write(site, {"page.html": PAGE.replace(b"again", b"z")})
    before = snapshot(site)
    assert act("--relink", "--remove", way, "--apply")[0] == 0
    assert (site / "img/z.png").read_bytes() == retold()
    assert (site / "img/boat.png").read_bytes() == picture()
    assert (site / "img/copy.png").exists() == (way == "hardlink")
    assert command("undo")[0] == 0
    assert snapshot(site) == before


def test_the_kept_file_is_the_users_choice(site, act):
    """--keep decides which name survives, and every place then says it."""
    write(site, {"old/boat.png": picture()})
    assert act("--keep", "in:site/old", *APPLY)[0] == 0
    assert {name for name in names(site) if name.endswith("png")} == {"old/boat.png", "img/other.png"}
    assert b"img/copy" not in (site / "page.html").read_bytes()


def test_one_size(site, act, command):
    """Size variants stay as they are, page and file; with --one-size they are relinked and removed, and come back."""
    write(site, {"big.jpg": LARGE, "big-320.jpg": SMALL, "sizes.html": "<a href=big.jpg><img src=big-320.jpg></a>"})
    before = snapshot(site)
    code, out, _ = command("images", "site", "--no-cache", *BOTH, "--verbose")
    assert (code, "refused: big-320.jpg: differs in size" in out) == (0, True)
    assert command("images", "site", "--no-cache", *APPLY)[0] == 0
    assert (site / "big-320.jpg").exists()
    assert (site / "sizes.html").read_bytes() == before[site / "sizes.html"]
    assert command("undo")[0] == 0
    assert command("images", "site", "--no-cache", *APPLY, "--one-size")[0] == 0
    assert not (site / "big-320.jpg").exists()
    assert (site / "sizes.html").read_text() == "<a href=big.jpg><img src=big.jpg></a>"
    assert command("undo")[0] == 0
    assert snapshot(site) == before


def test_damaged(site, command):
    """The page's use of a file that is cut off is named, with --damaged relinked, and comes back."""
    write(site, {"whole.jpg": LARGE, "cut.jpg": LARGE[: len(LARGE) * 3 // 4], "cut.html": "<img src=cut.jpg>"})
    before = snapshot(site)
    code, out, _ = command("images", "site", "--no-cache", "--relink")
    assert (code, "cut.html:1:10: cut.jpg is damaged, and whole.jpg is whole" in out) == (0, True)
    assert command("images", "site", "--no-cache", "--relink", "--damaged", "--apply", "--state-dir", "state")[0] == 0
    assert (site / "cut.html").read_text() == "<img src=whole.jpg>"
    assert (site / "cut.jpg").exists()
    assert command("undo", "--state-dir", "state")[0] == 0
    assert snapshot(site) == before
    assert command("images", "site", "--no-cache", "--damaged")[0] == 3


def test_a_plan_is_carried_out_later(site, act, command):
    """--plan writes what would be done, with the address of the folder; apply does it."""
    write(site, {"page.html": "<img src='https://boats.example/img/copy.png'>"})
    code, out, _ = act(*BOTH, "--url", "https://boats.example/", "--plan", "plan.json")
    assert (code, "3 places in 3 pages to relink" in out) == (0, True)
    assert command("apply", "plan.json")[0] == 0
    assert (site / "page.html").read_text() == "<img src='https://boats.example/img/again.png'>"


@pytest.mark.parametrize("given", ["option", "working directory", "config"])
def test_the_address_may_be_a_setting(site, act, given):
    """--url, url of captionfix.toml and of the file that --config names say the same."""
    write(site, {"page.html": "<img src='https://boats.example/img/copy.png'>"})
    options = {"option": ("--url", "https://boats.example"), "config": ("--config", "mine.toml")}.get(given, ())
    if given != "option":
        name = "mine.toml" if given == "config" else "captionfix.toml"
        (site.parent / name).write_text("url = 'https://boats.example'\n")
    assert act(*APPLY, *options)[0] == 0
    assert (site / "page.html").read_text() == "<img src='https://boats.example/img/again.png'>"
    assert not (site / "img/copy.png").exists()


# What must stay as it is


NAMED = {
    "json-ld": '<script type="application/ld+json">{"image": "https:\\/\\/boats.example\\/img\\/copy.png"}</script>',
    "script": "<script>show('img/' + 'copy.png')</script>",
    "meta": "<meta property=og:image content=/img/copy.png>",
    "comment": "<!-- img/copy.png -->",
    "template": "<template><img src=img/copy.png></template>",
    "query": "<img src='img/copy.png?w=300'>",
}


@pytest.mark.parametrize("where", NAMED)
def test_what_is_named_elsewhere_stays(site, act, where):
    """A file that data, a script, a comment or the like names is not removed, and that place is not edited."""
    write(site, {"named.html": NAMED[where]})
    code, out, _ = act(*APPLY, "--verbose")
    assert code == 0
    assert "refused: " in out
    assert (site / "img/copy.png").read_bytes() == picture()
    assert (site / "named.html").read_text() == NAMED[where]
    assert not (site / "img/boat.png").exists()


@pytest.mark.parametrize("name", ["data.json", "feed.xml", "app.js", "notes.txt"])
def test_what_other_texts_name_stays(site, act, name):
    """A file stays while its name stands in any text of the archive."""
    write(site, {name: "copy.png"})
    assert act(*APPLY)[0] == 0
    assert (site / "img/copy.png").exists()
    assert (site / name).read_text() == "copy.png"


CHANGED = {
    "crop": photo().crop((0, 0, 400, 400)),
    "mirrored": ImageOps.mirror(photo()),
    "greyed": ImageOps.grayscale(photo()),
    "framed": ImageOps.expand(photo(), 40, (200, 30, 30)),
    "another": photo(3),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_shows_something_else_stays(site, command, name):
    """Crops, mirrored, greyed and framed pictures are never relinked or removed, not even with --one-size."""
    write(site, {"whole.jpg": LARGE, f"{name}.jpg": saved(CHANGED[name])})
    write(site, {"all.html": f"<a href=whole.jpg><img src={name}.jpg></a>"})
    before = snapshot(site)
    assert command("images", "site", "--no-cache", *APPLY, "--one-size")[0] == 0
    assert (site / "all.html").read_bytes() == before[site / "all.html"]
    assert {"whole.jpg", f"{name}.jpg"} < names(site)


@pytest.mark.parametrize(
    "relation", [ImageRelation.CROP, ImageRelation.EDITED, ImageRelation.FRAMED, ImageRelation.MIRRORED, "review"]
)
def test_members_of_groups_that_may_not_be_acted_upon_stay(site, act, monkeypatch, relation):
    """Whatever comparing says of crops, edits and pictures for review, the command does nothing about them."""
    values = {"safety": Safety.REVIEW} if relation == "review" else {}
    other = member(site, "img/copy.png", ImageRelation.IDENTICAL if relation == "review" else relation, **values)
    monkeypatch.setattr(grouping.ImageSet, "groups", lambda *_: [group(site, "img/boat.png", other)])
    before = snapshot(site)
    for options in ((), ("--one-size",)):
        code, _, err = act(*APPLY, *options)
        assert (code, "1 refusal" in err) == (0, True)
    assert snapshot(site) == before
    assert not JournalStore(site.parent / "state").paths()


def test_equal_files_take_each_others_place_beside_a_larger_one(site, command):
    """Two names of one thumbnail become one without --one-size, and never the larger picture."""
    small = saved(photo(1, 640, 480).resize((160, 120)))
    write(site, {"whole.jpg": LARGE, "one.jpg": small, "two.jpg": small})
    write(site, {"all.html": "<img src=whole.jpg><img src=one.jpg><img src=two.jpg>"})
    assert command("images", "site", "--no-cache", *APPLY)[0] == 0
    assert (site / "all.html").read_text() == "<img src=whole.jpg><img src=one.jpg><img src=one.jpg>"
    assert {"whole.jpg", "one.jpg"} < names(site)
    assert "two.jpg" not in names(site)


def test_nothing_is_acted_upon_unasked(site, act):
    """Looking alone, with places and in every form, changes nothing and keeps no journal."""
    before = snapshot(site)
    for form in ("text", "json", "csv", "html"):
        assert act("--places", "--format", form)[0] == 0
    assert snapshot(site) == before
    assert not (site.parent / "state").exists()


def test_a_site_without_repeats_stays(site, act):
    """Where no two files are one picture, acting has nothing to do, and says so."""
    for name in ("img/copy.png", "img/again.png"):
        (site / name).unlink()
    before = snapshot(site)
    code, out, _ = act(*APPLY, "--exit-code")
    assert (code, "0 places in 0 pages relinked" in out) == (0, True)
    assert snapshot(site) == before


def test_a_page_that_may_not_be_written_keeps_its_files(site, act):
    """A read-only page is named, exit code 2; it stays, and so does what it names. The rest goes on."""
    (site / "page.html").chmod(0o444)
    code, _, err = act(*APPLY)
    assert (code, "page.html: is read-only" in err) == (2, True)
    assert (site / "page.html").read_bytes() == PAGE
    assert (site / "img/copy.png").exists()
    assert (site / "css/a.css").read_text() == CSS.replace("copy", "again")


def test_what_cannot_be_read_keeps_every_file(site, act, monkeypatch):
    """A text that may name any file and cannot be read is told, exit code 2, and nothing is removed."""
    monkeypatch.setattr(mentions, "_MOST", 1000)
    write(site, {"dump.sql": b"x" * 1001})
    code, _, err = act(*APPLY)
    assert (code, err.count("error: dump.sql: has more than 1,000 bytes")) == (2, 1)
    assert {name for name in names(site) if name.endswith("png")} == {name for name in SITE if name.endswith("png")}
    assert act("--places")[0] == 2
    assert act()[0] == 0


WRONG = [
    (("images", "site", "more", *BOTH), "one archive at a time"),
    (("images", "site/img/boat.png", "--relink"), "one archive at a time"),
    (("images", "site", "more", "--places"), "one archive at a time"),
    (("images", "site/img/boat.png", "--places"), "one archive at a time"),
    (("images", "gone", "--relink"), "name the one folder"),
    (("images", "site", "--apply"), "add --relink, --remove or both"),
    (("images", "site", "--one-size"), "add --relink, --remove or both"),
    (("images", "site", "--plan", "plan.json"), "add --relink, --remove or both"),
    (("images", "site", "--relink", "--plan", "site/plan.json"), "is inside the archive"),
    (("images", "site", "--relink", "-o", "site/report.txt"), "is inside the archive"),
    (("images", "site", "--relink", "--plan", "x", "-o", "x"), "name two files"),
    (("images", "site", "--relink", "--plan", "more/a.png"), "is an image"),
    (("images", "site", "--relink", "--apply", "--state-dir", "site/state"), "name another --state-dir"),
    (("images", "site", "--remove", "burn"), "burn"),
    (("images", "site", "--relink", "--url", "javascript:x"), "'url' takes"),
    (("images", "site", "--config", "none.toml"), "cannot be read"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=lambda value: " ".join(value) if len(value) < 9 else "says")
def test_wrong_usage_is_refused_before_anything_is_looked_at(site, command, monkeypatch, arguments, says):
    """Exit code 3, what to do, and no file is opened."""
    write(site.parent / "more", {"a.png": picture()})
    monkeypatch.setattr(images, "survey", None)
    before = snapshot(site.parent)
    code, out, err = command(*arguments)
    assert (code, out) == (3, "")
    assert says in re.sub(r"[\s│]+", " ", err)
    assert snapshot(site.parent) == before


# How it is told


def test_places_in_json(site, act):
    """Each member has the places that name it, of whatever kind; without --places the key is not there."""
    write(site, {"data.json": '["copy.png"]'})
    (group_of_three,) = json.loads(act("--format", "json", "--places")[1])["groups"]
    told = {each["file"]: each["places"] for each in group_of_three["members"]}
    assert [(each["page"], each["kind"]) for each in told["img/copy.png"]] == [
        ("css/a.css", "url()"), ("data.json", "text"), ("page.html", "img src"), ("page.html", "a href"),
    ]  # fmt: skip
    assert told["img/boat.png"] == [{"page": "sub/x.html", "line": 1, "column": 10, "kind": "img src"}]
    for options in ((), BOTH):
        assert "places" not in json.loads(act("--format", "json", *options)[1])["groups"][0]["members"][0]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_pages_with_names_that_are_no_text(site, act):
    """A page whose name is no UTF-8 has its bytes beside it, and acts on no terminal."""
    write(site, {os.fsdecode(b"p\xff\x1b[31m.html"): "<img src=img/boat.png>"})
    (told,) = json.loads(act("--format", "json", "--places")[1])["groups"]
    boat = next(each for each in told["members"] if each["file"] == "img/boat.png")
    assert boat["places"][0] == {
        "page": "p��[31m.html", "page_base64": "cP8bWzMxbS5odG1s", "line": 1, "column": 10, "kind": "img src",
    }  # fmt: skip
    for form in ("text", "html"):
        assert "\x1b" not in act("--format", form, "--places")[1]


def test_places_in_other_forms(site, act):
    """Lines and a folded list name them, CSV has their number; a file that nothing names is told as such."""
    (site / "sub/x.html").unlink()
    told = act("--places")[1].splitlines()
    at = told.index(next(line for line in told if line.startswith("    img/copy.png: identical")))
    assert told[at + 2 : at + 5] == [
        "        at css/a.css:1:19 (url())",
        "        at page.html:2:21 (img src)",
        "        at page.html:3:9 (a href)",
    ]
    assert "        no place names it" in told
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(act("--places", "--format", "csv")[1], newline=""))}
    assert {name: row["places"] for name, row in rows.items()} == {
        "img/again.png": "2", "img/boat.png": "0", "img/copy.png": "3"
    }  # fmt: skip
    assert "places" not in act("--format", "csv")[1]
    html = act("--places", "--format", "html")[1]
    assert "<details><summary>3 places</summary>" in html
    assert "no place names it" in html


@pytest.mark.parametrize("form", ["json", "csv", "html"])
def test_reports_and_acting_do_not_mix(site, act, form):
    """The report alone stands on standard output, what is done on standard error; with -o the report is in its file."""
    plain = act("--format", form)[1]
    code, out, err = act("--format", form, *BOTH)
    assert (code, out) == (0, plain)
    assert "4 places in 3 pages to relink" in err
    code, out, err = act("--format", form, *BOTH, "-o", "report")
    assert (code, out.count("\n")) == (0, 1)
    assert "4 places in 3 pages to relink" in err
    assert (site.parent / "report").read_bytes().decode() == plain


def test_quiet_exit_codes_and_notes(site, act):
    """--quiet tells errors alone while the work is done; --exit-code tells of groups."""
    assert act(*APPLY, "--quiet") == (0, "", "")
    assert names(site) == set(SITE) - {"img/boat.png", "img/copy.png"}
    write(site, {"img/copy.png": picture()})
    assert act(*BOTH, "--exit-code")[0] == 1


@pytest.mark.parametrize(
    ("options", "number"),
    [((), 0), (("--places",), 1), (BOTH, 1), ((*BOTH, "--places"), 1), (("--remove", "hardlink"), 0)],
)
def test_the_archive_is_read_when_it_is_asked_for_alone(site, act, monkeypatch, options, number):
    """Once for both places and acting; not at all where nobody needs it."""
    read = []
    real = mentions.survey
    monkeypatch.setattr(mentions, "survey", lambda *given: read.append(1) or real(*given))
    monkeypatch.setattr("captionfix.dedupe.relink.survey", None)
    assert act(*options)[0] == 0
    assert len(read) == number


class Screen(io.StringIO):
    """A terminal that remembers what was drawn on it."""

    def isatty(self):
        return True


def test_the_bar_tells_what_goes_on(monkeypatch):
    """A new part of long work is drawn at once, one of unknown length without a number; totals do not mix."""
    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setenv("TERM", "xterm")
    now = 0.0
    with Bar(lambda: 40, lambda: now) as bar:
        bar.turn("nothing yet")
        assert sys.stderr.getvalue() == ""
        now = 2.0
        bar.turn("comparing")
        bar.advance()
        assert "comparing" in sys.stderr.getvalue()
        assert "/" not in sys.stderr.getvalue()
        now = 3.0
        bar.turn("files searched", lambda: 7)
        time.sleep(0.2)
        now = 4.0
        bar.advance()
        assert "1/7" in sys.stderr.getvalue()
    assert sys.stderr.getvalue().endswith("\x1b[2K")


# Cut short


def doubled_images(folder, number):
    """A site whose every page shows a picture under two names."""
    site = folder / "site"
    for each in range(number):
        page = f"<h1>{each}</h1><img src='img/{each}.png'><a href=\"img/{each}-copy.png\">large</a>"
        write(site, {f"{each}.html": page, f"img/{each}.png": picture(each), f"img/{each}-copy.png": picture(each)})
    return site


class Trial:
    """A site that is acted upon by a run which is killed."""

    def __init__(self, folder, number):
        self.site, self.state = doubled_images(folder, number), folder / "state"
        self.before = snapshot(self.site)
        cache = folder / "cache.db"
        self.command = ["images", self.site, *BOTH, "--apply", "--keep", "first", "--cache", cache]

    def start(self, *arguments):
        command = [sys.executable, "-m", "captionfix", *map(str, arguments), "--quiet", "--state-dir", str(self.state)]
        return subprocess.Popen(command)

    def kill(self, lines, moment=0.0):
        """Kill a run so many seconds after its journal came to so many lines; return whether it was in time."""
        with self.start(*self.command) as process:
            while process.poll() is None and self.lines() < lines:
                time.sleep(0.0005)
            time.sleep(moment)
            process.kill()
        return process.returncode != 0

    def lines(self):
        return max((path.read_bytes().count(b"\n") for path in JournalStore(self.state).paths()), default=0)

    def check(self):
        """No page names a file that is gone, and every file has its bytes; return how many files differ."""
        now = snapshot(self.site)
        for path in self.before:
            for name in re.findall(rb"img/[\w-]+\.png", now[path]) if path.suffix == ".html" else ():
                assert now[self.site / name.decode()] == self.before[self.site / name.decode()]
        return sum(now.get(path) != raw for path, raw in self.before.items())

    def undo(self):
        for path in JournalStore(self.state).paths():
            with self.start("undo", path.stem) as process:
                assert process.wait() == 0
        assert {path: raw for path, raw in snapshot(self.site).items() if path.suffix != ".tmp"} == self.before


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")
def test_killed_half_way_and_taken_back(tmp_path):
    """Nothing dangles, and undo gives every byte back; a run to the end then does what the first was about to."""
    trial = Trial(tmp_path, 20)
    assert trial.kill(26)
    assert trial.check()
    trial.undo()
    with trial.start(*trial.command) as process:
        assert process.wait() == 0
    assert trial.check() == 40
    trial.undo()


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")
@pytest.mark.parametrize("seed", range(12))
def test_many_kills(tmp_path, seed):
    """The same at random moments; killed again and again, the runs after it end the work."""
    rng, trial = random.Random(seed), Trial(tmp_path, 40)
    for _ in range(3):
        trial.kill(rng.randint(1, 80), rng.uniform(0, 0.02))
        trial.check()
    if rng.random() < 0.5:
        trial.undo()
    with trial.start(*trial.command) as process:
        assert process.wait() == 0
    assert trial.check() == 80
    trial.undo()
