"""Articles of a page, and which pictures are part of one."""

from __future__ import annotations

from collections.abc import Sequence

from captionfix.layout.blocks import visible_text
from captionfix.layout.elements import inherited, next_sibling, side_by_side
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.model import Node

_ITEMS = ("li", "td", "th", "dd", "dt", "blockquote")
_HEADLINES = ("h1", "h2", "h3")
_ARTICLES: Question[Node, Node | None] = Question()
_MAINS: Question[Node, Node | None] = Question()


def article_of(page: Page, node: Node) -> Node | None:
    """Return the article an element belongs to, the nearest one; where a page marks none, its main part.

    Args:
        page: the page.
        node: the element.
    """
    around = node.parent
    if around is None:
        return None
    article = inherited(page.answers(_ARTICLES), around, _nearest_article)
    if article is None:
        article = inherited(page.answers(_MAINS), around, _outermost_main)
    if article is None and page.article is not None and node.inside(page.article):
        return page.article
    return article


def _nearest_article(around: Node | None, node: Node) -> Node | None:
    return node if _is_article(node) else around


def _outermost_main(around: Node | None, node: Node) -> Node | None:
    return node if around is None and node.tag == "main" else around


def _is_article(node: Node) -> bool:
    """Whether an element is an article by its name or its role, by microformats or by schema.org."""
    if node.tag == "article" or node.get("role") == "article":
        return True
    return "hentry" in node.get("class").split() or node.get("itemtype").endswith(("Article", "BlogPosting"))


def are_in_parts(page: Page, one: Node, other: Node) -> bool:
    """Return whether two places of a picture may each belong to what stands around it: a step, an answer, an entry.

    They do not where the first is the article's, and the other stands in the article's text.

    Args:
        page: the page of both.
        one: the first.
        other: the one behind it.
    """
    first, second = side_by_side(one, other) or (one, other)
    if are_in_like_parts(one, other) or _has_headline_between(page, one, other):
        return True
    places = page.tree.search(one.tag, "p", inside=article_of(page, one))
    if one not in places:
        return True  # it broke out of the head's noscript: readers with scripts get it in another place, or not at all
    at = places.index(one)
    if next_sibling(first) is second and all(
        visible_text(a) == visible_text(b) for a, b in ((first, one), (second, other))
    ):
        return False
    before, behind = (_paragraphs(some) for some in (places[:at], places[at + 1 :]))
    if any(paragraph.inside(first) for paragraph in behind) and first.tag != "header":
        return True
    return bool(before) and not any(paragraph.inside(second) for paragraph in behind)


def _has_headline_between(page: Page, one: Node, other: Node) -> bool:
    """Whether a headline of the rank of the article's stands between two elements: another entry begins there."""
    nodes = page.tree.search(one.tag, other.tag, *_HEADLINES, inside=article_of(page, one))
    if one not in nodes or other not in nodes:
        return False
    first, second = nodes.index(one), nodes.index(other)
    over, between = (
        [node.tag for node in some if node.tag in _HEADLINES] for some in (nodes[:first], nodes[first:second])
    )
    return min(between, default="") <= min(over) if over and between else between.count(_HEADLINES[0]) > 1


def are_in_like_parts(one: Node, other: Node) -> bool:
    """Return whether two elements stand in parts side by side that are of one kind, and say more than they."""
    first, second = side_by_side(one, other) or (one, other)
    if first is one or (first.tag, first.get("class")) != (second.tag, second.get("class")):
        return False
    return any(visible_text(part) != visible_text(node) for part, node in ((first, one), (second, other)))


def _paragraphs(nodes: Sequence[Node]) -> list[Node]:
    """Those of some elements that are paragraphs with a text; a header's belong to the whole article."""
    return [node for node in nodes if node.tag == "p" and node.raw_text().strip() and node.nearest("header") is None]


def is_shown_in_article(page: Page, picture: Picture) -> bool:
    """Return whether a picture is live content of an article's text: no icon, no teaser, no item of a list."""
    return not (
        picture.noscript is not None
        or picture.is_icon
        or DIALOG in page.roles.around(picture.node)
        or page.is_boilerplate(picture.node)
        or page.near.leads_elsewhere(picture.link, picture)
        or picture.node.nearest(*_ITEMS) is not None
    )
