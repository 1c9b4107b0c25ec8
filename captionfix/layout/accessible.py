"""Which elements take their name from what they hold, and whether they have one.

A screen reader says a link, a button or a heading by its accessible name: what
``aria-labelledby`` points to, else ``aria-label``, else its content, in which a
picture counts with its ``alt``, else its ``title`` (W3C, Accessible Name and
Description Computation). A picture with an empty ``alt`` is decoration there,
and its ``title`` is not said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from captionfix.layout.page import Page
from captionfix.layout.pictures import INERT, PICTURES
from captionfix.layout.visibility import AS_IT_IS, After
from captionfix.layout.widths import hidden_at
from captionfix.markup.stylesheets import UNHEARD, hidden_by
from captionfix.model import COMMENT, Action, DropAttribute, Node, Remove

NAMED = frozenset(("button", "h1", "h2", "h3", "h4", "h5", "h6", "label", "legend", "option", "summary"))
NAMED_ROLES = frozenset(("button", "heading", "link", "menuitem", "option", "tab"))
"""What has the words in it for a name, links aside."""
NAMING = frozenset(("alt", "title", "aria-label"))
"""Attributes that name what carries them, or what is around it."""


@dataclass(slots=True)
class Edited:
    """A page as it will be after some actions, as far as names go.

    Attributes:
        gone: the removed elements.
        values: the attributes that were set, or, as None, taken off.
        after: its elements, for what hides them.
    """

    gone: set[Node] = field(default_factory=set)
    values: dict[tuple[Node, str], str | None] = field(default_factory=dict)
    after: After = AS_IT_IS

    @classmethod
    def by(cls, actions: Iterable[Action]) -> Edited:
        """Return the page after these actions."""
        edited = cls(after=After(actions := [*actions]))
        for action in actions:
            if isinstance(action, Remove):
                edited.gone.add(action.node)
            else:
                value = None if isinstance(action, DropAttribute) else action.value
                edited.values[action.node, action.name] = value
        return edited

    def get(self, node: Node, name: str) -> str | None:
        """Return an attribute's value, None where the element does not carry it."""
        if (node, name) in self.values:
            return self.values[node, name]
        return node.get(name) if node.carries(name) else None

    def says(self, node: Node, *names: str) -> bool:
        """Return whether one of these attributes says anything."""
        return any((self.get(node, name) or "").strip() for name in names)


def takes_name(node: Node) -> bool:
    """Return whether an element is a link, or something else that is named by its content."""
    if node.tag == "a":
        return node.carries("href")
    return node.tag in NAMED or node.get("role") in NAMED_ROLES


def has_name(page: Page, node: Node, edited: Edited, *, scripts: bool) -> bool:
    """Return whether an element has an accessible name.

    Args:
        page: the page, which knows its ids.
        node: an element that takes its name from its content.
        edited: what becomes of the page.
        scripts: whether the reader has scripts, and so nothing of ``noscript``.
    """
    pointed = (edited.get(node, "aria-labelledby") or "").split()
    if any(name in page.ids or (node, "aria-labelledby") in edited.values for name in pointed):
        return True
    return edited.says(node, "aria-label", "title") or _says(node, edited, scripts=scripts)


def _says(node: Node, edited: Edited, *, scripts: bool) -> bool:
    """Whether an element's content gives it a name."""
    stack = [*node.children]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            if part.strip():
                return True
        elif not _is_silent(part, edited, scripts=scripts):
            if _names(part, edited):
                return True
            stack += part.children
    return False


def _is_silent(node: Node, edited: Edited, *, scripts: bool) -> bool:
    """Whether nothing of an element is said."""
    tag = node.tag
    if tag == COMMENT or node in edited.gone or (tag == "noscript" and scripts):
        return True
    if tag in INERT and not (tag == "title" and node.parent is not None and node.parent.tag == "svg"):
        return True
    element = edited.after.of(node)
    if element.carries("hidden") or element.get("aria-hidden") == "true":
        return True
    return hidden_at(element.get("class")).everywhere or not hidden_by(element.get("style")).isdisjoint(UNHEARD)


def _names(node: Node, edited: Edited) -> bool:
    """Whether an element's attributes say something in the name of what is around it."""
    if edited.says(node, "aria-label"):
        return True
    if node.tag in PICTURES or node.tag == "input":
        if edited.get(node, "alt") is not None:
            return edited.says(node, "alt")
        return edited.says(node, "title", "value") if node.tag == "input" else edited.says(node, "title")
    return edited.says(node, "title")
