"""Selectors of style sheets: which elements they find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from captionfix.markup.css import unescaped

_NAME = r"(?:[\w-]|[^\x00-\x7f]|\\.)+"
_PART = re.compile(
    rf"""\.(?P<class>{_NAME}) | \#(?P<id>{_NAME}) | (?P<tag>\*|{_NAME})
    | \[\s*(?P<name>[\w:-]+)\s*(?:(?P<how>[~|^$*]?=)\s*(?P<value>"[^"]*"|'[^']*'|[^\]\s]*)\s*[is]?\s*)?\]
    | (?P<pseudo>::?[\w-]+)(?P<inner>\((?:[^()]|\([^()]*\))*\))?""",
    re.VERBOSE | re.IGNORECASE,
)
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")
_NEUTRAL = (":link", ":any-link", ":root", ":scope", ":enabled", ":defined")
_VAGUE = (":first-child", ":first-of", ":last", ":nth", ":only", ":is", ":where", ":has", ":matches", ":-webkit-any",
          ":-moz-any", ":lang", ":dir")  # fmt: skip
"""What asks for an element's place, or more than is understood here: it may find the element."""
_WITHOUT_SCRIPTS = re.compile(r"no[-_]?js", re.IGNORECASE)
_OUTERMOST = ("html", "body", "*")
_LONGEST = 1000
"""Characters of a selector; what is longer was not written by hand, nor by a framework."""


class Element(Protocol):
    """What is asked of an element."""

    @property
    def tag(self) -> str:
        """Its name."""

    @property
    def parent(self) -> Element | None:
        """The element around it."""

    def get(self, name: str) -> str:
        """Return an attribute's value, ``""`` where there is none."""

    def carries(self, *names: str) -> bool:
        """Return whether it has one of some attributes."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is asked of an element: ``class``, ``id``, ``tag`` or an attribute, and how its value is told."""

    kind: str
    name: str
    how: str = ""
    value: str = ""

    def matches(self, element: Element) -> bool:
        """Return whether an element has it."""
        if self.kind == "class":
            return self.name in element.get("class").split()
        if self.kind == "tag":
            return self.name == element.tag
        if self.kind == "id":
            return self.name == element.get("id")
        return element.carries(self.name) and self._holds(element.get(self.name))

    def _holds(self, said: str) -> bool:
        value, how = self.value, self.how
        if how in ("^=", "$=", "*=") and not value:
            return False
        return {
            "": True,
            "=": said == value,
            "~=": value in said.split(),
            "|=": said == value or said.startswith(f"{value}-"),
            "^=": said.startswith(value),
            "$=": said.endswith(value),
            "*=": value in said,
        }[how]


@dataclass(frozen=True, slots=True)
class Compound:
    """What is asked of one element, and what it must not be."""

    parts: tuple[Part, ...]
    without: tuple[tuple[Part, ...], ...] = ()

    def matches(self, element: Element) -> bool:
        """Return whether an element is such a one."""
        return all(part.matches(element) for part in self.parts) and not any(
            all(part.matches(element) for part in each) for each in self.without
        )


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector, from its last compound outwards.

    Attributes:
        compounds: what is asked of the element, then of what is around it.
        combinators: between those: ``" "``, ``">"``, or ``"+"`` and ``"~"``, which may hold.
        is_vague: whether more is asked than is understood here: it may find the element.
        without_scripts: whether it finds it only where no script runs.

    >>> [each.is_vague for each in selectors_of(".a > img:not([src]), p:first-child, a:hover")]
    [False, True]
    """

    compounds: tuple[Compound, ...]
    combinators: tuple[str, ...]
    is_vague: bool
    without_scripts: bool

    @property
    def last(self) -> Compound:
        """What is asked of the element itself."""
        return self.compounds[0]

    @property
    def specificity(self) -> tuple[int, int, int]:
        """How it fares against others: ids, classes and attributes, names of elements."""
        wanted = (many for each in self.compounds for many in (each.parts, *each.without))
        parts = [part for many in wanted for part in many]
        ids, tags = (sum(part.kind == kind for part in parts) for kind in ("id", "tag"))
        return ids, len(parts) - ids - tags, tags

    def matches(self, element: Element) -> bool:
        """Return whether it finds an element, or may do so."""
        return self.compounds[0].matches(element) and self._matches_around(1, element)

    def _matches_around(self, at: int, element: Element) -> bool:
        while at < len(self.compounds):
            how, compound, around = self.combinators[at - 1], self.compounds[at], element.parent
            if how in "+~":
                at += 1  # which elements stand beside it is not looked at
                continue
            if how == " ":
                while around is not None and not compound.matches(around):
                    around = around.parent
                if around is not None and ">" in self.combinators[at:]:
                    return self._matches_farther(at, around)
            if around is None or (how == ">" and not compound.matches(around)):
                return False
            element, at = around, at + 1
        return True

    def _matches_farther(self, at: int, around: Element | None) -> bool:
        """Whether one of the elements around matches such that what is around that does, too."""
        while around is not None:
            if self.compounds[at].matches(around) and self._matches_around(at + 1, around):
                return True
            around = around.parent
        return False


def selectors_of(text: str) -> Iterator[Selector]:
    """Yield the selectors of a list that may find an element at rest, less those that are not understood at all."""
    if len(text) > _LONGEST * 8:
        return
    for each in split_list(text):
        selector = _read(each.strip()) if len(each) <= _LONGEST else None
        if selector is not None:
            yield selector


def split_list(text: str) -> Sequence[str]:
    """Return the selectors of a list.

    >>> split_list("a, b:not(c, d)")
    ['a', ' b:not(c, d)']
    """
    if "(" not in text and "[" not in text:
        return text.split(",")
    found, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def _read(text: str) -> Selector | None:
    compounds: list[Compound] = []
    combinators: list[str] = []
    vague = without_scripts = False
    at = 0
    while at < len(text):
        read = _compound(text, at)
        if read is None:
            return None
        compound, at, is_vague, unscripted = read
        vague, without_scripts = vague or is_vague, without_scripts or unscripted
        gap = _COMBINATOR.match(text, at)
        if at < len(text) and gap is None:
            return None
        if compound is not None:
            compounds.append(compound)
            combinators.append((gap[1] or " ") if gap and at < len(text) else "")
        at = gap.end() if gap else at
    if not compounds:
        return None
    vague = vague or any(sign in "+~" for sign in combinators if sign)
    return Selector(tuple(reversed(compounds)), tuple(reversed(combinators[:-1])), vague, without_scripts)


def _compound(text: str, at: int) -> tuple[Compound | None, int, bool, bool] | None:
    """A compound at a place, where it ends, whether it is vague, whether it asks that no script runs."""
    start = at
    parts: list[Part] = []
    without: list[tuple[Part, ...]] = []
    vague = unscripted = False
    while (found := _PART.match(text, at)) is not None:
        at = found.end()
        pseudo = (found["pseudo"] or "").lower()
        if pseudo == ":not":
            inner = _denied(found["inner"] or "()")
            vague = vague or inner is None
            without += inner or []
        elif pseudo:
            if pseudo.startswith(_VAGUE):
                vague = True
            elif pseudo not in _NEUTRAL:
                return None
        elif found["class"] and _WITHOUT_SCRIPTS.fullmatch(found["class"]):
            unscripted = True
        elif found["tag"] != "*":
            parts.append(_part(found))
    if at == start:
        return None
    if unscripted and all(part.kind == "tag" and part.name in _OUTERMOST for part in parts) and not without:
        return None, at, vague, True
    return Compound(tuple(parts), tuple(without)), at, vague, unscripted


def _denied(inner: str) -> list[tuple[Part, ...]] | None:
    """What a ``:not()`` asks an element not to be; None where that is more than one element's own."""
    found = []
    for each in map(str.strip, split_list(inner[1:-1])):
        read = _compound(each, 0)
        if read is None or read[0] is None or read[0].without or read[1] < len(each) or read[2]:
            return None
        found.append(read[0].parts)
    return found


def _part(found: re.Match[str]) -> Part:
    if found["class"]:
        return Part("class", unescaped(found["class"]))
    if found["id"]:
        return Part("id", unescaped(found["id"]))
    if found["tag"]:
        return Part("tag", found["tag"].lower())
    return Part("attribute", found["name"].lower(), found["how"] or "", unescaped((found["value"] or "").strip("\"'")))
