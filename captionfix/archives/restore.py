"""Pages and files given their bytes back from a journal, and what stopped runs left taken away."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from captionfix.archives import atomic, files, removal, whole
from captionfix.archives.inplace import Change, read, replaced, written
from captionfix.archives.journal import Damage, Record, Removed, Undone
from captionfix.archives.journal_reader import Reader, Tally
from captionfix.archives.journal_store import JournalStore, Marker, quarantine
from captionfix.errors import PageError, UsageError
from captionfix.markup.splice import apply

_GROUP = 16
"""Pages restored together, which share the waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one page, or removed file, of a journal.

    Attributes:
        locator: the page or the file.
        was_old: whether it had its old bytes already.
        error: why it was refused, if it was.
        is_file: whether it is a removed file.
    """

    locator: str
    was_old: bool = False
    error: PageError | None = None
    is_file: bool = False


def undo(reader: Reader, only: Sequence[Path] = (), *, dry_run: bool = False) -> Iterator[Restored]:
    """Bring the removed files of a journal back, then give its pages their bytes back; yield what became of each.

    Pages that are not what the run left are refused, and so are those that
    would name a file that is still gone. Undoing twice is
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
        yield from _looked_at(reader, within)
        return
    tally = reader.tally()
    with Marker(reader.path) as marker:
        for record, restored in _from_quarantine(reader, within):
            if restored.error is None and not tally.is_undone(record.number):
                marker.add([record.number])
            yield restored
        with suppress(OSError):
            quarantine(reader.path).rmdir()
        for group in _groups(reader, within):
            yield from _undone(group, reader.header.run, marker, tally)
        if not within:
            sweep(reader.header.roots, {reader.header.run})


def _looked_at(reader: Reader, within: Sequence[Path]) -> Iterator[Restored]:
    """What would be restored."""
    back: set[Path] = set()
    for record, restored in _from_quarantine(reader, within, dry_run=True):
        back |= {reader.locator(record)} if restored.error is None else set()
        yield restored
    for group in _groups(reader, within):
        yield from (restored for restored, _ in (_looked_up(found, back) for found in group))


def _from_quarantine(
    reader: Reader, within: Sequence[Path], *, dry_run: bool = False
) -> Iterator[tuple[Record | Removed, Restored]]:
    """Bring back what was removed, then what was put aside."""
    for removed in _removed(reader, within):
        yield removed, _brought_back(reader, removed, dry_run=dry_run)
    for record in _put_aside(reader, within):
        yield record, _from_aside(reader, record, dry_run=dry_run)


def clear(journals: JournalStore) -> None:
    """Take away what runs left that were stopped before they replaced a page: temporary files, and their journals."""
    stopped = {path.stem for path in journals.paths() if journals.has_ended(path.stem)}
    sweep(journals.clear(), stopped)


def sweep(roots: Iterable[Path], runs: Collection[str]) -> None:
    """Take away all temporary files below folders that runs, or programs without one, left there and have ended.

    Args:
        roots: the folders.
        runs: those that are known to have ended.
    """
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in filter(atomic.is_temporary, names):
                path, run = Path(folder, name), atomic.run_of(name)
                with suppress(OSError):
                    if run in runs:
                        path.unlink()
                    elif run is None:
                        atomic.remove_abandoned(path)


def _records(reader: Reader) -> Iterator[Record | Removed]:
    return (entry for entry in reader.lines() if isinstance(entry, (Record, Removed)))


def _removed(reader: Reader, within: Sequence[Path]) -> Iterator[Removed]:
    """The removed files to bring back."""
    for entry in _records(reader):
        if isinstance(entry, Removed) and (not within or _is_within(reader.locator(entry), within)):
            yield entry


def _brought_back(reader: Reader, removed: Removed, *, dry_run: bool = False) -> Restored:
    path, run = reader.locator(removed), reader.header.run
    try:
        if not dry_run:
            _sweep({path.parent}, run)
        root = reader.header.roots[removed.root]
        was_old = removal.restore(removed, root, quarantine(reader.path), run, dry_run=dry_run)
    except PageError as error:
        return Restored(str(path), error=error, is_file=True)
    return Restored(str(path), was_old=was_old, is_file=True)


def _put_aside(reader: Reader, within: Sequence[Path]) -> Iterator[Record]:
    """The files to restore from what was put aside."""
    for entry in _records(reader):
        if isinstance(entry, Record) and entry.is_aside and (not within or _is_within(reader.locator(entry), within)):
            yield entry


def _from_aside(reader: Reader, record: Record, *, dry_run: bool = False) -> Restored:
    path, run = reader.locator(record), reader.header.run
    try:
        if not dry_run:
            _sweep({path.parent}, run)
        root = reader.header.roots[record.root]
        was_old = whole.restore(record, root, quarantine(reader.path), run, dry_run=dry_run)
    except PageError as error:
        return Restored(str(path), error=error)
    return Restored(str(path), was_old=was_old)


def _is_within(path: Path, within: Sequence[Path]) -> bool:
    return any(path.is_relative_to(each) for each in within)


_Found = tuple[Path, Record, Path] | PageError
"""A page, its record, and the folder it stands below."""


def _groups(reader: Reader, within: Sequence[Path]) -> Iterator[list[_Found]]:
    """The pages to undo, some at a time; damaged lines among them."""
    group: list[_Found] = []
    for entry in reader.lines():
        if isinstance(entry, (Undone, Removed)) or (isinstance(entry, Record) and entry.is_aside):
            continue
        if isinstance(entry, Damage):
            cause = f"line {entry.line} cannot be used: {entry.cause}"
            group.append(PageError(str(reader.path), cause, "its page stays as it is"))
        else:
            path = reader.locator(entry)
            if not within or _is_within(path, within):
                group.append((path, entry, reader.header.roots[entry.root]))
        if len(group) == _GROUP:
            yield group
            group = []
    yield group


def _undone(group: Sequence[_Found], run: str, marker: Marker, tally: Tally) -> list[Restored]:
    """Restore some pages together, and mark those that have their old bytes now."""
    _sweep({found[0].parent for found in group if not isinstance(found, PageError)}, run)
    looked_up = [_looked_up(found) for found in group]
    changes: list[Change] = []
    told: list[Restored] = []
    try:
        for restored, old in looked_up:
            told.append(restored if old is None else _begun(old, run, changes))
        errors = replaced(changes)
    finally:
        for each in changes:
            each.through.unlink(missing_ok=True)
    told = [Restored(each.locator, each.was_old, errors.get(each.locator, each.error)) for each in told]
    marker.add(
        [
            found[1].number
            for found, each in zip(group, told, strict=True)
            if not isinstance(found, PageError) and each.error is None and not tally.is_undone(found[1].number)
        ]
    )
    return told


def _sweep(folders: Iterable[Path], run: str) -> None:
    """Take away what the run, or a stopped undo of it, left over in folders."""
    for folder in folders:
        if os.path.realpath(folder) == str(folder):
            for path in files.left_over(folder):
                if atomic.run_of(path.name) == run:
                    path.unlink(missing_ok=True)


def _begun(old: _Old, run: str, changes: list[Change]) -> Restored:
    """Write a page's old bytes beside it."""
    through = atomic.temporary(old.path, run, old.record.number)
    back = dataclasses.replace(old.record, digests=(old.record.digests[1], old.record.digests[0]))
    change = Change(str(old.path), old.path, through, old.reading.signature, old.reading.is_fresh, back)
    try:
        changes.append(written(change, old.reading, old.data))
    except PageError as error:
        return Restored(change.locator, error=error)
    return Restored(change.locator)


@dataclass(frozen=True, slots=True)
class _Old:
    """A page that is to get its old bytes back."""

    path: Path
    reading: atomic.Reading
    data: bytes
    record: Record


def _looked_up(found: _Found, back: Collection[Path] = ()) -> tuple[Restored, _Old | None]:
    """What is to become of a page, and its old bytes where it does not have them.

    Args:
        found: the page.
        back: files that will be back by then.
    """
    if isinstance(found, PageError):
        return Restored(found.locator, error=found), None
    path, record, root = found
    try:
        old = _old(path, record)
        if old is not None:
            _check_needs(record, root, back)
    except PageError as error:
        return Restored(str(path), error=error), None
    return Restored(str(path), was_old=old is None), old


def _old(path: Path, record: Record) -> _Old | None:
    """A page with its old bytes; None where it has them."""
    locator = str(path)
    reading = read(path, locator)
    here = atomic.digest(reading.data)
    if here == record.digests[0]:
        return None
    if here != record.digests[1]:
        raise PageError(locator, "changed since it was cleaned, and stays as it is", "fix it by hand")
    old = apply(reading.data, record.edits)
    if (atomic.digest(old), len(old)) != (record.digests[0], record.sizes[0]):
        raise PageError(locator, "the journal does not hold its old bytes; it stays as it is", "fix it by hand")
    return _Old(path, reading, old, record)


def _check_needs(record: Record, root: Path, back: Collection[Path]) -> None:
    """Refuse a page whose old bytes name a file that is gone."""
    for needed in record.needs:
        path = root.joinpath(*needed.parts)
        is_there = os.path.exists(path)  # noqa: PTH110 the other one raises where a name is too long
        if not is_there and path not in back:
            locator = str(root.joinpath(*record.path.parts))
            raise PageError(
                locator, f"would name {path}, which is gone; it stays as it is", "bring that file back first"
            )
