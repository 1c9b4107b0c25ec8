"""Two elements of a page that show one picture: what stays, what may go, and what is known of both."""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.beside import Verdict
from captionfix.layout.articles import are_in_like_parts, are_in_parts
from captionfix.layout.blocks import Block, TextBlock
from captionfix.layout.closed import Closed, closed, opened_from
from captionfix.layout.copies import carry_over, said_by_both, whole_element
from captionfix.layout.elements import side_by_side
from captionfix.layout.identity import Identity, file_name, identity, shared_stems
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, same_picture
from captionfix.layout.sizes import LEAST_ALT, LEAST_CAPTION, Resized, resized
from captionfix.layout.texts import core_of
from captionfix.lazy import cached_property
from captionfix.model import Action, Evidence, Node
from captionfix.pictures.endings import is_series
from captionfix.text import SENTENCE_ENDS, effective_length

PROSE = 60
"""Letters of a paragraph of an article, as for neighbours in plain text; a byline has fewer."""
LEAST_NAMED = 12
"""Letters of a caption that, by a file of one name, tell a picture from others (caption-rules study)."""


class PicturePair:
    """A picture, another that may be a copy of it, and what is known of both.

    Args:
        page: the page.
        kept: what stays.
        duplicate: what may go.
        has_lead: whether one of them is the lead of its article.
    """

    def __init__(self, page: Page, kept: Picture, duplicate: Picture, *, has_lead: bool = False) -> None:
        self.page, self.kept, self.duplicate, self.has_lead = page, kept, duplicate, has_lead

    @property
    def one(self) -> Node:
        """The element of what stays."""
        return self.kept.node

    @property
    def other(self) -> Node:
        """The element of what may go."""
        return self.duplicate.node

    @property
    def in_order(self) -> tuple[Picture, Picture]:
        """The two in order of place."""
        both = self.kept, self.duplicate
        return both if self.kept.index < self.duplicate.index else both[::-1]

    @cached_property
    def carried(self) -> tuple[Action, ...]:
        """What the one takes over from the other."""
        return tuple(carry_over(self.duplicate, self.kept))

    @cached_property
    def identity(self) -> Identity | None:
        """How surely the two are one picture, by their files."""
        return identity(self.page, self.kept, self.duplicate)

    @property
    def is_one_file(self) -> bool:
        """Whether both name one file, sizes aside, to markup alone."""
        return same_picture(self.kept, self.duplicate)

    @cached_property
    def verdict(self) -> Verdict | None:
        """What the pixels say, where there are any."""
        return self.page.compare(self.kept, self.duplicate)

    @cached_property
    def sized(self) -> Resized | None:
        """What joins them if the names of their files differ in a size only."""
        return resized(self.page, self.kept, self.duplicate)

    @cached_property
    def closed(self) -> Closed | None:
        """The closed box that the copy stands in, and what stays does not."""
        return closed(self.page, self.other, self.one)

    @cached_property
    def is_enlarged(self) -> bool:
        """Whether the copy is closed more surely than what stays."""
        if self.closed is None:
            return False
        there = closed(self.page, self.one, self.other)
        return there is None or there.grade < self.closed.grade or (self.closed.is_dialog and not there.is_dialog)

    @cached_property
    def opener(self) -> str:
        """The id of what something beside the picture opens and the copy stands in, ``""`` where there is none."""
        return next((box.get("id") for _, box in opened_from(self.page, self.other, self.one)), "")

    @cached_property
    def captions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The letters of the captions of each of the two."""
        return frozenset(_captions(self.page, self.kept)), frozenset(_captions(self.page, self.duplicate))

    @cached_property
    def own_captions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The letters of the captions that are surely those of each of the two."""
        return own_captions(self.page, self.kept), own_captions(self.page, self.duplicate)

    @cached_property
    def said(self) -> int:
        """How many letters the longest caption of both has."""
        mine, theirs = self.captions
        return max(map(effective_length, mine & theirs), default=0)

    @cached_property
    def agreements(self) -> tuple[Evidence, ...]:
        """What says that two files of other names are one picture, names first; none where nothing does."""
        if self.sized is not None:
            return self.sized.evidence
        found: list[Evidence] = []
        stems = shared_stems(self.kept, self.duplicate)
        if self.is_one_file:
            found.append(Evidence("url", "the same file", self.duplicate.key))
        elif self.identity in (Identity.SIZE, Identity.SHAPE, Identity.FILE):
            found.append(Evidence("url", "the same file, sizes and crops aside", self.duplicate.loose_key))
        elif stems:
            found.append(Evidence("url", "the same file name, sizes and hashes aside", min(stems)))
        elif self.identity is Identity.NAME:
            found.append(Evidence("url", "the same file name", file_name(self.duplicate.key)))
        if len(self.duplicate.alt_letters) >= LEAST_ALT and self.duplicate.alt_letters == self.kept.alt_letters:
            found.append(Evidence("text", "the same alt, letters", len(self.duplicate.alt_letters)))
        if self.said >= (LEAST_NAMED if self.identity is Identity.NAME else LEAST_CAPTION):
            found.append(Evidence("text", "the same caption, letters", self.said))
        if self.verdict is not None and self.verdict.is_one_picture:
            found.append(self.verdict.evidence)
        return tuple(found)

    @cached_property
    def is_proven(self) -> bool:
        """Whether more than a size at a name's end, or the next number of a series, makes the two one picture."""
        kinds = {piece.kind for piece in self.agreements}
        if self.is_one_file or "pixels" in kinds:
            return True
        if is_series(self.kept.key, self.duplicate.key):
            return False
        return self.sized is None or self.sized.is_sure or bool(shared_stems(self.kept, self.duplicate))

    @cached_property
    def element(self) -> Node:
        """What goes: the copy's figure where that of what stays says the same, else the picture."""
        here, there = self.figures
        if here is not None and there is not None and said_by_both(self.page, here, there):
            return there
        return whole_element(self.duplicate)

    @property
    def is_in_gallery(self) -> bool:
        """Whether another picture stands right before the copy or right behind it, as in a gallery.

        What stands outside of the body may stand anywhere.
        """
        blocks = self.page.texts.body_blocks
        if self.duplicate not in blocks:
            return True
        at = blocks.index(self.duplicate)
        near = (*blocks[max(at - 1, 0) : at], *blocks[at + 1 : at + 2])
        return any(_is_picture(block) and block is not self.kept for block in near)

    @property
    def are_variants(self) -> bool:
        """Whether the class of one of the two, or of its box, begins with that of the other and says more."""
        parts = side_by_side(self.one, self.other)
        names = [[node.get("class") for node in nodes] for nodes in ((self.one, self.other), parts or ())]
        return any(len({*pair}) > 1 and min(pair) and max(pair).startswith(min(pair)) for pair in names)

    @property
    def are_in_a_row(self) -> bool:
        """Whether no sentence, no section's headline and no picture stands between the two."""
        blocks = self.page.texts.body_blocks
        first, second = map(blocks.index, self.in_order)
        return not any(_is_picture(block) or _is_prose(block) for block in blocks[first + 1 : second])

    @property
    def figures(self) -> tuple[Node | None, Node | None]:
        """The figures of both."""
        return self.page.near.figure(self.kept), self.page.near.figure(self.duplicate)

    @cached_property
    def are_parted(self) -> bool:
        """Whether both may belong to what stands around them; who shows a picture again on purpose takes one file."""
        one, other = (self.page.near.figure(picture) or whole_element(picture) for picture in self.in_order)
        return are_in_parts(self.page, one, other) if self.is_one_file else are_in_like_parts(one, other)


def _is_picture(block: Block) -> bool:
    return isinstance(block, Picture) and block.noscript is None and not block.is_icon


def _is_prose(block: Block) -> bool:
    """Whether a text is a paragraph, a sentence, or a section's headline; a byline is none."""
    if not isinstance(block, TextBlock):
        return False
    if block.heading:
        return block.node.nearest("h1") is None
    size = effective_length(block.letters)
    return size >= PROSE or (size >= LEAST_CAPTION and block.text.endswith(SENTENCE_ENDS))


def _captions(page: Page, picture: Picture) -> Iterator[str]:
    """The letters of what the captions nearest to a picture say, credits and the like aside."""
    told = page.near.captions(
        picture, page.near.scope(picture), lambda text: effective_length(text.letters) >= LEAST_NAMED
    )
    for near in told:
        if near.where != "beside" or near.close:
            yield core_of(near.caption.text)


def own_captions(page: Page, picture: Picture) -> frozenset[str]:
    """Return what the captions nearest to a picture say; its neighbourhood may hold those of its copy too."""
    scope = page.near.scope(picture)
    told = page.near.captions(picture, scope, lambda caption: effective_length(caption.letters) >= LEAST_CAPTION)
    return frozenset(
        near.caption.letters
        for near in told
        if near.where in ("marked", "figure") and picture in page.pictures.nearest_pictures(near.caption.node)
    )
