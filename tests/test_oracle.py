"""An independent parser confirms that a result is the page less what was meant to go.

html5lib follows the HTML standard's tree construction step by step and shares
no code with the parser that captionfix uses. Its trees are compared here by
walking both, without anything of captionfix's own proof.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import html5lib
import pytest
from pages import SHARED, Case, by_rule, cases, edits_of, failing, parse, shared_pages, why_of

from captionfix.markup.source import read_source
from captionfix.pipeline import Cleaned, clean_page
from captionfix.settings import Settings

MAY_CHANGE = {"alt", "title", "src", "srcset", "sizes", "width", "height", "id", "aria-labelledby"}
_MAY_LIFT = {"class", "hidden", "aria-hidden"}
"""Attributes by which what stays may be hidden: they lose words, or go."""
_HIDING = re.compile(r"(?:opacity\s*:\s*[\d.]+%?|display\s*:\s*none|visibility\s*:\s*hidden)\s*(?:!important\s*)?;?\s*")
_BLANK = re.compile(r"\s+")


class Part:
    """An element or comment of an html5lib tree, reduced to what a comparison needs."""

    def __init__(self, node: Any) -> None:
        self.tag = node.tag if isinstance(node.tag, str) else "#comment"
        attributes = dict(node.attrib)
        self.may_go = _may_go(attributes, is_picture=self.tag == "img")
        if "style" in attributes:
            shown = _BLANK.sub("", _HIDING.sub("", attributes.pop("style")))
            attributes |= {"style": shown} if shown.strip() else {}
        loose = {name for name in attributes if self._may_change(name)}
        self.kept = tuple(sorted((name, value) for name, value in attributes.items() if name not in loose))
        self.loose = tuple(sorted((name, value) for name, value in attributes.items() if name in loose))
        self.parts = [Part(kid) for kid in node]
        self.texts = [_BLANK.sub("", text or "") for text in (node.text, *(kid.tail for kid in node))]

    def _may_change(self, name: str) -> bool:
        return name in MAY_CHANGE or name in _MAY_LIFT or (self.tag == "img" and name.startswith("data-"))

    @cached_property
    def print(self) -> int:
        """Equal for parts that are equal throughout."""
        return hash((self.tag, self.kept, self.loose, tuple(part.print for part in self.parts), tuple(self.texts)))

    @property
    def text(self) -> str:
        inner = "".join(part.text + tail for part, tail in zip(self.parts, self.texts[1:], strict=True))
        return "" if self.tag == "#comment" else self.texts[0] + inner

    def all(self) -> list[Part]:
        return [self, *(inner for part in self.parts for inner in part.all())]


def _may_go(attributes: dict[str, str], *, is_picture: bool) -> set[tuple[str, str]]:
    """What may hide an element and go: words of its class, attributes; of pictures, data for a script."""
    words = {("class", word) for word in attributes.get("class", "").split()}
    words |= {(name, attributes[name]) for name in _MAY_LIFT & attributes.keys() - {"class"}}
    return words | {(name, value) for name, value in attributes.items() if is_picture and name.startswith("data-")}


def less(before: Part, after: Part) -> list[Part] | None:
    """What must be deleted from one tree to get the other; None where deleting does not do."""
    if before.print == after.print:
        return []
    if (before.tag, before.kept) != (after.tag, after.kept) or not after.may_go <= before.may_go:
        return None
    return _less_parts(before, after)


def _less_parts(before: Part, after: Part) -> list[Part] | None:
    """The same for what is in them: keep each part that has its like, first come, first kept, and go back if stuck.

    A part may follow the last one that was kept where the text between the two is the text between their likes.
    """
    stack: list[tuple[int, int, str, tuple[Part, ...]]] = [(0, 0, before.texts[0], ())]
    tried: set[tuple[int, int, str]] = set()
    while stack:
        at, kept, text, gone = stack.pop()
        if (at, kept, text) in tried or not after.texts[kept].startswith(text):
            continue
        tried.add((at, kept, text))
        if at == len(before.parts):
            if kept == len(after.parts) and text == after.texts[kept]:
                return list(gone)
            continue
        part, tail = before.parts[at], before.texts[at + 1]
        stack.append((at + 1, kept, text + tail, (*gone, part)))
        if kept < len(after.parts) and text == after.texts[kept]:
            inner = less(part, after.parts[kept])
            if inner is not None:
                stack.append((at + 1, kept + 1, tail, (*gone, *inner)))
    return None


def holes(cleaned: Cleaned, encoding: str) -> list[str]:
    """The markup that the edits took out, attributes aside."""
    taken = [
        cleaned.raw[edit.span.start : edit.span.end].decode(encoding, "replace") for edit in edits_of(cleaned.findings)
    ]
    return [markup for markup in taken if markup.lstrip().startswith("<")]


def confirm(cleaned: Cleaned) -> None:
    """Read both pages with html5lib and hold what differs against the edits."""
    encoding = read_source(cleaned.raw).encoding
    before, after = (Part(parse(raw.decode(encoding, "replace"))) for raw in (cleaned.raw, cleaned.result))
    gone = less(before, after)
    assert gone is not None, "the result is not the page with something deleted"
    fragments = [
        Part(html5lib.parseFragment(markup, _around(markup), namespaceHTMLElements=False))
        for markup in holes(cleaned, encoding)
    ]
    words = ["".join(part.text for part in parts) for parts in (fragments, gone)]
    assert sorted(words[0]) == sorted(words[1])
    expected = sorted(part.tag for fragment in fragments for part in fragment.all()[1:])
    assert expected == sorted(inner.tag for part in gone for inner in part.all())


def _around(markup: str) -> str:
    """The element that a piece of markup is read in: a row is none outside of a table."""
    return "tbody" if markup.lstrip().lower().startswith("<tr") else "div"


PAGES = [case for case in cases() if not case.text and case.after is not None]


@pytest.mark.parametrize("rule", by_rule(PAGES))
def test_our_pages_are_confirmed(rule: str) -> None:
    """The result of each changing fixture is its page with exactly the edited elements and values gone."""
    assert failing(is_confirmed, by_rule(PAGES)[rule], why_of) == {}


def is_confirmed(case: Case) -> None:
    confirm(case.cleaned)


def test_the_oracle_can_say_no() -> None:
    """A result with a word, an attribute or an element of its own is not the page with something deleted."""
    before = Part(parse("<p class=a>One <b>two</b> three<p>four"))
    for other in (
        "<p class=a>One <b>two</b> <p>four",
        "<p class=b>One <b>two</b> three<p>four",
        "<p class=a>One<p><b>four",
    ):
        assert less(before, Part(parse(other))) is None
    lazy = Part(parse('<img class="lazy wide" data-src=a.jpg style="opacity:0;top:1px">'))
    for other in ("class=high data-src=a.jpg", "class=lazy data-src=b.jpg", 'class=wide style="opacity:1;top:2px"'):
        assert less(lazy, Part(parse(f"<img {other}>"))) is None
    assert less(lazy, Part(parse('<img class=wide style="opacity:1;top:1px">'))) == []
    gone = less(before, Part(parse("<p class=a title=x>One three<p>four")))
    assert [part.tag for part in gone or []] == ["b"]


@pytest.mark.full
@pytest.mark.parametrize(
    "path",
    shared_pages() or [pytest.param(None, marks=pytest.mark.skip("no shared pages beside the repository"))],
    ids=lambda path: str(path.relative_to(SHARED)) if path else "none",
)
def test_real_pages_are_confirmed(path: Path) -> None:
    """The result of each real page is the page with exactly the edited elements and values gone."""
    cleaned = clean_page(path.read_bytes(), Settings())
    if cleaned.changed:
        confirm(cleaned)
