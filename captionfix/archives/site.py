"""A saved site: the images that its pages name, from below its folder and from nowhere else."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from captionfix.archives.mirror_names import PageLocation, Parts, absolute, candidates, host_folder
from captionfix.beside import Declared
from captionfix.errors import LEFT_OUT, PictureError
from captionfix.lazy import cached_property
from captionfix.pictures.image_loader import Image, ImageLoader, PageImages
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.pictures.cache import Cache

MOST = 2**27
"""Bytes of a file that are read: the most pixels that are decoded, without any compression."""
_HOST = re.compile(r"^(?:[a-z0-9_-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)(?:[:+_]\d+)?$", re.IGNORECASE)
_HOME = ("index.html", "index.htm")
_HEAD = 2**16
"""Bytes of the home page in which it may say whose it is."""
_TAG = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_IS_OWN = re.compile(r"""rel\s*=\s*["']?canonical\b|property\s*=\s*["']?og:url\b""", re.IGNORECASE)
_ADDRESS = re.compile(r"""(?:href|content)\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)

Given = Path | str | Mapping[str, bytes] | Callable[[str], bytes | None]
"""What a caller may give for images: a folder, bytes by URL, or a call from URL to bytes."""


class Site:
    """A folder of saved pages and images.

    Args:
        root: the folder; nothing outside is opened, whatever pages and links say.
        loader: the images that were looked at.
        url: the address of its top, if known.
        address: the address of its only page, if known.
    """

    def __init__(self, root: Path, loader: ImageLoader, url: str = "", address: str = "") -> None:
        self.root, self.loader, self._url, self._address = root, loader, url, address

    @cached_property
    def _real(self) -> str:
        return os.path.realpath(self.root)

    @cached_property
    def _own_hosts(self) -> tuple[tuple[str, Parts], ...]:
        """The hosts whose top the folder is: by the user's word, its name, and its home page."""
        found = []
        with suppress(ValueError):
            found.append(urlsplit(self._url).netloc.rpartition("@")[2].lower())
        name = Path(self._real).name.lower()
        if _HOST.match(name):
            found.append(re.sub(r"[+_](?=\d+$)", ":", name))
        if home := self._home_host():
            found.append(home)
        return tuple((host, ()) for host in dict.fromkeys(found) if host)

    def _home_host(self) -> str:
        """The host that the folder's home page says to be the home page of."""
        for name in _HOME:
            try:
                image = self._image((name,))
                head = image.read()[:_HEAD].decode("utf-8", "replace") if image is not None else ""
            except PictureError:
                continue
            for tag in filter(_IS_OWN.search, _TAG.findall(head)):
                if (address := _ADDRESS.search(tag)) and (told := host_folder(address[1], (name,))):
                    return told[0]
        return ""

    def page(self, path: Path) -> PageImages:
        """Return the images of one of its pages.

        Args:
            path: the page's file.
        """
        try:
            file = Path(os.path.relpath(os.path.realpath(path.parent), self._real), path.name).parts
        except ValueError:
            file = (path.name,)
        return PageImages(self.loader, _Beside(self, file if ".." not in file else (path.name,), self._address))

    def find(self, url: str, place: PageLocation) -> Image | None:
        """Return the image that a URL names, None if it is not in the folder.

        Raises:
            PictureError: it is there and may not be opened.
        """
        for parts in candidates(url, place):
            image = self._image(parts)
            if image is not None:
                return image
        return None

    def hosts(self, file: Parts, address: str) -> tuple[tuple[str, Parts], ...]:
        """Return which folders hold a host's top, as seen from one page: what the page tells, then the folders."""
        found = [told] if (told := host_folder(address, file)) is not None else []
        found += [
            (re.sub(r"[+_](?=\d+$)", ":", part.lower()), file[: number + 1])
            for number, part in enumerate(file[:-1])
            if _HOST.match(part)
        ]
        return (*found, *self._own_hosts)

    def place(self, file: Parts, declared: Declared, address: str = "") -> PageLocation:
        """Return where a page is, as far as it and its folders tell.

        Args:
            file: the page below the root, part by part.
            declared: what it says about its place.
            address: its URL, where somebody knows it better.
        """
        told = address or declared.address
        known = told if address or host_folder(told, file) is not None else ""
        return PageLocation(file, known, declared.base, self.hosts(file, told))

    def _image(self, parts: Parts) -> Image | None:
        name = str(self.root.joinpath(*parts))
        try:
            path = os.path.realpath(Path(self._real, *parts), strict=True)
            status = Path(path).stat()
        except (OSError, ValueError):
            return None
        if os.path.commonpath((path, self._real)) != self._real:
            raise PictureError(name, f"leads out of {self.root}", "it was not opened; copy the file into the site")
        if stat.S_ISDIR(status.st_mode):
            return None
        if not stat.S_ISREG(status.st_mode):
            raise PictureError(name, "is a pipe, a socket or a device", "it was not opened")
        if status.st_size > MOST:
            raise PictureError(name, f"has {status.st_size:,} bytes, more than {MOST:,}", LEFT_OUT)
        from captionfix.pictures.cache import Stamp

        stamp = Stamp(path, status.st_size, status.st_mtime_ns)
        return Image(name, lambda: _read(path, name), stamp)


def _opened(path: str, name: str) -> int:
    """Open a regular file, and nothing that took its place since it was looked at."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise PictureError(name, "is a pipe, a socket or a device", "it was not opened")
    return handle


def _read(path: str, name: str) -> bytes:
    try:
        with open(_opened(path, name), "rb") as file:
            data = file.read(MOST + 1)
    except OSError as error:
        hint = "check that it exists and may be read"
        raise PictureError(name, f"cannot be read: {error.strerror}", hint, passing=True) from error
    if len(data) > MOST:
        raise PictureError(name, f"has more than {MOST:,} bytes", LEFT_OUT)
    return data


class _Beside:
    """Images for a page of a site."""

    def __init__(self, site: Site, file: Parts, address: str) -> None:
        self._site, self._file, self._address = site, file, address
        self._place: PageLocation | None = None

    def find(self, url: str, declared: Declared) -> Image | None:
        """Return the image that a URL of the page names, None if it is not there."""
        if self._place is None:
            self._place = self._site.place(self._file, declared, self._address)
        return self._site.find(url, self._place)


class PackedSite(Site):
    """A container of saved pages and images.

    Args:
        path: the container.
        loader: the images that were looked at.
    """

    def __init__(self, path: Path, loader: ImageLoader) -> None:
        from captionfix.archives.container_images import PackedImages

        super().__init__(path.with_name(path.name.partition(".zip")[0].partition(".tar")[0]), loader)
        self._files = PackedImages(path, MOST)

    def member(self, name: str, url: str) -> PageImages:
        """Return the images of one of its pages.

        Args:
            name: what it is called there.
            url: where it came from, if the container says so.
        """
        if self._files.are_named:
            return PageImages(self.loader, _Beside(self, tuple(name.split("/")), ""))
        return PageImages(self.loader, _Given(self._files, url))

    def _image(self, parts: Parts) -> Image | None:
        data = self._files("/".join(parts))
        return Image("/".join(parts), lambda: data) if data is not None else None


class _Given:
    """Images that a caller has: bytes by URL."""

    def __init__(self, get: Callable[[str], bytes | None], address: str) -> None:
        self._get, self._address = get, address

    def find(self, url: str, declared: Declared) -> Image | None:
        """Return the image that a URL of the page names, by its absolute form where the page's address is known."""
        meant = absolute(url, self._address, declared.base)
        for name in dict.fromkeys((meant, url.strip())):
            data = self._bytes(name) if name else None
            if data is not None:
                return Image(name, lambda data=data: data)  # type: ignore[misc]  # bound at once
        return None

    def _bytes(self, url: str) -> bytes | None:
        try:
            data = self._get(url)
        except OSError as error:
            cause = f"cannot be had: {error.strerror or error}"
            raise PictureError(url, cause, "see why the images= call fails", passing=True) from error
        if data is not None and not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"images= takes bytes for {url!r}, not {type(data).__name__}")
        if data is not None and len(data) > MOST:
            raise PictureError(url, f"has {len(data):,} bytes, more than {MOST:,}", LEFT_OUT)
        return bytes(data) if data is not None else None


def opened(images: Given) -> Given:
    """Return what can be asked again and again: of a web archive, the images that it holds, read once.

    Args:
        images: as for `given_images`; a file is an archive whose members tell where they came from.

    Raises:
        UsageError: it is another file.
        MissingExtraError: what reads it is not installed.
    """
    if isinstance(images, (str, os.PathLike)) and "://" not in str(images) and Path(images).is_file():
        from captionfix.archives.container_images import ContainerImages

        return ContainerImages(Path(images), MOST)
    return images


def given_images(images: Given, url: str | None, loader: ImageLoader | None = None) -> PageImages:
    """Return the images of one page from what a caller gives.

    Args:
        images: a folder, or the URL of one that fsspec knows, a WARC file, bytes by URL, or a call from URL
            to bytes or None.
        url: where the page came from, if known. A folder is then its host's top.
        loader: the images that were looked at before.

    Raises:
        TypeError: it is none of these.
        MissingExtraError: it is a URL, and fsspec is not installed.
    """
    address, loader, images = url or "", loader or ImageLoader(), opened(images)
    if isinstance(images, str) and "://" in images:
        from captionfix.archives.remote import RemoteFolder

        return PageImages(loader, RemoteFolder(images, _file_of(address), address, MOST))
    if isinstance(images, (str, os.PathLike)):
        site = Site(Path(images), loader, url=address)
        return PageImages(site.loader, _Beside(site, _file_of(address), address))
    if isinstance(images, Mapping):
        return PageImages(loader, _Given(images.get, address))
    if callable(images):
        return PageImages(loader, _Given(images, address), holds_files=False)
    raise TypeError(f"images= takes a folder, a mapping or a callable, not {type(images).__name__}")


def _file_of(address: str) -> Parts:
    """Where a page lies below its host's top, as its address tells."""
    path = urlsplit(address).path
    parts = tuple(part for part in unquote(path).split("/") if part not in ("", ".", ".."))
    return (*parts, "") if path.endswith("/") or not parts else parts


def open_site(path: Path, settings: Settings) -> Site:
    """Return the site that a path of the user belongs to.

    A folder is one; a file belongs to the working directory if it lies below,
    since its images often lie beside its own folder, else to its own folder.
    A home folder or a whole disk is no site.

    Args:
        path: as the user named it.
        settings: where it came from, whether anything is kept between runs, and where.
    """
    url, loader = settings.url or "", _loader(settings)
    if path.is_dir():
        return Site(path, loader, url=url)
    here = Path()
    real, own = Path(os.path.realpath(here)), Path(os.path.realpath(path.parent))
    usual = own.is_relative_to(real) and real not in (Path(real.anchor), Path(os.path.realpath(Path.home())))
    return Site(here if usual else path.parent, loader, address=url)


def open_packed(path: Path, settings: Settings) -> PackedSite:
    """Return the site that a container is.

    Args:
        path: the container.
        settings: whether anything is kept between runs, and where.
    """
    return PackedSite(path, _loader(settings))


def _loader(settings: Settings) -> ImageLoader:
    kept = Path(settings.cache_path) if settings.cache_path else None
    return ImageLoader(partial(_cache, kept) if settings.cache else None)


def _cache(path: Path | None) -> Cache:
    from captionfix.pictures.cache import Cache
    from captionfix.pictures.fingerprint import version

    return Cache(path, version)
