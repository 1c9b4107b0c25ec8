"""Images of a run compared with one another, in one process or several."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from captionfix.archives import atomic
from captionfix.errors import LEFT_OUT, PageError, PictureError
from captionfix.pictures.comparable import ComparableImage, sharper_of
from captionfix.pictures.crop_hashes import CropHashes, Table
from captionfix.pictures.decode import decode
from captionfix.pictures.fingerprint import Fingerprint, fingerprint
from captionfix.pictures.groups import Cluster, ImageSet, Star, stars
from captionfix.pictures.records import ImageRecord, KeepPolicy, know
from captionfix.pictures.relations import Group
from captionfix.pictures.store import Store
from captionfix.runs.processes import WorkerPool

if TYPE_CHECKING:
    from captionfix.pictures.scaling import Shades

Found = TypeVar("Found")

_HELD = 32
"""Images in memory at once, of 0.6 MB and their halves each: more than most groups have members."""
_TOGETHER = 2
"""Clusters that travel together: one costs as much as several images, and the largest as much as hundreds."""
_AT_ONCE = 400
"""Images whose views are asked for together."""


@dataclass(frozen=True, slots=True)
class ClusterResult:
    """What comparing a cluster came to.

    Attributes:
        stars: images that show the same picture.
        errors: images that could not be had any more.
        notes: what the cache has to say.
    """

    stars: tuple[Star, ...] = ()
    errors: tuple[PictureError | PageError, ...] = ()
    notes: tuple[str, ...] = ()


class CompareWorker:
    """Compares images in one process.

    Args:
        store: what is kept of them.
        path: gives the file of an image, by what it is called.
        policy: which image of a group is kept.
    """

    def __init__(self, store: Store, path: Callable[[str], Path], policy: KeepPolicy) -> None:
        self._store, self._path, self._policy = store, path, policy
        self._comparables: OrderedDict[bytes, ComparableImage] = OrderedDict()

    def __call__(self, cluster: Cluster) -> ClusterResult:
        """Return which images of a cluster are the same picture; those that are gone are left out."""
        errors: list[PictureError | PageError] = []
        while True:
            try:
                found = stars(cluster, partial(self._comparable, cluster), self._policy, self._store)
            except PictureError as error:
                errors.append(error)
                cluster = cluster.without(error.locator)
            else:
                return ClusterResult(tuple(found), tuple(errors), self._store.take_troubles())

    def crop_hashes(self, image: ImageRecord) -> bytes:
        """Return the views of an image of which the store has lost them, and keep them once more.

        Raises:
            PictureError: the image cannot be had any more.
        """
        known = know(self._fingerprint(image))
        self._store.keep(image.content, known)
        return known.crop_hashes

    def _comparable(self, cluster: Cluster, place: int) -> ComparableImage:
        image = cluster.images[place]
        if image.content not in self._comparables:
            ask = partial(self._sharper, image), partial(self._digest, image)
            self._comparables[image.content] = ComparableImage(self._fingerprint(image), *ask)
            if len(self._comparables) > _HELD:
                self._comparables.popitem(last=False)
        self._comparables.move_to_end(image.content)
        return self._comparables[image.content]

    def _fingerprint(self, image: ImageRecord) -> Fingerprint:
        """From where it is kept, or else from the file once more."""
        found = self._store.find(image.content)
        if isinstance(found, Fingerprint):
            return found
        return self._read(image, partial(fingerprint, damaged=image.rows > 0))

    def _sharper(self, image: ImageRecord) -> Shades:
        return self._read(image, partial(sharper_of, rows=image.rows))

    def _digest(self, image: ImageRecord) -> bytes:
        return self._read(image, partial(decode, whole=True)).digest

    def _read(self, image: ImageRecord, read: Callable[[bytes], Found]) -> Found:
        """Look at a file once more; what goes wrong names it, so that its cluster can go on without it."""
        data = self._data(image)
        try:
            return read(data)
        except PictureError as error:
            raise error.named(image.file) from error

    def _data(self, image: ImageRecord) -> bytes:
        try:
            data = atomic.read(Path(os.path.realpath(self._path(image.file)))).data
        except OSError as error:
            cause = f"cannot be read again: {error.strerror or error}"
            raise PictureError(image.file, cause, LEFT_OUT) from error
        if hashlib.sha256(data).digest() != image.content:
            raise PictureError(image.file, "changed meanwhile", f"{LEFT_OUT}; run it again")
        return data


@dataclass(frozen=True, slots=True)
class Grouped:
    """What grouping the images of a run came to.

    Attributes:
        groups: images that show the same picture, by the names of those that are kept.
        crowded: images of which not all pairs were compared, since they look like many others.
        gone: images that could not be had any more, by name.
        notes: what the cache has to say.
    """

    groups: Sequence[Group]
    crowded: tuple[str, ...]
    gone: Mapping[str, PictureError | PageError]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The images of a run, ready to be grouped.

    Attributes:
        pool: the images.
        gone: images that could not be had any more, by name.
    """

    pool: ImageSet
    gone: Mapping[str, PictureError | PageError]


def gathered(
    images: Sequence[ImageRecord],
    crop_hashes: Mapping[bytes, bytes],
    store: Store,
    comparer: CompareWorker,
    policy: KeepPolicy,
) -> Gathered:
    """Return the images of a run, ready to be grouped.

    Args:
        images: in the order of the run.
        crop_hashes: of some of them, by content, where the store does not have them.
        store: what is kept of them.
        comparer: looks at an image once more where its views are lost.
        policy: which image of a group is kept.
    """
    table, rows = Table(), dict[bytes, int]()
    gone: dict[str, PictureError | PageError] = {}
    alike: dict[bytes, list[ImageRecord]] = {}
    for image in images:
        alike.setdefault(image.content, []).append(image)
    contents = list(alike)
    for start in range(0, len(contents), _AT_ONCE):
        some = contents[start : start + _AT_ONCE]
        found = store.crop_hashes(some)
        for content in some:
            seen = found.get(content) or crop_hashes.get(content)
            try:
                if not seen and not alike[content][0].plain:
                    seen = comparer.crop_hashes(alike[content][0])
            except PictureError as error:
                gone |= {each.file: error.named(each.file) for each in alike[content]}
            if seen:
                rows[content] = len(rows)
                table.add(CropHashes.from_bytes(seen))
    return Gathered(ImageSet([image for image in images if image.file not in gone], table, rows, policy), gone)


def grouped(
    gathered: Gathered, start: Callable[[], CompareWorker], workers: WorkerPool, advance: Callable[[], None]
) -> Grouped:
    """Return which images of a run show the same picture.

    Args:
        gathered: the images.
        start: makes what compares.
        workers: the processes that compare.
        advance: told that comparing goes on.
    """
    found: list[Star] = []
    gone = dict(gathered.gone)
    notes: dict[str, None] = {}
    pool = gathered.pool
    for compared in workers.spread(start, pool.clusters(), lost, together=_TOGETHER):
        advance()
        found += compared.stars
        gone |= {error.locator: error for error in compared.errors}
        notes |= dict.fromkeys(compared.notes)
    left = [group for each in pool.groups(found) if (group := each.without(gone)) is not None]
    return Grouped(left, pool.crowded, gone, tuple(notes))


def lost(cluster: Cluster) -> ClusterResult:
    """Return what becomes of a cluster that ended the process that compared it."""
    cause = "ended the process that compared it (killed, or out of memory)"
    return ClusterResult(errors=tuple(PageError(image.file, cause, LEFT_OUT) for image in cluster.images))
