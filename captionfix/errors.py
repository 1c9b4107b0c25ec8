"""Everything captionfix raises, drawn as a tree.

::

    CaptionfixError
    ├── SettingsError       wrong options or settings, raised before anything is read
    ├── UsageError          paths and outputs that do not fit together
    ├── JournalError        a journal cannot be read or written; no page is touched without one
    ├── CacheError          a cache that is to be looked after cannot be; runs go on without one
    ├── IndexFileError      a file of a PictureIndex is none, is damaged, or was made by other versions
    ├── PageError           one page cannot be read or written; the rest goes on
    │   ├── EncodingError   the caller gives an encoding that does not exist
    │   ├── NotAPageError   what is given is another kind of file, and is never edited
    │   ├── ContainerError  a container is cut off or damaged; what was read before is sound
    │   └── PageLimitError  it needs more than a limit of the settings allows, and stays as it is
    ├── MissingExtraError   what reads or writes a form is not installed
    └── PictureError        one picture cannot be looked at; its page goes on without it
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


class CacheError(CaptionfixError):
    """A cache that is to be looked after is not captionfix's, or cannot be used: it stays as it is."""


class IndexFileError(CaptionfixError):
    """A file is no index of pictures, is damaged, or was made by versions whose fingerprints differ."""


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


class NotAPageError(PageError):
    """What is given as a page is plainly something else, such as an archive, an image or a feed: it is never edited."""


class ContainerError(PageError):
    """A container, such as a ZIP archive, is cut off or damaged: what was read of it before is sound."""


class MissingExtraError(CaptionfixError):
    """What reads or writes a form is not installed: nothing has been written.

    Args:
        what: the form, as people call it.
        extra: the extra that brings it.
    """

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra, self.hint = what, extra, f"pip install 'captionfix[{extra}]'"
        super().__init__(f"{what} needs an extra: {self.hint}")

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.what, self.extra)


class PageLimitError(PageError):
    """A page needs more than a limit of the settings allows: it stays as it is, and the others go on.

    Args:
        locator: the page, as the user named it.
        cause: what was too much, with the limit.
        setting: the name of the limit among the settings.
    """

    def __init__(self, locator: str, cause: str, setting: str) -> None:
        option = setting.replace("_", "-")
        super().__init__(locator, cause, f"it was left as it is; the setting {option} allows more")
        self.setting = setting

    def __reduce__(self) -> tuple[type[PageLimitError], tuple[str, str, str]]:  # type: ignore[override]
        return type(self), (self.locator, self.cause, self.setting)


LEFT_OUT = "it was left out of comparing"
"""What was done instead of looking at a picture."""


class PictureError(CaptionfixError):
    """One picture cannot be looked at: told beside the findings, and its page goes on without it.

    Args:
        locator: the picture, as the page or the file system names it.
        cause: what went wrong, in a few words.
        hint: what the user can do next, or what was done instead.
        offset: where in the file, in bytes, when known.
        passing: whether it hangs on the moment, such as on time, rather than on the file.
    """

    def __init__(
        self, locator: str, cause: str, hint: str, offset: int | None = None, *, passing: bool = False
    ) -> None:
        where = locator if offset is None else f"{locator}: byte {offset}"
        super().__init__(f"{where}: {cause}; {hint}")
        self.locator = locator
        self.cause = cause
        self.hint = hint
        self.offset = offset
        self.passing = passing

    def named(self, locator: str) -> PictureError:
        """Return the same error of a picture by another name.

        >>> PictureError("a.jpg", "is empty", "save it again").named("b.jpg").args[0]
        'b.jpg: is empty; save it again'
        """
        return PictureError(locator, self.cause, self.hint, self.offset, passing=self.passing)

    def __reduce__(self) -> tuple[type[PictureError], tuple[str, str, str, int | None]]:
        return PictureError, (self.locator, self.cause, self.hint, self.offset)
