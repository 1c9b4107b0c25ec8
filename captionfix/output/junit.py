"""A report as JUnit XML: a suite for each page, a test that fails for each finding that is to be fixed.

There is no standard; elements and attributes are those that Jenkins' schema and GitLab's documentation share.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from captionfix.formatting import printable
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.place import from_here
from captionfix.output.words import message, note

if TYPE_CHECKING:
    from captionfix.errors import PageError
    from captionfix.model import Finding
    from captionfix.workers import Outcome


class Writer:
    """Writes a suite for each page.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options

    def begin(self) -> Iterator[str]:
        """Yield the head."""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="captionfix">\n'

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the suite of a page."""
        if outcome.findings is None and outcome.error is None:
            return
        findings = [finding for finding in self._options.asked_for(outcome) if finding.is_open]
        failures = sum(finding.applied for finding in findings)
        errors = int(outcome.error is not None)
        name = from_here(outcome.locator)
        tests = len(findings) + errors or 1
        counts = {"tests": tests, "failures": failures, "errors": errors, "skipped": len(findings) - failures}
        yield f"  <testsuite{_attributes(name=name, **counts)}>\n"
        if outcome.error is not None:
            yield _case(name, "readable", _error(outcome.error))
        for finding in findings:
            yield _case(name, f"{finding.code} at {finding.line}:{finding.column}", _result(finding))
        if not findings and not errors:
            yield _case(name, "nothing to fix", "")
        yield "  </testsuite>\n"

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield the end; the counts stand at the suites."""
        del counts
        yield "</testsuites>\n"


def _case(page: str, name: str, content: str) -> str:
    head = f"    <testcase{_attributes(classname=page, name=name, file=page)}"
    return f"{head}>\n{content}    </testcase>\n" if content else f"{head}/>\n"


def _result(finding: Finding) -> str:
    text = message(finding)
    if not finding.applied:
        return f"      <skipped{_attributes(message=f'{text} [{note(finding)}]')}/>\n"
    where = f"{from_here(finding.page)}:{finding.line}:{finding.column}"
    told = escape(printable(f"{where} {finding.code} {text}"))
    return f"      <failure{_attributes(message=text, type=finding.code)}>{told}</failure>\n"


def _error(error: PageError) -> str:
    return f"      <error{_attributes(message=str(error), type=type(error).__name__)}/>\n"


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(printable(str(value)))}" for name, value in values.items())
