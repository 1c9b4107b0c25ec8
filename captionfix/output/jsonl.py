"""A report as JSON Lines: a header, each finding, each error, the summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from captionfix.formatting import dumps, header
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.json import as_json, error_as_json, picture_as_json, place_as_json

if TYPE_CHECKING:
    from captionfix.workers import Outcome


class Writer:
    """Writes a line each.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options

    def begin(self) -> Iterator[str]:
        """Yield the header."""
        yield _line("header", header(self._options.version))

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the error, the findings and the bad pictures of a page."""
        if outcome.error is not None:
            yield _line("error", error_as_json(outcome.error))
        for finding in self._options.asked_for(outcome):
            yield _line("finding", as_json(finding) | place_as_json(outcome))
        for bad in outcome.bad_pictures:
            yield _line("picture", picture_as_json(outcome.locator, bad))

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield the summary."""
        yield _line("summary", counts.as_json())


def _line(kind: str, data: dict[str, object]) -> str:
    return dumps({"type": kind, **data}) + "\n"
