"""Fingerprints and verdicts kept between runs: SQLite in the user's cache folder.

Nothing here may stop a run: a cache that cannot be used is told about once,
and everything goes on without it. Rows are sealed, and a damaged one is as if
it were not there; a damaged database of ours is made anew. Both are told.
Several processes share one file.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from captionfix.errors import CacheError, PictureError
from captionfix.folders import cache_folder
from captionfix.pictures.fingerprint import Fingerprint
from captionfix.pictures.records import ImageRecord, Pair
from captionfix.pictures.relations import Likeness
from captionfix.pictures.seals import sealed, unsealed

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
_DIGEST = 32
"""Bytes of a SHA-256."""
_WAIT = 5.0
"""Seconds to wait for another process that writes; SQLite's own default in Python."""
_PAUSE = 0.01
"""Seconds between two tries, where SQLite does not wait by itself: making the tables takes about as long."""
_ASKED = 400
"""Rows asked for at once; SQLite before 3.32 takes 999 values."""
_GROUPINGS = 16
"""Runs whose outcome is remembered: a few archives, each with a policy or two; a megabyte for 2,000 copies."""
_FRESH = 2 * 10**9
"""Nanoseconds: a file changed so recently may change again within one tick of a FAT file system's clock."""
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
        self._asked: str | None = None
        self._database: Connection | None = None
        self._opened = False
        self._writes = True
        self._was_rebuilt = False
        self.troubles: list[str] = []

    def content(self, stamp: Stamp) -> bytes | None:
        """Return the SHA-256 of a file that has not changed since it was last looked at, None if unknown."""
        row = self._ask(
            "SELECT content FROM files WHERE path = ? AND size = ? AND mtime_ns = ?",
            (os.fsencode(stamp.path), stamp.size, stamp.mtime_ns),
        )
        return row[0] if row and _is_digest(row[0]) else None

    def look_up(self, stamps: Sequence[Stamp]) -> list[ImageRecord | PictureError | None]:
        """Return what is known of files that have not changed since they were last looked at.

        Args:
            stamps: of the files.

        Returns:
            For each of them the image without a name and without its views, or why it is none; None if that is unknown.
        """
        found: dict[bytes, tuple[Any, ...]] = {}
        version = self._known_version()
        for start in range(0, len(stamps), _ASKED):
            paths = [os.fsencode(stamp.path) for stamp in stamps[start : start + _ASKED]]
            found |= {row[0]: row[1:] for row in self._ask_all(_LOOK_UP, paths, (version, version))}
        return [self._known(found.get(os.fsencode(stamp.path)), stamp) for stamp in stamps]

    def _known(self, row: tuple[Any, ...] | None, stamp: Stamp) -> ImageRecord | PictureError | None:
        if row is None or row[:2] != (stamp.size, stamp.mtime_ns) or not _is_digest(row[2]):
            return None
        if row[3] is not None:
            return self._sound(row[3], lambda data: ImageRecord.from_json(data.decode(), row[2]))
        return self._sound(row[4], _problem)

    def _sound(self, blob: object, read: Callable[[bytes], Found]) -> Found | None:
        """What was kept; None where nothing was, or it is damaged, which is told once."""
        if blob is None:
            return None
        data = unsealed(blob)
        try:
            if data is not None:
                return read(data)
        except (ValueError, TypeError, KeyError):
            pass
        self._trouble("holds damaged rows", "what they were of is looked at once more")
        return None

    def find(self, content: bytes) -> Fingerprint | PictureError | None:
        """Return what is known of an image with these bytes.

        Args:
            content: their SHA-256.

        Returns:
            Its fingerprint, or why it has none; None if it has not been looked at.
        """
        row = self._ask(
            "SELECT problem, data FROM fingerprints WHERE content = ? AND version = ?", (content, self._known_version())
        )
        if row is None:
            return None
        if row[0] is not None:
            return self._sound(row[0], _problem)
        found = self._sound(row[1], Fingerprint.from_bytes)
        return found if found is not None and found.content == content else None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that is to be kept meanwhile at once, which costs one commit; no long work belongs in between."""
        began = self._tell("BEGIN IMMEDIATE", ())
        try:
            yield
        finally:
            if began and self._database is not None and self._database.in_transaction:
                self._tell("COMMIT", ())

    def keep(self, content: bytes, found: Fingerprint | PictureError) -> bool:
        """Keep what is known of an image, or why it has no fingerprint; return whether it is kept."""
        problem = data = None
        if isinstance(found, PictureError):
            problem = sealed(json.dumps((found.cause, found.hint, found.offset)).encode())
        else:
            data = sealed(found.to_bytes())
        return self._tell(
            "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?)", (content, self._known_version(), problem, data)
        )

    def image(self, content: bytes) -> ImageRecord | None:
        """Return what is known of an image with these bytes, without a name and its views; None if nothing is."""
        row = self._ask("SELECT data FROM images WHERE content = ? AND version = ?", (content, self._known_version()))
        return self._sound(row[0], lambda data: ImageRecord.from_json(data.decode(), content)) if row else None

    def keep_image(self, image: ImageRecord) -> bool:
        """Keep the figures of an image, for `look_up`; return whether they are kept."""
        values = (image.content, self._known_version(), sealed(image.to_json().encode()), sealed(image.crop_hashes))
        return self._tell("INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?)", values)

    def crop_hashes(self, contents: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the views of images, by their contents: of those that are unknown or damaged, nothing."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(contents), _ASKED):
            for content, blob in self._ask_all(_VIEWS, contents[start : start + _ASKED], (self._known_version(),)):
                if (crop_hashes := self._sound(blob, bytes)) is not None:
                    found[content] = crop_hashes
        return found

    def find_grouping(self, images: bytes, version: str) -> bytes | None:
        """Return what is remembered of grouping images, None if nothing is.

        Args:
            images: what tells all that went in.
            version: what the grouping depends on besides the fingerprints.
        """
        row = self._ask(
            "SELECT data FROM groupings WHERE images = ? AND version = ?", (images, self._compared_by(version))
        )
        return self._sound(row[0], bytes) if row else None

    def keep_grouping(self, images: bytes, version: str, data: bytes) -> None:
        """Remember what grouping images came to, and forget what is remembered of the run before the last few.

        Args:
            images: what tells all that went in.
            version: what the grouping depends on besides the fingerprints.
            data: what it came to.
        """
        values = (images, self._compared_by(version), sealed(data))

        def write(database: Connection) -> None:
            with whole(database):
                database.execute("INSERT OR REPLACE INTO groupings VALUES (?, ?, ?)", values)
                database.execute(_OLDER_GROUPINGS, (_GROUPINGS,))

        self._change(write)

    def keep_file(self, stamp: Stamp, content: bytes) -> None:
        """Keep what a file holds, unless it changed so recently that it may change again unseen."""
        if time.time_ns() - stamp.mtime_ns > _FRESH:
            self._tell(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
                (os.fsencode(stamp.path), stamp.size, stamp.mtime_ns, content),
            )

    def find_likeness(self, pairs: Sequence[Pair], version: str) -> dict[Pair, Likeness]:
        """Return what is remembered of comparing pairs; those that are not are left out.

        Args:
            pairs: of contents, in the order in which they were compared.
            version: what the comparing depends on besides the fingerprints.
        """
        wanted = dict.fromkeys(pairs)
        found: dict[Pair, Likeness] = {}
        ones = list(dict.fromkeys(one for one, _ in wanted))
        for start in range(0, len(ones), _ASKED):
            for one, other, data in self._ask_all(_LIKE, ones[start : start + _ASKED], (self._compared_by(version),)):
                likeness = self._sound(data, _likeness) if (one, other) in wanted else None
                if likeness is not None:
                    found[one, other] = likeness
        return found

    def keep_likeness(self, found: Mapping[Pair, Likeness], version: str) -> bool:
        """Remember what comparing pairs came to; return whether that could be done.

        Args:
            found: by pair of contents.
            version: what the comparing depends on besides the fingerprints.
        """
        by = self._compared_by(version)
        rows = [
            (one, other, by, sealed(json.dumps(likeness.to_json()).encode()))
            for (one, other), likeness in found.items()
        ]

        def write(database: Connection) -> None:
            with whole(database):
                database.executemany("INSERT OR REPLACE INTO likenesses VALUES (?, ?, ?, ?)", rows)

        return self._change(write)

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _known_version(self) -> str:
        if self._asked is None and self._open() is not None:
            self._asked = self._version()
        return self._asked or ""

    def _compared_by(self, version: str) -> str:
        return f"{self._known_version()}; {version}"

    def _ask(self, question: str, values: tuple[Any, ...]) -> Any:
        return self._with(lambda database: database.execute(question, values).fetchone())

    def _ask_all(self, question: str, keys: Sequence[bytes], values: tuple[str, ...]) -> list[Any]:
        """All rows for many keys, which stand in the question where the marks are."""
        marks = question.replace("MARKS", ", ".join("?" * len(keys)))
        return self._with(lambda database: database.execute(marks, (*values, *keys)).fetchall()) or []

    def _tell(self, statement: str, values: tuple[Any, ...]) -> bool:
        def write(database: Connection) -> None:
            database.execute(statement, values)

        return self._change(write)

    def _change(self, change: Callable[[Connection], None]) -> bool:
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
                self._trouble("may be read only", "nothing new is kept; name another file with --cache")
            return self._writes

        return bool(self._with(write))

    def _with(self, work: Callable[[Connection], Found]) -> Found | None:
        """Do something with the database, if it can be used; what it raises ends its use, not the run."""
        import sqlite3

        database = self._open()
        if database is None:
            return None
        try:
            return work(database)
        except sqlite3.Error as error:
            if self._is_rebuilt(error) and self._database is not None:
                return self._with(work)
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
        self._trouble("was damaged", "it was made anew, and pictures are read once more")
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
            self._trouble("was damaged", "it was made anew, and pictures are read once more")
        elif schema:
            self._trouble("was of an older version", "it was made anew, and pictures are read once more")

    def _give_up(self, error: Exception) -> None:
        self.close()
        cause = getattr(error, "strerror", None) or str(error)
        self._trouble(f"cannot be used: {cause}", "pictures are read anew; remove it, or name another with --cache")

    def _trouble(self, cause: str, hint: str) -> None:
        told = f"cache {self._path}: {cause}; {hint}"
        if told not in self.troubles:
            self.troubles.append(told)


_LOOK_UP = """
SELECT f.path, f.size, f.mtime_ns, f.content, i.data, CASE WHEN i.data IS NULL THEN (
    SELECT problem FROM fingerprints WHERE content = f.content AND version = ?
) END
FROM files f LEFT JOIN images i ON i.content = f.content AND i.version = ? WHERE f.path IN (MARKS)
"""
_VIEWS = "SELECT content, views FROM images WHERE version = ? AND content IN (MARKS)"
_OLDER_GROUPINGS = "DELETE FROM groupings WHERE rowid NOT IN (SELECT rowid FROM groupings ORDER BY rowid DESC LIMIT ?)"
_LIKE = "SELECT one, other, data FROM likenesses WHERE version = ? AND one IN (MARKS)"


def _is_digest(content: object) -> bool:
    return isinstance(content, bytes) and len(content) == _DIGEST


def _as_text(data: bytes) -> str:
    """Text that may be damaged: what is no UTF-8 must not end the use of the whole cache."""
    return data.decode("utf-8", "replace")


def _problem(text: bytes) -> PictureError:
    cause, hint, offset = json.loads(text)
    return PictureError("<picture>", cause, hint, offset)


def _likeness(data: bytes) -> Likeness:
    return Likeness.from_json(json.loads(data))


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
