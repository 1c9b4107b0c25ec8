"""Reads a picture's URL: cheap looks at host and path first, a service's row only where they point to it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from captionfix.pictures.names import STAND_IN_STARTS, is_stand_in, ratio, read_path, read_query, sides
from captionfix.pictures.proxies import PROXIES
from captionfix.pictures.services import GENERAL, SERVICES, Service

_SCHEME = re.compile(r"(?:https?(?::|%3A)?/{1,2}|https?%3A%2F%2F)(?=[^/])", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/", re.IGNORECASE)
_BEFORE_INNER = re.compile(r"cache:(?:[\w-]{12}:)?|ssl:", re.IGNORECASE)
_WRAPPED = re.compile(
    r"(?:^|[?&])(?:url|src|image|img|imgurl)=((?:https?(?::|%3A)|/|%2F)[^&]+\.(?:jpe?g|png|gif|webp|avif)[^&]*)",
    re.IGNORECASE,
)
_ANY_PROXY = Service("proxy", "")
_WRITTEN_OUT = ("http:", "https:", "//")
_WEB = ("https:", "http:")
NEVER = ("data:", "about:", "blob:", "javascript:", "#")

_DEEPEST = 5
"""Proxies inside proxies that are unwrapped; deeper nesting was not seen in the wild and may be an attack."""
_LONGEST = 8000
"""Characters of a URL that is read (RFC 9110, 4.1: what all senders and recipients should support, at least)."""


@dataclass(slots=True)
class UrlFacts:
    """What a service's row told about a URL; for a proxy that holds another service's URL, what that one told.

    Attributes:
        service: the row.
        id: the picture's name there, ``""`` in a proxy.
        likely: whether a size was dropped that a name could hold by chance.
        host: the URL's host.
        groups: what the row's expression found.
        inner: the URL in a proxy's.
    """

    service: Service
    id: str = ""
    likely: bool = False
    host: str = ""
    groups: dict[str, str] = field(default_factory=dict)
    inner: str = ""

    @property
    def original(self) -> str:
        """The URL of the largest file, ``""`` if it is not known."""
        if self.inner:
            return self.inner
        if not self.host:
            return ""
        return self.service.original.format_map({"id": "", "rest": "", "host": self.host, **self.groups})


Read = tuple[str, str, UrlFacts | None]
"""A picture's name, its crop, and what a service told."""


class _Address(NamedTuple):
    """A URL in its parts, and how many proxies it was taken out of."""

    host: str
    path: str
    query: str
    fragment: str
    depth: int


def read(url: str, depth: int = 0) -> Read:
    """Return a picture's name and crop, and what a service told: cheap looks first, expressions only after them.

    Args:
        url: any text.
        depth: proxies that were around it.

    >>> read("https://site.org/u/boat-300x200.jpg")[0], read("https://pbs.twimg.com/media/AbC.jpg:large")[0]
    ('//site.org/u/boat.jpg', 'twitter:media/AbC')
    """
    url, fragment = url.strip(), ""
    if "#" in url:
        url, _, fragment = url.partition("#")
    path, _, query = url.partition("?")
    if path.startswith(_WEB):
        path = path[path.index(":") + 1 :]
    elif ":" in path:
        path = _without_scheme(path)
    if len(url) > _LONGEST:
        return f"{path}?{query}" if path and query else path, "", None
    parts = path.split("/")
    host = ""
    if path.startswith("//"):
        host = parts[2]
        if ":" in host or "@" in host or host != host.lower():
            host = _plain_host(host)
            path = "/".join(("", "", host, *parts[3:]))
    known = not _LABELS.isdisjoint(host.split("."))
    name = parts[-1]
    may_stand_in = name[:2].lower() in STAND_IN_STARTS or not name[:1].isalpha()
    if not path or (may_stand_in and is_stand_in(name) and not (known and name[0].isdigit())):
        return "", "", None
    if known or ":" in path or "%" in path or ("=" in query and _wraps(query)) or not _MARKS.isdisjoint(parts):
        return _look_closer(_Address(host, path, query, fragment, depth), parts)
    path, crop = read_path(path)
    return (path, crop, None) if not query else _with_query(path, crop, query)


def _wraps(query: str) -> bool:
    """Whether parameters may hold another URL: quick, for ruling out."""
    return "=http" in query or "=/" in query or "=%2" in query


def _look_closer(address: _Address, parts: list[str]) -> Read:
    """The same for URLs that have more to them than a host and a path."""
    path, query = address.path, address.query
    if address.depth < _DEEPEST:
        rows = _rows(address.host, path, parts)
        found = _by_service(rows, address) if rows or _wraps(query) else None
        if found is not None:
            return found
    if "%" in path:
        path = unquote(path).replace("#", "%23").replace("?", "%3F")
    path, crop = read_path(path)
    return (path, crop, None) if not query else _with_query(path, crop, query)


def _with_query(path: str, crop: str, query: str) -> Read:
    kept, cut = read_query(query)
    if cut:
        crop = f"{crop},{cut}" if crop else cut
    return f"{path}?{kept}" if kept else path, crop, None


def _without_scheme(path: str) -> str:
    scheme, _, rest = path.partition(":")
    scheme = scheme.lower()
    if scheme in ("http", "https"):
        return rest
    return "" if f"{scheme}:" in NEVER else path


def _plain_host(host: str) -> str:
    """A host without user, default port and capital letters."""
    host = host.rpartition("@")[2].lower()
    return host.removesuffix(":80").removesuffix(":443")


Rows = tuple[tuple[int, str, Service], ...]
"""Rows with their place in the table and the end of the host they are for."""


def _by_marks() -> dict[str, Rows]:
    table: dict[str, Rows] = {}
    for place, row in enumerate((*PROXIES, *SERVICES)):
        for word in row.marks.split():
            table[word] = (*table.get(word, ()), (place, "", row))
    return table


def _by_labels() -> dict[str, Rows]:
    """By the label in front of the host's public ending, which says most."""
    table: dict[str, Rows] = {}
    for place, row in enumerate((*PROXIES, *SERVICES)):
        for end in row.hosts.split():
            label = end.removesuffix(".co.uk").split(".")[-1 if end.endswith(".co.uk") else -2]
            table[label] = (*table.get(label, ()), (place, end, row))
    return table


_BY_MARK = _by_marks()
_BY_LABEL = _by_labels()
_MARKS = frozenset(_BY_MARK)
_LABELS = frozenset(_BY_LABEL)


def _rows(host: str, path: str, parts: list[str]) -> list[Service]:
    """The rows that may fit, in the table's order."""
    found: dict[int, Service] = {}
    for label in _LABELS.intersection(host.split(".")):
        found.update((place, row) for place, end, row in _BY_LABEL[label] if f".{host}".endswith(f".{end}"))
    words = _MARKS.intersection(parts)
    if ":" in path:
        words |= {":"}
    if "%" in path and "%3a%2f" in path.lower():
        words |= {"%"}
    for word in words:
        found.update((place, row) for place, _, row in _BY_MARK[word])
    return [found[place] for place in sorted(found)]


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


def _by_service(rows: list[Service], address: _Address) -> Read | None:
    """What the first row says that fits; None where none does, and any server's rules hold."""
    host, path, query, *_ = address
    local = path[len(host) + 2 :] if host else path
    for row in rows:
        match = _compiled(row.path).match(local)
        if match is None:
            continue
        groups = {name: text for name, text in match.groupdict().items() if text}
        inner = _inner(row, groups, address)
        if inner is None:
            continue
        crop = _crop(row, groups.get("box", ""), f"{groups.get('how', '')}?{query}")
        if inner and not row.prefix:
            own = groups.get("url", "").startswith(_WRITTEN_OUT)  # then what follows its question mark is its own, too
            return _unwrapped(row, f"{inner}?{query}" if own and query else inner, crop, address)
        if found := _named(row, groups, inner, host, crop):
            return found
    wrapped = _WRAPPED.search(query)
    return _unwrapped(_ANY_PROXY, unquote(wrapped[1]), "", address) if wrapped else None


def _inner(row: Service, groups: dict[str, str], address: _Address) -> str | None:
    """What a proxy's URL holds: ``""`` where the row is no proxy's, None where it should hold something."""
    if "b64" in groups or "hex" in groups:
        return _decoded(groups)
    if "url" in groups:
        return unquote(groups["url"])
    if not row.parameter:
        return ""
    names = row.parameter.split()
    if "#" in names:
        return address.fragment or None
    for part in address.query.replace("&amp;", "&").split("&"):
        name, _, value = part.partition("=")
        if name in names and value:
            return unquote(value)
    return None


def _decoded(groups: dict[str, str]) -> str | None:
    """The URL that a proxy wrote in code, None where it is none."""
    code = groups.get("b64", "").replace("/", "").rstrip("=")
    try:
        raw = urlsafe_b64decode(code + "=" * (-len(code) % 4)) if "b64" in groups else bytes.fromhex(groups["hex"])
        text = raw.decode()
    except ValueError:
        return None
    return text if _SCHEME.match(text) else None


def _unwrapped(row: Service, inner: str, crop: str, address: _Address) -> Read:
    """The picture within a proxy's URL."""
    inner = _whole(_BEFORE_INNER.sub("", inner.strip(), count=1), address.host)
    name, cut, told = read(inner, address.depth + 1)
    if not name:
        return "", "", None
    crop = ",".join(dict.fromkeys(part for part in (cut, crop) if part))
    if told is None:
        _, original, likely = general(inner, name)
        told = UrlFacts(row, likely=likely, inner=original or inner)
    return name, crop, told


def _whole(inner: str, host: str) -> str:
    """An inner URL with scheme and host, where either is known: relative ones are on the proxy's own host."""
    if found := _SCHEME.match(inner):
        scheme = "https" if inner[4:5].lower() == "s" else "http"
        return f"{scheme}://{inner[found.end() :]}"
    if inner.startswith("//") or _BARE_HOST.match(inner):
        return f"https://{inner.lstrip('/')}"
    inner = inner.lstrip("/")
    return f"https://{host}/{inner}" if host else f"/{inner}"


def _named(row: Service, groups: dict[str, str], value: str, host: str, crop: str) -> Read | None:
    """A picture by its service's own name for it."""
    written = row.prefix + "".join(groups.get(group, "") for group in ("id", "rest", "file"))
    identity = (unquote(written) + (f"/{value}" if value else "")).replace("#", "%23").replace("?", "%3F")
    if not identity:
        return None
    told = UrlFacts(row, identity, row.likely, host, groups)
    if identity.startswith("/"):
        return (f"//{host}{identity}" if host else identity), crop, told
    told.id = identity = identity.replace(" ", "_")
    return f"{row.name}:{identity}", crop, told


def _crop(row: Service, box: str, dropped: str) -> str:
    crops = {box} if box else set()
    if row.boxes:
        crops.update(found[0].strip("/") for found in _compiled(row.boxes).finditer(dropped))
    if row.cuts and (found := _compiled(row.cuts).search(dropped)):
        width, height = sides(found[0])
        if not (width and height):
            width, height = sides(dropped)
        if width and height:
            crops.add(ratio(width, height))
    return ",".join(sorted(crops)).replace("#", "%23")


def general(url: str, name: str) -> tuple[str, str, bool]:
    """Return the service, the original's URL and whether a size was dropped, where any server's rules named a picture.

    Args:
        url: the URL.
        name: the name that `read` found for it.

    >>> general("https://site.org/u/boat-300x200.jpg?w=300", "//site.org/u/boat.jpg")
    ('', 'https://site.org/u/boat.jpg', True)
    """
    service = next((service for service, mark in GENERAL if mark in url), "")
    scheme, colon, rest = url.strip().partition(":")
    if not (colon and scheme.lower() in ("http", "https")):
        scheme, colon, rest = "", "", url.strip()
    path, _, query = rest.partition("#")[0].partition("?")
    path = unquote(path)
    own_path, _, kept = name.partition("?")
    if path.lower() == own_path.lower() and sorted(query.split("&")) == sorted(kept.split("&")):
        return service, "", False
    stays = path.rpartition("/")[0].lower() == own_path.rpartition("/")[0].lower()
    return service, f"{scheme}{colon}{name}" if stays else "", True
