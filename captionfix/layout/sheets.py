"""What a page's own style sheets, and an element's own style, hide on screens of each width and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from captionfix.markup.selectors import Element, Selector, selectors_of
from captionfix.markup.stylesheets import (
    EVERYWHERE,
    PAPER,
    UNHEARD,
    WIDEST,
    Declaration,
    Media,
    declarations,
    may_hide,
    media_of,
    rules,
)

_TITLE_SHOWN = re.compile(r"\battr\(\s*title\b", re.IGNORECASE)
_OWN = (1 << 16, 0, 0)
"""How an element's own style fares against selectors: nothing but what is important wins over it (css-cascade)."""
NOWHERE: frozenset[int] = frozenset()


class _Said(NamedTuple):
    """What a rule says of one property of the elements that a selector finds."""

    said: Declaration
    media: Media
    selector: Selector | None
    rank: tuple[bool, tuple[int, int, int], int]


@dataclass(frozen=True, slots=True)
class Hiding:
    """Where an element itself does not show, and why.

    Attributes:
        unseen: the widths of screens, and ``PAPER``, where readers do not see it.
        unheard: those where screen readers pass it by, too.
        selectors: those that hide it there, each with the property.
        by_itself: whether its own style does.
    """

    unseen: frozenset[int] = NOWHERE
    unheard: frozenset[int] = NOWHERE
    selectors: tuple[tuple[Selector, str], ...] = ()
    by_itself: bool = False


_SHOWN = Hiding()


class Sheets:
    """The style sheets of a page, read as far as somebody asks.

    Args:
        texts: each with the media it is for before it.
        unscripted: those for readers without scripts, likewise.
        widths: where the widths of screens begin that are told apart, besides those that the sheets speak of.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> leaf, nav = HtmlTree(read_source(b"<p class=leaf>Boats<nav>Home")).search("p", "nav")
    >>> sheets = Sheets([("", ".leaf{display:none} @media print{.leaf{display:block} nav{display:none}}")])
    >>> sorted(sheets.hiding(leaf).unseen), sorted(sheets.hiding(nav).unseen), sheets.shows_titles
    ([0], [-1], False)
    """

    def __init__(
        self,
        texts: Sequence[tuple[str, str]],
        unscripted: Sequence[tuple[str, str]] = (),
        widths: Sequence[int] = (0,),
    ) -> None:
        self._texts = [(media, text) for media, text in texts if text]
        self._unscripted = [(media, text) for media, text in unscripted if text]
        self._least = widths

    @cached_property
    def shows_titles(self) -> bool:
        """Whether they put titles on the page as text."""
        return any(_TITLE_SHOWN.search(text) for _, text in self._texts if "attr" in text)

    @cached_property
    def everywhere(self) -> frozenset[int]:
        """The widths where screens begin that something tells apart, and paper."""
        told = (edge for said in self._all for query in said.media for edge in (query.least, query.most))
        return frozenset((PAPER, *self._least, *(edge for edge in told if edge < WIDEST)))

    @property
    def screens(self) -> frozenset[int]:
        """The widths alone."""
        return self.everywhere - {PAPER}

    @cached_property
    def hides_anything(self) -> bool:
        """Whether they hide anything."""
        return any(may_hide(text) for _, text in (*self._texts, *self._unscripted))

    @cached_property
    def _all(self) -> list[_Said]:
        if not self.hides_anything:
            return []
        found = [*_read(self._texts, without_scripts=False)]
        return [*found, *_read(self._unscripted, without_scripts=True, first=len(found))]

    @cached_property
    def _hiding(self) -> dict[str, list[_Said]]:
        return _indexed(said for said in self._all if said.said.hides)

    @cached_property
    def _showing(self) -> dict[str, list[_Said]]:
        shown = (said for said in self._all if not said.said.hides)
        return _indexed(said for said in shown if said.selector is not None and not said.selector.is_vague)

    def hiding(self, element: Element, *, scripts: bool = True) -> Hiding:
        """Return where the sheets, and its own style, hide an element; what is around it aside.

        Args:
            element: the element, or what it will be.
            scripts: for readers with scripts, or for those without.
        """
        style = element.get("style")
        own = [*_own(style)] if style else []
        found = [*self._matching(self._hiding, element, scripts=scripts)] if self.hides_anything else []
        if not found and not any(said.said.hides for said in own):
            return _SHOWN
        names = {said.said.name for said in (*found, *own) if said.said.hides}
        found += [said for said in self._matching(self._showing, element, scripts=scripts) if said.said.name in names]
        return self._cascaded(sorted([*found, *own], key=lambda said: said.rank), names)

    def speaks_of(self, name: str) -> bool:
        """Return whether they say of elements of a class whether these show."""
        return any(
            part.kind == "class" and part.name == name
            for said in self._all
            if said.selector is not None
            for part in said.selector.last.parts
        )

    def _cascaded(self, told: Sequence[_Said], names: set[str]) -> Hiding:
        """What is hidden where, of what is said in the order in which it wins."""
        unseen: set[int] = set()
        unheard: set[int] = set()
        by: dict[tuple[Selector, str], None] = {}
        by_itself = False
        for name in sorted(names):
            for width in self.everywhere:
                last = next((said for said in reversed(told) if said.said.name == name and _applies(said, width)), None)
                if last is None or not last.said.hides:
                    continue
                unseen.add(width)
                if name in UNHEARD:
                    unheard.add(width)
                if last.selector is None:
                    by_itself = True
                else:
                    by[last.selector, name] = None
        return Hiding(frozenset(unseen), frozenset(unheard), tuple(by), by_itself)

    def _matching(self, index: dict[str, list[_Said]], element: Element, *, scripts: bool) -> Iterator[_Said]:
        if index:
            identity = element.get("id")
            names = ["", element.tag, *(f".{name}" for name in dict.fromkeys(element.get("class").split()))]
            for name in [*names, f"#{identity}"] if identity else names:
                for said in index.get(name, ()):
                    selector = said.selector
                    if (
                        selector is not None
                        and not (scripts and selector.without_scripts)
                        and selector.matches(element)
                    ):
                        yield said


def _read(texts: Sequence[tuple[str, str]], *, without_scripts: bool, first: int = 0) -> Iterator[_Said]:
    order = first
    for media, text in texts:
        for rule in rules(text, media_of(media) if media else EVERYWHERE):
            order += 1
            for each in selectors_of(rule.selectors):
                selector = replace(each, without_scripts=True) if without_scripts else each
                for said in rule.declarations:
                    yield _Said(said, rule.media, selector, (said.important, selector.specificity, order))


def _own(style: str) -> Iterator[_Said]:
    for order, (said, _, _) in enumerate(declarations(style)):
        yield _Said(said, EVERYWHERE, None, (said.important, _OWN, order))


def _applies(said: _Said, width: int) -> bool:
    """Whether a rule holds, or may hold where it hides."""
    return any(query.applies(width) and (query.sure or said.said.hides) for query in said.media)


def _indexed(told: Iterator[_Said]) -> dict[str, list[_Said]]:
    """What is said, by the class, the id, or else the name of the elements that it is about."""
    found: dict[str, list[_Said]] = {}
    for said in told:
        parts = said.selector.last.parts if said.selector is not None else ()
        by_kind = {part.kind: part.name for part in reversed(parts)}
        key = f".{by_kind['class']}" if "class" in by_kind else f"#{by_kind['id']}" if "id" in by_kind else ""
        found.setdefault(key or by_kind.get("tag", ""), []).append(said)
    return found
