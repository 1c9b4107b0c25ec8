"""Fingerprints kept between runs: SQLite in the user's cache folder.

Nothing here may stop a run: a cache that cannot be used is told about once,
and everything goes on without it. Several processes share one file.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from captionfix.errors import PictureError
from captionfix.folders import cache_folder
from captionfix.pictures.fingerprint import Fingerprint

if TYPE_CHECKING:
    from sqlite3 import Connection

Found = TypeVar("Found")

NAME = "pictures.sqlite3"
_APPLICATION = 0x63617078
"""``capx``: what marks a database as this cache, whatever its name."""
_SCHEMA = 1
_WAIT = 5.0
"""Seconds to wait for another process that writes; SQLite's own default in Python."""
_FRESH = 2 * 10**9
"""Nanoseconds: a file changed so recently may change again within one tick of a FAT file system's clock."""
_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fingerprints (
    content BLOB NOT NULL, version TEXT NOT NULL, data BLOB, problem TEXT, PRIMARY KEY (content, version)
);
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file is still the one that was looked at: path, bytes, time of its last change."""

    path: str
    size: int
    mtime_ns: int


def default_path() -> Path:
    """Return where the cache lies unless the user says otherwise."""
    return cache_folder() / NAME


class Cache:
    """Fingerprints by file and by content.

    Args:
        path: the database; None for the one in the user's cache folder.
        version: what the fingerprints depend on, for asking when it is needed; those of others are not seen.

    Attributes:
        troubles: why it could not be used, a sentence each, once each.
    """

    def __init__(self, path: Path | None, version: Callable[[], str]) -> None:
        self._path, self._version = path, version
        self._database: Connection | None = None
        self._opened = False
        self._writes = True
        self.troubles: list[str] = []

    def content(self, stamp: Stamp) -> bytes | None:
        """Return the SHA-256 of a file that has not changed since it was last looked at, None if unknown."""
        row = self._ask(
            "SELECT content FROM files WHERE path = ? AND size = ? AND mtime_ns = ?",
            (os.fsencode(stamp.path), stamp.size, stamp.mtime_ns),
        )
        return row[0] if row else None

    def find(self, content: bytes) -> Fingerprint | PictureError | None:
        """Return what is known of an image with these bytes.

        Args:
            content: their SHA-256.

        Returns:
            Its fingerprint, or why it has none; None if it has not been looked at.
        """
        row = self._ask(
            "SELECT data, problem FROM fingerprints WHERE content = ? AND version = ?", (content, self._known_version())
        )
        if row is None:
            return None
        try:
            if row[1] is not None:
                cause, hint, offset = json.loads(row[1])
                return PictureError("<picture>", cause, hint, offset)
            found = Fingerprint.from_bytes(row[0])
        except (ValueError, TypeError):
            return None
        return found if found.content == content else None

    def keep(self, content: bytes, found: Fingerprint | PictureError) -> None:
        """Keep what is known of an image, or why it has no fingerprint."""
        problem = json.dumps((found.cause, found.hint, found.offset)) if isinstance(found, PictureError) else None
        data = found.to_bytes() if isinstance(found, Fingerprint) else None
        self._tell(
            "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?)", (content, self._known_version(), data, problem)
        )

    def keep_file(self, stamp: Stamp, content: bytes) -> None:
        """Keep what a file holds, unless it changed so recently that it may change again unseen."""
        if time.time_ns() - stamp.mtime_ns > _FRESH:
            self._tell(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                (os.fsencode(stamp.path), stamp.size, stamp.mtime_ns, content),
            )

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _known_version(self) -> str:
        return self._version() if self._open() is not None else ""

    def _ask(self, question: str, values: tuple[Any, ...]) -> Any:
        return self._with(lambda database: database.execute(question, values).fetchone())

    def _tell(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self._writes:
            return

        def write(database: Connection) -> None:
            import sqlite3

            try:
                database.execute(statement, values)
            except sqlite3.OperationalError as error:
                if "readonly" not in str(error):
                    raise
                self._writes = False
                self._trouble("may be read only", "nothing new is kept; name another file with --cache")

        self._with(write)

    def _with(self, work: Callable[[Connection], Found]) -> Found | None:
        """Do something with the database, if it can be used; what it raises ends its use, not the run."""
        import sqlite3

        database = self._open()
        if database is None:
            return None
        try:
            return work(database)
        except sqlite3.Error as error:
            self._give_up(error)
            return None

    def _open(self) -> Connection | None:
        if self._opened:
            return self._database
        self._opened = True
        import sqlite3

        try:
            path = self._path = self._path or default_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            self._prepare(self._database)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
        return self._database

    def _prepare(self, database: Connection) -> None:
        """Make the tables of a new file; leave a database that is not this cache alone."""
        import sqlite3

        mark = database.execute("PRAGMA application_id").fetchone()[0]
        schema = database.execute("PRAGMA user_version").fetchone()[0]
        if (mark, schema) == (_APPLICATION, _SCHEMA):
            return
        if mark or schema or database.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise sqlite3.DatabaseError("is another program's database, or another version's")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(
            f"BEGIN IMMEDIATE; {_TABLES}"
            f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_SCHEMA}; COMMIT;"
        )

    def _give_up(self, error: Exception) -> None:
        self.close()
        cause = getattr(error, "strerror", None) or str(error)
        self._trouble(f"cannot be used: {cause}", "pictures are read anew; remove it, or name another with --cache")

    def _trouble(self, cause: str, hint: str) -> None:
        told = f"cache {self._path}: {cause}; {hint}"
        if told not in self.troubles:
            self.troubles.append(told)
