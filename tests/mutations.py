"""Pages made of the fixtures by chance: stretches lost, doubled, moved and mixed, attributes and words exchanged."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from tokens import Attribute, Token, cut

Tokens = list[Token]
_URLS = ("src", "data-src", "srcset", "data-srcset", "data-original", "href", "data-lazy-src")
_TEXTS = ("alt", "title", "data-caption", "aria-label")
_NAMES = ("div", "p", "span", "a", "figure", "figcaption", "noscript", "picture", "section", "td", "li")
_LONGEST = 12
"""Tokens in a stretch that moves: a figure and its caption have about ten."""


def stock(pages: Sequence[bytes]) -> list[Tokens]:
    """The tokens of pages whose encoding writes ASCII as such."""
    return [cut(page.decode("latin-1")) for page in pages if b"\0" not in page and b"\x1b" not in page]


def mutated(rng: random.Random, pages: Sequence[Tokens]) -> bytes:
    """A page of a stock after one to four changes, often without its head."""
    tokens = [*rng.choice(pages)]
    if rng.random() < 0.7:
        tokens = _body(tokens)
    donor = _body(rng.choice(pages))
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        tokens = rng.choice(CHANGES)(rng, tokens, donor)
    return "".join(token.text for token in tokens).encode("latin-1")


def _body(tokens: Tokens) -> Tokens:
    start = next((at + 1 for at, token in enumerate(tokens) if token.kind == "start" and token.name == "body"), 0)
    return [token for token in tokens[start:] if token.name not in ("body", "html")]


def _stretch(rng: random.Random, tokens: Tokens) -> slice:
    start = rng.randrange(len(tokens) + 1)
    return slice(start, min(start + rng.randint(1, _LONGEST), len(tokens)))


def _lost(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    kept = [*tokens]
    del kept[_stretch(rng, tokens) if rng.random() < 0.3 else slice(at := rng.randrange(len(tokens) + 1), at + 1)]
    return kept


def _doubled(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    return _put(rng, tokens, tokens[_stretch(rng, tokens)])


def _moved(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    where, rest = _stretch(rng, tokens), [*tokens]
    del rest[where]
    return _put(rng, rest, tokens[where])


def _mixed(rng: random.Random, tokens: Tokens, donor: Tokens) -> Tokens:
    return _put(rng, tokens, donor[_stretch(rng, donor)])


def _put(rng: random.Random, tokens: Tokens, stretch: Tokens) -> Tokens:
    at = rng.randrange(len(tokens) + 1)
    return [*tokens[:at], *stretch, *tokens[at:]]


def _wrapped(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    where, name = _stretch(rng, tokens), rng.choice(_NAMES)
    close = [Token("end", f"</{name}>", name)] if rng.random() < 0.8 else []
    return [*tokens[: where.start], Token("start", f"<{name}>", name), *tokens[where], *close, *tokens[where.stop :]]


def _changed_tag(rng: random.Random, tokens: Tokens, change: Callable[[Token], Token]) -> Tokens:
    places = [at for at, token in enumerate(tokens) if token.kind == "start" and token.attributes]
    if not places:
        return tokens
    at = rng.choice(places)
    return [*tokens[:at], change(tokens[at]), *tokens[at + 1 :]]


def _less_attributes(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    def change(token: Token) -> Token:
        gone = rng.choice(token.attributes)
        return token.with_attributes(each for each in token.attributes if each is not gone)

    return _changed_tag(rng, tokens, change)


def _renamed_attribute(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    def change(token: Token) -> Token:
        old = rng.choice(token.attributes)
        names = _URLS if old.name in _URLS else _TEXTS
        new = replace(old, name=rng.choice(names))
        return token.with_attributes(new if each is old else each for each in token.attributes)

    return _changed_tag(rng, tokens, change)


def _exchanged_value(rng: random.Random, tokens: Tokens, donor: Tokens) -> Tokens:
    """A tag gets the URL or the text of another one, or a text of the page."""
    source = tokens if rng.random() < 0.8 else donor
    others = [each for token in source for each in token.attributes if each.name in (*_URLS, *_TEXTS)]
    said = [token.text.strip() for token in source if token.kind == "text" and len(token.text.strip()) > 5]

    def change(token: Token) -> Token:
        wanted = rng.choice(others) if others else Attribute("alt", '""')
        if said and rng.random() < 0.4:
            wanted = Attribute("alt", '"' + rng.choice(said).replace('"', "&quot;") + '"')
        kept = (each for each in token.attributes if each.name != wanted.name)
        return token.with_attributes((*kept, replace(wanted, space=" ")))

    return _changed_tag(rng, tokens, change)


def _exchanged_text(rng: random.Random, tokens: Tokens, _: Tokens) -> Tokens:
    """A text says what another one, or an attribute, says."""
    places = [at for at, token in enumerate(tokens) if token.kind == "text" and token.text.strip()]
    said = [tokens[at].text for at in places]
    said += [each.text for token in tokens for each in token.attributes if each.name in _TEXTS]
    if not places:
        return tokens
    at = rng.choice(places)
    return [*tokens[:at], replace(tokens[at], text=rng.choice(said)), *tokens[at + 1 :]]


CHANGES = (
    _lost, _lost, _doubled, _moved, _mixed, _wrapped, _less_attributes, _renamed_attribute, _exchanged_value,
    _exchanged_value, _exchanged_text,
)  # fmt: skip
