"""Pages replaced where they are, with a journal, and given their bytes back from it.

For a group of pages: read them again, refuse those that are not what was
cleaned, write the journal and wait for it, then replace them one by one.
Whenever that is cut short, each page is whole, old or new, and the journal
knows both.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from captionfix.archives import atomic
from captionfix.archives.journal import Damage, Reader, Record, Tally, Undone, inverse
from captionfix.archives.shelf import Journal, Marker
from captionfix.errors import PageError, UsageError
from captionfix.markup.splice import apply
from captionfix.model import Edit

_GROUP = 16
"""Pages that share one sync of the journal: measured, a sync costs as much as cleaning a small page, and at 16 its
share is under a tenth (benchmarks/folder.py)."""


def digest(raw: bytes) -> str:
    """Return the digest that journals know a page by.

    >>> digest(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """What cleaning came to for a page that is to be replaced.

    Attributes:
        locator: the page, as the user named it.
        root: the place of its folder in the journal.
        path: where it stands below that folder.
        digest: of the bytes that were cleaned.
        edits: what was done to them, in order.
    """

    locator: str
    root: int
    path: PurePosixPath
    digest: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A page that was read again and may be replaced."""

    locator: str
    path: Path
    reading: atomic.Reading
    result: bytes
    record: Record


def replace(changes: Sequence[Change], journal: Journal) -> dict[str, PageError]:
    """Replace pages by their cleaned form; all that is known of them besides their bytes stays.

    Args:
        changes: what to do.
        journal: where to write down how to take it back.

    Returns:
        Why pages were not replaced, by locator.

    Raises:
        JournalError: the journal cannot be written; no page was replaced.
    """
    errors: dict[str, PageError] = {}
    ready: list[_Ready] = []
    for change in changes:
        try:
            ready.append(_prepared(change, journal, journal.pages + len(ready)))
        except PageError as error:
            errors[change.locator] = error
    if ready:
        journal.add([page.record for page in ready])
        errors |= _replaced(ready, journal.run)
    return errors


def _prepared(change: Change, journal: Journal, number: int) -> _Ready:
    path = journal.roots[change.root].joinpath(*change.path.parts)
    reading = _read(path, change.locator)
    if digest(reading.data) != change.digest:
        raise _changed(change.locator)
    _check_replaceable(path, change.locator, reading)
    result = apply(reading.data, change.edits)
    record = Record(
        number,
        change.root,
        change.path,
        (len(reading.data), len(result)),
        (change.digest, digest(result)),
        inverse(reading.data, change.edits),
    )
    return _Ready(change.locator, path, reading, result, record)


def _changed(locator: str) -> PageError:
    return PageError(
        locator, "changed while it was cleaned, and was not replaced", "run again to clean it as it is now"
    )


def _read(path: Path, locator: str) -> atomic.Reading:
    """A page's bytes, where it is a file that no link leads to."""
    try:
        if os.path.realpath(path) == str(path):
            return atomic.read(path)
    except atomic.ChangedError as error:
        raise _changed(locator) from error
    except FileNotFoundError as error:
        raise PageError(locator, "is gone", "put it back where it was, or leave it out") from error
    except OSError as error:
        raise PageError(locator, f"cannot be read: {error.strerror}", "check that it may be read") from error
    raise PageError(locator, "is reached through a link now, and was not replaced", "name the folder it stands in")


def _check_replaceable(path: Path, locator: str, reading: atomic.Reading) -> None:
    """Refuse pages that their owner does not let be written, and those that have several names."""
    if not reading.seen.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise PageError(locator, "is read-only, and was not replaced", "make it writable, or clean a copy with -o")
    if reading.seen.st_nlink > 1:
        why = f"has {reading.seen.st_nlink} names (hard links), which replacing it would part; it was not replaced"
        raise PageError(locator, why, "clean a copy with -o, or give it a file of its own")


def _replaced(ready: Sequence[_Ready], run: str) -> dict[str, PageError]:
    """Replace pages whose records are safe; name those that could not be."""
    errors: dict[str, PageError] = {}
    on_the_way: list[tuple[_Ready, atomic.Replacement]] = []
    try:
        for page in ready:
            through = atomic.temporary(page.path, run, page.record.number)
            on_the_way.append((page, atomic.Replacement(page.path, page.reading, through)))
            with _named(page.locator, errors):
                on_the_way[-1][1].write(page.result)
        with ThreadPoolExecutor(_SYNCS) as threads:
            for page, synced in [(page, threads.submit(each.sync)) for page, each in _sound(on_the_way, errors)]:
                with _named(page.locator, errors):
                    synced.result()
        for page, each in _sound(on_the_way, errors):
            with _named(page.locator, errors):
                each.take_place()
    finally:
        for _, each in on_the_way:
            each.clear()
    for folder, locator in {page.path.parent: page.locator for page, _ in _sound(on_the_way, errors)}.items():
        with _named(locator, errors):
            atomic.sync_folder(folder)
    return errors


_SYNCS = 8
"""Files that wait for the disk at once: file systems put such waits together (with 8, a group of 16 pages waits half
as long on ext4 as one after the other; more gains nothing)."""


def _sound(
    pages: Iterable[tuple[_Ready, atomic.Replacement]], errors: Mapping[str, PageError]
) -> Iterator[tuple[_Ready, atomic.Replacement]]:
    return (each for each in pages if each[0].locator not in errors)


@contextmanager
def _named(locator: str, errors: dict[str, PageError]) -> Iterator[None]:
    """Note what goes wrong with a page, and go on."""
    try:
        yield
    except atomic.ChangedError:
        errors[locator] = _changed(locator)
    except OSError as error:
        errors[locator] = _unwritable(locator, error)


def _unwritable(locator: str, error: OSError) -> PageError:
    return PageError(locator, f"cannot be replaced: {error.strerror}", "check the space, the rights and the owner")


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one page of a journal.

    Attributes:
        locator: the page.
        was_old: whether it had its old bytes already.
        error: why it was refused, if it was.
    """

    locator: str
    was_old: bool = False
    error: PageError | None = None


def undo(reader: Reader, only: Sequence[Path] = (), *, dry_run: bool = False) -> Iterator[Restored]:
    """Give the pages of a journal their bytes back, and yield what became of each.

    Pages that are not what the run left are refused. Undoing twice is
    harmless, and so is being stopped on the way.

    Args:
        reader: the journal.
        only: files and folders; pages elsewhere are passed over. Empty means all.
        dry_run: whether to look only.

    Raises:
        UsageError: no page stands there; nothing has been written.
        JournalError: the journal cannot be marked.
    """
    within = [Path(os.path.realpath(path)) for path in only]
    if within and not any(_is_within(reader.locator(record), within) for record in _records(reader)):
        raise UsageError(f"{', '.join(map(str, only))}: no page of run {reader.header.run} stands there")
    if dry_run:
        for group in _groups(reader, within):
            yield from (restored for restored, _ in map(_looked_up, group))
        return
    tally = reader.tally()
    with Marker(reader.path) as marker:
        for group in _groups(reader, within):
            yield from _undone(group, reader.header.run, marker, tally)


def _records(reader: Reader) -> Iterator[Record]:
    return (entry for entry in reader.lines() if isinstance(entry, Record))


def _is_within(path: Path, within: Sequence[Path]) -> bool:
    return any(path.is_relative_to(each) for each in within)


_Found = tuple[str, Path, Record] | PageError


def _groups(reader: Reader, within: Sequence[Path]) -> Iterator[list[_Found]]:
    """The pages to undo, some at a time; damaged lines among them."""
    group: list[_Found] = []
    for entry in reader.lines():
        if isinstance(entry, Undone):
            continue
        if isinstance(entry, Damage):
            cause = f"line {entry.line} cannot be used: {entry.cause}"
            group.append(PageError(str(reader.path), cause, "its page stays as it is"))
        else:
            path = reader.locator(entry)
            if not within or _is_within(path, within):
                group.append((str(path), path, entry))
        if len(group) == _GROUP:
            yield group
            group = []
    yield group


def _undone(group: Sequence[_Found], run: str, marker: Marker, tally: Tally) -> list[Restored]:
    looked_up = [_looked_up(found) for found in group]
    for found in group:
        _sweep(found, run)
    errors = _replaced([page for _, page in looked_up if page is not None], run)
    told = [Restored(each.locator, each.was_old, errors.get(each.locator, each.error)) for each, _ in looked_up]
    marker.add(
        [
            found[2].number
            for found, each in zip(group, told, strict=True)
            if not isinstance(found, PageError) and each.error is None and not tally.is_undone(found[2].number)
        ]
    )
    return told


def _sweep(found: _Found, run: str) -> None:
    """Take away what the run left over beside a page, if it was stopped while it wrote there."""
    if isinstance(found, PageError):
        return
    _, path, record = found
    through = atomic.temporary(path, run, record.number)
    try:
        if stat.S_ISREG(through.lstat().st_mode) and os.path.realpath(path.parent) == str(path.parent):
            through.unlink()
    except OSError:
        return


def _looked_up(found: _Found) -> tuple[Restored, _Ready | None]:
    """What is to become of a page, and how to do it."""
    if isinstance(found, PageError):
        return Restored(found.locator, error=found), None
    locator, path, record = found
    try:
        ready = _old(locator, path, record)
    except PageError as error:
        return Restored(locator, error=error), None
    return Restored(locator, was_old=ready is None), ready


def _old(locator: str, path: Path, record: Record) -> _Ready | None:
    """A page with its old bytes; None where it has them."""
    reading = _read(path, locator)
    here = digest(reading.data)
    if here == record.digests[0]:
        return None
    if here != record.digests[1]:
        raise PageError(locator, "changed since it was cleaned, and stays as it is", "mend it by hand")
    _check_replaceable(path, locator, reading)
    old = apply(reading.data, record.edits)
    if (digest(old), len(old)) != (record.digests[0], record.sizes[0]):
        raise PageError(locator, "the journal does not hold its old bytes; it stays as it is", "mend it by hand")
    return _Ready(locator, path, reading, old, record)
