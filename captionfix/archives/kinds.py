"""What a file is by its first bytes, before its name: a page, plain text, or something else that is never edited.

What is asked, in this order: whether the bytes have a signature, at their
beginning or behind a byte order mark, blanks, comments, front matter and the
head of an HTTP response; whether they open a format made of text; whether
they are text at all; whether they hold markup. An archive's format that
captionfix learns to read is told here too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from captionfix.archives.openings import CHUNKED, SCRIPT, TAG, http_head, json_end, opening, table, xml_root
from captionfix.errors import NotAPageError
from captionfix.markup.source import as_text
from captionfix.signatures import BZIP2, GZIP, SVG, XZ, Family, Format, format_of, unpacked

DOCUMENT = Format("document", "an HTML page", Family.PAGE)
"""It opens with what only a whole page has."""
FRAGMENT = Format("fragment", "a piece of HTML", Family.PAGE)
"""It opens as the MIME Sniffing Standard says that HTML does."""
XHTML = Format("xhtml", "an XHTML page", Family.PAGE)
MARKUP = Format("markup", "a text file", Family.PAGE)
EMPTY = Format("empty", "an empty file", Family.PAGE)
TEXT = Format("text", "a plain text file", Family.TEXT)
BINARY = Format("binary", "a binary file", Family.OTHER)

SNIFFED = 2**16
"""Bytes looked at first; what is to be skipped may be longer, and then more are."""
_SIGNED = 1024
_INSIDE = 2**12

_HTML = re.compile(
    r"<(?:(?P<document>!doctype\s+html|(?:html|head|body)(?=[\s>]))|!doctype\s|"
    r"(?:script|iframe|h1|div|font|table|a|style|title|b|br|p|article|section|figure|main)[\s>])",
    re.IGNORECASE,
)
"""What opens an HTML page, after the MIME Sniffing Standard (mimesniff.spec.whatwg.org, section 7.1)."""
_BLANK = r"[\s\0\ufeff]++|\xef\xbb\xbf"
_SKIPPED = re.compile(
    rf"(?P<blank>{_BLANK})|(?P<comment><!--.*?--!?>|<!-->)|(?P<code><\?(?:php\b|=).*?\?>|<%.*?%>)", re.DOTALL
)
_UNFINISHED = re.compile(r"<!--|<\?(?:php\b|=)|<%")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\r?\n(?:.*?\n)??(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_MATTER_OPENS = re.compile(r"(?:---|\+\+\+)[ \t]*\r?\n[\w#\"'-]")
_CONTROLS = re.compile(r"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""Binary data bytes (mimesniff.spec.whatwg.org, section 3)."""
_FEW = 0.02
"""Their share in a text that some were left in by mistake; random bytes have a tenth."""


@dataclass(frozen=True, slots=True)
class _Start:
    """Where what counts begins, and what was skipped before it."""

    at: int
    is_markup: bool = False
    is_open: bool = False


def sniff(head: bytes, *, complete: bool = True, encoding: str | None = None) -> Format | None:
    """Return what a file is by its first bytes.

    Args:
        head: the first bytes.
        complete: whether they are all.
        encoding: what the caller knows of its encoding.

    Returns:
        Its format, of the family PAGE or TEXT where captionfix may read it; None where more bytes are needed.

    >>> [sniff(head).name for head in (b"<!DOCTYPE html>", b"so <b>", b"so", b"%PDF-1.7", b"\\n<?xml?><rss>")]
    ['an HTML page', 'a text file', 'a plain text file', 'a PDF document', 'an RSS feed']
    """
    return _signed(head) or _sniffed(head, complete=complete, encoding=encoding)


def _sniffed(head: bytes, *, complete: bool, encoding: str | None) -> Format | None:
    text = as_text(head, encoding)
    start = _start(text)
    if len(text) == len(head) and start.at and (signed := _signed(head[start.at :])) is not None:
        return signed
    if not complete and (start.is_open or start.at == len(text)):
        return None
    if start.at == len(text):
        return FRAGMENT if start.is_markup else EMPTY
    return _of_text(text, start, complete=complete)


def _signed(head: bytes) -> Format | None:
    found = format_of(head[:_SIGNED])
    if found not in (GZIP, BZIP2, XZ):
        return found
    inside = unpacked(head, _INSIDE)
    held = (format_of(inside) or _sniffed(inside, complete=False, encoding=None)) if inside else None
    if held is None or held.family in (Family.TEXT, Family.OTHER):
        return found
    key, family = (found.key, found.family) if held.family is Family.PAGE else (held.key, held.family)
    article = "an" if found is XZ else "a"
    return Format(f"{key}.{found.key}", f"{article} {found.key}-packed {held.noun}", family)


def _start(text: str) -> _Start:
    """Go past what may stand before anything."""
    at, is_markup = 0, False
    has_front = False
    while True:
        if found := _SKIPPED.match(text, at):
            is_markup |= found["blank"] is None
        elif not has_front and (found := _FRONT_MATTER.match(text, at)):
            has_front = True
        elif (end := _other_head(text, at)) > at:
            at = end
            continue
        if found is None:
            is_open = bool(_UNFINISHED.match(text, at) or (not has_front and _FRONT_MATTER_OPENS.match(text, at)))
            return _Start(at, is_markup, is_open)
        at = found.end()


def _other_head(text: str, at: int) -> int:
    """Where an HTTP head ends, or front matter that is a JSON object of several lines with a page behind it."""
    if (end := http_head(text, at)) > at:
        return at if opening(text, at) is CHUNKED else end
    if text.startswith("{", at) and (end := json_end(text, at)) > at:
        rest = text[end:].lstrip()
        if "\n" in text[at:end] and rest and rest[0] not in "{[,":
            return end
    return at


def _of_text(text: str, start: _Start, *, complete: bool) -> Format | None:
    at = start.at
    if (found := opening(text, at)) is not None:
        return found
    if (root := xml_root(text, at)) is not None:
        if root.format is SVG and not root.is_alone:
            return _drawing(text, complete=complete)
        return root.format or XHTML
    return _of_plain_text(text, start)


def _drawing(text: str, *, complete: bool) -> Format | None:
    """SVG where it is all there is; icons at the head of a piece of HTML are part of that."""
    end = text.lower().rfind("</svg")
    if end < 0:
        return SVG if complete else None
    return FRAGMENT if TAG.search(text, end + 1) else SVG


def _of_plain_text(text: str, start: _Start) -> Format:
    at = start.at
    if (found := _HTML.match(text, at)) is not None:
        return DOCUMENT if found["document"] else FRAGMENT
    tag = TAG.search(text, at)
    before = text[at : tag.start()] if tag is not None else text[at:]
    if len(_CONTROLS.findall(before)) > _FEW * len(before):
        return BINARY
    if tag is None:
        if start.is_open and text.startswith("<?", at):
            return SCRIPT
        return FRAGMENT if start.is_markup else MARKUP if start.is_open and text[at] == "<" else TEXT
    return FRAGMENT if start.is_markup else table(text, at) or MARKUP


def format_of_bytes(data: bytes, encoding: str | None = None) -> Format:
    """Return what bytes are, of which all are given.

    Args:
        data: the bytes.
        encoding: what the caller knows of their encoding.

    >>> format_of_bytes(b"PK\\3\\4").name, format_of_bytes(b" " * 100_000 + b"<html>").name, format_of_bytes(b"").name
    ('a ZIP archive', 'an HTML page', 'an empty file')
    """
    complete = len(data) <= SNIFFED
    found = sniff(data[:SNIFFED], complete=complete, encoding=encoding)
    return found or sniff(data, encoding=encoding) or TEXT


def may_be_page(found: Format) -> bool:
    """Return whether bytes of a format may be read as a page or as plain text."""
    return found.family in (Family.PAGE, Family.TEXT)


_ADVICE = {
    "warc": "extract its pages into a folder and name that",
    "text": "if it is to be read, add --text",
    "binary": "name an HTML page; for one in UTF-16 without a byte order mark, add --encoding utf-16",
    "http": "save the page itself, without its transfer encoding",
    "mail": "save the page that it holds as HTML, and name that",
    "json": "take the HTML out of its fields; in a program, captionfix.clean does one page",
    "cdx": "name the pages themselves",
    "sql": "export its pages as HTML files, and name those",
    "markup": "if it is a page, give it the ending .html",
}
"""What to do, by a format's key."""
_ADVICE |= dict.fromkeys(("arc", "wacz"), _ADVICE["warc"]) | {"mbox": _ADVICE["mail"]}
_ADVICE |= dict.fromkeys(("jsonl", "csv", "parquet", "arrow", "avro", "orc", "xml", "sqlite"), _ADVICE["json"])
_FAMILY_ADVICE = {
    Family.IMAGE: "name an HTML page; captionfix images compares image files",
    Family.ARCHIVE: "unpack it and name the pages in it",
    Family.DOCUMENT: "save it as HTML and name that",
    Family.FEED: "it holds no pages; name those that it leads to",
}


def advice(found: Format) -> str:
    """Return what to do with a file that is no page.

    >>> advice(sniff(b"GIF89a"))
    'name an HTML page; captionfix images compares image files'
    """
    key = found.key.partition(".")[0]
    return _ADVICE.get(key) or _FAMILY_ADVICE.get(found.family, "name an HTML page")


def refusal(locator: str, found: Format) -> NotAPageError:
    """Return the error for a file that is no page.

    >>> str(refusal("map", sniff(b"<?xml version='1.0'?><urlset>")))
    'map: is a sitemap, not a page; it holds no pages; name those that it leads to'
    """
    return NotAPageError(locator, f"is {found.name}, not a page", advice(found))
