"""Whether to believe a journal: its lines read one by one, and what is wrong with one of them."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from captionfix.archives import atomic
from captionfix.archives.journal import FORM, WAYS, WITH_FILES, Damage, Header, Record, Removed, Undone, unusable
from captionfix.errors import JournalError
from captionfix.model import Edit, Span

_RUN = re.compile(atomic.RUN)


_END_OF_TIME = 2**63


_DIGEST = re.compile(r"[0-9a-f]{64}")


class Reader:
    """A journal that was written, with its header read and checked.

    Args:
        path: the file.

    Raises:
        JournalError: it cannot be read, or is no journal that this captionfix knows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                line = file.readline()
        except OSError as error:
            raise unusable(path, error) from error
        if not line.endswith(b"\n"):
            raise JournalError(f"{path}: the run was stopped before it replaced a page; there is nothing to undo")
        self.header = _header(path, line)

    def lines(self) -> Iterator[Record | Removed | Undone | Damage]:
        """Yield what the journal holds, in order; a last line that was cut off is passed over."""
        with self.path.open("rb") as file:
            file.readline()
            for number, line in enumerate(file, start=2):
                if not line.endswith(b"\n"):
                    return  # its page was never replaced: that waits for the whole line
                try:
                    yield _entry(_object(line), len(self.header.roots))
                except ValueError as error:
                    yield Damage(number, str(error))

    def locator(self, record: Record | Removed) -> Path:
        """Return where a record's page or file stands."""
        return self.header.roots[record.root].joinpath(*record.path.parts)

    def tally(self) -> Tally:
        """Return how many pages it holds, and which have been given their bytes back."""
        tally = Tally()
        for entry in self.lines():
            if isinstance(entry, (Record, Removed)):
                tally.add(entry.number, is_file=isinstance(entry, Removed))
            elif isinstance(entry, Undone):
                tally.undo(entry.numbers)
        return tally


@dataclass(slots=True)
class Tally:
    """Pages and removed files of a journal, and those of them that were undone; a byte each."""

    _marks: bytearray = field(default_factory=bytearray)
    pages: int = 0
    files: int = 0

    def add(self, number: int, *, is_file: bool = False) -> None:
        """Count a page or a removed file."""
        if number == len(self._marks):
            self._marks.append(0)
        self.pages += not is_file
        self.files += is_file

    def undo(self, numbers: Iterable[int]) -> None:
        """Mark pages and files as undone."""
        for number in numbers:
            if number < len(self._marks):
                self._marks[number] = 1

    @property
    def undone(self) -> int:
        """How many pages and files have been given their bytes back."""
        return self._marks.count(1)

    def is_undone(self, number: int) -> bool:
        """Return whether a page has been given its bytes back."""
        return number < len(self._marks) and bool(self._marks[number])


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not valid JSON") from error
    _require(isinstance(found, dict), "it is no JSON object")
    return dict(found)


def _require(sound: object, cause: str) -> None:
    if not sound:
        raise ValueError(cause)


def _header(path: Path, line: bytes) -> Header:
    form: Any = None
    try:
        data = _object(line)
        form = data.get("captionfix_journal")
        _require(_is_count(form), "it is no journal of captionfix")
        if form in (FORM, WITH_FILES):
            return Header(_run(data.get("run")), _time(data), str(data.get("version")), _roots(data.get("roots")), form)
    except ValueError as error:
        hint = "captionfix journal list shows those at hand"
        raise JournalError(f"{path}: is not a valid journal: {error}; {hint}") from error
    raise JournalError(
        f"{path}: a journal of another captionfix (form {form}, not {FORM} or {WITH_FILES}); undo it with that one"
    )


def _run(given: Any) -> str:
    _require(isinstance(given, str) and _RUN.fullmatch(given), "the run has no sound name")
    return str(given)


def _time(data: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(data.get("time")))


def _roots(given: Any) -> tuple[Path, ...]:
    _require(isinstance(given, list) and given, "it names no folders")
    for root in given:
        sound = isinstance(root, str) and _can_be_name(root) and Path(root).is_absolute()
        _require(sound and os.path.normpath(root) == root, "a folder has no sound name")
    return tuple(map(Path, given))


def _can_be_name(text: str) -> bool:
    """Whether the system can take a text for the name of a file; lone surrogates stand for no bytes."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _entry(data: dict[str, Any], roots: int) -> Record | Removed | Undone:
    if "undone" in data:
        numbers = data["undone"]
        _require(isinstance(numbers, list) and all(map(_is_count, numbers)), "the pages undone have no sound numbers")
        return Undone(tuple(numbers))
    number: Any = data.get("file" if "file" in data else "page")
    root: Any = data.get("root")
    _require(_is_count(number), "the page has no sound number")
    _require(_is_count(root) and root in range(roots), "the page's folder is not one of the header's")
    if "file" in data:
        return _removed(data, number, root)
    sizes = _two(data.get("size"), _is_count, "the sizes are not valid")
    digests = _two(data.get("sha256"), is_digest, "the digests are not valid")
    edits = tuple(_edits(data.get("edits"), sizes[1]))
    needs = data.get("needs", [])
    _require(isinstance(needs, list), "the files it needs are no list")
    _require(data.get("aside", True) is True, "whether it was put aside is not valid")
    names = tuple(map(sound_path, needs))
    return Record(number, root, sound_path(data.get("path")), sizes, digests, edits, names, "aside" in data)


def _removed(data: dict[str, Any], number: int, root: int) -> Removed:
    way, size, digest, mode = (data.get(name) for name in ("way", "size", "sha256", "mode"))
    _require(way in WAYS, "the way it was removed is unknown")
    _require(_is_count(size) and is_digest(digest), "the size or the digest is not valid")
    _require(_is_count(mode) and mode == stat.S_IMODE(int(mode or 0)), "the mode is not valid")
    times = _two(data.get("times"), _is_time, "the times are not valid")
    owner = _two(data.get("owner"), _is_count, "the owner is not valid")
    path, keep = sound_path(data.get("path")), sound_path(data.get("keep"))
    _require(path != keep, "a file cannot stand for itself")
    return Removed(number, root, path, str(way), keep, int(size or 0), str(digest), int(mode or 0), times, owner)


def _is_time(value: Any) -> bool:
    return type(value) is int and abs(value) < _END_OF_TIME


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_digest(value: Any) -> bool:
    """Return whether a value is a SHA-256 in hexadecimal digits."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _two(given: Any, is_sound: Callable[[Any], bool], cause: str) -> tuple[Any, Any]:
    match given:
        case [first, second] if is_sound(first) and is_sound(second):
            return first, second
    raise ValueError(cause)


def sound_path(given: Any) -> PurePosixPath:
    """Return a path that stays below its folder, whatever system reads it.

    Raises:
        ValueError: it is none.
    """
    _require(isinstance(given, str) and _can_be_name(given), "the path is no text that a file can be called")
    path = PurePosixPath(given)
    _require(str(path) == given and not path.is_absolute() and ".." not in path.parts, "the path leads elsewhere")
    _require(path.parts, "the path names no file")
    if os.name == "nt":
        _require(not re.search(r"[\\:]", given), "the path leads elsewhere")
    return path


def _edits(given: Any, size: int) -> Iterator[Edit]:
    _require(isinstance(given, list), "it lacks edits")
    last = 0
    for each in given:
        match each:
            case [start, end, str(removed)] if _is_count(start) and _is_count(end):
                _require(last <= start <= end <= size, "an edit lies outside of the page")
                yield Edit(Span(start, end), _bytes(removed))
                last = end
            case _:
                raise ValueError("an edit is not valid")


def _bytes(removed: str) -> bytes:
    try:
        return base64.b64decode(removed, validate=True)
    except ValueError as error:
        raise ValueError("an edit's bytes are no sound base64") from error
