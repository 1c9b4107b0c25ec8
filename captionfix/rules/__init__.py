"""The table of rules: one line each, the rule in a file named after what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.model import Repeat
from captionfix.settings import Settings


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
    def find(self) -> Callable[[Any, Settings], Iterator[Repeat]]:
        """What looks for repeats on a page."""
        finder: Callable[[Any, Settings], Iterator[Repeat]] = self.module.find
        return finder

    @property
    def explanation(self) -> str:
        """What it finds, why, an example, how safe its mend is."""
        return (self.module.__doc__ or "").strip()


RULES = (
    Rule("CF101", "repeated_caption", "markup", "the same caption twice as visible text by one picture"),
    Rule("CF102", "alt_repeats_caption", "markup", "an alt that the visible caption says already"),
    Rule("CF103", "title_repeats_caption", "markup", "a tooltip that the visible caption says already"),
    Rule("CF104", "title_repeats_alt", "markup", "a tooltip that repeats the alt of its picture"),
    Rule("CF201", "noscript_copy", "markup", "a lazy picture and its copy in noscript"),
    Rule("CF202", "responsive_copy", "markup", "one picture once for wide and once for narrow screens"),
    Rule("CF203", "lightbox_copy", "markup", "the picture of an article once more in its closed lightbox"),
    Rule("CF204", "strip_copy", "markup", "the pictures of a slider once more in its strip of thumbnails"),
    Rule("CF205", "repeated_figure", "markup", "the same picture with the same caption in two figures of one article"),
    Rule("CF206", "repeated_picture", "markup", "the same picture twice in one article"),
    Rule("CF207", "repeated_tag", "markup", "a picture's own tag once more, to load it ahead or twice in a row"),
    Rule("CF301", "repeated_paragraph", "text", "the same paragraph of plain text twice in a row"),
    Rule("CF302", "image_text_repeats_line", "text", "the text of a Markdown image that the line below it says"),
)
"""Captions are 1xx, pictures 2xx, plain text 3xx. They run in this order; see `captionfix.decide`."""


def find_repeats(page: Any, reads: str, settings: Settings) -> Iterator[Repeat]:
    """Yield what the selected rules see on a page.

    Args:
        page: what the rules of this kind read.
        reads: ``markup`` or ``text``.
        settings: which rules are wanted, and their options.
    """
    for rule in RULES:
        if rule.reads == reads and settings.wants(rule.code):
            spend()
            for repeat in rule.find(page, settings):
                spend()
                yield repeat
