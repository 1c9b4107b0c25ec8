"""The benchmark judges by what readers get."""

from __future__ import annotations

import re
import sys
from importlib import util
from pathlib import Path

import pytest
from pages import ROOT

SPEC = util.spec_from_file_location("markup_benchmark", ROOT / "benchmarks" / "markup.py")
markup = util.module_from_spec(SPEC)
sys.modules[SPEC.name] = markup
SPEC.loader.exec_module(markup)
SETS = markup.html_pages()

BEFORE = (
    b"<p>Boats leave</p><figure><a href=b.jpg><img src=b.jpg alt='Boats leave'></a><figcaption>Boats leave"
    b"</figcaption></figure><img src=s.jpg alt=Sea><img src=s.jpg alt=Sea>"
)
AFTER = BEFORE.replace(b"alt='Boats leave'", b'alt=""').removesuffix(b"<img src=s.jpg alt=Sea>")


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (AFTER, "right"),
        (BEFORE, "missed"),
        (AFTER.replace(b"<p>", b"<P class=x>").replace(b"'", b'"'), "right"),
        (AFTER.replace(b"alt=Sea", b""), "harmed"),
        (AFTER.replace(b"<p>Boats leave</p>", b""), "harmed"),
        (AFTER.replace(b"</figure>", b"</figure>More"), "harmed"),
        (AFTER.replace(b"<img src=s.jpg alt=Sea>", b""), "harmed"),
        (AFTER.replace(b"src=s.jpg", b"src=blank.gif data-src=s.jpg"), "harmed"),
        (AFTER.replace(b"<a href=b.jpg>", b"").replace(b"</a>", b""), "harmed"),
        (BEFORE.replace(b"'Boats leave'", b'""'), "missed"),
        (b"", "harmed"),
    ],
)
def test_a_page_is_right_missed_or_harmed(result: bytes, verdict: str) -> None:
    """A result is right, misses something, or harms the page."""
    had, want, got = (markup.view(page, []) for page in (BEFORE, AFTER, result))
    assert markup.compare(had, want, got) == verdict


def test_pages_that_name_one_picture_twice_count_either_copy() -> None:
    """Where two names are told to be one picture, either copy may stay."""
    same = [["boat-1200", "boat-600"]]
    wide, narrow = (markup.view(b"<img src=%b.jpg>" % name, same) for name in (b"boat-1200", b"boat-600"))
    assert wide == narrow


def test_what_the_editor_made_is_right_and_nothing_done_is_never_harm() -> None:
    """The editor's own pages score as right throughout, and untouched ones never as harmed."""
    pages = SETS["shapes"]
    assert set(markup.score(lambda page: page.after, pages).verdicts.values()) == {"right"}
    assert markup.score(lambda page: page.before, pages).pages["harmed"] == 0


def test_a_command_is_scored_with_files_and_with_pipes(tmp_path: Path) -> None:
    """A command is given a page through a pipe or as a file, and one without output is an error."""
    pages = SETS["shapes"][:2]
    script = tmp_path / "copy.py"
    script.write_text("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())\n")
    copier = tmp_path / "copier.py"
    copier.write_text("import shutil, sys\nshutil.copy(*sys.argv[1:])\n")
    python = Path(sys.executable).as_posix()
    for command in (f"{python} {script.as_posix()}", f"{python} {copier.as_posix()} {{page}} {{out}}"):
        for page in pages:
            assert markup.command(command)(page) == page.before
    with pytest.raises(ValueError, match="no output"):
        markup.command(f"{python} -c pass")(pages[0])


@pytest.mark.slow
def test_the_figures_of_the_program_are_those_in_the_document() -> None:
    """docs/benchmark.md shows what the benchmark prints for captionfix today."""
    document = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    for title, pages in SETS.items():
        score = markup.score(markup.captionfix_clean, pages)
        shown = re.search(rf"^{title} +captionfix +(\d+) +(\d+) +(\d+)", document, re.MULTILINE)
        assert [int(number) for number in shown.groups()] == [
            score.pages[each] for each in ("right", "missed", "harmed")
        ]
