"""What one page may cost: bytes, rounds, steps of work and, as last resort, seconds.

Whoever compares, parses or walks says so with `spend`; outside of `measured` that does nothing. Steps are counted, not
timed, so that a page is refused on every machine or on none. The clock is looked at between steps only, and it is that
of the processor: what else the machine does meanwhile is not the page's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from captionfix.errors import PageLimitError
from captionfix.settings import Settings

_LOOK = 2_000
"""Steps between two looks at the clock: some milliseconds, as most steps take less than a microsecond or two."""
_PARSED = 20
"""Characters of a page that are parsed, or searched element by element, in the time of one step."""
_SEARCHED = 1_000
"""Characters that are searched for a text in the time of one step."""


class Meter:
    """What one page has cost so far.

    Args:
        locator: the page's name.
        settings: the limits.
    """

    def __init__(self, locator: str, settings: Settings) -> None:
        self._locator, self._settings = locator, settings
        self._work, self._rounds = 0, 0
        self._began = time.thread_time()
        self._look_at = 0

    def check_size(self, size: int) -> None:
        """Refuse a page of too many bytes.

        Raises:
            PageLimitError: it has more than ``max_page_bytes``.
        """
        most = self._settings.max_page_bytes
        if most and size > most:
            raise self._refusal(f"has {size:,} bytes, more than {most:,}", "max_page_bytes")

    def begin_part(self) -> None:
        """Count rounds anew, for a part of the page that is cleaned by itself; work and time go on."""
        self._rounds = 0

    def begin_round(self) -> None:
        """Count one more round.

        Raises:
            PageLimitError: these are more than ``max_page_rounds``, and one more to see that nothing is left.
        """
        self._rounds += 1
        most = self._settings.max_page_rounds
        if most and self._rounds > most + 1:
            raise self._refusal(f"brings up new repeats in more than {most:,} rounds", "max_page_rounds")
        self.look()

    def spend(self, steps: int) -> None:
        """Count steps of work.

        Raises:
            PageLimitError: these are more than ``max_page_work``, or took longer than ``max_page_seconds``.
        """
        self._work += steps
        if self._work >= self._look_at:
            self.look()

    def look(self) -> None:
        """Compare what was spent with the limits.

        Raises:
            PageLimitError: it is more.
        """
        self._look_at = self._work + _LOOK
        most = self._settings.max_page_work
        if most:
            if self._work > most:
                raise self._refusal(f"takes more than {most:,} steps of work", "max_page_work")
            self._look_at = min(self._look_at, most + 1)
        seconds = self._settings.max_page_seconds
        if seconds and time.thread_time() - self._began > seconds:
            cause = f"took longer than {seconds:,} seconds, seen after {self._work:,} steps of work"
            raise self._refusal(cause, "max_page_seconds")

    @property
    def work(self) -> int:
        """Steps so far."""
        return self._work

    def _refusal(self, cause: str, setting: str) -> PageLimitError:
        return PageLimitError(self._locator, cause, setting)


_meter: ContextVar[Meter | None] = ContextVar("captionfix page meter", default=None)


@contextmanager
def measured(locator: str, settings: Settings) -> Iterator[Meter]:
    """Hold one page to the limits of the settings, in this thread.

    Args:
        locator: the page's name.
        settings: the limits.

    >>> try:
    ...     with measured("a.html", Settings(max_page_work=100)):
    ...         spend(101)
    ... except PageLimitError as error:
    ...     print(error)
    a.html: takes more than 100 steps of work; it was left as it is; the setting max-page-work allows more
    """
    meter = Meter(locator, settings)
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def spend(steps: int = 1) -> None:
    """Count steps of work for the page that is measured, if one is.

    Raises:
        PageLimitError: it takes too many, or too long.
    """
    meter = _meter.get()
    if meter is not None:
        meter.spend(steps)


def spend_parsing(length: int) -> None:
    """Count so many characters as parsed; see `spend`."""
    spend(1 + length // _PARSED)


def spend_searching(length: int) -> None:
    """Count so many characters as searched for a text; see `spend`."""
    spend(1 + length // _SEARCHED)
