"""Acting on images, killed at any moment: nothing dangles, the next run ends it, and undo gives all back."""

import os
import random
import re
import shutil
import subprocess
import sys
import time

import pytest
from acts import group, picture, write
from pages import command_line, snapshot

from captionfix.archives.journal_store import JournalStore
from captionfix.dedupe import plans, relink
from captionfix.dedupe.plans import DedupePolicy, RemovalMethod

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")]


def doubled_images(root, pages):
    """A site whose every page shows one picture under two names, and the groups of it."""
    for number in range(pages):
        page = f"<h1>{number}</h1><img src='img/{number}.png'><a href=\"img/{number}-copy.png\">large</a>"
        files = {
            f"{number}.html": page,
            f"img/{number}.png": picture(number),
            f"img/{number}-copy.png": picture(number),
        }
        write(root, files)
    return [group(root, f"img/{number}.png", f"img/{number}-copy.png") for number in range(pages)]


class Trials:
    """A site that is acted upon again and again, and killed on the way."""

    def __init__(self, folder, pages, way):
        self.site, self.state, self.plan = folder / "site", folder / "state", folder / "plan.json"
        groups = doubled_images(self.site, pages)
        plans.save(relink.plan(self.site, groups, DedupePolicy(relink=True, remove=way)), self.plan)
        self.before = snapshot(self.site)
        begun = time.monotonic()
        self.run("apply", self.plan)
        self.seconds = time.monotonic() - begun
        self.after = snapshot(self.site)
        assert self.after != self.before
        self.undo()

    def run(self, *arguments):
        done = command_line(*arguments, "--quiet", "--state-dir", self.state)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr

    def kill(self, moment, *arguments, lines=0):
        """Kill a run so many seconds after the newest journal came to so many lines."""
        command = [sys.executable, "-m", "captionfix", *map(str, arguments), "--quiet", "--state-dir", str(self.state)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while lines and process.poll() is None and self.lines() < lines:
                time.sleep(0.0005)
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.kill()

    def lines(self):
        return max((path.read_bytes().count(b"\n") for path in JournalStore(self.state).paths()), default=0)

    def check(self):
        """Each page is old or new, and whatever any page names is there and has its bytes."""
        now = snapshot(self.site)
        for path in self.before:
            if path.suffix == ".html":
                assert now[path] in (self.before[path], self.after[path])
                for name in re.findall(rb"img/[\w-]+\.png", now[path]):
                    image = self.site / name.decode()
                    assert now[image] == self.before[image]
        return sum(now.get(path) != raw for path, raw in self.before.items())

    def undo(self):
        for path in JournalStore(self.state).paths():
            if b"\n" in path.read_bytes():
                self.run("undo", path.stem)
        now = snapshot(self.site)
        assert {path: raw for path, raw in now.items() if path.suffix != ".tmp"} == self.before

    def trial(self, rng, lines):
        """Kill a run, perhaps undo it, run to the end, kill an undo, undo all."""
        if rng.random() < 0.3:
            self.kill(rng.uniform(0.2, 1) * self.seconds, "apply", self.plan)
        else:
            self.kill(rng.uniform(0, 0.02), "apply", self.plan, lines=rng.randint(2, lines))
        changed = self.check()
        if rng.random() < 0.3:
            self.undo()
        self.run("apply", self.plan)
        assert snapshot(self.site) == self.after
        self.kill(rng.uniform(0.2, 0.7), "undo")
        self.check()
        self.undo()
        self.run("apply", self.plan)
        assert snapshot(self.site) == self.after
        self.undo()
        assert snapshot(self.site) == self.before
        shutil.rmtree(self.state)
        return changed


def test_a_run_killed_at_any_moment_leaves_nothing_dangling(tmp_path):
    """Pages before files, and files before pages on the way back."""
    Trials(tmp_path, 20, RemovalMethod.QUARANTINE).trial(random.Random(1), 20 + 20)


@pytest.mark.full
@pytest.mark.parametrize("way", RemovalMethod)
def test_many_kills(tmp_path, way):
    """The same, many times each way, most of them in the midst of the work."""
    trials = Trials(tmp_path, 60, way)
    changed = [trials.trial(random.Random(seed), 60 + 60) for seed in range(12)]
    assert sum(0 < each < 120 for each in changed) >= 4, changed
