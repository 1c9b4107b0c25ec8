"""Which part of a page is its main one: its ``main``, its headline, most of its paragraphs or of its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from captionfix.layout.page_texts import ink
from captionfix.layout.tree import SearchableTree
from captionfix.model import Node

_MAIN_SHARE = 3
"""The part of all paragraphs' text, as one of so many, that one element's own paragraphs have on a page of an article;
what is beside it has a few lines each."""
_MAIN_TEXT = 500
"""Characters of an article's paragraphs; a box with fewer may be a caption's, a teaser's or a dialog's."""


def around_main_part(tree: SearchableTree, paragraphs: Mapping[Any, str]) -> frozenset[Node]:
    """Return what is around a page's main part.

    Args:
        tree: the parsed page.
        paragraphs: the handles of its ``p`` elements, each with all text below it.
    """
    texts: dict[Any, int] = {}
    for handle, text in paragraphs.items():
        around = tree.parent(handle)
        texts[around] = texts.get(around, 0) + len(text)
    body = max(texts, key=texts.__getitem__, default=None)
    holders = _with_ancestors(tree.node(body)) if body is not None else set()
    found: set[Node] = set()
    if body is not None and texts[body] >= _MAIN_TEXT and _MAIN_SHARE * texts[body] >= sum(texts.values()):
        found |= holders
    for tag in ("main", "h1"):
        for node in tree.search(tag):
            above = _with_ancestors(node)
            found |= above if tag == "main" or not holders else above & holders
    return frozenset(found or _around_most_text(tree))


def unmarked_article(tree: SearchableTree, paragraphs: Mapping[Any, str]) -> Node | None:
    """Return what holds the only ``h1`` and the paragraphs of a page without ``article`` and ``main``; None elsewhere.

    Args:
        tree: the parsed page.
        paragraphs: the handles of its ``p`` elements, each with all text below it.
    """
    heads = tree.search("h1")
    if len(heads) != 1 or not paragraphs or tree.search("article", "main"):
        return None
    texts = [(tree.node(handle), len(text)) for handle, text in paragraphs.items()]
    least = (_MAIN_SHARE - 1) * sum(size for _, size in texts)
    around = (
        each
        for each in heads[0].ancestors
        if _MAIN_SHARE * sum(size for node, size in texts if node.inside(each)) >= least
    )
    return next(around, None)


def _around_most_text(tree: SearchableTree) -> Iterator[Node]:
    """Yield what holds more than half of the text of what is around it, from the root on, while it is much."""
    around = tree.root
    size = ink(around.raw_text()) if around is not None else 0
    while around is not None and size >= _MAIN_TEXT:
        yield around
        sizes = {kid: ink(kid.raw_text()) for kid in around.elements if kid.tag not in ("head", "script", "style")}
        around = max(sizes, key=sizes.__getitem__, default=None)
        if around is None or 2 * sizes[around] < sum(sizes.values()):
            break
        size = sizes[around]


def _with_ancestors(node: Node) -> set[Node]:
    return {node, *node.ancestors}
