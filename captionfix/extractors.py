"""What text extractors print of a page: one row each, so that what they would print twice is taken out, and no more.

The rows say what was measured with ``benchmarks/extractors.py``, not what the extractors' documents promise. Behind an
extractor nobody operates a page or hears it: names of links and classes for screens count for nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

_PARAGRAPHS = frozenset(("p", "li", "td", "th", "dd", "dt", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"))
_INLINE = frozenset(("a", "abbr", "b", "cite", "em", "font", "i", "small", "span", "strong", "u"))


class Element(Protocol):
    """An element of a page."""

    @property
    def tag(self) -> str:
        """Its name."""

    @property
    def parent(self) -> Element | None:
        """What is around it."""

    def get(self, name: str) -> str:
        """An attribute's value, empty where it has none."""

    @property
    def elements(self) -> Iterator[Element]:
        """Its children that are elements."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one extractor prints.

    Attributes:
        name: how users name it.
        prints: the attributes of pictures that stand in its output.
        reads: the elements whose text does; empty where all text does.
        skips_hidden: whether it passes by what a class or an attribute calls hidden.
        ignore: rules whose fixes would take away what it prints.
    """

    name: str
    prints: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    skips_hidden: bool = False
    ignore: tuple[str, ...] = ()

    def prints_text_of(self, node: Element) -> bool:
        """Return whether an element's text is printed: its paragraphs, or the one that it is part of."""
        if self.skips_hidden and _is_called_hidden(node):
            return False
        if not self.reads or node.tag in self.reads or _holds(node, self.reads):
            return True
        around: Element | None = node
        while around is not None and around.tag in _INLINE:
            around = around.parent
        return around is not None and around.tag in self.reads


def _is_called_hidden(node: Element) -> bool:
    around: Element | None = node
    while around is not None:
        if "hidden" in around.get("class").lower() or around.get("aria-hidden").lower() == "true":
            return True
        around = around.parent
    return False


def _holds(node: Element, tags: frozenset[str]) -> bool:
    stack = [*node.elements]
    while stack:
        each = stack.pop()
        if each.tag in tags:
            return True
        stack += each.elements
    return False


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("trafilatura", ("alt", "title"), _PARAGRAPHS),
        Profile("inscriptis", ("alt", "title")),
        Profile("html2text", ("alt", "title")),
        Profile("resiliparse", ("alt",), skips_hidden=True),
        Profile("beautifulsoup"),
        Profile("markitdown", ("alt", "title")),
        Profile("readability", ("alt", "title")),
        Profile("newspaper"),
    )
}
