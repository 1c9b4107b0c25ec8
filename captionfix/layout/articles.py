"""Articles of a page: which pictures are part of one, and what its figures say."""

from __future__ import annotations

from captionfix.layout.blocks import visible_text
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.model import Node
from captionfix.text import holds, letters, weight, without_counter, without_label

_LEAST = 20
"""Letters of a caption that tell it from what stands under many pictures (caption-rules study, rule 5)."""
_ITEMS = ("li", "td", "th", "dd", "blockquote")


def article_of(node: Node) -> Node | None:
    """Return the article an element belongs to, the nearest one; where a page marks none, its main part."""
    around = node.parent
    if around is None:
        return None
    if (article := around.nearest("article")) is not None:
        return article
    main, outer = None, around.nearest("main")
    while outer is not None:
        main, outer = outer, outer.parent and outer.parent.nearest("main")
    return main


def is_shown_in_article(page: Page, picture: Picture) -> bool:
    """Return whether a picture is live content of an article's text: no icon, no teaser, no item of a list."""
    return not (
        picture.noscript is not None
        or picture.small
        or DIALOG in page.roles.around(picture.node)
        or page.is_apart(picture.node)
        or page.leads_elsewhere(picture.link, picture)
        or picture.node.nearest(*_ITEMS) is not None
    )


def said_by_both(page: Page, stays: Node, copy: Node) -> int:
    """Return how many letters a figure says, all of which another says too; 0 if it says little, or shows more.

    What a gallery puts in front, a number or a label, is not counted.
    """
    if len(page.content_in(copy)) != 1 or stays.inside(copy) or copy.inside(stays):
        return 0
    if _links_in(page, copy) - _links_in(page, stays):
        return 0
    said = without_counter(without_label(visible_text(copy)))
    size = weight(letters(said))
    return size if size >= _LEAST and holds(visible_text(stays), said) else 0


def _links_in(page: Page, node: Node) -> set[str]:
    """Where the links of a text lead; those around pictures are looked at elsewhere."""
    links = page.tree.search("a", inside=node)
    return {link.get("href") for link in links if not page.has_picture(link)} - {"", "#"}
