"""Boxes that are closed when the page opens, seen from an element outside of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from captionfix.layout.elements import inherited
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.roles import DIALOG, HIDDEN
from captionfix.layout.visibility import barriers, is_out_of_sight
from captionfix.model import Node

_OPENER_LEVELS = 3
"""Levels above a picture at which a link or a button around it opens its enlargement."""
_TURNING = ("data-slide-to", "data-bs-slide-to", "data-slide", "data-bs-slide")
_TOGGLED = frozenset(("tab", "pill", "list", "collapse", "dropdown", "tooltip"))
"""What Bootstrap's openers open that is no dialog."""
_OPEN = frozenset(("open", "opened", "show", "in", "active", "is-active", "is-visible", "visible"))
"""Classes by which the common dialogs say that they are open."""
_SHOWN = re.compile(r"display\s*:\s*(?:block|flex|grid)", re.IGNORECASE)
_ROOTS = frozenset(("html", "body", "main", "article"))

_OPENED: Question[Node, bool] = Question()
"""Whether something opens an element, or what is around it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """How an element is kept out of sight from who sees another.

    Attributes:
        box: the outermost element around it, or itself, that is closed; what is around both is open to both.
        is_sure: whether something hides it; the words of a class are a hint.
        is_dialog: whether it is called a dialog, by its name, its role or a class, or opened from beside the other.
    """

    box: Node
    is_sure: bool
    is_dialog: bool

    @property
    def grade(self) -> int:
        """How surely it is closed, from 1 on: by a word of its class, as a dialog, or by what hides it."""
        return 3 if self.is_sure else 1 + self.is_dialog


def closed(page: Page, node: Node, beside: Node) -> Closed | None:
    """Return the closed box that an element stands in, or is, and another does not; None where none is.

    Args:
        page: the page.
        node: the element.
        beside: the other.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> page = Page(HtmlTree(read_source(b"<p>A<div class=modal><p>B</div><div hidden><p>C</div>")))
    >>> one, *others = page.tree.search("p")
    >>> [(box.is_sure, box.is_dialog) for other in others if (box := closed(page, other, one))]
    [(False, True), (True, False)]
    """
    screens, roles = page.sheets.screens, page.roles
    hidden = [each.node for each in barriers(page, node, beside) if screens <= each.unseen and not each.sometimes]
    chain = [each for each in node.around_less(beside) if each.tag not in _ROOTS]
    dialog = roles.outermost((each for each in chain if not _says_open(each)), DIALOG)
    if dialog is None:
        opened = [box for opener, box in opened_from(page, node, beside) if hidden or _says_closed(page, opener, box)]
        dialog = opened[-1] if opened else None
    named = dialog if dialog is not None else roles.outermost(chain, HIDDEN)
    if not hidden and named is None:
        return None
    return Closed(_outer(hidden[-1:], named), bool(hidden), dialog is not None)


def is_closed_by_itself(page: Page, node: Node) -> bool:
    """Return whether an element is closed as seen from wherever it is not around: by what hides it, or by its roles.

    Args:
        page: the page.
        node: the element.
    """
    if any(page.sheets.screens <= each.unseen and not each.sometimes for each in barriers(page, node, node.parent)):
        return True
    roles = page.roles.of(node)
    return node.tag not in _ROOTS and (HIDDEN in roles or (DIALOG in roles and not _says_open(node)))


def _says_open(node: Node) -> bool:
    """Whether an element says that it is open when the page is saved, by a state's class, ``open`` or its own style."""
    names = node.get("class").lower().split()
    if node.carries("open") or not _OPEN.isdisjoint(names) or any(name.endswith("-open") for name in names):
        return True
    return node.carries("style") and _SHOWN.search(node.get("style")) is not None


def may_be_closed(page: Page, node: Node) -> bool:
    """Return whether an element, or what is around it, may be a closed box as seen from somewhere: quick.

    Args:
        page: the page.
        node: the element.
    """
    if not page.roles.around(node).isdisjoint((DIALOG, HIDDEN)) or is_out_of_sight(page, node):
        return True
    return inherited(page.answers(_OPENED), node, partial(_is_opened, page))


def _is_opened(page: Page, around: bool | None, node: Node) -> bool:
    return bool(around or (node.carries("id") and page.marks.opening(node.get("id"))))


def opened_from(page: Page, node: Node, beside: Node) -> Iterator[tuple[Node, Node]]:
    """Yield what by an element opens something around another, each with what it opens.

    What opens it is the element itself, is around it, or stands in its figure. A tab, and what turns a slider to a
    slide, opens nothing, nor does a link within the page by itself: that leads to a part of the text.

    Args:
        page: the page.
        node: the element that may be in a closed box.
        beside: the other.
    """
    figure = beside.nearest("figure")
    near = figure if figure is not None and not node.inside(figure) else beside
    chain = [beside, *islice(beside.around_less(node), _OPENER_LEVELS + 1)]
    for box in node.around_less(beside):
        for opener in page.marks.opening(box.get("id")) if box.carries("id") else ():
            if (opener in chain or opener.inside(near)) and not _is_tab(opener, box):
                yield opener, box


def _says_closed(page: Page, opener: Node, box: Node) -> bool:
    """Whether a box that nothing hides is closed by what opens it: one element, and no link within the page.

    What several of a row control, or one that does not say that it opens something, is a stage that they change.
    """
    openers = page.marks.opening(box.get("id"))
    row = sum(each.tag == opener.tag and each.get("class") == opener.get("class") for each in openers)
    controls = opener.get("aria-controls") == box.get("id") and not opener.carries("aria-haspopup", "aria-expanded")
    return not (opener.get("href")[1:] or controls or row > 1)


def _is_tab(opener: Node, box: Node) -> bool:
    if opener.get("role") == "tab" or box.get("role") == "tabpanel" or opener.carries(*_TURNING):
        return True
    return any(opener.get(name).lower() in _TOGGLED for name in ("data-toggle", "data-bs-toggle"))


def _outer(hidden: Iterable[Node], named: Node | None) -> Node:
    both = [node for node in (*hidden, named) if node is not None]
    return min(both, key=lambda node: node.depth)
