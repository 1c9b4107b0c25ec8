"""Whose picture is it: the pictures that a text of a page belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from captionfix.layout.blocks import TextBlock, visible_text
from captionfix.layout.closed import closed
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.pictures import Picture
from captionfix.layout.separation import shows
from captionfix.layout.texts import TextUnit, core_of, is_bare_credit
from captionfix.model import COMMENT, Node
from captionfix.text import effective_length

WIDE = frozenset(("article", "header", "main", "section", "body", "html"))
"""Elements that are never a picture's alone."""
FILMS = frozenset(("audio", "canvas", "embed", "iframe", "object", "video", "form"))
"""What shows, or asks, something of its own."""
_NEAR_LEVELS = 3
"""Levels above a caption at which a film stands beside it."""
_REACH = 6
"""Texts between a caption and its picture: credits, buttons, other copies of the text."""
_SHORT = 20
"""Letters below which a text between is a button or a number."""
_ROW = 40
"""Blocks of a row of captioned pictures that a text outside of it is looked up in."""

_CORES: Question[Node, frozenset[str]] = Question()
"""What the captions of a figure say."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The pictures of a text.

    Attributes:
        own: by structure: those of its figure, of the smallest element with one picture, of its closed box.
        before: the nearest one before it, where nothing else is said between; None where none is.
        behind: the nearest one behind it, likewise.
        is_of_other: whether its figure shows something that is no picture: a film, a drawing, what a script fills in.
    """

    own: tuple[Picture, ...] = ()
    before: Picture | None = None
    behind: Picture | None = None
    is_of_other: bool = False


def owners(page: Page, text: TextUnit, beside: Node) -> Owners:
    """Return the pictures that a text belongs to.

    Args:
        page: the page.
        text: the text.
        beside: the text it is compared with: what closes both is no box of either.
    """
    figure = text.node.nearest("figure")
    box = closed(page, text.node, beside)
    if figure is not None and (inside := content(page, figure)):
        return Owners(tuple(inside), _next(page, text, -1), _next(page, text, 1))
    if figure is not None and (box is None or not box.is_dialog):
        return Owners(is_of_other=True)
    own = _alone(page, text)
    if not own and _is_behind_film(page, text.node):
        return Owners(is_of_other=True)
    if not own and box is not None:
        own = tuple(content(page, box.box))
    return Owners(own, _next(page, text, -1), _next(page, text, 1))


def content(page: Page, node: Node) -> list[Picture]:
    """Return the pictures in an element that are no icons; those of ``noscript`` alone are content too."""
    return page.pictures.shown_in(node)


def may_own_film(page: Page, node: Node) -> bool:
    """Return whether a film, or what a script fills, stands in a small box with a text, or right before it."""
    boxes = islice(takewhile(lambda each: each.tag not in WIDE, node.ancestors), _NEAR_LEVELS)
    return _is_behind_film(page, node) or any(each.tag in FILMS for box in boxes for each in box.all_below)


def _is_behind_film(page: Page, node: Node) -> bool:
    """Whether something that shows, and is no picture, stands right before an element: a film, a drawing, a slot."""
    if node.parent is None:
        return False
    kids, place = node.parent.children, page.reader.place(node.parent, node)
    before = reversed(kids[:place] if place >= 0 else kids)
    kid = next((kid for kid in before if isinstance(kid, Node) and kid.tag != COMMENT), None)
    return kid is not None and not content(page, kid) and any(shows(each, page.roles) for each in kid.all_below)


def says_little_else(page: Page, box: Node, *texts: Node) -> bool:
    """Return whether an element says nothing of some length but some texts, captions, headlines and credits.

    A paragraph among these may be the article's where there are others, of whatever length.
    """
    paragraphs = any(text.tag == "p" for text in texts)
    said = {core_of(visible_text(text)) for text in texts}
    return all(
        core_of(block.text) in said
        or effective_length(block.letters) < (1 if paragraphs and block.node.tag == "p" else _SHORT)
        or block.is_marked
        or block.heading
        or is_bare_credit(page, block)
        for block in page.texts.blocks(box)
        if isinstance(block, TextBlock)
    )


def is_alone_with_picture(page: Page, text: Node) -> bool:
    """Return whether the smallest element around a text that holds a picture holds one and says little else."""
    box = next((around for around in text.ancestors if content(page, around)), None)
    if box is None or box.tag in WIDE or len(content(page, box)) > 1:
        return False
    return says_little_else(page, box, text)


def _alone(page: Page, text: TextUnit) -> tuple[Picture, ...]:
    """The picture of the smallest element around a text that holds any, if it holds one and is that picture's own."""
    chain = (text.node, *text.node.ancestors)
    box = next((around for around in chain if content(page, around)), None)
    if box is None or box.tag in WIDE:
        return ()
    inside = content(page, box)
    shown = [picture for picture in inside if picture.noscript is None] or inside
    if len(shown) != 1 or page.near.leads_elsewhere(shown[0].link, shown[0]):
        return ()
    return tuple(inside)


def _next(page: Page, text: TextUnit, step: int) -> Picture | None:
    """The next content picture before or behind a text, with nothing of some length between."""
    far = 0
    for block, at in _blocks(page, text, step):
        if isinstance(block, Picture):
            if block.is_icon:
                continue
            return None if _is_taken(page, block, text) else block
        if block.node.inside(text.node) or text.node.inside(block.node):
            continue
        far += 1
        if far > _REACH:
            return None
        if core_of(block.text) == text.core or is_bare_credit(page, block):
            continue
        if block.is_marked and text.node.nearest("figure") is None and block.node.nearest("figure") is not None:
            return _beyond(page, text, at, step)
        if effective_length(block.letters) >= _SHORT or block.heading:
            return None
    return None


def _blocks(page: Page, text: TextUnit, step: int) -> Iterator[tuple[TextBlock | Picture, int]]:
    blocks, at = page.texts.body_blocks, text.order + step
    while 0 <= at < len(blocks):
        yield blocks[at], at
        at += step


def _beyond(page: Page, text: TextUnit, start: int, step: int) -> Picture | None:
    """The picture of a row of captioned ones that a text outside of them belongs to: that which says the same."""
    blocks = page.texts.body_blocks
    for at in range(start, start + step * _ROW, step):
        if not 0 <= at < len(blocks):
            return None
        block = blocks[at]
        if isinstance(block, Picture):
            if not block.is_icon and not _is_taken(page, block, text):
                return block
        elif not block.is_marked and effective_length(block.letters) >= _SHORT:
            return None
    return None


def _is_taken(page: Page, picture: Picture, text: TextUnit) -> bool:
    """Whether a picture's own figure says something else, or a picture leads to another page and owns its text."""
    figure = page.near.figure(picture)
    if figure is None or text.node.inside(figure):
        return False
    answers = page.answers(_CORES)
    told = answers.get(figure)
    if told is None:
        marked = (block for block in page.texts.blocks(figure) if isinstance(block, TextBlock) and block.is_marked)
        told = answers[figure] = frozenset(core_of(block.text) for block in marked)
    return bool(told) and text.core not in told
