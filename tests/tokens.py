"""A page cut into tags, comments and texts, to be written again in other ways; knows nothing of captionfix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

_TOKEN = re.compile(
    r"(?P<comment><!--.*?-->|<[!?][^>]*>)"
    r"|(?P<raw><(?P<kind>script|style|textarea|title|xmp)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>.*?</(?P=kind)\s*>)"
    r"|<(?P<slash>/?)(?P<name>[a-z][^\s/>]*)(?P<rest>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"""(?P<space>[\s/]*)(?P<name>[^\s=>/"']+)(?:(?P<equals>\s*=\s*)(?P<value>"[^"]*"|'[^']*'|[^\s>"']+))?"""
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as it is written: the space before it, its name, what parts the two, its value with its quotes."""

    name: str
    value: str | None = None
    space: str = " "
    equals: str = "="

    @property
    def text(self) -> str:
        """The value without its quotes, references as they stand."""
        value = self.value or ""
        return value[1:-1] if value[:1] in ('"', "'") else value

    def with_text(self, text: str) -> Attribute:
        """The same with another value, which holds no double quotes."""
        return replace(self, value=f'"{text}"')

    def __str__(self) -> str:
        return self.space + self.name + ("" if self.value is None else self.equals + self.value)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a page.

    Attributes:
        kind: ``start``, ``end``, ``comment``, ``raw`` (an element without markup in it, whole) or ``text``.
        text: how it is written.
        name: the element, in lower case.
        origin: where it stood in the page that was cut; what is put in stands where its neighbour stood.
        attributes: those of a start tag.
        tail: what stands behind the last of them, such as a slash.
    """

    kind: str
    text: str
    name: str = ""
    origin: int = 0
    attributes: tuple[Attribute, ...] = ()
    tail: str = ""

    @property
    def is_picture(self) -> bool:
        return self.kind == "start" and self.name == "img"

    def get(self, name: str) -> str:
        """An attribute's value, ``""`` where there is none."""
        return next((each.text for each in self.attributes if each.name.lower() == name), "")

    def carries(self, name: str) -> bool:
        return any(each.name.lower() == name for each in self.attributes)

    def with_attributes(self, attributes: Iterable[Attribute]) -> Token:
        """A start tag with other attributes; how its name is written stays."""
        kept = tuple(attributes)
        tail = f" {self.tail}" if self.tail.startswith("/") and kept and kept[-1].value else self.tail
        written = f"<{self.text[1 : 1 + len(self.name)]}{''.join(map(str, kept))}{tail}>"
        return replace(self, text=written, attributes=kept, tail=tail)

    def renamed(self, name: str) -> Token:
        """A tag of another element."""
        start = 2 if self.kind == "end" else 1
        return replace(self, text=self.text[:start] + name + self.text[start + len(self.name) :], name=name.lower())


def cut(page: str) -> list[Token]:
    """The tokens of a page, which joined give the page again."""
    tokens, last = [], 0
    for found in _TOKEN.finditer(page):
        if found.start() > last:
            tokens.append(Token("text", page[last : found.start()], origin=last))
        tokens.append(_token(found))
        last = found.end()
    return tokens + ([Token("text", page[last:], origin=last)] if last < len(page) else [])


def _token(found: re.Match[str]) -> Token:
    if found["comment"]:
        return Token("comment", found[0], origin=found.start())
    if found["raw"]:
        return Token("raw", found[0], found["kind"].lower(), found.start())
    if found["slash"]:
        return Token("end", found[0], found["name"].lower(), found.start())
    attributes, last = [], 0
    for each in _ATTRIBUTE.finditer(found["rest"]):
        attributes.append(Attribute(each["name"], each["value"], each["space"], each["equals"] or "="))
        last = each.end()
    return Token("start", found[0], found["name"].lower(), found.start(), tuple(attributes), found["rest"][last:])


@dataclass(slots=True)
class Written:
    """Tokens as one page again, and where each of its places was before."""

    page: str
    _places: dict[int, int] = field(default_factory=dict)

    def origin(self, place: int) -> int:
        """Where the tag stood that now begins at a place."""
        return self._places.get(place, -1)


def write(tokens: Sequence[Token]) -> Written:
    """Join tokens to a page."""
    places, at = {}, 0
    for token in tokens:
        places[at] = token.origin
        at += len(token.text)
    return Written("".join(token.text for token in tokens), places)
