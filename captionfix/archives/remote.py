"""Images from below one folder of a store that fsspec knows: S3, a ZIP file, memory, and many more."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from captionfix.archives.mirror_names import PageLocation, Parts, candidates
from captionfix.beside import Declared
from captionfix.errors import LEFT_OUT, MissingExtraError, PictureError
from captionfix.pictures.image_loader import Image


class RemoteFolder:
    """Images of a page, by the names that mirrors give them, from below one folder.

    Args:
        url: the folder, such as ``s3://bucket/site`` or ``memory://site``; it holds what the page's host served.
        file: the page below it, part by part.
        address: where the page came from, ``""`` if unknown.
        most: bytes of an image that are read.

    Raises:
        MissingExtraError: fsspec, or what it needs for this store, is not installed.
    """

    def __init__(self, url: str, file: Parts, address: str, most: int) -> None:
        try:
            opened: tuple[Any, str] = import_module("fsspec.core").url_to_fs(url)
        except ImportError as error:
            raise MissingExtraError(f"images={url!r}", "fsspec") from error
        self._files, root = opened
        self._root, self._url, self._most = root.rstrip("/"), url.rstrip("/"), most
        self._file, self._address = file, address

    def find(self, url: str, declared: Declared) -> Image | None:
        """Return the image that a URL of the page names, None if it is not there.

        Raises:
            PictureError: it is there and too large, or the store cannot be asked.
        """
        address = self._address or declared.address
        host = urlsplit(address).netloc.rpartition("@")[2].lower()
        place = PageLocation(self._file, address, declared.base, ((host, ()),) if host else ())
        for parts in candidates(url, place):
            if image := self._image("/".join(parts)):
                return image
        return None

    def _image(self, path: str) -> Image | None:
        name, inner = f"{self._url}/{path}", f"{self._root}/{path}"
        if not self._asked(name, lambda: self._files.isfile(inner)):
            return None
        size = self._asked(name, lambda: self._files.size(inner)) or 0
        if size > self._most:
            raise PictureError(name, f"has {size:,} bytes, more than {self._most:,}", LEFT_OUT)
        return Image(name, lambda: bytes(self._asked(name, lambda: self._files.cat_file(inner))))

    def _asked(self, name: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except OSError as error:
            cause = f"cannot be had: {error.strerror or error}"
            raise PictureError(name, cause, "see why the store does not answer", passing=True) from error
