"""What a person operates, and which control would be left without what it holds.

A picture or a text in a control is part of it: a button without its picture has no name and does nothing anybody can
see. So it goes only with the whole control, and only where what stays is in a control of its own that leads to the
same. Closed boxes, slides and figures hold pictures to be seen, whatever opens or moves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from captionfix.layout.blocks import visible_text
from captionfix.layout.elements import side_by_side
from captionfix.layout.page import Page
from captionfix.layout.roles import CLONES, DIALOG, HIDDEN
from captionfix.model import Node
from captionfix.pictures.urls import is_picture_file
from captionfix.text import holds

_NATIVE = frozenset(("button", "label", "summary", "option"))
_ROLES = frozenset(("button", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "option"))
_HANDLER = re.compile(
    r"data-(?:bs-)?slide-to$|"
    r"(?:on|data-wp-on(?:-async)?--|(?:data-)?ng-|(?:v-on|x-on|on|wire):|@|\()(?:dbl)?(?:click|key|mouse)"
)
"""Attributes for clicks and keys: HTML's, and those of WordPress, AngularJS, Vue, Alpine, Svelte, Livewire, Angular;
Bootstrap's for what turns a carousel to one of its slides."""
_LEVELS = 4
"""Levels up to a control that has a picture for its face."""
_FIELDS = ("input", "select", "textarea")
_CONTAINERS = frozenset(("html", "body", "main", "article", "section", "figure", "dialog", "details", "amp-lightbox"))
_CONTAINER_ROLES = frozenset(("dialog", "alertdialog", "figure", "tabpanel"))
_SLIDE = re.compile(
    r"(?:^|[-_])slide(?:$|--|_active)|[a-z]Slide$|^(?:carousel|owl|gallery|swiper)[-_](?:item|cell)$", re.ASCII
)
"""How sliders call their slides: slick, Swiper, Splide, Glide and FlexSlider end with the word; Bootstrap, Flickity and
Owl Carousel have items and cells."""
_SCROLLED_ROLES = frozenset(("region", "group", "list", "listbox", "grid", "document", "article", "application"))
_SCROLLER = re.compile(r"scroll|overflow", re.IGNORECASE)
_SCROLLED = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:auto|scroll)", re.IGNORECASE)
_REGIONS = frozenset(("ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "p", "video", "audio", "iframe"))
"""Elements that get the focus to be scrolled, read on from, or played."""
_TARGETS = (
    "href", "for", "value", "aria-controls", "data-target", "data-bs-target", "data-slide-to", "data-bs-slide-to",
    "popovertarget", "commandfor", "command", "formaction",
)  # fmt: skip
"""Attributes that say what a control leads to, or which of several it is."""


def around(page: Page, node: Node, other: Node) -> list[Node]:
    """Return the controls that an element is, or stands in, but another does not, the innermost first.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> page = Page(HtmlTree(read_source(b"<label><a href='#'><img></a></label><a href='boat.jpg'><img></a>")))
    >>> one, other = (picture.node for picture in page.pictures)
    >>> [control.tag for control in around(page, one, other)], around(page, other, one)
    (['a', 'label'], [])
    """
    return [each for each in node.around_less(other) if _kind(page, each)]


def operated(page: Page, node: Node, other: Node) -> Node | None:
    """Return the first of these, a slide or a box with a handler or a control's role too: it turns the slider."""
    return next((each for each in node.around_less(other) if _kind(page, each) or _handler(each) or _acts(each)), None)


def holding(node: Node) -> Node | None:
    """Return the nearest element around another that is a control by its name or its role; itself, by its handler too.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<button><b><img></b></button><a href='boat.jpg'><img></a>"))
    >>> [control and control.tag for image in tree.search("img") for control in [holding(image)]]
    ['button', None]
    """
    if _handler(node):
        return node
    return next((each for each in islice((node, *node.ancestors), _LEVELS) if each.tag in _NATIVE or _acts(each)), None)


def left_without(page: Page, duplicate: Node, kept: Node, removed: Iterable[Node]) -> Node | None:
    """Return the control that would be left without what it holds, or would go and nothing like it stay.

    Args:
        page: the page.
        duplicate: what only repeats.
        kept: what it repeats.
        removed: the elements that are to go.
    """
    others, removed = around(page, kept, duplicate), [*removed]
    for control in around(page, duplicate, kept):
        like = _like(control, others)
        if like is None or not (_goes(control, removed) or _holds_no_more(page, control, duplicate, like)):
            return control
    inner = [each for node in removed for each in _inside(page, node) if not duplicate.inside(each)]
    if inner:
        sides = side_by_side(duplicate, kept)
        there = {_signature(each) for each in _inside(page, sides[1] if sides else kept)}
        return next((each for each in inner if _signature(each) not in there), None)
    return None


def whole(page: Page, duplicate: Node, kept: Node) -> Node | None:
    """Return the outermost control around a copy, not around what stays, if it holds nothing else; None if it does."""
    controls = around(page, duplicate, kept)
    if not controls:
        return None
    like = _like(controls[-1], around(page, kept, duplicate)) or kept
    return controls[-1] if _holds_no_more(page, controls[-1], duplicate, like) else None


def described(page: Page, control: Node) -> str:
    """Return what an element is and what makes it a control, in a few words.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> page = Page(HtmlTree(read_source(b"<button><img></button><li onclick='turn(1)'><img>")))
    >>> [described(page, picture.node.parent) for picture in page.pictures]
    ['button', 'li with onclick']
    """
    kind = _kind(page, control) or _handler(control) or _acts(control)
    return kind if kind == control.tag else f"{control.tag} with {kind}"


def _kind(page: Page, node: Node) -> str:
    """What makes an element a control, or ``""``."""
    if node.tag in _NATIVE:
        return node.tag
    if node.tag == "a" and node.carries("href") and not _is_address(node.get("href")):
        return f'href="{node.get("href").strip()}"'
    if _is_row(page, node):
        return "a form's fields"
    return "" if node.is_bare or _is_shown(node) else _operation(page, node)


def _operation(page: Page, node: Node) -> str:
    """What makes an element that is none by its name a control, or ``""``; a box that opens and closes is none."""
    role = node.get("role").strip().lower()
    if role in _ROLES:
        return f'role="{role}"'
    if not {DIALOG, HIDDEN}.isdisjoint(page.roles.of(node)):
        return ""
    return _handler(node) or ("tabindex" if _is_in_tab_order(page, node) else "")


def _is_address(href: str) -> bool:
    href = href.strip().lower()
    return bool(href) and not href.startswith(("#", "javascript:"))


def _handler(node: Node) -> str:
    return next((name for name in node.attribute_names if _HANDLER.match(name)), "")


def _acts(node: Node) -> str:
    """The role of what a person operates, but for one that slides of a listbox have."""
    role = node.get("role").strip().lower()
    return f'role="{role}"' if role in _ROLES and role != "option" else ""


def _is_row(page: Page, node: Node) -> bool:
    """Whether an element is a form, or holds fields of one; a form around the page's main part is none."""
    form = node.nearest("form")
    if form is None or form in page.main or page.tree.search("h1", "main", "article", inside=form):
        return False
    return node is form or any(
        field.get("type").strip().lower() != "hidden" for field in page.tree.search(*_FIELDS, inside=node)
    )


def _is_shown(node: Node) -> bool:
    """Whether an element is there to be seen, whatever happens to it: a figure, a slide, a dialog, a link to a file."""
    role = node.get("role").strip().lower()
    if node.tag in _CONTAINERS or role in _CONTAINER_ROLES or node.get("aria-roledescription").lower() == "slide":
        return True
    names = node.get("class").split()
    if not CLONES.isdisjoint(names) or any(_SLIDE.search(name) for name in names):
        return True
    return node.tag == "a" and is_picture_file(node.get("href").strip())


def _is_in_tab_order(page: Page, node: Node) -> bool:
    """Whether an element that is no link and no scroller can be reached with the keyboard."""
    index = node.get("tabindex").strip()
    if not index.isdecimal() or node.tag in _REGIONS or (node.tag == "a" and node.carries("href")):
        return False
    if node.get("role").strip().lower() in _SCROLLED_ROLES or _SCROLLER.search(node.get("class")):
        return False
    pictures = [picture for picture in page.pictures.pictures_in(node) if picture.noscript is None]
    return _SCROLLED.search(node.get("style")) is None and len(pictures) <= 1


def _target(control: Node) -> tuple[tuple[str, str], ...]:
    """What a control leads to, as far as its attributes tell."""
    told = [(name, control.get(name).strip()) for name in _TARGETS if control.carries(name)]
    told += [(name, control.get(name).strip()) for name in control.attribute_names if _HANDLER.match(name)]
    return tuple((name, value) for name, value in told if _leads_somewhere(value))


def _leads_somewhere(value: str) -> bool:
    return value not in ("", "#") and not re.fullmatch(r"javascript:\s*(?:void\s*\(?\s*0?\s*\)?)?\s*;?", value.lower())


def _like(control: Node, others: Iterable[Node]) -> Node | None:
    """The control, of some, that leads to the same as another."""
    target = _target(control)
    alike = (other for other in others if other.tag == control.tag and _target(other) == target)
    return next(alike, None) if target else None


def _goes(control: Node, removed: Iterable[Node]) -> bool:
    return any(control.inside(node) for node in removed)


def _holds_no_more(page: Page, control: Node, duplicate: Node, like: Node) -> bool:
    """Whether a control holds nothing but a copy: no other picture, no field, no words but those of what stays."""
    if any(
        not picture.node.inside(duplicate) for picture in page.pictures.pictures_in(control) if picture.noscript is None
    ):
        return False
    if page.tree.search(*_FIELDS, "video", "svg", "object", "iframe", inside=control):
        return False
    said = visible_text(control)
    return not said or said == visible_text(duplicate) or holds(visible_text(like), said)


def _inside(page: Page, node: Node) -> list[Node]:
    """The controls in an element, or that it is."""
    return [each for each in node.all_below if _kind(page, each)]


def _signature(control: Node) -> tuple[object, ...]:
    return control.tag, _target(control), visible_text(control)
