"""Doing what a plan says, page by page, then file by file, with a journal.

Nothing of a plan is believed: every page is read again and must give the
edits that the plan names, every image must have the bytes it names, and a
file goes only if then nothing in the whole archive names it.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

from captionfix.archives import atomic, files, inplace, removal
from captionfix.archives.journal import WITH_FILES, Removed
from captionfix.archives.journal_store import Journal, JournalStore
from captionfix.dedupe.mentions import Archive, survey
from captionfix.dedupe.plans import Move, PageEdit, Plan, Removal, RemovalMethod
from captionfix.dedupe.relink import check_file, is_one_file, needs, page_edit, unremovable
from captionfix.errors import PageError, UsageError
from captionfix.model import Edit, Span

_GROUP = 16
"""Pages, or files, that are written down together and share the waiting for the disk."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one page or one file of a plan.

    Attributes:
        name: it, below the root.
        is_file: whether it is a file to be removed.
        relinked: how many places of the page lead elsewhere now.
        saved: bytes that its removal saves.
        was_done: whether it was so already.
        error: why it was refused, if it was.
    """

    name: str
    is_file: bool = False
    relinked: int = 0
    saved: int = 0
    was_done: bool = False
    error: PageError | None = None


def journal_for(plan: Plan, journals: JournalStore, version: str) -> Journal:
    """Return the journal of a run that carries out a plan.

    Args:
        plan: what to do.
        journals: where journals are kept.
        version: this captionfix.

    Raises:
        UsageError: the folder is not there, or holds the journals.
    """
    if not plan.root.is_dir():
        raise UsageError(f"{plan.root}: is no folder; name the one that the plan is about")
    check_journals(plan.root, journals)
    return Journal(journals.folder, (plan.root,), version, WITH_FILES)


def check_journals(root: Path, journals: JournalStore) -> None:
    """Refuse journals that stand in the archive that they are about.

    Args:
        root: the archive.
        journals: where journals are kept.

    Raises:
        UsageError: they do.
    """
    if journals.folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{root}: holds the journals ({journals.folder}); name another --state-dir")


def apply(plan: Plan, journal: Journal | None, journals: JournalStore) -> Iterator[Done]:
    """Carry out a plan and yield what became of each part of it; the rest goes on past what is refused.

    Args:
        plan: what to do.
        journal: where to write down how to take it back; None to look only.
        journals: where journals are kept, to tell what stopped runs left over.

    Raises:
        JournalError: the journal cannot be written; nothing more is done.
    """
    act = _Act(plan, Archive(plan.root, plan.url), journal)
    if journal is None:
        yield from act.pages()
        yield from act.files()
        return
    act.sweep(journals)
    with journal:
        yield from act.pages()
        yield from act.files()


@dataclass(slots=True)
class _Act:
    """A plan that is carried out."""

    plan: Plan
    archive: Archive
    journal: Journal | None
    moves: dict[str, Move] = field(default_factory=dict)
    unsound: dict[str, PageError] = field(default_factory=dict)
    relinked: set[tuple[str, Span]] = field(default_factory=set)

    def __post_init__(self) -> None:
        checked: dict[str, PageError | None] = {}
        for move in self.plan.moves:
            for name, content in zip((move.file, move.keep), move.digests, strict=True):
                if name not in checked:
                    checked[name] = self._fault(name, content)
            fault = checked[move.keep] or checked[move.file]
            if fault is None:
                self.moves[move.file] = move
            else:
                self.unsound[move.file] = fault

    def _fault(self, name: str, content: str) -> PageError | None:
        try:
            check_file(self.archive, name, content)
        except PageError as error:
            return error
        return None

    def sweep(self, journals: JournalStore) -> None:
        """Take away what stopped runs left over beside what this one touches."""
        touched = [page.page for page in self.plan.pages] + [each.file for each in self.plan.removals]
        for folder in {(self.archive.root / name).parent for name in touched}:
            if os.path.realpath(folder) == str(folder):
                for path in files.left_over(folder):
                    run = atomic.run_of(path.name)
                    if run is not None and journals.has_ended(run):
                        path.unlink(missing_ok=True)

    # pages

    def pages(self) -> Iterator[Done]:
        """Edit the pages."""
        group: list[tuple[Done, inplace.Change | None]] = []
        numbers = count()
        try:
            for page in self.plan.pages:
                group.append(self._begun(page, next(numbers)))
                if len(group) == _GROUP:
                    yield from self._replaced(group)
                    group.clear()
            yield from self._replaced(group)
        finally:
            for _, change in group:
                if change is not None:
                    change.through.unlink(missing_ok=True)

    def _begun(self, page: PageEdit, number: int) -> tuple[Done, inplace.Change | None]:
        path = self.archive.root / page.page
        try:
            reading = inplace.read(path, str(path))
            if atomic.digest(reading.data) == page.digests[1]:
                return Done(page.page, was_done=True), None
            edits, told = self._edits(page, reading.data)
            self.relinked |= {(page.page, edit.span) for edit in edits}
            done = Done(page.page, relinked=len(edits))
            if self.journal is None:
                return done, None
            through = atomic.temporary(path, self.journal.run, number)
            aim = inplace.Aim(str(path), 0, self.archive.root, PurePosixPath(page.page), through)
            return done, inplace.begin(aim, reading, edits, told)
        except PageError as error:
            return Done(page.page, error=error), None

    def _edits(self, page: PageEdit, raw: bytes) -> tuple[list[Edit], list[PurePosixPath]]:
        """The edits of a page, made anew; they must be those of the plan, but for images that are no longer sound."""
        locator = str(self.archive.root / page.page)
        if atomic.digest(raw) != page.digests[0]:
            raise PageError(locator, "changed since the plan was made, and stays", "make a new plan")
        planned = {each.span: (each.file, each.new) for each in page.relinks}
        faults = [self.unsound[each.file] for each in page.relinks if each.file in self.unsound]
        moves = {each.file: self.moves[each.file] for each in page.relinks if each.file in self.moves}
        made, edits, _ = page_edit(self.archive, page.page, raw, moves)
        found = {each.span: (each.file, each.new) for each in made.relinks} if made is not None else {}
        wanted = {span: told for span, told in planned.items() if told[0] not in self.unsound}
        if wanted != {span: told for span, told in found.items() if span in planned} or not wanted:
            raise faults[0] if faults else PageError(locator, "is not what the plan says", "make a new plan")
        edits = [edit for edit in edits if edit.span in wanted]
        return edits, [PurePosixPath(name) for name in sorted({file for file, _ in wanted.values()})]

    def _replaced(self, group: Sequence[tuple[Done, inplace.Change | None]]) -> list[Done]:
        if self.journal is None:
            return [done for done, _ in group]
        errors = inplace.replace([change for _, change in group if change is not None], self.journal)
        told = []
        for done, _ in group:
            error = errors.get(str(self.archive.root / done.name))
            told.append(done if error is None else Done(done.name, error=error))
        return told

    # files

    def files(self) -> Iterator[Done]:
        """Remove the files that nothing names any more."""
        if not self.plan.removals:
            return
        needed = self._needed()
        group: list[tuple[Done, Removed | None]] = []
        for each in self.plan.removals:
            group.append(self._recorded(each, needed))
            if len(group) == _GROUP:
                yield from self._removed(group)
                group.clear()
        yield from self._removed(group)

    def _needed(self) -> dict[str, str]:
        """Why files must stay: what names them now, or might."""
        names = {each.file for each in self.plan.removals if each.way is not RemovalMethod.HARDLINK} & self.moves.keys()
        now = Archive(self.archive.root, self.plan.url)
        found = survey(now, names)
        if found.unread:
            return dict.fromkeys(names, f"is not removed: {found.unread[0]}")
        return needs(found, self.relinked if self.journal is None else ())

    def _recorded(self, each: Removal, needed: dict[str, str]) -> tuple[Done, Removed | None]:
        path, move = self.archive.root / each.file, self.moves.get(each.file)
        if not os.path.lexists(path) or (move is not None and is_one_file(self.archive.root, move)):
            return Done(each.file, is_file=True, was_done=True), None
        try:
            record = self._record(each, move, needed)
        except PageError as error:
            return Done(each.file, is_file=True, error=error), None
        return Done(each.file, is_file=True, saved=each.saved), record

    def _record(self, each: Removal, move: Move | None, needed: dict[str, str]) -> Removed:
        """How to bring a file back that may go."""
        if move is None:
            raise self.unsound[each.file]
        if why := unremovable(self.archive, move, each.way) or needed.get(each.file, ""):
            raise PageError(str(self.archive.root / each.file), why, "nothing was done to it")
        return removal.record_of(self.archive.root, each.file, move.keep, each.way.value, move.digests[0])

    def _removed(self, group: Sequence[tuple[Done, Removed | None]]) -> Iterator[Done]:
        if self.journal is None:
            yield from (done for done, _ in group)
            return
        numbers = count(self.journal.pages)
        numbered = [
            (done, dataclasses.replace(record, number=next(numbers)) if record is not None else None)
            for done, record in group
        ]
        records = [record for _, record in numbered if record is not None]
        if records:
            self.journal.add(records)
        told = [self._gone(done, record, self.journal) for done, record in numbered]
        self._sync(records, self.journal)
        yield from told

    def _gone(self, done: Done, record: Removed | None, journal: Journal) -> Done:
        if record is None:
            return done
        locator = str(self.archive.root / done.name)
        try:
            removal.remove(record, self.archive.root, journal.quarantine, journal.run)
        except PageError as error:
            return Done(done.name, is_file=True, error=error)
        except OSError as error:
            told = PageError(locator, f"cannot be removed: {error.strerror}", "check the rights and the space")
            return Done(done.name, is_file=True, error=told)
        return done

    def _sync(self, records: Collection[Removed], journal: Journal) -> None:
        folders = {self.archive.root.joinpath(*each.path.parts).parent for each in records}
        if any(each.way == "quarantine" for each in records):
            folders |= {journal.quarantine, journal.folder}
        for folder in folders:
            if folder.is_dir():
                atomic.sync(folder)
