"""Which files are read: patterns, the project's .gitignore, what is named, and never a word of a foreign folder."""

import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from captionfix.archives.choosing import LeftOut, choose, settings_for
from captionfix.archives.ignore_patterns import decides, read_patterns
from captionfix.errors import PageError, SettingsError
from captionfix.project import find_settings_file, load_settings
from captionfix.settings import Settings

HARD = [
    "a", "/a", "a/", "a/b", "*.html", "**/b", "a/**", "a/**/c", "!b", "!a/b", "[ab]", "[!a]", "a?", "\\#x", "\\!x",
    "b\\ ", "**", "a**b", "*", "/*", "!/a", "c/*", "[a-c]x", "[]-]", "[[:digit:]]", "x[", "\\", "a//b", "**/", "/",
    "a/**/", "é*",
]  # fmt: skip
NAMES = ["a", "b", "c", "ab", "a.html", "#x", "!x", "b ", "ax", "1", "]", "-", "é.html"]


def git(folder, *arguments, **options):
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False, **options)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is the measure")
def test_patterns_are_those_of_git(tmp_path):
    """Random pattern files leave out of random trees what git leaves out."""
    git(tmp_path, "init", "-q")
    chance = random.Random(7)
    paths = {"/".join(chance.choices(NAMES, k=chance.randint(1, 3))) for _ in range(120)}
    files = sorted(path for path in paths if not any(other.startswith(f"{path}/") for other in paths))
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    settings = Settings(project=str(tmp_path), exclude=(".git",))
    for _ in range(150):
        (tmp_path / ".gitignore").write_text("\n".join(chance.choices(HARD, k=chance.randint(1, 4))), encoding="utf-8")
        told = git(tmp_path, "-c", "core.quotePath=false", "ls-files", "-o", "--exclude-standard", "-z").stdout
        mine = {each.below for each in choose(tmp_path, settings) if not isinstance(each, LeftOut)}
        assert mine == set(filter(None, told.decode().split("\0"))), (tmp_path / ".gitignore").read_text()


@pytest.mark.parametrize(
    ("patterns", "path", "left_out"),
    [
        (["drafts"], "a/drafts", True),
        (["/drafts"], "a/drafts", False),
        (["a/*.html"], "a/b/c.html", False),
        (["a/**/c.html"], "a/c.html", True),
        (["*.html", "!index.html"], "a/index.html", False),
        (["[!a].html"], "b.html", True),
        (["old/"], "old", False),
        (["# x", ""], "x", False),
    ],
)
def test_what_patterns_mean(patterns, path, left_out):
    """Slashes anchor, stars stop at slashes, the last pattern that fits decides, a slash at the end means folders."""
    found = decides(read_patterns(patterns), path, is_folder=False)
    assert bool(found and found.leaves_out) is left_out


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    for path in ("a.html", "data/b.html", "data/raw/c.html", ".git/x.html", "node_modules/m/d.html", "sub/e.html"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("<p>Boats")
    (root / "captionfix.toml").write_text("")
    return root


def read(path, settings):
    return {each.path.relative_to(path).as_posix() for each in choose(path, settings) if not isinstance(each, LeftOut)}


def left(path, settings):
    return {(each.place.below, each.by) for each in choose(path, settings) if isinstance(each, LeftOut)}


def test_never_read_unless_named(project):
    """Version control, packages and caches are left out, and told; naming one reads it."""
    assert read(project, Settings()) == {"a.html", "data/b.html", "data/raw/c.html", "sub/e.html", "captionfix.toml"}
    assert left(project, Settings()) == {(".git", "the exclude setting"), ("node_modules", "the exclude setting")}
    assert read(project / "node_modules", Settings()) == {"m/d.html"}
    assert read(project / ".git" / "x.html", Settings()) == {"."}


@pytest.mark.parametrize("ignored", ["data/", "/data", "data/*", "data/**", "**/data"])
def test_gitignore_counts_below_the_project_but_not_for_what_is_named(project, ignored):
    """What .gitignore leaves out is not read, unless the folder is named; force-exclude leaves it out even then."""
    (project / ".gitignore").write_text(f"{ignored}\nsub\n")
    settings = load_settings(directory=project)
    assert settings.project == str(project)
    assert read(project, settings) == {"a.html", "captionfix.toml", ".gitignore"}
    assert {by for _, by in left(project, settings)} == {"the exclude setting", ".gitignore"}
    assert read(project / "data", settings) == {"b.html", "raw/c.html"}
    assert read(project / "data" / "b.html", settings) == {"."}
    if "*" not in ignored.removeprefix("**/"):
        assert read(project / "data", replace(settings, force_exclude=True)) == set()
    assert read(project / "data" / "b.html", replace(settings, force_exclude=True)) == set()
    assert "data/b.html" in read(project, replace(settings, respect_gitignore=False))


def test_a_foreign_folder_decides_nothing(project, tmp_path):
    """Ignore files count neither without a project, nor outside of it, nor behind a link that leads out of it."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / ".gitignore").write_text("*")
    (foreign / "p.html").write_text("<p>Boats")
    (project / "link").symlink_to(foreign)
    for settings in (Settings(), load_settings(directory=project)):
        assert read(foreign, settings) == {"p.html", ".gitignore"}
        assert "p.html" in {each.below for each in choose(project / "link", settings)}
    inside = settings_for(project / "a.html", Settings(project=str(project), kept=("0" * 16,)))
    assert (inside.marks, inside.kept) == (True, ("0" * 16,))
    for path in (foreign / "p.html", project / "link" / "p.html"):
        outside = settings_for(path, Settings(project=str(project), kept=("0" * 16,)))
        assert (outside.marks, outside.kept) == (False, ())


def test_exclude_and_its_extension(project):
    """exclude replaces the list, extend-exclude adds to it; a nested .gitignore wins over one above."""
    settings = load_settings(directory=project)
    assert "data/b.html" not in read(project, replace(settings, extend_exclude=("data/*.html",)))
    assert "data/raw/c.html" in read(project, replace(settings, extend_exclude=("data/*.html",)))
    assert ".git/x.html" in read(project, replace(settings, exclude=()))
    (project / ".gitignore").write_text("*.html\n")
    (project / "data" / ".gitignore").write_text("!b.html\n")
    assert read(project, settings) >= {"data/b.html"}
    assert not read(project, settings) & {"a.html", "data/raw/c.html"}


def test_rules_are_left_out_by_pattern(project):
    """per-file-ignores leaves rules out on pages that fit, or that stand in a folder that fits."""
    settings = Settings(project=str(project), per_file_ignores=(("data/", ("CF1",)), ("*.htm", ("CF2",))))
    assert settings_for(project / "data" / "raw" / "c.html", settings).ignore == ("CF1",)
    assert settings_for(project / "x" / "y.htm", settings).ignore == ("CF2",)
    assert settings_for(project / "a.html", settings).ignore == ()


def test_the_settings_file_is_found_upwards(project, tmp_path):
    """The nearest settings file above counts; a pyproject.toml without the table is passed over."""
    (project / "sub" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert find_settings_file(project / "sub") == project / "captionfix.toml"
    (project / "sub" / "pyproject.toml").write_text('[tool.captionfix]\nper-file-ignores = {"old/*" = ["CF1"]}\n')
    found = load_settings(directory=project / "sub")
    assert (found.per_file_ignores, found.project) == ((("old/*", ("CF1",)),), str(project / "sub"))
    assert find_settings_file(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('project = "x"', "unknown setting 'project'"),
        ('exclude = "x"', "'exclude' takes several texts"),
        ('per-file-ignores = ["x"]', "takes a table of patterns with codes"),
        ('per-file-ignores = {"x" = ["CF9"]}', "no rule 'CF9'"),
    ],
)
def test_wrong_patterns_are_refused(project, text, says):
    """Wrong forms of these settings are refused with what would be right."""
    (project / "captionfix.toml").write_text(text)
    with pytest.raises(SettingsError, match="captionfix") as caught:
        load_settings(directory=project)
    assert says in str(caught.value)


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path, monkeypatch):
    """A folder that the system does not let be looked into is told, and the rest goes on."""
    (tmp_path / "a.html").write_text("<p>Boats")
    missing = OSError(13, "Permission denied")
    missing.filename = "sub"

    def walk(path, onerror):
        onerror(missing)
        yield str(path), [], ["a.html"]

    monkeypatch.setattr("os.walk", walk)
    found = list(choose(Path(tmp_path), Settings()))
    assert [type(each) for each in found][1:] == [PageError]
