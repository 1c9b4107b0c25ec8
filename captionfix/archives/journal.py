"""What a journal says: for each page a run replaced, how to get its bytes back, and for each file it removed.

A journal is a file of JSON lines: a header, a record a page or a file, then
what has been undone. It may come from anybody, so every line is checked when
read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from captionfix.errors import JournalError
from captionfix.model import Edit, Span

FORM, WITH_FILES = 1, 2
"""The versions of the form: of pages alone, and of pages and removed files, which older readers would pass over."""
WAYS = ("quarantine", "hardlink", "delete")
"""How a file may have been removed."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal opens with.

    Attributes:
        run: the name of the run.
        time: when it began.
        version: the captionfix that wrote it.
        roots: the folders below which pages may have been replaced.
        form: the version of the form.
    """

    run: str
    time: datetime
    version: str
    roots: tuple[Path, ...]
    form: int = FORM


@dataclass(frozen=True, slots=True)
class Record:
    """How to get one page's bytes back.

    Attributes:
        number: its place in the run, from 0.
        root: the folder it stands below, by its place in the header.
        path: where it stands below that folder.
        sizes: bytes before and after.
        digests: SHA-256 before and after, in hexadecimal digits.
        edits: what makes the page what it was, as ranges of the new page.
        needs: files below that folder that it names then: without them it stays as it is.
        is_aside: whether its old bytes stand in the quarantine of the run, under its number.
    """

    number: int
    root: int
    path: PurePosixPath
    sizes: tuple[int, int]
    digests: tuple[str, str]
    edits: tuple[Edit, ...]
    needs: tuple[PurePosixPath, ...] = ()
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class Removed:
    """How to bring one file back that was removed.

    Attributes:
        number: its place in the run, counted with the pages.
        root: the folder it stood below, by its place in the header.
        path: where it stood below that folder.
        way: one of `WAYS`.
        keep: the file below the same folder that stands for it.
        size: bytes.
        digest: SHA-256, in hexadecimal digits.
        mode: its permissions.
        times: when it was read and changed, in nanoseconds.
        owner: user and group.
    """

    number: int
    root: int
    path: PurePosixPath
    way: str
    keep: PurePosixPath
    size: int
    digest: str
    mode: int
    times: tuple[int, int]
    owner: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Undone:
    """Pages that have been given their bytes back, by their numbers."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """A line that cannot be used, and why."""

    line: int
    cause: str


def inverse(raw: bytes, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits of the new page that make it the old one again.

    Args:
        raw: the page before.
        edits: what was done to it, in order, none overlapping another.

    >>> inverse(b"abcdef", [Edit(Span(1, 3)), Edit(Span(4, 4), b"X")])
    (Edit(span=Span(start=1, end=1), replacement=b'bc'), Edit(span=Span(start=2, end=3), replacement=b''))
    """
    back, shift = [], 0
    for edit in edits:
        start = edit.span.start + shift
        back.append(Edit(Span(start, start + len(edit.replacement)), raw[edit.span.start : edit.span.end]))
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    return tuple(back)


def header_line(header: Header) -> str:
    """Return a header as JSON has it."""
    return json.dumps(
        {
            "captionfix_journal": header.form,
            "run": header.run,
            "time": header.time.isoformat(timespec="seconds"),
            "version": header.version,
            "roots": [str(root) for root in header.roots],
        }
    )


def undone_line(numbers: Sequence[int]) -> str:
    """Return what was undone as JSON has it.

    >>> undone_line([0, 3])
    '{"undone": [0, 3]}'
    """
    return json.dumps({"undone": list(numbers)})


def record_line(record: Record | Removed) -> str:
    """Return a record as JSON has it; names that are no UTF-8 come back as they were."""
    if isinstance(record, Removed):
        return _removed_line(record)
    needs: dict[str, Any] = {"needs": [str(path) for path in record.needs]} if record.needs else {}
    needs |= {"aside": True} if record.is_aside else {}
    return json.dumps(
        {
            "page": record.number,
            "root": record.root,
            "path": str(record.path),
            "size": record.sizes,
            "sha256": record.digests,
            "edits": [
                [edit.span.start, edit.span.end, base64.b64encode(edit.replacement).decode("ascii")]
                for edit in record.edits
            ],
        }
        | needs
    )


def _removed_line(record: Removed) -> str:
    return json.dumps(
        {
            "file": record.number,
            "root": record.root,
            "path": str(record.path),
            "way": record.way,
            "keep": str(record.keep),
            "size": record.size,
            "sha256": record.digest,
            "mode": record.mode,
            "times": record.times,
            "owner": record.owner,
        }
    )


def unusable(path: Path, error: OSError) -> JournalError:
    """Return the error for a journal that the system does not let be used."""
    hint = "check the space and the rights there, or name another --state-dir"
    return JournalError(f"{path}: the journal cannot be used: {error.strerror}; {hint}")
