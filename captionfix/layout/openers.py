"""Who may open a closed box or turn a slider: everybody, or a script of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.roles import DIALOG
from captionfix.layout.scripts import COMMAND, LABEL, LINK, Script, telling_classes
from captionfix.layout.visibility import barriers, unseen
from captionfix.model import Node

_OPENER_LEVELS = 2
"""Levels above a picture at which what opens its enlargement stands: its link or button, and a wrapper."""
_MOST = 64
"""What opens one box of which each is looked at; more open it in one way."""
_NEAR_ABOVE = 2
"""Levels above two parts of a slider that may bear its name, as for its class."""
_FOR_LIGHTBOXES = frozenset(("glightbox-desc", "hidden-caption-content", "pswp-caption-content"))
"""Classes of texts that lightboxes take: GLightbox's, and those of PhotoSwipe's documentation and caption plugin."""
_FRAMEWORKS = (
    (("x-", "@", ":"), ("alpine",)),
    (("v-", "@", ":"), ("vue",)),
    (("ng-", "data-ng-"), ("angular",)),
    (("data-wp-",), ("interactivity", "data-wp-")),
    (("wire:",), ("livewire",)),
    (("hx-", "data-hx-"), ("htmx",)),
    (("data-controller", "data-action", "data-target"), ("stimulus",)),
    (("uk-", "data-uk-"), ("uikit",)),
)
"""What the attributes begin with by which frameworks know what to show and what opens it, and what their files say:
Alpine, Vue, AngularJS, WordPress, Livewire, htmx, Stimulus, UIkit."""
_BOX_DATA = re.compile(r"data-(?!v-|src|id$|index$|type$|url|href|title$|alt$|width$|height$|testid|react)[a-z-]{3,}$")
"""Attributes of a site's own, less those that build tools and loaders of pictures write everywhere."""
_HAS_BOX = "aria-haspopup"
_LIVE, _LIVE_ROLES = ("polite", "assertive"), ("status", "alert", "log")
_CHECKED = ("checkbox", "radio")
_CHECKBOXES: Question[Node, Node | None] = Question()
"""The first checkbox among the children of an element."""


@dataclass(frozen=True, slots=True)
class Opener:
    """Who may open a box: a script by its name, or everybody, ``""``, by some means."""

    script: str
    means: str = ""


def box_opener(page: Page, duplicate: Node, kept: Node, *, is_boxed: bool) -> Opener | None:
    """Return who may open the closed box that a copy stands in, and what it is a copy of does not.

    Args:
        page: the page.
        duplicate: the copy.
        kept: what it is a copy of.
        is_boxed: whether it is known to stand in a closed box.
    """
    around = [*duplicate.around_less(kept)]
    closed = [place for place, node in enumerate(around) if _is_closed(page, node)]
    if not closed and not is_boxed:
        return None
    box = around[: closed[-1] + 1] if closed else around
    if means := _means_without_scripts(page, box):
        return Opener("", means)
    openers = [*_openers(page, box), *_beside(page, kept)]
    names = [*_names(box), *_marks_of_boxes((*box, *openers)), *_names(openers)]
    told = next((script.told for script in _own_handlers(page, openers)), "") or page.scripts.naming(names)
    told = told or _framework(page, (*box, *openers))
    return Opener(told) if told else None


def slider_script(page: Page, duplicate: Node, kept: Node) -> str:
    """Return which script may turn the slider that two pictures stand in, ``""`` if none does."""
    own = [*duplicate.around_less(kept)]
    others = [*kept.around_less(duplicate)]
    above = islice((own[-1] if own else duplicate).ancestors, _NEAR_ABOVE + 1)
    handled = next((script.told for script in _own_handlers(page, own)), "")
    return handled or page.scripts.naming(_names((*own, *others, *above)))


def _is_closed(page: Page, node: Node) -> bool:
    """Whether an element by itself is closed as long as nobody opens it, or holds what is for a script to show."""
    if DIALOG in page.roles.of(node) or node.carries("popover") or _is_live(node):
        return True
    if not _FOR_LIGHTBOXES.isdisjoint(node.get("class").split()):
        return True
    return page.sheets.screens <= unseen(barriers(page, node, node.parent))


def _is_live(node: Node) -> bool:
    """Whether an element is there for a script to say something to who cannot see the page change (WAI-ARIA)."""
    return node.get("aria-live").lower() in _LIVE or node.get("role").lower() in _LIVE_ROLES


def _means_without_scripts(page: Page, box: Iterable[Node]) -> str:
    """What opens a box for everybody, or ``""``."""
    means = page.marks.means
    for node in box:
        if node.tag == "details" and not node.carries("open"):
            return "details"
        name = node.get("id")
        if name in means[COMMAND]:
            return "a button that needs no script"
        if page.sheets.opens_targets and name in means[LINK]:
            return ":target in the page's own style sheet"
        if page.sheets.opens_by_hand(node):
            return "the page's own style sheet, when somebody points to something, or checks it"
        if _is_checked_open(page, node):
            return "a checkbox with its label"
    return ""


def _is_checked_open(page: Page, box: Node) -> bool:
    """Whether a checkbox with a label stands before a box, among its siblings."""
    around = box.parent
    if around is None:
        return False
    known = page.answers(_CHECKBOXES)
    if around not in known:
        inputs = (kid for kid in around.elements if kid.tag == "input")
        known[around] = next((kid for kid in inputs if kid.get("type").lower() in _CHECKED), None)
    first = known[around]
    if first is None or page.reader.place(around, first) >= page.reader.place(around, box):
        return False
    return first.get("id") in page.marks.means[LABEL]


def _openers(page: Page, box: Iterable[Node]) -> Iterator[Node]:
    """What names a box, or a part of it, as what it opens."""
    for node in box:
        yield from page.marks.opening(node.get("id"))[:_MOST]


def _beside(page: Page, kept: Node) -> Iterator[Node]:
    """What a reader operates to see a picture, or that of a caption, larger: it, its link, its button."""
    for node in (kept, *(picture.node for picture in page.pictures.nearest_pictures(kept) if picture.node is not kept)):
        yield node
        above = islice(node.ancestors, _OPENER_LEVELS)
        yield from (around for around in above if around.tag in ("a", "button") or _acts(around))


def _framework(page: Page, nodes: Iterable[Node]) -> str:
    """Which script at hand is a framework that acts by some elements' own attributes, ``""`` if none is."""
    carried = {name for node in nodes for name in node.attribute_names}
    for starts, words in _FRAMEWORKS:
        acts = any(name.startswith(starts) for name in carried)
        if acts and (script := page.scripts.of_library(words, may_be_missing=False)):
            return script
    return ""


def _acts(node: Node) -> bool:
    return any(name.startswith("onclick") for name in node.attribute_names)


def _own_handlers(page: Page, openers: Iterable[Node]) -> Iterator[Script]:
    """The handlers of openers that can run."""
    scripts = page.scripts
    if scripts.may_run:
        for node in openers:
            yield from (script for script in scripts.handlers_of(node) if scripts.runs(script))


def _marks_of_boxes(box: Iterable[Node]) -> Iterator[str]:
    """By what else scripts find boxes and what opens them: data of their own, a dialog's role or that there is one."""
    for node in box:
        if node.tag not in ("img", "picture", "source"):
            yield from (name for name in node.attribute_names if name == _HAS_BOX or _BOX_DATA.match(name))
        if node.get("role") in ("dialog", "alertdialog"):
            yield from (f"role={quote}{node.get('role')}" for quote in ("", '"', "'"))


def _names(nodes: Iterable[Node]) -> Iterator[str]:
    """The ids of elements and the classes that may tell them from others; of a dialog element, its very name."""
    for node in nodes:
        if name := node.get("id"):
            yield name
        if node.tag == "dialog":
            yield node.tag
        yield from telling_classes(node)
