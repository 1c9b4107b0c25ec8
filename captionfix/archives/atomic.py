"""Replacing a file whole or not at all, and keeping all that is known about it besides its bytes.

A temporary file stands in the folder of the file it will become. Its name
tells captionfix later that it is one, and which run it belonged to.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

RUN = r"\d{8}T\d{12}-[0-9a-f]{8}"
"""What the name of a run looks like: its time to the microsecond, and eight random digits."""
_TEMPORARY = re.compile(rf"\.captionfix-(?:({RUN})-)?[0-9a-z_]{{1,20}}\.tmp")
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


Signature = tuple[int, ...]
"""What the file system says of a file; another file, and one that was written meanwhile, has another."""
_STEP = 2_000_000_000
"""Nanoseconds by which some file systems count time (FAT); what changes sooner after a change may look the same, as
git's documentation of its index tells (racy-git)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's bytes, what the file system said of it while they were read, and when that was."""

    data: bytes
    seen: os.stat_result
    at: int

    @property
    def signature(self) -> Signature:
        """What tells whether it is still this file."""
        return _signature(self.seen)

    @property
    def is_fresh(self) -> bool:
        """Whether it was written so lately that its signature may miss another change."""
        return max(self.seen.st_mtime_ns, self.seen.st_ctime_ns) > self.at - _STEP


class ChangedError(OSError):
    """A file is not the one that was read."""


def digest(raw: bytes) -> str:
    """Return the digest that journals and plans know a file by.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(raw).hexdigest()


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
    now = time.time_ns()
    handle = os.open(path, _READING)
    with os.fdopen(handle, "rb") as file:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "is not a file")
        data = file.read()
        if _signature(os.fstat(handle)) != _signature(seen):
            raise ChangedError(errno.EAGAIN, "it changed while it was read")
    return Reading(data, seen, now)


def read_head(path: Path, most: int) -> tuple[bytes, int]:
    """Return the first bytes of a file that is no link, and how many it has.

    Args:
        path: the file.
        most: how many bytes to read.

    Raises:
        OSError: it cannot be read, or is a link or no file.
    """
    handle = os.open(path, _READING)
    with os.fdopen(handle, "rb", buffering=0) as file:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise OSError(errno.EINVAL, "is not a file")
        return file.read(most), seen.st_size


def _signature(seen: os.stat_result) -> Signature:
    return (seen.st_dev, seen.st_ino, seen.st_mode, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_nlink)


def write_beside(path: Path, data: bytes, reading: Reading, through: Path) -> None:
    """Write a file's new bytes to where they wait for `take_place`; mode, times, owner and attributes come along.

    Args:
        path: the file; no link.
        data: its new bytes.
        reading: the file as it was read.
        through: the temporary file; one that stands there is left over from a run that was stopped.

    Raises:
        OSError: they cannot be written, or what is to be kept cannot; nothing is left there.
    """
    through.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(through, _WRITING, 0o600), "wb") as file:
            file.write(data)
        resemble(through, path, reading.seen)
    except BaseException:
        through.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are safe against a loss of power.

    Raises:
        OSError: they are not.
    """
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def take_place(path: Path, through: Path, signature: Signature) -> None:
    """Let new bytes take a file's name; sync its folder when the last file there is done.

    Args:
        path: the file.
        through: where the new bytes wait.
        signature: the file's, as it was read.

    Raises:
        ChangedError: the file is not the one that was read; it stays as it is.
        OSError: the system refuses; the file stays as it is.
    """
    if _signature(os.lstat(path)) != signature:
        raise ChangedError(errno.EAGAIN, "it changed meanwhile")
    os.replace(through, path)


def resemble(new: Path, like: Path, seen: os.stat_result) -> None:
    """Give a new file all that is known of another besides its bytes.

    Args:
        new: the new file.
        like: the other one.
        seen: what the file system said of that.

    Raises:
        OSError: something cannot be given.
    """
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


def lock(file: BinaryIO) -> bool:
    """Hold a file as long as it is open.

    Args:
        file: the file.

    Returns:
        Whether it is held: False where another process holds it.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            place = file.tell()
            file.seek(_LOCKED_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(place)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks
    return True


_LOCKED_BYTE = 2**40
"""A byte that no journal reaches: Windows locks ranges, and nobody may read one that is locked."""


def is_abandoned(path: Path) -> bool:
    """Return whether a temporary file was left by a program that ended: whoever writes one holds it locked.

    Args:
        path: the file; that of a run is known by its journal, see `run_of`.
    """
    try:
        with path.open("rb+") as file, path.open("rb+") as other:
            return lock(file) and not lock(other)  # where there are no locks, nobody can tell
    except OSError:
        return False


def remove_abandoned(path: Path) -> bool:
    """Remove a temporary file that was left by a program that ended, and return whether it was one.

    It goes while it is held, so that nobody begins to write into it meanwhile, see `new_beside`.

    Args:
        path: the file; that of a run is known by its journal, see `run_of`.

    Raises:
        OSError: it cannot be removed.
    """
    if os.name == "nt":  # where nobody can remove an open file, and so none that is written
        if is_abandoned(path):
            path.unlink(missing_ok=True)
            return True
        return False
    try:
        file, other = path.open("rb+"), path.open("rb+")
    except OSError:
        return False
    with file, other:
        if not lock(file) or lock(other):
            return False
        path.unlink(missing_ok=True)
    return True


def write(path: Path, data: bytes, finish: Callable[[str], None]) -> None:
    """Write a file whole or not at all.

    Args:
        path: the file, which may stand there already.
        data: its bytes.
        finish: what else to give the file, by its temporary name, before it takes its place.

    Raises:
        OSError: it cannot be written; what stood there stays.
    """
    write_parts(path, (data,), finish)


def write_parts(path: Path, parts: Iterable[bytes], finish: Callable[[str], None]) -> None:
    """Write a file whole or not at all, part by part; see `write`.

    Args:
        path: the file, which may stand there already.
        parts: its bytes; whatever asking for them raises, what stood there stays.
        finish: what else to give the file, by its temporary name, before it takes its place.

    Raises:
        OSError: it cannot be written; what stood there stays.
    """
    with new_beside(path) as (file, name):
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
        finish(name)


def copy(path: Path, to: Path) -> None:
    """Copy a file with its mode and times, whole or not at all.

    Args:
        path: the file; no link.
        to: where the copy goes.

    Raises:
        OSError: it cannot be copied; nothing is left there.
    """
    with new_beside(to) as (_, name):
        shutil.copy2(path, name)


@contextmanager
def new_beside(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Make a file under a temporary name, which takes the name of another one if all goes well.

    Args:
        path: the other one.

    Yields:
        The file, open and held, and its temporary name.
    """
    file, name = _held(path.parent)
    try:
        with file:
            yield file, name
            if os.name != "nt":
                os.replace(name, path)
        if os.name == "nt":  # where nobody can give an open file another name
            os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _held(folder: Path) -> tuple[BinaryIO, str]:
    """A new temporary file that this program holds, and its name.

    Another program that clears up may find it before it is held, and remove it; then there is another one.
    """
    while True:
        handle, name = tempfile.mkstemp(prefix=".captionfix-", suffix=".tmp", dir=folder)
        file = os.fdopen(handle, "wb")
        if lock(file) and os.path.exists(name):
            return file, name
        file.close()
        Path(name).unlink(missing_ok=True)
