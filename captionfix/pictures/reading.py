"""Reads a picture's URL: cheap looks at host and path first, a service's row only where they point to it."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from captionfix.pictures.names import MAY_STAND_IN, is_stand_in, ratio, read_path, read_query, sides
from captionfix.pictures.proxies import PROXIES
from captionfix.pictures.services import GENERAL, SERVICES, Service

_SCHEME = re.compile(r"(?:https?(?::|%3A)?/{1,2}|https?%3A%2F%2F)(?=[^/])", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/", re.IGNORECASE)
_BEFORE_INNER = re.compile(r"cache:(?:[\w-]{12}:)?|ssl:", re.IGNORECASE)
_WRAPPED = re.compile(
    r"(?:^|[?&])(?:url|src|image|img|imgurl)=((?:https?(?::|%3A)|/|%2F)[^&]+\.(?:jpe?g|png|gif|webp|avif)[^&]*)",
    re.IGNORECASE,
)
_WEB = ("https:", "http:")
NEVER = ("data:", "about:", "blob:", "javascript:", "#")

_DEEPEST = 5
"""Proxies inside proxies that are unwrapped; deeper nesting was not seen in the wild and may be an attack."""
_LONGEST = 8000
"""Characters of a URL that is read (RFC 9110, 4.1: what all senders and recipients should support, at least)."""


@dataclass(slots=True)
class Told:
    """What a service's row, or several inside one another, told about a URL."""

    service: Service
    id: str
    original: str
    likely: bool


def read(url: str, depth: int = 0) -> tuple[str, str, Told | None]:
    """The name and crop of a URL's picture, and what a service told: cheap looks first, expressions only after them."""
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
    if not path or (MAY_STAND_IN.match(parts[-1]) and is_stand_in(parts[-1])):
        return "", "", None
    host = ""
    if len(parts) > 2 and not parts[0] and not parts[1]:  # noqa: PLR2004 - two slashes and a host
        host = parts[2]
        if ":" in host or "@" in host or host != host.lower():
            host = _plain_host(host)
            path = "/".join(("", "", host, *parts[3:]))
    wraps = "=" in query and ("=http" in query or "=/" in query or "=%2" in query)
    known = not _LABELS.isdisjoint(host.split("."))
    if (known or wraps or ":" in path or "%" in path or not _MARKS.isdisjoint(parts)) and depth < _DEEPEST:
        rows = _rows(host, path, parts)
        found = _by_service(rows, host, path, query, fragment, depth) if rows or wraps else None
        if found is not None:
            return found
    if "%" in path:
        path = unquote(path).replace("#", "%23").replace("?", "%3F")
    path, crop = read_path(path)
    if not query:
        return path, crop, None
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


def _by_service(
    rows: list[Service], host: str, path: str, query: str, fragment: str, depth: int
) -> tuple[str, str, Told | None] | None:
    local = path[len(host) + 2 :] if host else path
    for row in rows:
        match = _compiled(row.path).match(local)
        if match is None:
            continue
        groups = {name: text for name, text in match.groupdict().items() if text}
        inner = _inner(row, groups, query, fragment)
        if inner is None:
            continue
        dropped = f"{groups.get('how', '')}?{query}"
        crop = _crop(row, groups.get("box", ""), dropped)
        if inner and not row.prefix:
            return _unwrapped(row, inner, host, crop, depth, query if "url" in groups else "")
        if found := _named(row, groups, inner, host, crop):
            return found
    wrapped = _WRAPPED.search(query)
    return _unwrapped(_ANY_PROXY, unquote(wrapped[1]), host, "", depth, "") if wrapped else None


_ANY_PROXY = Service("proxy", "")


def _inner(row: Service, groups: dict[str, str], query: str, fragment: str) -> str | None:
    """What a proxy's URL holds: ``""`` where the row is no proxy's, None where it should hold something and does not."""
    try:
        if "b64" in groups:
            code = groups["b64"].replace("/", "").rstrip("=")
            text = urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
            return text if _SCHEME.match(text) else None
        if "hex" in groups:
            return bytes.fromhex(groups["hex"]).decode()
    except (binascii.Error, ValueError):
        return None
    if "url" in groups:
        return unquote(groups["url"])
    if not row.parameter:
        return ""
    names = row.parameter.split()
    if "#" in names:
        return fragment or None
    for part in query.replace("&amp;", "&").split("&"):
        name, _, value = part.partition("=")
        if name in names and value:
            return unquote(value)
    return None


def _unwrapped(
    row: Service, inner: str, host: str, crop: str, depth: int, query: str
) -> tuple[str, str, Told | None] | None:
    """The picture within a proxy's URL; None where what is in it is no address."""
    inner = _BEFORE_INNER.sub("", inner.strip(), count=1)
    if found := _SCHEME.match(inner):
        scheme = inner[: 5 if inner[4:5].lower() == "s" else 4].lower()
        inner = f"{scheme}://{inner[found.end() :]}"
    elif inner.startswith("//") or _BARE_HOST.match(inner):
        inner = f"https://{inner.lstrip('/')}"
    elif host:
        inner = f"https://{host}/{inner.lstrip('/')}"
    elif not inner.startswith("/"):
        inner = f"/{inner}"
    if query and "?" not in inner and "url" not in query:
        inner = f"{inner}?{query}"
    name, cut, told = read(inner, depth + 1)
    if not name:
        return "", "", None
    crop = ",".join(dict.fromkeys(part for part in (cut, crop) if part))
    if told is None:
        _, original, likely = general(inner, name)
        return name, crop, Told(row, "", original or inner, likely)
    return name, crop, told


def _named(
    row: Service, groups: dict[str, str], value: str, host: str, crop: str
) -> tuple[str, str, Told | None] | None:
    parts = [row.prefix, *(groups.get(group, "") for group in ("id", "rest", "file"))]
    identity = unquote("".join(parts)) + (f"/{value}" if value else "")
    if not identity or (identity.startswith("/") and not host and not row.marks):
        return None
    identity = identity.replace("#", "%23").replace("?", "%3F")
    on_host = identity.startswith("/")
    if on_host:
        name = f"//{host}{identity}" if host else identity
    else:
        identity = identity.replace(" ", "_")
        name = f"{row.name}:{identity}"
    filled = {"host": host, "id": "", "rest": "", **groups}
    original = row.original.format_map(filled) if host else ""
    return name, crop, Told(row, identity, original, row.likely)


def _crop(row: Service, box: str, dropped: str) -> str:
    crops = {box} if box else set()
    if row.boxes:
        crops.update(found[0].strip("/") for found in _compiled(row.boxes).finditer(dropped))
    if row.cuts and _compiled(row.cuts).search(dropped):
        width, height = sides(dropped)
        if width and height:
            crops.add(ratio(width, height))
    return ",".join(sorted(crops)).replace("#", "%23")


def general(url: str, name: str) -> tuple[str, str, bool]:
    """The service, the original's URL and whether a size was dropped, where the rules for any server told."""
    service = next((service for service, mark in GENERAL if mark in url), "")
    scheme, colon, rest = url.strip().partition(":")
    written = unquote((rest if colon and scheme in ("http", "https") else url.strip()).partition("#")[0])
    if written == name:
        return service, "", False
    whole = f"{scheme}:{name}" if colon and name.startswith("//") else name
    return service, whole, written.partition("?")[0] != name.partition("?")[0] or "?" in written
