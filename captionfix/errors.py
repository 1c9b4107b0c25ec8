"""Everything captionfix raises, drawn as a tree.

::

    CaptionfixError
    ├── SettingsError       wrong options or settings, raised before anything is read
    ├── UsageError          paths and outputs that do not fit together
    ├── JournalError        a journal cannot be read or written; no page is touched without one
    └── PageError           one page cannot be read or written; the rest goes on
        └── EncodingError   the caller gives an encoding that does not exist
"""

from __future__ import annotations


class CaptionfixError(Exception):
    """The root of the tree: catch it to catch everything captionfix raises."""


class SettingsError(CaptionfixError):
    """Options or settings are wrong: nothing has been read yet."""


class UsageError(CaptionfixError):
    """Paths and outputs do not fit together: nothing has been written yet."""


class JournalError(CaptionfixError):
    """A journal cannot be read or written: no page is replaced without one."""


class PageError(CaptionfixError):
    """One page cannot be read or written.

    Args:
        locator: the page, as the user named it.
        cause: what went wrong, in a few words.
        hint: what the user can do next.
        offset: where in the page, in bytes, when known.
    """

    def __init__(self, locator: str, cause: str, hint: str, offset: int | None = None) -> None:
        where = locator if offset is None else f"{locator}: byte {offset}"
        super().__init__(f"{where}: {cause}; {hint}")
        self.locator = locator
        self.cause = cause
        self.hint = hint
        self.offset = offset

    def __reduce__(self) -> tuple[type[PageError], tuple[str, str, str, int | None]]:
        return type(self), (self.locator, self.cause, self.hint, self.offset)


class EncodingError(PageError):
    """The encoding asked for is not one Python knows."""
