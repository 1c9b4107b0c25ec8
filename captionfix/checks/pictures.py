"""What joins two elements that show one picture, and what would be lost with one of them."""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import NamedTuple

from captionfix.beside import PixelRelation
from captionfix.checks.picture_pairs import PROSE, PicturePair
from captionfix.layout.articles import article_of
from captionfix.layout.blocks import TextBlock, has_visible_text, visible_text
from captionfix.layout.closed import closed, is_closed_by_itself
from captionfix.layout.copies import (
    goes_alone,
    is_usable_after,
    keeps_links,
    links_to_file,
    says_no_more,
    tells_more,
    whole_element,
)
from captionfix.layout.elements import side_by_side
from captionfix.layout.identity import file_name
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import HIDDEN
from captionfix.layout.sizes import is_another_crop
from captionfix.layout.texts import OWN, own_texts
from captionfix.model import Node
from captionfix.text import effective_length, fold, holds, letters

_LEAST_TEXT = 20
"""Letters of a text of a closed box's own; what has fewer is a button or a number."""
_ASKING = ("form", "input", "select", "textarea")


class _Kin(NamedTuple):
    """The boxes with pictures that are of the kind of one, those that may be open, those with pictures of their own."""

    all: set[Node]
    may_be_open: list[Node]
    own: list[Node]


_SHOWN_ONLY_IN: Question[Node, list[set[str]]] = Question()
_KIN: Question[tuple[Node, str, str], _Kin] = Question()
_MANY = 2
"""Pictures that make a list of pictures."""
_TEXTS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table")
_FEATURED = re.compile(
    r"(?<!\S)(?:wp-post-image|(?:wp-block-)?post-(?:featured-image|thumbnail)|featured-(?:image|media)|"
    r"gh-(?:article|post)-image|post-full-image|gh-feature-image|(?:field-name-)?field-(?:image|lead-image))(?!\S)"
)
"""How WordPress and its own themes, Ghost's and Drupal call what a template shows above the text."""
_FEATURED_LEVELS = 2
_OF_CARD = ("h1", "h2", "h3", "h4", "h5", "h6", "a", "button")
_POSITION = re.compile(r"position\s*:\s*(?:absolute|fixed)", re.IGNORECASE)


def does_more(pair: PicturePair) -> bool:
    """Whether the copy does more than show, and what stays does not: an image map, a click, a purpose of its own."""
    return not goes_alone(pair.page, pair.duplicate, pair.kept)


def has_own_link(pair: PicturePair) -> bool:
    """Whether the copy leads to something that what stays does not lead to."""
    return not keeps_links(pair.page, pair.duplicate, pair.kept)


def is_not_loaded(pair: PicturePair) -> bool:
    """Whether what stays would not show the picture where the copy did."""
    return not is_usable_after(pair.kept, pair.duplicate, pair.carried)


def differs(pair: PicturePair) -> bool:
    """Whether the copy says something of the picture that what stays does not, or shows another crop."""
    return not says_no_more(pair.duplicate, pair.kept) or is_another_crop(pair.duplicate, pair.kept)


def is_captioned_alone(pair: PicturePair) -> bool:
    """Whether the copy has a caption, and what stays has none, or another that does not say the same."""
    page = pair.page
    if not _is_captioned(page, pair.duplicate):
        return False
    mine, theirs = pair.own_captions
    if not _is_captioned(page, pair.kept):
        return True
    return bool(mine and theirs) and not any(each in other for each in theirs for other in mine)


def _is_captioned(page: Page, picture: Picture) -> bool:
    return (
        next(page.near.captions(picture, page.near.scope(picture), lambda caption: caption.is_marked), None) is not None
    )


# Closed boxes


def is_for_machines(pair: PicturePair) -> bool:
    """Whether the copy, or a part of the box around it, is data for machines, or the panel of a tab."""
    return any(each.carries("itemprop") or each.get("role") == "tabpanel" for each in pair.other.around_less(pair.one))


def is_slide(pair: PicturePair) -> bool:
    """Whether a closed box that nothing calls a dialog is one of several of a kind, of which not all shows at once.

    Several closed boxes of which each shows what stands outside of them are enlargements.
    """
    if pair.closed is None or pair.closed.is_dialog or (above := pair.closed.box.parent) is None:
        return False
    page, box = pair.page, pair.closed.box
    known, kind = page.answers(_KIN), (above, box.tag, box.get("class"))
    if kind not in known:
        known[kind] = _kin(page, box, above)
    kin = known[kind]
    if any(kid is not box for kid in kin.own) or pair.one in kin.all or pair.one.below(kin.all) is not None:
        return True  # what stays stands in one of them
    return any(kid is not box and closed(page, kid, pair.one) is None for kid in kin.may_be_open)


def _kin(page: Page, box: Node, above: Node) -> _Kin:
    names = {*box.get("class").split()}
    kin = [kid for kid in above.elements if kid.tag == box.tag and names & {*kid.get("class").split()}]
    kin = [kid for kid in kin if kid is box or page.pictures.content_in(kid)]
    spans, places = [page.pictures.span(each) for each in kin], page.pictures.whereabouts(_names_shown)
    own = [
        kid
        for kid in kin
        if not all(places.is_outside(_names(shown), *spans) for shown in page.pictures.content_in(kid))
    ]
    return _Kin({*kin}, [kid for kid in kin if not is_closed_by_itself(page, kid)], own)


def is_in_own_part(pair: PicturePair) -> bool:
    """Whether the copy's closed box shows a picture, says or asks something of its own.

    A dialog may show more, if it shows the very file; a picture by another name stands there with nothing but copies.
    """
    if pair.closed is None:
        return False
    page, box = pair.page, pair.closed.box
    is_word = not pair.closed.is_sure and not pair.opener
    has_button = page.tree.search("button", inside=box)
    if page.tree.search(*_ASKING, inside=box) or own_texts(
        page, box, _LEAST_TEXT if is_word and not has_button else OWN, heads=is_word
    ):
        return True
    if pair.closed.is_dialog and (pair.is_one_file or _is_alone_in_dialog(pair)):
        return False
    if shows_more_pictures(pair):
        return True
    return not pair.closed.is_dialog and any(
        effective_length(block.letters) >= _LEAST_TEXT and not block.is_marked
        for block in page.texts.blocks(box)
        if isinstance(block, TextBlock)
    )


def shows_more_pictures(pair: PicturePair) -> bool:
    """Whether the copy's closed box shows pictures that do not stand outside of it."""
    if pair.closed is None:
        return False
    own = _names(pair.duplicate)
    return any(own.isdisjoint(names) for names in _shown_only_in(pair.page, pair.closed.box))


def _shown_only_in(page: Page, box: Node) -> list[set[str]]:
    """What the pictures of a box are called that do not stand outside of it."""
    known = page.answers(_SHOWN_ONLY_IN)
    if box not in known:
        shown, span = page.pictures.whereabouts(_names_shown), page.pictures.span(box)
        inside = map(_names, page.pictures.content_in(box))
        known[box] = [names for names in inside if not shown.is_outside(names, span)]
    return known[box]


def _is_alone_in_dialog(pair: PicturePair) -> bool:
    """Whether a part of a dialog shows the copy and no other picture."""
    page, box = pair.page, pair.closed.box if pair.closed is not None else pair.other
    inside = (picture for picture in page.pictures.content_in(box) if picture is not pair.duplicate)
    return all(picture.loose_key == pair.duplicate.loose_key for picture in inside)


def _names_shown(picture: Picture) -> set[str]:
    """The same of what is no icon, and no copy in noscript."""
    return set() if picture.noscript is not None or picture.is_icon else _names(picture)


def _live_key(picture: Picture) -> tuple[str, ...]:
    return (picture.loose_key,) if picture.noscript is None else ()


def _names(picture: Picture) -> set[str]:
    name = file_name(picture.key)
    return {picture.key, picture.loose_key, *([name] if effective_length(letters(name)) >= _LEAST_NAME else ())} - {""}


_LEAST_NAME = 12
"""Letters of a file's name that many pictures of one site do not share (caption-rules study)."""


def is_unproven(pair: PicturePair) -> bool:
    """Whether only names that may be those of two pictures join the two."""
    return not pair.is_proven


def is_in_gallery(pair: PicturePair) -> bool:
    """Whether the copy and another picture in its box lead to their files, and so open a dialog."""
    if pair.closed is None or not pair.closed.is_dialog or not links_to_file(pair.duplicate):
        return False
    return any(
        links_to_file(other) for other in pair.page.pictures.content_in(pair.closed.box) if other is not pair.duplicate
    )


# Two places of one article


def is_hidden_apart(pair: PicturePair) -> bool:
    """Whether what would go stands in a part that is hidden, or that something by what stays opens."""
    outside = (each for each in pair.element.around_less(pair.one) if each is not pair.element)
    return bool(pair.opener) or any(HIDDEN in pair.page.roles.of(each) for each in outside)


def holds_data(pair: PicturePair) -> bool:
    """Whether the copy's figure holds data for machines, as a licence, that of what stays lacks."""
    here, there = pair.figures
    return here is not None and there is not None and tells_more(pair.page, there, here)


def figures_differ(pair: PicturePair) -> bool:
    """Whether two figures differ in words, in shape or in data."""
    return differs(pair) or holds_data(pair)


def are_parted(pair: PicturePair) -> bool:
    """Whether each of the two may belong to what stands around it."""
    return pair.are_parted


def is_of_card(pair: PicturePair) -> bool:
    """Whether the copy, the later one, stands in a small box with a text, a link or a button of its own: a teaser's."""
    page, last = pair.page, pair.duplicate
    box = _box(page, last).parent
    if last is pair.in_order[0] or box is None or pair.one.inside(box) or has_prose(page, box):
        return False
    own = page.tree.search(*_OF_CARD, inside=box)
    said = (block for block in page.texts.blocks(box) if isinstance(block, TextBlock) and not block.is_marked)
    return any(each is not last.link and (each.tag != "a" or each.get("href")) for each in own) or any(
        bool(block.letters) for block in said
    )


def has_own_caption(pair: PicturePair) -> bool:
    """Whether the copy has a caption, and its figure does not go with it."""
    return bool(pair.own_captions[1]) and pair.element is not pair.figures[1]


def is_of_list(pair: PicturePair) -> bool:
    """Whether one of the two stands in a list of pictures that an article shows, and the other in the article.

    The article's stay, whatever the list is for: text was written around them.
    """
    return any(_is_list_of(pair.page, here, there) for here, there in ((pair.one, pair.other), (pair.other, pair.one)))


def _is_list_of(page: Page, node: Node, other: Node) -> bool:
    """Whether the largest part around a picture without prose shows several, and all stand where another does."""
    below = takewhile(lambda each: each is not None and not has_prose(page, each), node.around_less(other))
    part = next(reversed([*below]), None)
    inside = page.pictures.content_in(part) if part is not None else []
    if part is None or len(inside) < _MANY:
        return False
    places = page.pictures.whereabouts(_live_key)
    return all(places.is_outside((picture.loose_key,), page.pictures.span(part)) for picture in inside)


def has_prose(page: Page, node: Node) -> bool:
    """Return whether an element holds a paragraph of some length that is no caption."""
    return any(
        effective_length(letters(fold(each.raw_text()))) >= PROSE and not page.reader.marks(each)
        for each in page.tree.search("p", inside=node)
    )


def holds_more(pair: PicturePair) -> bool:
    """Whether the pixels show the copy to hold more than what stays."""
    verdict = pair.verdict
    return verdict is not None and verdict.relation is PixelRelation.PART and verdict.shares[0] >= verdict.shares[1]


def is_part(pair: PicturePair) -> bool:
    """Whether the pixels show the copy to be a part of what stays."""
    return pair.verdict is not None and pair.verdict.relation is PixelRelation.PART


def is_uncertain(pair: PicturePair) -> bool:
    """Whether neither pixels nor the place of the lead say that the copy repeats, or it says more."""
    return not _is_certain(pair) or _is_more(pair)


def _is_certain(pair: PicturePair) -> bool:
    """Whether pixels do, or the place of the lead, by one file in one shape.

    The copy has no caption; what stays has one, a template has put it there, or the two stand in a row.
    """
    if pair.verdict is not None:
        return True
    mine, theirs = pair.own_captions
    if not pair.has_lead or theirs or pair.is_in_gallery or is_another_crop(pair.duplicate, pair.kept):
        return False
    if mine:
        return True
    if pair.are_variants or has_visible_text(_box(pair.page, pair.duplicate)):
        return False
    return _is_featured(pair.kept) or _is_by_headline(pair) or pair.are_in_a_row


def _is_by_headline(pair: PicturePair) -> bool:
    """Whether the lead stands by the article's headline, in a box of another kind than the copy's."""
    parts, article = side_by_side(pair.one, pair.other), article_of(pair.page, pair.one)
    if parts is None or article is None or not pair.page.tree.search("h1", inside=article):
        return False
    lead, text = parts if pair.in_order[0] is pair.kept else parts[::-1]
    return lead.tag != "p" and (lead.tag, lead.get("class")) != (text.tag, text.get("class"))


def _is_featured(picture: Picture) -> bool:
    """Whether a template, and no author, has put a picture above the text."""
    chain = (picture.node, *islice(picture.node.ancestors, _FEATURED_LEVELS))
    return any(_FEATURED.search(each.get("class")) for each in chain)


def _is_more(pair: PicturePair) -> bool:
    """Whether a copy says more than what stays, in words beside it too, or is the ground that something stands on."""
    page, duplicate = pair.page, pair.duplicate
    if not says_no_more(duplicate, pair.kept) or _POSITION.search(whole_element(duplicate).get("style")):
        return True
    said = visible_text(_box(page, duplicate))
    figure = pair.figures[0]
    return bool(said) and not holds(visible_text(figure if figure is not None else _box(page, pair.kept)), said)


def _box(page: Page, picture: Picture) -> Node:
    """The largest element around a picture that holds neither another nor headlines or paragraphs."""
    box = whole_element(picture)
    for each in box.ancestors:
        if each.tag in _TEXTS or len(page.pictures.pictures_in(each)) > 1 or page.tree.search(*_TEXTS, inside=each):
            break
        box = each
    return box
