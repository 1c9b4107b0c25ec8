"""A slider and a part beside it that shows the same pictures: what is known of both, and what would be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile, islice, takewhile

from captionfix.checks import pictures
from captionfix.checks.picture_pairs import PicturePair
from captionfix.layout.blocks import visible_text
from captionfix.layout.controls import described, operated
from captionfix.layout.copies import says_no_more, whole_element, widest
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import SLIDER, STRIP
from captionfix.layout.visibility import is_put_aside
from captionfix.lazy import cached_property
from captionfix.model import Node
from captionfix.text import holds, letters

_DIGITS = re.compile(r"\d+")
_SLIDING = frozenset((SLIDER, STRIP))
_HEADLINES = ("h1", "h2", "h3", "h4", "h5", "h6")
_NEAR_ABOVE = 2
"""Levels above the two parts whose classes may name the slider: what holds them both, and a box around that."""

Pairs = Sequence[tuple[Picture, Picture]]


class Strip:
    """Two parts side by side that show the same pictures in the same order.

    Args:
        page: the page.
        parts: the part that stays, and its strip.
        pairs: the pictures of both, pair by pair.
        why: what tells the strip from the slider, `""` where nothing does.
    """

    def __init__(self, page: Page, parts: tuple[Node, Node], pairs: Pairs, why: str) -> None:
        self.page, self.parts, self.why = page, parts, why
        self.pairs = [PicturePair(page, kept, duplicate) for kept, duplicate in pairs]

    @cached_property
    def control(self) -> Node | None:
        """The first thing that a person operates to choose a picture by."""
        held = (node for pair in self.pairs if (node := operated(self.page, pair.other, pair.one)))
        return next(held, None)

    @property
    def held(self) -> str | None:
        """What that is, in a few words."""
        return described(self.page, self.control) if self.control is not None else None

    def item(self, picture: Picture) -> Node:
        """Return the largest element around a picture, below the parts, that holds no other picture."""
        item = whole_element(picture)
        for around in item.ancestors:
            if around in self.parts or len(self.page.pictures.pictures_in(around)) > 1:
                break
            item = around
        return item


def strip_of(page: Page, one: Node, other: Node, pairs: Pairs) -> Strip:
    """Return which of two parts is the strip of the other; where nothing tells, the later one is.

    Args:
        page: the page of both.
        one: a part.
        other: the one behind it.
        pairs: their pictures, pair by pair.
    """
    turned = [(duplicate, picture) for picture, duplicate in pairs]
    if why := _why(page, other, one, turned):
        return Strip(page, (other, one), turned, why)
    return Strip(page, (one, other), pairs, _why(page, one, other, pairs))


def _why(page: Page, slider: Node, strip: Node, pairs: Pairs) -> str:
    """What tells that the second part is the strip of the first, or ``""``."""
    if _says_strip(page, strip, pairs[0][1].node) and not _says_strip(page, slider, pairs[0][0].node):
        return "the class of one of them says that it is a strip"
    if all(0 < widest(duplicate) < widest(picture) for picture, duplicate in pairs):
        return "all files of one of them are smaller"
    if all(0 < _declared(duplicate) < _declared(picture) for picture, duplicate in pairs):
        return "all pictures of one of them are shown smaller"
    return ""


def _declared(picture: Picture) -> int:
    width = picture.node.get("width").removesuffix("px")
    return int(width) if width.isdecimal() else 0


def _says_strip(page: Page, part: Node, picture: Node) -> bool:
    """Whether a part, or what is around a picture in it, is a strip by its class."""
    chain = (picture, *picture.ancestors)
    inside = chain[: chain.index(part) + 1]
    return any(STRIP in page.roles.of(around) for around in inside)


def does_more(strip: Strip) -> bool:
    """Whether a picture of the strip does more than show."""
    return any(map(pictures.does_more, strip.pairs))


def has_own_link(strip: Strip) -> bool:
    """Whether a picture of the strip leads to something that its slide does not lead to."""
    return any(map(pictures.has_own_link, strip.pairs))


def is_not_loaded(strip: Strip) -> bool:
    """Whether a slide would not show its picture where the strip did."""
    return any(map(pictures.is_not_loaded, strip.pairs))


def is_of_text(strip: Strip) -> bool:
    """Whether one of the two parts is the text of an article, with its pictures, and no slider or strip."""
    return any(pictures.has_prose(strip.page, part) for part in strip.parts)


def is_alike(strip: Strip) -> bool:
    """Whether nothing tells which of the two is the strip, a picture of it says more, or a size only joins a pair."""
    if not strip.why or not all(says_no_more(pair.duplicate, pair.kept) for pair in strip.pairs):
        return True
    sized = (pair.sized for pair in strip.pairs)
    return any(each is not None and not (each.is_sure and each.sizes[0] > each.sizes[1]) for each in sized)


def is_control(strip: Strip) -> bool:
    """Whether a thumbnail is, or is in, what a person operates."""
    return strip.control is not None


def is_aside(strip: Strip) -> bool:
    """Whether the page itself keeps a slide out of sight, and its thumbnail not."""
    return any(is_put_aside(strip.page, pair.one, pair.other) for pair in strip.pairs)


def is_by_size(strip: Strip) -> bool:
    """Whether no class speaks of a slider, a gallery or a strip: around a picture in its part, or not far above."""
    first = strip.pairs[0]
    return not any(_speaks_of_slider(strip, node) for node in (first.one, first.other))


def _speaks_of_slider(strip: Strip, node: Node) -> bool:
    chain = (*_below(node, strip.parts), *islice(_from(node, strip.parts), _NEAR_ABOVE + 1))
    return any(not _SLIDING.isdisjoint(strip.page.roles.of(around)) for around in chain)


def _from(node: Node, parts: tuple[Node, Node]) -> Iterator[Node]:
    """The part that an element stands in, or is, and what is around that."""
    return dropwhile(lambda around: around not in parts, (node, *node.ancestors))


def _below(node: Node, parts: tuple[Node, Node]) -> Iterator[Node]:
    """An element and what is around it, below the parts."""
    return takewhile(lambda around: around not in parts, (node, *node.ancestors))


def _between(parts: tuple[Node, Node]) -> Iterator[Node]:
    """What stands between a slider and its strip, or the strip and its slider."""
    around = parts[0].parent
    kids = [*around.elements] if around is not None else []
    if parts[0] not in kids or parts[1] not in kids:
        return iter(())
    first, second = sorted((kids.index(parts[0]), kids.index(parts[1])))
    return iter(kids[first + 1 : second])


def has_own_words(strip: Strip) -> bool:
    """Whether the strip has a headline, or words by its pictures, other than numbers, that the slides do not say."""
    if any(strip.page.tree.search(*_HEADLINES, inside=part) for part in (strip.parts[1], *_between(strip.parts))):
        return True
    said = [[visible_text(strip.item(picture)) for picture in (pair.kept, pair.duplicate)] for pair in strip.pairs]
    numbered = len({_DIGITS.sub("", letters(thumbnail)) for _, thumbnail in said}) == 1
    return not numbered and not all(holds(slide, thumbnail) for slide, thumbnail in said)
