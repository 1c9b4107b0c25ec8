"""Containers as readers that are not captionfix's see them: members in order, and what else is to stay."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A member: its name, its bytes, and all else that is known of it."""

    name: str
    data: bytes
    rest: Any = None


def zipped(path: Path) -> list[Seen]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return [
            Seen(
                each.filename,
                archive.read(each),
                (each.date_time, each.external_attr, each.compress_type, each.extra, each.comment, each.create_system),
            )
            for each in archive.infolist()
        ]


def _rows(data: bytes) -> list[Seen]:
    found = []
    for line in data.splitlines():
        row = json.loads(line)
        html = row.pop("html", None)
        found.append(Seen(row.get("url", ""), html.encode() if html else b"", (list(row.items()), line.isascii())))
    return found


def lines(path: Path) -> list[Seen]:
    return _rows(path.read_bytes())


def lines_gz(path: Path) -> list[Seen]:
    return _rows(gzip.decompress(path.read_bytes()))


def lines_zst(path: Path) -> list[Seen]:
    import zstandard

    with path.open("rb") as file:
        return _rows(zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read())


READERS: dict[str, Callable[[Path], list[Seen]]] = {
    ".zip": zipped,
    ".jsonl": lines,
    ".jsonl.gz": lines_gz,
    ".jsonl.zst": lines_zst,
}


def reader(path: Path) -> Callable[[Path], list[Seen]]:
    """What reads a container, by the ending of its name."""
    return READERS["." + path.name.split(".", 1)[1]]
