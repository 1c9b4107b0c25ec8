"""URLs of pictures: which of them name the same picture, whatever its size.

A URL is never a reason to remove anything by itself; it is one of the pieces
of evidence that a rule joins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

_WAYBACK = re.compile(r"^(?:https?:)?(?://[\w.-]+)?/web/\d{1,14}(?:[a-z]{2}_)?/(?=https?:|//)", re.IGNORECASE)
_PROXY = re.compile(
    r"[?&](?:url|src)=((?:https?(?::|%3A)|/|%2F)[^&]+\.(?:jpe?g|png|gif|webp|avif)[^&]*)", re.IGNORECASE
)
_PHOTON = re.compile(r"^(?:https?:)?//i\d\.wp\.com/", re.IGNORECASE)
_SIZE_PARAMETER = re.compile(
    r"^(?:w|h|width|height|maxwidth|maxheight|resize|size|fit|q|quality|dpr|ssl|strip|auto|fm|format|scale|itok|"
    r"imwidth|imheight|im|impolicy|is-pending-load|zoom)$",
    re.IGNORECASE,
)
_SIZE_IN_NAME = re.compile(r"(?:-(?:\d{2,4}x\d{2,4}|scaled|rotated)|@[123]x)(?=\.\w{3,4}(?:\.(?:webp|avif))?$)")
_DRUPAL_STYLE = re.compile(r"/styles/[\w-]+/(?:public|private)/")
_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])(?:\s+[\d.]+[wxh])*\s*(?:,|$)")
_NOT_LETTERS = re.compile(r"[\W_]+")
_NAME_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_ONE_PIXEL = ("0", "1", "1x1", "1-1")
_STAND_INS = frozenset(
    ("blank", "placeholder", "spacer", "transparent", "pixel", "empty", "clear", "dummy", "loading", "loader", "lazy",
     "lazyload", "missing", "grey", "gray", "preload", "preloader", "trans", "px", "noimage")
)  # fmt: skip
_FILLERS = frozenset(("image", "img", "picture", "bg", "background", "x", "white", "default", "min", "ajax", "icon"))
_STAND_IN_WORDS = _STAND_INS | _FILLERS
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)(?:$|[?#])", re.IGNORECASE)
_WIDTH = re.compile(r"(?:[?&](?:w|width|imwidth|maxwidth)=|[-_/](?=\d+x\d+\.)|[/_]w_?)(\d{2,4})", re.IGNORECASE)

_DEEPEST = 5
"""Proxies inside proxies that are unwrapped; deeper nesting was not seen in the wild and may be an attack."""


def is_placeholder(url: str) -> bool:
    """Return whether a URL is a stand-in until a script loads the picture.

    >>> is_placeholder("data:image/gif;base64,R0lGOD"), is_placeholder("/img/lazy_placeholder.gif")
    (True, True)
    >>> is_placeholder("/img/boat.jpg"), is_placeholder("/img/gray-whale.jpg")
    (False, False)
    """
    if not url or url.startswith(("data:", "about:", "#")):
        return True
    stem, dot, _ = url.partition("?")[0].rpartition("/")[2].rpartition(".")
    if not dot:
        return False
    first = _NAME_WORD.search(stem)
    if first is None:
        return stem in _ONE_PIXEL
    if first[0].lower() not in _STAND_IN_WORDS:
        return False
    words = _NAME_WORD.findall(stem.lower())
    return _STAND_IN_WORDS.issuperset(words) and (stem in _ONE_PIXEL or not _STAND_INS.isdisjoint(words))


def is_picture_file(url: str) -> bool:
    """Return whether a URL names an image file.

    >>> is_picture_file("/u/boat.jpg?w=300"), is_picture_file("/boats.html")
    (True, False)
    """
    return _PICTURE_FILE.search(url) is not None


def srcset_urls(value: str) -> Iterator[str]:
    """Yield the URLs of a ``srcset``.

    >>> list(srcset_urls("a.jpg 300w, b,c.jpg 2x,d.jpg"))
    ['a.jpg', 'b,c.jpg', 'd.jpg']
    """
    for match in _CANDIDATE.finditer(value):
        if not match[1].startswith("data:"):
            yield match[1]


def unwrap(url: str) -> str:
    """Return the URL inside the wrappers that web archives and image proxies put around it.

    >>> unwrap("//web.archive.org/web/20160501im_/https://i0.wp.com/site.org/u/boat.jpg?resize=300%2C200")
    '//site.org/u/boat.jpg?resize=300%2C200'
    """
    for _ in range(_DEEPEST):
        inner = _WAYBACK.sub("", url) if "/web/" in url else url
        if ".wp.com/" in inner:
            inner = _PHOTON.sub("//", inner)
        if ("url=" in inner or "src=" in inner) and (proxied := _PROXY.search(inner)):
            inner = unquote(proxied[1])
        if inner == url:
            break
        url = inner
    return url


def picture_key(url: str) -> str:
    """Return what names the picture behind a URL whatever its size, ``""`` for a placeholder.

    Dropped are the scheme, the fragment, archive and proxy wrappers, size
    parameters, WordPress's ``-300x200``, ``@2x`` and Drupal's image style.
    Kept is what tells pictures, or crops, apart: ``-1``, ``16x9``.

    >>> picture_key("https://site.org/u/boat-300x200.jpg?w=300") == picture_key("http://site.org/u/boat.jpg")
    True
    >>> picture_key("/u/boat-1.jpg") == picture_key("/u/boat-2.jpg")
    False
    """
    url = url.strip()
    if is_placeholder(url):
        return ""
    if "/web/" in url or ".wp.com/" in url or "url=" in url or "src=" in url:
        url = unwrap(url)
    path, _, query = url.partition("#")[0].partition("?")
    if path.startswith("http"):
        path = path.removeprefix("https:").removeprefix("http:")
    if "%" in path:
        path = unquote(path)
    if "-" in path or "@" in path:
        path = _SIZE_IN_NAME.sub("", path)
    if "/styles/" in path:
        path = _DRUPAL_STYLE.sub("/", path)
    if not query:
        return path
    kept = [part for part in query.split("&") if part and not _SIZE_PARAMETER.match(part.split("=", 1)[0])]
    return f"{path}?{'&'.join(kept)}" if kept else path


def width_hint(url: str) -> int:
    """Return the width in pixels that a URL speaks of, 0 if it does not.

    >>> width_hint("/u/boat-300x200.jpg"), width_hint("/u/boat.jpg?w=640"), width_hint("/u/boat.jpg")
    (300, 640, 0)
    """
    found = _WIDTH.search(url)
    return int(found[1]) if found else 0


def file_stem(url: str) -> str:
    """Return the letters of a URL's file name, without its ending.

    >>> file_stem("https://site.org/u/Boat_at-Sea.jpg?x=1")
    'boatatsea'
    """
    return last_part(picture_key(url).partition("?")[0])


def last_part(path: str) -> str:
    """Return the letters of the last part of a path, without its ending.

    >>> last_part("/u/Boat_at-Sea.jpg"), last_part("/boats/at-sea")
    ('boatatsea', 'atsea')
    """
    return _NOT_LETTERS.sub("", path.rpartition("/")[2].rsplit(".", 1)[0]).casefold()
