"""SQLite: a page in a column of each row of one table. The database is copied, then its rows are set."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.source import CHUNK, Source
from captionfix.errors import ContainerError, NotAPageError
from captionfix.model import Edit
from captionfix.settings import Settings


class Database:
    """An open SQLite database: a copy of it in a folder of its own, where nothing stands beside it.

    Args:
        source: the file.
        settings: which table and column hold the page, and which column its URL.

    Raises:
        NotAPageError: it has no such column, several, or one that cannot be set without setting others.
        ContainerError: it is damaged.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings
        if Path(f"{source.locator}-wal").is_file() and Path(f"{source.locator}-wal").stat().st_size:
            cause, hint = "is an SQLite database that is in use", "close it, or run: PRAGMA wal_checkpoint(TRUNCATE)"
            raise NotAPageError(source.locator, cause, hint)
        self._folder = TemporaryDirectory(prefix="captionfix-", ignore_cleanup_errors=True)
        self._path = Path(self._folder.name, "database")
        try:
            _copy(source, self._path)
            self._db = _opened(self._path, "ro")
            self._table, self._column, self._url = self._found()
        except sqlite3.Error as error:
            damage = self._damage(error)
            self.close()
            raise damage from error
        except BaseException:
            self.close()
            raise

    def members(self) -> Iterator[Member]:
        """Yield the pages, row by row; see `captionfix.containers.members.Container`."""
        url = _quoted(self._url) if self._url else "NULL"
        wanted = f"SELECT rowid, {_quoted(self._column)}, {url} FROM {_quoted(self._table)} ORDER BY rowid"  # noqa: S608 names are quoted
        try:
            for row, page, address in self._db.execute(wanted):
                yield self._member(row, page, address if isinstance(address, str) else "")
        except sqlite3.Error as error:
            raise self._damage(error) from error

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(self._source, (self._table, self._column), out)

    def close(self) -> None:
        """Let go of the copy."""
        with suppress(AttributeError):  # it was never opened
            self._db.close()
        self._folder.cleanup()

    def _member(self, row: int, page: object, url: str) -> Member:
        name = url or f"row {row}"
        if isinstance(page, str):
            data, encoding = page.encode("utf-8", "surrogatepass"), "utf-8"
        elif isinstance(page, bytes):
            data, encoding = page, ""
        else:
            return Member(name, row, left=f"a row without {self._column}")
        return Member(
            name, row, data[:HEAD], lambda _: data, url, "text/html", encoding, handle=(row, isinstance(page, str))
        )

    def _found(self) -> tuple[str, str, str]:
        """The table, the column of the page, and that of the URL, if there is one."""
        table, _, column = self._settings.field.rpartition(".")
        columns = dict(self._columns())
        found = [name for name, held in columns.items() if column in held and table in ("", name)]
        if len(found) != 1:
            told = ", ".join(f"{name}.{each}" for name, held in columns.items() for each in held) or "none"
            cause = (
                f"is an SQLite database with {len(found) or 'no'} column{'s' if found else ''} {self._settings.field!r}"
            )
            raise NotAPageError(self._source.locator, cause, f"name the one that holds the pages, --field: {told}")
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", found).fetchone():
            cause = f"is an SQLite database whose table {found[0]} has triggers, which would set more than the page"
            raise NotAPageError(self._source.locator, cause, "export the pages, and name those")
        url = self._settings.url_field
        return found[0], column, url if url in columns[found[0]] else ""

    def _columns(self) -> Iterator[tuple[str, list[str]]]:
        """The columns of each plain table whose rows have numbers."""
        wanted = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        for (name,) in self._db.execute(wanted).fetchall():
            with suppress(sqlite3.OperationalError):  # a table without rowid
                self._db.execute(f"SELECT rowid FROM {_quoted(name)} LIMIT 1")  # noqa: S608 the name is quoted
                yield name, [row[1] for row in self._db.execute(f"PRAGMA table_info({_quoted(name)})")]

    def _damage(self, error: sqlite3.Error) -> ContainerError:
        return self._source.error(f"cannot be read: {error}", self._path.stat().st_size)


def _copy(source: Source, path: Path) -> None:
    with source.open() as file, path.open("wb") as to:
        shutil.copyfileobj(file, to, CHUNK)


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    """A database from anybody: its own views, functions and triggers are not trusted (sqlite.org/security.html)."""
    found = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None)
    found.execute("PRAGMA trusted_schema = OFF")
    found.execute("PRAGMA cell_size_check = ON")
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _Writer:
    """Sets rows of a second copy, which then goes where the container's copy goes."""

    def __init__(self, source: Source, column: tuple[str, str], out: BinaryIO) -> None:
        self._source, self._out = source, out
        self._set = f"UPDATE {_quoted(column[0])} SET {_quoted(column[1])} = ? WHERE rowid = ?"  # noqa: S608 quoted
        self._folder: TemporaryDirectory[str] | None = None
        self._db: sqlite3.Connection | None = None

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 the whole value is set
        row, is_text = member.handle
        self._db = self._db or self._begun()
        self._db.execute(self._set, (data.decode("utf-8", "surrogatepass") if is_text else data, row))

    def finish(self) -> None:
        if self._db is None or self._folder is None:
            with self._source.open() as file:
                shutil.copyfileobj(file, self._out, CHUNK)
            return
        with closing(self._db), self._folder:
            self._db.execute("COMMIT")
            self._db.close()
            with Path(self._folder.name, "database").open("rb") as file:
                shutil.copyfileobj(file, self._out, CHUNK)

    def _begun(self) -> sqlite3.Connection:
        self._folder = TemporaryDirectory(prefix="captionfix-", ignore_cleanup_errors=True)
        path = Path(self._folder.name, "database")
        _copy(self._source, path)
        db = _opened(path, "rw")
        db.execute("BEGIN")
        return db


open_container = Database
