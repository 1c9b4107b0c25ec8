"""Where pages and style sheets write URLs that name files, apart from those that nobody may edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captionfix.archives.files import Kind
from captionfix.beside import Declared
from captionfix.layout.pictures import declared_place
from captionfix.markup.css import CssUrl, css_urls
from captionfix.markup.parse import parse
from captionfix.markup.source import Source
from captionfix.markup.values import LAZY_PARTS, LAZY_STARTS, Value, candidates, stripped
from captionfix.model import Node

if TYPE_CHECKING:
    from captionfix.markup.html import HtmlTree
    from captionfix.markup.xml import XmlTree

_SILENT = frozenset(("meta", "script", "template", "base"))
"""Elements whose attributes are never edited."""
_IMAGES = frozenset(("img", "amp-img", "amp-anim", "image", "input", "source", "embed"))
_LINKS = frozenset(("a", "area", "link", "image", "use"))
_FILLED = frozenset(("body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"))
_URLS = {
    "src": _IMAGES, "href": _LINKS, "xlink:href": _LINKS, "poster": frozenset(("video", "amp-video")),
    "data": frozenset(("object",)), "background": _FILLED, "lowsrc": frozenset(("img",)),
}  # fmt: skip
"""Attributes that hold a URL, and the elements that give them this meaning (HTML Standard, its obsolete features
too)."""
_LAZY_NAME = re.compile("|".join((*LAZY_PARTS, "thumb", "poster", "bg", "background")), re.IGNORECASE)
_NO_URL = re.compile(r"[\s{}<>\"\[\]]")


@dataclass(frozen=True, slots=True)
class UrlReference:
    """A URL in a page or a style sheet.

    Attributes:
        url: what it says.
        kind: where it stands, such as ``img src``.
        start: where it begins in the view.
        end: where it ends there.
        is_css: whether a style sheet's rules hold for it.
        is_markup: whether references to characters are resolved where it stands.
        is_choice: whether browsers choose among it and others by their formats.
        choices: where the set it stands in begins, -1 where it stands alone.
        why: what keeps it from being edited, or empty.
    """

    url: str
    kind: str
    start: int
    end: int
    is_css: bool = False
    is_markup: bool = True
    is_choice: bool = False
    choices: int = -1
    why: str = ""


def written_in(source: Source, kind: Kind | None) -> tuple[Declared, list[UrlReference]]:
    """Return what a page says about its place, and the URLs written in it.

    Args:
        source: the page, or the style sheet.
        kind: HTML or XHTML; None for a style sheet.

    >>> from captionfix.markup.source import read_source
    >>> source = read_source(b'<img src="a.jpg" srcset="b.jpg 2x"><a style="background:url(c.png)">')
    >>> [(each.kind, each.url) for each in written_in(source, Kind.HTML)[1]]
    [('img src', 'a.jpg'), ('img srcset', 'b.jpg'), ('a style', 'c.png')]
    """
    if kind is None:
        return Declared(), list(_in_css(css_urls(source.view), Value(source.view, 0), "url()", is_markup=False))
    tree = parse(source, xml=kind is Kind.XHTML)
    nodes = tree.elements()
    place = declared_place(node for node in nodes if node.tag in ("base", "link", "meta"))
    return place, [each for node in nodes if node.tag not in _SILENT for each in _of_node(tree, source, node)]


def _of_node(tree: HtmlTree | XmlTree, source: Source, node: Node) -> Iterator[UrlReference]:
    if node.tag == "style":
        if place := tree.content(node):
            value = Value(source.view[slice(*place)], place[0])
            yield from _in_css(css_urls(value.text), value, "style url()", is_markup=False)
        return
    is_choice = node.carries("type") or (node.parent is not None and node.parent.tag == "picture")
    for name, value in tree.values(node):
        if name == "style":
            yield from _in_css(css_urls(value.text), value, f"{node.tag} style")
        elif name == "imagesrcset" or (name == "srcset" and node.tag in _IMAGES) or _is_lazy_set(name):
            yield from _in_set(value, f"{node.tag} {name}", is_choice=is_choice)
        elif _is_url(node.tag, name, value.text):
            start, end = stripped(value.text)
            if start < end:
                url = value.text[start:end]
                yield UrlReference(url, f"{node.tag} {name}", *value.place(start, end), is_choice=is_choice)


def _is_lazy_set(name: str) -> bool:
    return name.startswith(LAZY_STARTS) and "srcset" in name


def _is_url(tag: str, name: str, value: str) -> bool:
    if name in _URLS:
        return tag in _URLS[name]
    return (
        name.startswith(LAZY_STARTS)
        and _LAZY_NAME.search(name) is not None
        and _NO_URL.search(value.strip()) is None
        and ("/" in value or "." in value)
    )


def _in_set(value: Value, kind: str, *, is_choice: bool) -> Iterator[UrlReference]:
    for start, end in candidates(value.text):
        place = value.place(start, end)
        if place[0] < place[1]:
            yield UrlReference(value.text[start:end], kind, *place, is_choice=is_choice, choices=value.start)


def _in_css(found: Iterable[CssUrl], value: Value, kind: str, *, is_markup: bool = True) -> Iterator[UrlReference]:
    for each in found:
        place = value.place(each.start, each.end)
        why = "" if each.is_plain else "a custom property may be used elsewhere"
        if place[0] < place[1]:
            yield UrlReference(
                each.url.strip(), kind, *place, is_css=True, is_markup=is_markup, is_choice=each.is_choice, why=why
            )
