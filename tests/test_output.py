"""Reports for CI systems: SARIF, annotations of GitHub, JUnit; one form, one file."""

import base64
import json
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from captionfix.errors import PageError
from captionfix.model import Edit, Evidence, Finding, Safety, Span
from captionfix.output import FORMS, open_report
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.runs.batch import Outcome, run
from captionfix.settings import Settings

ROOT = Path(__file__).parent.parent
DOUBLED = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>\n'
FINDING = Finding(
    "CF102",
    "a b%,:\x1b.html",
    (Span(1, 9), Span(12, 15)),
    3,
    2,
    "alt\nof a boat, 100% the caption",
    (Evidence("text", "equal", 1.0),),
    Safety.SAFE,
    (Edit(Span(3, 5), b'alt=""'), Edit(Span(6, 7), b"\xff"), Edit(Span(8, 9))),
    applied=True,
    kept_at=(7, 1),
    caption="Boats leave",
    picture="boat.jpg",
    key="0123456789abcdef",
)
REVIEW = replace(FINDING, safety=Safety.REVIEW, applied=False, edits=(), line=9)
KEPT = replace(REVIEW, safety=Safety.SHOW, key="f" * 16)
SUPPRESSED = replace(FINDING, suppressed="a mark in the page", applied=False)
ERROR = PageError("b.html", "is not text & <markup>", "name another page", 7)
PAGE = Outcome(FINDING.page, (FINDING, FINDING, REVIEW, KEPT, SUPPRESSED), changed=True)


def told(form, *outcomes, **options):
    report = open_report(form, ReportOptions(version="1.2.3", **options))
    counts = Counts()
    pieces = [*report.begin()]
    for outcome in outcomes:
        counts.count(outcome)
        pieces += report.page(outcome)
    return "".join([*pieces, *report.end(counts)])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_from_run_to_run(form, tmp_path, monkeypatch):
    """A report has no time, no folder of this machine and no order by chance, and nothing acts on a terminal."""
    reports = set()
    for name in ("here", "there"):
        (tmp_path / name / "site").mkdir(parents=True)
        for page in ("a.html", "b.html"):
            (tmp_path / name / "site" / page).write_text(DOUBLED)
        monkeypatch.chdir(tmp_path / name)
        reports.add(told(form, *run([Path("site")], Settings(cache=False))))
    assert len(reports) == 1
    assert "\x1b" not in told(form, PAGE, Outcome("b.html", error=ERROR))
    assert f"`{form}`" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_sarif_has_what_services_read():
    """A result names rule, place in lines and bytes, the other copy, a fingerprint and the edits; errors are told."""
    (run_,) = json.loads(told("sarif", PAGE, Outcome("b.html", error=ERROR)))["runs"]
    driver = run_["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("captionfix", "1.2.3")
    first, second, review, marked = run_["results"]
    assert driver["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "CF102"
    (place,) = first["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b%25%2C%3A%1B.html", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 2, "byteOffset": 1, "byteLength": 8},
    }
    (other,) = first["relatedLocations"]
    assert other["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 1, "byteOffset": 12, "byteLength": 3}
    prints = [result["partialFingerprints"]["captionfixPair/v1"] for result in run_["results"]]
    assert prints == [f"0123456789abcdef:{number}" for number in (1, 2, 3, 4)]
    assert [result["level"] for result in run_["results"]] == ["warning", "warning", "note", "note"]
    assert "suppressions" not in second | review
    assert marked["suppressions"] == [{"kind": "inSource", "justification": "a mark in the page"}]
    (invocation,) = run_["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("is not text & <markup>; name")


def test_sarif_fixes_are_the_edits_of_bytes():
    """The fix of a result is what clean does: applied to the bytes, it gives the cleaned page."""
    (result, *_) = json.loads(told("sarif", PAGE))["runs"][0]["results"]
    (fix,) = result["fixes"]
    replaced = fix["artifactChanges"][0]["replacements"]
    assert [each["deletedRegion"] for each in replaced] == [
        {"byteOffset": 3, "byteLength": 2},
        {"byteOffset": 6, "byteLength": 1},
        {"byteOffset": 8, "byteLength": 1},
    ]
    assert replaced[0]["insertedContent"] == {"text": 'alt=""'}
    assert base64.b64decode(replaced[1]["insertedContent"]["binary"]) == b"\xff"
    assert "insertedContent" not in replaced[2]


def test_fingerprints_outlive_moves_and_tell_a_new_copy(tmp_path, monkeypatch):
    """Lines above, another folder and class names change no fingerprint; one more copy has a new one."""
    monkeypatch.chdir(tmp_path)
    caption = "The ferry on her first crossing, two hours behind the timetable."
    figure = f'<figure><img src="img/f.jpg"><figcaption>{caption}</figcaption><p>{caption}</p></figure>'

    def prints(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        results = json.loads(told("sarif", *run([path], Settings(cache=False))))["runs"][0]["results"]
        return [result["partialFingerprints"]["captionfixPair/v1"] for result in results]

    before = prints("a.html", figure)
    assert len(before) == 1
    assert prints("sub/b.html", "<!-- a line\nmore -->\n" + figure.replace("<p>", '<p class="x">')) == before
    more = prints("a.html", figure.replace("</figure>", f"<p>{caption}</p></figure>"))
    assert more == [*before, before[0].replace(":1", ":2")]
    assert prints("a.html", figure.replace("first", "second")) != before


def test_github_escapes_what_would_end_a_command():
    """Percent signs, line ends, colons and commas are escaped; what is to fix is an error, for review a notice."""
    first, second, review, *rest = told("github", PAGE).splitlines()
    assert first == second
    assert first.startswith(
        "::error file=a b%25%2C%3A\ufffd.html,line=3,col=2,title=captionfix CF102::alt\ufffdof a boat, "
    )
    assert "100%25 the caption" in first
    assert review.startswith("::notice file=")
    assert not any(line.startswith("::") for line in rest)
    (error, *_) = told("github", Outcome("b.html", error=ERROR)).splitlines()
    assert error == "::error file=b.html::is not text & <markup>; name another page"


def test_junit_fails_what_is_to_fix():
    """Each page is a suite; what is to fix fails, what is for review is skipped, else a test passes."""
    clean = Outcome("c.html", ())
    root = ET.fromstring(  # noqa: S314 our own
        told("junit", PAGE, Outcome("b.html", error=ERROR), clean, Outcome("x.css", left="a .css file"))
    )
    assert [suite.get("name") for suite in root] == ["a b%,:\ufffd.html", "b.html", "c.html"]
    assert Counter(each.tag for each in root.iter("*")) == {
        "testsuites": 1, "testsuite": 3, "testcase": 5, "failure": 2, "skipped": 1, "error": 1
    }  # fmt: skip
    for suite in root:
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == len(list(suite.iter(tag)))


def test_equal_findings_of_several_pages_have_one_line():
    """check tells a pair that stands on many pages once, with their number; -v tells each."""
    pages = [Outcome(f"{at}.html", (replace(FINDING, page=f"{at}.html"),), changed=True) for at in range(38)]
    lines = told("text", *pages).splitlines()
    assert [line.split(" ")[0] for line in lines if " CF102 " in line] == ["0.html:3:2", "0.html:3:2"]
    assert lines[1] == '0.html:3:2 CF102 "Boats leave": the same pair on 38 pages'
    assert lines[2].startswith("38 pages read, 38 to change: 38 to fix (CF102 38)")
    assert sum(" CF102 " in line for line in told("text", *pages, verbose=True).splitlines()) == 38


def test_a_page_with_the_same_pair_twice_tells_both():
    """Two equal pairs of one page have a line each."""
    assert sum(" CF102 " in line for line in told("text", PAGE).splitlines()) == 3
