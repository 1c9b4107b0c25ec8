"""Pages replaced where they are, with a journal; see `captionfix.archives.restore` for the way back.

A page's new bytes are written beside it; then the journal, for some pages at
once; then, when both are safe, they take the page's name. Whenever that is
cut short, each page is whole, old or new, and the journal knows both.
"""

from __future__ import annotations

import dataclasses
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from captionfix.archives import atomic
from captionfix.archives.journal import Record, inverse
from captionfix.archives.journal_store import Journal
from captionfix.errors import PageError
from captionfix.markup.splice import apply
from captionfix.model import Edit


@dataclass(frozen=True, slots=True)
class Change:
    """A page whose new bytes stand beside it.

    Attributes:
        locator: the page, as the user named it.
        path: where it stands.
        through: where its new bytes wait.
        signature: of the page as it was read.
        is_fresh: whether its digest must be compared too, since the signature may miss a change.
        record: how to take it back; its number is given when it is written down.
    """

    locator: str
    path: Path
    through: Path
    signature: atomic.Signature
    is_fresh: bool
    record: Record


@dataclass(frozen=True, slots=True)
class Aim:
    """A page that may be replaced.

    Attributes:
        locator: the page, as the user named it.
        root: the folder it stands below, by its place in the journal.
        folder: that folder, resolved.
        below: where it stands there.
        through: where its new bytes are to wait.
    """

    locator: str
    root: int
    folder: Path
    below: PurePosixPath
    through: Path

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.folder.joinpath(*self.below.parts)


def read(path: Path, locator: str) -> atomic.Reading:
    """Return a page that no link leads to.

    Args:
        path: where it stands, resolved.
        locator: its name in errors.

    Raises:
        PageError: it cannot be read, or is reached through a link.
    """
    try:
        if os.path.realpath(path) == str(path):
            return atomic.read(path)
    except atomic.ChangedError as error:
        raise _changed(locator) from error
    except FileNotFoundError as error:
        raise PageError(locator, "is gone", "put it back where it was, or leave it out") from error
    except OSError as error:
        raise PageError(locator, f"cannot be read: {error.strerror}", "check that it may be read") from error
    raise PageError(locator, "is reached through a link now, and was not replaced", "name the folder it stands in")


def begin(aim: Aim, reading: atomic.Reading, edits: Sequence[Edit], needs: Sequence[PurePosixPath] = ()) -> Change:
    """Write a page's new bytes beside it.

    Args:
        aim: the page.
        reading: what it holds.
        edits: what to do to it, in order.
        needs: files below the same folder that its old bytes name, and its new ones do not.

    Raises:
        PageError: it may not be replaced, or its new bytes cannot be written.
    """
    result = apply(reading.data, edits)
    sizes, digests = (len(reading.data), len(result)), (atomic.digest(reading.data), atomic.digest(result))
    record = Record(0, aim.root, aim.below, sizes, digests, inverse(reading.data, edits), tuple(needs))
    change = Change(aim.locator, aim.path, aim.through, reading.signature, reading.is_fresh, record)
    return written(change, reading, result)


def written(change: Change, reading: atomic.Reading, data: bytes) -> Change:
    """Write new bytes, unless the owner does not let the page be written, or the page has several names."""
    locator = change.locator
    if not reading.seen.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(change.path, os.W_OK):
        raise PageError(locator, "is read-only, and was not replaced", "make it writable, or clean a copy with -o")
    if reading.seen.st_nlink > 1:
        why = f"has {reading.seen.st_nlink} names (hard links), which replacing it would part; it was not replaced"
        raise PageError(locator, why, "clean a copy with -o, or give it a file of its own")
    try:
        atomic.write_beside(change.path, data, reading, change.through)
    except OSError as error:
        raise _unwritable(locator, error) from error
    return change


def replace(changes: Sequence[Change], journal: Journal) -> dict[str, PageError]:
    """Replace pages by the new bytes beside them; all that is known of them besides their bytes stays.

    Args:
        changes: the pages; whatever happens, nothing is left beside them.
        journal: where to write down how to take it back.

    Returns:
        Why pages were not replaced, by locator.

    Raises:
        JournalError: the journal cannot be written; no page was replaced.
    """
    try:
        if changes:
            numbers = range(journal.pages, journal.pages + len(changes))
            journal.add([_numbered(each.record, number) for each, number in zip(changes, numbers, strict=True)])
        return replaced(changes)
    finally:
        for each in changes:
            each.through.unlink(missing_ok=True)


def _numbered(record: Record, number: int) -> Record:
    return dataclasses.replace(record, number=number)


def replaced(changes: Sequence[Change]) -> dict[str, PageError]:
    """Replace pages whose records are safe; name those that could not be."""
    errors: dict[str, PageError] = {}
    for each in changes:
        with _named(each.locator, errors):
            atomic.sync(each.through)
            _take_place(each)
    for folder, locator in {each.path.parent: each.locator for each in changes if each.locator not in errors}.items():
        with _named(locator, errors):
            atomic.sync(folder)
    return errors


def _take_place(change: Change) -> None:
    if change.is_fresh and atomic.digest(atomic.read(change.path).data) != change.record.digests[0]:
        raise atomic.ChangedError
    atomic.take_place(change.path, change.through, change.signature)


@contextmanager
def _named(locator: str, errors: dict[str, PageError]) -> Iterator[None]:
    """Note what goes wrong with a page, and go on."""
    try:
        yield
    except atomic.ChangedError:
        errors[locator] = _changed(locator)
    except OSError as error:
        errors[locator] = _unwritable(locator, error)


def _changed(locator: str) -> PageError:
    return PageError(locator, "changed meanwhile, and was not replaced", "run again to take it as it is now")


def _unwritable(locator: str, error: OSError) -> PageError:
    return PageError(locator, f"cannot be replaced: {error.strerror}", "check the space, the rights and the owner")
