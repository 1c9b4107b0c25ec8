"""The cache's file: SQLite in the user's cache folder, opened, waited for, and made anew where it is damaged.

Nothing here may stop a run: a cache that cannot be used is told about once,
and everything goes on without it. A damaged database of ours is made anew,
and that is told. Several processes share one file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from captionfix.errors import CacheError
from captionfix.folders import cache_folder

if TYPE_CHECKING:
    from sqlite3 import Connection

Found = TypeVar("Found")

NAME = "pictures.sqlite3"
_APPLICATION = 0x63617078
"""``capx``: what marks a database as this cache, whatever its name."""
SCHEMA = 6
"""Grows when the tables change; a cache of an older one is made anew."""
_SQLITE, _APPLICATION_AT = b"SQLite format 3\0", 68
"""What a database begins with, and where in it the application's mark stands (SQLite's file format, 1.3)."""
_WAIT = 5.0
"""Seconds to wait for another process that writes; SQLite's own default in Python."""
_PAUSE = 0.01
"""Seconds between two tries, where SQLite does not wait by itself: making the tables takes about as long."""
_TABLES = """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE fingerprints (
    content BLOB NOT NULL, version TEXT NOT NULL, problem BLOB, data BLOB, PRIMARY KEY (content, version)
);
CREATE TABLE images (
    content BLOB NOT NULL, version TEXT NOT NULL, data BLOB NOT NULL, views BLOB NOT NULL,
    PRIMARY KEY (content, version)
);
CREATE TABLE likenesses (
    one BLOB NOT NULL, other BLOB NOT NULL, version TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (one, other, version)
) WITHOUT ROWID;
CREATE TABLE groupings (
    images BLOB NOT NULL, version TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (images, version)
);
"""
"""The largest column comes last, since SQLite reads a row from its beginning."""
TABLES = ("files", "fingerprints", "images", "likenesses", "groupings")


def default_path() -> Path:
    """Return where the cache lies unless the user says otherwise."""
    return cache_folder() / NAME


class CacheFile:
    """The database of a cache; what goes wrong with it is told, and never raised.

    Args:
        path: the database; None for the one in the user's cache folder.

    Attributes:
        troubles: why it could not be used, a sentence each, once each.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._database: Connection | None = None
        self._opened = False
        self._writes = True
        self._was_rebuilt = False
        self.troubles: list[str] = []

    @property
    def is_open(self) -> bool:
        """Whether it can be used; it is opened if nobody has done so."""
        return self._open() is not None

    @property
    def is_changing(self) -> bool:
        """Whether changes wait to be committed."""
        return self._database is not None and self._database.in_transaction

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def ask(self, question: str, values: tuple[Any, ...]) -> Any:
        """Return the first row that a question gives; None where there is none."""
        return self.use(lambda database: database.execute(question, values).fetchone())

    def tell(self, statement: str, values: tuple[Any, ...]) -> bool:
        """Carry out a statement that changes something; return whether that could be done."""

        def write(database: Connection) -> None:
            database.execute(statement, values)

        return self.change(write)

    def change(self, change: Callable[[Connection], None]) -> bool:
        """Change the database, if that may be done; that it may not is told once."""
        if not self._writes:
            return False

        def write(database: Connection) -> bool:
            import sqlite3

            try:
                change(database)
            except sqlite3.OperationalError as error:
                if "readonly" not in str(error):
                    raise
                self._writes = False
                self.trouble("may be read only", "nothing new is kept; name another file with --cache")
            return self._writes

        return bool(self.use(write))

    def use(self, work: Callable[[Connection], Found]) -> Found | None:
        """Do something with the database, if it can be used; what it raises ends its use, not the run."""
        import sqlite3

        database = self._open()
        if database is None:
            return None
        try:
            return work(database)
        except sqlite3.Error as error:
            if self._is_rebuilt(error) and self._database is not None:
                return self.use(work)
            self._give_up(error)
            return None

    def _is_rebuilt(self, error: Exception) -> bool:
        """Whether a damaged database of ours was taken away, once, so that a new one stands in its place."""
        path = self._path
        if self._was_rebuilt or path is None or not _is_damage(error) or not _is_ours(path):
            return False
        self._was_rebuilt = True
        self.close()
        try:
            for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                each.unlink(missing_ok=True)
        except OSError:
            return False
        self.trouble("was damaged", "it was made anew, and pictures are read once more")
        self._opened = False
        self._open()
        return True

    def _open(self) -> Connection | None:
        if self._opened:
            return self._database
        self._opened = True
        import sqlite3

        try:
            path = self._path = self._path or default_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            self._database.text_factory = _as_text
            self._prepare(self._database)
            self._database.execute("PRAGMA synchronous = NORMAL")
        except (sqlite3.Error, OSError) as error:
            if not self._is_rebuilt(error):
                self._give_up(error)
        return self._database

    def _prepare(self, database: Connection) -> None:
        """Make the tables of a new file, or of one that an older captionfix made; leave any other database alone."""
        if schema_of(database) == SCHEMA and _has_tables(database):
            return
        _log_ahead(database)
        with whole(database):
            schema = schema_of(database)
            if schema == SCHEMA and _has_tables(database):
                return  # another process was quicker
            make_anew(database)
        if schema == SCHEMA:
            self.trouble("was damaged", "it was made anew, and pictures are read once more")
        elif schema:
            self.trouble("was of an older version", "it was made anew, and pictures are read once more")

    def _give_up(self, error: Exception) -> None:
        self.close()
        cause = getattr(error, "strerror", None) or str(error)
        self.trouble(f"cannot be used: {cause}", "pictures are read anew; remove it, or name another with --cache")

    def trouble(self, cause: str, hint: str) -> None:
        """Tell, once, what is wrong and what to do about it."""
        told = f"cache {self._path}: {cause}; {hint}"
        if told not in self.troubles:
            self.troubles.append(told)


def _as_text(data: bytes) -> str:
    """Text that may be damaged: what is no UTF-8 must not end the use of the whole cache."""
    return data.decode("utf-8", "replace")


def _is_damage(error: Exception) -> bool:
    """Whether SQLite says that a file is not a valid database, rather than that it may not be used now."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells which kind of damage
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is_ours(path: Path) -> bool:
    """Whether a file's head says that it is this cache: SQLite's mark, and the application's at its place in there."""
    try:
        with path.open("rb") as file:
            head = file.read(_APPLICATION_AT + 4)
    except OSError:
        return False
    return head.startswith(_SQLITE) and head[_APPLICATION_AT:] == _APPLICATION.to_bytes(4, "big")


def _has_tables(database: Connection) -> bool:
    """Whether all tables are there as they were made."""
    rows = database.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
    return {statement.strip() for statement in _TABLES.split(";")[:-1]} <= {row[0] for row in rows}


def _log_ahead(database: Connection) -> None:
    """Let readers and a writer not wait for each other.

    This reads, then writes, in one transaction, and there SQLite does not wait for another process: hence the waiting.
    """
    import sqlite3

    end = time.monotonic() + _WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


@contextmanager
def whole(database: Connection) -> Iterator[None]:
    """Change a database wholly or not at all, while no other process changes it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def schema_of(database: Connection) -> int:
    """Return which version's cache a database is, 0 for a new file.

    Raises:
        sqlite3.DatabaseError: it is none.
    """
    import sqlite3

    # one statement, so that a process that makes the tables meanwhile is seen wholly or not at all
    mark, schema, tables = database.execute(
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), "
        "(SELECT count(*) FROM sqlite_master)"
    ).fetchone()
    if mark == _APPLICATION and 0 < schema <= SCHEMA:
        return int(schema)
    if mark == _APPLICATION:
        raise sqlite3.DatabaseError("is a newer version's")
    if mark or schema or tables:
        raise sqlite3.DatabaseError("is another program's database")
    return 0


def make_anew(database: Connection) -> None:
    """Make the tables of a cache, and empty those that are there."""
    for table in TABLES:
        database.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _TABLES.split(";")[:-1]:
        database.execute(statement)
    database.execute(f"PRAGMA application_id = {_APPLICATION}")
    database.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open a cache in order to look after it, for as long as it is wanted; nothing is made.

    Args:
        path: the database.

    Raises:
        CacheError: it is no cache of this version, or it cannot be used.
    """
    import sqlite3

    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, timeout=_WAIT, isolation_level=None, uri=True)) as database:
            if schema_of(database) == 0:
                raise sqlite3.DatabaseError("is no database of captionfix")
            yield database
    except sqlite3.Error as error:
        raise CacheError(f"cache {path}: {error}; {_next_step(error)}") from error


def _next_step(error: Exception) -> str:
    told = str(error)
    if told.startswith("is "):
        return "name captionfix's with --cache"
    if "locked" in told or "busy" in told:
        return "wait for the run that uses it, and try again"
    if "readonly" in told or "unable to open" in told:
        return "check the rights there"
    return "remove it: the next run makes a new one"
