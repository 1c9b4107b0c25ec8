"""Articles of a page, and which pictures are part of one."""

from __future__ import annotations

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.model import Node

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
