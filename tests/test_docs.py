"""The documents say what the program does."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from settings_reference import reference

from captionfix import __version__
from captionfix.cli import app
from captionfix.rules import RULES
from captionfix.settings import Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def command_line(*arguments):
    command = [sys.executable, "-m", "captionfix", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def commands(group=None, above=""):
    """Every command by its name, those of groups with the group's name before theirs."""
    found = {}
    for name, command in (group or typer.main.get_command(app)).commands.items():
        found[above + name] = command
        if hasattr(command, "commands"):
            found |= commands(command, f"{above}{name} ")
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_documented(name):
    """docs/cli.md names every command and every option, and each has a help text."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert f"captionfix {name}" in text
    assert commands()[name].help
    for parameter in commands()[name].params:
        assert getattr(parameter, "help", "") or parameter.name == "help", f"{name}: {parameter.name} has no help"
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert option in text, f"{option} of {name} is not documented"


def test_every_setting_is_documented():
    """docs/cli.md names every setting of the settings file."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name in Settings.__dataclass_fields__:
        assert f"`{name.replace('_', '-')}`" in text


def test_rules_are_documented():
    """docs/rules.md is what the program says about its rules, and the README lists them all."""
    text = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert text == "# Rules\n\n" + command_line("rules", "CF").stdout.rstrip("\n") + "\n"
    for rule in RULES:
        assert f"docs/rules.md#{rule.code.lower()}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_explains_itself(rule):
    """A rule says what it finds, why that is bad, an example, and how safe its mend is."""
    for part in ("**Why it is bad.**", "**Example.**", "**Safety.**"):
        assert part in rule.explanation


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_python_examples_run(path):
    """Every Python example of the documents runs."""
    for code in re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        exec(compile(code, str(path), "exec"), {})  # noqa: S102


def test_the_readme_shows_what_the_first_command_prints(tmp_path):
    """The output below the quick start is what cleaning the example site prints."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)[1]
    done = command_line("clean", "fixtures/site", "-o", str(tmp_path / "out"))
    assert done.stdout.replace("\\", "/") == shown
    assert done.returncode == 0


def test_links_between_documents_lead_somewhere():
    """Relative links of the documents name files that are there."""
    for path in (*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_readme_reads_well_on_a_package_index():
    """Every link and picture of the README is whole, and those of this repository name files that are there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert all(target.startswith("https://") for target in targets)
    home = r"https://(?:github|raw\.githubusercontent)\.com/captionfix/captionfix/(?:(?:blob|tree)/)?main/([^#]+)"
    own = [found[1] for target in targets if (found := re.match(home, target))]
    assert len(own) > 20
    assert [path for path in own if not (ROOT / path).exists()] == []
    assert text.index("pip install captionfix") < text.index("## Quick start")


def test_the_version_is_told_alike():
    """The citation and the README's recipe for pre-commit name the version of this package."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", text, re.MULTILINE)[1] == __version__
    assert re.findall(r"rev: v(\S+)", (ROOT / "README.md").read_text(encoding="utf-8")) == [__version__]


def test_every_test_states_a_behaviour():
    """A test's docstring says what holds, so that a failure can be understood without its code."""
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"


def test_the_settings_reference_is_what_the_code_says():
    """docs/settings.md is made from the code; tools/settings_reference.py writes it anew."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == reference()


@pytest.mark.slow
def test_the_tutorial_runs(tmp_path):
    """Each command of the tutorial does what it says, one after the other."""
    shutil.copytree(ROOT / "fixtures" / "site", tmp_path / "site")
    before = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file()}
    environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/tutorial.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line.split() for block in blocks[1:] for line in block.splitlines()]
    assert len(lines) > 10
    told = {}
    for program, *arguments in lines:
        if program == "touch":
            (tmp_path / arguments[0]).touch()
            continue
        command = [sys.executable, "-m", program, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, errors="replace", check=False
        )
        assert done.returncode in (0, 1), (arguments, done.stderr)
        told[" ".join(arguments)] = done
    assert {path: path.read_bytes() for path in before} == before
    assert "0 to change" in told["check cleaned"].stdout
    assert (tmp_path / "review.html").stat().st_size > 10_000
    assert "1 finding by a recorded decision" in told["check site/market.html"].stdout


@pytest.mark.full
def test_the_site_is_built_without_a_warning(tmp_path):
    """Every page and every link between pages is there."""
    pytest.importorskip("material", reason="needs the extra docs")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").exists()
