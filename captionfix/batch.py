"""Many paths, in one process or several: each file to its outcome, each outcome to its place."""

from __future__ import annotations

import stat
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from captionfix.archives import atomic, files
from captionfix.archives.kinds import refusal
from captionfix.archives.site import Site, open_site
from captionfix.errors import PageError, PictureError, UsageError
from captionfix.model import Finding
from captionfix.pictures.image_loader import PageImages
from captionfix.pipeline import Cleaned, clean_page
from captionfix.processes import spread
from captionfix.report import kinds
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.archives import inplace
    from captionfix.archives.journal_store import Journal, JournalStore

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
        left: what it is, if it is no page and was left alone.
        notes: what the user should know even so, such as a cache that cannot be used.
        bad_pictures: images that rules asked about and that could not be looked at.
        pages: the page before and after, where they were asked for.
        change: how to replace the page, where it is to be replaced.
        is_end: whether it only says that all of a named path has been seen.
    """

    locator: str
    findings: tuple[Finding, ...] | None = None
    changed: bool = False
    error: PageError | None = None
    left: str = ""
    notes: tuple[str, ...] = ()
    bad_pictures: tuple[PictureError, ...] = ()
    pages: tuple[bytes, bytes] | None = None
    change: inplace.Change | None = None
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class PageTask:
    """A file to work on.

    Attributes:
        place: where it stands.
        target: where its cleaned copy goes, if anywhere.
        root: the folder it stands below, by its place in the journal, where it is to be replaced.
        number: its place in the run.
    """

    place: files.InputFile
    target: str = ""
    root: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What replacing pages where they are needs to know of its run.

    Attributes:
        run: its name.
        roots: the folders of its journal.
    """

    run: str
    roots: tuple[Path, ...]

    def aim(self, task: PageTask) -> inplace.Aim:
        """Return where a file's new bytes go."""
        root = self.roots[task.root]
        below = task.place.below or Path(task.place.named).resolve().name
        through = atomic.temporary(root / below, self.run, task.number)
        from captionfix.archives import inplace

        return inplace.Aim(str(task.place.path), task.root, root, PurePosixPath(Path(below).as_posix()), through)


class Worker:
    """Does the work in one process; what is costly to make is made once, here.

    Args:
        settings: what to look for and how far to go.
        with_pages: whether outcomes carry the pages themselves.
        rewrite: the run that replaces the pages, if one does; their new bytes are then written beside them.
    """

    def __init__(self, settings: Settings, *, with_pages: bool = False, rewrite: Rewrite | None = None) -> None:
        self._settings = settings
        self._with_pages = with_pages
        self._rewrite = rewrite
        self._site: tuple[str, Site] | None = None

    def __call__(self, task: PageTask | Outcome) -> Outcome:
        """Return what becomes of a file; what is known already stays as it is."""
        if isinstance(task, Outcome):
            return task
        try:
            entry = files.look(task.place, text=self._settings.text, encoding=self._settings.encoding)
            if not entry.is_page:
                return _left(entry, task)
            site = self._site_of(str(task.place.named))
            page_images = site.page(entry.path)
            if self._rewrite is not None:
                outcome = self._beside(entry, self._rewrite.aim(task), page_images)
            else:
                outcome = self._copied(entry, task.target, page_images)
        except PageError as error:
            return Outcome(str(task.place.path), error=error)
        except OSError as error:
            return Outcome(str(task.place.path), error=files.unusable(task.place.path, error))
        troubles = site.loader.take_troubles()
        return replace(outcome, notes=tuple(troubles)) if troubles else outcome

    def _site_of(self, named: str) -> Site:
        """The files below a named path: paths come one after the other, so that one site is open at a time."""
        if self._site is None or self._site[0] != named:
            self._site = named, open_site(Path(named), self._settings)
        return self._site[1]

    def page(self, raw: bytes, locator: str, kind: files.Kind) -> Outcome:
        """Return what becomes of a page.

        Args:
            raw: the page.
            locator: its name.
            kind: HTML, XHTML, text, or a stream of which that is not known yet.
        """
        return self._told(locator, *self._cleaned(raw, locator, kind))

    def _copied(self, entry: files.Entry, target: str, page_images: PageImages | None) -> Outcome:
        raw = files.read(entry.path)
        cleaned, error = self._cleaned(raw, str(entry.path), entry.kind, page_images)
        if target:
            files.write(Path(target), cleaned.result if cleaned is not None else raw, entry.path)
        return self._told(str(entry.path), cleaned, error)

    def _beside(self, entry: files.Entry, aim: inplace.Aim, page_images: PageImages | None) -> Outcome:
        from captionfix.archives import inplace

        reading = inplace.read(aim.path, aim.locator)
        cleaned, error = self._cleaned(reading.data, aim.locator, entry.kind, page_images)
        outcome = self._told(aim.locator, cleaned, error)
        if cleaned is None or not cleaned.changed:
            return outcome
        return replace(outcome, change=inplace.begin(aim, reading, cleaned.edits))

    def _cleaned(
        self, raw: bytes, locator: str, kind: files.Kind, page_images: PageImages | None = None
    ) -> tuple[Cleaned | None, PageError | None]:
        if kind is files.Kind.STREAM:
            kind = files.kind_of_stream(raw, self._settings.encoding)
        text, xml = kind is files.Kind.TEXT, kind is files.Kind.XHTML
        try:
            return clean_page(raw, self._settings, locator=locator, text=text, xml=xml, page_images=page_images), None
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
        return Outcome(
            locator, cleaned.findings, cleaned.changed, error, pages=pages, bad_pictures=cleaned.bad_pictures
        )


def _left(entry: files.Entry, task: PageTask) -> Outcome:
    """What becomes of a file that is no page: refused where the user named it, else left alone and copied."""
    locator = str(entry.path)
    if entry.kind is files.Kind.LEFT_OVER:
        return _left_over(locator)
    if entry.format is not None and not task.place.below:
        return Outcome(locator, error=refusal(locator, entry.format))
    if task.target:
        files.copy(entry, Path(task.target))
    if entry.format is None:
        return Outcome(locator, left=_UNREAD[entry.kind])
    is_odd = files.is_called_page(entry.path.name)
    notes = (f"{locator}: is called a page, but is {entry.format.name}; left alone",) if is_odd else ()
    return Outcome(locator, left=entry.format.name, notes=notes)


def _left_over(locator: str) -> Outcome:
    return Outcome(locator, notes=(f"{locator}: is a temporary file of a run that goes on or was stopped; left alone",))


_UNREAD = {files.Kind.LINK: "a link", files.Kind.SPECIAL: "a special file"}


def _lost(rewrite: Rewrite | None, task: PageTask | Outcome) -> Outcome:
    """A file that ended the process that worked on it."""
    if isinstance(task, Outcome):
        return task
    for path in _half_done(task, rewrite):
        path.unlink(missing_ok=True)
    locator = str(task.place.path)
    cause = "ended the process that worked on it (killed, or out of memory)"
    return Outcome(
        locator, error=PageError(locator, cause, "it was left as it is; clean it on its own or leave it out")
    )


def _half_done(task: PageTask, rewrite: Rewrite | None) -> Iterator[Path]:
    """The temporary files that a worker may have been at when it was stopped."""
    if rewrite is not None:
        yield rewrite.aim(task).through
    elif task.target:
        yield from files.left_over(Path(task.target).parent)


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
    with closing(_worked(worker, _tasks(paths, targets), jobs, None)) as outcomes:
        yield from _with_empty_folders(outcomes)


def _with_empty_folders(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Outcomes, and a note behind those of each folder in which nothing was a page."""
    has_page, others = False, Counter[str]()
    for outcome in outcomes:
        if not outcome.is_end:
            has_page |= outcome.findings is not None or outcome.error is not None
            others += Counter([outcome.left] if outcome.left else [])
            yield outcome
            continue
        if not has_page and Path(outcome.locator).is_dir():
            held = f"what is there: {kinds(others)}" if others else "it holds no files"
            yield Outcome(outcome.locator, notes=(f"{outcome.locator}: holds no page; {held}",))
        has_page, others = False, Counter()


def _worked(
    worker: Callable[[], Worker], tasks: Iterable[PageTask | Outcome], jobs: int, rewrite: Rewrite | None
) -> Generator[Outcome, None, None]:
    """What becomes of tasks; nothing half done is left where they are cut short."""
    begun: deque[PageTask | Outcome] = deque()

    def noted() -> Iterator[PageTask | Outcome]:
        for task in tasks:
            begun.append(task)
            yield task

    try:
        with closing(spread(worker, noted(), jobs, partial(_lost, rewrite))) as outcomes:
            for outcome in outcomes:
                yield outcome
                begun.popleft()
    finally:
        for task in begun:
            for path in _half_done(task, rewrite) if isinstance(task, PageTask) else ():
                path.unlink(missing_ok=True)


def _tasks(paths: Sequence[Path], targets: dict[Path, Path]) -> Iterator[PageTask | Outcome]:
    for path in paths:
        target = targets.get(path)
        if target is not None and path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        for place in files.places(path):
            if isinstance(place, PageError):
                yield Outcome(place.locator, error=place)
            else:
                yield PageTask(place, str(target / place.below) if target is not None else "")
        yield Outcome(str(path), is_end=True)


def rewrite(paths: Sequence[Path], settings: Settings) -> Generator[Outcome, None, None]:
    """Yield what becomes of files that are mended where they are; nothing else is written.

    Args:
        paths: files, as a pre-commit hook is given them.
        settings: what to look for and how far to go.
    """
    for path in paths:
        for outcome in run([path], replace(settings, cache=False), with_pages=True):
            if outcome.changed and outcome.pages is not None:
                try:
                    files.overwrite(Path(outcome.locator), outcome.pages[1])
                except PageError as error:
                    yield Outcome(outcome.locator, error=error)
                    continue
            yield outcome


def journal_for(paths: Sequence[Path], journals: JournalStore, version: str) -> Journal:
    """Return the journal of a run that replaces pages below paths.

    Args:
        paths: files and folders.
        journals: where journals are kept.
        version: this captionfix.

    Raises:
        UsageError: a page could be met twice, or the journal would stand among the pages.
    """
    places = [path.resolve() for path in paths]
    for at, place in enumerate(places):
        for other in (*places[:at], *places[at + 1 :]):
            if place.is_relative_to(other):
                raise UsageError(f"{paths[at]}: is named twice, or lies inside another path; name each page once")
        if journals.folder.resolve().is_relative_to(place):
            raise UsageError(f"{paths[at]}: holds the journals ({journals.folder}); name another --state-dir")
    roots = [place if place.is_dir() else place.parent for place in places]
    from captionfix.archives.journal_store import Journal

    return Journal(journals.folder, tuple(roots), version)


def replace_pages(
    paths: Sequence[Path], settings: Settings, journal: Journal, journals: JournalStore, *, jobs: int = 1
) -> Generator[Outcome, None, None]:
    """Yield what becomes of pages that are replaced where they are, in order.

    Args:
        paths: files and folders, as `journal_for` was given them.
        settings: what to look for and how far to go.
        journal: where to write down how to take it back.
        journals: where journals are kept, to tell what stopped runs left over.
        jobs: how many processes work; 0 takes as many as there are cores.

    Raises:
        JournalError: the journal cannot be written; the pages told so far are done, no other was replaced.
    """
    rewrite = Rewrite(journal.run, journal.roots)
    worker = partial(Worker, settings, rewrite=rewrite)
    with journal, closing(_worked(worker, _in_place(paths, journals), jobs, rewrite)) as outcomes:
        group: list[Outcome] = []
        try:
            for outcome in _with_empty_folders(outcomes):
                group.append(outcome)
                if len(group) == _GROUP:
                    yield from _replaced(group, journal)
                    group.clear()
            yield from _replaced(group, journal)
            journals.clear(journal.roots)
        finally:
            for change in _changes(group):
                change.through.unlink(missing_ok=True)


def _changes(outcomes: Iterable[Outcome]) -> list[inplace.Change]:
    return [outcome.change for outcome in outcomes if outcome.change is not None]


def _replaced(group: Sequence[Outcome], journal: Journal) -> list[Outcome]:
    from captionfix.archives import inplace

    errors = inplace.replace(_changes(group), journal)
    return [
        outcome if (error := errors.get(outcome.locator)) is None else Outcome(outcome.locator, error=error)
        for outcome in group
    ]


def _in_place(paths: Sequence[Path], journals: JournalStore) -> Iterator[PageTask | Outcome]:
    for folder in dict.fromkeys(path.resolve().parent for path in paths if not path.is_dir()):
        yield from (_swept(path, journals) for path in files.left_over(folder))
    numbers = count()
    for root, path in enumerate(paths):
        for place in files.places(path):
            if isinstance(place, PageError):
                yield Outcome(place.locator, error=place)
            elif atomic.is_temporary(place.name) and _is_file(place.path):
                yield _swept(place.path, journals)
            else:
                yield PageTask(place, root=root, number=next(numbers))
        yield Outcome(str(path), is_end=True)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _swept(path: Path, journals: JournalStore) -> Outcome:
    """What becomes of a temporary file: it goes if its run left a journal and has ended."""
    run = atomic.run_of(path.name)
    if not (atomic.is_abandoned(path) if run is None else journals.has_ended(run)):
        return _left_over(str(path))
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        return Outcome(str(path), error=files.unwritable(path, error))
    return Outcome(str(path), notes=(f"{path}: left over by a run that was stopped; removed",))
