"""What a page's own style sheets, and an element's own style, hide on screens of each width and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from captionfix.lazy import cached_property
from captionfix.markup.selectors import Element, Selector, selectors_of, split_list
from captionfix.markup.stylesheets import (
    EVERYWHERE,
    PAPER,
    UNHEARD,
    WIDEST,
    Declaration,
    Media,
    StyleRule,
    declarations,
    media_of,
    rules,
)

_TITLE_SHOWN = re.compile(r"\battr\(\s*title\b", re.IGNORECASE)
_TARGET = re.compile(r":target(?![\w-])")
_OPERATED = re.compile(
    r":(?:hover|focus(?:-within|-visible)?|active|checked|target(?:-within)?)(?![\w-])|:has\((?:[^()]|\([^()]*\))*\)"
)
"""States into which a person brings an element without a script."""
_OPENING = ("display", "visibility")
"""Properties by which boxes open; what merely fades in lies over its picture."""
_CLASS = re.compile(r"\.([\w-]+)")
_COMBINATOR = re.compile(r"[\s>+~]+")
_SIMPLE = re.compile(r"(?P<tag>[\w-]*)(?P<key>[.#][\w-]+)?")
_OWN = (1 << 16, 0, 0)
"""How an element's own style fares against selectors: nothing but what is important wins over it (css-cascade)."""
NOWHERE: frozenset[int] = frozenset()


class _SheetRule:
    """What a rule says of one property of the elements that a selector finds, which is read when one may be met."""

    __slots__ = ("_read", "_selector", "_text", "declaration", "media", "place", "unscripted")

    def __init__(
        self, declaration: Declaration, media: Media, text: str, place: int, *, unscripted: bool = False
    ) -> None:
        self.declaration, self.media, self.place, self.unscripted = declaration, media, place, unscripted
        self._text, self._read = text, False
        self._selector: Selector | None = None

    @property
    def selector(self) -> Selector | None:
        """The selector; None for an element's own style, and for what finds no element at rest."""
        if not self._read:
            self._read = True
            self._selector = next(selectors_of(self._text), None) if self._text else None
        return self._selector

    @property
    def rank(self) -> tuple[bool, tuple[int, int, int], int]:
        """How it fares against others (css-cascade)."""
        return self.declaration.important, self.selector.specificity if self.selector else _OWN, self.place

    def finds(self, element: Element, *, scripts: bool) -> bool:
        """Return whether it is about an element."""
        if scripts and self.unscripted:
            return False
        selector = self.selector
        return selector is not None and not (scripts and selector.without_scripts) and selector.matches(element)


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
    def opens_targets(self) -> bool:
        """Whether they show something while the page's address ends in its id."""
        return any(_TARGET.search(text) for _, text in self._texts if ":target" in text)

    def opens_by_hand(self, element: Element) -> bool:
        """Return whether they show an element while a person points to something, has the focus there or checked it.

        >>> from captionfix.markup.html import HtmlTree
        >>> from captionfix.markup.source import read_source
        >>> box, nav = HtmlTree(read_source(b"<a><b class=box>Boats</b></a><nav>Home</nav>")).search("b", "nav")
        >>> sheets = Sheets([("", "nav, .box {display: none} a:hover .box {display: block}")])
        >>> sheets.opens_by_hand(box), sheets.opens_by_hand(nav)
        (True, False)
        """
        return any(selector.matches(element) for selector in self._opening)

    @cached_property
    def _opening(self) -> list[Selector]:
        """What they show while somebody operates something, whoever that is."""
        told = (rule for rule, _ in self._rules if not rule.declaration.hides and rule.declaration.name in _OPENING)
        shown = (rule.selectors for rule in told if ":" in rule.selectors)
        named = (text for selectors in shown for text in split_list(selectors) if _OPERATED.search(text))
        found = (selector for text in named for selector in selectors_of(_OPERATED.sub("*", text)))
        return [selector for selector in found if selector.last.parts]

    @cached_property
    def everywhere(self) -> frozenset[int]:
        """The widths where screens begin that something tells apart, and paper."""
        queries = (query for rule, _ in self._rules for query in rule.media)
        told = chain.from_iterable((query.least, query.most) for query in queries)
        return frozenset((PAPER, *self._least, *(edge for edge in told if edge < WIDEST)))

    @cached_property
    def speak_of_paper(self) -> bool:
        """Whether they say of paper what they do not say of screens."""
        return any(query.screen is not query.paper for rule, _ in self._rules for query in rule.media)

    @cached_property
    def screens(self) -> frozenset[int]:
        """The widths alone."""
        return self.everywhere - {PAPER}

    @cached_property
    def _rules(self) -> list[tuple[StyleRule, bool]]:
        """What they say of whether elements show, if they hide any, and whether that is for readers without scripts."""
        found = [(rule, False) for media, text in self._texts for rule in rules(text, media_of(media))]
        found += [(rule, True) for media, text in self._unscripted for rule in rules(text, media_of(media))]
        return found if any(rule.declaration.hides for rule, _ in found) else []

    @cached_property
    def _hiding(self) -> dict[str, list[_SheetRule]]:
        return _indexed(self._rules, hides=True)

    @cached_property
    def _showing(self) -> dict[str, list[_SheetRule]]:
        return _indexed(self._rules, hides=False)

    def hiding(self, element: Element, *, scripts: bool = True) -> Hiding:
        """Return where the sheets, and its own style, hide an element; what is around it aside.

        Args:
            element: the element, or what it will be.
            scripts: for readers with scripts, or for those without.
        """
        style = element.get("style")
        own = [*_own(style)] if style else []
        found = [*self._matching(self._hiding, element, scripts=scripts)]
        if not found and not any(said.declaration.hides for said in own):
            return _SHOWN
        names = {said.declaration.name for said in (*found, *own) if said.declaration.hides}
        shown = self._matching(self._showing, element, scripts=scripts)
        found += [
            said for said in shown if said.declaration.name in names and said.selector and not said.selector.is_vague
        ]
        return self._cascaded(sorted([*found, *own], key=lambda said: said.rank), names)

    def speaks_of(self, name: str) -> bool:
        """Return whether they say of elements of a class that these show, or do not."""
        return name in self._spoken

    def only_hides(self, name: str) -> bool:
        """Return whether they use a class for nothing but to hide elements, or show them."""
        form = re.compile(rf"\.{re.escape(name)}(?![\w-])[^{{}}]*\{{([^{{}}]*)\}}")
        bodies = (found[1] for _, text in (*self._texts, *self._unscripted) for found in form.finditer(text))
        return not any(_without_declarations(body).strip(" \t\r\n;") for body in bodies)

    @cached_property
    def _spoken(self) -> frozenset[str]:
        return frozenset(name for rule, _ in self._rules for name in _CLASS.findall(rule.selectors))

    def _cascaded(self, told: Sequence[_SheetRule], names: set[str]) -> Hiding:
        """What is hidden where, of what is said in the order in which it wins."""
        unseen: set[int] = set()
        unheard: set[int] = set()
        by: dict[tuple[Selector, str], None] = {}
        by_itself = False
        for name in sorted(names):
            of_name = [said for said in told if said.declaration.name == name]
            for said, widths in self._winners(of_name):
                if not widths or not said.declaration.hides:
                    continue
                unseen |= widths
                if name in UNHEARD:
                    unheard |= widths
                if said.selector is None:
                    by_itself = True
                else:
                    by[said.selector, name] = None
        return Hiding(frozenset(unseen), frozenset(unheard), tuple(by), by_itself)

    def _winners(self, told: Sequence[_SheetRule]) -> Iterator[tuple[_SheetRule, frozenset[int]]]:
        """What is said of one property, the strongest first, and where it holds."""
        left = self.everywhere
        for said in reversed(told):
            if not left:
                break
            holds = left if said.media is EVERYWHERE else frozenset(width for width in left if _applies(said, width))
            yield said, holds
            left -= holds

    def _matching(self, index: dict[str, list[_SheetRule]], element: Element, *, scripts: bool) -> Iterator[_SheetRule]:
        if index:
            identity = element.get("id")
            names = ["", element.tag, *(f".{name}" for name in dict.fromkeys(element.get("class").split()))]
            for name in [*names, f"#{identity}"] if identity else names:
                yield from (said for said in index.get(name, ()) if said.finds(element, scripts=scripts))


def _without_declarations(body: str) -> str:
    for _, start, end in reversed(declarations(body)):
        body = body[:start] + body[end:]
    return body


def _own(style: str) -> Iterator[_SheetRule]:
    for said, place, _ in declarations(style):
        yield _SheetRule(said, EVERYWHERE, "", place)


def _applies(said: _SheetRule, width: int) -> bool:
    """Whether a rule holds, or may hold where it hides."""
    return any(query.applies(width) and (query.sure or said.declaration.hides) for query in said.media)


def _indexed(told: Sequence[tuple[StyleRule, bool]], *, hides: bool) -> dict[str, list[_SheetRule]]:
    """What is said, by the class, the id, or else the name of the elements that it is about."""
    found: dict[str, list[_SheetRule]] = {}
    for place, (rule, unscripted) in enumerate(told):
        if rule.declaration.hides is hides:
            for text in split_list(rule.selectors):
                said = _SheetRule(rule.declaration, rule.media, text, place, unscripted=unscripted)
                found.setdefault(_key(text), []).append(said)
    return found


def _key(selector: str) -> str:
    """A class, an id or a name that the elements of a selector have; ``""`` where that takes reading it."""
    last = _COMBINATOR.split(selector.strip())[-1]
    if "\\" in last or last.count("(") != last.count(")") or last.count("[") != last.count("]"):
        return ""
    found = _SIMPLE.match(last)
    return found["key"] or found["tag"].lower() if found else ""
