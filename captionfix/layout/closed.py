"""Boxes that are closed when the page opens, seen from an element outside of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from captionfix.layout.page import Page
from captionfix.layout.roles import DIALOG, HIDDEN
from captionfix.layout.visibility import around, barriers
from captionfix.model import Node

_ROOTS = frozenset(("html", "body", "main", "article"))


@dataclass(frozen=True, slots=True)
class Closed:
    """How an element is kept out of sight from who sees another.

    Attributes:
        box: the outermost element around it, or itself, that is closed; what is around both is open to both.
        is_sure: whether something hides it; the words of a class are a hint.
        is_dialog: whether it is called a dialog, by its name, its role or a class.
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
    chain = [each for each in around(node, beside) if each.tag not in _ROOTS]
    dialog = roles.outermost(chain, DIALOG)
    named = dialog if dialog is not None else roles.outermost(chain, HIDDEN)
    if not hidden and named is None:
        return None
    return Closed(_outer(hidden[-1:], named), bool(hidden), dialog is not None)


def _outer(hidden: Iterable[Node], named: Node | None) -> Node:
    both = [node for node in (*hidden, named) if node is not None]
    return min(both, key=lambda node: sum(1 for _ in node.ancestors))
