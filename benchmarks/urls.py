"""Speed of naming pictures by their URLs.

    python benchmarks/urls.py [FILE] [--rounds 7]

FILE holds one URL a line; without it, URLs are made: those of the table's
tests, and ordinary ones of four content systems. Every URL is read once a
round, and nothing is remembered from one to the next; figures are CPU time of
one process, the best round. The last figure is the slowest of a set of URLs
made to hold up regular expressions.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from captionfix.pictures.urls import picture_key, url_key

TABLE = Path(__file__).parent.parent / "tests" / "urls.txt"
SHAPES = (
    "https://site{0}.org/wp-content/uploads/2020/{1:02}/boats-at-sea-{0}-300x200.jpg",
    "https://site{0}.org/sites/default/files/styles/large/public/2020-{1:02}/boat-{0}.jpg?itok=AbCdEfGh",
    "/images/{1}/boat-{0}.jpg?width=640&quality=80",
    "https://cdn.org/{0:032x}/boat.jpg",
)
HOSTILE = ("a/", "-", "w_1,", "/filters:a(", "%3A%2F%2F", "files/", "/http://", "0x0:", "/rs:a", "_", "/thumb", "-1x1")
HEADS = ("https://site.org/", "https://cdn.shopify.com/s/files/", "https://t.org/unsafe/", "https://i.org/x/rs:fit:1/")
LONGEST = 8_000


def made() -> list[str]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    table = [line[2:] for line in lines if line[:2] in ("= ", "~ ", "! ")]
    return table + [shape.format(number, number % 12 + 1) for number in range(1_000) for shape in SHAPES]


def best(call: Callable[[str], object], urls: Sequence[str], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        for url in urls:
            call(url)
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    given = options.file.read_text(encoding="utf-8").splitlines() if options.file else made()
    urls = list(dict.fromkeys(url for url in given if url))
    print(f"{len(urls)} distinct URLs, best of {options.rounds} rounds, CPU time of one process")
    for name, call in (("picture_key", picture_key), ("url_key", url_key)):
        seconds = best(call, urls, options.rounds)
        print(f"{name:12} {len(urls) / seconds:10,.0f} URLs/s {seconds / len(urls) * 1e6:8.1f} us each")
    worst = max(
        (best(picture_key, [head + piece * ((LONGEST - len(head)) // len(piece))], 1), head, piece)
        for head in HEADS
        for piece in HOSTILE
    )
    seconds, head, piece = worst
    print(f"slowest hostile URL of {LONGEST} characters: {seconds * 1e3:.1f} ms ({head}, then {piece!r} repeated)")


if __name__ == "__main__":
    main()
