"""Packs a part of the example site into each form of container, with other programs than captionfix.

    python tools/pack_archives.py

writes fixtures/archives. What a form needs is in the extra ``test``; programs that are not here are told.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

FIXTURES = Path(__file__).parent.parent / "fixtures"
SITE, ARCHIVES = FIXTURES / "site", FIXTURES / "archives"
FILES = (
    "ferry.html", "island.html", "storm.html", "style.css",
    "img/ferry.jpg", "img/ferry-300x200.jpg", "img/icon-feed.png", "img/logo.svg",
)  # fmt: skip
"""Two pages that change, one of them in windows-1252, one that does not, and what stands beside them."""
ORIGIN = "https://example.org/"
STAMP = 1_700_000_000
"""When everything was written."""


def pages() -> dict[str, str]:
    """Return the pages as text, by name."""
    encodings = {"storm.html": "windows-1252"}
    return {
        name: (SITE / name).read_bytes().decode(encodings.get(name, "utf-8"))
        for name in FILES
        if name.endswith(".html")
    }


def rows() -> list[dict[str, object]]:
    """Return a row a page, with columns that must stay."""
    return [
        {"id": number, "url": ORIGIN + name, "html": text, "score": number / 4, "tags": ["boats", "é"]}
        for number, (name, text) in enumerate(pages().items(), 1)
    ]


@contextmanager
def copied() -> Iterator[Path]:
    """A folder with the files, all of one time."""
    with TemporaryDirectory() as folder:
        for name in FILES:
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes((SITE / name).read_bytes())
            os.utime(path, (STAMP, STAMP))
        yield Path(folder)


def zipped(target: Path) -> None:
    """By Info-ZIP."""
    with copied() as folder:
        subprocess.run(["zip", "-q", "-X", str(target), *FILES], cwd=folder, check=True)


def lines(target: Path) -> None:
    """By Python's json, one line with escapes and slashes as PHP writes them, one without."""
    escaped = [json.dumps(row) for row in rows()]
    plain = json.dumps(rows()[1], ensure_ascii=False, separators=(",", ":"))
    target.write_text("\n".join((escaped[0].replace("/", "\\/"), plain, escaped[2])) + "\n", encoding="utf-8")


def lines_gz(target: Path) -> None:
    """By gzip."""
    lines(target)
    target.write_bytes(gzip.compress(target.read_bytes(), mtime=STAMP))


def lines_zst(target: Path) -> None:
    """By Zstandard."""
    import zstandard

    lines(target)
    target.write_bytes(zstandard.compress(target.read_bytes()))


PACKERS: dict[str, Callable[[Path], None]] = {
    "site.zip": zipped,
    "pages.jsonl": lines,
    "pages.jsonl.gz": lines_gz,
    "pages.jsonl.zst": lines_zst,
}


def main() -> None:
    """Write all of them, or those that are named."""
    ARCHIVES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PACKERS:
        target = ARCHIVES / name
        target.unlink(missing_ok=True)
        PACKERS[name](target)


if __name__ == "__main__":
    main()
