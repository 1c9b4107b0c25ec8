"""The hooks as pre-commit and prek run them: parts of files staged, files split over processes, odd names, pictures."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from images import photo, saved

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="hooks need git"),
]

HOOKS = (Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]
PREK = [str(Path(sys.executable).parent / "prek")]
DOUBLED = '<p><img src="boat.jpg" alt="Boats leave" title="Boats leave"></p>\n'
CLEAN = '<p><img src="boat.jpg" alt="Boats leave"></p>\n'
FILL = "<p>A line that stays.</p>\n" * 20
PICTURES = """<figure><img src="boat.jpg?w=800"><figcaption>Seen from the pilot house at noon</figcaption></figure>
<p>Two views.</p>
<div class="modal" hidden><img src="boat.jpg?w=1600">
<p class="caption">Seen from the pilot house at noon</p></div>
"""


def git(folder, *arguments):
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


def entry(hook):
    """What runs the hook, as the repository's own file says, with this Python."""
    found = re.search(rf"^- id: {hook}\n(?:  .*\n)*?  entry: captionfix (.*)$", HOOKS, re.MULTILINE)
    return f"{shlex.quote(sys.executable)} -m captionfix {found[1]}"


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.name", "somebody")
    git(tmp_path, "config", "user.email", "somebody@example.org")
    (tmp_path / ".pre-commit-config.yaml").write_text(
        "repos:\n- repo: local\n  hooks:\n"
        + "".join(
            f"  - {{id: {hook}, name: {hook}, entry: '{entry(hook)}', language: system, types: [html], "
            f"stages: [{stage}]}}\n"
            for hook, stage in (("captionfix", "pre-commit"), ("captionfix-check", "manual"))
        )
    )
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begin")
    return tmp_path


@pytest.fixture(params=[PRE_COMMIT, PREK], ids=["pre-commit", "prek"])
def runner(request, repository):
    if not (shutil.which(request.param[0]) or Path(request.param[0]).exists()):
        pytest.skip(f"{request.param[0]} is not installed")

    def run(*arguments):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        environment |= {"PRE_COMMIT_COLOR": "never", "PRE_COMMIT_HOME": str(repository / ".git" / "home")}
        command = [*request.param, "run", *arguments]
        return subprocess.run(command, cwd=repository, capture_output=True, text=True, env=environment, check=False)

    return run


def test_what_is_not_staged_stays_as_it_is(repository, runner):
    """Of a page of which a part is staged, that part is fixed; the rest is there afterwards, unstaged and whole."""
    page = repository / "page.html"
    page.write_text(DOUBLED + FILL)
    git(repository, "add", ".")
    page.write_text(DOUBLED + FILL + "<p>not staged</p>\n")
    done = runner()
    assert done.returncode == 1, done.stdout + done.stderr
    assert page.read_text() == CLEAN + FILL + "<p>not staged</p>\n"
    assert git(repository, "show", ":page.html") == DOUBLED + FILL
    git(repository, "add", ".")
    assert runner().returncode == 0


def test_many_files_are_split_over_processes(repository, runner):
    """Hundreds of pages with long, blank and Unicode names are all fixed, and pass the second time."""
    names = [f"a folder/Bild é日本 {number} {'x' * 60}.html" for number in range(300)]
    for name in ("'quotes'.html", 'a "b".html', "$HOME.html", *names):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(DOUBLED)
    git(repository, "add", ".")
    first = runner("--all-files")
    assert first.returncode == 1, first.stdout + first.stderr
    pages = list(repository.rglob("*.html"))
    assert len(pages) == 303
    assert {page.read_text() for page in pages} == {CLEAN}
    git(repository, "add", ".")
    assert runner("--all-files").returncode == 0
    assert git(repository, "status", "--porcelain", "--ignored", "--untracked-files=all").count("??") == 0


def test_pictures_beside_a_page_are_looked_at(repository, runner):
    """Images that lie beside a page tell two pictures apart that their names do not."""
    page = repository / "page.html"
    (repository / "boat.jpg?w=800").write_bytes(saved(photo(1)))
    (repository / "boat.jpg?w=1600").write_bytes(saved(photo(2)))
    (repository / "captionfix.toml").write_text('scripts = "dead"\n')
    page.write_text(PICTURES)
    git(repository, "add", ".")
    assert runner("--all-files").returncode == 0
    assert page.read_text() == PICTURES
    (repository / "boat.jpg?w=1600").write_bytes(saved(photo(1), quality=60))
    assert runner("--all-files").returncode == 1
    assert page.read_text().count("<img") == 1


def test_the_settings_and_marks_of_the_repository_count(repository, runner):
    """Excluded files are left alone although each is named, and what is marked stays."""
    (repository / "captionfix.toml").write_text('extend-exclude = ["vendor"]\n')
    (repository / "vendor").mkdir()
    (repository / "vendor" / "a.html").write_text(DOUBLED)
    (repository / "marked.html").write_text(f"<!-- captionfix: keep -->\n{DOUBLED}")
    git(repository, "add", ".")
    assert runner("--all-files").returncode == 0
    assert (repository / "vendor" / "a.html").read_text() == DOUBLED


def test_the_check_reports_only(repository, runner):
    """The checking hook fails and writes nothing."""
    (repository / "page.html").write_text(DOUBLED)
    git(repository, "add", ".")
    done = runner("--all-files", "--hook-stage", "manual", "captionfix-check")
    assert (done.returncode, "CF104" in done.stdout) == (1, True), done.stdout + done.stderr
    assert (repository / "page.html").read_text() == DOUBLED
