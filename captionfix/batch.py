"""Many paths, in one process or several: each file to its outcome, each outcome to its place."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath

from captionfix.archives import atomic, files, inplace
from captionfix.archives.shelf import Journal, Shelf
from captionfix.errors import PageError, UsageError
from captionfix.model import Finding
from captionfix.pipeline import Cleaned, clean_page
from captionfix.processes import spread
from captionfix.settings import Settings

_GROUP = 16
"""Pages replaced together share the waiting for the disk; with more, more of them are in doubt when a run is killed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes:
        locator: the file, as the user named it.
        findings: what was found; None for what is no page and for what could not be read.
        changed: whether cleaning changes the page.
        error: what went wrong, if anything.
        left: why it was not looked at, if it is no page.
        note: what the user should know even so.
        pages: the page before and after, where they were asked for.
        change: how to replace the page, where it is to be replaced.
    """

    locator: str
    findings: tuple[Finding, ...] | None = None
    changed: bool = False
    error: PageError | None = None
    left: str = ""
    note: str = ""
    pages: tuple[bytes, bytes] | None = None
    change: inplace.Change | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A file to work on.

    Attributes:
        entry: the file.
        target: where its cleaned copy goes, if anywhere.
        root: the folder it stands below, by its place in the journal, where it is to be replaced.
    """

    entry: files.Entry
    target: Path | None = None
    root: int | None = None


class Worker:
    """Does the work in one process; what is costly to make is made once, here.

    Args:
        settings: what to look for and how far to go.
        with_pages: whether outcomes carry the pages themselves.
    """

    def __init__(self, settings: Settings, *, with_pages: bool = False) -> None:
        self._settings = settings
        self._with_pages = with_pages

    def __call__(self, task: Task | Outcome) -> Outcome:
        """Return what becomes of a file; what is known already stays as it is."""
        if isinstance(task, Outcome):
            return task
        try:
            return self._page(task) if task.entry.is_page else _left(task)
        except PageError as error:
            return Outcome(str(task.entry.path), error=error)

    def page(self, raw: bytes, locator: str, kind: files.Kind) -> Outcome:
        """Return what becomes of a page.

        Args:
            raw: the page.
            locator: its name.
            kind: HTML, XHTML or text.
        """
        return self._told(locator, *self._cleaned(raw, locator, kind))

    def _page(self, task: Task) -> Outcome:
        entry, locator = task.entry, str(task.entry.path)
        raw = files.read(entry.path)
        cleaned, error = self._cleaned(raw, locator, entry.kind)
        if task.target is not None:
            files.write(task.target, cleaned.result if cleaned is not None else raw, entry.path)
        outcome = self._told(locator, cleaned, error)
        if task.root is None or cleaned is None or not cleaned.changed:
            return outcome
        below = PurePosixPath(entry.relative.as_posix())
        return replace(outcome, change=inplace.Change(locator, task.root, below, inplace.digest(raw), cleaned.edits))

    def _cleaned(self, raw: bytes, locator: str, kind: files.Kind) -> tuple[Cleaned | None, PageError | None]:
        text, xml = kind is files.Kind.TEXT, kind is files.Kind.XHTML
        try:
            return clean_page(raw, self._settings, locator=locator, text=text, xml=xml), None
        except PageError as error:
            return None, error
        except (MemoryError, RecursionError) as error:
            cause = f"needs more than this machine gives a process ({type(error).__name__})"
            return None, PageError(locator, cause, "it was left as it is; clean it on its own or leave it out")
        except Exception as error:  # noqa: BLE001 a fault of ours on one page must not stop the others
            cause = f"captionfix is at fault: {type(error).__name__}: {error}"
            return None, PageError(locator, cause, "it was left as it is; please report it together with the page")

    def _told(self, locator: str, cleaned: Cleaned | None, error: PageError | None) -> Outcome:
        if cleaned is None:
            return Outcome(locator, error=error)
        pages = (cleaned.raw, cleaned.result) if self._with_pages else None
        return Outcome(locator, cleaned.findings, cleaned.changed, error, pages=pages)


def _left(task: Task) -> Outcome:
    locator, kind = str(task.entry.path), task.entry.kind
    if kind is files.Kind.LEFT_OVER:
        return _left_over(locator)
    if task.target is not None:
        files.copy(task.entry, task.target)
    return Outcome(locator, left=_WHY_LEFT[kind])


def _left_over(locator: str) -> Outcome:
    return Outcome(locator, note="is a temporary file of a run that goes on or was stopped; left alone")


_WHY_LEFT = {
    files.Kind.OTHER: "no page",
    files.Kind.LINK: "a link",
    files.Kind.SPECIAL: "a pipe, a socket or a device",
}


def _lost(task: Task | Outcome) -> Outcome:
    """A file that ended the process that worked on it."""
    if isinstance(task, Outcome):
        return task
    locator = str(task.entry.path)
    if task.target is not None:
        for path in files.left_over(task.target.parent):
            path.unlink(missing_ok=True)
    cause = "ended the process that worked on it (killed, or out of memory)"
    return Outcome(
        locator, error=PageError(locator, cause, "it was left as it is; clean it on its own or leave it out")
    )


def run(
    paths: Sequence[Path], settings: Settings, out: Path | None = None, *, jobs: int = 1, with_pages: bool = False
) -> Generator[Outcome, None, None]:
    """Yield what becomes of every file below the paths, in order; write cleaned copies if asked.

    A page that cannot be read never stops the others; where its bytes are
    there, they go into the copy as they are.

    Args:
        paths: files and folders.
        settings: what to look for and how far to go.
        out: where the cleaned copy goes; None writes nothing.
        jobs: how many processes work; 0 takes as many as there are cores.
        with_pages: whether outcomes carry the pages themselves.

    Raises:
        UsageError: the output does not fit the paths; nothing has been written yet.
    """
    targets = files.targets(paths, out) if out is not None else {}
    worker = partial(Worker, settings, with_pages=with_pages)
    try:
        with closing(spread(worker, _copied(paths, settings, targets), jobs, _lost)) as outcomes:
            yield from outcomes
    except BaseException:
        _tidy(targets.values())
        raise


def _tidy(targets: Iterable[Path]) -> None:
    """Take away what workers that were stopped left over in a copy."""
    for target in targets:
        for folder in [Path(place) for place, _, _ in os.walk(target)] or [target.parent]:
            for path in files.left_over(folder):
                path.unlink(missing_ok=True)


def _copied(paths: Sequence[Path], settings: Settings, targets: dict[Path, Path]) -> Iterator[Task | Outcome]:
    for path in paths:
        target = targets.get(path)
        if target is not None and path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        for entry in files.entries(path, text=settings.text):
            if isinstance(entry, PageError):
                yield Outcome(entry.locator, error=entry)
            else:
                yield Task(entry, _place(path, entry, target))


def _place(path: Path, entry: files.Entry, target: Path | None) -> Path | None:
    if target is None:
        return None
    return target / entry.relative if path.is_dir() else target


def rewrite(paths: Sequence[Path], settings: Settings) -> Generator[Outcome, None, None]:
    """Yield what becomes of files that are mended where they are; nothing else is written.

    Args:
        paths: files, as a pre-commit hook is given them.
        settings: what to look for and how far to go.
    """
    for path in paths:
        for outcome in run([path], settings, with_pages=True):
            if outcome.changed and outcome.pages is not None:
                try:
                    files.overwrite(Path(outcome.locator), outcome.pages[1])
                except PageError as error:
                    yield Outcome(outcome.locator, error=error)
                    continue
            yield outcome


def journal_for(paths: Sequence[Path], shelf: Shelf, version: str) -> Journal:
    """Return the journal of a run that replaces pages below paths.

    Args:
        paths: files and folders.
        shelf: where journals are kept.
        version: this captionfix.

    Raises:
        UsageError: a page could be met twice, or the journal would stand among the pages.
    """
    places = [path.resolve() for path in paths]
    for at, place in enumerate(places):
        for other in (*places[:at], *places[at + 1 :]):
            if place.is_relative_to(other):
                raise UsageError(f"{paths[at]}: is named twice, or lies inside another path; name each page once")
        if shelf.folder.resolve().is_relative_to(place):
            raise UsageError(f"{paths[at]}: holds the journals ({shelf.folder}); name another --state-dir")
    roots = [place if place.is_dir() else place.parent for place in places]
    return Journal(shelf.folder, tuple(roots), version)


def replace_pages(
    paths: Sequence[Path], settings: Settings, journal: Journal, shelf: Shelf, *, jobs: int = 1
) -> Generator[Outcome, None, None]:
    """Yield what becomes of pages that are replaced where they are, in order.

    Args:
        paths: files and folders, as `journal_for` was given them.
        settings: what to look for and how far to go.
        journal: where to write down how to take it back.
        shelf: where journals are kept, to tell what stopped runs left over.
        jobs: how many processes work; 0 takes as many as there are cores.

    Raises:
        JournalError: the journal cannot be written; the pages told so far are done, no other was replaced.
    """
    with journal, closing(spread(partial(Worker, settings), _in_place(paths, settings, shelf), jobs, _lost)) as found:
        while group := list(islice(found, _GROUP)):
            errors = inplace.replace([outcome.change for outcome in group if outcome.change is not None], journal)
            for outcome in group:
                error = errors.get(outcome.locator)
                yield outcome if error is None else Outcome(outcome.locator, error=error)


def _in_place(paths: Sequence[Path], settings: Settings, shelf: Shelf) -> Iterator[Task | Outcome]:
    for folder in dict.fromkeys(path.resolve().parent for path in paths if not path.is_dir()):
        yield from (_swept(path, shelf) for path in files.left_over(folder))
    for root, path in enumerate(paths):
        for entry in files.entries(path, text=settings.text):
            if isinstance(entry, PageError):
                yield Outcome(entry.locator, error=entry)
            elif entry.kind is files.Kind.LEFT_OVER:
                yield _swept(entry.path, shelf)
            elif path.is_dir():
                yield Task(entry, root=root)
            elif path.is_file():
                yield Task(replace(entry, relative=Path(path.resolve().name)), root=root)
            else:
                yield Outcome(str(path), error=PageError(str(path), "is a pipe", "name a file or a folder"))


def _swept(path: Path, shelf: Shelf) -> Outcome:
    """What becomes of a temporary file: it goes if its run left a journal and has ended."""
    run = atomic.run_of(path.name)
    if run is None or not shelf.has_ended(run):
        return _left_over(str(path))
    try:
        path.unlink()
    except OSError as error:
        return Outcome(str(path), error=files.unwritable(path, error))
    return Outcome(str(path), note="left over by a run that was stopped; removed")
