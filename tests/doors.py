"""What holds for whatever is given to the doors: pages, trees and style sheets. Fuzzed by tools/fuzz.py."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

import lxml.html
from lxml import etree
from mutations import CHANGES, stock
from pages import cases, shapes
from tokens import cut

from captionfix.errors import PageError, PageLimitError
from captionfix.markup.css import css_urls
from captionfix.markup.javascript import Code
from captionfix.markup.selectors import selectors_of
from captionfix.markup.splice import apply
from captionfix.markup.stylesheets import declarations, hidden_by, media_of, rules
from captionfix.pipeline import clean_page, clean_tree
from captionfix.settings import Settings

BUDGET = Settings(max_page_work=100_000, max_page_seconds=10)
"""Pages of a fuzzer have some kilobytes: what takes this much is a finding."""
CHOICES = (
    BUDGET,
    Settings(max_page_work=100_000, max_page_seconds=10, review_level=True, templates=True),
    Settings(max_page_work=100_000, max_page_seconds=10, alt="drop", scripts="dead"),
    Settings(max_page_work=100_000, max_page_seconds=10, alt="unlinked", scripts="run"),
)
LONGEST = 20_000


def page(raw: bytes) -> None:
    """A page is cleaned once and for all, by its own edits, or refused as one that cannot be read."""
    settings = CHOICES[len(raw) % len(CHOICES)]
    try:
        once = clean_page(raw, settings)
    except PageLimitError:
        raise
    except PageError:
        return
    assert apply(raw, once.edits) == once.result
    assert all(0 <= span.start <= span.end <= len(raw) for each in once.findings for span in each.spans)
    assert clean_page(once.result, settings).result == once.result


def tree(raw: bytes) -> None:
    """A tree is cleaned once and for all."""
    settings = CHOICES[len(raw) % len(CHOICES)]
    try:
        root = lxml.html.document_fromstring(raw)
    except (etree.ParserError, ValueError):
        return  # lxml finds no element in it
    clean_tree(root, settings)
    once = etree.tostring(root)
    clean_tree(root, settings)
    assert etree.tostring(root) == once


def sheet(raw: bytes) -> None:
    """A style sheet, its selectors, an element's style and a script can be anything; places lie inside of them."""
    text = raw.decode("utf-8", "replace")
    for rule in rules(text):
        list(selectors_of(rule.selectors))
    assert all(0 <= start <= end <= len(text) for _, start, end in declarations(text))
    assert all(0 <= url.start <= url.end <= len(text) for url in css_urls(text))
    media_of(text)
    hidden_by(text)
    list(selectors_of(text))
    code = Code(text)
    assert len(code.spoken) == len(text)
    _ = code.defined
    embedded = f"<style>{text}</style><p style='{text}'><img src=a.jpg alt='The pier'>The pier</p>"
    clean_page(embedded.encode("utf-8", "replace"), BUDGET)


DOORS: dict[str, Callable[[bytes], None]] = {"page": page, "tree": tree, "sheet": sheet}


@cache
def seeds(door: str) -> list[bytes]:
    """Small pages, or style sheets, to begin with."""
    if door == "sheet":
        return [
            b"@media (max-width: 600px) { .a > b:not(.c), #d { display: none !important } }",
            b"@import url(a.css) print; @supports (x: y) { .k::after { content: '\\'}'; background: url( a.png ) } }",
            b"@media not all and (min-width: 40em), print { figure figcaption { visibility: hidden } } /* x",
            b"var a = function () { return /[/]}/.test('x') ? `${b}` : {c: [1]}; } // d",
        ]
    pages = [case.before for case in [*cases(), *shapes()] if not case.text]
    return sorted((raw for raw in pages if len(raw) < 2_000), key=len)[::3]


def altered(door: str, raw: bytes, rng: random.Random) -> bytes:
    """What is given, changed by chance: tag by tag, or byte by byte."""
    if door == "sheet" or rng.random() < 0.4:
        return _altered_bytes(raw, rng.choice(seeds(door)), rng)
    tokens = cut(raw.decode("latin-1"))
    (donor,) = stock([rng.choice(seeds(door)).replace(b"\0", b"").replace(b"\x1b", b"")])
    for _ in range(rng.randint(1, 4)):
        tokens = rng.choice(CHANGES)(rng, tokens, donor)
    return "".join(token.text for token in tokens).encode("latin-1")[:LONGEST]


def _altered_bytes(raw: bytes, donor: bytes, rng: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        end = min(at + rng.choice((1, 1, 2, 8, 40)), len(data))
        way = rng.randrange(5)
        if way == 0:
            del data[at:end]
        elif way == 1:
            data[at:at] = data[at:end] * rng.choice((1, 2, 60))
        elif way == 2:
            start = rng.randrange(len(donor) + 1)
            data[at:at] = donor[start : start + rng.choice((2, 10, 60))]
        elif way == 3:
            data[at:at] = rng.choice(_ODD)
        else:
            data[at:end] = rng.randbytes(end - at)
    return bytes(data[:LONGEST])


_ODD = (
    b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml ", b"{{", b"}}", b"{%", b"&", b"&#0;",
    b"&#x110000;", b"\0", b"\xff", b"\xe2\x80\xa8", b"\r\n", b"\r", b'"', b"'", b"\\", b"/*", b"*/", b"{", b"}", b"(",
    b")", b":not(", b"@media ", b"<template>", b"</noscript>", b"<svg>", b"<math>", b"<table>", b"<select>",
    b"<plaintext>",
    b"<frameset>", b"<b>", b"</p>",
)  # fmt: skip
