"""What files made of text begin with, where they are no pages: archives, data, feeds, mail, programs.

Each test is given a text and the place where its first sign stands. One
character is one byte, but in wide encodings.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from captionfix.signatures import ODF, SVG, Family, Format

WARC, ARC = Format("warc", "a WARC file", Family.ARCHIVE), Format("arc", "an ARC file", Family.ARCHIVE)
CDX = Format("cdx", "a CDX index", Family.DATA)
MHTML = Format("mhtml", "an MHTML file", Family.ARCHIVE)
MAIL, MBOX = Format("mail", "a mail message", Family.ARCHIVE), Format("mbox", "a mailbox", Family.ARCHIVE)
CHUNKED = Format("http", "a chunked HTTP response", Family.ARCHIVE)
JSON, JSONL = Format("json", "a JSON file", Family.DATA), Format("jsonl", "a JSON Lines file", Family.DATA)
CSV, SQL = Format("csv", "a CSV file", Family.DATA), Format("sql", "an SQL dump", Family.DATA)
PATCH, SCRIPT = Format("patch", "a patch", Family.PROGRAM), Format("script", "a script", Family.PROGRAM)
RSS, ATOM = Format("rss", "an RSS feed", Family.FEED), Format("atom", "an Atom feed", Family.FEED)
WXR = Format("wxr", "a WordPress export", Family.FEED)
SITEMAP, OPML = Format("sitemap", "a sitemap", Family.FEED), Format("opml", "an OPML outline", Family.FEED)
MEDIAWIKI = Format("mediawiki", "a MediaWiki export", Family.DATA)

ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        """a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote
        body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl
        dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr
        html i iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr noframes
        noscript object ol optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script
        search section select small source span strike strong style sub summary sup svg table tbody td template
        textarea tfoot th thead time title tr track tt u ul var video wbr xmp""",
    )
)
"""HTML's elements, obsolete ones too (html.spec.whatwg.org, sections 4 and 16.2), and ``svg``."""
TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(ELEMENTS))})(?=[\s/>])|<[a-z]++(?:-[a-z0-9]++)++\s++[\w:@.-]++=|<!doctype\s+html",
    re.IGNORECASE,
)
"""A tag of HTML, or a custom element with an attribute: ``<T>`` and ``<me@host>`` are none."""


class Root(NamedTuple):
    """What the outermost element of a file in XML is.

    Attributes:
        format: the file's format; None for a page.
        is_alone: whether the file says that it is a document by itself.
    """

    format: Format | None
    is_alone: bool = True


_ROOTS = {
    "rss": RSS, "rdf": Format("rdf", "an RDF file", Family.FEED), "feed": ATOM,
    "urlset": SITEMAP, "sitemapindex": SITEMAP, "opml": OPML, "mediawiki": MEDIAWIKI, "svg": SVG,
    "office:document": ODF,
    "plist": Format("plist", "a property list", Family.DATA),
}  # fmt: skip
_XHTML = "http://www.w3.org/1999/xhtml"
_BETWEEN = re.compile(r"(?:[\s\0]+|<!--.*?-->|<\?(?!php\b|=).*?\?>)*", re.DOTALL | re.IGNORECASE)
_DOCTYPE = re.compile(r"<!doctype\s++([\w:.-]++)(?:[^\[>]*+\[.*?\]\s*+>|[^>]*+>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"""<(?:([A-Za-z_][\w.-]*+):)?([A-Za-z_][\w.-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_NAMESPACE = re.compile(r"""(?:^|\s)xmlns\s*=\s*["']([^"']*)["']""")
_MARKED = re.compile(r"\s(?:xmlns(?::\w+)?|version)\s*=")


def xml_root(text: str, at: int) -> Root | None:
    """Return what a file's outermost element says that it is; None where nothing there says that the file is XML.

    Args:
        text: the file's beginning.
        at: where its first sign stands.

    >>> xml_root("<?xml version='1.0'?><rss>", 0).format.name, xml_root("<?xml version='1.0'?><html>", 0).format
    ('an RSS feed', None)
    >>> xml_root("<rss>", 0), xml_root("<?xml version='1.0'?><p>", 0)
    (None, None)
    """
    is_declared = text[at : at + 5].lower() == "<?xml"
    at = _behind(text, at)
    doctype = _DOCTYPE.match(text, at)
    named = doctype[1].lower() if doctype is not None else ""
    if named.endswith("html"):
        return Root(None) if is_declared else None
    root = _ROOT.match(text, _behind(text, doctype.end()) if doctype is not None else at)
    return _root(root, named, is_declared=is_declared) if root is not None else None


def _behind(text: str, at: int) -> int:
    """Where blanks, comments and processing instructions end."""
    between = _BETWEEN.match(text, at)
    return between.end() if between is not None else at


def _root(root: re.Match[str], doctype: str, *, is_declared: bool) -> Root | None:
    prefix, local, attributes = root[1] or "", root[2].lower(), root[3]
    namespace = _NAMESPACE.search(attributes)
    if local == "html" or (namespace is not None and namespace[1] == _XHTML):
        return Root(None) if is_declared else None
    known = _ROOTS.get(local) or _ROOTS.get(f"{prefix}:{local}".lower())
    if known is not None and (is_declared or doctype or _MARKED.search(attributes)):
        is_export = known is RSS and "wordpress.org/export" in attributes
        return Root(WXR if is_export else known, is_alone=is_declared or bool(doctype))
    if not is_declared:
        return None
    if local in ELEMENTS and not prefix and namespace is None and not doctype:
        return None
    return Root(Format("xml", "an XML file", Family.DATA))


_HTTP = re.compile(r"HTTP/\d(?:\.\d)? \d{3}[^\n]*\n((?:[!-9;-~]+:[^\n]*\n|[ \t][^\n]*\n)*)\r?\n")
_IS_CHUNKED = re.compile(r"^transfer-encoding:[^\n]*\bchunked\b", re.IGNORECASE | re.MULTILINE)
_CHUNK = re.compile(r"[0-9a-f]{1,8}[ \t]*(?:;[^\r\n]*)?\r\n", re.IGNORECASE)


def http_head(text: str, at: int) -> int:
    """Return where the head of an HTTP response ends, as ``wget --save-headers`` keeps it; where it began without one.

    >>> http_head("HTTP/1.1 200 OK\\r\\nServer: x\\r\\n\\r\\n<p>", 0)
    30
    """
    found = _HTTP.match(text, at)
    return found.end() if found is not None else at


def _is_chunked(text: str, at: int) -> bool:
    head = _HTTP.match(text, at)
    return head is not None and bool(_IS_CHUNKED.search(head[1])) and bool(_CHUNK.match(text, head.end()))


_OBJECT = re.compile(r'\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\}\s*\Z)', re.DOTALL)
_ARRAY = re.compile(r'\[\s*(?:\[\s*)*(?:\{\s*"|"(?:[^"\\]|\\.)*"\s*[,\]]|\]\s*\Z)', re.DOTALL)


def json_end(text: str, at: int) -> int:
    """Return where a JSON value ends that begins at a place; where it began if none is whole there.

    >>> json_end('{"title": "Boats"}\\n<p>', 0), json_end("{{ title }}", 0)
    (18, 0)
    """
    if text[at : at + 1] not in ("{", "["):
        return at
    try:
        return _DECODER.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return at


_DECODER = json.JSONDecoder(strict=False)


def _is_json(text: str, at: int) -> bool:
    if (end := json_end(text, at)) == at:
        return bool(_OBJECT.match(text, at) or _ARRAY.match(text, at))
    rest = text[end:].lstrip()
    return not rest or (text[end : end + 2].lstrip(" \r").startswith("\n") and rest[0] in "{[" and text[at] == rest[0])


def _is_json_lines(text: str, at: int) -> bool:
    line = text[at:].split("\n", 1)[0].strip()
    try:
        value: Any = json.loads(line, strict=False) if line.startswith("{") else None
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)


_HEADER = re.compile(r"([!-9;-~]+):[ \t]?([^\n]*(?:\n[ \t]+[^\n]*)*)(?:\n|\Z)")
_MANY = 100
_MAIL_ONLY = frozenset(("received", "message-id"))


def _mail(text: str, at: int) -> Format | None:
    """Whether a file begins with the header of a message (RFC 5322), and of which kind."""
    fields = dict(_fields(text, at))
    body = fields.get("content-type", "").lower()
    if fields.get("from", "").startswith("<Saved by ") or "snapshot-content-location" in fields:
        return MHTML
    if "multipart/related" in body:
        return MHTML
    return MAIL if not _MAIL_ONLY.isdisjoint(fields) or ("mime-version" in fields and body) else None


def _fields(text: str, at: int) -> Iterator[tuple[str, str]]:
    for _ in range(_MANY):
        found = _HEADER.match(text, at)
        if found is None:
            return
        yield found[1].lower(), found[2].strip()
        at = found.end()


_COLUMN = re.compile(r"\w(?:[\w .:/()-]{0,38}[\w)])?")
_ROWS = 20
_CUT_OFF = re.compile(r'(?:[^,;\t"<\n]*[,;\t]){0,200}"(?:[^"]|"")*\Z')
"""A first row that is longer than what was read, up to within a field in quotes."""


def _is_csv(text: str, at: int) -> bool:
    """Whether a first line names columns, and all rows behind it that are whole have as many, none of them a tag."""
    line = text[at:].split("\n", 1)[0].rstrip("\r")
    for sign in (",", "\t", ";"):
        names = [name.strip('"') for name in line.split(sign)]
        if len(names) > 1 and len(set(names)) == len(names) and all(map(_COLUMN.fullmatch, names)):
            return _has_rows(text[at + len(line) :].lstrip(), sign, len(names))
    return False


def _has_rows(text: str, sign: str, columns: int) -> bool:
    if text.startswith("<"):
        return False
    rows: list[int] = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=sign, strict=True):
            rows += [len(row)] if row else []
            if len(rows) > _ROWS:
                break
    except csv.Error:  # a field that is cut off: what stands before it counts
        if not rows:
            return _CUT_OFF.match(text) is not None
    if len(rows) > 1:
        rows.pop()
    return bool(rows) and set(rows) == {columns}


_SQL = (
    r"(?:--[^\n]*\n|(?>/\*.*?\*/);?|\s)*+(?:CREATE\s+(?:TABLE|DATABASE|SCHEMA)\b|INSERT\s+(?:IGNORE\s+)?INTO\s|DROP\s+TABLE\b|"
    r"SET\s+\S+\s*=|PRAGMA\s+\w+\s*=|BEGIN\s+TRANSACTION\s*;|LOCK\s+TABLES\b|USE\s+`|COPY\s+\S+\s*\()"
)
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_OPENINGS: tuple[tuple[Format, str], ...] = (
    (WARC, r"WARC/\d\.\d+\r?\n"),
    (ARC, r"filedesc://\S+ "),
    (CDX, r"CDX [A-Za-z](?: [A-Za-z])+\s*\n|[\w,.:-]+\)\S* \d{14} (?:\{\"|\S+ \S+ \d{3} )"),
    (
        MBOX,
        rf"From \S+ +(?:.{{0,40}} )?{_DAY} [A-Z][a-z]{{2}} +\d{{1,2}} [^\n]{{0,40}}\d{{4}}[^\n]{{0,40}}\n[!-9;-~]+:",
    ),
    (SQL, _SQL),
    (PATCH, r"diff --git \S+ \S+|--- [^\n]+\n\+\+\+ [^\n]+\n@@ |Index: [^\n]+\n=+\n"),
    (SCRIPT, r"#![ \t]*/"),
)
_PATTERNS = tuple((found, re.compile(pattern, re.DOTALL if found is SQL else 0)) for found, pattern in _OPENINGS)
_TESTS: tuple[tuple[Format, Callable[[str, int], bool]], ...] = (
    (JSONL, _is_json_lines),
    (JSON, _is_json),
    (CHUNKED, _is_chunked),
)


def opening(text: str, at: int) -> Format | None:
    """Return which format of text a file has that is no page; None where it may be one.

    Args:
        text: the file's beginning.
        at: where its first sign stands, behind blanks, comments and front matter.

    >>> opening("WARC/1.0\\r\\n", 0).name, opening('{"html": "<p>"}', 0).name, opening("From the harbour", 0)
    ('a WARC file', 'a JSON Lines file', None)
    """
    for found, pattern in _PATTERNS:
        if pattern.match(text, at):
            return found
    for found, holds in _TESTS:
        if holds(text, at):
            return found
    return _mail(text, at)


def table(text: str, at: int) -> Format | None:
    """Return CSV where a text that holds markup is a table; None where it is none.

    >>> table("id,html\\n1,<p>Boats</p>\\n2,<p>Ferries</p>\\n", 0).name, table("Boats, ferries\\n<p>One, two\\n", 0)
    ('a CSV file', None)
    """
    return CSV if _is_csv(text, at) else None
