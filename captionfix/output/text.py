"""A report as lines for people: a finding each, and what the run came to at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from captionfix.errors import PictureError
from captionfix.formatting import printable
from captionfix.model import Finding, Safety
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.words import message, note, shortened

if TYPE_CHECKING:
    from captionfix.workers import Outcome

_MOST_GROUPS = 20_000
"""Different findings that are remembered to be grouped, some 300 bytes each; further ones have a line each."""
_OUTCOMES = {Safety.SAFE: "safe to fix", Safety.REVIEW: "for review", Safety.SHOW: "kept"}


class Writer:
    """Writes lines. Findings that are equal on several pages get one, and their number at the end, unless asked for.

    Args:
        options: what the report tells.
    """

    has_errors = False

    def __init__(self, options: ReportOptions) -> None:
        self._options = options
        self._is_grouping = not (options.verbose or options.explain or options.fixed)
        self._groups: dict[str, tuple[Finding, int]] = {}

    def begin(self) -> Iterator[str]:
        """Yield nothing: there is no head."""
        yield from ()

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the findings of a page; what is kept only where it is asked for; what could not be looked at."""
        options = self._options
        if outcome.left and options.verbose:
            yield printable(f"{outcome.locator}: skipped, not a page but {outcome.left}") + "\n"
        if outcome.left_out and options.verbose:
            yield printable(f"{outcome.locator}: excluded by {outcome.left_out}") + "\n"
        for finding in () if options.statistics else options.asked_for(outcome):
            if (finding.is_open or options.verbose or options.explain) and self._is_first(finding):
                yield from (f"{each}\n" for each in self._lines(finding))
        for number in _without_finding(outcome, options):
            yield printable(f"{outcome.locator}:{number}: nothing on this line was compared") + "\n"
        for bad in outcome.bad_pictures:
            yield picture_line(outcome.locator, bad) + "\n"

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield how often equal findings stand where, and the summary."""
        for finding, number in self._groups.values():
            if number > 1:
                yield printable(_group_line(finding, number)) + "\n"
        if self._options.statistics:
            yield from (f"{number:>7,}  {code}  {found}\n" for code, found, number in counts.by_rule())
        yield from (f"{line}\n" for line in counts.sentences(fixed=self._options.fixed))

    def _lines(self, finding: Finding) -> Iterator[str]:
        told = line(finding)
        yield told.replace(f" {finding.code} ", f" {self._options.paint(finding.code)} ", 1)
        if self._options.explain:
            yield from explanation(finding)
        elif self._options.verbose:
            yield from evidence_lines(finding)

    def _is_first(self, finding: Finding) -> bool:
        """Whether no equal finding of another page had a line already; the number of pages is noted."""
        if not self._is_grouping:
            return True
        group = f"{finding.key} {finding.applied} {finding.refused}"
        first, number = self._groups.get(group, (finding, 0))
        if number and first.page == finding.page:
            return True
        if number or len(self._groups) < _MOST_GROUPS:
            self._groups[group] = first, number + 1
        return not number


def _group_line(finding: Finding, number: int) -> str:
    what = f' "{shortened(finding.caption)}"' if finding.caption else ""
    return f"{finding.page}:{finding.line}:{finding.column} {finding.code}{what}: the same pair on {number:,} pages"


def _without_finding(outcome: Outcome, options: ReportOptions) -> Iterator[int]:
    """The lines of a page that are asked for and about which there is nothing to tell."""
    if outcome.findings is not None:
        found = outcome.findings
        lines = options.only.get(outcome.locator, ())
        yield from (number for number in sorted(lines) if not any(finding.touches(number) for finding in found))


def line(finding: Finding) -> str:
    """Return a finding as one line: ``path:line:col CODE message``, and what keeps it from being fixed."""
    why = note(finding)
    told = f"{finding.page}:{finding.line}:{finding.column} {finding.code} {message(finding)}"
    return printable(f"{told} [{why}]" if why else told)


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
    if finding.key:
        yield f"    key: {finding.key}"
    yield from evidence_lines(finding)
    for check in finding.checks:
        held = f"yes ({check.safety.value})" if check.held else "no"
        yield printable(f"    case {check.case}: {held}: {check.says}")


def picture_line(page: str, error: PictureError) -> str:
    """Return a picture that could not be looked at as one line: ``path: picture NAME: cause; what next``."""
    return printable(f"{page}: picture {error}")
