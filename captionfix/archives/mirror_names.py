"""URLs of a saved page to names of files: what browsers, wget and HTTrack make of them. No file is touched here.

A URL may have been saved under several names; `candidates` yields them in
order, the surest first. None of them leads out of the root: a name with
``..``, with a separator in it, or that a system gives a meaning of its own is
never made.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from captionfix.pictures.urls import is_picture_file

Parts = tuple[str, ...]
"""A path below the root, part by part."""

_LONGEST = 8192
"""Characters of a URL that is looked at; servers and browsers stop at 2,083 to 65,536, most at 8,192."""
_LONGEST_NAME = 255
"""Bytes of a file's name on the file systems in use."""
_DEEPEST = 64
"""Folders; no site of the corpus has more than 12."""
_ENDS = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$")
_BREAKS = re.compile(r"[\t\n\r]")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WAYBACK = re.compile(r"^(?:https?:)?(?://[^/]+)?/web/\d{1,14}(?:[a-z]{2}_)?/(?=https?:|//)", re.IGNORECASE)
_ONE_SLASH = re.compile(r"^(https?:)/(?!/)", re.IGNORECASE)
_INDEXES = ("index.html", "index.htm")
_RESERVED = re.compile(
    r"^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\..*)?$", re.IGNORECASE
)
"""Names that are devices on Windows, with any ending (learn.microsoft.com, "Naming Files, Paths, and Namespaces")."""
_HTTRACK = str.maketrans(dict.fromkeys('\\:*?"<>|~', "_"))
"""What HTTrack replaces in names (htsname.c)."""
_WGET = {each: f"%{ord(each):02X}" for each in '\\|:"*<>'}
"""What wget escapes in names for Windows (url.c); ``?`` becomes ``@`` there."""


@dataclass(frozen=True, slots=True)
class PageLocation:
    """Where a page is.

    Attributes:
        file: the page below the root, part by part.
        address: its URL, ``""`` if unknown.
        base: what its ``<base href>`` says, ``""`` if it has none.
        hosts: folders below the root that hold what a host served at its top, by host in lower case.
    """

    file: Parts
    address: str = ""
    base: str = ""
    hosts: tuple[tuple[str, Parts], ...] = ()


def clean_url(url: str) -> str:
    r"""Return a URL as browsers read it (URL Standard, section 4.4), without its fragment; ``""`` for none.

    >>> clean_url(" img\\a b.jpg#top\n"), clean_url("a\x00.jpg"), clean_url("#top")
    ('img/a b.jpg', '', '')
    """
    url = _BREAKS.sub("", _ENDS.sub("", url))
    if len(url) > _LONGEST or "\0" in url or "%00" in url:
        return ""
    path, mark, query = url.partition("#")[0].partition("?")
    return path.replace("\\", "/") + mark + query if path or query else ""


def absolute(url: str, address: str, base: str = "") -> str:
    """Return what a URL of a page names on the web; relative ones stay so where the page's address is unknown.

    Args:
        url: the URL.
        address: the page's own.
        base: what its ``<base href>`` says.

    >>> absolute("../a.jpg", "https://example.org/b/c.html"), absolute("a.jpg", "", "img/")
    ('https://example.org/a.jpg', 'img/a.jpg')
    """
    try:
        return urljoin(urljoin(address, clean_url(base)), clean_url(url))
    except ValueError:
        return ""


def candidates(url: str, place: PageLocation) -> Iterator[Parts]:
    """Yield the names below the root under which the file of a URL may have been saved, the surest first.

    Args:
        url: as the page has it.
        place: where the page is.

    >>> place = PageLocation(("site", "a", "b.html"), hosts=(("example.org", ("site",)),))
    >>> list(candidates("../img/x%20y.jpg", place))
    [('site', 'img', 'x y.jpg'), ('site', 'img', 'x%20y.jpg')]
    >>> list(candidates("https://EXAMPLE.org/x.jpg?w=3", place))[:3]
    [('site', 'x.jpg?w=3'), ('site', 'x.jpg@w=3'), ('site', 'x8c85.jpg')]
    >>> list(candidates("../../../../etc/passwd", place)), list(candidates("file:///etc/passwd", place))
    ([], [])
    """
    seen: set[Parts] = set()
    url = clean_url(url)
    for meant in (url, *_unwrapped(url)):
        for folder, path, query in _places(meant, place):
            for parts in _names(path, query):
                found = (*folder, *parts)
                if found not in seen and len(found) <= _DEEPEST:
                    seen.add(found)
                    yield found


def _unwrapped(url: str) -> Iterator[str]:
    """The URL inside a web archive's."""
    inner = _WAYBACK.sub("", url) if "/web/" in url else url
    if inner != url:
        yield _ONE_SLASH.sub(r"\1//", inner)


def _places(url: str, place: PageLocation) -> Iterator[tuple[Parts, Sequence[str], str]]:
    """Folders to start from, with the path below each and the query, for one reading of a URL."""
    if not url:
        return
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() not in ("http", "https"):
        return
    based = clean_url(place.base)
    try:
        joined = urljoin(based, url) if based else url
        split = urlsplit(joined)
        at = urlsplit(urljoin(urljoin(place.address, based), url))
    except ValueError:
        return
    if split.scheme in ("http", "https", "") and split.netloc:
        yield from _on_host(split, place)
    elif not split.scheme:
        yield from _on_site(split, place)
        if at.netloc:
            yield from _on_host(at, place)


def _on_host(url: SplitResult, place: PageLocation) -> Iterator[tuple[Parts, Sequence[str], str]]:
    """Below the folder of a host: the one that is known to be its, and the ones that mirrors make."""
    path = _resolved(url.path.split("/")[1:], ())
    host = url.netloc.rpartition("@")[2].lower()
    if path is None or not host:
        return
    names = {host, host.removesuffix(":80").removesuffix(":443")}
    for name, folder in place.hosts:
        if name in names:
            yield folder, path, url.query
    for name in sorted(names, key=len):
        for saved in (name, name.replace(":", "+"), name.replace(":", "_")):
            if _is_sound(saved):
                yield (saved,), path, url.query


def _on_site(url: SplitResult, place: PageLocation) -> Iterator[tuple[Parts, Sequence[str], str]]:
    """Beside the page, or, for a path that begins at the top, below the folders that may be the site's top."""
    if not url.path.startswith("/"):
        path = _resolved(url.path.split("/"), place.file[:-1])
        if path is not None and (url.path or url.query):
            yield (), path, url.query
        return
    path = _resolved(url.path.split("/")[1:], ())
    if path is None:
        return
    tops = [folder for _, folder in place.hosts if place.file[: len(folder)] == folder]
    for top in (max(tops, key=len),) if tops else ((),):
        yield top, path, url.query


def _resolved(parts: Sequence[str], folder: Parts) -> list[str] | None:
    """A path with its dots resolved, percent-encoded ones too; None where it leads above the root."""
    found = list(folder)
    for number, part in enumerate(parts):
        plain = part.lower().replace("%2e", ".")
        if plain == "..":
            if not found:
                return None
            found.pop()
        elif plain not in ("", "."):
            found.append(part)
            continue
        if number == len(parts) - 1:
            found.append("")  # what ends in a slash is a folder
    return found


def _names(path: Sequence[str], query: str) -> Iterator[Parts]:
    """The names under which a path and its query are saved."""
    for decoded in (True, False):
        parts = [unquote(part, errors="surrogateescape") if decoded else part for part in path]
        folder, name = tuple(parts[:-1]), parts[-1] if parts else ""
        if all(_is_sound(part) for part in folder):
            for last in _last_names(name, query, decoded=decoded):
                if _is_sound(last):
                    yield (*folder, last)
            safe = tuple(part.translate(_HTTRACK) for part in (*folder, name))
            if not query and name and safe != (*folder, name) and all(_is_sound(part) for part in safe):
                yield safe


def _last_names(name: str, query: str, *, decoded: bool) -> Iterator[str]:
    """The file names of a path's last part: what wget, HTTrack and plain copies make of a query or a folder."""
    if not query:
        yield from (name,) if name else _INDEXES
        if name and decoded:
            yield "".join(_WGET.get(letter, letter) for letter in name.replace("?", "@"))
        return
    stem, dot, ending = name.rpartition(".")
    asked = unquote(query, errors="surrogateescape") if decoded else query
    for base in (name,) if name else _INDEXES:
        slashed = asked.replace("/", "%2F")
        yield f"{base}?{slashed}"
        yield f"{base}@{''.join(_WGET.get(letter, letter) for letter in slashed)}"
    if name:
        short = hashlib.md5(query.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:4]
        yield f"{stem}{short}.{ending}" if dot else f"{name}{short}"
        if is_picture_file(name):
            yield name  # a still file, whose query asks for a size or a version of it


def _is_sound(name: str) -> bool:
    """Whether a name is one file or folder right here, on any system."""
    return (
        name not in ("", ".", "..")
        and not any(letter in name for letter in "/\\\0")
        and not (":" in name and (name[1:2] == ":" or _is_windows()))
        and len(name.encode("utf-8", "surrogatepass")) <= _LONGEST_NAME
        and not (_is_windows() and (_RESERVED.match(name) is not None or name[-1] in ". "))
    )


def _is_windows() -> bool:
    return os.name == "nt"


def host_folder(address: str, file: Parts) -> tuple[str, Parts] | None:
    """Return which folder below the root holds what a host served at its top, as a page's own address tells.

    A page that says to be ``https://example.org/a/b/`` and lies at
    ``x/a/b/index.html`` tells that ``x`` is example.org's top; one that lies
    elsewhere tells nothing.

    Args:
        address: what the page says its URL is.
        file: where it lies below the root.

    >>> host_folder("https://example.org/a/b/", ("x", "a", "b", "index.html"))
    ('example.org', ('x',))
    >>> host_folder("https://example.org/a/b", ("a", "b.html")), host_folder("https://example.org/c", ("a", "b.html"))
    (('example.org', ()), None)
    """
    try:
        split = urlsplit(clean_url(address))
    except ValueError:
        return None
    host = split.netloc.rpartition("@")[2].lower()
    path = _resolved(split.path.split("/")[1:] if split.path.startswith("/") else [""], ())
    if not host or path is None or split.scheme not in ("http", "https"):
        return None
    names = tuple(unquote(part, errors="surrogateescape") for part in path)
    bare = names[:-1] if names and not names[-1] else names
    tails = [bare, *((*bare, index) for index in _INDEXES)]
    tails += [(*bare[:-1], f"{bare[-1]}{ending}") for ending in (".html", ".htm") if bare]
    for tail in tails:
        if tail and file[len(file) - len(tail) :] == tail:
            return host, file[: len(file) - len(tail)]
    return None
