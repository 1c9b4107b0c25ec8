"""What cleaning pages costs an event loop: called as it is, and through asyncio.to_thread.

    python benchmarks/asyncio_lag.py FOLDER [--pages 100]

A task that wants to run every millisecond notes how late it is. Figures are wall time.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from captionfix import CaptionfixError, Cleaner

WAIT = 0.001


async def watch(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + WAIT
        await asyncio.sleep(WAIT)
        late.append(time.perf_counter() - due)


async def directly(cleaner: Cleaner, page: bytes) -> None:
    cleaner.clean(page)
    await asyncio.sleep(0)


async def in_thread(cleaner: Cleaner, page: bytes) -> None:
    await asyncio.to_thread(cleaner.clean, page)


async def run(pages: list[bytes], way: Callable[[Cleaner, bytes], Awaitable[None]], at_once: int) -> None:
    cleaner, late, gate = Cleaner(), [0.0], asyncio.Semaphore(at_once)

    async def one(page: bytes) -> None:
        async with gate:
            try:
                await way(cleaner, page)
            except CaptionfixError as error:
                print(error)

    watcher = asyncio.create_task(watch(late))
    await asyncio.sleep(0.05)
    start = time.perf_counter()
    await asyncio.gather(*map(one, pages))
    seconds = time.perf_counter() - start
    watcher.cancel()
    late.sort()
    print(
        f"{way.__name__:10} {at_once} at once: {len(pages) / seconds:6.1f} pages/s, loop late by "
        f"{1000 * statistics.median(late):.1f} ms (median), {1000 * late[int(0.99 * len(late))]:.0f} ms (99 %), "
        f"{1000 * late[-1]:.0f} ms at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args()
    pages = [path.read_bytes() for path in sorted(options.folder.rglob("*.htm*"))[: options.pages]]
    Cleaner().clean(pages[0])
    for way, at_once in ((directly, 1), (in_thread, 1), (in_thread, 2), (in_thread, 8)):
        asyncio.run(run(pages, way, at_once))


if __name__ == "__main__":
    main()
