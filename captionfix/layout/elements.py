"""Elements beside and around others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from captionfix.model import COMMENT, Node

_Told = TypeVar("_Told")


def inherited(known: dict[Node, _Told], node: Node, step: Callable[[_Told | None, Node], _Told]) -> _Told:
    """Return what an element has of what is around it, worked out from the outermost on, once for each.

    Args:
        known: what is known already, to be filled.
        node: the element.
        step: makes what an element has of what its parent has, None at the root.
    """
    chain: list[Node] = []
    each: Node | None = node
    while each is not None and each not in known:
        chain.append(each)
        each = each.parent
    told = known[each] if each is not None else None
    while chain:
        each = chain.pop()
        told = known[each] = step(told, each)
    return known[node]


def side_by_side(one: Node, other: Node) -> tuple[Node, Node] | None:
    """Return the two children, of the nearest element around both, that hold them; None where one holds the other."""
    common = one.common(other)
    if common is None or common in (one, other):
        return None
    return one.at_depth(common.depth + 1), other.at_depth(common.depth + 1)


def next_sibling(node: Node) -> Node | str | None:
    """Return what stands right behind an element in its parent, white space and comments aside; None where nothing."""
    kids = node.parent.children if node.parent is not None else ()
    if node not in kids:
        return None  # the parser moved it, as out of a table
    for kid in kids[kids.index(node) + 1 :]:
        if not (kid.isspace() if isinstance(kid, str) else kid.tag == COMMENT):
            return kid
    return None
