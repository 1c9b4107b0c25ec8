"""The images of a web archive, such as a WARC file, by the URLs they came from."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from tempfile import TemporaryFile

from captionfix.containers import form_of, open_container
from captionfix.containers.members import HEAD
from captionfix.containers.source import of_file
from captionfix.errors import ContainerError, UsageError
from captionfix.pictures.kinds import is_image
from captionfix.settings import Settings

_KEYS = ("warc", "mhtml")
"""Forms whose members tell where they came from."""


class ContainerImages:
    """What a container holds of images, read once and kept in a spare file; give it as ``images=``.

    Args:
        path: the container.
        most: bytes of an image that are read.

    Raises:
        UsageError: it is no file that tells where its members came from.
        MissingExtraError: what reads it is not installed.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._file = TemporaryFile(prefix="captionfix-")  # noqa: SIM115 it lives as long as its reader
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._most = most
        self._read(path)

    def __call__(self, url: str) -> bytes | None:
        """Return the bytes of the image that came from a URL, by either scheme; None if it is not there."""
        place = self._places.get(_name(url))
        if place is None:
            return None
        with self._lock:
            self._file.seek(place[0])
            return self._file.read(place[1])

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                found = form_of(file.read(HEAD), path.name)
        except OSError as error:
            raise UsageError(f"images={str(path)!r} cannot be read: {error.strerror}") from error
        if found is None or found[0].key not in _KEYS:
            raise UsageError(f"images={str(path)!r} is no folder and no WARC file")
        container = open_container(found[0], of_file(path, found[1]), Settings())
        try:
            for member in container.members():
                if member.url and not member.left and not member.problem and is_image(member.head):
                    self._keep(_name(member.url), member.read(self._most))
        except ContainerError:
            return  # what is cut off holds no more images; those before are there
        finally:
            container.close()

    def _keep(self, name: str, data: bytes) -> None:
        """The first capture of a URL counts."""
        if len(data) <= self._most and name not in self._places:
            self._places[name] = self._file.seek(0, 2), len(data)
            self._file.write(data)


def _name(url: str) -> str:
    return url.partition("#")[0].partition("://")[2] or url
