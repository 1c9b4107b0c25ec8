"""Findings for people and machines."""

import json

from captionfix import formatting
from captionfix.model import Edit, Evidence, Finding, Safety, Span
from captionfix.output import text
from captionfix.output.counts import Counts
from captionfix.output.json import as_json

FINDING = Finding(
    "CF102",
    "a\x1b[31m.html",
    (Span(1, 9), Span(12, 15)),
    1,
    2,
    "alt repeats \u202ethe caption",
    (Evidence("text", "equal", 1.0),),
    Safety.SAFE,
    (Edit(Span(3, 5), b'alt=""'), Edit(Span(6, 7), b"\xff")),
    applied=True,
)


def test_lines_hold_nothing_a_terminal_acts_on():
    """Control and bidirectional characters of names and captions are shown, not sent."""
    line = text.line(FINDING)
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert line.startswith("a\ufffd[31m.html:1:2 CF102 ")


def test_json_keeps_bytes_exactly():
    """A replacement that is not ASCII goes as base64; the rest is plain."""
    told = json.loads(formatting.dumps(as_json(FINDING)))
    assert told["edits"] == [
        {"start": 3, "end": 5, "replacement": 'alt=""'},
        {"start": 6, "end": 7, "replacement_base64": "/w=="},
    ]
    assert told["spans"] == [[1, 9], [12, 15]]
    assert told["evidence"] == [{"kind": "text", "name": "equal", "figure": 1.0}]


def test_json_of_lone_surrogates_is_sound():
    """Lone surrogates become replacement characters, so that every JSON reader takes the report."""
    assert json.loads(formatting.dumps({"a": "\udcff"})) == {"a": "?"}


def test_a_diff_keeps_odd_bytes():
    """A diff carries the pages' own bytes and says where a last line has no end."""
    lines = b"".join(formatting.diff(b"a\xff\r\nb", b"a\xff\r\n", "/x.html"))
    assert lines.startswith(b"--- a/x.html\n+++ b/x.html\n")
    assert b" a\xff\r\n" in lines
    assert lines.endswith(b"-b\n\\ No newline at end of file\n")


def test_exit_codes():
    """Errors win over findings, and findings count only where asked."""
    found = Counts()
    found.add([FINDING], changed=True)
    assert found.exit_code(found_is_one=True) == 1
    assert found.exit_code(found_is_one=True, allowed=1) == 0
    assert found.exit_code(found_is_one=False) == 0
    found.errors = 1
    assert found.exit_code(found_is_one=True, allowed=9) == 2
