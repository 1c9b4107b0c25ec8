"""A report as workflow commands of GitHub Actions, which shows them beside the lines of the pages.

The commands and what has to be escaped in them: "Workflow commands for GitHub Actions" of GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from captionfix.formatting import printable
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.place import from_here
from captionfix.output.words import message

if TYPE_CHECKING:
    from captionfix.model import Finding
    from captionfix.workers import Outcome

_IN_TEXT = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_VALUE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class Writer:
    """Writes a command for each finding that is to be fixed or looked at, and for each error.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options

    def begin(self) -> Iterator[str]:
        """Yield nothing: there is no head."""
        yield from ()

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the commands of a page."""
        if outcome.error is not None:
            error = outcome.error
            yield _command("error", {"file": from_here(error.locator)}, f"{error.cause}; {error.hint}")
        for finding in self._options.asked_for(outcome):
            if finding.is_open:
                yield _annotation(finding)

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield the summary as plain lines of the log."""
        yield from (f"{line}\n" for line in counts.sentences(fixed=self._options.fixed))


def _annotation(finding: Finding) -> str:
    where = {"file": from_here(finding.page), "line": str(finding.line), "col": str(finding.column)}
    level = "error" if finding.applied else "notice"
    return _command(level, {**where, "title": f"captionfix {finding.code}"}, message(finding))


def _command(level: str, values: dict[str, str], text: str) -> str:
    told = ",".join(f"{name}={printable(value).translate(_IN_VALUE)}" for name, value in values.items())
    return f"::{level} {told}::{printable(text).translate(_IN_TEXT)}\n"
