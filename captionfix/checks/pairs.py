"""Two texts of a page that say the same: what stays, what may go, and what is known of both."""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.blocks import Block, TextBlock
from captionfix.layout.closed import Closed, closed
from captionfix.layout.identity import Identity, identity
from captionfix.layout.lifting import lifted_for_widths
from captionfix.layout.owners import Owners, content, owners, says_little_else
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.texts import TextUnit
from captionfix.layout.visibility import Barrier
from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.model import Action, Node
from captionfix.text import fold

_CELLS = ("td", "th", "tr", "tbody", "table", "body", "html")
_ROWS = ("tr", "dd")
_MOST_OWNERS = 8
"""Pictures of each of two texts that are compared; what has more is a gallery, of which equal files are looked for."""


class CaptionPair:
    """A text, another that says the same, and what is known of both.

    Args:
        page: the page.
        kept: what stays.
        duplicate: what may go.
        how: how the one says what the other says, see `captionfix.text.says`.
    """

    def __init__(self, page: Page, kept: TextUnit, duplicate: TextUnit, how: str) -> None:
        spend()
        self.page, self.kept, self.duplicate, self.how = page, kept, duplicate, how

    @cached_property
    def one(self) -> Node:
        """The element of what stays; of a shortcode's text, which has none, the picture before it."""
        node = self.kept.node
        if not self.duplicate.node.inside(node):
            return node
        before = owners(self.page, self.kept, self.duplicate.node).before
        return before.node if before is not None else node

    @property
    def other(self) -> Node:
        """The element of what may go."""
        return self.duplicate.node

    @property
    def size(self) -> int:
        """How many letters the two share."""
        return min(self.kept.size, self.duplicate.size)

    @cached_property
    def common(self) -> Node:
        """The nearest element around both."""
        return next(around for around in self.other.ancestors if self.one.inside(around))

    @property
    def both(self) -> tuple[TextUnit, TextUnit]:
        """What stays and what may go."""
        return self.kept, self.duplicate

    @property
    def are_marked(self) -> bool:
        """Whether the markup calls both captions: the class of a caption's own element makes another of it one."""
        kept, duplicate = self.both
        if kept.is_marked and duplicate.is_marked:
            return True
        here, there = (text.node.nearest("figcaption") or text.node for text in self.both)
        return (kept.is_marked or duplicate.is_marked) and here.get("class") == there.get("class") != ""

    @property
    def both_ways(self) -> tuple[tuple[Node, Node], tuple[Node, Node]]:
        """The element of each with that of the other."""
        return (self.one, self.other), (self.other, self.one)

    @property
    def names_no_file(self) -> bool:
        """Whether none of the pictures of what may go names a file: a script gives it one."""
        return not any(picture.addresses for picture in self.pictures[1])

    @property
    def in_order(self) -> tuple[TextUnit, TextUnit]:
        """The two in order of place."""
        return self.both if self.kept.order < self.duplicate.order else self.both[::-1]

    @cached_property
    def closed(self) -> Closed | None:
        """The closed box that what may go stands in, and what stays does not."""
        return closed(self.page, self.other, self.one)

    @cached_property
    def kept_closed(self) -> Closed | None:
        """The closed box that what stays stands in, and what may go does not."""
        return closed(self.page, self.one, self.other)

    @property
    def is_enlarged(self) -> bool:
        """Whether what may go is closed more surely than what stays."""
        here, there = self.closed, self.kept_closed
        return here is not None and (there is None or here.grade > there.grade)

    @cached_property
    def opened_by(self) -> list[Node]:
        """What opens the closed box of what may go."""
        if self.closed is None:
            return []
        marks = self.page.marks
        chain = [self.other, *self.other.ancestors]
        inside = chain[: chain.index(self.closed.box) + 1]
        return [opener for each in inside for opener in marks.opening(each.get("id"))]

    @cached_property
    def lifted(self) -> tuple[Action, ...] | Barrier:
        """What shows what stays to all who get what may go; the barrier that stays, if one does."""
        return lifted_for_widths(self.page, self.one, self.other, self.other)

    @cached_property
    def _owners(self) -> tuple[Owners, Owners]:
        return owners(self.page, self.kept, self.other), owners(self.page, self.duplicate, self.kept.node)

    @cached_property
    def pictures(self) -> tuple[tuple[Picture, ...], tuple[Picture, ...]]:
        """The pictures of each of the two; a picture between them is of one only if each has one by its other side."""
        mine, theirs = self._owners
        if mine.own and theirs.own:
            return mine.own, theirs.own
        is_first = self.kept.order < self.duplicate.order
        first, second = (mine, theirs) if is_first else (theirs, mine)
        here = first.own or _some(first.before)
        there = second.own or _some(second.before)
        if not here:
            here = _some(first.behind)
            if second.behind is not None and not second.own:
                there = _some(second.behind)
        there = there or _some(second.behind)
        return (here, there) if is_first else (there, here)

    @property
    def is_of_other(self) -> bool:
        """Whether what may go belongs to something that is no picture."""
        return self._owners[1].is_of_other

    @cached_property
    def identity(self) -> Identity | None:
        """The surest level at which one picture of each of the two are one picture; None where none are."""
        mine, theirs = (side[:_MOST_OWNERS] for side in self.pictures)
        if any(one is other for one in mine for other in theirs):
            return Identity.ELEMENT
        found = (identity(self.page, one, other) for one in mine for other in theirs)
        return max((level for level in found if level is not None), default=None)

    @cached_property
    def box(self) -> Node | None:
        """The smallest element around both that shows a picture."""
        chain = (self.common, *self.common.ancestors)
        return next((around for around in chain if content(self.page, around)), None)

    def between(self) -> Iterator[Block]:
        """Yield the texts and pictures between the two, read only as far as taken: it may be all of the page."""
        first, second = self.in_order
        blocks = self.page.texts.body_blocks
        for order in range(first.order + 1, second.order):
            spend()
            block = blocks[order]
            if isinstance(block, Picture) or not (block.node.inside(self.one) or block.node.inside(self.other)):
                yield block

    @cached_property
    def are_apart(self) -> bool:
        """Whether a text or a picture stands between the two."""
        return next(self.between(), None) is not None

    @cached_property
    def has_picture_between(self) -> bool:
        """Whether a picture that is no icon stands between the two."""
        first, second = self.in_order
        return self.page.texts.has_picture_between(first.order, second.order)

    @cached_property
    def own_table(self) -> Node | None:
        """The table, or list of terms, that lays out just the picture of what may go: of both, or in a closed box."""
        table = next((around for around in self.other.ancestors if around.tag in ("table", "dl")), None)
        if table is None:
            return None
        is_shared = self.one.inside(table)
        texts = self.texts if is_shared else (self.duplicate.caption,)
        if any(row_of(self.page, text) is None for text in texts) or (not is_shared and self.closed is None):
            return None
        shown = {picture.key for picture in self.page.pictures.content_in(table)}
        if len(shown) > 1 or (is_shared and not shown):
            return None
        return table if is_shared or says_little_else(self.page, table, self.other) else None

    @property
    def texts(self) -> tuple[TextBlock, TextBlock]:
        """What stays and what may go."""
        return self.kept.caption, self.duplicate.caption

    @property
    def element(self) -> Node:
        """What goes: of a table that lays out just the picture, the row."""
        row = row_of(self.page, self.duplicate.caption) if self.own_table is not None else None
        return row or self.other

    @property
    def is_cell(self) -> bool:
        """Whether what may go is a part of a table that does not lay out just the picture."""
        return self.other.tag in _CELLS and self.own_table is None


def row_of(page: Page, caption: TextBlock) -> Node | None:
    """Return the row of a table, or the description in a list of terms, that holds a text and nothing else."""
    around = next((around for around in (caption.node, *caption.node.ancestors) if around.tag in _ROWS), None)
    alone = around is not None and not page.pictures.has_picture(around) and fold(around.raw_text()) == caption.text
    return around if alone else None


def _some(picture: Picture | None) -> tuple[Picture, ...]:
    return () if picture is None else (picture,)
