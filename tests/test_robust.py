"""Whatever a user's system, shell or disk does: a word and an exit code, no traceback, nothing lost, nothing left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from images import photo, saved

from captionfix import workers
from captionfix.archives import atomic, files, restore
from captionfix.archives.journal_reader import Reader
from captionfix.archives.journal_store import Journal, JournalStore
from captionfix.errors import CaptionfixError, PageError
from captionfix.runs import batch
from captionfix.settings import Settings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, signals and forks as POSIX has them")

PAGE = (
    '<figure><img src="/u/pier{0}.jpg" alt="The pier of Eider, number {0}">'
    "<figcaption>The pier of Eider, number {0}</figcaption></figure>\n"
)
COMMAND = f"{sys.executable} -m captionfix"


def shell(line: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False, **more)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.html").write_text(PAGE.format(number))
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Streams


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{0} check site >&-", 3),
        ("{0} clean -i site --state-dir state >&-", 3),
        ("{0} images site >&-", 3),
        ("{0} check site 2>&- >/dev/null", 1),
        ("{0} check site <&- >/dev/null", 1),
        ("{0} check site <&- >&- 2>&-", 3),
        ("{0} check - <&-", 3),
        ("{0} rules >/dev/full", 2),
        ("{0} check site >/dev/full", 2),
    ],
)
def test_closed_and_full_streams_are_told(site: Path, line: str, code: int) -> None:
    """A run whose output has nowhere to go says so and ends, before anything was replaced."""
    before = bytes_of(site)
    done = shell(line.format(COMMAND), cwd=site.parent)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert bytes_of(site) == before


@pytest.mark.parametrize("command", ["check site -v", "check site --format jsonl", "rules CF101", "clean site/00.html"])
def test_a_reader_that_goes_away_ends_the_run_quietly(site: Path, command: str) -> None:
    """As for any program of a pipe: no traceback, and the code that shells have for it."""
    done = shell(f"set -o pipefail; (sleep 0.7; {COMMAND} {command}) | true", cwd=site.parent)
    assert done.returncode == 141
    assert not any(sign in done.stderr for sign in ("captionfix:", "Traceback", "Exception"))


# What is no page


def test_a_named_pipe_is_refused_with_a_word(site: Path) -> None:
    """Nobody may ever write to it; that of a shell is read."""
    os.mkfifo(site / "pipe.html")
    done = shell(f"{COMMAND} check site/pipe.html", cwd=site.parent)
    assert done.returncode == 2
    assert "is a named pipe, which may never end; send it to standard input: - < site/pipe.html" in done.stderr
    assert shell(f"{COMMAND} check <(cat site/00.html)", cwd=site.parent).returncode == 1


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty"])
@pytest.mark.parametrize("command", ["check", "images"])
def test_a_device_is_refused_with_a_word(path: str, command: str) -> None:
    """A device is no file, and is not opened."""
    done = shell(f"{COMMAND} {command} {path}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "is not a file; name a file or a folder" in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_a_report_does_not_go_into_the_archive_it_is_about(site: Path, form: str) -> None:
    """Neither over a page nor beside one."""
    before = bytes_of(site)
    for name in ("00.html", "report.html"):
        done = shell(f"{COMMAND} images site --format {form} -o site/{name} --no-cache", cwd=site.parent)
        assert done.returncode == 3
        assert "is inside the archive that it is about" in done.stderr
    assert bytes_of(site) == before


# Forks


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_forked_while_threads_clean_cleans_too() -> None:
    """Nothing in it waits for a lock that a thread of its parent held."""
    program = f"""
import os, signal, sys, threading
import captionfix
page = {PAGE * 8!r}.replace("{{0}}", "1")
stop = threading.Event()
def work():
    while not stop.is_set():
        captionfix.clean(page)
threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
sys.setswitchinterval(1e-6)
for each in threads:
    each.start()
bad = 0
for _ in range(25):
    child = os.fork()
    if not child:
        signal.alarm(20)
        captionfix.clean(page)
        os._exit(0)
    bad += os.waitpid(child, 0)[1] != 0
stop.set()
sys.exit(bad)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], timeout=300, check=False)
    assert done.returncode == 0


# Journals


def replaced(site: Path, state: Path) -> Path:
    done = shell(f"{COMMAND} clean -i {site} --state-dir {state} -q")
    assert done.returncode == 0, done.stderr
    (journal,) = (state / "journals").glob("*.jsonl")
    return journal


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["\ud800", "a\ud800.html", "\udfff/../x", "x" * 5000, "/".join("abc" * 3000), "\x00", "", "../x", "/etc/x"]
)
def test_a_damaged_record_costs_one_page_and_not_the_undo(site: Path, tmp_path: Path, path: str) -> None:
    """A path that no file can have is named with its line, and the other pages come back."""
    before = bytes_of(site)
    journal = replaced(site, tmp_path / "state")
    lines = journal.read_text().splitlines()
    record = json.loads(lines[3])
    lost = record["path"]
    lines[3] = json.dumps(record | {"path": path})
    journal.write_text("\n".join(lines) + "\n")
    done = shell(f"{COMMAND} undo --state-dir {tmp_path / 'state'}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "19 pages restored" in done.stdout
    after = bytes_of(site)
    assert {name for name in before if before[name] != after[name]} == {lost}


@pytest.mark.slow
def test_journals_damaged_by_chance_never_end_an_undo(site: Path, tmp_path: Path) -> None:
    """Whatever stands in a journal, pages are as they were or as they are, and errors are ours."""
    before = bytes_of(site)
    journal = replaced(site, tmp_path / "state")
    raw, after = journal.read_bytes(), bytes_of(site)
    odd: list[Any] = ["\ud800", "", None, -1, 2**70, 1.5, True, [], {}, [[0, 1, "="]], "x" * 300, ["a"] * 3, "a/b"]
    rng = random.Random(4)
    for _ in range(150):
        lines = raw.decode().splitlines()
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(lines))
            record = json.loads(lines[at])
            record[rng.choice(list(record))] = rng.choice(odd)
            lines[at] = json.dumps(record)
        journal.write_text("\n".join(lines) + "\n")
        try:
            for restored in restore.undo(Reader(journal)):
                assert restored.error is None or isinstance(restored.error, PageError)
        except CaptionfixError:
            pass
        here = bytes_of(site)
        assert all(here[name] in (before[name], after[name]) for name in before)
        assert here.keys() == before.keys()
        for name, data in after.items():
            (site / name).write_bytes(data)


# What a killed run leaves


def test_what_killed_programs_left_goes_with_the_next_run_and_with_undo(site: Path, tmp_path: Path) -> None:
    """Temporary files whose program has ended go; those that are written now stay."""
    left = site / ".captionfix-abc123.tmp"
    left.write_bytes(b"half")
    with (site / ".captionfix-held12.tmp").open("wb") as held:
        atomic.lock(held)
        done = shell(f"{COMMAND} clean -i {site} --state-dir {tmp_path / 'state'}")
        assert "left over by an interrupted run; removed" in done.stderr
        assert [path.name for path in site.glob(".captionfix*")] == [".captionfix-held12.tmp"]
        left.write_bytes(b"half")
        shell(f"{COMMAND} undo --state-dir {tmp_path / 'state'}")
        assert [path.name for path in site.glob(".captionfix*")] == [".captionfix-held12.tmp"]
    files.write_parts(site / "report.csv", [b"x"])
    assert [*site.glob(".captionfix*")] == []


def test_a_run_killed_before_its_first_page_leaves_nothing_behind_an_undo(site: Path, tmp_path: Path) -> None:
    """Its new pages wait beside the old ones, and no record tells of them: undo takes them away all the same."""
    journals, before = JournalStore(tmp_path / "state"), bytes_of(site)
    with Journal(journals.folder, (site,), "1.0") as journal:
        (site / f".captionfix-{journal.run}-0.tmp").write_bytes(b"new")
        head = journal.path.read_bytes()
    journal.path.write_bytes(head)  # as a kill leaves it
    (journals.folder / f"{journal.run[:-8]}01234567.begun").write_bytes(head[:20])
    done = shell(f"{COMMAND} undo --state-dir {tmp_path / 'state'}")
    assert "there is no journal" in done.stderr
    assert bytes_of(site) == before
    assert [*journals.folder.iterdir()] == []


def test_a_journal_is_locked_as_long_as_it_has_its_name(site: Path, tmp_path: Path) -> None:
    """So that nobody takes a run that goes on for one that was stopped."""
    journals = JournalStore(tmp_path / "state")
    with Journal(journals.folder, (site,), "1.0") as journal:
        assert journals.clear() == []
        assert journal.path.exists()


KILLED = [
    ("clean -i site --state-dir state --no-images", ""),
    ("images site --remove quarantine --relink --apply --state-dir state --no-cache", "images"),
    ("images site --remove hardlink --apply --state-dir state --no-cache", "images"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "what"), KILLED, ids=["clean", "quarantine", "hardlink"])
def test_kills_lose_nothing_and_leave_nothing(tmp_path: Path, command: str, what: str) -> None:
    """Killed at any moment, then undone, which is killed too and run again: the archive is what it was."""
    site = tmp_path / "site"
    site.mkdir()
    for number in range(60):
        (site / f"{number:02}.html").write_text(PAGE.format(number) + f'<img src="b{number % 6}.png">')
    for number in range(6 if what else 0):
        (site / f"a{number}.png").write_bytes(saved(photo(number), "PNG"))
        (site / f"b{number}.png").write_bytes(saved(photo(number), "PNG"))
    before, rng = bytes_of(site), random.Random(command)
    started = time.monotonic()
    run = [sys.executable, "-m", "captionfix", *command.split(), "-q"]
    subprocess.run(run, cwd=tmp_path, check=False)
    whole = time.monotonic() - started
    undo = [sys.executable, "-m", "captionfix", "undo", "--state-dir", "state", "-q"]
    subprocess.run(undo, cwd=tmp_path, check=True)
    assert bytes_of(site) == before
    for _ in range(20):
        for steps in (run, undo):
            process = subprocess.Popen(steps, cwd=tmp_path, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.4, 1.05) * whole)
            process.send_signal(signal.SIGKILL)
            process.wait()
        while (code := subprocess.run(undo, cwd=tmp_path, capture_output=True, check=False).returncode) == 0:
            for journal in (tmp_path / "state" / "journals").glob("*"):
                journal.unlink() if journal.is_file() else journal.rmdir()
        assert code == 3
        assert bytes_of(site) == before
        assert [path for path in site.iterdir() if path.name.startswith(".")] == []


# Full disks


@pytest.mark.parametrize("limit", [0, 100, 4096])
def test_a_full_disk_leaves_no_empty_copies(site: Path, tmp_path: Path, limit: int) -> None:
    """What could not be written whole is not there at all, is named with its cause, and the exit code is 2."""
    (site / "large.bin").write_bytes(bytes(100_000))
    (site / "page.html").write_text("<p>Long.</p>" * 5000 + PAGE)
    done = shell(f"{COMMAND} clean site -o out --no-images", cwd=tmp_path, preexec_fn=lambda: _allow(limit))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr
    assert "check the space" in done.stderr
    copies = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert all(0 < path.stat().st_size <= limit and path.name[0] != "." for path in copies)


@pytest.mark.parametrize("limit", [0, 50])
def test_a_full_disk_leaves_no_journal_that_only_begins(site: Path, tmp_path: Path, limit: int) -> None:
    """A run that cannot even begin its journal replaces nothing and leaves nothing."""
    before = bytes_of(site)
    done = shell(
        f"{COMMAND} clean -i site --state-dir state --no-images", cwd=tmp_path, preexec_fn=lambda: _allow(limit)
    )
    assert done.returncode == 2
    assert "the journal cannot be used: File too large; check the space" in done.stderr
    assert bytes_of(site) == before
    assert [*(tmp_path / "state" / "journals").iterdir()] == []


def _allow(size: int) -> None:
    """Let no file grow beyond so many bytes: the nearest to a full disk without one."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_an_error_of_the_system_stops_one_file_only(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system refuses, it is the error of its page, with file, cause and next step."""

    def refuse(path: Path, settings: Settings) -> Any:
        if path.name == "03.html":
            raise OSError(5, "Input/output error", str(path))
        return real(path, settings)

    real = workers.open_site
    monkeypatch.setattr(workers, "open_site", refuse)
    outcomes = [each for each in batch.run(sorted(site.iterdir()), Settings(cache=False)) if not each.is_end]
    errors = [str(each.error) for each in outcomes if each.error is not None]
    assert errors == [f"{site / '03.html'}: cannot be worked on: Input/output error; check the rights there"]
    assert len(outcomes) == 20
