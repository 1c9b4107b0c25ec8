"""Text in an XML document as it is written: in CDATA sections, with references, or both; edited without its parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.entities import html5

from captionfix.containers.pieces import Piece, places, spliced
from captionfix.model import Edit

_OPENS, _ENDS = "<![CDATA[", "]]>"
_TOKEN = re.compile(
    r"(?P<cdata><!\[CDATA\[(?P<inside>.*?)\]\]>)|(?P<aside><!--.*?-->|<\?.*?\?>)|"
    r"&#(?:x(?P<hex>[0-9A-Fa-f]{1,6})|(?P<number>[0-9]{1,7}));|&(?P<name>[A-Za-z][A-Za-z0-9]{0,40});|[^<&]++|.",
    re.DOTALL,
)
_MARKED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_QUOTES = {'"': ("&quot;", "&#34;", "&#x22;"), "'": ("&apos;", "&#39;", "&#039;", "&#x27;")}
_LAST = 0x10FFFF


class XmlText:
    """What stands between two tags, with no element in it.

    Args:
        raw: its bytes, as the document has them.
        encoding: the document's encoding; one of those with a byte order mark only with its byte order.

    >>> text = XmlText(b"<![CDATA[<p>Boats]]> &amp;#38; &lt;/p&gt;", "utf-8")
    >>> text.said
    b'<p>Boats &#38; </p>'
    """

    def __init__(self, raw: bytes, encoding: str) -> None:
        self._raw, self._encoding = raw, encoding
        self._text = raw.decode(encoding, "surrogateescape")
        self._is_utf8 = encoding in ("utf-8", "us-ascii")

    @property
    def said(self) -> bytes:
        """What it says, in UTF-8."""
        return b"".join(piece.said for piece in self._pieces())

    def edited(self, edits: Sequence[Edit]) -> bytes:
        """Return its bytes with edits of what it says: only what they touch changes, where that can be."""
        said = spliced(self.said, edits)
        new = self._touched(edits)
        if XmlText(new, self._encoding).said == said:
            return new
        return self._written(said, is_cdata=_OPENS in self._text)

    def _touched(self, edits: Sequence[Edit]) -> bytes:
        starts, ends = places(self._pieces(), len(self._raw), edits)
        opens, ends_cdata = (sign.encode(self._encoding) for sign in (_OPENS, _ENDS))
        has_cdata = _OPENS in self._text
        out, at = bytearray(), 0
        for edit in edits:
            start = starts[edit.span.start]
            out += self._raw[at:start]
            is_cdata = has_cdata and self._raw.rfind(opens, 0, start) > self._raw.rfind(ends_cdata, 0, start)
            out += self._written(edit.replacement, is_cdata=is_cdata, is_whole=False)
            at = max(start, ends[edit.span.end])
        return bytes(out + self._raw[at:])

    def _written(self, data: bytes, *, is_cdata: bool, is_whole: bool = True) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        if is_cdata:
            text = text.replace(_ENDS, f"]]{_ENDS}{_OPENS}>")
            text = f"{_OPENS}{text}{_ENDS}" if is_whole else text
        else:
            text = "".join(_MARKED.get(char) or self._quote(char) for char in text)
        return b"".join(_encoded(char, self._encoding) for char in text)

    def _quote(self, char: str) -> str:
        """A quotation mark as this text writes it."""
        return next((way for way in _QUOTES.get(char, ()) if way in self._text), char)

    def _pieces(self) -> Iterator[Piece]:
        at = 0
        for token in _TOKEN.finditer(self._text):
            if token["cdata"] is None:
                is_read = token[0][0] == "&" or token["aside"] is not None
                parts: tuple[tuple[str, bool], ...] = ((token[0], not is_read),)
            else:
                parts = ((_OPENS, False), (token["inside"], True), (_ENDS, False))
            for text, is_plain in parts:
                for written in (text,) if self._is_utf8 or not is_plain else text:
                    size = len(_encoded(written, self._encoding))
                    said = written if is_plain else _meant(token)
                    yield Piece(said.encode("utf-8", "surrogateescape"), at, at + size)
                    at += size


def _meant(token: re.Match[str]) -> str:
    """What a reference stands for; nothing for what says nothing, itself for what nobody knows."""
    if token["hex"] or token["number"]:
        code = int(token["hex"], 16) if token["hex"] else int(token["number"])
        return chr(code) if code <= _LAST and not 0xD800 <= code < 0xE000 else token[0]  # noqa: PLR2004 surrogates
    if token["name"]:
        return {"apos": "'"}.get(token["name"]) or html5.get(f"{token['name']};", token[0])
    return ""


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return text.encode(encoding, "xmlcharrefreplace")
