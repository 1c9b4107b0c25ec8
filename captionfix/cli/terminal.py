"""What only a terminal shows: a bar for long work, and tables. The only door to rich."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LONG = 1.0
"""Seconds after which people lose the thread and want to see that something goes on (Nielsen, Usability Engineering,
1993, chapter 5)."""
_SMOOTH = 0.1
"""Seconds below which a change looks instant (the same)."""


class Bar:
    """Shows on standard error how far long work is, and makes room for what else is said on the same terminal.

    Nothing draws it but the calls to `advance`, so it never stands between
    the parts of a line.

    Args:
        count: tells how many files there are; asked in the background.
        clock: seconds from any start.
    """

    def __init__(self, count: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._count: Callable[[], int] | None = count
        self._what, self._clock = "files", clock
        self._begun = self._drawn = clock()
        self._done = 0
        self._total: int | None = None
        self._shown = False
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def advance(self) -> None:
        """Note that one more file is done, and draw the bar if it is time."""
        self._done += 1
        now = self._clock()
        if now - self._begun >= _LONG and now - self._drawn >= _SMOOTH:
            self._draw(now)

    def turn(self, what: str, count: Callable[[], int] | None = None) -> None:
        """Note that another part of the work begins, and draw that if the work is long already.

        Args:
            what: the part, in a word or two.
            count: tells how many steps it has; None where nobody knows.
        """
        self.hide()
        self._what, self._count, self._done, self._total = what, count, 0, None
        self._progress = self._task = None
        now = self._clock()
        if now - self._begun >= _LONG:
            self._draw(now)

    def _draw(self, now: float) -> None:
        self._drawn = now
        if self._progress is None:
            self._progress = self._made()
        if not self._shown:
            self._progress.start()
            self._shown = True
        if self._task is None:
            self._task = self._progress.add_task("", total=None)
            if self._count is not None:
                threading.Thread(target=self._find_total, args=(self._count,), daemon=True).start()
        self._progress.update(self._task, completed=self._done, total=self._total)
        self._progress.refresh()

    def hide(self) -> None:
        """Take the bar off the terminal until the next `advance`."""
        if self._shown and self._progress is not None:
            self._progress.stop()
            self._shown = False

    def _find_total(self, count: Callable[[], int]) -> None:
        total = count()
        if count is self._count:
            self._total = total

    def _made(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        what = TextColumn(self._what, markup=False)
        return Progress(
            *((BarColumn(), MofNCompleteColumn(), what, TimeRemainingColumn()) if self._count is not None else (what,)),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()


def bar(count: Callable[[], int], *, quiet: bool) -> Bar | None:
    """Return a bar where somebody can see one: on a terminal that can move its cursor, unless told to be quiet.

    Args:
        count: tells how many files there are.
        quiet: whether only errors are told.
    """
    import os

    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return None
    return Bar(count)


def show_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show a table on standard output.

    Args:
        heads: what the columns are called.
        rows: a text a column; nothing in them acts on the terminal.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console().print(table)
