"""The table of rules: one line each, the rule in a file of ``captionfix/rules`` named after what it finds."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from captionfix.lazy import cached_property


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        code: how users name it.
        name: its file below ``captionfix.rules``.
        reads: ``markup`` or ``text``.
        finds: what it finds, in a few words.
    """

    code: str
    name: str
    reads: str
    finds: str

    @cached_property
    def module(self) -> ModuleType:
        """The file that holds the rule."""
        return import_module(f"captionfix.rules.{self.name}")

    @property
    def find(self) -> Callable[[Any, Any], Iterator[Any]]:
        """What looks for repeats on a page."""
        finder: Callable[[Any, Any], Iterator[Any]] = self.module.find
        return finder

    @property
    def explanation(self) -> str:
        """What it finds, why, an example, how safe its fix is."""
        return (self.module.__doc__ or "").strip()


RULES = (
    Rule("CF101", "repeated_caption", "markup", "the same caption twice as visible text by one picture"),
    Rule("CF102", "alt_repeats_caption", "markup", "an alt that the visible caption says already"),
    Rule("CF103", "title_repeats_caption", "markup", "a tooltip that the visible caption says already"),
    Rule("CF104", "title_repeats_alt", "markup", "a tooltip that repeats the alt of its picture"),
    Rule("CF105", "text_repeats_attribute", "markup", "for an extractor: alt or title that the text beside says"),
    Rule("CF201", "noscript_copy", "markup", "a lazy picture and its copy in noscript"),
    Rule("CF202", "responsive_copy", "markup", "one picture once for wide and once for narrow screens"),
    Rule("CF203", "lightbox_copy", "markup", "the picture of an article once more in its closed lightbox"),
    Rule("CF204", "strip_copy", "markup", "the pictures of a slider once more in its strip of thumbnails"),
    Rule("CF205", "repeated_figure", "markup", "the same picture with the same caption in two figures of one article"),
    Rule("CF206", "repeated_picture", "markup", "the same picture twice in one article"),
    Rule("CF207", "repeated_tag", "markup", "a picture's own tag once more, to load it ahead or twice in a row"),
    Rule("CF301", "repeated_paragraph", "text", "the same paragraph of plain text twice in a row"),
    Rule("CF302", "image_text_repeats_line", "text", "the text of a Markdown image that the line below it says"),
    Rule("CF303", "image_title_repeats_text", "text", "the title of a Markdown image that is its text once more"),
)
"""Captions are 1xx, pictures 2xx, plain text 3xx. They run in this order; see `captionfix.decide`."""


def no_rule(code: str) -> str | None:
    """Return why a code begins no rule's code, None where it does.

    Args:
        code: a code, or its beginning, in capitals.

    >>> no_rule("CF2"), no_rule("CF1X1")
    (None, "no rule 'CF1X1'; did you mean CF101?")
    """
    known = [rule.code for rule in RULES]
    if any(each.startswith(code) for each in known):
        return None
    near = difflib.get_close_matches(code, known, n=1, cutoff=0.5)
    return f"no rule {code!r}; {f'did you mean {near[0]}?' if near else 'captionfix rules lists them'}"
