"""Image files of a run looked at, in one process or several."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from captionfix.archives import atomic
from captionfix.errors import LEFT_OUT, PageError, PictureError
from captionfix.pictures.cache import Stamp
from captionfix.pictures.fingerprint import Fingerprint, fingerprint
from captionfix.pictures.records import ImageRecord, know
from captionfix.pictures.store import Store

_ROWS = 64
"""Rows that must decode: below, whatever an image is a part of, too little is to be seen."""


@dataclass(frozen=True, slots=True)
class ImageTask:
    """An image file to look at.

    Attributes:
        number: its place in the run.
        name: what it is called.
        path: where it really stands, links resolved.
    """

    number: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class ImageResult:
    """What became of an image file.

    Attributes:
        number: its place in the run.
        known: what is held of it; None where it could not be looked at.
        error: why not.
        notes: what the cache has to say.
    """

    number: int
    known: ImageRecord | None = None
    error: PictureError | PageError | None = None
    notes: tuple[str, ...] = ()


class FingerprintWorker:
    """Looks at images in one process.

    Args:
        store: where what is kept of them goes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __call__(self, task: ImageTask) -> ImageResult:
        """Return what becomes of an image; nothing that it holds stops the others."""
        known: ImageRecord | None = None
        error: PictureError | PageError | None = None
        try:
            known = self._looked_at(Path(task.path)).named(task.name)
        except PictureError as problem:
            error = problem.named(task.name)
        except OSError as problem:
            error = unread(task.name, problem)
        except MemoryError:
            error = PictureError(task.name, "needs more memory than there is", LEFT_OUT)
        except Exception as problem:  # noqa: BLE001 a fault of ours on one image must not stop the others
            cause = f"captionfix is at fault: {type(problem).__name__}: {problem}"
            error = PictureError(task.name, cause, f"{LEFT_OUT}; please report it together with the image")
        return ImageResult(task.number, known, error, self._store.take_troubles())

    def _looked_at(self, path: Path) -> ImageRecord:
        reading = atomic.read(path)
        stamp = Stamp(str(path), reading.seen.st_size, reading.seen.st_mtime_ns)
        content = hashlib.sha256(reading.data).digest()
        if (twin := self._store.image(content)) is not None:
            self._store.keep_file(stamp, content)
            return twin
        before = self._store.find(content)
        found = before or _fingerprint(reading.data)
        known = know(found) if isinstance(found, Fingerprint) else _salvaged(reading.data, found)
        is_lasting = not (isinstance(found, PictureError) and found.passing)
        with self._store.together():
            if before is None and is_lasting:
                self._store.keep(content, found)
            if known is not None and self._store.keep(content, known):
                known = known.without_crop_hashes()
            if is_lasting:
                self._store.keep_file(stamp, content)
        if known is None:
            raise found if isinstance(found, PictureError) else AssertionError
        return known


def _fingerprint(data: bytes) -> Fingerprint | PictureError:
    try:
        return fingerprint(data)
    except PictureError as error:
        return error


def _salvaged(data: bytes, error: PictureError) -> ImageRecord | None:
    """What is held of an image that is cut off or broken, as far as it decodes; None where that is too little."""
    if error.passing:
        return None
    try:
        found = fingerprint(data, damaged=True)
    except PictureError:
        return None
    known = know(found)
    return None if known.plain or known.rows < _ROWS else replace(known, problem=error.cause)


def unread(name: str, error: OSError) -> PageError:
    """Return why a file could not be read."""
    return PageError(name, f"cannot be read: {error.strerror or error}", "check that it exists and may be read")


def lost(task: ImageTask) -> ImageResult:
    """Return what becomes of an image that ended the process that looked at it."""
    cause = "ended the process that looked at it (killed, or out of memory)"
    return ImageResult(task.number, error=PageError(task.name, cause, f"{LEFT_OUT}; look at it on its own"))
