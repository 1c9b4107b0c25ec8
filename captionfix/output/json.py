"""A report as one JSON object, and findings as JSON has them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from captionfix.errors import PageError, PictureError
from captionfix.formatting import dumps, header, printable
from captionfix.model import CaseCheck, Edit, Finding
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions

if TYPE_CHECKING:
    from captionfix.workers import Outcome


class Writer:
    """Writes the object page by page.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options
        self._between = ""

    def begin(self) -> Iterator[str]:
        """Yield the head and the beginning of the list of pages."""
        yield dumps({**header(self._options.version), **self._options.origin}).removesuffix("}") + ', "pages": ['

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the record of a page or of an error."""
        if outcome.findings is not None or outcome.error is not None:
            yield self._between + dumps(self._record(outcome))
            self._between = ", "

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield the summary."""
        yield f'], "summary": {dumps(counts.as_json())}}}\n'

    def _record(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "page": printable(outcome.locator),
            **place_as_json(outcome),
            "changed": outcome.changed,
            **({"sha256": outcome.digest} if outcome.digest else {}),
            "findings": [as_json(finding) for finding in self._options.asked_for(outcome)],
            "bad_pictures": [picture_as_json(outcome.locator, bad) for bad in outcome.bad_pictures],
            "error": error_as_json(outcome.error) if outcome.error is not None else None,
        }


def place_as_json(outcome: Outcome) -> dict[str, Any]:
    """Return where a member of a container stands as JSON has it; nothing for a file."""
    if outcome.within is None:
        return {}
    container, member = printable(outcome.within.container), printable(outcome.within.member)
    return {"container": container, "member": member, "offset": outcome.within.offset}


def as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it."""
    return {
        "page": printable(finding.page),
        "code": finding.code,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "caption": finding.caption or None,
        "picture": finding.picture or None,
        "kept_at": list(finding.kept_at) if finding.kept_at else None,
        "key": finding.key,
        "safety": finding.safety.value,
        "applied": finding.applied,
        "evidence": [{"kind": each.kind, "name": each.name, "figure": each.figure} for each in finding.evidence],
        "spans": [[span.start, span.end] for span in finding.spans],
        "edits": [_edit(edit) for edit in finding.edits],
        "refused": finding.refused or None,
        "suppressed": finding.suppressed or None,
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
