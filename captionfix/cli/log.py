"""The log of a run: all that can be told, whatever is shown."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from captionfix import __version__

if TYPE_CHECKING:
    from captionfix.output.counts import Counts
    from captionfix.output.form import ReportOptions
    from captionfix.workers import Outcome


class Log:
    """Appends to a file what -v would tell, with errors and notes, below a line with time and command.

    Args:
        path: the file.
        options: what the run tells.
    """

    def __init__(self, path: Path, options: ReportOptions) -> None:
        from captionfix.output import open_report

        self._path = path
        self._report = open_report("text", replace(options, verbose=True, statistics=False))
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("a", encoding="utf-8", errors="replace")
        time = datetime.now().astimezone().isoformat(timespec="seconds")
        self._write([f"{time} captionfix {__version__}: {shlex.join(sys.argv[1:])}"])
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def page(self, outcome: Outcome) -> None:
        """Append what is told of a file."""
        if outcome.error is not None:
            self._write([f"error: {outcome.error}"])
        self._write(self._report.page(outcome))
        self._write(f"note: {note}" for note in outcome.notes)

    def end(self, counts: Counts) -> None:
        """Append what the run came to."""
        self._write(self._report.end(counts))

    def _write(self, lines: Iterable[str]) -> None:
        from captionfix.formatting import printable

        assert self._file is not None
        self._file.writelines(printable(line.rstrip("\n")) + "\n" for line in lines)
        self._file.flush()
