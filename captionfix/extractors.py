"""What text extractors print of a page: one row each, so that what they would print twice is taken out, and no more.

The rows say what was measured with ``benchmarks/extractors.py``, not what the extractors' documents promise. Behind an
extractor nobody operates a page or hears it: names of links and classes for screens count for nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
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

    @property
    def elements(self) -> Iterator[Element]:
        """Its children that are elements."""

    def get(self, name: str) -> str:
        """Return an attribute's value, ``""`` where it has none."""

    def carries(self, *names: str) -> bool:
        """Return whether it has one of some attributes."""


_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_VISIBILITY = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)
_HIDES: Mapping[str, Callable[[Element], bool]] = {
    "display": lambda node: _DISPLAY.search(node.get("style")) is not None,
    "visibility": lambda node: _VISIBILITY.search(node.get("style")) is not None,
    "hidden": lambda node: node.carries("hidden"),
    "aria-hidden": lambda node: node.get("aria-hidden").lower() == "true",
    "class": lambda node: "hidden" in node.get("class").lower(),
    "dialog": lambda node: node.tag == "dialog",
}
"""Ways in which an element is hidden that some extractors look for; none reads a style sheet."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one extractor prints.

    Attributes:
        name: how users name it.
        prints: the attributes of pictures that stand in its output.
        reads: the elements whose text surely does; empty where all text does.
        passes: those whose text does not, but for what it reads in them.
        hides: how elements are hidden of which it prints nothing.
        chooses: whether it prints a part of the page, so that what stands far apart need not both be printed.
        ignore: rules whose fixes would take away what it prints.
    """

    name: str
    prints: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()
    hides: tuple[str, ...] = ()
    chooses: bool = False
    ignore: tuple[str, ...] = ()

    def passes_by(self, node: Element) -> bool:
        """Return whether an element stands in what it takes to be hidden."""
        return any(_HIDES[way](each) for each in _up(node) for way in self.hides)

    def prints_text_of(self, node: Element) -> bool:
        """Return whether an element's text is surely printed: its paragraphs, or the one that it is part of."""
        return not self.passes_by(node) and self._reads(node)

    def may_print_text_of(self, node: Element) -> bool:
        """Return whether an element's text may be printed."""
        return not self.passes_by(node) and (
            self._reads(node) or not any(around.tag in self.passes for around in _up(node))
        )

    def _reads(self, node: Element) -> bool:
        if not self.reads or node.tag in self.reads or _holds(node, self.reads):
            return True
        around: Element | None = node
        while around is not None and around.tag in _INLINE:
            around = around.parent
        return around is not None and around.tag in self.reads


def _up(node: Element) -> Iterator[Element]:
    around: Element | None = node
    while around is not None:
        yield around
        around = around.parent


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
        Profile(
            "trafilatura",
            ("alt", "title"),
            _PARAGRAPHS,
            passes=frozenset(("figcaption", "section")),
            hides=("display", "visibility", "aria-hidden", "dialog"),
            chooses=True,
        ),
        Profile("inscriptis", ("alt", "title"), hides=("display",)),
        Profile("html2text", ("alt", "title")),
        Profile("resiliparse", ("alt",), hides=("class", "aria-hidden")),
        Profile("beautifulsoup"),
        Profile("markitdown", ("alt", "title")),
        Profile("readability", ("alt", "title"), hides=("display", "visibility", "hidden"), chooses=True),
        Profile("newspaper"),
    )
}
