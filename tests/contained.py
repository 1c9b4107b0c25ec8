"""Containers that tests clean, and what becomes of them."""

import io
import zipfile
from pathlib import Path

import fastwarc.warc as fastwarc

from captionfix.runs import batch
from captionfix.settings import Settings

SAMPLES = sorted((Path(__file__).parent.parent / "fixtures" / "archives").iterdir())
CRAWLS = [path for path in SAMPLES if ".warc" in path.name]
SETTINGS = Settings(cache=False, images=False)
DOUBLED = b'<!DOCTYPE html><figure><img src="a.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
CLEAN = DOUBLED.replace(b'alt="Boats leave"', b'alt=""')


def run(path, out=None, settings=SETTINGS, jobs=1):
    return [each for each in batch.run([path], settings, out, jobs=jobs) if not each.is_end]


def errors(outcomes):
    return [str(each.error) for each in outcomes if each.error is not None]


def raw_records(path):
    """The records of a WARC file, each with its bytes as they are packed."""
    data = path.read_bytes()
    starts = [each.stream_pos for each in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=False)]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def write_zip(path, *entries, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path
