"""Containers of a run: their members become tasks, and what becomes of those goes back into a container of the kind."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from captionfix.archives import atomic, files
from captionfix.archives.kinds import MARKUP, may_be_page, sniff
from captionfix.archives.whole import WholeChange
from captionfix.containers import form_of, open_container
from captionfix.containers.members import HEAD, Container, Form, Member, Writer
from captionfix.containers.source import Source, Spool, of_file
from captionfix.errors import ContainerError, MissingExtraError, NotAPageError, PageError
from captionfix.model import Edit
from captionfix.settings import Settings
from captionfix.workers import MemberTask, Outcome, PageTask, Within

_HTML = frozenset(("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"))
_TEXT = "text/plain"
_UNTOLD = frozenset(("", "application/octet-stream", "unknown/unknown", "application/unknown"))
"""Media types that say nothing (mimesniff.spec.whatwg.org, section 5.1)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A task of a run, with the container it is part of.

    Attributes:
        task: what is to be worked on, or an outcome that is known already.
        shard: the container, if it is part of one.
        member: the member of it; without one, it is the container's end.
    """

    task: PageTask | MemberTask | Outcome
    shard: Shard | None = None
    member: Member | None = None

    @property
    def is_end(self) -> bool:
        """Whether all of a container has been seen."""
        return self.shard is not None and self.member is None


_USUAL = frozenset(("a link", "a special file"))
"""What is left alone without a word, in containers as in folders."""


class Sink(Protocol):
    """Where a container's copy goes."""

    is_copy: bool
    """Whether there is to be one of a container in which nothing changes, too."""
    change: WholeChange | None
    """How the container is to be replaced by it, once it is committed."""

    def open(self) -> BinaryIO:
        """Begin it."""

    def commit(self) -> None:
        """Make it stand whole under its name."""

    def discard(self) -> None:
        """Leave nothing of it, if it was not committed."""


class ToFile:
    """A copy under a name of its own.

    Args:
        target: where.
        like: whose mode and times it gets.
    """

    is_copy = True
    change: WholeChange | None = None

    def __init__(self, target: Path, like: Path) -> None:
        self._target, self._like = target, like
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        self._name = ""

    def open(self) -> BinaryIO:
        """Begin it."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._file, self._name = self._stack.enter_context(atomic.new_beside(self._target))
        return self._file

    def commit(self) -> None:
        """Make it stand whole under its name."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            shutil.copystat(self._like, self._name)
            self._stack.close()
            self._file = None

    def discard(self) -> None:
        """Leave nothing of it, if it was not committed."""
        if self._file is not None:
            self._file = None
            stopped = InterruptedError()
            with suppress(OSError):  # what could not be written cannot be written now either
                self._stack.__exit__(InterruptedError, stopped, None)


class ToStream:
    """A copy on standard output.

    Args:
        stream: where it goes.
    """

    is_copy = True
    change: WholeChange | None = None

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def open(self) -> BinaryIO:
        """Begin it."""
        return self._stream

    def commit(self) -> None:
        """Send what is held back."""
        self._stream.flush()

    def discard(self) -> None:
        """What was sent stays sent."""


class Shard:
    """A container of a run.

    Args:
        source: the bytes of the container.
        container: it, open.
        settings: what to look for and how far to go.
        sink: where its copy goes, if anywhere.
    """

    def __init__(self, source: Source, container: Container, settings: Settings, sink: Sink | None) -> None:
        self._source, self._container, self._settings, self._sink = source, container, settings, sink
        self._locator = source.locator
        self._writer: Writer | None = None
        self._error: PageError | None = None

    def steps(self) -> Iterator[Step]:
        """Yield what is to be done to its members, in order, and an end."""
        try:
            for member in self._container.members():
                yield Step(self._task(member), self, member)
        except ContainerError as error:
            yield Step(Outcome(self._locator, error=error))
        except OSError as error:
            yield Step(Outcome(self._locator, error=files.unusable(Path(self._locator), error)))
        yield Step(Outcome(self._locator), self)

    def settle(self, step: Step, outcome: Outcome) -> Iterator[Outcome]:
        """Take what became of a step; yield what is to be told."""
        if step.member is None:
            yield from self._finished()
            return
        if outcome.cleaned is not None and self._sink is not None:
            self._put(self._sink, step.member, *outcome.cleaned)
            outcome = replace(outcome, cleaned=None)
        yield outcome

    def close(self) -> None:
        """Leave nothing half done, and nothing open."""
        if self._sink is not None:
            self._sink.discard()
        self._container.close()
        self._source.close()

    def _task(self, member: Member) -> MemberTask | Outcome:
        within = Within(self._locator, member.name, member.at)
        locator = within.locator
        if member.problem:
            error = PageError(locator, member.problem, "it was left as it is", member.at)
            return Outcome(locator, error=error, within=within)
        if member.left:
            note = () if member.left in _USUAL else (f"{locator}: is {member.left}; left alone",)
            return Outcome(locator, left=member.left, within=within, notes=note)
        kind, called = _kind(member, self._settings)
        if kind is files.Kind.OTHER:
            return Outcome(locator, left=called, within=within)
        try:
            data = member.read(self._settings.max_page_bytes or sys.maxsize - 1)
        except ContainerError as error:
            return Outcome(locator, error=error, within=within)
        beside = self._locator if self._source.is_whole else ""
        return MemberTask(within, data, kind, member.url, member.encoding, self._sink is not None, beside)

    def _put(self, sink: Sink, member: Member, data: bytes, edits: tuple[Edit, ...]) -> None:
        if self._error is None:
            self._error = self._tried(lambda: self._open(sink).put(member, data, edits))

    def _finished(self) -> Iterator[Outcome]:
        """Write what is left, and let the copy take its name."""
        sink = self._sink
        if sink is not None and (self._writer is not None or sink.is_copy):
            self._error = self._error or self._tried(lambda: self._open(sink).finish())
            self._error = self._error or self._tried(sink.commit)
            sink.discard()
        if self._error is not None or (sink is not None and sink.change is not None):
            yield Outcome(self._locator, error=self._error, change=sink.change if sink is not None else None)

    def _open(self, sink: Sink) -> Writer:
        if self._writer is None:
            self._writer = self._container.writer(sink.open())
        return self._writer

    def _tried(self, step: Callable[[], None]) -> PageError | None:
        """Take a step of writing; what goes wrong, goes wrong with this container only."""
        try:
            step()
        except BrokenPipeError:
            raise
        except OSError as error:
            return files.unwritable(Path(self._locator), error)
        except OverflowError as error:
            return PageError(self._locator, str(error), "it was left as it is")
        except PageError as error:
            return error
        return None


def _kind(member: Member, settings: Settings) -> tuple[files.Kind, str]:
    """What a member is, and what it is called where it is no page: by its first bytes, its media type and its name."""
    found = sniff(member.head, complete=len(member.head) < HEAD, encoding=settings.encoding) or MARKUP
    declared = member.declared.partition(";")[0].strip().lower()
    name = member.name.rpartition("/")[2]
    if declared in _UNTOLD:
        kind = files.kind_of(name, found, text=settings.text)
        return kind, files.other_format(name, found, named=False).name
    if may_be_page(found) and declared in _HTML:
        return (files.Kind.HTML if declared == "text/html" else files.Kind.XHTML), ""
    if may_be_page(found) and declared == _TEXT and settings.text:
        return files.Kind.TEXT, ""
    return files.Kind.OTHER, f"a {declared} member" if may_be_page(found) else found.name


def form_of_place(place: files.InputFile) -> tuple[Form, str] | None:
    """Return what container stands at a place, and the packing around it; None where none does.

    Raises:
        MissingExtraError: what unpacks it is not installed.
    """
    path = place.path if place.below else Path(os.path.realpath(place.path))
    try:
        head, _ = atomic.read_head(path, HEAD)
    except OSError:
        return None
    return form_of(head, path.name)


def shard_of(place: files.InputFile, settings: Settings, sink: Callable[[Form], Sink | None]) -> Shard | Outcome | None:
    """Return the container at a place, open; what is wrong with it, or None where none is.

    Args:
        place: a file.
        settings: what to look for and how far to go.
        sink: gives where the copy of a form goes, if anywhere.
    """
    locator = str(place.path)
    try:
        found = form_of_place(place)
        if found is None or (place.below and found[0].asks and not settings.field):
            return None
        form, packing = found
        to, source = sink(form), of_file(place.path, packing)
        return Shard(source, open_container(form, source, settings), settings, to)
    except (NotAPageError, MissingExtraError) as error:
        return None if place.below else _refused(locator, error)
    except ContainerError as error:
        return Outcome(locator, error=error)
    except OSError as error:
        return Outcome(locator, error=files.unusable(place.path, error))


def shard_of_pipe(pipe: IO[bytes], settings: Settings, sink: Sink | None) -> Shard | Outcome | BinaryIO:
    """Return the container that comes through a pipe, open; where none does, the bytes to be read from the start.

    Args:
        pipe: the pipe.
        settings: what to look for and how far to go.
        sink: where its copy goes, if anywhere.
    """
    spool = Spool(pipe)
    head = spool.open().read(HEAD)
    try:
        found = form_of(head)
        if found is None:
            return spool.open()
        form, packing = found
        source = Source("-", spool.open, packing, is_whole=False, close=spool.close)
        return Shard(source, open_container(form, source, settings), settings, sink)
    except (MissingExtraError, PageError) as error:
        return _refused("-", error)


def _refused(locator: str, error: MissingExtraError | PageError) -> Outcome:
    if isinstance(error, MissingExtraError):
        error = PageError(locator, f"cannot be read: {error.what} needs an extra", error.hint)
    return Outcome(locator, error=error)
