"""Containers as readers that are not captionfix's see them: members in order, and what else is to stay."""

from __future__ import annotations

import csv
import email
import email.policy
import gzip
import importlib
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET


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


def message(path: Path) -> list[Seen]:
    found = []
    for part in email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32).walk():
        data = part.get_payload(decode=True)
        if data is not None:
            found.append(Seen(part["Content-Location"], data, part.items()))
    return found


def book(path: Path) -> list[Seen]:
    found = zipped(path)
    assert (found[0].name, found[0].data, found[0].rest[2]) == ("mimetype", b"application/epub+zip", 0)
    return found


def feed(path: Path) -> list[Seen]:
    return list(_elements(ET.parse(path).getroot(), ""))  # noqa: S314 files of our own


def _elements(element: ET.Element, url: str) -> Iterator[Seen]:
    tag = element.tag.rpartition("}")[2]
    if tag in ("item", "entry"):
        (link,) = (each for each in element if each.tag.endswith("}link") or each.tag == "link")
        url = link.get("href") or link.text or ""
    is_text = tag in ("encoded", "content", "description")
    said, rest = element.text or "", (tag, sorted(element.attrib.items()), element.tail)
    names = {"encoded": "content:encoded"}
    name = f"{url}!{names.get(tag, tag)}"
    yield Seen(name, said.encode(), rest) if is_text and said else Seen(name, b"", (said, *rest))
    for each in element:
        yield from _elements(each, url)


def records(path: Path) -> list[Seen]:
    """What warcio reads, but for what captionfix says of itself."""
    from warcio.archiveiterator import ArchiveIterator

    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            head, http = record.rec_headers, record.http_headers
            coding = http.get_header("Content-Encoding") if http else None
            data = (record.raw_stream if coding == "br" else record.content_stream()).read()
            if coding == "br":
                data = importlib.import_module("brotli").decompress(data)
            if b"software: captionfix/" not in data:
                kept = (http.statusline, http.get_header("Content-Type"), http.get_header("X-Odd")) if http else ()
                rest = (record.rec_type, head.get_header("WARC-Date"), head.protocol, kept)
                found.append(Seen(head.get_header("WARC-Target-URI"), data, rest))
    return found


def tarred(path: Path) -> list[Seen]:
    with tarfile.open(path) as archive:
        return [
            Seen(each.name, archive.extractfile(each).read(), (each.mode, each.mtime, each.uname, each.gid, each.type))
            for each in archive
        ]


def _of_rows(rows: Iterable[dict[str, Any]], *rest: Any) -> list[Seen]:
    return [Seen(row["url"], row.pop("html").encode(), (row, *rest)) for row in map(dict, rows)]


def table(path: Path) -> list[Seen]:
    csv.field_size_limit(2**20)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _of_rows(csv.DictReader(file))


def parquet(path: Path) -> list[Seen]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        told = file.metadata
        groups = [told.row_group(at) for at in range(told.num_row_groups)]
        packings = [[group.column(at).compression for at in range(group.num_columns)] for group in groups]
        rest = str(file.schema_arrow), file.schema_arrow.metadata, [group.num_rows for group in groups], packings
        return _of_rows(file.read().to_pylist(), rest)


def database(path: Path) -> list[Seen]:
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.row_factory = sqlite3.Row
        other = [tuple(row) for row in db.execute("SELECT rowid, * FROM other")]
        schema = [row["sql"] for row in db.execute("SELECT sql FROM sqlite_master")]
        return _of_rows(db.execute("SELECT * FROM pages"), other, schema)


READERS: dict[str, Callable[[Path], list[Seen]]] = {
    ".zip": zipped,
    ".warc": records,
    ".warc.gz": records,
    ".tar": tarred,
    ".tar.gz": tarred,
    ".tar.xz": tarred,
    ".csv": table,
    ".parquet": parquet,
    ".sqlite": database,
    ".jsonl": lines,
    ".jsonl.gz": lines_gz,
    ".jsonl.zst": lines_zst,
    ".mhtml": message,
    ".epub": book,
    ".rss": feed,
    ".atom": feed,
    ".rdf": feed,
    ".wxr": feed,
}


def reader(path: Path) -> Callable[[Path], list[Seen]]:
    """What reads a container, by the ending of its name."""
    return READERS["." + path.name.split(".", 1)[1]]
