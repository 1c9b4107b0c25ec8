"""Many paths, in one process or several: each file to its outcome, each outcome to its place."""

from __future__ import annotations

import stat
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from captionfix.archives import atomic, files
from captionfix.archives.choosing import LeftOut, choose, held_by
from captionfix.archives.whole import Beside, WholeChange
from captionfix.archives.whole import replace as replace_whole
from captionfix.containers.members import Form
from captionfix.errors import NotAPageError, PageError, UsageError
from captionfix.formatting import kinds
from captionfix.runs.copying import Copies, Output
from captionfix.runs.processes import spread
from captionfix.settings import Settings
from captionfix.shards import Shard, Step, ToStream, shard_of, shard_of_pipe
from captionfix.workers import Carried, MemberTask, Outcome, PageTask, Request, Rewrite, Worker, left_over

if TYPE_CHECKING:
    from captionfix.archives import inplace
    from captionfix.archives.journal_store import Journal, JournalStore

_PLAIN = Request()
_GROUP = 16
"""Pages replaced together share the waiting for the disk; with more, more of them are in doubt when a run is killed."""


def _lost(rewrite: Rewrite | None, task: PageTask | MemberTask | Outcome) -> Outcome:
    """A file or a member that ended the process that worked on it."""
    if isinstance(task, Outcome):
        return task
    for path in _half_done(task, rewrite) if isinstance(task, PageTask) else ():
        path.unlink(missing_ok=True)
    within, locator = (
        (task.within, task.within.locator) if isinstance(task, MemberTask) else (None, str(task.place.path))
    )
    cause = "ended the process that worked on it (killed, or out of memory)"
    error = PageError(locator, cause, "it was left as it is; clean it on its own or leave it out")
    return Outcome(locator, error=error, within=within)


def _half_done(task: PageTask, rewrite: Rewrite | None) -> Iterator[Path]:
    """The temporary files that a worker may have been at when it was stopped."""
    if rewrite is not None:
        yield rewrite.aim(task).through
    elif task.target:
        yield from files.left_over(Path(task.target).parent)


def run(
    paths: Sequence[Path],
    settings: Settings,
    out: Path | Output | BinaryIO | None = None,
    *,
    jobs: int = 1,
    request: Request = _PLAIN,
) -> Generator[Outcome, None, None]:
    """Yield what becomes of every file below the paths, in order; write cleaned copies if asked.

    A page that cannot be read never stops the others; where its bytes are
    there, they go into the copy as they are.

    Args:
        paths: files and folders.
        settings: what to look for and how far to go.
        out: where the cleaned copy goes, and what may stand there already; a stream takes that of one container only,
            and None writes nothing.
        jobs: how many processes work; 0 takes as many as there are cores.
        request: what is asked besides.

    Raises:
        UsageError: the output does not fit the paths; nothing has been written yet.
    """
    to = Copies.of(paths, out, settings)
    worker = partial(Worker, settings, request=request)
    with closing(_worked(worker, _steps(paths, settings, to), jobs, None)) as outcomes:
        yield from _with_empty_folders(outcomes)
    to.finish()


def _with_empty_folders(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Outcomes, and a note behind those of each folder in which nothing was a page."""
    has_page, others = False, Counter[str]()
    for outcome in outcomes:
        if not outcome.is_end:
            has_page |= outcome.findings is not None or outcome.error is not None
            has_page |= bool(outcome.left_out) or outcome.is_done
            others += Counter([outcome.left] if outcome.left else [])
            yield outcome
            continue
        if not has_page and Path(outcome.locator).is_dir():
            held = f"what is there: {kinds(others)}" if others else "it is empty"
            yield Outcome(outcome.locator, notes=(f"{outcome.locator}: contains no pages; {held}",))
        has_page, others = False, Counter()


@dataclass(frozen=True, slots=True)
class Pipe:
    """What comes through a pipe.

    Attributes:
        stream: its bytes.
        name: the file that a page in it would be, whose name, place and project then count.
    """

    stream: IO[bytes]
    name: str = ""


def run_pipe(
    pipe: Pipe,
    settings: Settings,
    *,
    jobs: int = 1,
    request: Request = _PLAIN,
    out: BinaryIO | None = None,
) -> Generator[Outcome, None, None]:
    """Yield what becomes of what comes through a pipe: a page, or a container.

    Args:
        pipe: the pipe.
        settings: what to look for and how far to go.
        jobs: how many processes work; 0 takes as many as there are cores.
        request: what is asked besides.
        out: where the cleaned copy of a container goes, if anywhere.
    """
    found = shard_of_pipe(pipe.stream, settings, ToStream(out) if out is not None else None)
    worker = partial(Worker, settings, request=request)
    if isinstance(found, Outcome):
        yield found
    elif isinstance(found, Shard):
        with closing(_worked(worker, found.steps(), jobs, None)) as outcomes:
            yield from outcomes
    else:
        raw = found.read()
        chosen = [*choose(Path(pipe.name), settings)] if pipe.name and settings.force_exclude else []
        if chosen and isinstance(chosen[0], LeftOut):
            yield Outcome(
                pipe.name, left_out=chosen[0].by, pages=(raw, raw) if request.carried is Carried.PAGES else None
            )
        else:
            yield worker().page(raw, pipe.name)


def _worked(
    worker: Callable[[], Worker], steps: Iterable[Step], jobs: int, rewrite: Rewrite | None
) -> Generator[Outcome, None, None]:
    """What becomes of steps; nothing half done is left where they are cut short."""
    begun: deque[Step] = deque()
    shards: set[Shard] = set()

    def noted() -> Iterator[PageTask | MemberTask | Outcome]:
        for step in steps:
            begun.append(step)
            shards.update([step.shard] if step.shard is not None else [])
            yield step.task

    try:
        with closing(spread(worker, noted(), jobs, partial(_lost, rewrite))) as outcomes:
            for outcome in outcomes:
                step = begun[0]
                yield from (outcome,) if step.shard is None else step.shard.settle(step, outcome)
                begun.popleft()
                if step.shard is not None and step.member is None:
                    step.shard.close()
                    shards.discard(step.shard)
    finally:
        for shard in shards:
            shard.close()
        for step in begun:
            for path in _half_done(step.task, rewrite) if isinstance(step.task, PageTask) else ():
                path.unlink(missing_ok=True)


def _steps(paths: Sequence[Path], settings: Settings, to: Copies) -> Iterator[Step]:
    to.begin()
    for path in paths:
        if path in to.targets and path.is_dir():
            to.targets[path].mkdir(parents=True, exist_ok=True)
        for place in choose(path, settings):
            if isinstance(place, PageError):
                yield Step(Outcome(place.locator, error=place))
            elif isinstance(place, LeftOut):
                yield from _left_out(path, place, to)
            else:
                yield from _steps_of(place, to.of_place(path, place), settings, to)
        yield Step(Outcome(str(path), is_end=True))


def _steps_of(place: files.InputFile, target: Path | None, settings: Settings, to: Copies) -> Iterator[Step]:
    if to.is_done(place, target):
        yield Step(Outcome(str(place.path), is_done=True))
        return
    shard = shard_of(place, settings, partial(to.sink, place, target))
    if shard is None:
        yield Step(PageTask(place, str(target or "")))
    else:
        yield from shard.steps() if isinstance(shard, Shard) else (Step(shard),)


def _left_out(path: Path, left: LeftOut, to: Copies) -> Iterator[Step]:
    """What is not read, told once; a copy holds it as it is."""
    for place in held_by(left) if path in to.targets else ():
        if isinstance(place, PageError):
            yield Step(Outcome(place.locator, error=place))
        elif not to.is_done(place, target := to.of_place(path, place)):
            yield Step(PageTask(place, str(target), is_left_out=True))
    yield Step(Outcome(str(left.place.path), left_out=left.by))


def rewrite(paths: Sequence[Path], settings: Settings, *, only_check: bool = False) -> Generator[Outcome, None, None]:
    """Yield what becomes of files that are fixed where they are; nothing else is written, containers are refused.

    Args:
        paths: files, as a pre-commit hook is given them.
        settings: what to look for and how far to go.
        only_check: whether to write nothing at all.
    """
    worker = Worker(replace(settings, cache=False), request=Request(Carried.NOTHING if only_check else Carried.PAGES))
    for path in paths:
        (place,) = choose(path, settings)
        if isinstance(place, LeftOut):
            yield Outcome(str(path), left_out=place.by)
            continue
        outcome = worker(PageTask(files.InputFile(str(path))))
        if outcome.changed and outcome.pages is not None:
            try:
                files.overwrite(Path(outcome.locator), outcome.pages[1])
            except PageError as error:
                outcome = Outcome(outcome.locator, error=error)
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
    paths: Sequence[Path],
    settings: Settings,
    journal: Journal,
    journals: JournalStore,
    *,
    jobs: int = 1,
    request: Request = _PLAIN,
) -> Generator[Outcome, None, None]:
    """Yield what becomes of pages that are replaced where they are, in order.

    Args:
        paths: files and folders, as `journal_for` was given them.
        settings: what to look for and how far to go.
        journal: where to write down how to take it back.
        journals: where journals are kept, to tell what stopped runs left over.
        jobs: how many processes work; 0 takes as many as there are cores.
        request: what is asked besides.

    Raises:
        JournalError: the journal cannot be written; the pages told so far are done, no other was replaced.
    """
    rewrite = Rewrite(journal.run, journal.roots)
    worker = partial(Worker, settings, request=request, rewrite=rewrite)
    with (
        journal,
        closing(_worked(worker, _in_place(paths, settings, journals, rewrite.aim), jobs, rewrite)) as outcomes,
    ):
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


def _changes(outcomes: Iterable[Outcome]) -> list[inplace.Change | WholeChange]:
    return [outcome.change for outcome in outcomes if outcome.change is not None]


def _replaced(group: Sequence[Outcome], journal: Journal) -> list[Outcome]:
    from captionfix.archives import inplace

    changes = _changes(group)
    errors = inplace.replace([change for change in changes if not isinstance(change, WholeChange)], journal)
    for change in changes:
        if isinstance(change, WholeChange) and (error := replace_whole(change, journal)) is not None:
            errors[change.locator] = error
    return [
        outcome if (error := errors.get(outcome.locator)) is None else Outcome(outcome.locator, error=error)
        for outcome in group
    ]


def _in_place(
    paths: Sequence[Path], settings: Settings, journals: JournalStore, aim: Callable[[PageTask], inplace.Aim]
) -> Iterator[Step]:
    for folder in dict.fromkeys(path.resolve().parent for path in paths if not path.is_dir()):
        yield from (Step(_swept(path, journals)) for path in files.left_over(folder))
    numbers = count()
    for root, path in enumerate(paths):
        for place in choose(path, settings):
            if isinstance(place, PageError):
                yield Step(Outcome(place.locator, error=place))
            elif isinstance(place, LeftOut):
                yield Step(Outcome(str(place.place.path), left_out=place.by))
            elif atomic.is_temporary(place.name) and _is_file(place.path):
                yield Step(_swept(place.path, journals))
            else:
                yield from _replacing(PageTask(place, root=root, number=next(numbers)), settings, aim)
        yield Step(Outcome(str(path), is_end=True))


def _replacing(task: PageTask, settings: Settings, aim: Callable[[PageTask], inplace.Aim]) -> Iterator[Step]:
    """What is done to a file that may be a container."""

    def beside(form: Form) -> Beside:
        if not form.in_place:
            raise NotAPageError(str(task.place.path), f"is {form.noun}, which is not replaced where it is", _COPY)
        to = aim(task)
        return Beside(to.locator, to.path, to.through, to.root, to.below)

    shard = shard_of(task.place, settings, beside)
    if shard is None:
        yield Step(task)
    else:
        yield from shard.steps() if isinstance(shard, Shard) else (Step(shard),)


_COPY = "name an output for its copy, -o OUT"


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _swept(path: Path, journals: JournalStore) -> Outcome:
    """What becomes of a temporary file: it goes if its run left a journal and has ended."""
    run = atomic.run_of(path.name)
    try:
        if run is None:
            goes = atomic.remove_abandoned(path)
        elif goes := journals.has_ended(run):
            path.unlink(missing_ok=True)
    except OSError as error:
        return Outcome(str(path), error=files.unwritable(path, error))
    if not goes:
        return left_over(str(path))
    return Outcome(str(path), notes=(f"{path}: left over by an interrupted run; removed",))
