"""Files and folders: which of them are pages, and a cleaned copy of the whole beside them.

Nothing is followed out of a folder: links are copied as links, pipes and
devices are named and left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from captionfix.archives import atomic
from captionfix.archives.kinds import (
    DOCUMENT,
    EMPTY,
    FRAGMENT,
    MARKUP,
    SNIFFED,
    TEXT,
    XHTML,
    format_of_bytes,
    may_be_page,
    sniff,
)
from captionfix.errors import PageError
from captionfix.signatures import Family, Format

_PAGES = frozenset((".html", ".htm", ".xhtml", ".xht", ".shtml"))
_TEXTS = frozenset((".txt", ".text", ".md", ".markdown"))
_NEVER_PAGES = frozenset(
    (".css", ".scss", ".sass", ".less", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".json", ".jsonl", ".ndjson",
     ".ipynb", ".xml", ".xsl", ".xsd", ".svg", ".rss", ".atom", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif",
     ".bmp", ".ico", ".tif", ".tiff", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".pdf", ".zip", ".gz", ".warc", ".mht",
     ".mhtml", ".eml", ".mbox", ".mp3", ".mp4", ".webm", ".ogg", ".csv", ".tsv", ".sql", ".py", ".rb", ".go", ".rs",
     ".java", ".kt", ".c", ".h", ".cpp", ".cs", ".swift", ".pl", ".sh", ".bat", ".toml", ".ini", ".cfg", ".yml",
     ".yaml", ".lock", ".log", ".patch", ".diff", ".tex", ".po", ".srt", ".vtt", ".ics", ".map", ".wasm")
)  # fmt: skip
_XHTML = frozenset((".xhtml", ".xht"))
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


class Kind(Enum):
    """What a file is to captionfix."""

    HTML = "html"
    XHTML = "xhtml"
    TEXT = "text"
    STREAM = "stream"
    OTHER = "other"
    LINK = "link"
    SPECIAL = "special"
    LEFT_OVER = "left over"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: where it is, where it belongs in a copy, and what it is.

    Attributes:
        path: where it is.
        relative: where it belongs in a copy.
        kind: what it is to captionfix; what a stream is, is seen when it has been read.
        format: what else it is, where it is no page.
    """

    path: Path
    relative: Path
    kind: Kind
    format: Format | None = None

    @property
    def is_page(self) -> bool:
        """Whether captionfix reads it."""
        return self.kind in (Kind.HTML, Kind.XHTML, Kind.TEXT, Kind.STREAM)


def kind_of(name: str, found: Format, *, text: bool, named: bool = False) -> Kind:
    """Return what a file is, by its first bytes and then by its name.

    Args:
        name: its name.
        found: what its first bytes are.
        text: whether plain text and Markdown are pages too.
        named: whether the user named it, and not only a folder around it.

    >>> kind_of("page?id=3", sniffed(b"<!DOCTYPE html>"), text=False), kind_of("a.html", sniffed(b"%PDF-"), text=False)
    (<Kind.HTML: 'html'>, <Kind.OTHER: 'other'>)
    """
    ending = _ending(name)
    if not may_be_page(found):
        return Kind.OTHER
    if ending in _PAGES or found in (DOCUMENT, XHTML):
        return Kind.XHTML if ending in _XHTML else Kind.HTML
    if ending in _TEXTS or ending in _NEVER_PAGES:
        return Kind.TEXT if ending in _TEXTS and (text or named) else Kind.OTHER
    if found is FRAGMENT or (named and found in (MARKUP, EMPTY)):
        return Kind.HTML
    return Kind.TEXT if named and text and found is TEXT else Kind.OTHER


def sniffed(head: bytes) -> Format:
    """Return what a file is by its first bytes, where no more of them are at hand.

    >>> sniffed(b"<!--" + 9 * b" ").name
    'a text file'
    """
    return sniff(head, complete=False) or MARKUP


def is_called_page(name: str) -> bool:
    """Return whether a file's name says that it is a page.

    >>> is_called_page("boats.HTML"), is_called_page("boats")
    (True, False)
    """
    return _ending(name) in _PAGES


def kind_of_stream(raw: bytes, encoding: str | None) -> Kind:
    """Return what was read from a stream, which has no name: plain text where it holds no markup."""
    return Kind.TEXT if format_of_bytes(raw, encoding) is TEXT else Kind.HTML


def _ending(name: str) -> str:
    return os.path.splitext(name.partition("?")[0])[1].lower()


def other_format(name: str, found: Format, *, named: bool) -> Format:
    """Return what a file that is no page is called: texts by their endings.

    Args:
        name: its name.
        found: what its first bytes are.
        named: whether the user named it, and not only a folder around it.
    """
    ending = _ending(name)
    is_known = ending in _NEVER_PAGES or (not named and _ENDING.fullmatch(ending))
    if not may_be_page(found) or not is_known:
        return found
    return Format("named", f"a {ending} file", Family.OTHER)


def read(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        PageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise PageError(
            str(path), f"cannot be read: {error.strerror}", "check that it exists and may be read"
        ) from error


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that nobody has looked at yet.

    Attributes:
        named: the path that the user named.
        below: where the file stands below that; empty where it is named itself.
    """

    named: str
    below: str = ""

    @property
    def name(self) -> str:
        """What the file is called."""
        return os.path.basename(self.below or self.named)

    @property
    def path(self) -> Path:
        """Where the file stands."""
        return Path(self.named, self.below)


def places(path: Path) -> Iterator[InputFile | PageError]:
    """Yield what a path holds, in order of name; for a folder everything below it.

    Args:
        path: a file or a folder.

    Yields:
        Places, and errors for folders that could not be looked into.
    """
    if not path.is_dir():
        yield InputFile(str(path))
        return
    problems: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=problems.append):
        folders.sort()
        below = os.path.relpath(folder, path)
        for name in sorted([*names, *(each for each in folders if os.path.islink(os.path.join(folder, each)))]):
            yield InputFile(str(path), name if below == os.curdir else os.path.join(below, name))
        while problems:
            yield unreadable(problems.pop())
    while problems:
        yield unreadable(problems.pop())


def look(place: InputFile, *, text: bool, encoding: str | None = None) -> Entry:
    """Return what a file is.

    Args:
        place: where it stands.
        text: whether plain text and Markdown in folders are pages; a file named directly with such an ending always is.
        encoding: the pages' encoding, where the user knows it.

    Raises:
        PageError: it could not be looked at.
    """
    try:
        if place.below:
            return _looked_at(place, text=text, encoding=encoding)
        return _named(place.path, text=text, encoding=encoding)
    except OSError as error:
        raise unreadable(error) from error


def left_over(folder: Path) -> Iterator[Path]:
    """Yield the temporary files that stand in a folder, in order of name; none where it cannot be read."""
    try:
        names = sorted(filter(atomic.is_temporary, os.listdir(folder)))
    except OSError:
        return
    for path in map(folder.joinpath, names):
        with suppress(OSError):  # it went meanwhile
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def clear(folder: Path) -> None:
    """Take away the temporary files that programs which ended left in a folder; those of runs stay."""
    for path in left_over(folder):
        if atomic.run_of(path.name) is None:
            atomic.remove_abandoned(path)


def count(paths: Iterable[Path]) -> int:
    """Return how many files stand below paths, by their names alone.

    Args:
        paths: files and folders.
    """
    return sum(sum(len(names) for _, _, names in os.walk(path)) if path.is_dir() else 1 for path in paths)


def unreadable(error: OSError) -> PageError:
    """Return the error for a file or a folder that the system does not let be read."""
    return PageError(str(error.filename), f"cannot be read: {error.strerror}", "check that it exists and may be read")


def _named(path: Path, *, text: bool, encoding: str | None) -> Entry:
    """A file the user named."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise PageError(str(path), "is not a file", "name a file or a folder")
    relative = Path(path.name)
    if stat.S_ISFIFO(mode):
        if _is_named_pipe(path):
            raise PageError(str(path), "is a named pipe, which may never end", f"send it to standard input: - < {path}")
        return Entry(path, relative, Kind.STREAM)
    if atomic.is_temporary(path.name):
        return Entry(path, relative, Kind.LEFT_OVER)
    found = _format(path, encoding)
    kind = kind_of(path.name, found, text=text, named=True)
    return Entry(path, relative, kind, other_format(path.name, found, named=True))


def _is_named_pipe(path: Path) -> bool:
    """Whether a pipe stands in a folder; those of a shell, as in ``<(...)``, are links to what has no name."""
    with suppress(OSError):
        return stat.S_ISFIFO(os.lstat(os.path.realpath(path)).st_mode)
    return False


def _looked_at(place: InputFile, *, text: bool, encoding: str | None) -> Entry:
    path, relative = place.path, Path(place.below)
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Entry(path, relative, Kind.LINK)
    if not stat.S_ISREG(mode):
        return Entry(path, relative, Kind.SPECIAL)
    if atomic.is_temporary(path.name):
        return Entry(path, relative, Kind.LEFT_OVER)
    found = _format(path, encoding)
    return Entry(path, relative, kind_of(path.name, found, text=text), other_format(path.name, found, named=False))


def _format(path: Path, encoding: str | None) -> Format:
    """What a file is: its first bytes, and more of them where those are only blanks or comments."""
    with path.open("rb") as file:
        head, size = b"", SNIFFED
        while True:
            more = file.read(size)
            head += more
            found = sniff(head, complete=len(more) < size, encoding=encoding)
            if found is not None or len(more) < size:
                return found or MARKUP
            size = len(head)


def write(path: Path, data: bytes, like: Path) -> None:
    """Write a cleaned page whole or not at all, with the mode and times of the page it came from.

    Raises:
        PageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, data, lambda new: shutil.copystat(like, new) if like.is_file() else None)
    except OSError as error:
        raise unwritable(path, error) from error


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file of one's own whole or not at all, part by part; a link stays a link.

    Args:
        path: the file; if it stands there already, it keeps its mode.
        parts: its bytes.

    Raises:
        PageError: it cannot be written.
    """
    real = Path(os.path.realpath(path))

    def finish(new: str) -> None:
        if real.exists():
            shutil.copymode(real, new)
        else:
            Path(new).chmod(0o666 & ~_umask())

    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        clear(real.parent)
        atomic.write_parts(real, parts, finish)
    except OSError as error:
        raise unwritable(path, error) from error


def _umask() -> int:
    """What new files are not to allow; the system tells it only to who sets it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def overwrite(path: Path, data: bytes) -> None:
    """Write a page over itself, whole or not at all; its mode stays, and a link stays a link.

    Raises:
        PageError: it cannot be written.
    """
    real = path.resolve()
    try:
        clear(real.parent)
        atomic.write(real, data, lambda new: shutil.copymode(real, new))
    except OSError as error:
        raise unwritable(path, error) from error


def copy(entry: Entry, path: Path) -> None:
    """Copy what is no page: a file with its mode and times, a link as a link.

    Raises:
        PageError: it cannot be copied, or it is a pipe or a device.
    """
    if entry.kind is Kind.SPECIAL:
        raise PageError(str(entry.path), "is a pipe, a socket or a device", "it was left out of the copy")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind is Kind.LINK:
            shutil.copy2(entry.path, path, follow_symlinks=False)
        else:
            atomic.copy(entry.path, path)
    except OSError as error:
        raise unwritable(path, error) from error


def unusable(path: Path, error: OSError) -> PageError:
    """Return the error for a file that the system does not let be worked on, whatever it was about."""
    where = "" if error.filename in (None, str(path)) else f" ({error.filename})"
    return PageError(str(path), f"cannot be worked on: {error.strerror or error}{where}", "check the rights there")


def unwritable(path: Path, error: OSError) -> PageError:
    """Return the error for a file that the system does not let be written."""
    return PageError(str(path), f"cannot be written: {error.strerror or error}", "check the space and the rights there")
