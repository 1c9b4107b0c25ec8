"""What is kept of images, of pairs and of runs between runs.

Rows are sealed, and a damaged one is as if it were not there, which is told.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from captionfix.errors import PictureError
from captionfix.pictures.cache_file import CacheFile, whole
from captionfix.pictures.fingerprint import Fingerprint
from captionfix.pictures.records import ImageRecord, Pair
from captionfix.pictures.relations import Likeness
from captionfix.pictures.seals import sealed, unsealed

if TYPE_CHECKING:
    from sqlite3 import Connection

Found = TypeVar("Found")

_DIGEST = 32
"""Bytes of a SHA-256."""
_ASKED = 400
"""Rows asked for at once; SQLite before 3.32 takes 999 values."""
_GROUPINGS = 16
"""Runs whose outcome is remembered: a few archives, each with a policy or two; a megabyte for 2,000 copies."""
_FRESH = 2 * 10**9
"""Nanoseconds: a file changed so recently may change again within one tick of a FAT file system's clock."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file is still the one that was looked at: path, bytes, time of its last change."""

    path: str
    size: int
    mtime_ns: int


class Cache(CacheFile):
    """Fingerprints by file and by content.

    Args:
        path: the database; None for the one in the user's cache folder.
        version: what the fingerprints depend on, for asking when it is needed; those of others are not seen.

    """

    def __init__(self, path: Path | None, version: Callable[[], str]) -> None:
        super().__init__(path)
        self._version = version
        self._asked: str | None = None

    def content(self, stamp: Stamp) -> bytes | None:
        """Return the SHA-256 of a file that has not changed since it was last looked at, None if unknown."""
        row = self.ask(
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
        self.trouble("holds damaged rows", "what they were of is looked at once more")
        return None

    def find(self, content: bytes) -> Fingerprint | PictureError | None:
        """Return what is known of an image with these bytes.

        Args:
            content: their SHA-256.

        Returns:
            Its fingerprint, or why it has none; None if it has not been looked at.
        """
        row = self.ask(
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
        began = self.tell("BEGIN IMMEDIATE", ())
        try:
            yield
        finally:
            if began and self.is_changing:
                self.tell("COMMIT", ())

    def keep(self, content: bytes, found: Fingerprint | PictureError) -> bool:
        """Keep what is known of an image, or why it has no fingerprint; return whether it is kept."""
        problem = data = None
        if isinstance(found, PictureError):
            problem = sealed(json.dumps((found.cause, found.hint, found.offset)).encode())
        else:
            data = sealed(found.to_bytes())
        return self.tell(
            "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?)", (content, self._known_version(), problem, data)
        )

    def image(self, content: bytes) -> ImageRecord | None:
        """Return what is known of an image with these bytes, without a name and its views; None if nothing is."""
        row = self.ask("SELECT data FROM images WHERE content = ? AND version = ?", (content, self._known_version()))
        return self._sound(row[0], lambda data: ImageRecord.from_json(data.decode(), content)) if row else None

    def keep_image(self, image: ImageRecord) -> bool:
        """Keep the figures of an image, for `look_up`; return whether they are kept."""
        values = (image.content, self._known_version(), sealed(image.to_json().encode()), sealed(image.crop_hashes))
        return self.tell("INSERT OR REPLACE INTO images VALUES (?, ?, ?, ?)", values)

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
        row = self.ask(
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

        self.change(write)

    def keep_file(self, stamp: Stamp, content: bytes) -> None:
        """Keep what a file holds, unless it changed so recently that it may change again unseen."""
        if time.time_ns() - stamp.mtime_ns > _FRESH:
            self.tell(
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

        return self.change(write)

    def _known_version(self) -> str:
        if self._asked is None and self.is_open:
            self._asked = self._version()
        return self._asked or ""

    def _compared_by(self, version: str) -> str:
        return f"{self._known_version()}; {version}"

    def _ask_all(self, question: str, keys: Sequence[bytes], values: tuple[str, ...]) -> list[Any]:
        """All rows for many keys, which stand in the question where the marks are."""
        marks = question.replace("MARKS", ", ".join("?" * len(keys)))
        return self.use(lambda database: database.execute(marks, (*values, *keys)).fetchall()) or []


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


def _problem(text: bytes) -> PictureError:
    cause, hint, offset = json.loads(text)
    return PictureError("<picture>", cause, hint, offset)


def _likeness(data: bytes) -> Likeness:
    return Likeness.from_json(json.loads(data))
