"""Which places of an archive name which of its files.

A *mention* that can be edited is a URL in a page or a style sheet that
certainly leads to the file. All others count too: they keep the file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from captionfix.archives import atomic
from captionfix.archives.files import Kind, is_called_page, kind_of, sniffed
from captionfix.archives.kinds import DOCUMENT, FRAGMENT, XHTML, format_of_bytes
from captionfix.archives.mirror_names import PageLocation, Parts, candidates
from captionfix.archives.site import Site
from captionfix.beside import Declared
from captionfix.dedupe.names import Names
from captionfix.dedupe.url_references import UrlReference, written_in
from captionfix.errors import EncodingError, PageError
from captionfix.lazy import cached_property
from captionfix.markup.source import Source, read_source
from captionfix.markup.templates import mark_in
from captionfix.model import Span
from captionfix.pictures.image_loader import ImageLoader
from captionfix.pictures.kinds import ENDINGS

_NO_TEXTS = (ENDINGS - {".svg"}) | frozenset(
    (".woff", ".woff2", ".ttf", ".otf", ".eot", ".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".mp3", ".mp4", ".m4a",
     ".m4v", ".mov", ".webm", ".ogg", ".ogv", ".oga", ".wav", ".flac", ".avi", ".wasm", ".swf", ".psd")
)  # fmt: skip
"""Endings of files that hold no text in which a name could stand."""
_SNIFFED = 1024
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MOST = 2**28
"""Bytes of a file in which names are looked for; one that is larger keeps everything."""
_CHARSET = re.compile(rb'@charset "([A-Za-z0-9_:.-]{1,40})";')


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names a file.

    Attributes:
        page: the page, style sheet or other text, below the root, with slashes.
        line: its line there, from 1.
        column: its column in characters, from 1.
        kind: where it stands, such as ``img src`` or ``url()``; ``text`` for a bare name, ``link`` for a symbolic link.
        file: what it names, below the root.
        url: what it says; empty where it is no URL that is understood.
        span: the bytes of the URL; None where it is not to be edited.
        why: what keeps it from being edited, or empty.
        rivals: the files that stand in one set with it.
        written: how it is written; None for a bare name.
        place: where its page is; None for a bare name.
        encoding: how its page is read; empty for a bare name.
    """

    page: str
    line: int
    column: int
    kind: str
    file: str
    url: str = ""
    span: Span | None = None
    why: str = ""
    rivals: frozenset[str] = frozenset()
    written: UrlReference | None = None
    place: PageLocation | None = None
    encoding: str = ""

    @property
    def where(self) -> str:
        """The place as readers and editors take it."""
        return f"{self.page}:{self.line}:{self.column}"


@dataclass(slots=True)
class MentionIndex:
    """What a whole archive says about files.

    Attributes:
        mentions: all places that name one of them, in order of page and place.
        unread: files that may name any and could not be read.
    """

    mentions: list[Mention] = field(default_factory=list)
    unread: list[PageError] = field(default_factory=list)

    @property
    def by_page(self) -> dict[str, list[Mention]]:
        """The mentions of each page."""
        return _grouped(self.mentions, "page")

    @property
    def by_file(self) -> dict[str, list[Mention]]:
        """The places that show or name each file."""
        return _grouped(self.mentions, "file")


def _grouped(mentions: Iterable[Mention], name: str) -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = {}
    for each in mentions:
        found.setdefault(getattr(each, name), []).append(each)
    return found


class Archive:
    """A folder of pages and what they name; it is walked through once.

    Args:
        root: the folder.
        url: the address of its top, if known.
    """

    def __init__(self, root: Path, url: str = "") -> None:
        self.root = Path(os.path.realpath(root))
        self._site = Site(self.root, ImageLoader(), url=url)
        self.unread: list[PageError] = []

    @cached_property
    def files(self) -> frozenset[str]:
        """The regular files below the root, with slashes; no temporary ones."""
        return frozenset(name for name, is_link in self._walked if not is_link)

    @cached_property
    def links(self) -> Mapping[str, str]:
        """The symbolic links below the root, and the files below it that they lead to."""
        found = {}
        for name, is_link in self._walked:
            target = self._real(name) if is_link else ""
            if target:
                found[name] = target
        return found

    @cached_property
    def _walked(self) -> list[tuple[str, bool]]:
        found = []
        for folder, folders, names in os.walk(self.root, onerror=self._note):
            folders.sort()
            for name in sorted([*names, *(each for each in folders if os.path.islink(os.path.join(folder, each)))]):
                mode = os.lstat(os.path.join(folder, name)).st_mode
                below = os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")
                if stat.S_ISLNK(mode) or (stat.S_ISREG(mode) and not atomic.is_temporary(name)):
                    found.append((below, stat.S_ISLNK(mode)))
        return found

    def _note(self, error: OSError) -> None:
        name = os.path.relpath(error.filename, self.root).replace(os.sep, "/")
        self.unread.append(_unread(name, f"cannot be read: {error.strerror or error}", error))

    def _real(self, name: str) -> str:
        """Where a name below the root leads; empty for nowhere below the root."""
        path = os.path.realpath(self.root / name)
        if not path.startswith(os.path.join(self.root, "")) or not os.path.isfile(path):
            return ""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def place(self, page: str, declared: Declared) -> PageLocation:
        """Return where a page is, as far as it and its folders tell."""
        return self._site.place(tuple(page.split("/")), declared)

    def found(self, url: str, place: PageLocation) -> Parts | None:
        """Return the name below the root under which the file of a URL stands, be it a link; None for no such file."""
        for parts in candidates(url, place):
            name = "/".join(parts)
            if name in self.files:
                return parts
            if os.path.lexists(self.root / name) and not (self.root / name).is_dir():
                return parts if self._real(name) else None
        return None

    def real(self, parts: Parts) -> str:
        """Return the regular file that a name below the root leads to, links followed; empty for none."""
        name = "/".join(parts)
        return name if name in self.files else self._real(name)


def _nothing() -> None:
    """Tell nobody."""


def survey(archive: Archive, files: Collection[str], advance: Callable[[], None] = _nothing) -> MentionIndex:
    """Return every place of an archive that names one of some files.

    Args:
        archive: the folder, walked through.
        files: below its root, with slashes.
        advance: told that one more file of the archive has been read.
    """
    names, told = Names(files), MentionIndex()
    for name in sorted(archive.files) if files else ():
        try:
            if (raw := _text_of(archive.root, name)) is not None:
                told.mentions += mentions_in(archive, name, raw, names, files)
        except PageError as error:
            told.unread.append(error)
        advance()
    told.unread += archive.unread
    wanted = set(files)
    told.mentions += [Mention(link, 1, 1, "link", to, why=_LINK) for link, to in archive.links.items() if to in wanted]
    return told


_LINK = "a symbolic link is not edited"
_BARE = "its name stands in a place that is never edited"


def _text_of(root: Path, name: str) -> bytes | None:
    """The bytes of a file that may be text; None for all others."""
    path = root / name
    try:
        if path.stat().st_size > _MOST and path.suffix.lower() not in _NO_TEXTS:
            raise _unread(name, f"has more than {_MOST:,} bytes", None)
        with path.open("rb") as file:
            head = file.read(_SNIFFED)
            return head + file.read() if _is_text(name, head) else None
    except OSError as error:
        raise _unread(name, f"cannot be read: {error.strerror}", error) from error


def _is_text(name: str, head: bytes) -> bool:
    """Whether a file may hold names: also a page under a picture's name, as a server's answer is saved."""
    is_page = sniffed(head) in (DOCUMENT, FRAGMENT, XHTML)
    if os.path.splitext(name)[1].lower() in _NO_TEXTS:
        return is_page
    return b"\0" not in head or head.startswith(_WIDE_MARKS) or is_page or is_called_page(name)


def _unread(name: str, cause: str, error: OSError | None) -> PageError:
    told = PageError(name, cause, "it may name any file, so none is removed")
    told.__cause__ = error
    return told


def mentions_in(archive: Archive, page: str, raw: bytes, names: Names, files: Collection[str]) -> list[Mention]:
    """Return every place of one text that names one of some files, in order of place.

    Args:
        archive: the folder it stands in.
        page: its name below the root.
        raw: its bytes.
        names: the files' names.
        files: the files.
    """
    try:
        source = source_of(page, raw)
    except PageError:
        source = Source(raw, "latin-1", raw.decode("latin-1"))
        return _bare(page, source, source.view, names)
    if not names.found(source.view):
        return []
    understood = _understood(archive, page, source, names, set(files))
    rest = _without(source.view, [(each.start, each.end) for each, _ in understood])
    told = _told(source, [(each, found) for each, found in understood if isinstance(found, Mention)])
    return sorted([*told, *_bare(page, source, rest, names)], key=lambda each: (each.line, each.column))


def source_of(page: str, raw: bytes) -> Source:
    """Return the text of a page or a style sheet.

    Raises:
        PageError: it cannot be read in a way that can be written back.
    """
    return read_source(raw, encoding=_charset(page, raw), locator=page)


def _charset(page: str, raw: bytes) -> str | None:
    """The encoding that a style sheet declares, where Python knows it."""
    match = _CHARSET.match(raw) if page.lower().endswith(".css") else None
    if match is None:
        return None
    label = match[1].decode("ascii")
    try:
        read_source(b"", encoding=label)
    except EncodingError:
        return None
    return label


def _understood(
    archive: Archive, page: str, source: Source, names: Names, wanted: set[str]
) -> list[tuple[UrlReference, Mention | None]]:
    """The URLs with one of the names that certainly lead to a file; a mention each where it is one asked for."""
    kind = _kind(page, source.raw)
    if kind is Kind.OTHER or source.template_mark() is not None or mark_in(source.view) is not None:
        return []
    declared, written = written_in(source, None if kind is Kind.TEXT else kind)
    place = archive.place(page, declared)
    named = [each for each in written if names.found(each.url)]
    found = [(each, parts) for each in named if (parts := archive.found(each.url, place)) is not None]
    found = [(each, parts) for each, parts in found if archive.real(parts) in archive.files]
    sets: dict[int, list[tuple[int, str]]] = {}
    for each, parts in found:
        if each.choices >= 0:
            sets.setdefault(each.choices, []).append((each.start, archive.real(parts)))
    told: list[tuple[UrlReference, Mention | None]] = []
    for each, parts in found:
        real = archive.real(parts)
        rivals = frozenset(file for start, file in sets.get(each.choices, ()) if start != each.start)
        why = each.why or ("" if "/".join(parts) == real else "it leads through a symbolic link")
        mention = Mention(page, 0, 0, each.kind, real, each.url, None, why, rivals, each, place, source.encoding)
        told.append((each, mention if real in wanted else None))
    return told


def _kind(page: str, raw: bytes) -> Kind:
    """What a file is here: a style sheet counts as text."""
    if page.lower().endswith(".css"):
        return Kind.TEXT
    return kind_of(page.rpartition("/")[2], format_of_bytes(raw), text=False)


def _told(source: Source, found: list[tuple[UrlReference, Mention]]) -> Iterator[Mention]:
    """Mentions with their lines, columns and bytes."""
    ends = [end for each, _ in found for end in (each.start, each.end)]
    at, lines = source.byte_offsets(ends), source.line_columns([each.start for each, _ in found])
    for each, mention in found:
        line, column = lines[each.start]
        span = Span(at[each.start], at[each.end])
        why = mention.why or ("" if _is_exact(source, each, span) else "its bytes cannot be told for certain")
        yield replace(mention, line=line, column=column, span=None if why else span, why=why)


def _is_exact(source: Source, written: UrlReference, span: Span) -> bool:
    """Whether the bytes of a span are what stands in the view."""
    text, raw = source.view[written.start : written.end], source.raw[span.start : span.end]
    if not source.exact or source.encoding == "iso2022_jp":
        return text.isascii() and raw == text.encode("ascii")
    try:
        return text.encode(source.encoding) == raw
    except UnicodeEncodeError:
        return False


def _bare(page: str, source: Source, text: str, names: Names) -> list[Mention]:
    """Names that stand in a text, whatever they are there for."""
    if not names.found(text):
        return []
    found = list(names.places(text))
    lines = source.line_columns([at for at, _ in found])
    return [Mention(page, *lines[at], "text", file, why=_BARE) for at, file in found]


def _without(view: str, places: list[tuple[int, int]]) -> str:
    """A text with blanks where some places were, so that all others stay where they are."""
    pieces, last = [], 0
    for start, end in sorted(places):
        if start >= last:
            pieces += [view[last:start], re.sub(r"[^\n]", " ", view[start:end])]
            last = end
    return "".join([*pieces, view[last:]])
