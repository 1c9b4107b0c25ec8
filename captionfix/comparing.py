"""Images of a run compared with one another, in one process or several."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from captionfix.archives import atomic
from captionfix.errors import PageError, PictureError
from captionfix.pictures.decode import decode
from captionfix.pictures.fingerprint import Fingerprint, fingerprint
from captionfix.pictures.groups import Cluster, Star, stars
from captionfix.pictures.known import Known, Policy
from captionfix.pictures.store import Store
from captionfix.pictures.verify import Sight, sharper_of
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.pictures.decode import Shades

Found = TypeVar("Found")

_HELD = 32
"""Images in memory at once, of 0.6 MB and their halves each: more than most groups have members."""
_LEFT_OUT = "it was left out of comparing"


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing a cluster came to.

    Attributes:
        stars: images that show the same picture.
        errors: images that could not be had any more.
        notes: what the cache has to say.
    """

    stars: tuple[Star, ...] = ()
    errors: tuple[PictureError | PageError, ...] = ()
    notes: tuple[str, ...] = ()


class Comparer:
    """Compares images in one process.

    Args:
        store: what is kept of them.
        path: gives the file of an image, by what it is called.
        policy: which image of a group is kept.
    """

    def __init__(self, store: Store, path: Callable[[str], Path], policy: Policy) -> None:
        self._store, self._path, self._policy = store, path, policy
        self._sights: OrderedDict[bytes, Sight] = OrderedDict()

    def __call__(self, cluster: Cluster) -> Compared:
        """Return which images of a cluster are the same picture; those that are gone are left out."""
        errors: list[PictureError | PageError] = []
        while True:
            try:
                found = stars(cluster, partial(self._sight, cluster), self._policy, self._store)
            except PictureError as error:
                errors.append(error)
                cluster = cluster.without(error.locator)
            else:
                return Compared(tuple(found), tuple(errors), self._store.take_troubles())

    def _sight(self, cluster: Cluster, place: int) -> Sight:
        image = cluster.images[place]
        if image.content not in self._sights:
            ask = partial(self._sharper, image), partial(self._digest, image)
            self._sights[image.content] = Sight(self._fingerprint(image), *ask)
            if len(self._sights) > _HELD:
                self._sights.popitem(last=False)
        self._sights.move_to_end(image.content)
        return self._sights[image.content]

    def _fingerprint(self, image: Known) -> Fingerprint:
        """From where it is kept, or else from the file once more."""
        found = self._store.find(image.content)
        return found if isinstance(found, Fingerprint) else self._read(image, fingerprint)

    def _sharper(self, image: Known) -> Shades:
        return self._read(image, sharper_of)

    def _digest(self, image: Known) -> bytes:
        return self._read(image, partial(decode, whole=True)).digest

    def _read(self, image: Known, read: Callable[[bytes], Found]) -> Found:
        """Look at a file once more; what goes wrong names it, so that its cluster can go on without it."""
        data = self._data(image)
        try:
            return read(data)
        except PictureError as error:
            raise error.named(image.file) from error

    def _data(self, image: Known) -> bytes:
        try:
            data = atomic.read(Path(os.path.realpath(self._path(image.file)))).data
        except OSError as error:
            cause = f"cannot be read again: {error.strerror or error}"
            raise PictureError(image.file, cause, _LEFT_OUT) from error
        if hashlib.sha256(data).digest() != image.content:
            raise PictureError(image.file, "changed meanwhile", f"{_LEFT_OUT}; run it again")
        return data


class Start:
    """Makes what compares: in this process with the store of the run, in others with one of their own.

    Args:
        settings: whether anything is kept between runs, and where.
        spare: the file that goes with the run.
        path: gives the file of an image, by what it is called.
        policy: which image of a group is kept.
        store: that of this process.
    """

    def __init__(
        self, settings: Settings, spare: Path, path: Callable[[str], Path], policy: Policy, store: Store | None = None
    ) -> None:
        self._made_of = settings, spare, path, policy
        self._store = store

    def __call__(self) -> Comparer:
        """Return it."""
        settings, spare, path, policy = self._made_of
        return Comparer(self._store or Store(settings, spare), path, policy)

    def __reduce__(self) -> tuple[type[Start], tuple[Settings, Path, Callable[[str], Path], Policy]]:
        return Start, self._made_of


def lost(cluster: Cluster) -> Compared:
    """Return what becomes of a cluster that ended the process that compared it."""
    cause = "ended the process that compared it (killed, or out of memory)"
    return Compared(errors=tuple(PageError(image.file, cause, _LEFT_OUT) for image in cluster.images))
