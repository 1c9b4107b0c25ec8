"""Records of WARC files (ISO 28500:2017): what is new of a changed one, and what tells of the change."""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from captionfix.containers.http_message import Response
from captionfix.containers.source import CHUNK, Source
from captionfix.settings import Settings

_DIGESTS = ("WARC-Block-Digest", "WARC-Payload-Digest")
_NAMESPACE = uuid.UUID("0c1f6d2e-5b53-5b8e-9b53-6a0f8a3c7e11")
"""The names of records are made of what they hold, so that the same input gives the same file (RFC 9562, 5.5)."""
_PRIVATE = frozenset(("cache", "cache-path", "explain"))


@dataclass(frozen=True, slots=True)
class Record:
    """A record's head.

    Attributes:
        at: where it begins in the file.
        size: how long its block is.
        version: what it opens with, such as ``WARC/1.1``.
        fields: its fields, in order.
        problem: why it cannot be read, if so.
    """

    at: int
    size: int
    version: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    def get(self, name: str) -> str:
        """Return a field; nothing where there is none."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), "")

    @property
    def kind(self) -> str:
        """Its type."""
        return self.get("WARC-Type").lower()

    @property
    def url(self) -> str:
        """What it is of."""
        return self.get("WARC-Target-URI").strip("<>")

    @property
    def full_type(self) -> str:
        """The media type of its block."""
        return self.get("Content-Type")

    @property
    def media_type(self) -> str:
        """The same, without parameters."""
        return self.full_type.partition(";")[0].strip().lower()

    @property
    def is_segment(self) -> bool:
        """Whether it holds a part of a block only."""
        return bool(self.get("WARC-Segment-Number"))


def replaced(record: Record, head: Response | None, body: bytes) -> bytes:
    """Return a record with another body.

    Args:
        record: as it was.
        head: the head of the response that it holds, if it holds one.
        body: the other body.
    """
    block = (head.of_other(len(body)) if head is not None else b"") + body
    values = {
        "content-length": str(len(block)),
        "warc-record-id": _name(record.get("WARC-Record-ID"), block),
        "warc-block-digest": _digest(record.get("WARC-Block-Digest"), block),
        "warc-payload-digest": _digest(record.get("WARC-Payload-Digest"), body),
    }
    kept = [(name, values.get(name.lower(), value)) for name, value in record.fields]
    return _written(record.version, [(name, value) for name, value in kept if value], block)


def conversion(record: Record, media_type: str, body: bytes) -> bytes:
    """Return a record of type conversion, of a record whose page is another now.

    Args:
        record: that record.
        media_type: what the page is.
        body: the page.
    """
    digest = _digest(record.get("WARC-Payload-Digest") or "sha1:", body)
    told = [
        ("WARC-Type", "conversion"),
        ("WARC-Record-ID", _name(record.get("WARC-Record-ID"), body)),
        ("WARC-Target-URI", record.get("WARC-Target-URI")),
        ("WARC-Date", record.get("WARC-Date")),
        ("WARC-Refers-To", record.get("WARC-Record-ID")),
        ("WARC-Block-Digest", digest),
        ("WARC-Payload-Digest", digest),
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
    ]
    return _written(record.version, [(name, value) for name, value in told if value], body)


def converted(record: Record, behind: Record) -> bool:
    """Return whether the record behind another one is its conversion."""
    own = record.get("WARC-Record-ID")
    return behind.kind == "conversion" and bool(own) and behind.get("WARC-Refers-To") == own


def info(source: Source, settings: Settings, opens_with: str) -> bytes:
    """Return the record that tells what was done to a file.

    Its date is that of the file, or ``SOURCE_DATE_EPOCH`` where that is set: the same input gives the same bytes.

    Args:
        source: the file as it was.
        settings: what it was cleaned with.
        opens_with: the version of its records.
    """
    digest = _sum_of(source)
    chosen = {name: value for name, value in settings.as_values().items() if name not in _PRIVATE}
    told = [
        ("software", f"captionfix/{version('captionfix')}"),
        ("format", f"WARC File Format {opens_with.removeprefix('WARC/')}"),
        ("description", "doubled captions and doubled pictures were taken out of pages of a crawl"),
        ("captionfix-settings", " ".join(f"{name}={value}" for name, value in chosen.items()) or "as they are"),
        ("captionfix-source", Path(source.locator).name),
        *([("captionfix-source-digest", f"sha256:{digest}")] if digest else []),
    ]
    block = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in told).encode()
    head = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid5(_NAMESPACE, block.decode('utf-8', 'replace'))}>"),
        ("WARC-Date", f"{_date(source):%Y-%m-%dT%H:%M:%SZ}"),
        ("Content-Type", "application/warc-fields"),
        ("WARC-Block-Digest", _digest("sha1:", block)),
        ("Content-Length", str(len(block))),
    ]
    return _written(opens_with, head, block)


def _sum_of(source: Source) -> str:
    """The digest of a file; none of a pipe, whose end is not there yet."""
    if not source.is_whole:
        return ""
    found = hashlib.sha256()
    with source.open() as file:
        while data := file.read(CHUNK):
            found.update(data)
    return found.hexdigest()


def _date(source: Source) -> datetime:
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told.isdecimal():
        return datetime.fromtimestamp(int(told), UTC)
    path = Path(source.locator)
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC) if source.is_whole else datetime.now(UTC)


def _written(opens_with: str, head: list[tuple[str, str]], block: bytes) -> bytes:
    lines = [opens_with, *(f"{name}: {value}" for name, value in head), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + block + b"\r\n\r\n"


def _name(old: str, block: bytes) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, old + hashlib.sha256(block).hexdigest())}>"


def _digest(old: str, data: bytes) -> str:
    """The digest of data in the form of an old one; none where there was none, or of a kind nobody knows here."""
    name, colon, value = old.partition(":")
    try:
        found = hashlib.new(name.replace("-", "") if name.lower().startswith("sha-") else name, data) if colon else None
    except ValueError:
        found = None
    if found is None:
        return ""
    is_hex = len(value) == 2 * found.digest_size
    return f"{name}:{found.hexdigest() if is_hex else base64.b32encode(found.digest()).decode()}"
