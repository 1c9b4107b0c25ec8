"""Parts of a page that are the same but for a class: one for wide screens, one for narrow ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, zip_longest

from captionfix.layout.blocks import has_visible_text
from captionfix.layout.elements import next_sibling
from captionfix.layout.page import Page
from captionfix.layout.visibility import After, kept_from, without_classes
from captionfix.layout.widths import EDGES, hidden_at
from captionfix.model import COMMENT, Action, Node

_LEVELS = 8
"""Levels above a picture at which such a part begins, as for two pictures."""
_PAIR = 2
_WIDE = re.compile(r"(?:wide|large|big)(?:[-_]?screens?)?|desktop|(?<![a-z])pc(?![a-z])", re.IGNORECASE)
_NARROW = re.compile(r"(?:small|narrow)(?:[-_]?screens?)?|mobile|phone|(?<![a-z])sp(?![a-z])", re.IGNORECASE)
_HIDES = re.compile(r"hid|show|only|visib", re.IGNORECASE)
_BARRED = ("script", "form", "iframe", "video", "audio", "object", "template")


def complements(page: Page) -> Iterator[tuple[Node, Node, tuple[Action, ...]]]:
    """Yield two parts of a page side by side that hold pictures and are the same, and what shows the first to all.

    The one is hidden on wide screens, the other on narrow ones, by classes of a common style sheet, or by those of
    opposite words that the page's own style sheets use for nothing else.
    """
    seen: set[Node] = set()
    for picture in chain.from_iterable(page.pictures.copies):
        for node in islice((picture.node, *picture.node.ancestors), _LEVELS):
            if node in seen:
                break
            seen.add(node)
            if not node.get("class") or not (_HIDES.search(node.get("class")) or hidden_at(node.get("class")).spans):
                continue
            other = _next(node)
            lift = _lift(page, node, other) if other is not None else None
            lift = lift or (_lift_widths(page, node, other) if other is not None else None)
            if other is not None and lift is not None and are_same(node, other):
                seen.add(other)
                yield node, other, lift


def _next(node: Node) -> Node | None:
    """The element right behind an element, if it has its name."""
    found = next_sibling(node)
    return found if isinstance(found, Node) and found.tag == node.tag else None


def _lift(page: Page, one: Node, other: Node) -> tuple[Action, ...] | None:
    """What shows an element to all, if its classes and those of another differ in one of opposite words."""
    here, there = ({*node.get("class").split()} for node in (one, other))
    if len(here - there) != 1 or len(there - here) != 1:
        return None
    (mine,), (theirs,) = here - there, there - here
    if not are_opposite(mine, theirs) or not page.sheets.only_hides(mine):
        return None
    lift = without_classes(one, one.get("class"), (mine,))
    return None if kept_from(page, one, other, After(lift)) else lift


def _lift_widths(page: Page, one: Node, other: Node) -> tuple[Action, ...] | None:
    """The same for two that a common style sheet shows at other widths: a captioned picture each, and no third one."""
    here, there = (hidden_at(node.get("class")) for node in (one, other))
    if not (here.spans and there.spans) or any(here.at(edge) and there.at(edge) for edge in EDGES):
        return None
    if (
        not has_visible_text(one)
        or page.is_boilerplate(one)
        or len(page.pictures.content_in(one.parent or one)) != _PAIR
    ):
        return None
    if any(page.near.leads_elsewhere(picture.link, picture) for picture in page.pictures.content_in(one)):
        return None
    lift = without_classes(one, one.get("class"), here.names)
    return None if kept_from(page, one, other, After(lift)) else lift


def are_opposite(one: str, other: str) -> bool:
    """Return whether two class names are the same but for words for wide and for narrow screens, and speak of hiding.

    >>> are_opposite("widescreenhide", "smallscreenhide"), are_opposite("wide", "small")
    (True, False)
    """
    for wide, narrow in ((one, other), (other, one)):
        rest, times = _WIDE.subn("*", wide)
        if times == 1 and _NARROW.subn("*", narrow) == (rest, 1):
            return _HIDES.search(rest) is not None
    return False


def are_same(one: Node, other: Node) -> bool:
    """Return whether two elements hold the same, and have the same attributes but for their classes."""
    stack: list[tuple[Node, Node]] = [(one, other)]
    while stack:
        here, there = stack.pop()
        if here.tag != there.tag or here.tag in _BARRED or _attributes(here, one) != _attributes(there, other):
            return False
        for mine, theirs in zip_longest(here.children, there.children):
            if isinstance(mine, Node) and isinstance(theirs, Node):
                stack.append((mine, theirs))
            elif mine != theirs:
                return False
    return True


def _attributes(node: Node, outermost: Node) -> dict[str, str]:
    if node.tag == COMMENT:
        return {}
    return {name: value for name, value in node.attributes.items() if node is not outermost or name != "class"}
