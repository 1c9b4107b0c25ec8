"""Where what was found goes: a report in the form asked for, to the stream or file it belongs to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from captionfix import __version__
from captionfix.cli.file_options import TEXT
from captionfix.cli.log import Log
from captionfix.errors import UsageError

if TYPE_CHECKING:
    from captionfix.archives.journal_store import Journal
    from captionfix.cli.terminal import Bar
    from captionfix.output.baseline import Baseline
    from captionfix.output.form import Report, ReportOptions
    from captionfix.workers import Outcome


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """How a run is told.

    Attributes:
        form: the form of the report, by its name in `captionfix.output.FORMS`.
        fixed: whether what can be fixed has been.
        quiet: errors only.
        verbose: what is kept, evidence, equal findings one by one and the files left alone too.
        explain: for what is kept too, each case that was asked.
        only: of pages by their names, the lines about which something is told; no page means all of all.
        diff: what changes, as a diff on standard output.
        page: the cleaned page itself, on standard output.
        writes: whether the run writes pages, and so goes on where nobody reads what is told.
        statistics: how often each rule found something, instead of the findings.
        origin: what the run was asked, for those who carry the report out.
        next_step: what to do about findings that can be fixed, as a line of its own.
        log: a file to which all that can be told is appended.
        baseline: an earlier report; what it tells already does not count.
        report: the file that the report goes to, instead of standard output.
    """

    form: str = TEXT
    fixed: bool = False
    quiet: bool = False
    verbose: bool = False
    diff: bool = False
    page: bool = False
    explain: bool = False
    writes: bool = False
    statistics: bool = False
    next_step: str = ""
    log: Path | None = None
    baseline: Path | None = None
    report: Path | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, Collection[int]] = field(default_factory=dict)

    @property
    def to_stderr(self) -> bool:
        """Whether findings make room on standard output for something else."""
        return self.diff or self.page

    @property
    def is_silent(self) -> bool:
        """Whether there is no report: errors alone are told."""
        return self.quiet and self.form == TEXT

    def options(self, paint: Callable[[str], str] = str) -> ReportOptions:
        """Return what a report tells.

        Args:
            paint: gives a rule's code its colour.
        """
        from captionfix.output.form import ReportOptions

        return ReportOptions(
            __version__, self.fixed, self.verbose, self.explain, self.only, self.statistics, self.origin, paint
        )


def say(text: str, *, to_stderr: bool = False) -> None:
    """Print a line in which nothing acts on the terminal.

    Args:
        text: the line; file names and captions may stand in it as they are.
        to_stderr: whether it makes room on standard output for something else.
    """
    from captionfix.formatting import printable

    typer.echo(printable(text).encode("utf-8", "replace"), err=to_stderr)


class Printer:
    """Says what was found.

    Args:
        options: what to say, and how.
        journal: where pages that are replaced are written down, if they are.
        bar: shows how far the work is; it makes room for what is said.
    """

    def __init__(self, options: OutputOptions, journal: Journal | None = None, bar: Bar | None = None) -> None:
        from captionfix.output import open_report
        from captionfix.output.counts import Counts

        self._options, self._journal, self._bar = options, journal, bar
        self._counts = Counts()
        self._stream = sys.stderr if options.to_stderr else sys.stdout
        if options.report is not None:
            self._stream = _opened(options.report)
        paint = _yellow if options.form == TEXT and wants_colour(self._stream) else str
        self._report: Report = open_report(options.form, options.options(paint))
        self._baseline = _baseline(options.baseline)
        self._log = Log(options.log, options.options()) if options.log is not None else None
        self._is_open = False
        self._unread: set[TextIO] = set()

    def tell(self, outcomes: Generator[Outcome, None, None]) -> None:
        """Tell each outcome as it comes, and the sum at the end; nothing of a page is kept."""
        with closing(outcomes), self._bar or nullcontext(), self._log or nullcontext():
            for outcome in outcomes if self._baseline is None else map(self._baseline.without_known, outcomes):
                self._open()
                if self._log is not None:
                    self._log.page(outcome)
                self._counts.count(outcome)
                self._tell_one(outcome)
                if self._bar is not None:
                    self._bar.advance()
            self._open()
            if self._journal is not None:
                self._counts.more["journal"] = self._journal.run if self._journal.pages else None
            self._put(self._report.end(self._counts))
            if self._log is not None:
                self._log.end(self._counts)
        if self._options.next_step and self._counts.fixed and self._options.form == TEXT:
            self._put([f"next: {self._options.next_step}\n"])

    def exit_code(self, *, found_is_one: bool, allowed: int = 0) -> int:
        """Return what the run comes to.

        Args:
            found_is_one: whether findings that can be fixed, or changes, make it 1.
            allowed: how many of them may be there all the same.
        """
        return self._counts.exit_code(found_is_one=found_is_one, allowed=allowed)

    def tell_undo(self) -> None:
        """Tell how to take back what was replaced, if anything was."""
        if self._journal is not None and self._journal.pages and not self._options.quiet:
            self._say(f"note: captionfix undo {self._journal.run} takes it back")

    def _open(self) -> None:
        """What a report begins with, once: after whatever is wrong with the paths has been said."""
        if not self._is_open:
            self._is_open = True
            self._put(self._report.begin())

    def _tell_one(self, outcome: Outcome) -> None:
        if outcome.error is not None and not self._report.has_errors:
            self._say(f"error: {outcome.error}")
        self._put(self._report.page(outcome))
        if outcome.pages is not None:
            before, after = outcome.pages
            if self._options.diff and outcome.changed:
                self._show_diff(before, after, outcome.locator)
            elif self._options.page and outcome.within is None:
                self._write(sys.stdout, after)
        for note in () if self._options.quiet else outcome.notes:
            self._say(f"note: {note}")

    def _put(self, pieces: Iterable[str]) -> None:
        """Write pieces of the report, each page's at once."""
        told = "".join(() if self._options.is_silent else pieces)
        if told:
            self._write(self._stream, told.encode("utf-8", "replace"))

    def _show_diff(self, before: bytes, after: bytes, name: str) -> None:
        from captionfix.formatting import diff, printable

        lines = list(diff(before, after, name))
        if wants_colour(sys.stdout):
            shown = (printable(line.decode("utf-8", "replace").rstrip("\n")) for line in lines)
            lines = [f"{typer.style(line, fg=_COLOURS.get(line[:1]))}\n".encode() for line in shown]
        self._write(sys.stdout, b"".join(lines))

    def _write(self, stream: TextIO, data: bytes) -> None:
        """Write to a stream; where its reader has gone, a run that writes pages goes on all the same."""
        if stream in self._unread:
            return
        if self._bar is not None and stream.isatty():
            self._bar.hide()
        try:
            stream.buffer.write(data)
            stream.buffer.flush()
        except BrokenPipeError:
            if not self._options.writes:
                raise
            self._unread.add(stream)
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    def _say(self, text: str) -> None:
        """Tell something on standard error."""
        from captionfix.formatting import printable

        self._write(sys.stderr, f"{printable(text)}\n".encode("utf-8", "replace"))


_COLOURS = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}


def _baseline(path: Path | None) -> Baseline | None:
    if path is None:
        return None
    from captionfix.output.baseline import Baseline

    return Baseline(path)


def _opened(path: Path) -> TextIO:
    """A report's file, from its beginning."""
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another file with -o") from error


def _yellow(text: str) -> str:
    return typer.style(text, fg=typer.colors.YELLOW)


def wants_colour(stream: TextIO) -> bool:
    """Return whether a stream shows colours: a terminal does, unless NO_COLOR is set, others where FORCE_COLOR is.

    Both count when they hold anything (no-color.org, force-color.org); NO_COLOR wins.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (
        stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
    )
