"""What was found, told in the form and to the stream that were asked for: the only room that prints findings."""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from enum import Enum
from typing import IO, TYPE_CHECKING, Any

import typer

from captionfix import __version__

if TYPE_CHECKING:
    from captionfix.archives.journal_store import Journal
    from captionfix.batch import Outcome
    from captionfix.cli.terminal import Bar
    from captionfix.model import Finding


class ReportFormat(Enum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How a run is told.

    Attributes:
        form: lines, JSON or JSON Lines.
        mended: whether what can be mended has been.
        quiet: errors only.
        verbose: what is kept, evidence and the files left alone too.
        explain: for what is kept too, each case that was asked.
        only: of pages by their names, the lines about which something is told; no page means all of all.
        diff: what changes, as a diff on standard output.
        page: the cleaned page itself, on standard output.
    """

    form: ReportFormat = ReportFormat.TEXT
    mended: bool = False
    quiet: bool = False
    verbose: bool = False
    diff: bool = False
    page: bool = False
    explain: bool = False
    only: Mapping[str, Collection[int]] = field(default_factory=dict)

    @property
    def to_stderr(self) -> bool:
        """Whether findings make room on standard output for something else."""
        return self.diff or self.page


def say(text: str, *, to_stderr: bool = False) -> None:
    """Print a line in which nothing acts on the terminal.

    Args:
        text: the line; file names and captions may stand in it as they are.
        to_stderr: whether it makes room on standard output for something else.
    """
    from captionfix.report import printable

    typer.echo(printable(text).encode("utf-8", "replace"), err=to_stderr)


class Printer:
    """Says what was found.

    Args:
        options: what to say, and how.
        journal: where pages that are replaced are written down, if they are.
        bar: shows how far the work is; it makes room for what is said.
    """

    def __init__(self, options: OutputOptions, journal: Journal | None = None, bar: Bar | None = None) -> None:
        from captionfix import report

        self._report = report
        self._options, self._journal, self._bar = options, journal, bar
        self._counts = report.Counts()
        self._is_open = self._is_listed = False
        stream = sys.stderr if options.to_stderr else sys.stdout
        self._colour = options.form is ReportFormat.TEXT and stream.isatty()

    def tell(self, outcomes: Generator[Outcome, None, None]) -> None:
        """Tell each outcome as it comes, and the sum at the end; nothing of a page is kept."""
        tell_one = {
            ReportFormat.TEXT: self._as_text,
            ReportFormat.JSON: self._as_json,
            ReportFormat.JSONL: self._as_jsonl,
        }
        with closing(outcomes), self._bar or nullcontext():
            for outcome in outcomes:
                self._open()
                self._count(outcome)
                tell_one[self._options.form](outcome)
                for note in () if self._options.quiet else outcome.notes:
                    self._note(note)
                if self._bar is not None:
                    self._bar.advance()
        self._open()
        self._sum_up()

    def exit_code(self, *, found_is_one: bool) -> int:
        """Return what the run comes to."""
        return self._report.exit_code(self._counts, found_is_one=found_is_one)

    def tell_undo(self) -> None:
        """Tell how to take back what was replaced, if anything was."""
        if self._journal is not None and self._journal.pages and not self._options.quiet:
            self._note(f"captionfix undo {self._journal.run} takes it back")

    def _count(self, outcome: Outcome) -> None:
        self._counts.errors += outcome.error is not None
        if outcome.left:
            self._counts.others[outcome.left] += 1
        if outcome.findings is not None:
            self._counts.add(outcome.findings, changed=outcome.changed)
            self._counts.bad_pictures += len(outcome.bad_pictures)

    def _open(self) -> None:
        """What a report begins with, once: after whatever is wrong with the paths has been said."""
        if self._is_open:
            return
        self._is_open = True
        head = self._report.header(__version__)
        if self._options.form is ReportFormat.JSON:
            self._write((self._report.dumps(head).removesuffix("}") + ', "pages": [').encode())
        elif self._options.form is ReportFormat.JSONL:
            self._line({"type": "header", **head})

    def _as_text(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._say_error(str(outcome.error))
        if outcome.left and self._options.verbose and not self._options.quiet:
            self._say(self._report.printable(f"{outcome.locator}: left alone, no page but {outcome.left}"))
        for line in () if self._options.quiet else self._lines_of(outcome):
            self._say(line)
        if outcome.pages is not None:
            before, after = outcome.pages
            if self._options.diff and outcome.changed:
                self._show_diff(before, after, outcome.locator)
            elif self._options.page:
                self._write(after)

    def _lines_of(self, outcome: Outcome) -> Iterator[str]:
        """The findings of a page as lines, what is kept only where it is asked for; what could not be looked at."""
        report, options = self._report, self._options
        for finding in self._asked_for(outcome):
            if finding.is_kept and not (options.verbose or options.explain):
                continue
            yield self._coloured(report.line(finding), finding.code)
            if options.explain:
                yield from report.explanation(finding)
            elif options.verbose:
                yield from report.evidence_lines(finding)
        for number in self._without_finding(outcome):
            yield report.printable(f"{outcome.locator}:{number}: nothing that stands here was compared")
        for bad in outcome.bad_pictures:
            yield report.picture_line(outcome.locator, bad)

    def _asked_for(self, outcome: Outcome) -> Iterable[Finding]:
        """What was found, of a page of which only some lines are asked for what stands there."""
        found, lines = outcome.findings or (), self._options.only.get(outcome.locator)
        if not lines:
            return found
        return [finding for finding in found if any(map(finding.touches, lines))]

    def _without_finding(self, outcome: Outcome) -> Iterator[int]:
        """The lines of a page that are asked for and about which there is nothing to tell."""
        if outcome.findings is not None:
            found = outcome.findings
            lines = self._options.only.get(outcome.locator, ())
            yield from (line for line in sorted(lines) if not any(finding.touches(line) for finding in found))

    def _show_diff(self, before: bytes, after: bytes, name: str) -> None:
        self._make_room(sys.stdout)
        for line in self._report.diff(before, after, name):
            if sys.stdout.isatty():
                shown = self._report.printable(line.decode("utf-8", "replace").rstrip("\n"))
                colour = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}.get(shown[:1])
                typer.secho(shown, fg=colour)
            else:
                sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def _as_json(self, outcome: Outcome) -> None:
        if outcome.findings is not None or outcome.error is not None:
            record = self._report.dumps(self._page_record(outcome))
            self._write((", " if self._is_listed else "").encode() + record.encode())
            self._is_listed = True

    def _page_record(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "page": self._report.printable(outcome.locator),
            "changed": outcome.changed,
            "findings": [self._report.as_json(finding) for finding in self._asked_for(outcome)],
            "bad_pictures": [self._report.picture_as_json(outcome.locator, bad) for bad in outcome.bad_pictures],
            "error": self._report.error_as_json(outcome.error) if outcome.error is not None else None,
        }

    def _as_jsonl(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._line({"type": "error", **self._report.error_as_json(outcome.error)})
        for finding in self._asked_for(outcome):
            self._line({"type": "finding", **self._report.as_json(finding)})
        for bad in outcome.bad_pictures:
            self._line({"type": "picture", **self._report.picture_as_json(outcome.locator, bad)})

    def _sum_up(self) -> None:
        summary = self._counts.as_json()
        if self._journal is not None:
            summary["journal"] = self._journal.run if self._journal.pages else None
        if self._options.form is ReportFormat.JSON:
            self._write(f'], "summary": {self._report.dumps(summary)}}}\n'.encode())
        elif self._options.form is ReportFormat.JSONL:
            self._line({"type": "summary", **summary})
        elif not self._options.quiet:
            self._say(self._counts.sentence(mended=self._options.mended))

    def _make_room(self, stream: IO[str]) -> None:
        if self._bar is not None and stream.isatty():
            self._bar.hide()

    def _line(self, data: dict[str, Any]) -> None:
        self._write(self._report.dumps(data).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        self._make_room(sys.stdout)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _say(self, text: str) -> None:
        self._make_room(sys.stderr if self._options.to_stderr else sys.stdout)
        typer.echo(text.encode("utf-8", "replace"), err=self._options.to_stderr)

    def _say_error(self, text: str) -> None:
        self._make_room(sys.stderr)
        say(f"error: {text}", to_stderr=True)

    def _note(self, text: str) -> None:
        self._make_room(sys.stderr)
        say(f"note: {text}", to_stderr=True)

    def _coloured(self, line: str, code: str) -> str:
        return line.replace(f" {code} ", f" {typer.style(code, fg=typer.colors.YELLOW)} ", 1) if self._colour else line
