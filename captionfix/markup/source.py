"""Bytes and the text they stand for, with a way back from every character to its byte.

A page is decoded once, as a browser would, with two changes that keep every
character at its place: ``CR LF`` reads as a space and ``LF``, and a byte order
mark as a space. A byte that the encoding cannot read is one U+FFFD, as in a
browser, and finds its way back by PEP 383; where a legacy codec cannot promise
that, each byte is read as one character (latin-1), which keeps the structure
of every ASCII-compatible page.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from captionfix.errors import EncodingError, PageError
from captionfix.markup.templates import first_statement, may_hold_statement

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF16_OPENINGS = ((re.compile(rb"<\0[^\0]\0"), "utf-16-le"), (re.compile(rb"\0<\0[^\0]"), "utf-16-be"))
"""How a page in UTF-16 without a mark opens, after XML's appendix F."""
_WIDE = {
    "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16be": "utf-16-be",
    "utf-16-be": "utf-16-be", "utf-32": "utf-32-le", "utf-32le": "utf-32-le", "utf-32-le": "utf-32-le",
    "utf-32be": "utf-32-be", "utf-32-be": "utf-32-be",
}  # fmt: skip
"""What a caller may mean; a page that declares one of these to be read is not in it, and the standard says UTF-8."""
_NEVER = ("utf-7", "unicode-escape", "raw-unicode-escape")
"""Text in disguise: what they make of a page is not what any reader sees."""
_STATEFUL = ("utf-16-le", "utf-16-be", "iso2022_jp", "utf-32-le", "utf-32-be")
_DECLARING = re.compile(rb"<(?:(meta)|\?xml)\b", re.IGNORECASE)
_CHARSET, _ENCODING = (
    re.compile(rb"""\b%b\s*+=\s*+["']?\s*+([A-Za-z0-9_:.-]+)""" % name, re.IGNORECASE)
    for name in (b"charset", b"encoding")
)

_CODECS = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "l1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252",
    "x-cp1252": "cp1252", "iso-8859-2": "iso8859_2", "iso8859-2": "iso8859_2", "latin2": "iso8859_2",
    "iso-8859-3": "iso8859_3", "iso-8859-4": "iso8859_4", "iso-8859-5": "iso8859_5", "iso-8859-6": "iso8859_6",
    "iso-8859-7": "iso8859_7", "iso-8859-8": "iso8859_8", "iso-8859-8-i": "iso8859_8", "iso-8859-9": "cp1254",
    "latin5": "cp1254", "windows-1254": "cp1254", "iso-8859-10": "iso8859_10", "iso-8859-11": "cp874",
    "tis-620": "cp874", "windows-874": "cp874", "iso-8859-13": "iso8859_13", "iso-8859-14": "iso8859_14",
    "iso-8859-15": "iso8859_15", "latin-9": "iso8859_15", "iso-8859-16": "iso8859_16", "windows-1250": "cp1250",
    "cp1250": "cp1250", "windows-1251": "cp1251", "cp1251": "cp1251", "win-1251": "cp1251",
    "windows-1253": "cp1253", "windows-1255": "cp1255", "windows-1256": "cp1256", "windows-1257": "cp1257",
    "windows-1258": "cp1258", "koi8-r": "koi8_r", "koi8-u": "koi8_u", "ibm866": "cp866", "cp866": "cp866",
    "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "x-gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "euc-jp": "euc_jp", "x-euc-jp": "euc_jp",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms_kanji": "cp932", "iso-2022-jp": "iso2022_jp", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
}  # fmt: skip
"""Labels of the Encoding Standard (encoding.spec.whatwg.org) and the Python codec for each."""


@dataclass(frozen=True, slots=True)
class Source:
    """A page's bytes and the text parsed in their place.

    Attributes:
        raw: the bytes.
        encoding: the Python codec they are read with.
        view: the text, one character for each character of the bytes.
        exact: whether the view is the page's text; if not, it is one character a byte.
    """

    raw: bytes
    encoding: str
    view: str
    exact: bool = True
    _offsets: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    def text(self, piece: str) -> str:
        """Return what a piece of the view says."""
        if self.exact or piece.isascii():
            return piece
        raw = piece.encode("latin-1", "xmlcharrefreplace")
        return raw.decode(self.encoding, "replace")

    def encode(self, text: str) -> bytes:
        """Return text as bytes of this page, with character references where its encoding has no place.

        >>> read_source(b"<p>caf\\xe9", encoding="latin-1").encode("caf\\u00e9 \\u0142")
        b'caf\\xe9 &#322;'
        """
        try:
            return text.encode(self.encoding, "surrogateescape")
        except UnicodeEncodeError:
            clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return clean.encode(self.encoding, "xmlcharrefreplace")

    def as_parsed(self, text: str) -> str:
        """Return text as the view has it once it stands in the page."""
        if self.exact:
            return text
        return "".join(self._sign_as_parsed(sign) for sign in text)

    def _sign_as_parsed(self, sign: str) -> str:
        try:
            return sign.encode(self.encoding).decode("latin-1")
        except UnicodeEncodeError:
            return sign

    def byte_offsets(self, positions: Iterable[int]) -> dict[int, int]:
        """Return the byte at which each character of the view begins."""
        if not self.exact or len(self.raw) == len(self.view):
            return {position: position for position in positions}
        wanted = set(positions)
        if not wanted <= self._offsets.keys():
            self._find_offsets(wanted)
        return {position: self._offsets[position] for position in wanted}

    def _find_offsets(self, wanted: set[int]) -> None:
        """Count the bytes up to some characters from the nearest before each of them that are known."""
        last = count = 0
        unmasked = self._decoded(self.raw) if "\ufffd" in self.view or self._has_mark() else self.view
        for position in sorted(wanted | self._offsets.keys()):
            known = self._offsets.get(position)
            if known is None:
                known = count + len(unmasked[last:position].encode(self.encoding, "surrogateescape"))
                self._offsets[position] = known
            last, count = position, known

    def template_mark(self) -> int | None:
        """Return where the page first shows that it is a template, not a page that was served; None if it is none.

        See `captionfix.markup.templates`.

        >>> read_source(b"<script>{{ a }}</script><p>{% if mobile %}").template_mark()
        27
        """
        is_plain = bool(self.raw) and self.encoding not in _STATEFUL
        if is_plain and not may_hold_statement(self.raw):
            return None
        return first_statement(self.view)

    def successor(self, raw: bytes) -> Source:
        """Return the source of the page's bytes after an edit, read the same way."""
        try:
            text = raw.decode(self.encoding if self.exact else "latin-1")
        except UnicodeDecodeError:
            text = _readable(self._decoded(raw))
        return Source(raw, self.encoding, _mask(text), self.exact)

    def is_read_alike(self, encoding: str | None, locator: str) -> bool:
        """Return whether these bytes, read anew, are read in the same encoding.

        Args:
            encoding: the page's encoding, where the caller knows it.
            locator: its name, for error texts.
        """
        is_sound = self.encoding == "utf-8" and "\ufffd" not in self.view and not self.raw.isascii()
        if is_sound and _codec(self.raw, encoding, locator) in (None, "utf-8"):
            return True
        return read_source(self.raw, encoding=encoding, locator=locator).encoding == self.encoding

    def position(self, offset: int) -> int:
        """Return the character of the view that begins at a byte."""
        return len(self._decoded(self.raw[:offset])) if self.exact else offset

    def _decoded(self, raw: bytes) -> str:
        return raw.decode(self.encoding, "surrogateescape")

    def _has_mark(self) -> bool:
        return any(self.raw.startswith(mark) for mark, _ in _BOMS)

    def line_columns(self, positions: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return line and column of characters, both from 1."""
        found: dict[int, tuple[int, int]] = {}
        line, last = 1, 0
        for position in sorted(set(positions)):
            line += self.view.count("\n", last, position)
            last = position
            found[position] = line, position - self.view.rfind("\n", 0, position)
        return found

    def line_column(self, position: int) -> tuple[int, int]:
        """Return line and column of a character, both from 1."""
        return self.view.count("\n", 0, position) + 1, position - self.view.rfind("\n", 0, position)


def read_source(raw: bytes, *, encoding: str | None = None, locator: str = "<page>") -> Source:
    """Decode a page.

    The order is that of the HTML standard (section 13.2.3.2): byte order
    mark, then what the caller knows, then what the page declares; but bytes
    that are valid UTF-8 beyond ASCII are UTF-8 whatever the page declares,
    since text in another encoding practically never is.

    Args:
        raw: the page.
        encoding: its encoding, where the caller knows it.
        locator: its name, for error texts.

    Raises:
        EncodingError: the caller's encoding is unknown.
        PageError: the page cannot be read in a way that can be written back.

    >>> read_source("<p>caf\\u00e9".encode("utf-16")).encoding
    'utf-16-le'
    >>> read_source(b"<meta charset=gb2312><p>\\xc4\\xe3").view[-1]
    '\\u4f60'
    """
    codec = _codec(raw, encoding, locator)
    if codec is None and raw.isascii():
        # Whatever it is declared to be: what is put in must be read alike in all of them.
        return Source(raw, "ascii", _mask(raw.decode("ascii")))
    if codec is None:
        try:
            return Source(raw, "utf-8", _mask(raw.decode("utf-8")))
        except UnicodeDecodeError:
            codec = _declared(raw) or "cp1252"
    try:
        text = raw.decode(codec, "surrogateescape")
    except UnicodeDecodeError as error:
        raise PageError(
            locator, f"is not sound {codec}", "name the right encoding with --encoding", error.start
        ) from error
    if codec == "utf-8" or _same_bytes(text, codec, raw):
        return Source(raw, codec, _mask(_readable(text)))
    if codec in _STATEFUL:
        raise PageError(
            locator, f"is not sound {codec}", "name the right encoding with --encoding", _differs(text, codec, raw)
        )
    return Source(raw, codec, _mask(raw.decode("latin-1")), exact=False)


def _codec(raw: bytes, hint: str | None, locator: str) -> str | None:
    """The codec that is certain before the bytes are looked at as UTF-8, or None."""
    for mark, codec in _BOMS:
        if raw.startswith(mark):
            return codec
    if hint:
        try:
            return _hinted(hint)
        except (LookupError, ValueError) as error:
            cause, advice = f"unknown encoding {hint!r}", "name one that Python knows, such as utf-8"
            raise EncodingError(locator, cause, advice) from error
    for pattern, codec in _UTF16_OPENINGS:
        if pattern.match(raw):
            return codec
    return "iso2022_jp" if b"\x1b" in raw and b"\x1b$" in raw and _declared(raw) == "iso2022_jp" else None


def as_text(head: bytes, encoding: str | None = None) -> str:
    """Return the first bytes of a file as text to look for markup in: a character a byte, but in wide encodings.

    Args:
        head: the first bytes.
        encoding: the encoding, where the caller knows it.

    >>> as_text("<p>".encode("utf-16-le")), len(as_text("<p>\u00e9".encode()))
    ('<p>', 5)
    """
    try:
        codec = _codec(head, encoding, "<page>")
    except EncodingError:  # reading the page says so, with the page's name
        codec = None
    return head.decode(codec if codec in _WIDE.values() and codec else "latin-1", "replace")


def _hinted(hint: str) -> str:
    """The codec of a caller's label; any of Python's that reads text as HTML is written."""
    label = hint.strip().lower()
    if label in _WIDE:
        return _WIDE[label]
    if label in _CODECS:
        return _CODECS[label]
    name = codecs.lookup(label).name
    try:
        sound = name not in _NEVER and b"<a>".decode(name, "surrogateescape") == "<a>" and "<a>".encode(name) == b"<a>"
    except (TypeError, ValueError, LookupError):
        sound = False
    if not sound:
        raise LookupError(hint)
    return name


def _declared(raw: bytes) -> str | None:
    searched = {_CHARSET: 0, _ENCODING: 0}
    for opening in _DECLARING.finditer(raw):
        pattern = _CHARSET if opening[1] else _ENCODING
        if opening.start() < searched[pattern]:
            continue  # it stands in a tag that was searched already
        end = raw.find(b">", opening.end())
        searched[pattern] = len(raw) if end < 0 else end
        if match := pattern.search(raw, opening.end(), searched[pattern]):
            return _CODECS.get(match[1].decode("ascii").lower())
    return None


def _same_bytes(text: str, codec: str, raw: bytes) -> bool:
    try:
        return text.encode(codec, "surrogateescape") == raw
    except UnicodeEncodeError:
        return False


def _differs(text: str, codec: str, raw: bytes) -> int:
    again = text.encode(codec, "replace")
    return next((i for i, (a, b) in enumerate(zip(raw, again, strict=False)) if a != b), min(len(raw), len(again)))


def _mask(text: str) -> str:
    if text.startswith(("\ufeff", "\xef\xbb\xbf")):
        text = " " * (1 if text[0] == "\ufeff" else 3) + text[1 if text[0] == "\ufeff" else 3 :]
    return _LONE_RETURN.sub("\n", text).replace("\r", " ") if "\r" in text else text


def _readable(text: str) -> str:
    """A text with a sign in place of each byte that its encoding cannot read."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _UNREADABLE.sub("\ufffd", text)
    return text


_LONE_RETURN = re.compile("\r(?!\n)")
_UNREADABLE = re.compile("[\udc80-\udcff]")
