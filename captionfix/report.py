"""Findings for people and machines: lines, JSON, counts, and the exit code they come to."""

from __future__ import annotations

import base64
import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from captionfix.errors import PageError, PictureError
from captionfix.model import CaseCheck, Edit, Finding, Safety

SCHEMA = 1
"""The version of the JSON form; it grows when a field changes its meaning or goes."""

_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control, bidirectional and lone surrogate characters: in a terminal they would act, not show."""


@dataclass(slots=True)
class Counts:
    """What a run has seen so far."""

    pages: int = 0
    changed: int = 0
    others: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    bad_pictures: int = 0
    mended: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    for_review: int = 0
    kept: int = 0

    def add(self, findings: Iterable[Finding], *, changed: bool) -> None:
        """Count a page."""
        self.pages += 1
        self.changed += changed
        for finding in findings:
            if finding.applied:
                self.mended[finding.safety.value] += 1
            elif finding.refused:
                self.refused += 1
            elif finding.is_kept:
                self.kept += 1
            else:
                self.for_review += 1

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "pages": self.pages,
            "changed": self.changed,
            "other_files": self.others.total(),
            "other_kinds": dict(self.others.most_common()),
            "fixable": dict(self.mended),
            "refused": self.refused,
            "shown": self.for_review + self.kept,
            "errors": self.errors,
            "bad_pictures": self.bad_pictures,
        }

    def sentence(self, *, mended: bool) -> str:
        """Return the counts as one line.

        Look-alikes are what is compared and kept, with nothing to be done about it.

        Args:
            mended: whether what can be fixed has been.

        >>> Counts(pages=2).sentence(mended=True), Counts(others=Counter(["an RSS feed"])).sentence(mended=True)
        ('2 pages read, 0 changed: nothing repeats', 'no page read; 1 other file (1 RSS feed)')
        >>> Counts(pages=2, kept=14).sentence(mended=False)
        '2 pages read, 0 to change: nothing to fix; 14 look-alikes kept, see --explain'
        """
        parts = [
            f"{self.mended.total():,} {'fixed' if mended else 'to fix'}" if self.mended else "",
            f"{self.refused:,} refused" if self.refused else "",
            f"{self.for_review:,} for review" if self.for_review else "",
        ]
        told = ", ".join(part for part in parts if part)
        if self.kept:
            told = f"{told or 'nothing to fix'}; {plural(self.kept, 'look-alike')} kept, see --explain"
        changed = f"{self.changed} {'changed' if mended else 'to change'}"
        read = f"{plural(self.pages, 'page')} read, {changed}: {told or 'nothing repeats'}"
        line = read if self.pages else "no page read"
        if self.others:
            line += f"; {plural(self.others.total(), 'other file')} ({kinds(self.others)})"
        if self.bad_pictures:
            line += f"; {plural(self.bad_pictures, 'bad picture')}"
        return f"{line}; {plural(self.errors, 'error')}" if self.errors else line


def plural(number: int, noun: str) -> str:
    """Return a number of things.

    >>> plural(1, "page"), plural(2000, "page")
    ('1 page', '2,000 pages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_MOST_KINDS = 6
"""Kinds of files that are listed in a line; reports in JSON have all."""


def kinds(names: Counter[str]) -> str:
    """Return how many files of which kinds there are, the most frequent first.

    Args:
        names: what each is, with its article.

    >>> kinds(Counter(["a JPEG image", "an RSS feed", "a JPEG image"]))
    '2 JPEG images, 1 RSS feed'
    """
    most = names.most_common(_MOST_KINDS)
    told = [plural(number, name.partition(" ")[2]) for name, number in most]
    rest = names.total() - sum(number for _, number in most)
    return ", ".join(told) + (f" and {rest:,} of other kinds" if rest else "")


def printable(text: str) -> str:
    """Return text with nothing in it that a terminal would act on.

    >>> printable("a\\x1b[31mb\\u202ec")
    'a\\ufffd[31mb\\ufffdc'
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def unprintable(text: str, instead: Callable[[str], str]) -> str:
    """Return text with something else for each character that a terminal would act on, line ends left as they are.

    Args:
        text: what is to be shown.
        instead: what to put for such a character.

    >>> unprintable("a\\x9b\\nb", lambda found: f"<{ord(found):x}>")
    'a<9b>\\nb'
    """
    return _UNPRINTABLE.sub(lambda found: found[0] if found[0] == "\n" else instead(found[0]), text)


def line(finding: Finding) -> str:
    """Return a finding as one line: ``path:line:col CODE message``, and what keeps it from being fixed."""
    note = ""
    if not finding.applied:
        note = f" [not fixed: {finding.refused}]" if finding.refused else f" [{_NOTES[finding.safety]}]"
    return printable(f"{finding.page}:{finding.line}:{finding.column} {finding.code} {finding.message}{note}")


_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_NOTES = {
    Safety.SAFE: "reported only",
    Safety.REVIEW: "for review: --review-level fixes it",
    Safety.SHOW: "kept",
}


def evidence_lines(finding: Finding) -> Iterator[str]:
    """Yield what made a finding, a line each."""
    for piece in finding.evidence:
        yield printable(f"    {piece.kind}: {piece}")


def explanation(finding: Finding) -> Iterator[str]:
    """Yield why a finding is fixed, for review or kept, a line each.

    That is where both stand, what decided, what made the finding, and each case that was asked.
    """
    if finding.lines:
        places = [f"{first}" if first == last else f"{first} to {last}" for first, last in finding.lines]
        yield f"    lines: duplicate {places[0]}" + (f", kept {places[1]}" if places[1:] else "")
    decided = next((check for check in reversed(finding.checks) if finding.decides(check)), None)
    if decided is not None:
        yield printable(f"    {_OUTCOMES[decided.safety]}: {decided.says} ({decided.reason})")
    if finding.refused:
        yield printable(f"    not fixed: {finding.refused}")
    yield from evidence_lines(finding)
    for check in finding.checks:
        held = f"yes ({check.safety.value})" if check.held else "no"
        yield printable(f"    case {check.case}: {held}: {check.says}")


_OUTCOMES = {Safety.SAFE: "safe to fix", Safety.REVIEW: "for review", Safety.SHOW: "kept"}


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    return {
        "page": printable(finding.page),
        "code": finding.code,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "safety": finding.safety.value,
        "applied": finding.applied,
        "evidence": [{"kind": each.kind, "name": each.name, "figure": each.figure} for each in finding.evidence],
        "spans": [[span.start, span.end] for span in finding.spans],
        "edits": [_edit(edit) for edit in finding.edits],
        "refused": finding.refused or None,
        "case": finding.case or None,
        "checks": [_check(check) for check in finding.checks],
        "lines": [list(both) for both in finding.lines],
    }


def _check(check: CaseCheck) -> dict[str, Any]:
    return {
        "rule": check.rule,
        "case": check.case,
        "held": check.held,
        "safety": check.safety.value,
        "says": check.says,
        "reason": check.reason,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    found: dict[str, Any] = {"start": edit.span.start, "end": edit.span.end}
    try:
        return found | {"replacement": edit.replacement.decode("ascii")}
    except UnicodeDecodeError:
        return found | {"replacement_base64": base64.b64encode(edit.replacement).decode("ascii")}


def picture_line(page: str, error: PictureError) -> str:
    """Return a picture that could not be looked at as one line: ``path: picture NAME: cause; what next``."""
    return printable(f"{page}: picture {error}")


def picture_as_json(page: str, error: PictureError) -> dict[str, Any]:
    """Return a picture that could not be looked at as JSON has it."""
    told = {"picture": printable(error.locator), "offset": error.offset, "cause": error.cause, "hint": error.hint}
    return {"page": printable(page), **told}


def error_as_json(error: PageError) -> dict[str, Any]:
    """Return an error as JSON has it."""
    return {
        "page": printable(error.locator),
        "offset": error.offset,
        "cause": error.cause,
        "hint": error.hint,
    }


def dumps(data: Any) -> str:
    """Return JSON that every reader takes: lone surrogates become replacement characters."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")


def header(version: str) -> dict[str, Any]:
    """Return what a JSON report opens with."""
    return {"tool": "captionfix", "version": version, "schema": SCHEMA}


def diff(before: bytes, after: bytes, name: str) -> Iterator[bytes]:
    """Yield the lines of a unified diff of two pages, their own bytes kept.

    Args:
        before: the page as it was.
        after: the page cleaned.
        name: the page's name.

    >>> b"".join(diff(b"a\\nb\\n", b"a\\n", "x.html")).splitlines()[-2:]
    [b' a', b'-b']
    """
    if before.startswith((b"\xff\xfe", b"\xfe\xff")):
        before, after = (page.decode("utf-16", "replace").encode() for page in (before, after))
    label = printable(name).lstrip("/").encode() + (b"\t" if " " in name else b"")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _LINE.findall(before), _LINE.findall(after), b"a/" + label, b"b/" + label
    )
    for each in lines:
        yield each if each.endswith(b"\n") else each + b"\n\\ No newline at end of file\n"


def exit_code(counts: Counts, *, found_is_one: bool) -> int:
    """Return what a run comes to: 2 with errors, else 1 where findings count and are there, else 0.

    Args:
        counts: what the run has seen.
        found_is_one: whether findings that can be mended, or changes, make it 1.
    """
    if counts.errors:
        return 2
    return int(found_is_one and bool(counts.mended))
