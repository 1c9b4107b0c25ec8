"""What joins two texts that say the same."""

from __future__ import annotations

import re
from itertools import islice

from captionfix.checks.pairs import CaptionPair
from captionfix.layout.blocks import TextBlock
from captionfix.layout.identity import Identity, identity
from captionfix.layout.owners import FILMS, WIDE, content, may_own_film, says_little_else
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import RESPONSIVE
from captionfix.layout.texts import TextUnit
from captionfix.layout.widths import speaks_of_widths
from captionfix.model import Node
from captionfix.text import BEGINNING, effective_length, fold, is_credit, letters, without_credit

MEDIUM, LONG = 20, 60
"""Letters: of neighbours that repeat by a picture; of neighbours without a picture, as in plain text."""
_SPOKEN = ("\u201c", "\u201e", "\u201a", "\u2018", "\u00ab", "\u00bb", "\u300c", "\u2013", "\u2014", '"', "-")
"""What opens speech in a dialogue."""
_TEXTS = frozenset(("article", "main", "body", "html"))
_LETTERED = frozenset(("em", "i", "small", "center", "font", "figure", "figcaption", "td"))
"""Elements that set a text apart from the article's."""
_VERSE = re.compile(
    r"(?<![a-z])(?:poem|poetry|verse|lyric|stanza|song|chorus|psalm|hymn|prayer|step|chat|dialogue)s?(?![a-z])",
    re.IGNORECASE,
)
"""Words of classes of what says a line twice."""
DRESSED = "equal but for what dresses it"
"""How two texts say the same of which the copy has a credit, a label or a number that the other has not."""
_PAIR = 2
"""What stands three times is a refrain."""
_LEVELS = 6
"""Levels above a caption within which the article's text before it is looked for."""
_NEAR = 20
"""Blocks that two captions are apart that stand in no article."""


def are_in_one_figure(pair: CaptionPair) -> bool:
    """Whether both stand in one figure, of one picture or both called captions by the markup."""
    figure = pair.other.nearest("figure")
    if figure is None or figure is not pair.one.nearest("figure") or pair.how == BEGINNING:
        return False
    if pair.are_marked:
        return True
    shown = content(pair.page, figure)
    return len({picture.loose_key for picture in shown}) <= 1 or pair.identity is Identity.ELEMENT


def are_marked(pair: CaptionPair) -> bool:
    """Whether the markup calls both captions, of one element."""
    return pair.are_marked and pair.identity is Identity.ELEMENT


def is_closed_copy(pair: CaptionPair) -> bool:
    """Whether the copy is hidden, or in a closed dialog, by the same picture, by one without a file, or by none."""
    if not pair.is_enlarged or pair.closed is None or pair.is_of_other:
        return False
    known = pair.kept.is_marked or (
        pair.kept.near and pair.duplicate.is_caption and pair.closed.is_dialog and pair.size >= MEDIUM
    )
    theirs = pair.pictures[1]
    alone = not theirs and not may_own_film(pair.page, pair.other)
    one = pair.identity is not None or alone or (theirs and pair.names_no_file)
    is_long = pair.size >= MEDIUM or (pair.identity is not None and pair.identity > Identity.SIZE)
    return known and bool(one) and is_long


def shows_more_pictures(pair: CaptionPair) -> bool:
    """Whether the closed box of the copy shows pictures that do not stand outside of it."""
    if not is_closed_copy(pair) or pair.closed is None:
        return False
    box, page = pair.closed.box, pair.page
    inside = [picture for picture in page.pictures.content_in(box) if picture.addresses]
    if len(inside) <= 1:
        return False
    places, span = page.pictures.whereabouts(_names), page.pictures.span(box)
    return any(not places.is_outside(_names(picture), span) for picture in inside)


def _names(picture: Picture) -> tuple[str, str]:
    """Its key, sizes and crop aside, and the last part of it."""
    return picture.loose_key, "/" + picture.loose_key.partition("?")[0].rpartition("/")[2]


def is_by_width(pair: CaptionPair) -> bool:
    """Whether each of the two is for screens of some widths, or one follows the other and is."""
    if pair.size < LEAST_BY_WIDTH or pair.is_of_other or not (pair.kept.is_marked or pair.duplicate.is_marked):
        return False
    here, there = (_is_for_widths(pair.page, node, beside) for node, beside in pair.both_ways)
    if here and there and pair.identity is not None:
        return True
    are_marked = pair.are_marked
    return there and pair.size >= MEDIUM and (here or are_marked or not pair.are_apart)


LEAST_BY_WIDTH = 12
"""Letters of two texts of which each screen shows one, by one picture."""


def _is_for_widths(page: Page, node: Node, beside: Node) -> bool:
    """Whether an element is for some widths: by a framework's class, or by a word on what says little else."""
    return any(
        speaks_of_widths(each.get("class"))
        or (RESPONSIVE in page.roles.of(each) and says_little_else(page, each, node))
        for each in node.around_less(beside)
    )


def has_no_picture(pair: CaptionPair) -> bool:
    """Whether the markup calls both captions, and the copy, close to what stays, has no picture of its own."""
    mine, theirs = pair.pictures
    if not (pair.are_marked and mine) or theirs or pair.size < MEDIUM:
        return False
    if pair.is_of_other or may_own_film(pair.page, pair.other):
        return False
    article = pair.one.nearest("article", "main")
    near = abs(pair.kept.order - pair.duplicate.order) <= _NEAR
    return near or (article is not None and pair.other.inside(article))


def is_behind_shortcode(pair: CaptionPair) -> bool:
    """Whether an element right behind a shortcode that no server rendered says the shortcode's caption again."""
    return pair.kept.caption.shortcode and pair.how == "equal" and not pair.are_apart and pair.size >= MEDIUM


def are_alone(pair: CaptionPair) -> bool:
    """Whether the markup calls both captions, one right behind the other, and neither has a picture."""
    if not pair.are_marked or any(pair.pictures) or pair.size < MEDIUM:
        return False
    said = (isinstance(block, Picture) or effective_length(block.letters) >= _PAIR for block in pair.between())
    return (
        not any(said)
        and pair.common.tag not in ("body", "html")
        and not any(may_own_film(pair.page, node) for node in (pair.one, pair.other))
    )


def is_credited(pair: CaptionPair) -> bool:
    """Whether the markup calls what stays a caption, and the copy bears a credit, or, no paragraph, is by one."""
    if not pair.kept.is_marked or not _is_beside_kept(pair):
        return False
    text = pair.duplicate.caption.text
    return without_credit(text) != text or (pair.other.tag != "p" and _is_by_credit(pair.page, pair.duplicate))


def _is_beside_kept(pair: CaptionPair) -> bool:
    """Whether both belong to one element's picture, and none stands between."""
    return pair.identity is Identity.ELEMENT and pair.how != BEGINNING and not pair.has_picture_between


def _is_by_credit(page: Page, text: TextUnit) -> bool:
    """Whether the text before another, or behind it, in the same element, is a bare credit."""
    blocks, at = page.texts.body_blocks, text.order
    near = (*blocks[max(at - 1, 0) : at], *blocks[at + 1 : at + 2])
    return any(
        isinstance(block, TextBlock) and block.node.parent is text.node.parent and is_credit(block.text)
        for block in near
    )


def are_in_own_box(pair: CaptionPair) -> bool:
    """Whether both, and no other text of some length, stand in an element that is their picture's alone."""
    if pair.size < MEDIUM or not pair.kept.is_marked or not pair.how.startswith("equal"):
        return False
    box, page = pair.box, pair.page
    if box is None or box.tag in WIDE or pair.identity is None:
        return False
    first, *others = content(page, box)
    if len(others) > _PAIR or not all(identity(page, first, other) for other in others):
        return False
    if any(each.tag in FILMS for each in box.all_below):
        return False
    return says_little_else(page, box, pair.one, pair.other)


def is_in_picture_box(pair: CaptionPair) -> bool:
    """Whether the copy is all that the box of its picture says, and what stays is a caption right beside that box."""
    if not pair.kept.is_marked or pair.are_apart or pair.size < MEDIUM or not pair.how.startswith("equal"):
        return False
    page = pair.page
    box = next((each for each in pair.other.around_less(pair.one) if content(page, each)), None)
    if box is None or box.tag in WIDE or pair.identity is not Identity.ELEMENT:
        return False
    return len(content(page, box)) == 1 and says_little_else(page, box, pair.other)


def are_neighbours(pair: CaptionPair) -> bool:
    """Whether two texts follow each other, and one of them the picture; long ones need no picture beside them."""
    if pair.are_apart or pair.kept.is_marked != pair.duplicate.is_marked or is_refrain(pair) or pair.how == BEGINNING:
        return False  # a caption and the sentence of the article behind it both stay
    if pair.how == "cut off" and pair.other.tag == "p":
        return False
    return (pair.size >= LONG and any(pair.pictures)) or (
        pair.size >= MEDIUM and (pair.kept.near or pair.duplicate.near)
    )


def are_like_lines(pair: CaptionPair) -> bool:
    """Whether two neighbours are short, and nothing tells that they are captions: a refrain, a prayer, a step.

    A credit, the picture's ``alt``, lettering of its own and a box with nothing but the picture do.
    """
    if not are_neighbours(pair) or pair.size >= LONG or pair.kept.is_marked:
        return False
    said = pair.kept.core
    if any(without_credit(text.text) != text.text or _is_lettered(text.node) for text in pair.texts):
        return False
    if any(said in picture.alt_letters for side in pair.pictures for picture in side):
        return False
    box = pair.box
    return box is None or box.tag in _TEXTS or not says_little_else(pair.page, box, pair.one, pair.other)


def _is_lettered(node: Node) -> bool:
    """Whether a text is set in letters, or in a place, of its own, or stands in a figure."""
    return any(each.tag in _LETTERED or each.get("align") == "center" for each in (node, *islice(node.ancestors, 1)))


def are_running(pair: CaptionPair) -> bool:
    """Whether neighbours are among others of their kind: lines of verse, of a dialogue, of a chat.

    They are where another element beside them has their name and their class. In
    a box of their own, without a picture, the name will do. What somebody says
    begins with a quotation mark or a dash.
    """
    if not are_neighbours(pair):
        return False
    if pair.duplicate.caption.text.startswith(_SPOKEN):
        return True
    if any(
        _VERSE.search(each.get("class")) for each in (pair.other, *islice((pair.common, *pair.common.ancestors), 2))
    ):
        return True
    page, common = pair.page, pair.common
    sides = [node.at_depth(common.depth + 1) for node in (pair.one, pair.other) if node is not common]
    apart = not page.pictures.content_in(common)
    kinds = {(side.tag, side.get("class")) for side in sides if apart or side.get("class")}
    return any(not set(sides).issuperset(page.texts.like_kids(common, *kind)) for kind in kinds)


def is_behind_caption(pair: CaptionPair) -> bool:
    """Whether the copy follows a marked caption, in the midst of an article whose text is in other elements."""
    return bool(prose := _prose_before(pair)) and pair.other.tag != "p" and "p" in prose


def may_be_paragraph(pair: CaptionPair) -> bool:
    """Whether the copy follows a marked caption in the midst of an article, and may be its text."""
    return bool(_prose_before(pair))


def _prose_before(pair: CaptionPair) -> set[str]:
    """In what the article's text stands that comes before a caption: ``p``, or ``""`` where it is in no element.

    What comes before all of the article's text may be its lead.
    """
    kept = pair.kept
    if not kept.is_marked or pair.are_apart or kept.order > pair.duplicate.order or pair.size < MEDIUM:
        return set()
    if not pair.how.startswith("equal"):
        return set()
    for each in (kept.node, *islice(kept.node.ancestors, _LEVELS - 1)):
        parent = each.parent
        if parent is None or each.tag in WIDE:
            break
        before = parent.children[: parent.children.index(each)]
        if found := {"" if isinstance(kid, str) else "p" for kid in before if _is_prose(kid)}:
            return found
    return set()


def _is_prose(kid: Node | str) -> bool:
    """Whether a piece of an element is a paragraph, or a text without an element, of some length."""
    if isinstance(kid, str):
        return effective_length(letters(fold(kid))) >= LONG
    return kid.tag == "p" and effective_length(letters(fold(kid.raw_text()))) >= LONG


def is_refrain(pair: CaptionPair) -> bool:
    """Whether a text stands around the two more than twice."""
    return pair.page.texts.times_said(pair.common, pair.duplicate.caption) > _PAIR
