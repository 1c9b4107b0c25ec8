"""Findings that an earlier report tells already: only what is new counts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captionfix.errors import SettingsError
from captionfix.output.place import from_here

if TYPE_CHECKING:
    from captionfix.workers import Outcome

KNOWN = "the baseline"
"""Who says that a finding is known."""


class Baseline:
    """The findings of an earlier report, by their keys and pages.

    A finding is known if the report has one of its key on its page, or on a page that has gone since: files move. One
    more than the report has is new.

    Args:
        path: the report, as ``--format json`` or ``jsonl`` wrote it.

    Raises:
        SettingsError: it cannot be read, or is no such report.
    """

    def __init__(self, path: Path) -> None:
        self._pages: defaultdict[str, Counter[str]] = defaultdict(Counter)
        try:
            for finding in _findings(path.read_text(encoding="utf-8")):
                if not finding["suppressed"]:
                    self._pages[finding["key"]][from_here(finding["page"])] += 1
        except OSError as error:
            raise SettingsError(
                f"{path}: cannot be read: {error.strerror}; check --format json > FILE writes it"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = "is not a report of check --format json or jsonl with keys"
            raise SettingsError(f"{path}: {why}; write it anew with this captionfix") from error

    def without_known(self, outcome: Outcome) -> Outcome:
        """Return what became of a page, its known findings suppressed.

        Args:
            outcome: what became of it.
        """
        if not outcome.findings:
            return outcome
        page = from_here(outcome.locator)
        findings = tuple(
            replace(finding, suppressed=KNOWN) if finding.is_open and self._takes(finding.key, page) else finding
            for finding in outcome.findings
        )
        return replace(outcome, findings=findings)

    def _takes(self, key: str, page: str) -> bool:
        left = self._pages.get(key)
        if left is None:
            return False
        gone = (other for other in sorted(left) if left[other] and not Path(other.partition("!")[0]).exists())
        taken = page if left[page] > 0 else next(gone, None)
        if taken is None:
            return False
        left[taken] -= 1
        return True


def _findings(text: str) -> Iterator[dict[str, Any]]:
    """The findings of a report: one object, or a line each."""
    try:
        pages = json.loads(text)["pages"]
    except ValueError:
        for line in text.splitlines():
            record = json.loads(line)
            if record["type"] == "finding":
                yield record
        return
    for page in pages:
        yield from page["findings"]
