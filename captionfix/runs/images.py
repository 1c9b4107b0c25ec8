"""Image files of many paths: looked at in one process or several, then grouped by what they show.

Of every image only a few figures are held. What is kept of its pixels lies in
the cache, and where nothing can be kept there, in a file that goes with the run.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from captionfix.archives import atomic, files
from captionfix.archives.site import MOST
from captionfix.errors import LEFT_OUT, PageError, PictureError
from captionfix.formatting import plural
from captionfix.pictures.cache import Stamp
from captionfix.pictures.kinds import is_image, is_named_image, what_else
from captionfix.pictures.records import ImageRecord, KeepPolicy
from captionfix.pictures.relations import Group, Member
from captionfix.pictures.store import Store
from captionfix.runs.fingerprinting import FingerprintWorker, ImageResult, ImageTask, lost, unread
from captionfix.runs.image_report import Bad, ImageCounts, ImageReport
from captionfix.runs.processes import WorkerPool
from captionfix.runs.roots import Roots
from captionfix.settings import Settings

_TOGETHER = 400
"""Files that the cache is asked about at once."""
_SNIFFED = 1024


@dataclass(slots=True)
class _Run:
    """What is known so far.

    Attributes:
        roots: the paths.
        store: fingerprints.
        left: told of each file that is no image, and why.
        advance: told that one more file is done.
    """

    roots: Roots
    store: Store
    left: Callable[[str, str], None]
    advance: Callable[[], None]
    images: dict[int, ImageRecord] = field(default_factory=dict)
    errors: dict[int, Bad] = field(default_factory=dict)
    crop_hashes: dict[bytes, bytes] = field(default_factory=dict)
    linked: dict[str, tuple[int, int]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    number: int = 0
    others: int = 0

    def note(self, seen: ImageResult) -> None:
        """Keep what became of a file."""
        if seen.known is not None:
            self._keep(seen.number, seen.known)
        elif seen.error is not None:
            self.errors[seen.number] = seen.error
        self.notes |= dict.fromkeys(seen.notes)
        self.advance()

    def _keep(self, number: int, known: ImageRecord) -> None:
        """Keep an image, and its views where the store could not."""
        if known.crop_hashes:
            self.crop_hashes[known.content] = known.crop_hashes
        self.images[number] = known.without_crop_hashes()
        if known.rows:
            told = f"{known.problem}; only the {known.rows:,} rows that decode are compared"
            self.errors[number] = PictureError(known.file, told, "look for a whole copy, or save it again", known.size)

    def leave(self, name: str, cause: str) -> None:
        """Keep that a file is no image."""
        self.others += 1
        self.left(name, cause)
        self.advance()

    def tasks(self) -> Iterator[ImageTask]:
        """Yield the images that have to be looked at; all else is noted at once."""
        found = self._found()
        while batch := list(islice(found, _TOGETHER)):
            known = self.store.look_up([stamp for _, _, stamp in batch])
            for (place, number, stamp), before in zip(batch, known, strict=True):
                name = self.roots.name_of(place)
                if isinstance(before, ImageRecord):
                    self.note(ImageResult(number, before.named(name)))
                elif isinstance(before, PictureError) and _counts(place):
                    self.note(ImageResult(number, error=before.named(name)))
                elif self._is_image(place, name, number, stamp):
                    yield ImageTask(number, name, stamp.path)

    def _found(self) -> Iterator[tuple[files.InputFile, int, Stamp]]:
        for root in self.roots.paths:
            real = os.path.realpath(root)
            for place in files.places(root):
                self.number += 1
                if isinstance(place, PageError):
                    self.note(ImageResult(self.number, error=self._renamed(place)))
                elif (stamp := self._stamp(place, real)) is not None:
                    yield place, self.number, stamp

    def _renamed(self, error: PageError) -> PageError:
        return PageError(self.roots.name(Path(error.locator)), error.cause, error.hint)

    def _stamp(self, place: files.InputFile, real: str) -> Stamp | None:
        """What tells whether a file has changed; None where there is nothing to be looked at."""
        path = os.path.join(real, place.below) if place.below else real
        try:
            status = os.lstat(path)
        except OSError as error:
            self.note(ImageResult(self.number, error=unread(self.roots.name_of(place), error)))
            return None
        if stat.S_ISREG(status.st_mode) and not atomic.is_temporary(place.name):
            if status.st_nlink > 1:
                self.linked[self.roots.name_of(place)] = (status.st_dev, status.st_ino)
            return Stamp(path, status.st_size, status.st_mtime_ns)
        name = self.roots.name_of(place)
        if not place.below:
            self.note(ImageResult(self.number, error=PageError(name, "is not a file", "name a file or a folder")))
        else:
            self.leave(name, _why_left(status.st_mode))
        return None

    def _is_image(self, place: files.InputFile, name: str, number: int, stamp: Stamp) -> bool:
        """Whether a file is to be decoded, by its first bytes; what is only called an image is bad."""
        try:
            head, size = atomic.read_head(Path(stamp.path), _SNIFFED)
        except OSError as error:
            self.note(ImageResult(number, error=unread(name, error)))
            return False
        problem = None
        if is_image(head):
            if size <= MOST:
                return True
            problem = PictureError(name, f"has {size:,} bytes, more than {MOST:,}", LEFT_OUT)
        elif _counts(place):
            cause = what_else(head) if head else "is empty"
            problem = PictureError(name, cause, f"{LEFT_OUT}; see what it is, or save it again")
        if problem is not None:
            self.note(ImageResult(number, error=problem))
        else:
            self.leave(name, "no image")
        return False


def _counts(place: files.InputFile) -> bool:
    """Whether a file that is no image is told about: it is called one, or the user named it."""
    return not place.below or is_named_image(place.name)


def _why_left(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    return "a temporary file" if stat.S_ISREG(mode) else "a pipe, a socket or a device"


def _nothing(*_: object) -> None:
    """Tell nobody."""


def survey(
    roots: Roots,
    settings: Settings,
    policy: KeepPolicy,
    *,
    jobs: int = 1,
    left: Callable[[str, str], None] = _nothing,
    advance: Callable[[], None] = _nothing,
    comparing: Callable[[], None] = _nothing,
) -> ImageReport:
    """Return which image files below paths are the same picture, and which could not be looked at.

    Args:
        roots: files and folders.
        settings: whether anything is kept between runs, and where.
        policy: which image of a group is kept.
        jobs: how many processes work; 0 takes as many as there are cores.
        left: told of each file that is no image, and why.
        advance: told that one more file is done, and while images are compared, that this goes on.
        comparing: told that all files have been looked at, and that images are compared from now on.
    """
    with TemporaryDirectory(prefix="captionfix-", ignore_cleanup_errors=True) as folder:
        spare = Path(folder, "images.sqlite3")
        with closing(Store(settings, spare)) as store, closing(WorkerPool(jobs)) as workers:
            run = _Run(roots, store, left, advance)
            for seen in workers.spread(partial(FingerprintWorker, store), run.tasks(), lost):
                run.note(seen)
            comparing()
            groups = _groups(run, policy, workers)
            run.notes |= dict.fromkeys(store.take_troubles())
    return ImageReport(
        tuple(map(str, roots.paths)),
        groups,
        [error for _, error in sorted(run.errors.items(), key=lambda item: item[0])],
        _counted(run, groups),
        tuple(run.notes),
    )


def _groups(run: _Run, policy: KeepPolicy, workers: WorkerPool) -> Sequence[Group]:
    """The groups: those that the same images came to before, or else found now."""
    images = [run.images[number] for number in sorted(run.images)]
    key = _all_of(images, policy)
    remembered = _remembered(run, key)
    return _grouped(run, images, policy, workers, key) if remembered is None else remembered


def _all_of(images: Sequence[ImageRecord], policy: KeepPolicy) -> bytes:
    """What tells all that groups depend on: names and contents, in the order of the run, and the policy."""
    told = hashlib.sha256(repr(policy).encode("utf-8", "surrogatepass"))
    for image in images:
        told.update(image.file.encode("utf-8", "surrogatepass") + b"\0" + image.content)
    return told.digest()


def _remembered(run: _Run, key: bytes) -> Sequence[Group] | None:
    """The groups that the same images came to before, with the same policy; None where that is unknown."""
    data = run.store.find_grouping(key)
    if data is None:
        return None
    try:
        groups, crowded = json.loads(data)
        found = [Group(members[0][0], tuple(map(Member.from_json, members))) for members in groups]
    except (ValueError, TypeError, IndexError, KeyError):  # sealed, so by another captionfix of the same version
        return None
    if crowded:
        run.notes[_crowded(crowded)] = None
    return found


def _grouped(
    run: _Run, images: Sequence[ImageRecord], policy: KeepPolicy, workers: WorkerPool, key: bytes
) -> Sequence[Group]:
    """The groups; images that are gone when they are asked for again are bad, and the others go on without them."""
    from captionfix.runs.grouping import (  # with NumPy, which a run over what is known spares
        CompareWorker,
        gathered,
        grouped,
    )

    start = partial(CompareWorker, run.store, run.roots.path, policy)
    found = grouped(gathered(images, run.crop_hashes, run.store, start(), policy), start, workers, run.advance)
    run.notes |= dict.fromkeys(found.notes)
    if found.crowded:
        run.notes[_crowded(found.crowded)] = None
    if not found.gone:
        told = [[member.to_json() for member in group.members] for group in found.groups], found.crowded
        run.store.keep_grouping(key, json.dumps(told).encode())
    for number in [number for number, image in run.images.items() if image.file in found.gone]:
        run.errors[number] = found.gone[run.images.pop(number).file]
    return found.groups


def _crowded(names: Sequence[str]) -> str:
    told = ", ".join(names[:3]) + (" and others" if len(names) > len(names[:3]) else "")
    return f"{plural(len(names), 'image')} ({told}) look like many others: not all pairs of them were compared"


def _counted(run: _Run, groups: Sequence[Group]) -> ImageCounts:
    unread = sum(isinstance(error, PageError) for error in run.errors.values())
    return ImageCounts(
        images=len(run.images),
        groups=len(groups),
        repeats=sum(len(group.members) - 1 for group in groups),
        bytes=sum(_repeated_bytes(group, run.linked) for group in groups),
        bad=len(run.errors) - unread,
        unread=unread,
        others=run.others,
    )


def _repeated_bytes(group: Group, linked: dict[str, tuple[int, int]]) -> int:
    """Bytes that the copies take; another name of the same file takes none."""
    taken, known = 0, {linked.get(group.keep)}
    for member in group.members[1:]:
        file = linked.get(member.file)
        if file is None or file not in known:
            taken += member.size
        known.add(file)
    return taken
