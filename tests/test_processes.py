"""Work over several processes: order, back-pressure, lost workers, Ctrl-C, and the same output whatever the number."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from pages import command_line, doubled_site, snapshot

from captionfix import workers
from captionfix.archives.journal_store import JournalStore
from captionfix.cli.terminal import Bar
from captionfix.runs import batch
from captionfix.runs.processes import cores, spread
from captionfix.settings import Settings


def work(item):
    """What a worker does: some items take longer, one ends its process, one needs too much memory."""
    if item == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "raises":
        raise ValueError(item)
    if isinstance(item, int) and not item % 7:
        time.sleep(0.01)
    return item, os.getpid()


def start():
    return work


def lost(item):
    return "lost", item


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_items(jobs):
    """Whatever the number of processes, results come in order."""
    done = list(spread(start, range(100), jobs, lost))
    assert [item for item, _ in done] == list(range(100))
    assert len({pid for _, pid in done}) == jobs


def test_few_items_are_not_worth_a_process():
    """What fits in one batch is done here."""
    assert {pid for _, pid in spread(start, range(5), 2, lost)} == {os.getpid()}


def test_items_are_asked_for_as_they_are_needed():
    """No more items are begun than the workers are about to need, however many there are."""
    asked = 0

    def endless():
        nonlocal asked
        while True:
            yield asked
            asked += 1

    with closing(spread(start, endless(), 2, lost)) as done:
        for _ in range(100):
            next(done)
        assert asked < 100 + 16 * (2 * 4 + 2)


@pytest.mark.slow
def test_an_item_that_ends_its_process_is_named_and_the_rest_goes_on():
    """A worker that is lost costs the one item that ended it, and nothing else."""
    items = [*range(60), "killed", *range(60, 120)]
    done = list(spread(start, items, 2, lost))
    assert [item if name == "lost" else name for name, item in done] == items
    assert [item for name, item in done if name == "lost"] == ["killed"]


def test_a_fault_in_the_work_comes_through():
    """An exception of the work is raised here."""
    with pytest.raises(ValueError, match="raises"):
        list(spread(start, [*range(30), "raises"], 2, lost))


@pytest.mark.slow
def test_a_worker_killed_by_somebody_else_costs_nothing():
    """Items of a worker that was killed from outside are done again."""
    done = spread(start, range(200), 2, lost)
    _, pid = next(done)
    os.kill(pid, signal.SIGKILL)
    assert [item for item, _ in done] == list(range(1, 200))


def test_closing_ends_all_processes():
    """Whoever stops listening leaves no process behind."""
    done = spread(start, range(10_000), 2, lost)
    pids = {pid for _, pid in (next(done) for _ in range(64))}
    done.close()
    assert os.getpid() not in pids
    assert not any(is_running(pid) for pid in pids)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Hungry(workers.Worker):
    """A worker that runs out of memory on one page, and out of luck on another."""

    def _cleaned(self, raw, *others, **named):
        if b"Boat 7<" in raw:
            os._exit(1)
        return super()._cleaned(raw, *others, **named)


def test_a_page_that_needs_too_much_memory_is_named(tmp_path, monkeypatch):
    """Memory that runs out, and a fault of captionfix itself, cost the page where it happens."""
    doubled_site(tmp_path, 3)

    def cleaner(raw, *_, **__):
        if b"Boat 1<" in raw:
            raise MemoryError
        if b"Boat 2<" in raw:
            raise KeyError("fault")
        return clean_page(raw, Settings())

    from captionfix.pipeline import clean_page

    monkeypatch.setattr(workers, "clean_page", cleaner)
    told = [each for each in batch.run([tmp_path], Settings()) if each.error is not None]
    assert "001.html: needs more than this machine gives" in str(told[0].error)
    assert "002.html: captionfix is at fault: KeyError" in str(told[1].error)


@pytest.mark.slow
def test_a_page_that_ends_its_worker_is_named_and_left(tmp_path, monkeypatch):
    """In place, a lost worker leaves its page as it was, nothing beside it, and the others cleaned."""
    site = tmp_path / "site"
    before = doubled_site(site, 40)
    monkeypatch.setattr(batch, "Worker", Hungry)
    journals = JournalStore(tmp_path / "state")
    run = batch.journal_for([site], journals, "1")
    told = list(batch.replace_pages([site], Settings(), run, journals, jobs=2))
    (error,) = [str(each.error) for each in told if each.error is not None]
    assert "007.html: ended the process" in error
    after = snapshot(site)
    assert after.keys() == before.keys()
    assert {path.name for path in before if path.suffix == ".html" and after[path] == before[path]} == {"007.html"}


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json", pytest.param("diff", marks=pytest.mark.full)])
def test_output_is_the_same_whatever_the_number_of_processes(tmp_path, form):
    """--jobs changes no byte of the output, nor the exit code."""
    doubled_site(tmp_path / "site", 40)
    (tmp_path / "site" / "01" / "bad.html").write_bytes(b"\xff\xfe<\0p\0>\0x")
    options = ["--diff"] if form == "diff" else ["--format", form, "-v"]
    told = [command_line("check", "site", *options, "--jobs", jobs, cwd=tmp_path) for jobs in (1, 2)]
    assert len({(each.stdout, each.stderr, each.returncode) for each in told}) == 1
    assert told[0].returncode == 2
    if form == "json":
        assert len(json.loads(told[0].stdout)["pages"]) == 41


def test_copies_and_pages_in_place_are_the_same_whatever_the_number_of_processes(tmp_path):
    """-o and -i write the same bytes with one process and with two."""
    site = tmp_path / "site"
    doubled_site(site, 40)
    written = []
    for jobs in (1, 2):
        list(batch.run([site], Settings(), tmp_path / f"out{jobs}", jobs=jobs))
        written.append(
            {path.relative_to(tmp_path / f"out{jobs}"): raw for path, raw in snapshot(tmp_path / f"out{jobs}").items()}
        )
    journals = JournalStore(tmp_path / "state")
    list(batch.replace_pages([site], Settings(), batch.journal_for([site], journals, "1"), journals, jobs=2))
    written.append({path.relative_to(site): raw for path, raw in snapshot(site).items()})
    assert written[0] == written[1] == written[2]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups of this kind")
@pytest.mark.parametrize("arguments", [["-i"], ["-o", "{out}"]], ids=["in place", "copy"])
def test_ctrl_c_ends_all_and_leaves_nothing(tmp_path, arguments):
    """Ctrl-C, which reaches every process, ends them without a traceback, with 130, and leaves no temporary file."""
    site, state = tmp_path / "site", tmp_path / "state"
    before = doubled_site(site, 600)
    options = [each.format(out=tmp_path / "out") for each in arguments]
    command = [sys.executable, "-m", "captionfix", "clean", site, *options, "--jobs", "2", "--state-dir", state]
    with subprocess.Popen(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert told.endswith(b"captionfix: interrupted\n")
    wait_for_the_end_of(process.pid)
    assert not [path for path in snapshot(tmp_path) if path.suffix == ".tmp"]
    if "-i" in arguments:
        assert b"takes it back" in told
        assert command_line("undo", "-q", "--state-dir", state).returncode == 0
    assert snapshot(site) == before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs to look at processes")
def test_workers_end_with_the_process_that_started_them(tmp_path):
    """After kill -9 of the main process, its workers end by themselves."""
    doubled_site(tmp_path / "site", 600)
    command = [sys.executable, "-m", "captionfix", "check", str(tmp_path / "site"), "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        process.stdout.readline()
        process.kill()
        process.communicate()
    wait_for_the_end_of(process.pid)


def wait_for_the_end_of(session):
    """Wait until all processes of a session are gone; they have to go by themselves."""
    deadline = time.monotonic() + 30
    while members(session) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not members(session)


def members(session):
    """The processes of a session that are not dead."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(path.parent.name)
    return found


class Screen(io.StringIO):
    """A terminal that remembers what was drawn on it."""

    def isatty(self):
        return True


def test_a_bar_shows_long_work_and_makes_room(monkeypatch):
    """The bar appears after a second, is redrawn at most ten times a second, and goes away for what is said."""
    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    now = 0.0
    with Bar(lambda: 40, lambda: now) as bar:
        for _ in range(9):
            now += 0.1
            bar.advance()
        assert sys.stderr.getvalue() == ""
        now += 0.2
        bar.advance()
        drawn = sys.stderr.getvalue()
        assert "10/" in drawn
        bar.advance()
        assert sys.stderr.getvalue() == drawn
        bar.hide()
        hidden = sys.stderr.getvalue()
        assert hidden.endswith("\x1b[2K")
        bar.hide()
        assert sys.stderr.getvalue() == hidden
        now += 1
        bar.advance()
        assert "12/40" in sys.stderr.getvalue()


PTY = """
import sys
from captionfix.cli import main, terminal
terminal._LONG = terminal._SMOOTH = 0.0
sys.argv[1:] = {arguments!r}
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals of this kind")
def test_a_bar_on_a_terminal_never_mixes_into_the_output(tmp_path):
    """With standard error on a terminal, standard output is the same, byte for byte; --quiet shows no bar."""
    import pty

    doubled_site(tmp_path / "site", 20)
    plain = command_line("check", tmp_path / "site")
    for options, shown in (([], True), (["--quiet"], False)):
        ours, theirs = pty.openpty()
        program = PTY.format(arguments=["check", str(tmp_path / "site"), *options])
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
        command = [sys.executable, "-c", program]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
            os.close(theirs)
            told = process.stdout.read()
        drawn = b""
        try:
            while chunk := os.read(ours, 65536):
                drawn += chunk
        except OSError:
            pass  # the other side is closed
        os.close(ours)
        assert (b"files" in drawn) == shown
        assert told == (plain.stdout if shown else b"")


def test_no_number_means_all_cores(tmp_path):
    """0 processes are as many as there are cores."""
    doubled_site(tmp_path, 40)
    assert len(list(batch.run([tmp_path], Settings(), jobs=0))) == 80
    assert cores() >= 1
