"""Looking after the cache: what it holds, emptying it, and taking out what is of no use any more."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from captionfix.errors import CacheError
from captionfix.pictures.cache_file import SCHEMA, TABLES, make_anew, opened, schema_of, whole

if TYPE_CHECKING:
    from sqlite3 import Connection

_AT_ONCE = 1000
"""Rows looked at before others may write again."""


@dataclass(frozen=True, slots=True)
class Info:
    """What a cache holds.

    Attributes:
        bytes: on the disk.
        is_old: whether an older captionfix made it; the next run then makes it anew.
        files: files whose content is known.
        versions: by version, how many fingerprints there are, and how many images that cannot be looked at.
        likenesses: pairs that were compared.
    """

    bytes: int
    is_old: bool
    files: int = 0
    versions: tuple[tuple[str, int, int], ...] = ()
    likenesses: int = 0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was taken out of a cache.

    Attributes:
        files: rows of files that are gone or changed.
        fingerprints: those of unlike versions, or that no file refers to.
        likenesses: pairs of which the same holds.
        bytes: by how much it is smaller on the disk.
    """

    files: int
    fingerprints: int
    likenesses: int
    bytes: int


def info(path: Path) -> Info:
    """Return what a cache holds.

    Args:
        path: the database.

    Raises:
        CacheError: it is no cache of captionfix, or it cannot be used.
    """
    with opened(path) as database:
        if schema_of(database) != SCHEMA:
            return Info(_size(path), is_old=True)
        versions = database.execute(_VERSIONS).fetchall()
        return Info(
            _size(path),
            is_old=False,
            files=_count(database, "files"),
            versions=tuple(versions),
            likenesses=_count(database, "likenesses"),
        )


def clear(path: Path) -> int:
    """Take everything out of a cache; runs that use it meanwhile go on. Return by how many bytes it is smaller.

    Args:
        path: the database.

    Raises:
        CacheError: it is no cache of captionfix, or it cannot be used.
    """
    before = _size(path)
    with opened(path) as database:
        with whole(database):
            make_anew(database)
        _shrink(database)
    return before - _size(path)


def prune(path: Path, version: str) -> Pruned:
    """Take out of a cache what is of no use any more.

    Args:
        path: the database.
        version: what fingerprints depend on; those of others go.

    Raises:
        CacheError: it is no cache of this version of captionfix, or it cannot be used.
    """
    before = _size(path)
    with opened(path) as database:
        if schema_of(database) != SCHEMA:
            raise CacheError(f"cache {path}: is an older version's; captionfix cache clear empties it")
        files = sum(_forget(database, gone) for gone in _gone_files(database))
        with whole(database):
            fingerprints = database.execute(_UNUSED_FINGERPRINTS, (version,)).rowcount
            database.execute(_UNUSED_IMAGES, (version,))
            database.execute(_UNLIKE_GROUPINGS, (f"{version}; ",) * 2)
            likenesses = database.execute(_UNLIKE, (f"{version}; ",) * 2).rowcount
        _shrink(database)
    return Pruned(files, fingerprints, likenesses, before - _size(path))


_VERSIONS = """
SELECT version, count(*) - count(problem), count(problem) FROM fingerprints GROUP BY version ORDER BY version
"""
_UNUSED_FINGERPRINTS = "DELETE FROM fingerprints WHERE version <> ? OR content NOT IN (SELECT content FROM files)"
_UNUSED_IMAGES = "DELETE FROM images WHERE version <> ? OR content NOT IN (SELECT content FROM files)"
_UNLIKE_GROUPINGS = "DELETE FROM groupings WHERE substr(version, 1, length(?)) <> ?"
_UNLIKE = """
DELETE FROM likenesses WHERE substr(version, 1, length(?)) <> ?
OR one NOT IN (SELECT content FROM files) OR other NOT IN (SELECT content FROM files)
"""


def _gone_files(database: Connection) -> Iterator[list[bytes]]:
    """The paths of files that are gone or changed, some at a time, so that any number of rows fits into memory."""
    last = b""
    while rows := database.execute(
        "SELECT path, size, mtime_ns FROM files WHERE path > ? ORDER BY path LIMIT ?", (last, _AT_ONCE)
    ).fetchall():
        last = rows[-1][0]
        yield [path for path, size, changed in rows if not _is_there(path, size, changed)]


def _is_there(path: bytes, size: int, changed: int) -> bool:
    try:
        status = Path(os.fsdecode(path)).lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (size, changed)


def _forget(database: Connection, paths: list[bytes]) -> int:
    with whole(database):
        database.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in paths))
    return len(paths)


def _shrink(database: Connection) -> None:
    """Give the room back to the disk; where another run reads meanwhile, later writing uses it."""
    if database.execute("PRAGMA freelist_count").fetchone()[0]:
        database.execute("VACUUM")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _count(database: Connection, table: str) -> int:
    assert table in TABLES  # noqa: S101 a name cannot be a value of a statement
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def _size(path: Path) -> int:
    """The bytes of a database and of the journal beside it."""
    return sum(file.stat().st_size for file in (path, Path(f"{path}-wal")) if file.exists())
