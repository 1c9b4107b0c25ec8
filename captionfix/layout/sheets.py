"""What a page's own style sheets show and hide, on screens and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from captionfix.markup.css import for_paper, put_aside, shown, unshown

_SCREENS = ("", "all", "screen")
_PAPER = ("print",)
_TARGET = re.compile(r":target(?![\w-])")
_TITLE_SHOWN = re.compile(r"\battr\(\s*title\b", re.IGNORECASE)
_WHICH = re.compile(r":(?:not|(?:first|last|only|nth(?:-last)?)-(?:child|of-type))(?![\w-])", re.IGNORECASE)
"""What tells one of several alike, and nothing of what somebody does."""
_MORE_THAN_NAMES = re.compile(r"[^\w\s.#>-]")
_COMBINATOR = re.compile(r"\s*>\s*|\s+")
_NAME = re.compile(r"[.#]?[\w-]+")


class Sheets:
    """The style sheets of a page, read as far as somebody asks.

    Args:
        texts: each with the media it is for before it, in lower case.

    >>> sheets = Sheets([("", ".leaf{display:none} @media print{.leaf{display:block} nav{display:none}}")])
    >>> sorted(sheets.unshown), sorted(sheets.unprinted), sorted(sheets.printed), sheets.shows_titles
    (['.leaf'], ['nav'], ['.leaf'], False)
    """

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        self._texts = texts

    @cached_property
    def unshown(self) -> frozenset[str]:
        """Plain names, of elements and of classes, that they take off the screen."""
        return _names(unshown, (text for media, text in self._texts if media in _SCREENS))

    @cached_property
    def unprinted(self) -> frozenset[str]:
        """The same for paper."""
        return _names(unshown, self._for_paper)

    @cached_property
    def printed(self) -> frozenset[str]:
        """Plain names that they take off the screen and show on paper."""
        on_paper = _names(shown, self._for_paper)
        return on_paper & self.unshown if on_paper else on_paper

    @cached_property
    def shows_titles(self) -> bool:
        """Whether they put titles on the page as text."""
        return any(_TITLE_SHOWN.search(text) for _, text in self._texts if "attr" in text)

    @cached_property
    def put_aside(self) -> tuple[tuple[frozenset[str], ...], ...]:
        """What they keep out of sight on screens: of each selector the names in each element, outermost first."""
        told = (_steps(put_aside(text)) for media, text in self._texts if media in _SCREENS)
        return tuple(dict.fromkeys(steps for each in told for steps in each if all(steps)))

    @cached_property
    def opens_targets(self) -> bool:
        """Whether they show something while the page's address ends in its id."""
        return any(_TARGET.search(text) for _, text in self._texts if ":target" in text)

    @property
    def _for_paper(self) -> Iterator[str]:
        """What they say of paper alone."""
        return (text if media in _PAPER else for_paper(text) for media, text in self._texts)


def _steps(selectors: Iterable[str]) -> Iterator[tuple[frozenset[str], ...]]:
    """Of each selector the tags, classes and ids of its elements; which of several of a kind it means is left out."""
    for selector in selectors:
        plain = _WHICH.sub("", selector)
        if _MORE_THAN_NAMES.search(plain) is None:
            yield tuple(frozenset(_NAME.findall(each.lower())) for each in _COMBINATOR.split(plain))


def _names(named: Callable[[str], Iterable[str]], sheets: Iterable[str]) -> frozenset[str]:
    return frozenset(name for text in sheets for name in named(text))
