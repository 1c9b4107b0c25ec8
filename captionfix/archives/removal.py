"""Files taken out of an archive, and brought back from its journal.

A record is safe before its file goes, and says all that brings it back. A
file stopped on its way is in its place, or where its record says, or both.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from pathlib import Path, PurePosixPath

from captionfix.archives import atomic
from captionfix.archives.journal import Removed
from captionfix.errors import PageError

_MODES = 0o777
"""Permissions that are given back; those that lend somebody's rights are not, since a journal may come from anybody."""


def look(root: Path, below: str, locator: str) -> tuple[bytes, os.stat_result]:
    """Return a regular file's bytes and what the file system says of it.

    Args:
        root: the folder it stands below, resolved.
        below: where it stands there.
        locator: its name in errors.

    Raises:
        PageError: it is gone, no file, reached through a link, or cannot be read.
    """
    path = root.joinpath(*PurePosixPath(below).parts)
    try:
        if os.path.realpath(path) == str(path):
            reading = atomic.read(path)
            return reading.data, reading.seen
    except FileNotFoundError as error:
        raise PageError(locator, "is gone", "nothing was done to it") from error
    except OSError as error:
        raise PageError(locator, f"cannot be read: {error.strerror}", "check that it may be read") from error
    raise PageError(locator, "is reached through a link now", "nothing was done to it")


def record_of(root: Path, below: str, keep: str, way: str, content: str) -> Removed:
    """Return the record of a file that is to go; it gets its number when it is written down.

    Args:
        root: the folder it stands below, resolved.
        below: where it stands there.
        keep: the file that stands for it.
        way: how it goes.
        content: SHA-256 that it must have; the kept file too, unless it goes into quarantine.

    Raises:
        PageError: one of them is not what it was.
    """
    data, seen = look(root, below, str(root / below))
    kept, _ = look(root, keep, str(root / keep))
    if atomic.digest(data) != content:
        raise PageError(str(root / below), "changed meanwhile, and stays", "compare again to take it as it is now")
    if way != "quarantine" and kept != data:
        raise PageError(str(root / keep), "has other bytes now; its copy stays", "compare again")
    times, owner = (seen.st_atime_ns, seen.st_mtime_ns), (seen.st_uid, seen.st_gid)
    mode = stat.S_IMODE(seen.st_mode)
    path, keep_path = PurePosixPath(below), PurePosixPath(keep)
    return Removed(0, 0, path, way, keep_path, len(data), content, mode, times, owner)


def remove(record: Removed, root: Path, quarantine: Path, run: str) -> None:
    """Take a file out of the archive; its record is safe.

    Args:
        record: of it.
        root: the folder it stands below, resolved.
        quarantine: the folder for files that are put aside.
        run: the run's name.

    Raises:
        PageError: it, or the kept file, is not what it was; it stays.
        OSError: the system refuses; it stays.
    """
    path, keep = root.joinpath(*record.path.parts), root.joinpath(*record.keep.parts)
    record_of(root, str(record.path), str(record.keep), record.way, record.digest)
    if record.way == "delete":
        path.unlink()
    elif record.way == "hardlink":
        through = atomic.temporary(path, run, record.number)
        through.unlink(missing_ok=True)
        os.link(keep, through)
        through.replace(path)
    else:
        quarantine.mkdir(mode=0o700, exist_ok=True)
        _move(path, quarantine / str(record.number))


def _move(path: Path, to: Path) -> None:
    """Give a file another place, on another file system too; there is no moment without a whole one."""
    try:
        path.rename(to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        through = _part(to)
        _copy(path, through)
        through.replace(to)
        atomic.sync(to.parent)
        path.unlink()


def _part(to: Path) -> Path:
    """Where a file stands that is on its way from another file system."""
    return to.with_name(f"{to.name}.part")


def _copy(path: Path, to: Path) -> None:
    shutil.copy2(path, to, follow_symlinks=False)
    seen = path.lstat()
    _give_owner(to, (seen.st_uid, seen.st_gid))
    atomic.sync(to)


def _give_owner(path: Path, owner: tuple[int, int]) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError, OverflowError):
            os.chown(path, *owner)


def restore(record: Removed, root: Path, quarantine: Path, run: str, *, dry_run: bool = False) -> bool:
    """Bring a removed file back.

    Args:
        record: of it.
        root: the folder it stood below.
        quarantine: the folder of files that were put aside.
        run: the run's name.
        dry_run: whether to look only.

    Returns:
        Whether it stood there already.

    Raises:
        PageError: it cannot be brought back; nothing was done.
    """
    path = root.joinpath(*record.path.parts)
    aside = quarantine / str(record.number)
    if not dry_run:
        with contextlib.suppress(OSError):
            _part(aside).unlink()
    if os.path.lexists(path) and not _is_linked(record, root):
        data, _ = look(root, str(record.path), str(path))
        if atomic.digest(data) != record.digest:
            raise PageError(str(path), "is another file now, and stays as it is", "fix it by hand")
        if record.way == "quarantine" and not dry_run:
            aside.unlink(missing_ok=True)
        return True
    has_folder = os.path.isdir(path.parent)  # noqa: PTH112 the other one raises where a name is too long
    if not has_folder or os.path.realpath(path.parent) != str(path.parent):
        raise PageError(str(path), "has no folder any more, or a link leads there", "make the folder and undo again")
    data = _bytes_of(record, root, aside, path)
    if not dry_run:
        try:
            _put_back(record, path, data, aside, run)
        except OSError as error:
            cause = f"cannot be brought back: {error.strerror}"
            raise PageError(str(path), cause, "check the space and the rights there") from error
    return False


def _is_linked(record: Removed, root: Path) -> bool:
    """Whether a file is a hard link to the one that stands for it."""
    try:
        one, other = (os.lstat(root.joinpath(*each.parts)) for each in (record.path, record.keep))
    except OSError:
        return False
    return record.way == "hardlink" and os.path.samestat(one, other)


def _bytes_of(record: Removed, root: Path, aside: Path, path: Path) -> bytes:
    """The bytes of a file that is gone."""
    source = (aside.parent, aside.name) if record.way == "quarantine" else (root, str(record.keep))
    where = Path(os.path.realpath(source[0]))
    try:
        data, _ = look(where, source[1], str(where / source[1]))
    except PageError as error:
        raise PageError(
            str(path), f"cannot be brought back: {error.locator} {error.cause}", "fix it by hand"
        ) from error
    if atomic.digest(data) != record.digest or len(data) != record.size:
        raise PageError(str(path), f"cannot be brought back: {where / source[1]} changed", "fix it by hand")
    return data


def _put_back(record: Removed, path: Path, data: bytes, aside: Path, run: str) -> None:
    if record.way == "quarantine" and aside.stat().st_dev == path.parent.stat().st_dev:
        _take_name(aside, path, is_new=True)
    else:
        through = atomic.temporary(path, run, record.number)
        through.unlink(missing_ok=True)
        try:
            if record.way == "quarantine":
                _copy(aside, through)
            else:
                _write(record, through, data)
            _take_name(through, path, is_new=record.way != "hardlink" or not os.path.lexists(path))
        finally:
            through.unlink(missing_ok=True)
    atomic.sync(path.parent)
    if record.way == "quarantine":
        aside.unlink(missing_ok=True)


def _write(record: Removed, through: Path, data: bytes) -> None:
    with through.open("xb") as file:
        file.write(data)
    _give_owner(through, record.owner)
    through.chmod(record.mode & _MODES)
    os.utime(through, ns=record.times)
    atomic.sync(through)


def _take_name(old: Path, path: Path, *, is_new: bool) -> None:
    """Give a file a name, a new one only where nothing stands there."""
    if not is_new:
        old.replace(path)
        return
    try:
        os.link(old, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise
        old.rename(path)
        return
    old.unlink()
