"""Runs over containers, killed at any moment: nothing half done stands under its name, and the next run ends as one."""

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from contained import DOUBLED, SAMPLES, SETTINGS, run
from pages import command_line

from captionfix.archives.journal_store import JournalStore

posix = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX")
PAGES = 60


def as_zip(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(PAGES):
            archive.writestr(f"{number}.html", DOUBLED)


def as_lines(path):
    path.write_text("".join(json.dumps({"html": DOUBLED.decode(), "n": number}) + "\n" for number in range(PAGES)))


def as_parquet(path):
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({"html": [DOUBLED.decode()] * PAGES}), path, row_group_size=7)


def as_warc(path):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + DOUBLED
    head = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {len(block)}\r\n"
    with path.open("wb") as file:
        for number in range(PAGES):
            told = f"{head}WARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Target-URI: http://a.org/{number}\r\n\r\n"
            file.write(gzip.compress(told.encode() + block + b"\r\n\r\n"))


FORMS = {"a.zip": as_zip, "a.jsonl": as_lines, "a.parquet": as_parquet, "a.warc.gz": as_warc}
TRIALS = 50
"""For each form."""


def kill(moment, *arguments):
    command = [sys.executable, "-m", "captionfix", *map(str, arguments), "-q", "--no-cache"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.kill()


@posix
@pytest.mark.full
@pytest.mark.parametrize("name", FORMS)
def test_a_killed_run_leaves_nothing_half_done(name, tmp_path):
    """A container is its old or its new bytes always; a rerun ends as an undisturbed run, and undo brings it back."""
    folder, state, out = tmp_path / "site", tmp_path / "state", tmp_path / "out"
    folder.mkdir()
    path, target = folder / name, out / name
    FORMS[name](path)
    old, seen = path.read_bytes(), path.stat()
    in_place = not name.startswith("a.warc")
    whole = ("clean", "-i", path, "--state-dir", state) if in_place else ("clean", path, "-o", target)
    out.mkdir()
    begun = os.times().elapsed
    assert command_line(*map(str, whole), "-q").returncode == 0
    seconds = os.times().elapsed - begun
    new = (path if in_place else target).read_bytes()
    assert new != old
    draw = random.Random(name)
    for _ in range(TRIALS):
        path.write_bytes(old)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))  # the record that tells of a change has its date
        target.unlink(missing_ok=True)
        kill(draw.uniform(0, 1.2) * seconds, *whole)
        if in_place:
            assert path.read_bytes() in (old, new)
        else:
            assert path.read_bytes() == old
            assert not target.exists() or target.read_bytes() == new
        target.unlink(missing_ok=True)
        assert command_line(*map(str, whole), "-q").returncode == 0
        assert (path if in_place else target).read_bytes() == new
        if in_place:
            assert [each.name for each in folder.iterdir()] == [name]
    if in_place:
        for journal in JournalStore(state).paths():
            command_line("undo", journal.stem, "--state-dir", str(state), "-q")
        assert path.read_bytes() == old


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_told(tmp_path):
    """What cannot be written is named, and nothing stands under its name."""
    as_zip(tmp_path / "a.zip")
    path, state = tmp_path / "a.zip", tmp_path / "state"
    for told in (f"{path} -o {tmp_path / 'out.zip'}", f"-i {path} --state-dir {state}"):
        command = f"ulimit -f 1; exec {sys.executable} -m captionfix clean {told} --no-cache"
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
        assert done.returncode == 2
        assert b"File too large" in done.stderr
        assert sorted(each.name for each in tmp_path.iterdir() if each != state) == ["a.zip"]
    assert not list((state / "journals").iterdir())


def test_no_socket_is_opened(tmp_path, monkeypatch):
    """Whatever a container holds, nobody is asked."""

    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for sample in SAMPLES:
        assert run(sample, tmp_path / sample.name, SETTINGS)
