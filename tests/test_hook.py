"""The pre-commit hooks, run by pre-commit itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
DOUBLED = b'<p><img src="boat.jpg" alt="Boats leave" title="Boats leave"></p>\r\n'
CLEAN = b'<p><img src="boat.jpg" alt="Boats leave"></p>\r\n'


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "page.html").write_bytes(DOUBLED)
    (tmp_path / "notes.txt").write_bytes(b"x\n")
    git(tmp_path, "add", ".")
    return tmp_path


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def try_repo(repository, hook):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), hook, "--all-files", "--color", "never"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, env=environment, check=False)


needs_git = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="pre-commit needs git and this repository"
)


@needs_git
def test_the_hook_mends_and_fails_then_passes(repository):
    """The hook mends the files it is given, writes nothing else, fails once and passes on the second run."""
    first = try_repo(repository, "captionfix")
    assert "files were modified by this hook" in first.stdout, first.stdout + first.stderr
    assert "page.html:1:4 CF104" in first.stdout
    assert (repository / "page.html").read_bytes() == CLEAN
    second = try_repo(repository, "captionfix")
    assert second.returncode == 0, second.stdout
    assert sorted(path.name for path in repository.iterdir()) == [".git", "notes.txt", "page.html"]


@needs_git
def test_the_check_hook_only_reports(repository):
    """The checking hook fails and leaves the file as it is."""
    done = try_repo(repository, "captionfix-check")
    assert done.returncode == 1
    assert "CF104" in done.stdout
    assert (repository / "page.html").read_bytes() == DOUBLED
