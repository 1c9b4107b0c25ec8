"""What keeps an element from readers besides its own attributes: a class, a closed ``details``, the page's own style.

None of it is certain: a script may take a class away, somebody may open what
is closed, a sheet elsewhere may overrule. So nothing goes because of it; it
tells which of two stays, and what nobody would miss is not taken for read.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import takewhile

from captionfix.layout.page import Page
from captionfix.layout.roles import PRINTED, UNPRINTED, hides, is_unheard
from captionfix.markup.css import ASIDE
from captionfix.model import Node


def is_unheard_beside(page: Page, node: Node, other: Node) -> bool:
    """Return whether screen readers pass an element by, or somebody must open it first, who gets another as it is."""
    return is_unheard(node) or _is_out_of_sight(page, _around(node, other))


def is_out_of_sight(page: Page, node: Node) -> bool:
    """Return whether an element, or what is around it, does not show when the page opens."""
    return _is_out_of_sight(page, (node, *node.ancestors))


def is_shown_by_style(page: Page, one: Node, other: Node) -> bool:
    """Return whether the page's own style sheets take one of two elements off the screen, or off paper."""
    names = page.sheets.unshown | page.sheets.unprinted
    return bool(names) and any(
        _is_named(around, names) for pair in ((one, other), (other, one)) for around in _around(*pair)
    )


def is_put_aside(page: Page, node: Node, other: Node) -> bool:
    """Return whether the page itself keeps an element out of sight or from screen readers, apart from another.

    What its sheets do to both alike, as to pictures that fade in, tells nothing.
    """
    chains = [[*_around(*pair)] for pair in ((node, other), (other, node))]
    if any(
        each.carries("hidden") or each.get("aria-hidden") == "true" or ASIDE.search(each.get("style"))
        for each in chains[0]
    ):
        return True
    mine, theirs = (_put_aside_by_sheets(page, chain) for chain in chains)
    return not mine <= theirs


def _put_aside_by_sheets(page: Page, chain: Iterable[Node]) -> set[tuple[frozenset[str], ...]]:
    """The selectors of what the page's own sheets keep out of sight that some elements have."""
    return {
        steps
        for node in chain
        for names in (_selectable(node),)
        for steps in page.sheets.put_aside
        if steps[-1] <= names and _stands_in(node, steps[:-1])
    }


def _stands_in(node: Node, steps: Sequence[frozenset[str]]) -> bool:
    """Whether what is around an element has some names, in order."""
    left = [*steps]
    for around in node.ancestors if left else ():
        if left and left[-1] <= _selectable(around):
            left.pop()
    return not left


def _selectable(node: Node) -> frozenset[str]:
    """The names by which a style sheet may call an element."""
    classes = (f".{name}" for name in node.get("class").lower().split())
    return frozenset((node.tag, f"#{node.get('id').lower()}", *classes))


def is_printed(page: Page, node: Node) -> bool:
    """Return whether an element is on paper only: by a class, or by the page's own style sheets."""
    return PRINTED in page.roles.around(node) or _is_within(node, page.sheets.printed)


def printed_part(page: Page, node: Node) -> Node | None:
    """Return the outermost element on paper only that is an element, or is around it; None where none is."""
    found = None
    for around in (node, *node.ancestors):
        if PRINTED in page.roles.of(around) or _is_named(around, page.sheets.printed):
            found = around
    return found


def is_unprinted(page: Page, node: Node) -> bool:
    """Return whether an element is on screens only, likewise."""
    return UNPRINTED in page.roles.around(node) or _is_within(node, page.sheets.unprinted)


def _is_within(node: Node, names: Container[str]) -> bool:
    """Whether a style sheet's plain names name an element, or what is around it."""
    return bool(names) and any(_is_named(around, names) for around in (node, *node.ancestors))


def _around(node: Node, other: Node) -> Iterator[Node]:
    """An element and what is around it, less what is around another too."""
    return takewhile(lambda around: not other.inside(around), (node, *node.ancestors))


def _is_out_of_sight(page: Page, chain: Iterable[Node]) -> bool:
    inner, names = None, page.sheets.unshown
    for node in chain:
        if node.tag == "details" and not node.carries("open") and (inner is None or inner.tag != "summary"):
            return True
        if hides(node.get("class")) or (names and _is_named(node, names)):
            return True
        inner = node
    return False


def _is_named(node: Node, names: Container[str]) -> bool:
    """Whether a style sheet's plain names, of elements and of classes, name an element."""
    tag = node.tag
    return tag in names or any(f".{each}" in names or f"{tag}.{each}" in names for each in node.get("class").split())
