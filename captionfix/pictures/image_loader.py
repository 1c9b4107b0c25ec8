"""Images of a page, looked at only when a rule asks: URLs to verdicts, and what was bad on the way."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from captionfix.beside import Declared, Verdict
from captionfix.errors import LEFT_OUT, PictureError
from captionfix.pictures.data_urls import MOST, read_data_url

if TYPE_CHECKING:
    from captionfix.pictures.cache import Cache, Stamp
    from captionfix.pictures.comparable import ComparableImage
    from captionfix.pictures.fingerprint import Fingerprint

    _Seen = tuple["Image", Fingerprint] | PictureError | None

_KEPT = 256
"""Fingerprints in memory, some 70 KB each at most: more than one page's copies need."""
_COMPARABLES = 8
"""Images that are held in more detail, of a megabyte each: a page compares few, and the same ones again and again."""
_NAME = 120
"""Characters of a URL that name an image in a message."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that was found.

    Attributes:
        name: what it is called in messages.
        read: gives its bytes; raises a `PictureError` where they cannot be had.
        stamp: what tells whether it has changed, for files.
    """

    name: str
    read: Callable[[], bytes]
    stamp: Stamp | None = None


class Finder(Protocol):
    """Where the images of a page come from."""

    def find(self, url: str, declared: Declared) -> Image | None:
        """Return the image that a URL of the page names, None if it is not there.

        Raises:
            PictureError: it is there, and may not be read.
        """


class ImageLoader:
    """The images that were looked at: what they are is known by their bytes, whatever they are called.

    Args:
        open_cache: gives what is kept between runs, if anything is; asked when an image is.
    """

    def __init__(self, open_cache: Callable[[], Cache] | None = None) -> None:
        self._open_cache = open_cache
        self._cache: Cache | None = None
        self._known: OrderedDict[bytes, Fingerprint | PictureError] = OrderedDict()

    @property
    def cache(self) -> Cache | None:
        """What is kept between runs."""
        if self._cache is None and self._open_cache is not None:
            self._cache = self._open_cache()
        return self._cache

    def fingerprint(self, image: Image) -> Fingerprint:
        """Return an image's fingerprint; it is read and decoded only if nobody has done so before.

        Raises:
            PictureError: it cannot be read or decoded.
        """
        content = self.cache.content(image.stamp) if self.cache is not None and image.stamp is not None else None
        found = self._look_up(content) if content is not None else None
        if content is None or found is None:
            data = image.read()
            content = hashlib.sha256(data).digest()
            found = self._look_up(content) or self._look_at(data, content)
            if self.cache is not None and image.stamp is not None:
                self.cache.keep_file(image.stamp, content)
        self._remember(content, found)
        if isinstance(found, PictureError):
            raise found.named(image.name)
        return found

    def take_troubles(self) -> list[str]:
        """Return what the cache has to say since it was last asked."""
        if self._cache is None:
            return []
        troubles, self._cache.troubles = self._cache.troubles, []
        return troubles

    def _look_up(self, content: bytes) -> Fingerprint | PictureError | None:
        known = self._known.get(content)
        return known or (self.cache.find(content) if self.cache is not None else None)

    def _look_at(self, data: bytes, content: bytes) -> Fingerprint | PictureError:
        from captionfix.pictures.fingerprint import fingerprint

        try:
            found: Fingerprint | PictureError = fingerprint(data)
        except PictureError as error:
            found = error.named("<picture>")
        if self.cache is not None and not (isinstance(found, PictureError) and found.passing):
            self.cache.keep(content, found)
        return found

    def _remember(self, content: bytes, found: Fingerprint | PictureError) -> None:
        # Each step holds by itself: threads may share an album, and what another one drops is looked at again.
        self._known.pop(content, None)
        self._known[content] = found
        while len(self._known) > _KEPT:
            with suppress(KeyError):
                self._known.popitem(last=False)


class PageImages:
    """The images of one page; compares them for the rules.

    Args:
        album: the images that were looked at.
        finder: where the page's images come from.
        holds_files: whether that has the page's other files too, and nothing is fetched for asking.

    Attributes:
        bad: the images that are there and could not be looked at, once each.
    """

    def __init__(self, album: ImageLoader, finder: Finder, *, holds_files: bool = True) -> None:
        self._album, self._finder = album, finder
        self.holds_files = holds_files
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._comparables: OrderedDict[bytes, ComparableImage] = OrderedDict()
        self._told: set[str] = set()
        self.bad: list[PictureError] = []

    def compare(self, one: Sequence[str], other: Sequence[str], declared: Declared) -> Verdict | None:
        """Return what the pixels of two pictures say about each other.

        Args:
            one: the URLs of one picture, the best one first; the first that is there counts.
            other: the URLs of another.
            declared: what the page says about where it is.

        Returns:
            The verdict; None if one of them is not there or cannot be looked at.
        """
        first = self._first(one, declared)
        second = self._first(other, declared) if first is not None else None
        if first is None or second is None:
            return None
        from captionfix.pictures.match import compare

        try:
            verdict = compare(self._comparable(*first), self._comparable(*second))
        except PictureError as error:  # gone, or changed, since it was looked at
            self._tell(error)
            return None
        return replace(verdict, images=(first[0].name, second[0].name))

    def _comparable(self, image: Image, seen: Fingerprint) -> ComparableImage:
        from captionfix.pictures.comparable import ComparableImage, sharper_of

        if seen.content not in self._comparables:
            self._comparables[seen.content] = ComparableImage(seen, lambda: sharper_of(_again(image, seen.content)))
            if len(self._comparables) > _COMPARABLES:
                self._comparables.popitem(last=False)
        self._comparables.move_to_end(seen.content)
        return self._comparables[seen.content]

    def _tell(self, error: PictureError) -> None:
        if str(error) not in self._told:
            self._told.add(str(error))
            self.bad.append(error)

    def _first(self, urls: Sequence[str], declared: Declared) -> tuple[Image, Fingerprint] | None:
        """The first of a picture's images that is there; a bad one is no reason to take the next."""
        for url in urls:
            seen = self._look(url, declared)
            if isinstance(seen, PictureError):
                return None
            if seen is not None:
                return seen
        return None

    def _look(self, url: str, declared: Declared) -> _Seen:
        if url not in self._seen:
            try:
                image = self.image(url, declared)
                self._seen[url] = (image, self._album.fingerprint(image)) if image is not None else None
            except PictureError as error:
                self._seen[url] = error
                self._tell(error)
        self._seen.move_to_end(url)
        seen = self._seen[url]
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        return seen

    def image(self, url: str, declared: Declared) -> Image | None:
        """Return the image that a URL of the page names, unread; None if it is not there.

        Args:
            url: as the page has it, ``data:`` ones too.
            declared: what the page says about where it is.

        Raises:
            PictureError: it is there and may not be opened, or its URL is broken.
        """
        if len(url) > MOST:
            raise PictureError(_short(url), f"is longer than {MOST:,} characters", LEFT_OUT)
        return _in_url(url) if url[:5].lower() == "data:" else self._finder.find(url, declared)


def _again(image: Image, content: bytes) -> bytes:
    """The bytes of an image that was looked at before."""
    data = image.read()
    if hashlib.sha256(data).digest() != content:
        raise PictureError(image.name, "changed meanwhile", f"{LEFT_OUT}; run it again")
    return data


def _in_url(url: str) -> Image | None:
    data = read_data_url(url)
    return Image(_short(url), lambda: data) if data else None


def _short(url: str) -> str:
    return url if len(url) <= _NAME else f"{url[:_NAME]}…"
