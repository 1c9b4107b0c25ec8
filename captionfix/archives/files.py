"""Files and folders: which of them are pages, and a cleaned copy of the whole beside them.

Nothing is followed out of a folder: links are copied as links, pipes and
devices are named and left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from captionfix.archives import atomic
from captionfix.errors import PageError, UsageError

_PAGES = frozenset((".html", ".htm", ".xhtml", ".xht", ".shtml"))
_TEXTS = frozenset((".txt", ".text", ".md", ".markdown"))
_NEVER_PAGES = frozenset(
    (".css", ".js", ".mjs", ".json", ".xml", ".svg", ".rss", ".atom", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif",
     ".bmp", ".ico", ".tif", ".tiff", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".pdf", ".zip", ".gz", ".warc", ".mht",
     ".mhtml", ".mp3", ".mp4", ".webm", ".ogg", ".csv", ".tsv", ".py", ".toml", ".yml", ".yaml", ".map", ".wasm")
)  # fmt: skip
_SNIFFED = 1024
"""Bytes looked at; the MIME Sniffing Standard reads 1,445."""
_HTML = re.compile(
    rb"\s*<(?:!--|!doctype\s+html|\?xml\b[^>]*>\s*<(?:!doctype\s+html|html)|"
    rb"(?:html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|article|section|figure|main)[\s>])",
    re.IGNORECASE,
)
"""What opens an HTML page, after the MIME Sniffing Standard (mimesniff.spec.whatwg.org, section 7.1)."""


_TAG = re.compile(rb"<[a-zA-Z][a-zA-Z0-9-]*[\s/>]")


class Kind(Enum):
    """What a file is to captionfix."""

    HTML = "html"
    XHTML = "xhtml"
    TEXT = "text"
    OTHER = "other"
    LINK = "link"
    SPECIAL = "special"
    LEFT_OVER = "left over"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: where it is, where it belongs in a copy, and what it is."""

    path: Path
    relative: Path
    kind: Kind

    @property
    def is_page(self) -> bool:
        """Whether captionfix reads it."""
        return self.kind in (Kind.HTML, Kind.XHTML, Kind.TEXT)


def kind_of(name: str, head: bytes, *, text: bool) -> Kind:
    """Return what a file is, by its name and its first bytes.

    Args:
        name: its name.
        head: its first 1,024 bytes.
        text: whether plain text and Markdown are pages too.

    >>> kind_of("page?id=3", b"<!DOCTYPE html><p>", text=False), kind_of("a.css", b"<!-- -->", text=False)
    (<Kind.HTML: 'html'>, <Kind.OTHER: 'other'>)
    """
    suffix = os.path.splitext(name.partition("?")[0])[1].lower()
    if suffix in (".xhtml", ".xht"):
        return Kind.XHTML
    if suffix in _PAGES:
        return Kind.HTML
    if suffix in _TEXTS:
        return Kind.TEXT if text else Kind.OTHER
    if suffix in _NEVER_PAGES:
        return Kind.OTHER
    return Kind.HTML if looks_like_html(head) else Kind.OTHER


def looks_like_html(head: bytes) -> bool:
    """Return whether bytes open an HTML page.

    >>> looks_like_html(b"\\xef\\xbb\\xbf  <html>"), looks_like_html(b"Boats leave <b>")
    (True, False)
    """
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return _HTML.match(head[:_SNIFFED].replace(b"\0", b"")) is not None


def looks_like_markup(data: bytes) -> bool:
    """Return whether bytes hold a tag anywhere, or are UTF-16 and may.

    >>> looks_like_markup(b"so <img src=a.jpg>"), looks_like_markup(b"1 < 2 and 3 > 2")
    (True, False)
    """
    return _TAG.search(data) is not None or data.startswith((b"\xff\xfe", b"\xfe\xff"))


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
class Place:
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


def places(path: Path) -> Iterator[Place | PageError]:
    """Yield what a path holds, in order of name; for a folder everything below it.

    Args:
        path: a file or a folder.

    Yields:
        Places, and errors for folders that could not be looked into.
    """
    if not path.is_dir():
        yield Place(str(path))
        return
    problems: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=problems.append):
        folders.sort()
        below = os.path.relpath(folder, path)
        for name in sorted([*names, *(each for each in folders if os.path.islink(os.path.join(folder, each)))]):
            yield Place(str(path), name if below == os.curdir else os.path.join(below, name))
        while problems:
            yield _unreadable(problems.pop())
    while problems:
        yield _unreadable(problems.pop())


def look(place: Place, *, text: bool) -> Entry:
    """Return what a file is.

    Args:
        place: where it stands.
        text: whether plain text and Markdown in folders are pages; a file named directly always is.

    Raises:
        PageError: it could not be looked at.
    """
    try:
        return _looked_at(place, text=text) if place.below else _named(place.path)
    except OSError as error:
        raise _unreadable(error) from error


def left_over(folder: Path) -> Iterator[Path]:
    """Yield the temporary files that stand in a folder, in order of name; none where it cannot be read."""
    try:
        names = sorted(filter(atomic.is_temporary, os.listdir(folder)))
    except OSError:
        return
    yield from (path for name in names if stat.S_ISREG((path := folder / name).lstat().st_mode))


def count(paths: Iterable[Path]) -> int:
    """Return how many files stand below paths, by their names alone.

    Args:
        paths: files and folders.
    """
    return sum(sum(len(names) for _, _, names in os.walk(path)) if path.is_dir() else 1 for path in paths)


def _unreadable(error: OSError) -> PageError:
    return PageError(str(error.filename), f"cannot be read: {error.strerror}", "check that it exists and may be read")


def _named(path: Path) -> Entry:
    """A file the user named: read whatever it is called, as HTML if it looks so, else as text."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        raise PageError(str(path), "is no file", "name a file or a folder")
    if stat.S_ISFIFO(mode):
        return Entry(path, Path(path.name), Kind.HTML)
    if atomic.is_temporary(path.name):
        return Entry(path, Path(path.name), Kind.LEFT_OVER)
    kind = kind_of(path.name, _head(path), text=True)
    if kind is Kind.OTHER:
        kind = Kind.HTML if looks_like_markup(_head(path)) else Kind.TEXT
    return Entry(path, Path(path.name), kind)


def _looked_at(place: Place, *, text: bool) -> Entry:
    path = place.path
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        kind = Kind.LINK
    elif not stat.S_ISREG(mode):
        kind = Kind.SPECIAL
    elif atomic.is_temporary(path.name):
        kind = Kind.LEFT_OVER
    else:
        kind = kind_of(path.name, _head(path), text=text)
    return Entry(path, Path(place.below), kind)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SNIFFED)


def targets(paths: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return where each path's cleaned copy goes.

    One folder or one file becomes OUT itself, several paths OUT/<name> each.

    Raises:
        UsageError: OUT is not empty, lies inside a path, or two paths have one name.
    """
    _check_empty(out, single_file=len(paths) == 1 and not paths[0].is_dir())
    resolved = out.resolve()
    for path in paths:
        if path.is_dir() and resolved.is_relative_to(path.resolve()):
            raise UsageError(f"{out}: lies inside {path}; name an output outside of what is cleaned")
    if len(paths) == 1:
        return {paths[0]: out}
    found: dict[Path, Path] = {}
    for path in paths:
        target = out / (path.name or path.resolve().name)
        if target in found.values():
            raise UsageError(f"{path}: another path has the name {target.name} too; clean them one at a time")
        found[path] = target
    return found


def _check_empty(out: Path, *, single_file: bool) -> None:
    if out.is_symlink() and not out.exists():
        raise UsageError(f"{out}: is a link to nothing; name another output")
    if not out.exists():
        return
    if single_file and out.is_dir():
        raise UsageError(f"{out}: is a folder; for one file, -o takes the name of the cleaned file")
    if (out.is_dir() and any(out.iterdir())) or (not out.is_dir() and (out.stat().st_size or not single_file)):
        raise UsageError(f"{out}: exists and is not empty; name an output that does not exist yet")


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
        shutil.copy2(entry.path, path, follow_symlinks=False)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> PageError:
    """Return the error for a file that the system does not let be written."""
    return PageError(str(path), f"cannot be written: {error.strerror}", "check the space and the rights there")
