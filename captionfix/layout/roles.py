"""What an element is for, read from its name and from the words of its class.

Words are data and come last: position and structure decide first, since on
sites nobody has seen class names are often generated. A word counts whole
(``sr-only``) or as a part of a compound name (``wp-caption-text``).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from captionfix.layout.widths import speaks_of_widths
from captionfix.markup.stylesheets import UNHEARD, hidden_by
from captionfix.model import Node

CAPTION, CREDIT, DIALOG, HIDDEN, RESPONSIVE, BOILERPLATE, SMALL, SLIDER, STRIP, PRINT_ONLY, HIDDEN_IN_PRINT = (
    "caption", "credit", "dialog", "hidden", "responsive", "apart", "small", "slider", "strip", "printed", "unprinted",
)  # fmt: skip

CAPTION_PARTS = (
    "caption", "legend", "cutline", "bildunterschrift", "bildtext", "didascalia", "leyenda", "piefoto", "pie-foto",
    "pie_foto", "piedefoto", "pie-de-foto", "bijschrift", "onderschrift", "billedtekst", "bildetekst", "myndatexti",
    "kuvateksti",
)  # fmt: skip
"""Parts of class names that say caption, in the languages of the caption corpus and their neighbours."""

_CAPTION_CORES = ("caption", "legend", "cutline", "schrift", "text", "tekst", "didascalia", "leyenda", "foto", "desc")
"""Each of these parts holds one of these: quick, for ruling out."""

_DESCRIPTION = re.compile(r"(?:image|img|photo|picture|foto|bild)s?[-_]{0,2}desc(?:ription)?(?![a-z])")
"""Compound names that say caption; a text beside a picture, as in ``image-text``, may be any text."""

CREDIT_PARTS = ("credit", "copyright", "attribution", "bildquelle", "fotograf", "photographer")
_WORDS = {
    CREDIT: (*CREDIT_PARTS, "credits"),
    DIALOG: (
        "modal", "lightbox", "dialog", "fullscreen", "fancybox", "pswp", "enlarged",
        "colorbox", "magnific", "photoswipe", "remodal",
    ),
    BOILERPLATE: (
        "nav", "navigation", "menu", "breadcrumb", "sidebar", "footer", "related", "recommended", "recommendations",
        "teaser", "teasers", "promo", "widget", "newsletter", "masthead", "topstories", "mostread", "comments",
        "author", "byline", "product", "products", "advert", "advertisement",
    ),
    SMALL: (
        "icon", "icons", "logo", "logos", "avatar", "gravatar", "emoji", "smiley", "spacer", "flag", "badge", "star",
        "stars", "rating", "button", "btn", "userpic", "favicon", "social", "share",
    ),
    RESPONSIVE: ("mobile", "desktop", "phone", "tablet", "fresnel"),
    SLIDER: (
        "slider", "slides", "slide", "slideshow", "swiper", "slick", "splide", "flexslider", "fotorama", "owl",
        "gallery", "galerie", "galeria", "galleria", "galleri", "diapo", "diaporama",
    ),
    STRIP: (
        "thumb", "thumbs", "thumbnail", "thumbnails", "carousel", "strip", "pager", "indicators", "filmstrip",
    ),
    HIDDEN: ("hidden", "invisible", "visuallyhidden", "offscreen", "screenreader"),
}  # fmt: skip
"""Words of class names, ids and roles; compound names are read word by word."""

FOR_EARS = frozenset(
    ("visually-hidden", "visuallyhidden", "sr-only", "screen-reader-text", "screen-reader-only", "screenreader-only",
     "show-for-sr", "element-invisible", "off-screen", "u-visually-hidden", "a11y-hidden", "assistive-text")
)  # fmt: skip
"""Classes of what only screen readers get: those of Bootstrap, Foundation, WordPress, Drupal, and the common ones."""
_HIDDEN_CLASSES = (*FOR_EARS, "show-for-print", "print-only", "mfp-hide", "lity-hide")
"""Whole class names that hide, by the conventions of the common style sheets, of Magnific Popup and of Lity."""

CLONES = frozenset(
    ("slick-cloned", "swiper-slide-duplicate", "cloned", "clone", "bx-clone", "tns-slide-cloned",
     "splide__slide--clone", "glide__slide--clone")
)  # fmt: skip
"""Classes by which sliders mark the copies of slides that they put before the first and behind the last: slick,
Swiper, Owl Carousel, FlexSlider, bxSlider, tiny-slider, Splide, Glide."""

_UNLESS_SHOWN, _SHOWN = frozenset(("collapse", "offcanvas")), frozenset(("show", "in", "navbar-collapse"))
"""Bootstrap's names of what is closed, and those beside them of what is open, or is no part of the text."""

_ROLE_OF_WORD = {word: role for role, words in _WORDS.items() for word in words}
_ROLE_WORDS = frozenset(_ROLE_OF_WORD)
_ROLE_OF_CLASS = dict.fromkeys(_HIDDEN_CLASSES, HIDDEN)
_NONE: frozenset[str] = frozenset()
_OF_TAG = {
    **dict.fromkeys(("nav", "aside", "footer", "menu"), frozenset((BOILERPLATE,))),
    **dict.fromkeys(("dialog", "amp-lightbox"), frozenset((DIALOG,))),
    "figcaption": frozenset((CAPTION,)),
}
_OUTERMOST = frozenset(("body", "html"))
_OPENERS = frozenset(("a", "button", "img", "amp-img", "input", "label", "picture", "svg"))
"""Elements whose class may name the dialog that they open; they hold none."""
_OPENER_WORDS = frozenset(("trigger", "opener", "toggle", "launcher", "link"))
_BOXES = ("uk-modal", "data-remodal-id")
"""Attributes of the dialogs of UIkit and Remodal; Foundation's says so beside its class."""
_SPEAKING = ("hidden", "aria-hidden", "aria-modal", "itemprop", "style", "x-cloak", "data-reveal", *_BOXES)
_OF_WIDTHS = frozenset(
    ("xs", "sm", "md", "lg", "xl", "xxl", "small", "medium", "large", "xlarge", "xxlarge", "phone", "phones", "mobile",
     "tablet", "tablets", "touch", "desktop", "widescreen", "handheld", "pc", "sp")
)  # fmt: skip
"""Words of screens beside which hidden says for whom (Bootstrap 2 to 4, Foundation, Bulma, Elementor, Vuetify)."""
_OF_OTHERS = frozenset(("overflow", "backface", "print"))
"""Words beside which hidden says nothing of the element: of what reaches beyond it, of its back, of paper."""
_FILLERS = frozenset(("for", "on", "only", "up", "down", "and", "x", "y"))
_BY_ITSELF = frozenset(("hidden", "invisible", "is-hidden"))
"""Whole names that hide unless another one shows from some width on (Tailwind's ``hidden md:block``)."""
_FOR_PRINT = re.compile(
    r"(?<!\S)(?:print[-_]?only|only[-_]?print|show-for-print|visible-print(?:-\w+)?|d-print-(?!none)\w+|"
    r"print:(?!hidden)\w+|print[-_]?(?:version|sheet|view))(?!\S)"
)
"""Classes of what is on paper only: Bootstrap's, Foundation's, Tailwind's, and the common ones."""
_NOT_FOR_PRINT = re.compile(
    r"(?<!\S)(?:no[-_]?print|(?:d-)?print[-_:](?:none|hidden|hide)|hidden-print|hide-(?:for|on|in)-print|screen-only)(?!\S)"
)
"""Classes of what is on screens only: those of the same, and the common ones."""
_FOR_SCREENS = re.compile(
    r"(?<!\S)(?:(?:only|for|show|hide|is|view|visible)[-_]?(?:pc|sp)|(?:pc|sp)[-_]?(?:only|none|hide|show|view))(?!\S)"
)
"""Classes for computers (``pc``) and smartphones (``sp``), as Japanese style sheets name them."""
_WORD = re.compile(r"[a-z]+")
_NAME_WORDS = frozenset(found[0] for name in (*_ROLE_OF_CLASS, *_UNLESS_SHOWN) if (found := _WORD.match(name)))
"""Words that whole class names begin with which say more than their words."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Roles:
    """The roles of one page's elements, each worked out once.

    Args:
        known: the roles of words, as far as they are known.

    Attributes:
        wide: the elements that hold the page's main part: whatever their classes say, they are no sidebar,
            no dialog and no teaser; the word is about something in them, or about the layout.
        openers: the elements with pictures that hold what opens something outside of them: a word for a dialog is
            about what they open.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<aside><p class='imgCaption sr-only'>Boats"))
    >>> roles = Roles()
    >>> sorted(roles.of(tree.search("p")[0])), sorted(roles.around(tree.search("p")[0]))
    (['caption', 'hidden'], ['apart', 'caption', 'hidden'])
    """

    def __init__(
        self,
        known: dict[str, frozenset[str]] | None = None,
        wide: Container[Node] = (),
        openers: Container[Node] = (),
    ) -> None:
        self.wide, self.openers = wide, openers
        self._of_words = {} if known is None else known
        self._of_words["  "] = _NONE
        self._own: dict[Node, frozenset[str]] = {}
        self._around: dict[Node, frozenset[str]] = {}

    def of(self, node: Node) -> frozenset[str]:
        """Return the roles an element has by itself."""
        known = self._own.get(node)
        if known is None:
            known = self._own[node] = self._read(node)
        return known

    def _read(self, node: Node) -> frozenset[str]:
        words = node.names
        roles = self._of_words.get(words)
        if roles is None:
            roles = self._of_words[words] = frozenset(_roles_of_words(words)) or _NONE
        tag = node.tag
        if roles and DIALOG in roles and (tag in _OPENERS or node in self.openers):
            roles -= {DIALOG}
        if node.carries(*_SPEAKING):
            roles |= _roles_of_attributes(node)
        if not roles or node in self.wide:
            return _OF_TAG.get(tag, _NONE)
        return roles | _OF_TAG[tag] if tag in _OF_TAG else roles

    def outermost(self, chain: Iterable[Node], role: str) -> Node | None:
        """Return the last of some elements, from within outwards, that has a role by itself; None where none has."""
        found = None
        for node in chain:
            if role in self.of(node):
                found = node
        return found

    def around(self, node: Node) -> frozenset[str]:
        """Return the roles of an element and of everything around it below ``body``."""
        known = self._around.get(node)
        return self._read_around(node) if known is None else known

    def _read_around(self, node: Node) -> frozenset[str]:
        known_around, known_own, chain = self._around, self._own, []
        known = None
        while known is None:
            parent = node.parent
            if parent is None or node.tag in _OUTERMOST:
                known = known_around[node] = _NONE
            else:
                chain.append(node)
                node = parent
                known = known_around.get(node)
        while chain:
            inner = chain.pop()
            own = known_own.get(inner)
            if own is None:
                own = known_own[inner] = self._read(inner)
            known = known_around[inner] = known if own <= known else known | own
        return known


def keeps_roles(node: Node, name: str) -> bool:
    """Return whether an ``id`` would leave the roles of an element without one as they are.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> node = HtmlTree(read_source(b"<p class=text>Boats")).search("p")[0]
    >>> keeps_roles(node, "boats-leave"), keeps_roles(node, "a-slide-of-boats")
    (True, False)
    """
    classes, role = node.get("class"), node.get("role")
    return _roles_of_words(f"{classes} {name} {role}") == _roles_of_words(f"{classes}  {role}")


def _roles_of_words(words: str) -> set[str]:
    """What words of classes, ids and roles say; the terms that WordPress names behind ``hentry`` are of the article."""
    roles = _all_roles(words)
    if not roles:
        return roles
    kept = words.partition("hentry")[0] if "hentry" in words and "status-" in words else words
    if any(hint in words for hint in _LAYOUT_HINTS):
        kept = _OF_LAYOUT.sub(" ", kept)
    return roles if kept == words else _all_roles(kept)


def _all_roles(words: str) -> set[str]:
    lower = words.lower()
    parts = _WORD.findall(lower if lower == words else _split_camels(words))
    roles: set[str] = set()
    if not _ROLE_WORDS.isdisjoint(parts):
        roles.update(_ROLE_OF_WORD[word] for word in _ROLE_WORDS.intersection(parts))
        if not _OPENER_WORDS.isdisjoint(parts):
            roles.discard(DIALOG)
        if HIDDEN in roles:
            roles = roles - {HIDDEN} | {*_what_hides(words.split())}
    names = lower.split() if lower != words or not _NAME_WORDS.isdisjoint(parts) else ()
    roles.update(_ROLE_OF_CLASS[name] for name in names if name in _ROLE_OF_CLASS)
    if any(name in _UNLESS_SHOWN for name in names) and _SHOWN.isdisjoint(names):
        roles.add(HIDDEN)
    if speaks_of_widths(words) or (("pc" in lower or "sp" in lower) and _FOR_SCREENS.search(lower)):
        roles.add(RESPONSIVE)
    if "print" in lower or "screen-only" in lower:
        roles.update(_roles_on_paper(lower))
    if _says_caption(lower):
        roles.add(CAPTION)
    return roles


def _what_hides(names: Sequence[str]) -> Iterator[str]:
    """Yield hidden if one of some names hides at all widths, and responsive if one does at some."""
    ways = {name: _way_of_hiding(name) for name in names}
    if any("hidden" not in name and speaks_of_widths(f"hidden {name}") for name in names):
        ways.update(dict.fromkeys(_BY_ITSELF & ways.keys(), RESPONSIVE))
    yield from {*ways.values()} - {""}


def _way_of_hiding(name: str) -> str:
    """What a name with a word that hides says: hidden, or only on some screens, or, in some state or on paper, neither.

    >>> [_way_of_hiding(name) for name in ("is-hidden", "hidden-xs", "isHiddenMobile", "overflow-x-hidden", "box")]
    ['hidden', 'responsive', 'responsive', '', '']
    >>> [_way_of_hiding(name) for name in ("uk-hidden@m", "md:hidden", "hover:hidden", "mobile-menu-hidden")]
    ['responsive', 'responsive', '', 'hidden']
    """
    words = [word for word in _WORD.findall(_split_camels(name)) if word not in _FILLERS]
    at = next((place for place, word in enumerate(words) if word in _WORDS[HIDDEN]), None)
    if at is None:
        return ""
    beside = {*words[max(at - 1, 0) : at], *words[at + 1 : at + 2]}
    if "@" in name or not beside.isdisjoint(_OF_WIDTHS):
        return RESPONSIVE
    return "" if ":" in name or not beside.isdisjoint(_OF_OTHERS) else HIDDEN


def _roles_on_paper(lower: str) -> Iterator[str]:
    if _FOR_PRINT.search(lower):
        yield PRINT_ONLY
    if _NOT_FOR_PRINT.search(lower):
        yield HIDDEN_IN_PRINT


def _says_caption(lower: str) -> bool:
    for core in _CAPTION_CORES:
        if core in lower:
            return any(part in lower for part in CAPTION_PARTS) or _DESCRIPTION.search(lower) is not None
    return False


_LAYOUT_HINTS = ("has", "no-", "no_", "with", "elementor-", "teaser", "widget Blog", "wp-lightbox")
_OF_LAYOUT = re.compile(
    r"(?<!\S)(?:(?:has|no(?!.print)|with|without)[-_]|elementor-(?:widget|column|section|element))\S*|"
    r"(?<!\S)\S*teaser[-_]{0,2}(?:image|img|media|picture|photo|foto|bild)\S*|"
    r"(?<!\S)(?:widget Blog|wp-lightbox-container)(?!\S)"
)
"""Names that say what an element has, what builder made it, or where else its picture is shown, not what it is;
Blogger's ``widget Blog`` is no widget beside a blog, and WordPress's ``wp-lightbox-container`` is the figure in the
article, which holds what it opens. One of the hints is in each: quick, for ruling out."""


def _split_camels(words: str) -> str:
    return _CAMEL.sub(" ", words).lower()


def _roles_of_attributes(node: Node) -> set[str]:
    roles = set()
    if node.get("itemprop") == "caption":
        roles.add(CAPTION)
    is_reveal = node.carries("data-reveal") and "reveal" in node.get("class").split()
    if node.get("aria-modal") == "true" or node.carries(*_BOXES) or is_reveal:
        roles.add(DIALOG)
    unheard = node.carries("hidden", "x-cloak") or node.get("aria-hidden") == "true"
    if unheard or not hidden_by(node.get("style")).isdisjoint(UNHEARD):
        roles.add(HIDDEN)
    return roles
