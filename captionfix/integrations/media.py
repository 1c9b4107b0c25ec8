"""What Scrapy's files and images pipelines have stored, as images for `captionfix.clean`; Scrapy itself is not needed.

The pipelines name a file by the SHA-1 of its URL, below ``full``, and list in the item which URL went where.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from captionfix.errors import LEFT_OUT, PictureError

_IMAGE_SUFFIX = ".jpg"
"""What the images pipeline makes of every image."""
_MOST = 2**27
"""Bytes of a file that are read, as of any image."""


class MediaStore:
    """The files that Scrapy's media pipelines stored, by the URLs they came from; give it as ``images=``.

    Args:
        folder: ``IMAGES_STORE`` or ``FILES_STORE``, or several.
        results: the item's ``images`` or ``files``: what came from where. Without an entry, the SHA-1 of a
            URL names its file.

    >>> store = MediaStore("store", [{"url": "https://site.org/a.jpg", "path": "full/0a79.jpg"}])
    >>> store("https://site.org/b.jpg") is None
    True
    """

    def __init__(
        self, folder: str | os.PathLike[str] | Iterable[str], results: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        single = isinstance(folder, (str, os.PathLike))
        self._folders = [Path(folder)] if single else [Path(each) for each in folder]  # type: ignore[arg-type,union-attr]
        self._paths = {str(each["url"]): str(each["path"]) for each in results if each.get("url") and each.get("path")}

    def __call__(self, url: str) -> bytes | None:
        """Return the bytes of the image that came from a URL, None if it was not stored.

        Raises:
            PictureError: the file leads out of the store, or is too large.
        """
        names = [self._paths[url]] if url in self._paths else _names(url)
        for folder in self._folders:
            for name in names:
                if (data := _read(folder, name)) is not None:
                    return data
        return None


def _names(url: str) -> list[str]:
    digest = hashlib.sha1(url.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    suffix = os.path.splitext(urlsplit(url).path)[1] if "://" in url else ""  # noqa: PTH122  # as Scrapy takes it
    return [f"full/{digest}{each}" for each in dict.fromkeys((_IMAGE_SUFFIX, suffix, ""))]


def _read(folder: Path, name: str) -> bytes | None:
    real, path = folder.resolve(), (folder / name).resolve()
    if not path.is_relative_to(real):
        raise PictureError(str(folder / name), f"leads out of {folder}", "it was not opened")
    if not path.is_file():
        return None
    if (size := path.stat().st_size) > _MOST:
        raise PictureError(str(path), f"has {size:,} bytes, more than {_MOST:,}", LEFT_OUT)
    return path.read_bytes()
