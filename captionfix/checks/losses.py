"""What would be lost with one of two texts that say the same, and what makes it unsure that it is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from captionfix.checks.captions import DRESSED, MEDIUM, is_by_width, is_refrain
from captionfix.checks.pairs import CaptionPair
from captionfix.layout.blocks import visible_text
from captionfix.layout.identity import identity
from captionfix.layout.neighbourhood import FARTHEST
from captionfix.layout.owners import content, says_little_else
from captionfix.layout.pictures import Picture
from captionfix.layout.separation import content_between, holds_more, meanings
from captionfix.layout.texts import core_of, own_texts
from captionfix.layout.visibility import Barrier, words_for_screens
from captionfix.model import Node
from captionfix.pictures.urls import is_picture_file
from captionfix.text import fold, holds, letters, without_credit

_LEVELS = 6
"""Levels above a caption within which the article's text before it is looked for."""
_ITEMS = frozenset(
    ("td", "th", "caption", "li", "dd", "dt", "blockquote", "pre", "code", "button", "label", "option", "summary",
     "textarea")
)  # fmt: skip
"""What a text repeats in on purpose."""
_ROW = 2
"""Pictures, and captions, that stand in a row."""
_LAID_OUT = frozenset(("td", "th", "li", "dd", "dt"))
"""Items that may hold a picture with its caption for the sake of layout."""
_NAMED = ("button", "label", "legend", "summary", "option")


def is_headline(pair: CaptionPair) -> bool:
    """Whether one of the two is a headline, or, where markup does not call both captions, a headline says the same."""
    if any(text.caption.heading for text in pair.both):
        return True
    return not pair.duplicate.is_marked and pair.duplicate.caption.letters in pair.page.headlines


def is_name(pair: CaptionPair) -> bool:
    """Whether the copy is all that a control says, or a part of what a link that leads elsewhere says."""
    chain = (*islice(pair.other.around_less(pair.one), _LEVELS), *pair.other.elements)
    return any(
        (each.tag in _NAMED and fold(each.raw_text()) == pair.duplicate.caption.text)
        or (each.tag == "a" and _leads_away(each.get("href")) and pair.other.inside(each))
        or (each.tag == "a" and _leads_away(each.get("href")) and fold(each.raw_text()) == pair.duplicate.caption.text)
        for each in chain
    )


def _leads_away(href: str) -> bool:
    href = href.strip()
    return not (href in ("", "#") or is_picture_file(href) or href.startswith("javascript:"))


def is_no_element(pair: CaptionPair) -> bool:
    """Whether what holds the copy holds more than its text."""
    return not pair.duplicate.caption.whole or pair.is_cell


def holds_other_things(pair: CaptionPair) -> bool:
    """Whether the copy holds a film, a form or a drawing that what stays does not."""
    return holds_more(pair.other, beside=pair.one)


def is_item(pair: CaptionPair) -> bool:
    """Whether the copy is, or stands in, an item of its own that does not hold what stays.

    An item that holds the copy of a picture with its words is one of a list of pictures, not of words.
    """
    if pair.own_table is not None:
        return False
    page, is_closed = pair.page, pair.closed is not None
    mine, theirs = ([*_items(*both)] for both in pair.both_ways)
    if any(not (item.tag == "li" and is_closed and page.pictures.content_in(item)) for item in theirs):
        return True
    return any(
        item.tag not in _LAID_OUT
        or not (pair.kept.is_marked or (item.tag == "li" and page.pictures.content_in(item)) or _is_layout(pair, item))
        for item in mine
    )


def _is_layout(pair: CaptionPair, cell: Node) -> bool:
    """Whether a table lays out just the picture of what stays, which says little else."""
    table = cell.nearest("table", "dl")
    if table is None or len({picture.key for picture in pair.page.pictures.content_in(table)}) != 1:
        return False
    return says_little_else(pair.page, table, pair.one)


def _items(node: Node, beside: Node) -> Iterator[Node]:
    return (each for each in islice(node.around_less(beside), FARTHEST) if each.tag in _ITEMS)


def is_for_machines(pair: CaptionPair) -> bool:
    """Whether the copy has a name in the page's data (microdata, RDFa) that what stays has not."""
    mine, theirs = ({*_data_names(*both)} for both in pair.both_ways[::-1])
    return not mine <= theirs


def _data_names(node: Node, beside: Node) -> Iterator[str]:
    """The names of an element, and of what is around it that says no more: who holds it says it, too."""
    for each in node.around_less(beside):
        names = [name for attribute in ("itemprop", "property") if (name := each.get(attribute))]
        if names and each is not node and visible_text(each) != visible_text(node):
            break
        yield from names


def has_own_link(pair: CaptionPair) -> bool:
    """Whether the copy holds a link that what stays does not."""
    return bool(_links(pair.other) - _links(pair.one))


def has_own_meaning(pair: CaptionPair) -> bool:
    """Whether the copy's markup says what that of what stays does not."""
    return bool(meanings(pair.other) - meanings(pair.one))


def says_more(pair: CaptionPair) -> bool:
    """Whether the copy has words, as a credit or a number, that neither what stays has nor what stands beside that."""
    if pair.how != DRESSED or holds(visible_text(pair.one), pair.duplicate.caption.text):
        return False
    if pair.kept.core != pair.duplicate.core:
        return True  # it goes on where what stays ends
    near = next((each for each in pair.one.around_less(pair.other) if content(pair.page, each)), pair.one.parent)
    said = pair.duplicate.caption.text
    there = letters(visible_text(near)) if near is not None else ""
    if near is not None and pair.other.inside(near):
        there = there.replace(letters(said), "", 1)
    dressing = letters(said).replace(pair.duplicate.core, "", 1)
    bare = letters(without_credit(said))
    return dressing not in there and not (bare in there and letters(said)[len(bare) :] in there)


def is_parted(pair: CaptionPair) -> bool:
    """Whether something that is no picture stands between two texts; with no picture at all, anything does."""
    if pair.is_enlarged or is_by_width(pair) or pair.has_picture_between:
        return False
    pictureless = not any(pair.pictures)
    if pictureless and is_refrain(pair):
        return True
    return content_between(pair.one, pair.other, pair.page.roles, anything=pictureless)


def is_in_own_part(pair: CaptionPair) -> bool:
    """Whether the copy stands in a closed part of the page that says something of its own."""
    if pair.closed is None or not pair.is_enlarged:
        return False
    return any(core_of(text.text) != pair.duplicate.core for text in own_texts(pair.page, pair.closed.box))


def is_on_another_tab(pair: CaptionPair) -> bool:
    """Whether the copy stands on a tab that does not hold what stays: who turns to it sees that alone."""
    return any(
        each.get("role") == "tabpanel" or "tab-pane" in each.get("class").split()
        for each in pair.other.around_less(pair.one)
    )


def is_kept_from_some(pair: CaptionPair) -> bool:
    """Whether something keeps what stays from some who get the copy, and nothing can take it off."""
    return isinstance(pair.lifted, Barrier)


def may_be_kept_from_some(pair: CaptionPair) -> bool:
    """Whether a class of the site's own shows what stays on some screens only, which no edit can change."""
    return bool(words_for_screens(pair.page, pair.one, pair.other))


def shows_others(pair: CaptionPair) -> bool:
    """Whether each of the two has pictures of its own, and none is the same."""
    mine, theirs = pair.pictures
    return bool(mine) and bool(theirs) and pair.identity is None and not pair.names_no_file


def has_picture_each(pair: CaptionPair) -> bool:
    """Whether two captions in a row stand behind two pictures in a row, each of which may have its own."""
    first = pair.in_order[0]
    blocks = pair.page.texts.body_blocks[max(first.order - 2, 0) : first.order]
    pictures = [block for block in blocks if isinstance(block, Picture) and not block.is_icon]
    if len(pictures) < len(blocks) or len(pictures) < _ROW or pair.are_apart or pair.closed is not None:
        return False
    figures = {picture.node.nearest("figure") for picture in pictures}
    return figures == {None} and identity(pair.page, *pictures) is None


def may_be_one_file(pair: CaptionPair) -> bool:
    """Whether the copy is in a closed dialog, or one opened from its picture, by a file that names do not join."""
    if not (shows_others(pair) and pair.is_enlarged and pair.kept.is_marked and pair.size >= MEDIUM):
        return False
    return (pair.closed is not None and pair.closed.is_dialog) or _is_opened(pair)


def _is_opened(pair: CaptionPair) -> bool:
    """Whether what stands by the picture of what stays opens the copy's box, which shows one picture."""
    if pair.closed is None or pair.size < MEDIUM or len(pair.pictures[1]) != 1:
        return False
    near = next((each for each in pair.one.around_less(pair.other) if content(pair.page, each)), None)
    return near is not None and any(opener.inside(near) for opener in pair.opened_by)


def _links(node: Node) -> set[str]:
    return {each.get("href") for each in node.all_below if each.tag == "a"} - {"", "#"}
