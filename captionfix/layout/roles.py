"""What an element is for, read from its name and from the words of its class.

Words are data and come last: position and structure decide first, since on
sites nobody has seen class names are often generated. A word counts whole
(``sr-only``) or as a part of a compound name (``wp-caption-text``).
"""

from __future__ import annotations

import re

from captionfix.model import Node

CAPTION, CREDIT, DIALOG, HIDDEN, RESPONSIVE, APART, SMALL = (
    "caption", "credit", "dialog", "hidden", "responsive", "apart", "small",
)  # fmt: skip

CAPTION_PARTS = (
    "caption", "legend", "cutline", "bildunterschrift", "bildtext", "didascalia", "leyenda", "pie-foto", "piefoto",
)  # fmt: skip
"""Parts of class names that say caption, in the languages of the caption corpus."""

_CREDIT_WORDS = frozenset(("credit", "credits", "copyright", "attribution", "bildquelle", "fotograf", "photographer"))
_DIALOG_WORDS = frozenset(
    ("modal", "lightbox", "dialog", "popup", "zoom", "zoomed", "fullscreen", "fancybox", "pswp", "enlarged", "colorbox",
     "magnific", "photoswipe")
)  # fmt: skip
_HIDDEN_CLASSES = frozenset(
    ("hidden", "hide", "invisible", "visuallyhidden", "visually-hidden", "sr-only", "screen-reader-text", "offscreen",
     "off-screen", "is-hidden", "u-hidden", "d-none", "show-for-print", "print-only", "screenreader", "show-for-sr")
)  # fmt: skip
_APART_WORDS = frozenset(
    ("nav", "navigation", "menu", "breadcrumb", "sidebar", "footer", "related", "recommended", "recommendations",
     "teaser", "teasers", "promo", "widget", "newsletter", "masthead", "topstories", "mostread", "comments", "author",
     "byline", "product", "products", "advert", "advertisement")
)  # fmt: skip
_SMALL_WORDS = frozenset(
    ("icon", "icons", "logo", "logos", "avatar", "gravatar", "emoji", "smiley", "wp-smiley", "spacer", "flag", "badge",
     "star", "stars", "rating", "button", "btn", "userpic", "favicon", "social", "share")
)  # fmt: skip
_APART_TAGS = frozenset(("nav", "aside", "footer", "menu"))
_RESPONSIVE = re.compile(
    r"mobile|desktop|phone|tablet|fresnel-|(?:^|\s)(?:d|hidden|visible|show-for|hide-for|show|hide)-(?:none|xs|sm|md|lg|xl|small|"
    r"medium|large)|(?:^|\s)(?:xs|sm|md|lg|xl):(?:hidden|block|flex|inline)",
    re.I,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)


class Roles:
    """The roles of one page's elements, each worked out once.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<aside><p class='imgCaption sr-only'>Boats"))
    >>> roles = Roles()
    >>> sorted(roles.of(tree.search("p")[0])), sorted(roles.around(tree.search("p")[0]))
    (['caption', 'hidden'], ['apart', 'caption', 'hidden'])
    """

    def __init__(self) -> None:
        self._own: dict[str, frozenset[str]] = {}
        self._around: dict[Node, frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        """Return the roles an element has by itself."""
        attributes = node.attributes
        words = f"{attributes.get('class', '')} {attributes.get('id', '')} {attributes.get('role', '')}"
        roles = self._own.get(words)
        if roles is None:
            roles = self._own[words] = frozenset(_roles_of_words(words))
        return roles | _roles_of_markup(node) if _speaks(node) else roles

    def around(self, node: Node) -> frozenset[str]:
        """Return the roles of an element and of everything around it below ``body``."""
        chain = []
        known = self._around.get(node)
        while known is None:
            chain.append(node)
            parent = node.parent
            if node.tag in ("body", "html") or parent is None:
                known = frozenset()
                self._around[chain.pop()] = known
            else:
                node = parent
                known = self._around.get(node)
        for inner in reversed(chain):
            known = self._around[inner] = known | self.of(inner)
        return known


def _roles_of_words(words: str) -> set[str]:
    if words.isspace():
        return set()
    lower = words.lower()
    parts = {part.lower() for part in _WORD.findall(words)}
    classes = set(lower.split())
    roles = set()
    if any(part in lower for part in CAPTION_PARTS):
        roles.add(CAPTION)
    if parts & _CREDIT_WORDS:
        roles.add(CREDIT)
    if parts & _DIALOG_WORDS:
        roles.add(DIALOG)
    if classes & _HIDDEN_CLASSES:
        roles.add(HIDDEN)
    if _RESPONSIVE.search(words):
        roles.add(RESPONSIVE)
    if (parts | classes) & _APART_WORDS:
        roles.add(APART)
    if (parts | classes) & _SMALL_WORDS:
        roles.add(SMALL)
    return roles


def _speaks(node: Node) -> bool:
    attributes = node.attributes
    return (
        node.tag in _APART_TAGS
        or node.tag in ("figcaption", "dialog", "amp-lightbox")
        or "hidden" in attributes
        or "aria-hidden" in attributes
        or "aria-modal" in attributes
        or "itemprop" in attributes
        or "style" in attributes
    )


def _roles_of_markup(node: Node) -> set[str]:
    attributes = node.attributes
    roles = set()
    if node.tag == "figcaption" or attributes.get("itemprop") == "caption":
        roles.add(CAPTION)
    if node.tag in ("dialog", "amp-lightbox") or attributes.get("aria-modal") == "true":
        roles.add(DIALOG)
    if "hidden" in attributes or attributes.get("aria-hidden") == "true" or _INVISIBLE.search(attributes.get("style", "")):
        roles.add(HIDDEN)
    if node.tag in _APART_TAGS:
        roles.add(APART)
    return roles
