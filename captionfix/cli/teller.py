"""What was found, told in the form and to the stream that were asked for: the only room that prints findings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import typer

from captionfix import __version__

if TYPE_CHECKING:
    from captionfix.batch import Outcome


class Format(Enum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is told.

    Attributes:
        form: lines, JSON or JSON Lines.
        mended: whether what can be mended has been.
        quiet: errors only.
        verbose: evidence and the files left alone too.
        diff: what changes, as a diff on standard output.
        page: the cleaned page itself, on standard output.
    """

    form: Format = Format.TEXT
    mended: bool = False
    quiet: bool = False
    verbose: bool = False
    diff: bool = False
    page: bool = False

    @property
    def to_stderr(self) -> bool:
        """Whether findings make room on standard output for something else."""
        return self.diff or self.page


class Teller:
    """Says what was found.

    Args:
        manner: what to say, and how.
    """

    def __init__(self, manner: Manner) -> None:
        from captionfix import report

        self._report = report
        self._manner = manner
        self._counts = report.Counts()
        self._pages: list[dict[str, Any]] = []
        stream = sys.stderr if manner.to_stderr else sys.stdout
        self._colour = manner.form is Format.TEXT and stream.isatty()

    def tell(self, outcomes: Iterator[Outcome]) -> None:
        """Tell each outcome as it comes, and the sum at the end."""
        if self._manner.form is Format.JSONL:
            self._line({"type": "header", **self._report.header(__version__)})
        for outcome in outcomes:
            self._count(outcome)
            {Format.TEXT: self._as_text, Format.JSON: self._as_json, Format.JSONL: self._as_jsonl}[self._manner.form](
                outcome
            )
        self._sum_up()

    def exit_code(self, *, found_is_one: bool) -> int:
        """Return what the run comes to."""
        return self._report.exit_code(self._counts, found_is_one=found_is_one)

    def _count(self, outcome: Outcome) -> None:
        self._counts.errors += outcome.error is not None
        self._counts.others += bool(outcome.left)
        if outcome.cleaned is not None:
            self._counts.add(outcome.cleaned.findings, changed=outcome.cleaned.changed)

    def _as_text(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._say_error(str(outcome.error))
        if outcome.left and self._manner.verbose and not self._manner.quiet:
            self._say(self._report.printable(f"{outcome.locator}: left alone, {outcome.left}"))
        if outcome.cleaned is None:
            return
        for finding in () if self._manner.quiet else outcome.cleaned.findings:
            self._say(self._coloured(self._report.line(finding), finding.code))
            for line in self._report.evidence_lines(finding) if self._manner.verbose else ():
                self._say(line)
        if self._manner.diff:
            self._show_diff(outcome)
        elif self._manner.page:
            sys.stdout.buffer.write(outcome.cleaned.result)
            sys.stdout.buffer.flush()

    def _show_diff(self, outcome: Outcome) -> None:
        assert outcome.cleaned is not None
        if not outcome.cleaned.changed:
            return
        for line in self._report.diff(outcome.cleaned.raw, outcome.cleaned.result, outcome.locator):
            if sys.stdout.isatty():
                shown = self._report.printable(line.decode("utf-8", "replace").rstrip("\n"))
                colour = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}.get(shown[:1])
                typer.secho(shown, fg=colour)
            else:
                sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def _as_json(self, outcome: Outcome) -> None:
        if outcome.cleaned is not None or outcome.error is not None:
            self._pages.append(self._page_record(outcome))

    def _page_record(self, outcome: Outcome) -> dict[str, Any]:
        cleaned, error = outcome.cleaned, outcome.error
        return {
            "page": self._report.printable(outcome.locator),
            "changed": cleaned is not None and cleaned.changed,
            "findings": [self._report.as_json(finding) for finding in cleaned.findings] if cleaned is not None else [],
            "error": self._report.error_as_json(error) if error is not None else None,
        }

    def _as_jsonl(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._line({"type": "error", **self._report.error_as_json(outcome.error)})
        for finding in outcome.cleaned.findings if outcome.cleaned is not None else ():
            self._line({"type": "finding", **self._report.as_json(finding)})

    def _sum_up(self) -> None:
        summary = self._counts.as_json()
        if self._manner.form is Format.JSON:
            self._line({**self._report.header(__version__), "pages": self._pages, "summary": summary})
        elif self._manner.form is Format.JSONL:
            self._line({"type": "summary", **summary})
        elif not self._manner.quiet:
            self._say(self._counts.sentence(mended=self._manner.mended))

    def _line(self, data: dict[str, Any]) -> None:
        sys.stdout.buffer.write(self._report.dumps(data).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()

    def _say(self, text: str) -> None:
        typer.echo(text.encode("utf-8", "replace"), err=self._manner.to_stderr)

    def _say_error(self, text: str) -> None:
        typer.echo(f"error: {self._report.printable(text)}".encode("utf-8", "replace"), err=True)

    def _coloured(self, line: str, code: str) -> str:
        return line.replace(f" {code} ", f" {typer.style(code, fg=typer.colors.YELLOW)} ", 1) if self._colour else line
