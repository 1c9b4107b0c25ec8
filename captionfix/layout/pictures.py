"""Which elements are pictures, and what each of them knows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from captionfix.layout.roles import APART, SMALL, Roles
from captionfix.model import Node, Picture
from captionfix.pictures.urls import is_picture_file, is_placeholder, picture_key, srcset_urls

PICTURES = ("img", "amp-img", "amp-anim")
INERT = frozenset(("template", "iframe", "object", "textarea", "script", "style", "title", "noembed", "noframes"))
"""Elements whose content is no part of the page that a reader gets."""

_LAZY_NAME = re.compile(r"src|orig|lazy|href|full|large|image", re.I)
_LAZY_START = ("data-", "lazy", "original")
_LINK_LEVELS = 4
_ICON_SIDE = 60
"""Pixels; the corpus's and the research's bound between icons and pictures."""


def read_picture(node: Node, index: int, roles: Roles) -> Picture:
    """Return what a picture's element knows."""
    urls = (*_own_urls(node), *_source_urls(node))
    noscript, link = None, None
    for level, around in enumerate(node.ancestors):
        if around.tag == "noscript":
            noscript = around
        elif link is None and level < _LINK_LEVELS and around.tag == "a" and "href" in around.attributes:
            link = around
    return Picture(node, index, urls, noscript, _key(urls), link, _is_small(node, urls, roles))


def addresses(picture: Picture) -> frozenset[str]:
    """Return the keys of everything a picture names."""
    return frozenset(key for _, url in picture.urls if (key := picture_key(url)))


def loads(picture: Picture) -> str:
    """Return the URL that a reader without scripts gets, ``""`` if it is a placeholder or nothing."""
    for name, url in picture.urls:
        if name in ("src", "srcset", "source srcset") and not is_placeholder(url):
            return url
    return ""


def _own_urls(node: Node) -> Iterator[tuple[str, str]]:
    for name, value in node.attributes.items():
        value = value.strip()
        if not value:
            continue
        if "srcset" in name:
            for url in srcset_urls(value):
                yield name, url
        elif name == "src" or (
            name.startswith(_LAZY_START)
            and not re.search(r"[\s{}<>]", value)
            and ("/" in value or "." in value)
            and (is_picture_file(value) or _LAZY_NAME.search(name) is not None)
        ):
            yield name, value


def _source_urls(node: Node) -> Iterator[tuple[str, str]]:
    parent = node.parent
    if parent is None or parent.tag != "picture":
        return
    for source in parent.elements:
        if source.tag == "source":
            for name, url in _own_urls(source):
                yield f"source {name}", url


def _key(urls: tuple[tuple[str, str], ...]) -> str:
    """The key of the real picture: lazy attributes first, since ``src`` may hold a stand-in."""
    ranked = sorted(urls, key=lambda pair: _rank(pair[0]))
    return next((key for _, url in ranked if (key := picture_key(url))), "")


def _rank(name: str) -> int:
    if name in ("data-src", "data-original", "data-lazy-src"):
        return 0
    if name == "src":
        return 1
    return {"data-srcset": 2, "srcset": 3}.get(name, 4 if name.startswith(_LAZY_START) else 5)


def _is_small(node: Node, urls: tuple[tuple[str, str], ...], roles: Roles) -> bool:
    for side in ("width", "height"):
        value = node.get(side)
        if value.isascii() and value.removesuffix("px").isdigit() and int(value.removesuffix("px")) <= _ICON_SIDE:
            return True
    if any(url.split("?", 1)[0].lower().endswith(".svg") and not is_placeholder(url) for _, url in urls):
        return True
    parent = node.parent
    near = roles.of(node) | (roles.of(parent) if parent is not None else frozenset())
    return SMALL in near and APART not in roles.of(node)
