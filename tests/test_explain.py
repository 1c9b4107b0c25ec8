"""What is told of what was compared: the cases that decided, those that did not hold, and where both stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest
from pages import Case, by_rule, cases, command_line, failing, why_of

import captionfix
from captionfix.model import Finding, Safety
from captionfix.output import text
from captionfix.pipeline import clean_page
from captionfix.safety import TABLE

CAPTION = "Boats leave the harbour at dawn."
LIGHT = "The lighthouse, seen from the pier."
PAGE = f"""<!DOCTYPE html>
<p>On the island there is much to see for those who come by sea, and little to do.</p>
<figure><img src="boat.jpg">
<figcaption>{CAPTION}</figcaption>
<p>{CAPTION}</p>
</figure>
<figure><img src="light.jpg"><figcaption>
{LIGHT}
</figcaption></figure>
<ul><li>{LIGHT}</li></ul>
"""
KEPT = f'<figure><img src="b.jpg"><figcaption>{CAPTION}</figcaption></figure><ul><li>{CAPTION}</li></ul>'
LOOK_ALIKE = f'{{}}:10:5 CF101 the same caption stands here again: "{LIGHT}" (also at 7:30; picture light.jpg) [kept]'
FIXED, ITEM, KEPT_FIRST_LINE, KEPT_LAST_LINE = 5, 10, 7, 9


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def names(finding: Finding, *, held: bool) -> list[str]:
    return [check.case for check in finding.checks if check.held is held]


def lines(*arguments: object, **options: object) -> list[str]:
    """What is told, less what to do next."""
    told = command_line(*arguments, **options).stdout.decode().splitlines()
    return [line for line in told if not line.startswith("next: ")]


def test_every_case_is_told_with_its_reason() -> None:
    """With explain, all cases of CF101's table are there in their order, and the first that holds decides."""
    fixed, kept = captionfix.check(PAGE, explain=True)
    rows = [row for row in TABLE if row.code == "CF101" and row.check]
    assert [check.case for check in fixed.checks if check.rule == "CF101"] == [row.case for row in rows]
    assert names(fixed, held=True)[0] == fixed.case == "one figure"
    assert {"headline", "neighbours", "text only", "control", "hidden", "printed", "scripted"} <= {
        *names(fixed, held=False)
    }
    assert names(kept, held=True)[0] == kept.case == "item"
    assert [check.reason for check in kept.checks if kept.decides(check)] == ["these repeat on purpose"]
    assert (fixed.is_kept, kept.is_kept) == (False, True)


def test_the_lines_of_both_are_told() -> None:
    """With explain, a finding says from which to which line the duplicate and what stays are; without, it does not."""
    fixed, kept = captionfix.check(PAGE, explain=True)
    assert fixed.lines == ((FIXED, FIXED), (4, 4))
    assert kept.lines == ((ITEM, ITEM), (KEPT_FIRST_LINE, KEPT_LAST_LINE))
    assert [kept.touches(line) for line in (6, 7, 8, 9, 10, 11)] == [False, True, True, True, True, False]
    assert {finding.lines for finding in captionfix.check(PAGE)} == {()}
    assert [finding.touches(finding.line) for finding in captionfix.check(PAGE)] == [True, True]


def test_without_explain_only_what_held_is_told() -> None:
    """The case that decided is always there, and the findings are otherwise the same."""
    plain, explained = captionfix.check(PAGE), captionfix.check(PAGE, explain=True)
    assert [[check.case for check in finding.checks] for finding in plain] == [["one figure"], ["item"]]
    assert [replace(each, checks=(), lines=()) for each in explained] == [replace(each, checks=()) for each in plain]
    assert captionfix.clean(PAGE, settings=captionfix.Settings(explain=True)).findings == explained


def test_what_overrules_a_rule_is_told() -> None:
    """A script that may open a box, a link that would lose its name: what is asked of every rule comes behind."""
    box = (
        f'<figure><img src="b.jpg"><figcaption>{CAPTION}</figcaption></figure>'
        f'<details><summary>Large</summary><img src="b.jpg"><p class="caption">{CAPTION}</p></details>'
    )
    found = [finding for finding in captionfix.check(box, explain=True) if finding.code == "CF101"]
    assert [(finding.case, finding.safety) for finding in found] == [("opens without scripts", Safety.REVIEW)]
    held = names(found[0], held=True)
    assert held.index("hidden") < held.index("opens without scripts") == len(held) - 1
    link = f'<figure><a href="/story"><img src="b.jpg" alt="{CAPTION}"></a><figcaption>{CAPTION}</figcaption></figure>'
    (name,) = captionfix.check(link, explain=True)
    assert (name.case, name.safety) == ("name", Safety.SHOW)


def test_a_tree_is_explained_too() -> None:
    """An lxml tree's findings have the same cases; it has no bytes, and so no lines but that of the element."""
    settings = captionfix.Settings(explain=True)
    told = captionfix.clean_tree(lxml.html.fromstring(PAGE), settings=settings)
    assert [(each.case, each.checks) for each in told] == [
        (each.case, each.checks) for each in captionfix.check(PAGE, settings=settings)
    ]


def test_plain_text_names_its_case() -> None:
    """Findings of plain text have a case too."""
    said = "Boats leave the harbour at dawn, seen from the old lighthouse in the north of town.\n"
    (found,) = clean_page((said + "\n" + said).encode(), captionfix.Settings(explain=True), text=True).findings
    assert (found.case, names(found, held=True), found.lines) == ("twice", ["twice"], ((3, 3), (1, 1)))


@pytest.mark.parametrize("rule", by_rule(cases()))
def test_every_finding_is_explained(rule: str) -> None:
    """Of each finding one case decides; explaining changes nothing else."""
    assert failing(is_explained, by_rule(cases())[rule], why_of) == {}


def is_explained(case: Case) -> None:
    settings = replace(case.settings, explain=True)
    told = clean_page(case.before, settings, locator=case.why, text=case.text, page_images=case.page_images)
    assert told.result == case.cleaned.result
    for finding, plain in zip(told.findings, case.cleaned.findings, strict=True):
        decides = [check for check in finding.checks if finding.decides(check)]
        assert decides
        assert replace(finding, checks=(), lines=()) == replace(plain, checks=(), lines=())
        assert [check for check in plain.checks if plain.decides(check)]
        assert len(finding.lines) == len(finding.spans)


def test_look_alikes_are_one_line(page: Path) -> None:
    """What is kept is counted in the last line, and told on its own with -v and --explain only."""
    last = ["1 page read, 1 to change: 1 to fix (CF101 1), 40 bytes less", "kept: 1 look-alike (--explain tells why)"]
    doubled = f'{page}:5:1 CF101 the same caption stands here again: "{CAPTION}" (also at 4:1; picture boat.jpg)'
    assert lines("check", page) == [doubled, *last]
    for option in ("-v", "--explain"):
        told = lines("check", page, option)
        assert LOOK_ALIKE.format(page) in told
        assert told[-2:] == last
    assert lines("check", page, "-q", "--explain") == []


def test_nothing_to_fix_is_not_nothing_repeats(page: Path) -> None:
    """A page of look-alikes is not called free of repeats, one without any finding is; both exit with 0."""
    page.write_text(KEPT, encoding="utf-8")
    done = command_line("check", page)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"1 page read, 0 to change: nothing to fix\n")
    page.write_text(f"<p>{CAPTION}</p>", encoding="utf-8")
    assert lines("check", page, "--explain") == ["1 page read, 0 to change: nothing repeats"]


def test_explaining_a_line(page: Path) -> None:
    """PATH:LINE tells what repeats, or is repeated, on that line; the exit code is that of the page."""
    for line in (KEPT_FIRST_LINE, 8, KEPT_LAST_LINE, ITEM):
        done = command_line("check", "--explain", f"{page}:{line}")
        told = done.stdout.decode().splitlines()
        assert [each for each in told if ":10:5 CF" in each] == [LOOK_ALIKE.format(page)]
        assert "    lines: duplicate 10, kept 7 to 9" in told
        why = "the text is one of a list, a table, a quotation or a form"
        assert f"    kept: {why} (these repeat on purpose)" in told
        assert f"    case item: yes (show): {why}" in told
        assert "    case headline: no: one of the two is a headline" in told
        assert (
            "    case neighbours: no: nothing stands between the two; needs 20 letters by a picture, 60 elsewhere"
            in told
        )
        assert done.returncode == 1
    both = lines("check", "--explain", f"{page}:5", f"{page}:10")
    assert sum(" CF101 the same" in line for line in both) == 2
    assert both[-2].startswith("1 page read")


def test_a_line_with_nothing_on_it_says_so(page: Path) -> None:
    """A line on which nothing was compared is named."""
    assert lines("check", "--explain", f"{page}:2")[0] == f"{page}:2: nothing on this line was compared"


def test_paths_with_colons(page: Path) -> None:
    """A file called like a page and a line is that file, a line needs --explain, and a folder has none."""
    odd = page.with_name("page.html:5")
    try:
        odd.write_text(KEPT, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert "0 to change" in lines("check", "--explain", odd)[-2]
    odd.unlink()
    assert command_line("check", odd).returncode == 2
    folder = command_line("check", "--explain", f"{page.parent}:5")
    assert (folder.returncode, b"is a folder" in folder.stderr) == (3, True)
    assert command_line("check", "--explain", f"{page.parent}/none.html:5").returncode == 2


def test_standard_input_and_pipes(page: Path) -> None:
    """Standard input has lines too, and nothing in a pipe is coloured."""
    done = command_line("check", "--explain", "--", "-:10", input=PAGE.encode())
    assert done.stdout.startswith(b"-:10:5 CF101 ")
    assert b"\x1b" not in done.stdout + done.stderr
    cleaned = command_line("clean", "--explain", "-", input=PAGE.encode())
    assert cleaned.stdout == captionfix.clean(PAGE.encode()).html
    assert b"    case headline: no: " in cleaned.stderr


def test_json_has_the_cases(page: Path) -> None:
    """JSON has what is kept in any case, the case and what held; with --explain all cases and the lines."""
    (told,) = json.loads(command_line("check", page, "--format", "json").stdout)["pages"]
    assert [each["case"] for each in told["findings"]] == ["one figure", "item"]
    assert [[check["held"] for check in each["checks"]] for each in told["findings"]] == [[True], [True]]
    records = map(json.loads, lines("check", "--explain", f"{page}:10", "--format", "jsonl"))
    (kept,) = [record for record in records if record["type"] == "finding"]
    assert (kept["case"], kept["lines"]) == ("item", [[10, 10], [7, 9]])
    assert kept["checks"][0] == {
        "rule": "CF101",
        "case": "headline",
        "held": False,
        "safety": "show",
        "says": "one of the two is a headline",
        "reason": "a caption may be the headline, and then both stay",
    }


def test_explain_is_a_setting(page: Path) -> None:
    """The settings file may ask for explanations, and the command line takes that back."""
    page.with_name("captionfix.toml").write_text("explain = true", encoding="utf-8")
    assert "    lines: duplicate 10, kept 7 to 9" in lines("check", "page.html", cwd=page.parent)
    assert len(lines("check", "page.html", "--no-explain", cwd=page.parent)) == 3


def test_explanations_cannot_act_on_the_terminal() -> None:
    """What an explanation quotes of a page is shown, not sent."""
    (finding,) = captionfix.check(KEPT, explain=True)
    told = text.explanation(replace(finding, refused="an id \x1b[31m", evidence=()))
    assert not any("\x1b" in line for line in told)
