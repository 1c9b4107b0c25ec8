"""Where journals stand, who writes them, and who may add to them.

One file a run, in the user's state folder. Lines are only ever added, and
each is safe on the disk before its page is replaced.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from captionfix.archives import atomic
from captionfix.archives.atomic import lock
from captionfix.archives.journal import FORM, Header, Record, Removed, header_line, record_line, undone_line, unusable
from captionfix.archives.journal_reader import Reader
from captionfix.errors import JournalError, UsageError
from captionfix.folders import state_folder

_SUFFIX = ".jsonl"
_BEGUN = ".begun"
"""What a journal is called until its head is written."""
_RUN = re.compile(atomic.RUN)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(slots=True)
class Journal:
    """The journal of a run that goes on: use it in a ``with`` block, and write no page outside of it.

    The file stands there before anything else is written, so that whatever a
    stopped run leaves can be told to be its own; it goes again if the run
    replaced no page.

    Args:
        folder: where journals are kept.
        roots: the folders below which pages may be replaced, resolved.
        version: this captionfix.
        form: the version of its form.
    """

    folder: Path
    roots: tuple[Path, ...]
    version: str
    form: int = FORM
    run: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}")
    pages: int = 0
    _file: BinaryIO | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"{self.run}{_SUFFIX}"

    @property
    def quarantine(self) -> Path:
        """The folder of the files that the run took out of the archive."""
        return quarantine(self.path)

    def add(self, records: Sequence[Record | Removed]) -> None:
        """Write records and wait until they are safe.

        Raises:
            JournalError: they cannot be written; no page may be replaced.
        """
        if self._file is None:
            raise ValueError("the journal is not open")
        try:
            _append(self._file, map(record_line, records))
        except OSError as error:
            raise unusable(self.path, error) from error
        self.pages += len(records)

    def __enter__(self) -> Self:
        through = self.path.with_suffix(_BEGUN)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(through, _NEW, 0o600), "wb")
            self._file = self._begun(self._file, through)
        except BaseException as error:
            if self._file is not None:
                with suppress(OSError):  # what could not be written cannot be written now either
                    self._file.close()
                self._file = None
            for path in (through, self.path):
                with suppress(OSError):
                    path.unlink()
            if isinstance(error, OSError):
                raise unusable(self.path, error) from error
            raise
        return self

    def _begun(self, file: BinaryIO, through: Path) -> BinaryIO:
        """Write the head, and only then take a journal's name: what has such a name is locked while its run goes on."""
        lock(file)
        _append(file, [header_line(Header(self.run, datetime.now(UTC), self.version, self.roots, self.form))])
        if os.name == "nt":  # where nobody can give an open file another name
            file.close()
        through.rename(self.path)
        if os.name == "nt":
            file = self.path.open("ab")
            lock(file)
        atomic.sync(self.folder)
        return file

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if not self.pages:
            shutil.rmtree(self.quarantine, ignore_errors=True)
            self.path.unlink(missing_ok=True)


def quarantine(journal: Path) -> Path:
    """Return the folder of the files that a run took out of its archive: beside its journal.

    Args:
        journal: the journal's file.
    """
    return journal.with_suffix(".files")


def _append(file: BinaryIO, lines: Iterable[str]) -> None:
    file.write("".join(line + "\n" for line in lines).encode("ascii"))
    file.flush()
    os.fsync(file.fileno())


def is_live(path: Path) -> bool:
    """Return whether another process still writes a journal.

    Raises:
        JournalError: it cannot be opened.
    """
    try:
        with path.open("rb+") as file:
            return not lock(file)
    except OSError as error:
        raise unusable(path, error) from error


class Marker:
    """Adds to a journal what has been undone, and keeps others from doing so at the same time.

    Args:
        path: the journal.

    Raises:
        JournalError: it cannot be written, or another process uses it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb+")
            if not lock(self._file):
                self._file.close()
                raise JournalError(f"{path}: another captionfix uses this journal; wait until it is done")
            self._file.truncate(_whole(self._file))
            self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise unusable(path, error) from error

    def add(self, numbers: Sequence[int]) -> None:
        """Note pages that have been given their bytes back.

        Raises:
            JournalError: it cannot be written.
        """
        try:
            if numbers:
                _append(self._file, [undone_line(numbers)])
        except OSError as error:
            raise unusable(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _whole(file: BinaryIO) -> int:
    """Where the last whole line ends, read from the end."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 65536)
        file.seek(start)
        at = file.read(end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


@dataclass(frozen=True, slots=True)
class JournalStore:
    """The journals of a user.

    Args:
        folder: the state folder; None for the user's own.
    """

    state: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the journals stand."""
        return (self.state or state_folder()).absolute() / "journals"

    def paths(self) -> list[Path]:
        """Return the journals, the newest first.

        Raises:
            JournalError: the folder cannot be read.
        """
        try:
            found = [path for path in self.folder.iterdir() if path.suffix == _SUFFIX and _RUN.fullmatch(path.stem)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unusable(self.folder, error) from error
        return sorted(found, reverse=True)

    def find(self, name: str | None) -> Path:
        """Return a journal.

        Args:
            name: a run, the beginning of one, or a file; None for the newest.

        Raises:
            UsageError: there is none of that name.
        """
        known = self.paths()
        if name is None:
            begun = next((path for path in known if _has_begun(path)), None)
            if begun is None:
                raise UsageError(f"there is no journal in {self.folder}; clean -i and apply write them")
            return begun
        found = [path for path in known if path.stem.startswith(name)] if name else []
        if len(found) == 1:
            return found[0]
        if not found and name and Path(name).is_file():
            return Path(name)
        what = f"{len(found)} journals begin with" if found else "there is no journal"
        raise UsageError(f"{what} {name!r}; captionfix journal list shows those at hand")

    def clear(self, roots: Sequence[Path] | None = None) -> list[Path]:
        """Take away journals of runs that were stopped before they replaced a page.

        Args:
            roots: the folders that were looked through for what such runs left there; None takes any.

        Returns:
            The folders of the runs, to be looked through.
        """
        found: dict[Path, None] = {}
        for path in self._unbegun():
            try:
                folders = Reader(path).header.roots
            except JournalError:
                folders = ()  # its head is cut off: it had touched nothing
            if roots is None or all(any(each.is_relative_to(root) for root in roots) for each in folders):
                found |= dict.fromkeys(folders)
                shutil.rmtree(quarantine(path), ignore_errors=True)
                path.unlink(missing_ok=True)
        return list(found)

    def _unbegun(self) -> Iterator[Path]:
        begun = self.folder.glob(f"*{_BEGUN}")
        for path in (*begun, *self.paths()):
            with suppress(JournalError):
                if not _has_begun(path) and atomic.is_abandoned(path):
                    yield path

    def has_ended(self, run: str) -> bool:
        """Return whether a run left a journal here and goes on no more."""
        path = self.folder / f"{run}{_SUFFIX}"
        try:
            return path.is_file() and not is_live(path)
        except JournalError:
            return False


def _has_begun(path: Path) -> bool:
    """Whether a journal has a record: a run that was stopped before had replaced no page."""
    try:
        with path.open("rb") as file:
            file.readline()
            return file.readline().endswith(b"\n")
    except OSError as error:
        raise unusable(path, error) from error
