"""Pages replaced where they are, and given their bytes back."""

import json
import os
import stat
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import command_line, doubled_page, doubled_site, snapshot

from captionfix.archives import atomic, inplace, journal_reader, restore
from captionfix.archives.journal_store import Journal, JournalStore
from captionfix.errors import JournalError, PageError, UsageError
from captionfix.markup.splice import apply
from captionfix.model import Edit, Span
from captionfix.runs import batch
from captionfix.settings import Settings


@pytest.fixture
def journals(tmp_path):
    return JournalStore(tmp_path / "state")


@pytest.fixture
def site(tmp_path):
    doubled_site(tmp_path / "site", 12)
    return tmp_path / "site"


def replace(journals, *paths, jobs=1):
    run = batch.journal_for(paths, journals, "1.0")
    return list(batch.replace_pages(paths, Settings(), run, journals, jobs=jobs))


def undo(journals, name=None, only=(), *, dry_run=False):
    return list(restore.undo(journal_reader.Reader(journals.find(name)), only, dry_run=dry_run))


def errors(told):
    return [str(each.error) for each in told if each.error is not None]


posix = pytest.mark.skipif(os.name == "nt", reason="modes, owners and links are those of POSIX")


def test_pages_change_and_nothing_else_does(site, journals):
    """A page becomes what clean makes of it; other files stay, and nothing is left beside them."""
    before = snapshot(site)
    replace(journals, site)
    after = snapshot(site)
    assert after.keys() == before.keys()
    for path, raw in before.items():
        changed = raw.replace(f'alt="Boat {int(path.stem)} leaves the old harbour at dawn"'.encode(), b'alt=""')
        assert after[path] == changed
        assert (after[path] != raw) == (path.suffix == ".html")
    assert replace(journals, site)
    assert snapshot(site) == after


@posix
def test_mode_times_owner_and_attributes_are_kept(site, journals):
    """All that is known of a page besides its bytes stays, and comes back with undo."""
    page = site / "00" / "001.html"
    page.chmod(0o640)
    os.utime(page, ns=(1_000_000_000_123_456_789, 1_111_111_111_987_654_321))
    if os.geteuid() == 0:
        os.chown(page, 1234, 4321)
    try:
        os.setxattr(page, "user.origin", b"https://example.org/\xff")
    except (OSError, AttributeError):
        marked = False
    else:
        marked = True
    before = page.stat()
    for step in (replace, undo):
        step(journals, site) if step is replace else step(journals)
        after = page.stat()
        assert after.st_ino != before.st_ino
        for name in ("st_mode", "st_uid", "st_gid", "st_mtime_ns"):
            assert getattr(after, name) == getattr(before, name), name
        if marked:
            assert os.getxattr(page, "user.origin") == b"https://example.org/\xff"


@posix
def test_a_link_stays_a_link(site, journals, tmp_path):
    """A link that is named leads to the page that is mended; links in folders are left alone."""
    page = site / "00" / "001.html"
    link, outside = tmp_path / "link.html", tmp_path / "outside.html"
    link.symlink_to(page)
    outside.write_bytes(doubled_page(1))
    (site / "away.html").symlink_to(outside)
    replace(journals, link)
    assert link.is_symlink()
    assert page.read_bytes() != doubled_page(1)
    replace(journals, site)
    assert outside.read_bytes() == doubled_page(1)
    for name in [path.stem for path in journals.paths()]:
        assert not errors(undo(journals, name))
    assert page.read_bytes() == doubled_page(1)


@posix
def test_pages_that_may_not_be_replaced_are_named_and_the_rest_goes_on(site, journals, tmp_path):
    """Read-only pages and pages with several names are refused; so is a pipe."""
    read_only, shared = site / "00" / "001.html", site / "00" / "002.html"
    read_only.chmod(0o444)
    os.link(shared, tmp_path / "other-name.html")
    told = errors(replace(journals, site))
    assert len(told) == 2
    assert "001.html: is read-only" in told[0]
    assert "002.html: has 2 names (hard links)" in told[1]
    assert read_only.read_bytes() == doubled_page(1)
    assert shared.read_bytes() == doubled_page(2)
    assert (site / "00" / "003.html").read_bytes() != doubled_page(3)
    os.mkfifo(tmp_path / "pipe")
    assert "is a named pipe" in errors(replace(journals, tmp_path / "pipe"))[0]


@pytest.mark.parametrize("write", ["before", "like", "after"])
def test_a_page_that_changed_since_it_was_read_is_refused(site, journals, write, monkeypatch):
    """What somebody else wrote meanwhile is never overwritten, be it that it looks like the page that was read."""
    path = site / "00" / "001.html"
    theirs = doubled_page(1).swapcase() if write == "like" else b"theirs"
    add = Journal.add

    def write_first(run, records):
        path.write_bytes(theirs)
        add(run, records)

    if write == "like":
        monkeypatch.setattr(atomic, "_signature", lambda seen: (seen.st_ino, seen.st_size))
    if write == "after":
        os.utime(path, (1, 1))
        monkeypatch.setattr(atomic.Reading, "is_fresh", False)
    monkeypatch.setattr(Journal, "add", write_first)
    told = errors(replace(journals, site))
    assert len(told) == 1
    assert "001.html: changed meanwhile" in told[0]
    assert path.read_bytes() == theirs
    assert not [path for path in snapshot(site) if path.suffix == ".tmp"]
    monkeypatch.undo()
    assert len(errors(undo(journals))) == 1
    assert path.read_bytes() == theirs


def test_pages_are_met_once_and_journals_stand_elsewhere(site, journals):
    """Paths that overlap are refused before anything is read, and so is a state folder among the pages."""
    for paths in ([site, site / "00"], [site, site], [site / "00" / "001.html", site]):
        with pytest.raises(UsageError, match="once"):
            replace(journals, *paths)
    with pytest.raises(UsageError, match="--state-dir"):
        replace(JournalStore(site / "state"), site)
    assert not list(journals.folder.glob("*"))


def test_a_run_that_changes_nothing_leaves_no_journal(site, journals):
    """A journal appears with the first page that is replaced, for its owner's eyes only."""
    replace(journals, site / "00" / "001.css")
    assert not journals.paths()
    replace(journals, site)
    (path,) = journals.paths()
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_without_a_journal_no_page_is_replaced(site, tmp_path):
    """Where the journal cannot be written, all pages stay."""
    (tmp_path / "state").write_bytes(b"a file where the folder should be")
    before = snapshot(site)
    with pytest.raises(JournalError):
        replace(JournalStore(tmp_path / "state"), site)
    assert snapshot(site) == before


def test_temporary_files_of_stopped_runs_are_recognised(site, journals, tmp_path):
    """One whose run left a journal and has ended is removed and named; any other is named; none is a page."""
    replace(journals, site / "00")
    ended = site / f".captionfix-{journals.paths()[0].stem}-7.tmp"
    foreign = site / ".captionfix-20200101T000000000000-0123abcd-7.tmp"
    nameless = site / ".captionfix-x7c_9z1q.tmp"
    for path in (ended, foreign, nameless):
        path.write_bytes(doubled_page(1))
    told = list(batch.run([site], Settings(), tmp_path / "out"))
    assert [len(each.notes) for each in told if "captionfix-" in each.locator] == [1] * 3
    assert not list((tmp_path / "out").rglob(".captionfix*"))
    with Journal(journals.folder, (site,), "1.0") as live:
        live.add([])
        held = site / f".captionfix-{live.run}-0.tmp"
        held.write_bytes(b"x")
        notes = {Path(each.locator).name: each.notes[0] for each in replace(journals, site) if each.notes}
    assert all("removed" in notes[gone.name] for gone in (ended, nameless))
    assert [name for name, note in notes.items() if "temporary file" in note] == sorted([foreign.name, held.name])
    assert not ended.exists()
    assert not nameless.exists()
    assert foreign.read_bytes() == doubled_page(1)


def test_left_over_files_beside_a_named_page_are_seen(site, journals):
    """A run over one page clears the folder of what a stopped run left there."""
    page = site / "00" / "001.html"
    replace(journals, page)
    (page.parent / f".captionfix-{journals.paths()[0].stem}-0.tmp").write_bytes(b"x")
    (told,) = [note for each in replace(journals, page) for note in each.notes]
    assert told.endswith("left over by an interrupted run; removed")


def test_undo_restores_every_byte_and_twice_is_harmless(site, journals):
    """After undo the site is what it was; undoing again finds its old bytes."""
    before = snapshot(site)
    replace(journals, site)
    again = undo(journals, dry_run=True)
    assert len(again) == 12
    assert snapshot(site) != before
    assert not errors(undo(journals))
    assert snapshot(site) == before
    assert [each.was_old for each in undo(journals)] == [True] * 12
    tally = journal_reader.Reader(journals.find(None)).tally()
    assert (tally.pages, tally.undone) == (12, 12)


def test_undo_refuses_pages_that_changed_and_restores_the_others(site, journals):
    """Pages changed, gone or made read-only since are named; the rest gets its bytes back."""
    before = snapshot(site)
    replace(journals, site)
    changed, gone, read_only = (site / "00" / f"00{number}.html" for number in (1, 2, 3))
    changed.write_bytes(changed.read_bytes() + b"<p>A reader's note.")
    gone.unlink()
    read_only.chmod(0o444)
    told = undo(journals)
    causes = [
        "001.html: changed since it was cleaned",
        "002.html: is gone",
        "003.html: is read-only",
    ]
    assert all(cause in error for cause, error in zip(causes, errors(told), strict=True))
    assert changed.read_bytes().endswith(b"A reader's note.")
    after = snapshot(site)
    assert {path for path in after if after[path] != before[path]} == {changed, read_only}
    tally = journal_reader.Reader(journals.find(None)).tally()
    assert (tally.pages, tally.undone) == (12, 9)


def test_undo_of_a_part(site, journals):
    """--path restores a page or a folder only; a path without pages is refused before anything is written."""
    before = snapshot(site)
    replace(journals, site)
    undo(journals, only=[site / "01", site / "00" / "003.html"])
    restored = {path.name for path, raw in snapshot(site).items() if raw == before[path] and path.suffix == ".html"}
    assert restored == {"003.html", "010.html", "011.html"}
    with pytest.raises(UsageError, match="no page of run"):
        undo(journals, only=[site.parent / "elsewhere"])
    undo(journals)
    assert snapshot(site) == before


def test_journals_are_found_by_the_beginning_of_their_names(site, journals, tmp_path):
    """A journal is named by its run, a beginning of it, or a file; the newest is the default."""
    with pytest.raises(UsageError, match="there is no journal"):
        journals.find(None)
    replace(journals, site / "00")
    replace(journals, site / "01")
    newest, oldest = journals.paths()
    assert journals.find(None) == newest
    assert journals.find(oldest.stem) == oldest
    assert journals.find(str(oldest)) == oldest
    for name in ("2", "", "1999", str(tmp_path)):
        with pytest.raises(UsageError):
            journals.find(name)
    (journals.folder / "20990101T000000000000-0123abcd.jsonl").write_bytes(b'{"captionfix_jour')
    assert journals.find(None) == newest


def test_a_journal_in_use_is_not_undone(site, journals):
    """While a run goes on, its journal is its own."""
    with Journal(journals.folder, (site,), "1.0") as live:
        live.add([])
        with pytest.raises(JournalError, match="another captionfix"):
            undo(journals, live.run)


@st.composite
def edited_pages(draw):
    raw = draw(st.binary(max_size=200))
    cuts = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    pairs = [(cuts[at], cuts[at + 1]) for at in range(0, len(cuts) - 1, 2)]
    edits = [Edit(Span(start, end), draw(st.binary(max_size=9))) for start, end in pairs]
    return raw, [edit for edit in edits if edit.replacement or edit.span.start < edit.span.end]


@settings(max_examples=40)  # each example is a folder of files
@given(st.lists(edited_pages(), min_size=1, max_size=5))
def test_whatever_the_edits_undo_restores_every_byte(tmp_path_factory, pages):
    """Any bytes with any edits come back exactly, through a journal and files."""
    folder = tmp_path_factory.mktemp("pages").resolve()
    changes = []
    for number, (raw, edits) in enumerate(pages):
        name = f"{number} \u00e9.html"
        (folder / name).write_bytes(raw)
        aim = inplace.Aim(name, 0, folder, PurePosixPath(name), folder / f"{number}.tmp")
        changes.append(inplace.begin(aim, inplace.read(aim.path, name), edits))
    journals = JournalStore(tmp_path_factory.mktemp("state"))
    with Journal(journals.folder, (folder,), "1.0") as run:
        assert not inplace.replace(changes, run)
    for change, (raw, edits) in zip(changes, pages, strict=True):
        assert (folder / change.locator).read_bytes() == apply(raw, edits)
    assert not errors(undo(journals))
    for change, (raw, _) in zip(changes, pages, strict=True):
        assert (folder / change.locator).read_bytes() == raw


@posix
def test_names_that_are_no_utf_8(tmp_path, journals):
    """A page whose name no encoding explains is replaced and restored too."""
    name = os.fsdecode(b"caf\xe9.html")
    try:
        (tmp_path / "odd").mkdir()
        (tmp_path / "odd" / name).write_bytes(doubled_page(1))
    except OSError:
        pytest.skip("this file system takes no such name")
    assert not errors(replace(journals, tmp_path / "odd"))
    assert (tmp_path / "odd" / name).read_bytes() != doubled_page(1)
    assert not errors(undo(journals))
    assert (tmp_path / "odd" / name).read_bytes() == doubled_page(1)


@pytest.mark.slow
def test_the_commands(site, tmp_path):
    """clean -i, journal list and undo, as users run them."""
    state = {"environment": {"CAPTIONFIX_STATE_DIR": str(tmp_path / "state")}}
    before = snapshot(site)
    assert b"no journals in" in command_line("journal", "list", **state).stderr
    done = command_line("clean", "-i", site, **state)
    assert done.returncode == 0
    assert b"12 pages read, 12 changed: 12 fixed" in done.stdout
    (run,) = [path.stem for path in JournalStore(tmp_path / "state").paths()]
    assert f"note: captionfix undo {run} takes it back" in done.stderr.decode()
    assert command_line("check", site).returncode == 0
    listed = command_line("journal", "list", "--state-dir", tmp_path / "state").stdout.decode().rstrip("\n").split("\t")
    assert [listed[0], *listed[2:]] == [run, "12", "0", "can be undone", str(site.resolve())]
    part = command_line("undo", "--path", site / "01", **state)
    assert part.returncode == 0
    assert b"2 pages restored" in part.stdout
    assert b"partly undone (2 of 12)" in command_line("journal", "list", **state).stdout
    (site / "00" / "000.html").write_bytes(b"mine")
    refused = command_line("undo", run[:20], "--quiet", **state)
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"000.html: changed since" in refused.stderr
    (site / "00" / "000.html").write_bytes(doubled_page(0))
    assert b"12 had their old bytes already" in command_line("undo", **state).stdout
    assert b"\tundone\t" in command_line("journal", "list", **state).stdout
    assert snapshot(site) == before


def test_json_names_the_journal(site, tmp_path):
    """The summary of clean -i names the run to undo; --exit-code tells that something changed."""
    arguments = ["clean", "-i", site, "--state-dir", tmp_path / "state", "--format", "json", "--exit-code"]
    done = command_line(*arguments)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert len(told["pages"]) == 12
    assert told["summary"]["journal"] == JournalStore(tmp_path / "state").paths()[0].stem
    again = command_line(*arguments)
    assert (again.returncode, json.loads(again.stdout)["summary"]["journal"]) == (0, None)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["clean", "-i", "{site}", "-o", "out"], "choose one"),
        (["clean", "-i", "{site}", "--diff"], "--diff writes nothing"),
        (["clean", "-i", "-"], "standard input"),
        (["clean", "-i", "{site}", "{site}/00"], "name each page once"),
        (["clean", "-i", ""], "empty path"),
        (["clean", "-i", "{site}", "--jobs", "-1"], "--jobs"),
        (["undo", "--state-dir", "{site}"], "there is no journal"),
        (["undo", "2031", "--state-dir", "{site}"], "journal list"),
    ],
)
def test_wrong_usage_changes_nothing(site, arguments, says):
    """Options that do not go together exit with 3 and leave every byte where it is."""
    before = snapshot(site)
    done = command_line(*(each.format(site=site) for each in arguments))
    assert done.returncode == 3
    assert says in done.stderr.decode()
    assert snapshot(site) == before


def test_errors_travel_between_processes():
    """A page's error is the same after it was sent from one process to another."""
    import pickle

    error = PageError("a.html", "is odd", "look at it", 7)
    sent = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(sent), sent.offset, sent.hint) == (str(error), 7, "look at it")
