"""What every form of report is asked for, and what it may choose from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from captionfix.model import Finding
    from captionfix.output.counts import Counts
    from captionfix.workers import Outcome


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a report tells.

    Attributes:
        version: this captionfix.
        fixed: whether what can be fixed has been.
        verbose: what is kept, evidence, equal findings one by one and the files left alone too.
        explain: for what is kept too, each case that was asked.
        only: of pages by their names, the lines about which something is told; no page means all of all.
        statistics: how often each rule found something, instead of the findings.
        origin: what the run was asked, for those who carry the report out: ``paths`` and ``settings``.
        paint: gives a rule's code its colour.
    """

    version: str = ""
    fixed: bool = False
    verbose: bool = False
    explain: bool = False
    only: Mapping[str, Collection[int]] = field(default_factory=dict)
    statistics: bool = False
    origin: Mapping[str, Any] = field(default_factory=dict)
    paint: Callable[[str], str] = str

    def asked_for(self, outcome: Outcome) -> Iterable[Finding]:
        """Return what was found, of a page of which only some lines are asked for what stands there.

        Args:
            outcome: the page.
        """
        found, lines = outcome.findings or (), self.only.get(outcome.locator)
        if not lines:
            return found
        return [finding for finding in found if any(map(finding.touches, lines))]


class Report(Protocol):
    """Writes a report in one form, page by page; nothing of a page is kept.

    Attributes:
        has_errors: whether errors are part of the report, and so not told on standard error.
    """

    has_errors: bool

    def begin(self) -> Iterator[str]:
        """Yield what the report begins with."""

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield what is told of one file."""

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield what the report ends with."""
