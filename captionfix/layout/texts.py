"""Texts of a page that say the same, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from captionfix.layout.blocks import Block, TextBlock, visible_text
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import BOILERPLATE, CAPTION, CREDIT, DIALOG
from captionfix.model import Node
from captionfix.text import (
    effective_length,
    fold,
    is_credit,
    is_truncated,
    letters,
    says,
    without_counter,
    without_credit,
    without_ellipsis,
    without_figure_number,
    without_label,
)

LEAST = 12
"""Letters; shorter texts repeat by chance (caption corpus, caption-rules study)."""
OWN = 40
"""Letters of a text of a closed box's own: a paragraph, no button and no label."""
_START = 6
"""Letters that begin two texts alike that may say the same."""
_LONGEST_CREDIT = 40
"""Letters of a text that its class alone calls a credit; some sites put the whole caption into such an element."""

_OWN_TEXTS: Question[tuple[Node, int, bool], list[TextBlock]] = Question()
_HOLDERS: Question[None, dict[str, list[Node]]] = Question()
"""The elements of all texts, by what these say."""


@dataclass(eq=False, slots=True)
class TextUnit:
    """A text that may be a caption: the outermost element that says it, or bare text.

    Attributes:
        caption: the text and its element.
        core: its letters, less credit, label, counter and ellipsis.
        order: its place among the blocks of the page.
        is_marked: whether the markup calls it, or an element in it that says the same, a caption.
        near: whether it stands in a figure, or right beside a picture.
        inner: smaller elements in it that say the same, the outermost first.
    """

    caption: TextBlock
    core: str
    order: int
    is_marked: bool
    near: bool
    inner: list[TextUnit] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The element that holds the text."""
        return self.caption.node

    @property
    def size(self) -> int:
        """Its length in letters, see `captionfix.text.effective_length`."""
        return effective_length(self.core)

    @property
    def is_caption(self) -> bool:
        """Whether the markup calls it a caption, or its place makes it one."""
        return self.is_marked or self.near


def undressed(text: str) -> str:
    """Return a text without what may stand in front: a screen reader's label, a gallery's or a figure's number.

    >>> undressed("Image caption Boats leave"), undressed("Fig. 2: Boats leave")
    ('Boats leave', 'Boats leave')
    """
    return without_figure_number(without_counter(without_label(text)))


def core_of(text: str) -> str:
    """Return the letters of a caption without what dresses it: credit, label, counter, ellipsis.

    >>> core_of("2/5 Boats leave the harbour ... (Photo: A. Person)") == core_of("Boats leave the harbour")
    True
    """
    bare = without_credit(undressed(text))
    return letters(without_ellipsis(bare) if is_truncated(bare) else bare)


def is_bare_credit(page: Page, text: TextBlock) -> bool:
    """Return whether a text is a credit and nothing else, by its words or by its element's class."""
    if is_credit(text.text):
        return True
    if effective_length(text.letters) > _LONGEST_CREDIT:
        return False
    return any(
        CREDIT in (roles := page.roles.of(node)) and CAPTION not in roles and fold(node.raw_text()) == text.text
        for node in (text.node, *islice(text.node.ancestors, 1))
    )


def same_texts(page: Page) -> list[list[TextUnit]]:
    """Return the groups of texts of a page of which one says what another says, the longest first.

    A group has at least two texts, and at least one that may be a caption.

    Args:
        page: the page.
    """
    groups = []
    for texts in _alike(page):
        cores: dict[str, list[TextUnit]] = {}
        for unit in texts:
            cores.setdefault(unit.core, []).append(unit)
        units = {core: _nested(same) for core, same in cores.items()}
        groups += [joined for joined in _joined(units) if len(joined) > 1 and any(unit.is_caption for unit in joined)]
    return sorted(groups, key=lambda units: (-max(unit.size for unit in units), units[0].order))


def own_texts(page: Page, box: Node, least: int = OWN, *, heads: bool = False) -> list[TextBlock]:
    """Return the texts of a box, as long as a paragraph's, that nothing outside of it says; captions and credits aside.

    Args:
        page: the page.
        box: the box.
        least: letters of a text that counts.
        heads: whether headlines count, whatever their length.
    """
    known = page.answers(_OWN_TEXTS)
    if (box, least, heads) not in known:
        known[box, least, heads] = [*_own_texts(page, box, least, heads=heads)]
    return known[box, least, heads]


def _own_texts(page: Page, box: Node, least: int, *, heads: bool) -> Iterator[TextBlock]:
    texts = (block for block in page.texts.blocks(box) if isinstance(block, TextBlock) and not block.is_marked)
    own = [text for text in texts if (heads if text.heading else effective_length(text.letters) >= least)]
    for text in own:
        if not is_bare_credit(page, text):
            again = _holders(page).get(core_of(text.text), ())
            if all(node.inside(box) for node in again):
                yield text


def _holders(page: Page) -> dict[str, list[Node]]:
    """The elements of the texts of a page, by what these say."""
    known = page.answers(_HOLDERS)
    if None not in known:
        known[None] = {}
        for block in page.texts.body_blocks:
            if isinstance(block, TextBlock):
                known[None].setdefault(core_of(block.text), []).append(block.node)
    return known[None]


def said_twice(page: Page) -> Iterator[TextBlock]:
    """Yield the captions of a page that say the same twice, in no element of its own the second time.

    Args:
        page: the page.
    """
    for text in page.texts.body_blocks:
        if isinstance(text, TextBlock) and not text.spans_blocks and text.letters.find(text.letters[:LEAST], LEAST) > 0:
            core = core_of(text.text)
            half = len(core) // 2
            is_double = effective_length(core) >= 2 * LEAST and core[:half] == core[half:]
            if is_double and (text.is_marked or text.node.nearest("figure") is not None):
                yield text


def _alike(page: Page) -> Iterator[list[TextUnit]]:
    """Yield the texts that begin alike, credits aside: quick, for ruling out."""
    starts: dict[str, list[tuple[int, TextBlock]]] = {}
    blocks = page.texts.body_blocks
    for order, block in enumerate(blocks):
        if isinstance(block, TextBlock) and effective_length(block.letters) >= LEAST:
            bare = undressed(block.text)
            start = (block.letters if bare == block.text else letters(bare))[:_START]
            starts.setdefault(start, []).append((order, block))
    for alike in starts.values():
        if len(alike) > 1 and any(_may_be_caption(page, blocks, order, block) for order, block in alike):
            units = (_unit(page, blocks, order, block) for order, block in alike)
            yield [unit for unit in units if unit is not None]


def _may_be_caption(page: Page, blocks: list[Block], order: int, text: TextBlock) -> bool:
    """Whether a text may come to be a unit that is a caption: quick, for ruling out."""
    if text.is_marked:
        return True
    node = text.node
    if not _is_beside_picture(page, blocks, order) and node.nearest("figure") is None:
        return False
    roles = page.roles
    return BOILERPLATE not in roles.around(node.parent or node) or DIALOG in roles.around(node)


def _unit(page: Page, blocks: list[Block], order: int, text: TextBlock) -> TextUnit | None:
    core = _without_named_credit(page, text.node, core_of(text.text))
    if effective_length(core) < LEAST or is_bare_credit(page, text):
        return None
    caption = _whole(page, text, core)
    near = caption.node.nearest("figure") is not None or _is_beside_picture(page, blocks, order)
    roles = page.roles.around(caption.node)
    return TextUnit(caption, core, order, text.is_marked, near and (BOILERPLATE not in roles or DIALOG in roles))


def _is_beside_picture(page: Page, blocks: list[Block], order: int) -> bool:
    """Whether a picture that is no teaser's comes right before a text or right behind it."""
    near = (*blocks[max(order - 1, 0) : order], *blocks[order + 1 : order + 2])
    pictures = (block for block in near if isinstance(block, Picture) and not block.is_icon)
    return any(not page.near.leads_elsewhere(picture.link, picture) for picture in pictures)


def _whole(page: Page, text: TextBlock, core: str) -> TextBlock:
    """A text with the credit that its element holds besides, so that the element may go whole."""
    node = text.node
    if text.whole or page.pictures.has_picture(node):
        return text
    around = node if fold(node.raw_text()) != text.text or node.parent is None else node.parent
    for each in dict.fromkeys((node, around)):
        full = visible_text(each)
        if not page.pictures.has_picture(each) and (core_of(full) == core or _says_credit_besides(page, each, core)):
            return TextBlock(each, full, each, page.reader, spans_blocks=True)
    return text


def _says_credit_besides(page: Page, node: Node, core: str) -> bool:
    """Whether an element says a text, and besides it what a class calls a credit, and nothing else."""
    said = letters(visible_text(node))
    bare = _without_named_credit(page, node, said)
    return bare != said and core_of(bare) == core


def _without_named_credit(page: Page, node: Node, said: str) -> str:
    """The letters of an element without those of the parts of it that are a credit, by class or words, behind all."""
    named = [each for each in node.elements if _is_credit(page, each)]
    for each in reversed(named):
        told = letters(visible_text(each))
        if effective_length(told) <= _LONGEST_CREDIT and len(told) < len(said):
            said = said.removesuffix(told)
    return said


def _is_credit(page: Page, node: Node) -> bool:
    roles = page.roles.of(node)
    return (CREDIT in roles and CAPTION not in roles) or is_credit(visible_text(node))


def _joined(cores: dict[str, list[TextUnit]]) -> Iterator[list[TextUnit]]:
    """Yield the texts of equal cores, those with them whose core another's begins with and says."""
    groups: dict[str, list[TextUnit]] = {}
    begun: list[str] = []
    for core in sorted(cores):
        while begun and not core.startswith(begun[-1]):
            begun.pop()
        said = next((part for part in begun if _says(cores[core][0], cores[part][0])), None)
        group = groups[core] = groups[said] if said is not None else []
        group += cores[core]
        begun.append(core)
    yield from {id(group): group for group in groups.values()}.values()


def _says(outer: TextUnit, inner: TextUnit) -> bool:
    return bool(says(outer.caption.text, inner.caption.text))


def _nested(texts: Iterable[TextUnit]) -> list[TextUnit]:
    """The outermost of some texts, each with those that stand in its element."""
    units: list[TextUnit] = []
    whole: dict[Node, TextUnit] = {}
    for text in sorted(texts, key=lambda unit: unit.node.depth):
        node = text.node if text.node in whole else text.node.below(whole)
        if node is None:
            units.append(text)
            if text.caption.whole:
                whole[text.node] = text
            continue
        outer = whole[node]
        outer.inner.append(text)
        outer.is_marked = outer.is_marked or text.is_marked
        outer.near = outer.near or text.near
    return sorted(units, key=lambda unit: unit.order)
