"""Speed of cleaning a page against parsing it bare, and against two extractors.

    python benchmarks/pages.py FOLDER [--rounds 5]

Every contender goes over the same pages in one process, in turn, round after
round; figures are CPU seconds, ratios are taken round by round, and medians
are printed with their range. Nothing is remembered from one page to another.
Extractors that are not installed are left out by name.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from captionfix.pipeline import clean_page
from captionfix.settings import Settings

Contender = Callable[[bytes], object]


def bare_parse(raw: bytes) -> object:
    return etree.fromstring(raw, etree.HTMLParser(huge_tree=True))


def clean(raw: bytes) -> object:
    return clean_page(raw, Settings())


def contenders() -> dict[str, Contender]:
    found: dict[str, Contender] = {"lxml bare parse": bare_parse, "captionfix clean": clean}
    if importlib.util.find_spec("readability"):
        from readability import Document

        found["readability-lxml"] = lambda raw: Document(raw.decode("utf-8", "replace")).summary()
    if importlib.util.find_spec("trafilatura"):
        import trafilatura

        found["trafilatura"] = lambda raw: trafilatura.extract(raw, include_images=True)
    for name in ("readability-lxml", "trafilatura"):
        if name not in found:
            print(f"{name} is not installed: left out")
    return found


def run(contender: Contender, pages: list[bytes]) -> float:
    start = time.process_time()
    for page in pages:
        try:
            contender(page)
        except Exception as error:  # an extractor that gives up on a page is timed up to there
            print(f"gave up: {type(error).__name__}")
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pages = [path.read_bytes() for path in sorted(options.folder.rglob("*.htm*"))]
    size = sum(map(len, pages)) / 1e6
    seconds: dict[str, list[float]] = {}
    running = contenders()
    for _ in range(options.rounds):
        for name, contender in running.items():
            seconds.setdefault(name, []).append(run(contender, pages))
    base = seconds["lxml bare parse"]
    print(f"{len(pages)} pages, {size:.1f} MB, {options.rounds} rounds, CPU time of one process")
    print(f"{'':20} {'pages/s':>8} {'MB/s':>7} {'x lxml parse, median (range)':>30}")
    for name, each in seconds.items():
        ratios = [mine / theirs for mine, theirs in zip(each, base, strict=True)]
        middle = statistics.median(each)
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        print(f"{name:20} {len(pages) / middle:8.0f} {size / middle:7.1f} {spread:>30}")


if __name__ == "__main__":
    main()
