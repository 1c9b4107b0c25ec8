"""RSS, Atom and WordPress exports: HTML in the texts of their entries, in CDATA or escaped. Only those texts change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO
from xml.parsers import expat

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.packing import unpacked
from captionfix.containers.shortcodes import Shortcodes
from captionfix.containers.source import Source
from captionfix.containers.splicing import Splicer
from captionfix.containers.xml_text import XmlText
from captionfix.errors import ContainerError, PageError
from captionfix.model import Edit
from captionfix.settings import Settings

_TEXTS = frozenset(
    ("description", "content:encoded", "excerpt:encoded", "encoded", "content", "summary", "media:description")
)
"""Elements that hold HTML (RSS 2.0 and its content module, RFC 4287, Media RSS, WordPress's export)."""
_ENTRIES = frozenset(("item", "entry"))
_LINKS = ("link", "guid", "id")
_PLAIN = frozenset(("text", "text/plain"))
_READ = 2**16
_WIDE = 6
"""Bytes that a character of a text may take at most, such as ``&quot;``."""


@dataclass(slots=True)
class _Text:
    """A text of an entry: where it begins, and its bytes, none where there are too many."""

    tag: str
    attributes: dict[str, str]
    at: int
    depth: int
    raw: bytes = b""
    has_elements: bool = False
    is_too_long: bool = False


@dataclass(slots=True)
class _Entry:
    """An entry that is being read."""

    number: int
    depth: int
    links: dict[str, str] = field(default_factory=dict)
    texts: list[_Text] = field(default_factory=list)

    @property
    def url(self) -> str:
        return next(
            (self.links[name] for name in ("link", "guid", "id") if self.links.get(name, "").strip()), ""
        ).strip()


class Feed:
    """An open feed.

    Args:
        source: the file.
        settings: its limits.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        self._source, self._settings = source, settings

    def members(self) -> Iterator[Member]:
        """Yield the texts, entry by entry; see `captionfix.containers.members.Container`."""
        reader = _Reader(self._source, self._settings.max_page_bytes)
        with unpacked(self._source, self._settings) as file:
            for entry in reader.entries(file):
                for text in entry.texts:
                    yield _member(text, entry, reader.encoding)

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(Splicer(self._source, self._settings, out))

    def close(self) -> None:
        """Nothing is held open between entries."""


def _member(text: _Text, entry: _Entry, encoding: str) -> Member:
    name = f"{entry.url or f'entry {entry.number}'}!{text.tag}"
    if text.is_too_long:
        return Member(name, text.at, problem="is longer than a page may be (max-page-bytes)", url=entry.url)
    kind = text.attributes.get("type", "")
    if kind in _PLAIN or ("/" in kind and kind != "text/html" and not kind.endswith("xhtml+xml")):
        return Member(name, text.at, left=f"a text of the type {kind}", url=entry.url)
    if text.has_elements:
        data, declared = text.raw, "application/xhtml+xml"
        return Member(
            name, text.at, data[:HEAD], lambda _: data, entry.url, declared, encoding, handle=(text, None, None)
        )
    held = XmlText(text.raw, encoding)
    codes = Shortcodes(held.said)
    said = codes.shown
    if not said.strip():
        return Member(name, text.at, left="an empty text", url=entry.url)
    return Member(
        name, text.at, said[:HEAD], partial(_first, said), entry.url, "text/html", "utf-8", handle=(text, held, codes)
    )


def _first(data: bytes, most: int) -> bytes:
    return data[: most + 1]


_BY_HAND = "no copy was written; leave its rule out with --ignore, or edit that text by hand"


class _Writer:
    def __init__(self, splicer: Splicer) -> None:
        self._splicer = splicer

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:
        text, held, codes = member.handle
        try:
            new = data if held is None else held.edited(codes.written(edits))
        except ValueError as error:
            raise PageError(member.name, str(error), _BY_HAND, text.at) from error
        self._splicer.replace(text.at, text.at + len(text.raw), new)

    def finish(self) -> None:
        self._splicer.finish()


class _Reader:
    """Reads a feed once, and keeps the bytes of the text that is being read.

    Args:
        source: the feed, for errors.
        most: bytes of a text, at most; 0 for no limit.
    """

    def __init__(self, source: Source, most: int) -> None:
        self.encoding = "utf-8"
        self._source = source
        self._most = _WIDE * most
        self._parser = self._made()
        self._window, self._window_at = bytearray(), 0
        self._seen = 0
        self._depth = self._count = 0
        self._entry: _Entry | None = None
        self._text: _Text | None = None
        self._is_pending = False
        self._link = ""
        self._done: list[_Entry] = []

    def entries(self, file: BinaryIO) -> Iterator[_Entry]:
        """Yield the entries that are whole, and texts that belong to none.

        Raises:
            ContainerError: it is cut off, or no sound XML.
        """
        is_done = False
        while not is_done:
            data = file.read(_READ)
            is_done = not data
            self._take(data)
            try:
                self._parser.Parse(data, is_done)
            except (expat.ExpatError, ValueError, LookupError) as error:
                yield from self._given()
                raise self._error(error) from error
            yield from self._given()

    def _made(self) -> Any:
        parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.UseForeignDTD(False)  # noqa: FBT003 expat takes it by position only
        parser.XmlDeclHandler = self._declared
        parser.EntityDeclHandler = self._entity
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._said
        parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = self._begin
        parser.CommentHandler = parser.DefaultHandler = self._other
        parser.ProcessingInstructionHandler = self._other
        return parser

    def _given(self) -> list[_Entry]:
        done, self._done = self._done, []
        return done

    def _error(self, error: Exception) -> ContainerError:
        if isinstance(error, expat.ExpatError):
            cause = f"is cut off or no sound XML: {expat.ErrorString(error.code)}"
            return self._source.error(cause, self._parser.ErrorByteIndex)
        return self._source.error(str(error), self._parser.CurrentByteIndex)

    def _take(self, data: bytes) -> None:
        """Keep what the open text may need; of what lies before, nothing."""
        text = self._text
        if not self._window_at and not self._window and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self.encoding = "utf-16-le" if data[0] == 0xFF else "utf-16-be"  # noqa: PLR2004 a byte order mark
        if text is not None and self._most and len(self._window) > self._most + _READ:
            text.is_too_long = True
        kept = self._seen if text is None or text.is_too_long or self._is_pending else text.at
        del self._window[: kept - self._window_at]
        self._window_at = kept
        self._window += data

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and not self.encoding.startswith("utf-16"):
            self.encoding = encoding.lower()

    def _entity(self, name: str, *_: Any) -> None:
        raise ValueError(f"declares an entity of its own, {name!r}: nothing of it is expanded")

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        self._begin()
        self._depth += 1
        if self._text is not None:
            self._text.has_elements = True
        elif tag in _ENTRIES and self._entry is None:
            self._count += 1
            self._entry = _Entry(self._count, self._depth)
        elif tag in _TEXTS:
            self._text = _Text(tag, attributes, self._parser.CurrentByteIndex, self._depth)
            self._is_pending = True
        elif self._entry is not None and tag in _LINKS and self._depth == self._entry.depth + 1:
            self._link = tag
            if attributes.get("rel", "alternate") == "alternate" and attributes.get("isPermaLink") != "false":
                self._entry.links.setdefault(tag, attributes.get("href", ""))

    def _ended(self, _: str) -> None:
        self._begin()
        text = self._text
        if text is not None and text.depth == self._depth:
            self._close(text)
        if self._entry is not None and self._entry.depth == self._depth:
            self._done.append(self._entry)
            self._entry = None
        self._link = ""
        self._depth -= 1

    def _close(self, text: _Text) -> None:
        end = self._parser.CurrentByteIndex
        if not text.is_too_long:
            text.raw = bytes(self._window[text.at - self._window_at : end - self._window_at])
        self._text = None
        if text.raw or text.is_too_long:
            (self._entry or self._alone()).texts.append(text)

    def _alone(self) -> _Entry:
        """A text of the feed itself."""
        self._done.append(_Entry(0, 0))
        return self._done[-1]

    def _said(self, text: str) -> None:
        self._begin()
        if self._link and self._entry is not None and self._link in self._entry.links:
            self._entry.links[self._link] += text

    def _other(self, *_: Any) -> None:
        self._begin()

    def _begin(self) -> None:
        """What comes first behind the tag of a text tells where that begins."""
        self._seen = self._parser.CurrentByteIndex
        if self._is_pending and self._text is not None:
            self._text.at = self._seen
            self._is_pending = False


open_container = Feed
