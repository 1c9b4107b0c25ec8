"""How fast archives are cleaned, and in how much memory.

    python benchmarks/archives.py speed PAGES         a WARC file of the pages below a folder
    python benchmarks/archives.py memory [--mb 2000]  generated WARC, Parquet and JSON Lines files of that size

Speed is CPU time of this process, against fastwarc reading and writing the same records, as the aim is half of its
speed at least, and, where it is installed, against resiliparse taking the text out of them. Memory is the most that a
process of its own held at once (``ru_maxrss``), with one job.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from captionfix.runs import batch
from captionfix.settings import Settings

PAGE = b'<!DOCTYPE html><figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>%b'
SETTINGS = Settings(cache=False, images=False, max_container_ratio=0)


def record(url: str, kind: str, body: bytes) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{url}>\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Date: 2023-11-14T22:13:20Z\r\nContent-Type: application/http;msgtype=response\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def packed(data: bytes) -> bytes:
    import zlib

    stream = zlib.compressobj(wbits=31)
    return stream.compress(data) + stream.flush()


def spent(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def speed(folder: Path) -> None:
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import ArchiveIterator

    pages = [path.read_bytes() for path in sorted(folder.rglob("*.html"))]
    with TemporaryDirectory() as place:
        source, size = Path(place, "pages.warc.gz"), sum(map(len, pages))
        with source.open("wb") as file:
            for number, page in enumerate(pages):
                file.write(packed(record(f"https://example.org/{number}", "text/html", page)))

        def copied() -> None:
            with source.open("rb") as file, Path(place, "copy.warc.gz").open("wb") as out:
                for each in ArchiveIterator(file, parse_http=False):
                    writer = GzipWriter(out)
                    each.write(writer)
                    writer.finish()

        def text() -> None:
            from resiliparse.extract.html2text import extract_plain_text

            with source.open("rb") as file:
                for each in ArchiveIterator(file, auto_decode="all"):
                    extract_plain_text(each.reader.read().decode("utf-8", "replace"))

        def cleaned() -> None:
            told = list(batch.run([source], SETTINGS, Path(place, "clean.warc.gz")))
            print(f"{sum(each.changed for each in told)} of {len(pages)} pages changed")

        for name, work in (("fastwarc copy", copied), ("captionfix", cleaned), ("resiliparse text", text)):
            try:
                seconds = spent(work)
            except ImportError:
                print(f"{name:18} is not installed")
                continue
            print(f"{name:18} {len(pages) / seconds:8.0f} records/s {size / seconds / 1e6:8.1f} MB/s of pages")


def filler(draw: random.Random, size: int) -> bytes:
    return draw.randbytes(size)


def warc(path: Path, megabytes: int) -> None:
    draw = random.Random(1)
    with path.open("wb") as file:
        for number in range(megabytes // 4):
            file.write(record(f"https://example.org/{number}.bin", "image/jpeg", filler(draw, 4_000_000)))
            file.write(record(f"https://example.org/{number}", "text/html", PAGE % b""))


def parquet(path: Path, megabytes: int) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    draw = random.Random(1)
    schema = pa.schema([("url", pa.string()), ("html", pa.string()), ("image", pa.binary())])
    with ParquetWriter(path, schema) as writer:
        for number in range(megabytes // 20):
            rows = [
                {
                    "url": f"https://example.org/{number}/{row}",
                    "html": (PAGE % b"").decode(),
                    "image": filler(draw, 200_000),
                }
                for row in range(100)
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema))


def lines(path: Path, megabytes: int) -> None:
    import json

    draw = random.Random(1)
    with path.open("w") as file:
        for number in range(megabytes * 2):
            html = (PAGE % b"").decode() if number % 50 == 0 else "<p>"
            file.write(
                json.dumps(
                    {"url": f"https://example.org/{number}", "html": html, "rest": draw.randbytes(250_000).hex()}
                )
            )
            file.write("\n")


FORMS: dict[str, Callable[[Path, int], None]] = {"a.warc": warc, "a.parquet": parquet, "a.jsonl": lines}


def memory(megabytes: int, folder: Path | None) -> None:
    with TemporaryDirectory(dir=folder) as place:
        for name, make in FORMS.items():
            path = Path(place, name)
            make(path, megabytes)
            command = [sys.executable, __file__, "one", str(path), str(Path(place, f"out-{name}"))]
            print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True)
            for each in Path(place).iterdir():
                each.unlink()


def one(source: Path, target: Path) -> None:
    begun = time.process_time()
    changed = sum(each.changed for each in batch.run([source], SETTINGS, target))
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    size = source.stat().st_size / 1e6
    print(f"{source.name:10} {size:6.0f} MB, {changed} pages changed, {seconds:.0f} s of CPU, {peak} MB at most")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("speed").add_argument("pages", type=Path)
    of_memory = commands.add_parser("memory")
    of_memory.add_argument("--mb", type=int, default=2000)
    of_memory.add_argument("--folder", type=Path)
    alone = commands.add_parser("one")
    alone.add_argument("source", type=Path)
    alone.add_argument("target", type=Path)
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    if chosen.command == "speed":
        speed(chosen.pages)
    elif chosen.command == "memory":
        memory(chosen.mb, chosen.folder)
    else:
        one(chosen.source, chosen.target)


if __name__ == "__main__":
    main()
