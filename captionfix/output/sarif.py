"""A report as SARIF 2.1.0 (OASIS standard, 2020-03-27), which code scanning services read.

Regions tell lines and columns in code points, and bytes of the original page; fixes replace these bytes.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from captionfix.formatting import dumps, printable
from captionfix.model import Edit, Finding, Span
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.place import uri
from captionfix.output.words import message, note
from captionfix.rule_table import RULES

if TYPE_CHECKING:
    from captionfix.workers import Outcome

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/captionfix/captionfix"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "captionfixPair/v1"
_INDEX = {rule.code: at for at, rule in enumerate(RULES)}


class Writer:
    """Writes one run, result by result; what failed comes at its end, as the standard has it.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options
        self._between = "\n"
        self._failures: list[dict[str, Any]] = []

    def begin(self) -> Iterator[str]:
        """Yield what is known before the first result."""
        head = {"$schema": _SCHEMA, "version": "2.1.0"}
        run = {
            "tool": {"driver": _driver(self._options.version)},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which captionfix was started."}}},
        }
        yield dumps(head).removesuffix("}") + ', "runs": [' + dumps(run).removesuffix("}") + ', "results": ['

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the results of a page, look-alikes aside."""
        if outcome.error is not None:
            self._failures.append(_failure(outcome.error.locator, f"{outcome.error.cause}; {outcome.error.hint}"))
        number: Counter[str] = Counter()
        for finding in self._options.asked_for(outcome):
            number[finding.key] += 1
            if finding.is_open or finding.suppressed:
                yield self._between + dumps(_result(finding, number[finding.key]))
                self._between = ",\n"
        for bad in outcome.bad_pictures:
            text = f"picture {bad.locator}: {bad.cause}; {bad.hint}"
            self._failures.append(_failure(outcome.locator, text, level="warning"))

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield how the run ended."""
        invocation = {
            "executionSuccessful": not counts.errors,
            "toolExecutionNotifications": self._failures,
        }
        properties = dumps({"summary": counts.as_json()})
        yield f'\n], "invocations": [{dumps(invocation)}], "properties": {properties}}}]}}\n'


def _driver(version: str) -> dict[str, Any]:
    return {
        "name": "captionfix",
        "semanticVersion": version,
        "informationUri": _HOME,
        "rules": [
            {
                "id": rule.code,
                "name": rule.name.title().replace("_", ""),
                "shortDescription": {"text": f"{rule.finds[0].upper()}{rule.finds[1:]}."},
                "fullDescription": {"text": rule.explanation.replace("``", "`")},
                "help": {"text": rule.explanation, "markdown": rule.explanation.replace("``", "`")},
                "helpUri": f"{_HOME}/blob/main/docs/rules.md#{rule.code.lower()}",
                "defaultConfiguration": {"level": "warning"},
            }
            for rule in RULES
        ],
    }


def _result(finding: Finding, number: int) -> dict[str, Any]:
    why = note(finding)
    found: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": _INDEX[finding.code],
        "level": "warning" if finding.applied else "note",
        "message": {"text": f"{message(finding)} [{why}]" if why else message(finding)},
        "locations": [{"physicalLocation": _place(finding.page, (finding.line, finding.column), finding.spans[:1])}],
        "partialFingerprints": {_FINGERPRINT: f"{finding.key}:{number}"},
    }
    if finding.kept_at is not None:
        place = _place(finding.page, finding.kept_at, finding.spans[1:2])
        found["relatedLocations"] = [{"id": 1, "message": {"text": "the copy that stays"}, "physicalLocation": place}]
    if finding.edits:
        found["fixes"] = [_fix(finding)]
    if finding.suppressed:
        kind = "inSource" if finding.suppressed.startswith("a mark") else "external"
        found["suppressions"] = [{"kind": kind, "justification": printable(finding.suppressed)}]
    return found


def _place(page: str, at: tuple[int, int], spans: tuple[Span, ...]) -> dict[str, Any]:
    region = {"startLine": at[0], "startColumn": at[1]}
    for span in spans:
        region |= _bytes(span)
    return {"artifactLocation": _artifact(page), "region": region}


def _artifact(page: str) -> dict[str, str]:
    told = uri(page)
    return {"uri": told} if told.startswith("file:") else {"uri": told, "uriBaseId": _ROOT}


def _bytes(span: Span) -> dict[str, int]:
    return {"byteOffset": span.start, "byteLength": span.end - span.start}


def _fix(finding: Finding) -> dict[str, Any]:
    replacements = [_replacement(edit) for edit in finding.edits]
    return {
        "description": {"text": "Take out the repeat; every other byte stays."},
        "artifactChanges": [{"artifactLocation": _artifact(finding.page), "replacements": replacements}],
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    """Bytes instead of bytes: as text where that is the same in every encoding of pages."""
    made: dict[str, Any] = {"deletedRegion": _bytes(edit.span)}
    if edit.replacement.isascii():
        return made | ({"insertedContent": {"text": edit.replacement.decode("ascii")}} if edit.replacement else {})
    return made | {"insertedContent": {"binary": base64.b64encode(edit.replacement).decode("ascii")}}


def _failure(page: str, text: str, *, level: str = "error") -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": _artifact(page)}}
    return {"level": level, "message": {"text": printable(text)}, "locations": [location]}
