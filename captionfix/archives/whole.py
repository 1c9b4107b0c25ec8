"""Large files replaced whole: the new one is written beside, the old one is put aside for undo, none held in memory."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from captionfix.archives import atomic
from captionfix.archives.journal import Record
from captionfix.archives.journal_store import Journal
from captionfix.errors import PageError

_CHUNK = 2**20
_MARGIN = 2**20
"""Bytes of space beyond what is written."""


@dataclass(frozen=True, slots=True)
class WholeChange:
    """A file whose new bytes stand beside it.

    Attributes:
        locator: the file, as the user named it.
        path: where it stands.
        through: where its new bytes wait.
        seen: what the file system said of it before it was read.
        record: how to take it back; its number is given when it is written down.
    """

    locator: str
    path: Path
    through: Path
    seen: atomic.Reading
    record: Record


class Beside:
    """The new bytes of a file that is replaced where it is.

    Args:
        locator: the file, as the user named it.
        path: where it stands, resolved.
        through: where its new bytes are to wait.
        root: the folder it stands below, by its place in the journal.
        below: where it stands there.
    """

    is_copy = False
    change: WholeChange | None = None

    def __init__(self, locator: str, path: Path, through: Path, root: int, below: PurePosixPath) -> None:
        self._locator, self._path, self._through = locator, path, through
        self._root, self._below = root, below
        self._seen = _look(path, locator)
        self._file: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """Begin them.

        Raises:
            PageError: the file may not be replaced, or there is no space for that.
            OSError: they cannot be written.
        """
        seen = self._seen.seen
        if not seen.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(self._path, os.W_OK):
            raise PageError(self._locator, "is read-only, and was not replaced", "make it writable, or use -o")
        if seen.st_nlink > 1:
            why = f"has {seen.st_nlink} names (hard links), which replacing it would part; it was not replaced"
            raise PageError(self._locator, why, "clean a copy with -o, or give it a file of its own")
        _check_space(self._path.parent, seen.st_size, self._locator)
        self._through.unlink(missing_ok=True)
        self._file = self._through.open("xb")
        self._through.chmod(0o600)
        return self._file

    def commit(self) -> None:
        """Make them safe, with all else that is known of the file; `replace` lets them take its name."""
        if self._file is not None:
            self._file.flush()
            self._file.close()
            atomic.resemble(self._through, self._path, self._seen.seen)
            atomic.sync(self._through)
            size, digest = _sum(self._through)
            record = Record(
                0, self._root, self._below, (self._seen.seen.st_size, size), ("", digest), (), is_aside=True
            )
            self.change = WholeChange(self._locator, self._path, self._through, self._seen, record)
            self._file = None

    def discard(self) -> None:
        """Leave nothing of them, if they were not committed."""
        if self._file is not None:
            with suppress(OSError):  # what could not be written cannot be written now either
                self._file.close()
            self._file = None
            self._through.unlink(missing_ok=True)


def replace(change: WholeChange, journal: Journal) -> PageError | None:
    """Put a file aside, write down how to take it back, and let its new bytes take its name.

    Args:
        change: the file; whatever happens, nothing is left beside it.
        journal: where to write it down.

    Returns:
        Why it was not replaced, if it was not.

    Raises:
        JournalError: the journal cannot be written; the file was not replaced.
    """
    number = journal.pages
    try:
        _check_space(journal.folder, change.record.sizes[0], change.locator)
        journal.quarantine.mkdir(mode=0o700, exist_ok=True)
        digest = _copied(change, journal.quarantine / str(number))
        record = change.record
        sums = digest, record.digests[1]
        journal.add([Record(number, record.root, record.path, record.sizes, sums, (), is_aside=True)])
        atomic.take_place(change.path, change.through, change.seen.signature)
        atomic.sync(change.path.parent)
    except atomic.ChangedError:
        return PageError(change.locator, "changed meanwhile, and was not replaced", "run again to take it as it is now")
    except PageError as error:
        return error
    except OSError as error:
        cause = f"cannot be replaced: {error.strerror or error}"
        return PageError(change.locator, cause, "check the space, the rights and the owner")
    finally:
        change.through.unlink(missing_ok=True)
    return None


def restore(record: Record, root: Path, quarantine: Path, run: str, *, dry_run: bool = False) -> bool:
    """Give a file its old bytes back.

    Args:
        record: of it.
        root: the folder it stands below.
        quarantine: the folder of what was put aside.
        run: the run's name.
        dry_run: whether to look only.

    Returns:
        Whether it had them already.

    Raises:
        PageError: it cannot be given them; it stays as it is.
    """
    path, aside = root.joinpath(*record.path.parts), quarantine / str(record.number)
    locator = str(path)
    try:
        seen = _look(path, locator)
        size, here = _sum(path)
        if (size, here) == (record.sizes[0], record.digests[0]):
            if not dry_run:
                aside.unlink(missing_ok=True)
            return True
        if here != record.digests[1]:
            raise PageError(locator, "changed since it was cleaned, and stays as it is", "fix it by hand")
        if _sum(aside) != (record.sizes[0], record.digests[0]):
            raise PageError(locator, f"cannot be restored: {aside} changed", "fix it by hand")
        if not dry_run:
            _put_back(path, aside, seen, atomic.temporary(path, run, record.number))
    except FileNotFoundError as error:
        raise PageError(locator, f"cannot be restored: {error.filename} is gone", "fix it by hand") from error
    except OSError as error:
        cause = f"cannot be restored: {error.strerror or error}"
        raise PageError(locator, cause, "check the space and the rights there") from error
    return False


def _put_back(path: Path, aside: Path, seen: atomic.Reading, through: Path) -> None:
    through.unlink(missing_ok=True)
    try:
        shutil.copyfile(aside, through)
        atomic.resemble(through, path, seen.seen)
        atomic.sync(through)
        atomic.take_place(path, through, seen.signature)
        atomic.sync(path.parent)
    finally:
        through.unlink(missing_ok=True)
    aside.unlink(missing_ok=True)


def _look(path: Path, locator: str) -> atomic.Reading:
    """What the file system says of a file that no link leads to."""
    if os.path.realpath(path) != str(path):
        raise PageError(locator, "is reached through a link now, and was not replaced", "name the folder it stands in")
    return atomic.Reading(b"", path.lstat(), time.time_ns())


def _check_space(folder: Path, size: int, locator: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _MARGIN:
        cause = f"needs {size:,} bytes in {folder}, which has {free:,} left; it was not replaced"
        raise PageError(locator, cause, "make room, or write a copy elsewhere with -o")


def _copied(change: WholeChange, to: Path) -> str:
    """Copy a file, safe and whole; returns its digest."""
    part, found = to.with_name(f"{to.name}.part"), hashlib.sha256()
    with change.path.open("rb") as file, part.open("wb") as out:
        while data := file.read(_CHUNK):
            found.update(data)
            out.write(data)
    atomic.sync(part)
    part.replace(to)
    atomic.sync(to.parent)
    if change.seen.signature != _look(change.path, change.locator).signature:
        raise atomic.ChangedError
    return found.hexdigest()


def _sum(path: Path) -> tuple[int, str]:
    """A file's size and digest."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            found.update(data)
            size += len(data)
    return size, found.hexdigest()
