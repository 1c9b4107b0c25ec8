"""Which elements are pictures, and what each of them knows."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from captionfix.beside import Declared
from captionfix.layout.roles import BOILERPLATE, SMALL, Roles
from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.markup.values import LAZY_PARTS, LAZY_STARTS
from captionfix.model import Node
from captionfix.pictures.urls import is_picture_file, is_placeholder, join, loose_key, srcset_urls, url_key, width_hint
from captionfix.text import letters

PICTURES = ("img", "amp-img", "amp-anim")
INERT = frozenset(("template", "iframe", "object", "textarea", "script", "style", "title", "noembed", "noframes"))
"""Elements whose content is no part of the page that a reader gets."""

_LAZY_NAME = re.compile("|".join(LAZY_PARTS), re.IGNORECASE)
_NOT_IN_ADDRESS = re.compile(r"[\s{}<>]")
LOADED = ("src", "srcset", "source srcset")
"""What loads without a script, see `Picture.urls`."""
_LAZY_NAMES = ("data-src", "data-original", "data-lazy-src")
_FIRST_NAMES = (*_LAZY_NAMES, "src")
_DESCRIBED = re.compile(r"\s\d[\d.]*[wx]\s*(?:,|\Z)")
_NO_FILES = frozenset(
    ("alt", "title", "class", "id", "style", "width", "height", "loading", "decoding", "sizes", "name", "usemap",
     "role", "longdesc", "itemprop", "border", "align", "aria-label", "crossorigin", "fetchpriority", "media", "type")
)  # fmt: skip
"""Attributes of pictures and sources that the HTML standard gives another meaning."""
_LINK_LEVELS = 4
_ICON_SIDE = 60
"""Pixels; the corpus's and the research's bound between icons and pictures."""
_SIDE_IN_STYLE = re.compile(r"(?<![\w-])(?:width|height)\s*:\s*(\d+)(?:\.\d+)?px", re.IGNORECASE)


class Keys:
    """The keys of a page's URLs, each worked out once: a lazy picture names its file three times and more.

    Args:
        base: where the page came from, to tell its own files' short names from long ones; ``""`` if unknown.

    >>> Keys("https://site.org/boats.html").of("u/boat-300x200.jpg")
    '//site.org/u/boat.jpg'
    """

    def __init__(self, base: str = "") -> None:
        self._base = base
        self._known: dict[str, str] = {}
        self._loose: dict[str, str] = {}

    def of(self, url: str) -> str:
        """Return the key of a URL as the page means it."""
        known = self._known.get(url)
        if known is None:
            known = self._known[url] = url_key(join(url, self._base) if self._base else url)
        return known

    def loose(self, key: str) -> str:
        """Return a key without its crop and what only might be a size: for rules that join more evidence."""
        known = self._loose.get(key)
        if known is None:
            known = self._loose[key] = loose_key(key)
        return known


class Picture:
    """One occurrence of a picture in a page, looked into only as far as somebody asks.

    Args:
        node: the ``img`` or ``amp-img``.
        index: its place among the pictures of the page, in document order.
        roles: the page's roles.
        keys: the keys of the page's URLs.
        icons: the files that are icons wherever they are shown.

    Attributes:
        noscript: the outermost ``noscript`` around it, if any.
    """

    __slots__ = (
        "_addresses", "_alt", "_alt_letters", "_icon", "_icons", "_key", "_keys", "_link", "_roles", "_urls",
        "index", "node", "noscript",
    )  # fmt: skip

    def __init__(self, node: Node, index: int, roles: Roles, keys: Keys, icons: Container[str] = ()) -> None:
        self._keys, self._icons = keys, icons
        self.node, self.index, self._roles = node, index, roles
        self.noscript: Node | None = None
        self._link: Node | bool | None = False
        self._urls: tuple[tuple[str, str], ...] | None = None
        self._key: str | None = None
        self._icon: bool | None = None
        self._alt: str | None = None
        self._alt_letters: str | None = None
        self._addresses: frozenset[str] | None = None

    @property
    def link(self) -> Node | None:
        """The link around it, at most four levels up."""
        if self._link is False:
            self._link = _link(self.node)
        return self._link  # type: ignore[return-value]  # False is replaced just above

    @property
    def alt(self) -> str:
        """The text that stands for the picture."""
        if self._alt is None:
            self._alt = self.node.get("alt")
        return self._alt

    @property
    def alt_letters(self) -> str:
        """The letters of that text, see `captionfix.text.letters`."""
        if self._alt_letters is None:
            self._alt_letters = letters(self.alt)
        return self._alt_letters

    @property
    def urls(self) -> tuple[tuple[str, str], ...]:
        """Attribute and URL of everything it names, its own before its sources'."""
        if self._urls is None:
            self._urls = (*_own_urls(self.node), *_source_urls(self.node))
        return self._urls

    @property
    def key(self) -> str:
        """What names the picture whatever its size, ``""`` when nothing does."""
        if self._key is None:
            self._key = _key(self)
        return self._key

    @property
    def loose_key(self) -> str:
        """What names the picture whatever its size and its crop, for rules that join more evidence."""
        return self._keys.loose(self.key)

    @property
    def addresses(self) -> frozenset[str]:
        """The keys of everything it names."""
        if self._addresses is None:
            self._addresses = frozenset(key for _, url in self.urls if (key := self.key_of(url)))
        return self._addresses

    @property
    def loadable(self) -> frozenset[str]:
        """The keys of what it names in attributes whose names speak of loading."""
        told = (url for name, url in self.urls if _LAZY_NAME.search(name) is not None)
        return frozenset(key for url in told if (key := self.key_of(url)))

    def key_of(self, url: str) -> str:
        """Return the key of a URL as the page means it."""
        return self._keys.of(url)

    @property
    def files(self) -> tuple[str, ...]:
        """The URLs of its image, the best first: those of its key, then, unless it is lazy, the rest of its set."""
        return _files(self)

    @property
    def is_lazy(self) -> bool:
        """Whether it names a file for a script to load."""
        return any(name.startswith(LAZY_STARTS) for name, _ in self.urls)

    @property
    def is_icon(self) -> bool:
        """Whether it is declared, or evidently is, an icon, a logo, an avatar or a spacer."""
        if self._icon is None:
            self._icon = _is_small(self, self._roles) or _is_icon_file(self, self._icons)
        return self._icon

    @property
    def loads(self) -> str:
        """The URL that a reader without scripts gets, ``""`` if it is a placeholder or nothing."""
        for name, url in self.urls:
            if name in LOADED and not is_placeholder(url):
                return url
        return ""


class Icons:
    """The files that are shown at the size of an icon wherever a page tells their size, and nowhere larger.

    Args:
        pictures: the pictures of a page; looked at when somebody asks.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> nodes = HtmlTree(read_source(b"<img src=a width=9><img src=b width=9><img src=b width=90>")).search("img")
    >>> icons = Icons([Picture(node, 0, Roles(), Keys()) for node in nodes])
    >>> "a" in icons, "b" in icons
    (True, False)
    """

    def __init__(self, pictures: Iterable[Picture]) -> None:
        self._pictures = pictures

    def __contains__(self, url: object) -> bool:
        return url in self._files

    @cached_property
    def _files(self) -> set[str]:
        small: set[str] = set()
        larger: set[str] = set()
        for picture in self._pictures:
            if sides := _told_sides(picture.node):
                (small if min(sides) <= _ICON_SIDE else larger).update(url for _, url in picture.urls)
        return {url for url in small - larger if not is_placeholder(url) and width_hint(url) <= _ICON_SIDE}


def _told_sides(node: Node) -> list[int]:
    """The width and the height in pixels that an element's attributes and its style tell."""
    sides = [value for name in ("width", "height") if (value := node.get(name).removesuffix("px")).isdecimal()]
    if node.carries("style"):
        sides += _SIDE_IN_STYLE.findall(node.get("style"))
    return [int(side) for side in sides]


def _is_icon_file(picture: Picture, icons: Container[str]) -> bool:
    return bool(picture.urls) and all(url in icons for _, url in picture.urls)


def _link(node: Node) -> Node | None:
    above = node.parent
    for _ in range(_LINK_LEVELS):
        if above is None:
            break
        if above.tag == "a" and above.get("href"):
            return above
        above = above.parent
    return None


def _own_urls(node: Node) -> Iterator[tuple[str, str]]:
    for name in node.attribute_names:
        if name in _NO_FILES:
            continue
        value = node.get(name).strip()
        if name == "src":
            if value:
                yield name, value
        elif "srcset" in name or (" " in value and is_set(value)):
            for url in srcset_urls(value):
                yield name, url
        elif _is_address(name, value):
            yield name, value


def _is_address(name: str, value: str) -> bool:
    if ("/" not in value and "." not in value) or _NOT_IN_ADDRESS.search(value) is not None:
        return False
    if is_picture_file(value):
        return True
    return "/" in value and name.startswith(LAZY_STARTS) and _LAZY_NAME.search(name) is not None


def is_set(value: str) -> bool:
    """Return whether the value of an attribute, whatever its name, is a set of files, each of a width or a density.

    >>> is_set("a.jpg 300w, b.jpg 600w"), is_set("a.jpg, b.jpg"), is_set("data:image/gif;base64,R0 1w")
    (True, False, False)
    """
    if _DESCRIBED.search(value) is None:
        return False
    urls = [*srcset_urls(value)]
    return bool(urls) and not any(map(is_placeholder, urls)) and all("." in url or "/" in url for url in urls)


def sources(node: Node) -> Iterator[Node]:
    """Yield the ``source`` elements of the ``picture`` around a picture's element, where there is one."""
    parent = node.parent
    if parent is not None and parent.tag == "picture":
        yield from (kid for kid in parent.elements if kid.tag == "source")


def _source_urls(node: Node) -> Iterator[tuple[str, str]]:
    return ((f"source {name}", url) for source in sources(node) for name, url in _own_urls(source))


def _key(picture: Picture) -> str:
    """The key of the real picture: lazy attributes first, since ``src`` may hold a stand-in."""
    get = picture.node.get
    for name in _FIRST_NAMES if picture.node.carries(*_LAZY_NAMES) else ("src",):
        if (url := get(name)) and _may_name(name, url) and (key := picture.key_of(url)):
            return key
    ranked = sorted(picture.urls, key=lambda pair: _rank(pair[0]))
    return next((key for _, url in ranked if (key := picture.key_of(url))), "")


def _may_name(name: str, url: str) -> bool:
    return name == "src" or _is_address(name, url.strip())


def _rank(name: str) -> int:
    if name in _FIRST_NAMES:
        return 1 if name == "src" else 0
    return {"data-srcset": 2, "srcset": 3}.get(name, 4 if name.startswith(LAZY_STARTS) else 5)


def _files(picture: Picture) -> tuple[str, ...]:
    """What a stand-in shows is not the picture's image: where others are named, it is not looked at."""
    ranked = sorted(picture.urls, key=lambda pair: _rank(pair[0]))
    found = [url for _, url in ranked if picture.key and picture.key_of(url) == picture.key]
    if not picture.is_lazy:
        own = [url for name, url in ranked if name in ("src", "srcset")]
        found += [url for url in own if url.startswith("data:") or not is_placeholder(url)]
    return tuple(dict.fromkeys(found))


def declared_place(nodes: Iterable[Node]) -> Declared:
    """Return what a page says about where it is.

    Args:
        nodes: its ``base``, ``link`` and ``meta`` elements.
    """
    base = address = graph = ""
    for node in nodes:
        if node.tag == "base":
            base = base or node.get("href").strip()
        elif "canonical" in node.get("rel").lower().split():
            address = address or node.get("href").strip()
        elif node.get("property").lower() == "og:url":
            graph = graph or node.get("content").strip()
    return Declared(base, address or graph)


def declared_size(node: Node) -> tuple[int, int]:
    """Return the width and the height in pixels that an element declares, 0 where it declares none."""
    across, down = (node.get(side).strip().removesuffix("px").strip() for side in ("width", "height"))
    return (int(across) if across.isdecimal() else 0, int(down) if down.isdecimal() else 0)


def _is_small(picture: Picture, roles: Roles) -> bool:
    node, parent = picture.node, picture.node.parent
    sides = declared_size(node)
    if any(0 < side <= _ICON_SIDE for side in sides) or "0" in (node.get("width"), node.get("height")):
        return True
    own = roles.of(node)
    if BOILERPLATE not in own and (SMALL in own or (parent is not None and SMALL in roles.of(parent))):
        return True
    return picture.key.partition("?")[0].lower().endswith(".svg")


def same_picture(one: Picture, other: Picture) -> bool:
    """Return whether markup alone says that two elements show one picture, sizes aside.

    They name the same files, or one of them some of the other's: a stand-in
    that many pictures share is told from them by what else they name.
    """
    spend()
    return one.key == other.key != "" and (one.addresses <= other.addresses or other.addresses <= one.addresses)
