"""Runs killed at any moment: nothing is lost, and the next run ends where the first would have."""

import os
import random
import shutil
import subprocess
import sys
import time

import pytest
from pages import SHARED, command_line, doubled_site, snapshot

from captionfix.archives.journal_store import JournalStore

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")]


class Trials:
    """A folder that is cleaned in place again and again, and killed on the way.

    Args:
        site: the folder; its bytes are what they were after each trial.
        state: the state folder.
    """

    def __init__(self, site, state):
        self.site, self.state = site, state
        self.before = snapshot(site)
        self.seconds = self.kill(3600, "clean", "-i", site)
        self.after = snapshot(site)
        assert self.before.keys() == self.after.keys()
        self.changing = sum(self.before[path] != self.after[path] for path in self.before)
        assert self.changing
        self.undo()

    def run(self, *arguments):
        done = command_line(*arguments, "--quiet", "--state-dir", self.state)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""

    def kill(self, moment, *arguments, records=-1):
        """Kill a run so many seconds after its journal came to so many records; returns how long it went on then."""
        command = [sys.executable, "-m", "captionfix", *map(str, arguments), "--quiet", "--state-dir", str(self.state)]
        known = set(JournalStore(self.state).paths())
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while "undo" not in arguments and process.poll() is None and self.records_beyond(known) < records:
                time.sleep(0.0005)
            begun = time.monotonic()
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.kill()
        return time.monotonic() - begun

    def records_beyond(self, known):
        """How many records the journal has that is not yet known; below 0 without its header."""
        for path in JournalStore(self.state).paths():
            if path not in known:
                return path.read_bytes().count(b"\n") - 1
        return -2

    def check_each_is_old_or_new(self):
        """Every page is whole; returns how many are new."""
        now = snapshot(self.site)
        for path, raw in now.items():
            if path.suffix != ".tmp":
                assert raw in (self.before[path], self.after[path]), path
        assert self.before.keys() <= now.keys()
        return sum(now[path] != self.before[path] for path in self.before)

    def undo(self):
        """Take back all runs, the newest first; what was left over beside pages may stay until the next run."""
        for path in JournalStore(self.state).paths():
            if b"\n" in path.read_bytes():
                self.run("undo", path.stem)
        now = snapshot(self.site)
        assert {path: raw for path, raw in now.items() if path.suffix != ".tmp"} == self.before

    def trial(self, rng):
        """Kill a run, perhaps undo it, run again to the end, kill an undo, undo all."""
        arguments = ["clean", "-i", self.site, "--jobs", rng.choice([1, 2])]
        if rng.random() < 0.5:
            self.kill(rng.uniform(0, 1.1) * self.seconds, *arguments)
        else:
            self.kill(rng.uniform(0, 0.01), *arguments, records=rng.randint(1, self.changing))
        new = self.check_each_is_old_or_new()
        if rng.random() < 0.2:
            self.undo()
        self.run("clean", "-i", self.site, "--jobs", rng.choice([1, 2]))
        assert snapshot(self.site) == self.after
        if rng.random() < 0.5:
            self.kill(rng.uniform(0.1, 0.6), "undo")
            self.check_each_is_old_or_new()
        self.undo()
        assert snapshot(self.site) == self.before
        shutil.rmtree(self.state)
        return new


def test_a_run_killed_at_any_moment_loses_nothing(tmp_path):
    """Each page is old or new, a second run ends as one that was never killed, and undo gives the bytes back."""
    doubled_site(tmp_path / "site", 60)
    trials = Trials(tmp_path / "site", tmp_path / "state")
    for seed in range(2):
        trials.trial(random.Random(seed))


@pytest.mark.full
@pytest.mark.skipif(not (SHARED / "site-mirrors").is_dir(), reason="the saved sites are not here")
def test_a_hundred_kills_over_saved_sites(tmp_path):
    """The same over real saved sites, a hundred times, most of them in the midst of the work."""
    site = tmp_path / "site"
    shutil.copytree(SHARED / "site-mirrors", site, ignore=shutil.ignore_patterns("*.png", "*.jpg", "*.jpeg", "*.gif"))
    for path in (site, *site.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    trials = Trials(site, tmp_path / "state")
    killed = [trials.trial(random.Random(1000 + seed)) for seed in range(100)]
    assert sum(0 < new < trials.changing for new in killed) >= 20, killed
    sys.stdout.write(f"new pages when killed, of {trials.changing}: {sorted(killed)}\n")


@pytest.mark.skipif(not (SHARED / "site-mirrors").is_dir(), reason="the saved sites are not here")
@pytest.mark.full
@pytest.mark.parametrize("jobs", [1, 2])
def test_saved_sites_in_place_and_back(tmp_path, jobs):
    """Real saved sites are cleaned in place without an error, once and for all, and undo gives the original bytes."""
    site = tmp_path / "site"
    shutil.copytree(SHARED / "site-mirrors", site)
    for path in (site, *site.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    trials = Trials(site, tmp_path / "state")
    copy = tmp_path / "copy"
    trials.run("clean", site, "-o", copy, "--jobs", jobs)
    trials.run("clean", "-i", site, "--jobs", jobs)
    assert (
        snapshot(site) == trials.after == {site / path.relative_to(copy): raw for path, raw in snapshot(copy).items()}
    )
    assert command_line("check", site).returncode == 0
    trials.undo()
