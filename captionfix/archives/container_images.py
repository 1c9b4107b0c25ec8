"""The images and scripts of a container, by the URLs they came from or by their names."""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from tempfile import TemporaryFile

from captionfix.containers import form_of, open_container
from captionfix.containers.members import HEAD, Form, Member
from captionfix.containers.source import of_file
from captionfix.errors import ContainerError, UsageError
from captionfix.pictures.kinds import is_image
from captionfix.settings import Settings

_BY_URL, _BY_NAME = ("warc", "mhtml"), ("zip", "epub", "tar")
"""Forms whose members tell where they came from, and forms whose members have names as files do."""
_SCRIPTS = (".js", ".mjs")


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
            found = _form(path)
        except OSError as error:
            raise UsageError(f"images={str(path)!r} cannot be read: {error.strerror}") from error
        if found is None or found[0].key not in _BY_URL:
            raise UsageError(f"images={str(path)!r} is no folder and no WARC file")
        self._gather(found[0], path, found[1])

    def _gather(self, form: Form, path: Path, packing: str) -> None:
        container = open_container(form, of_file(path, packing), Settings())
        try:
            for member in container.members():
                name = _name(member.url) if form.key in _BY_URL else member.name
                if name and not member.left and not member.problem and _is_wanted(member):
                    self._keep(name, member.read(self._most))
        except ContainerError:
            return  # what is cut off holds no more images; those before are there
        finally:
            container.close()

    def _keep(self, name: str, data: bytes) -> None:
        """The first capture of a URL counts."""
        if len(data) <= self._most and name not in self._places:
            self._places[name] = self._file.seek(0, 2), len(data)
            self._file.write(data)


class PackedImages(ContainerImages):
    """The images and scripts of a container that is cleaned; the container is read when one of them is asked for.

    Args:
        path: the container.
        most: bytes of a file that are read.
    """

    def _read(self, path: Path) -> None:
        self._path, self._is_read = path, False
        self._form = _form(path)

    @property
    def are_named(self) -> bool:
        """Whether its members have names as files do; else they are known by their URLs."""
        return self._form is not None and self._form[0].key in _BY_NAME

    def __call__(self, url: str) -> bytes | None:
        """Return the bytes of what came from a URL, or has a name; None if it is not there."""
        if not self._is_read and self._form is not None and self._form[0].key in (*_BY_URL, *_BY_NAME):
            self._is_read = True
            self._gather(self._form[0], self._path, self._form[1])
        return super().__call__(url)


def _form(path: Path) -> tuple[Form, str] | None:
    with path.open("rb") as file:
        return form_of(file.read(HEAD), path.name)


def _is_wanted(member: Member) -> bool:
    return is_image(member.head) or "javascript" in member.declared or member.name.lower().endswith(_SCRIPTS)


def _name(url: str) -> str:
    return url.partition("#")[0].partition("://")[2] or url
