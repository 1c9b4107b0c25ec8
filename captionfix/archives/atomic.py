"""Replacing a file whole or not at all, and keeping all that is known about it besides its bytes.

A temporary file stands in the folder of the file it will become. Its name
tells captionfix later that it is one, and which run it belonged to.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RUN = r"\d{8}T\d{12}-[0-9a-f]{8}"
"""What the name of a run looks like: its time to the microsecond, and eight random digits."""
_TEMPORARY = re.compile(rf"\.captionfix-(?:({RUN})-)?[0-9a-z_]{{1,20}}\.tmp")
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's bytes, and what the file system said of it while they were read."""

    data: bytes
    seen: os.stat_result


class ChangedError(OSError):
    """A file is not the one that was read."""


def is_temporary(name: str) -> bool:
    """Return whether a file is, by its name, a temporary file of captionfix.

    >>> is_temporary(".captionfix-3kd_x81a.tmp"), is_temporary(".captionfix-notes.html")
    (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


def run_of(name: str) -> str | None:
    """Return the run that a temporary file belonged to, if its name tells.

    >>> run_of(".captionfix-20261122T162222000451-0f3c9a1b-17.tmp")
    '20261122T162222000451-0f3c9a1b'
    """
    match = _TEMPORARY.fullmatch(name)
    return match and match[1]


def temporary(path: Path, run: str, number: int) -> Path:
    """Return where a page's new bytes stand until they replace it.

    Args:
        path: the page.
        run: the run's name.
        number: the page's number in that run.
    """
    return path.parent / f".captionfix-{run}-{number}.tmp"


def read(path: Path) -> Reading:
    """Return the bytes of a file that is no link, and what it was while they were read.

    Raises:
        ChangedError: it changed meanwhile.
        OSError: it cannot be read, or is a link or no file.
    """
    handle = os.open(path, _READING)
    with os.fdopen(handle, "rb") as file:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "is no file")
        data = file.read()
        if _signature(os.fstat(handle)) != _signature(seen):
            raise ChangedError(errno.EAGAIN, "it changed while it was read")
    return Reading(data, seen)


def _signature(seen: os.stat_result) -> tuple[int, ...]:
    return (seen.st_dev, seen.st_ino, seen.st_mode, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_nlink)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file's new bytes on their way to its place: `write`, `sync`, `take_place`, and in any case `clear`.

    Mode, times, owner and extended attributes of the file stay. The folder is
    not synced: call `sync_folder` when its last file is done.

    Args:
        path: the file; no link.
        reading: the file as it was read.
        through: the temporary file; one that stands there is left over from a run that was stopped.
    """

    path: Path
    reading: Reading
    through: Path

    def write(self, data: bytes) -> None:
        """Write the new bytes beside the file.

        Raises:
            OSError: they cannot be written, or what is to be kept cannot.
        """
        self.clear()
        with os.fdopen(os.open(self.through, _WRITING, 0o600), "wb") as file:
            file.write(data)
        _resemble(self.through, self.path, self.reading.seen)

    def sync(self) -> None:
        """Wait until the new bytes are safe.

        Raises:
            OSError: they are not.
        """
        _sync(self.through)

    def take_place(self) -> None:
        """Let the new bytes take the file's name.

        Raises:
            ChangedError: the file is not the one that was read; it stays as it is.
            OSError: the system refuses; the file stays as it is.
        """
        if _signature(os.lstat(self.path)) != _signature(self.reading.seen):
            raise ChangedError(errno.EAGAIN, "it changed meanwhile")
        os.replace(self.through, self.path)

    def clear(self) -> None:
        """Take away the temporary file, if it stands there."""
        self.through.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _resemble(new: Path, like: Path, seen: os.stat_result) -> None:
    """Give a new file all that is known of another besides its bytes, or refuse."""
    made = new.stat()
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (seen.st_uid, seen.st_gid):
        os.chown(new, seen.st_uid, seen.st_gid)
    shutil.copystat(like, new)
    os.utime(new, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    if _attributes(like) != _attributes(new):
        raise OSError(errno.ENOTSUP, "its extended attributes cannot be kept")


def _attributes(path: Path) -> dict[str, bytes]:
    """Extended attributes, access lists among them; those of the system's own security are given by its policy."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = os.listxattr(path)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENODATA, errno.EINVAL):
            return {}
        raise
    return {name: os.getxattr(path, name) for name in names if not name.startswith("security.")}


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe against a loss of power, where the system can.

    Raises:
        OSError: the folder cannot be read.
    """
    if os.name != "nt":
        _sync(folder)


def write(path: Path, data: bytes, finish: Callable[[str], None]) -> None:
    """Write a file whole or not at all.

    Args:
        path: the file, which may stand there already.
        data: its bytes.
        finish: what else to give the file, by its temporary name, before it takes its place.

    Raises:
        OSError: it cannot be written; what stood there stays.
    """
    handle, name = tempfile.mkstemp(prefix=".captionfix-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        finish(name)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
