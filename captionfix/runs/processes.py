"""One kind of work over many items, in this process or in several, results in the order of the items.

The work on an item has to be harmless to do twice: the items of a worker that
is lost are done again, each alone, and the one that ends its process is named.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Done = TypeVar("Done")

BATCH = 16
"""Items that travel together: two processes that check 5,000 small pages took 7.8 s of CPU time with 1, 5.9 with 4, 4.6
with 16 and 4.2 with 64, of which a slow page holds up more."""
_AHEAD = 4 * BATCH
"""Items begun for each worker; what is done early waits there for its turn, and no more than that is held."""
_KEPT = 2**23
"""Bytes of a block that a C library is to keep for the next item: an image of two megapixels."""
_MOST = 61
"""Windows waits for no more processes at once (concurrent.futures)."""


def cores() -> int:
    """Return how many processes can run at once here.

    >>> cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    start: Callable[[], Callable[[Item], Done]],
    items: Iterable[Item],
    jobs: int,
    lost: Callable[[Item], Done],
) -> Generator[Done, None, None]:
    """Yield what becomes of items, in their order.

    Closing the iterator ends all processes at once. Items are asked for no
    further ahead than the workers need.

    Args:
        start: makes the function that does the work, once in each process; what
            it returns may hold what is costly to make.
        items: what to work on; with several processes they and the results travel.
        jobs: how many processes; 1 stays in this one, 0 takes as many as there are cores.
        lost: what becomes of an item that ends the process that works on it.

    >>> list(spread(lambda: str.upper, ["a", "b"], 1, repr))
    ['A', 'B']
    """
    with closing(WorkerPool(jobs)) as workers:
        yield from workers.spread(start, items, lost)


class WorkerPool:
    """Processes for one kind of work after another, begun when there is enough to do.

    Args:
        jobs: how many; 1 stays in this process, 0 takes as many as there are cores.

    >>> workers = WorkerPool(1)
    >>> [*workers.spread(lambda: str.upper, "ab", repr), *workers.spread(lambda: ord, "a", repr)]
    ['A', 'B', 97]
    >>> workers.close()
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = min(jobs or cores(), _MOST)
        self._work: _Spreading[Any, Any] | None = None
        self._kinds = 0
        self._is_done = True

    def spread(
        self,
        start: Callable[[], Callable[[Item], Done]],
        items: Iterable[Item],
        lost: Callable[[Item], Done],
        *,
        together: int = BATCH,
    ) -> Generator[Done, None, None]:
        """Yield what becomes of items, in their order; see `spread`.

        Args:
            start: makes the function that does the work.
            items: what to work on.
            lost: what becomes of an item that ends the process that works on it.
            together: items that travel together.
        """
        _keep_memory()
        rest = iter(items)
        enough = BATCH if self._work is None else together
        first = list(islice(rest, enough))
        everything = chain(first, rest)
        if self._jobs == 1 or len(first) < enough:
            yield from map(start(), everything)
            return
        self._kinds += 1
        self._is_done = False
        pool = self._work.pool if self._work is not None else None
        self._work = _Spreading(_Kind(self._kinds, start, together), self._jobs, lost, pool)
        yield from self._work.results(everything)
        self._is_done = True

    def close(self) -> None:
        """End all processes: after what they hold has been put away, or at once where work was cut short."""
        if self._work is not None:
            self._work.close(gently=self._is_done)
            self._work = None


class _Kind(NamedTuple):
    """One kind of work: its number, by which a process knows what it has made ready, what makes it, items at once."""

    number: int
    start: Callable[[], Callable[[Any], Any]]
    together: int


class _Spreading(Generic[Item, Done]):
    """One kind of work over many items, and the processes that are at it."""

    def __init__(self, kind: _Kind, jobs: int, lost: Callable[[Item], Done], pool: _Pool | None) -> None:
        self._kind, self._jobs, self._lost = kind, jobs, lost
        self.pool = pool
        self._single: _Pool | None = None

    def results(self, items: Iterator[Item]) -> Iterator[Done]:
        """Yield what becomes of items; see `spread`."""
        waiting: deque[tuple[list[Item], Future[list[Done]]]] = deque()
        batch = self._batch(items)
        while batch or waiting:
            while batch and len(waiting) * self._kind.together < self._jobs * _AHEAD:
                waiting.append((batch, self._begun(batch)))
                batch = self._batch(items)
            try:
                done = waiting[0][1].result()
            except BrokenProcessPool:
                waiting = deque(self._again(waiting))
                done = waiting[0][1].result()
            waiting.popleft()
            yield from done

    def _batch(self, items: Iterator[Item]) -> list[Item]:
        return list(islice(items, self._kind.together))

    def _begun(self, batch: list[Item]) -> Future[list[Done]]:
        if self.pool is None:
            self.pool = _Pool(self._jobs)
        try:
            return self.pool.submit(self._kind, batch)
        except BrokenProcessPool as error:
            future: Future[list[Done]] = Future()
            future.set_exception(error)
            return future

    def _again(
        self, waiting: Iterable[tuple[list[Item], Future[list[Done]]]]
    ) -> Iterator[tuple[list[Item], Future[list[Done]]]]:
        """All batches done, the broken ones item by item, while no other process works."""
        if self.pool is not None:
            self.pool.close(gently=False)
            self.pool = None
        for batch, begun in waiting:
            future = begun
            if begun.cancelled() or begun.exception() is not None:
                future = Future()
                future.set_result([self._alone(item) for item in batch])
            yield batch, future
        if self._single is not None:
            self._single.close(gently=True)
            self._single = None

    def _alone(self, item: Item) -> Done:
        """An item in a process of its own, so that no other can be the one that ends it."""
        if self._single is None:
            self._single = _Pool(1)
        try:
            found: list[Done] = self._single.submit(self._kind, [item]).result()
        except BrokenProcessPool:
            self._single.close(gently=False)
            self._single = None
            return self._lost(item)
        return found[0]

    def close(self, *, gently: bool) -> None:
        """End all processes."""
        for pool in (self.pool, self._single):
            if pool is not None:
                pool.close(gently=gently)


class _Pool:
    """Processes on a leash: they end with this process, however it ends."""

    def __init__(self, jobs: int) -> None:
        context = multiprocessing.get_context("spawn")
        held, self._leash = context.Pipe(duplex=False)
        self._held = held
        self._executor = ProcessPoolExecutor(jobs, context, _begin_work, (held,))

    def submit(self, kind: _Kind, batch: list[Any]) -> Future[list[Any]]:
        """Have a batch done by a process that makes ready for its kind of work, if it has not."""
        with _without_interrupts(), _without_main():
            return self._executor.submit(_do, kind, batch)

    def close(self, *, gently: bool) -> None:
        """End the processes: after what they hold has been put away, or at once."""
        if gently:
            self._executor.shutdown()
        self._leash.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._held.close()


def _without_interrupts() -> AbstractContextManager[None]:
    """Ctrl-C goes to the process that asked; those it starts are born deaf to it."""
    return _masked() if hasattr(signal, "pthread_sigmask") else nullcontext()


@contextmanager
def _masked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _without_main() -> Iterator[None]:
    """What is begun meanwhile does not load the program that runs: it needs nothing of it, and loading takes its time.

    A new process loads what ``__spec__`` or ``__file__`` of the main module name (`multiprocessing.spawn`).
    """
    main = vars(sys.modules["__main__"])
    names: dict[str, Any] = {name: main[name] for name in ("__spec__", "__file__") if name in main}
    main.update(dict.fromkeys(names))
    try:
        yield
    finally:
        main.update(names)


def _keep_memory() -> None:
    """Have what one item frees kept for the next one.

    The GNU C library gives freed memory back to the system and asks for it anew, page by page, until a program has
    freed a block as large as this one (mallopt(3), M_MMAP_THRESHOLD): of the CPU time of 3,000 small images, 15 %.
    """
    bytes(_KEPT)


_ready: tuple[int, Callable[[Any], Any]] | None = None
"""The kind of work that this process is ready for, and what does it."""


def _begin_work(held: Connection) -> None:
    """Make ready in a new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_memory()
    threading.Thread(target=_end_with, args=(held,), daemon=True).start()


def _end_with(held: Connection) -> None:
    try:
        held.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _do(kind: _Kind, batch: list[Any]) -> list[Any]:
    global _ready  # noqa: PLW0603 a process works for one run only
    if _ready is None or _ready[0] != kind.number:
        _ready = None  # what the last kind of work holds goes before
        _ready = kind.number, kind.start()
    work = _ready[1]
    return [work(item) for item in batch]
