"""Attributes that speak of a picture, and the caption that says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from captionfix.layout.accessible import NAMED, NAMED_ROLES
from captionfix.layout.blocks import TextBlock, has_visible_text, visible_text
from captionfix.layout.neighbourhood import FARTHEST, SCOPE_TEXT, Near
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.page_texts import longer_words
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import CAPTION, CREDIT
from captionfix.layout.visibility import ARIA_HIDDEN, Barrier, barriers, unheard, unseen
from captionfix.markup.stylesheets import PAPER
from captionfix.model import Action, Evidence, Node
from captionfix.pictures.urls import is_picture_file
from captionfix.settings import Settings
from captionfix.text import attribute_text, effective_length, holds, is_figure_number, letters, without_credit

_LEAST = 6
"""Letters; below, a word stands in a caption by chance."""
_LEAST_CHARACTERS = 3
_LEVELS_BEYOND = 2
"""How many levels above the nearest text a caption may stand, its figure aside: a credit often comes between."""
_LEAST_ALONE = 20
"""Letters from which an unmarked text that equals the attribute is its caption without a close neighbourhood."""
_TERMS = frozenset(("dt", "th"))
"""What names what stands beside it; Plone puts a picture into the one, and its caption, marked, into the other."""
_CAPTIONS: Question[tuple[Picture, str], tuple[Near, ...]] = Question()
"""Which captions of a picture say what an attribute's letters say."""
_SHOWN = 60
"""Characters of an attribute in a message."""
_WHERE = {
    "marked": "marked caption of the picture",
    "figure": "text in the picture's figure",
    "beside": "text directly beside the picture",
}


def captions_that_say(page: Page, picture: Picture, value: str) -> tuple[Near, ...]:
    """Return the captions of a picture that say what an attribute says: one that everybody gets, if there is one.

    Args:
        page: the page.
        picture: the picture the attribute speaks of.
        value: the attribute's value.
    """
    if len(value) < _LEAST_CHARACTERS:
        return ()
    said, part = page.normalised(value)
    if effective_length(part) < _LEAST or _is_slug(said):
        return ()
    known = page.answers(_CAPTIONS)
    if (picture, part) not in known:
        known[picture, part] = _find(page, picture, said, part)
    return known[picture, part]


def _find(page: Page, picture: Picture, said: str, part: str) -> tuple[Near, ...]:
    only_marked = _is_teaser(page, picture)
    if only_marked and not page.texts.caption_elements:
        return ()
    if only_marked and not (
        page.texts.may_be_marked_as(longer_words(said))
        and page.near.may_be_marked(picture, _LEVELS_BEYOND, _enough(said))
    ):
        return ()
    within = _where_it_may_stand(page, picture, said, [*longer_words(said)])
    if within is None:
        return ()
    found: list[Near] = []
    for place in dict.fromkeys((within, page.near.scope(picture))):
        if only_marked and not page.texts.has_caption_element(place):
            continue
        told = None
        for told in page.near.captions(picture, place, lambda caption: part in caption.letters):
            if _counts(page, told, part, said, only_marked=only_marked) and not _is_others(page, picture, told):
                if not barriers(page, told.caption.node, picture.node):
                    return (told,)
                found.append(told)
        if told is not None:
            break
    return tuple(found)


def reaches(
    page: Page, picture: Picture, captions: Sequence[Near], *, sight: bool = False
) -> tuple[Action, ...] | None:
    """Return what has to be lifted so that all who get a picture get one of its captions; None where nothing would do.

    Screen readers pass a caption by, or somebody must open it first. Only ``aria-hidden`` on a caption is lifted.

    Args:
        page: the page.
        picture: the picture.
        captions: those of its captions that say the same.
        sight: whether readers are to see it, too.
    """
    missed = page.sheets.screens
    for near in captions:
        node = near.caption.node
        mine, theirs = barriers(page, node, picture.node), barriers(page, picture.node, node)
        missing = unheard(mine) - unheard(theirs)
        if sight:
            missing |= unseen(mine) - unseen(theirs) - {PAPER}
        missed &= missing
        if missing and (lifted := _unmuted(page, mine)):
            return lifted
    return None if missed else ()


def is_passed_by(captions: Iterable[TextBlock], settings: Settings) -> bool:
    """Return whether the extractor that the page is cleaned for prints none of some captions; readers get all."""
    profile = settings.profile
    return profile is not None and not any(profile.prints_text_of(caption.node) for caption in captions)


def _unmuted(page: Page, found: Sequence[Barrier]) -> tuple[Action, ...]:
    """What makes a caption heard that ``aria-hidden`` alone keeps from screen readers; none where more does."""
    is_caption = (each.says == ARIA_HIDDEN and page.reader.marks(each.node) for each in found)
    return tuple(action for each in found for action in each.lift or ()) if all(is_caption) else ()


def _is_others(page: Page, picture: Picture, near: Near) -> bool:
    """Whether a caption stands in what another picture has for itself: its figure, its cell, its box."""
    for around in (near.caption.node, *near.caption.node.ancestors):
        if page.pictures.holds(around, picture):
            return False
        if page.pictures.content_in(around):
            return True
    return False


def is_name(page: Page, picture: Picture, near: Near) -> bool:
    """Return whether what a picture says is the name of something else, which has no other.

    It is all that a heading or the legend of a form holds, or a term or a table's
    head by a text that no markup calls a caption, it stands in what is an image
    or a control as a whole, or another element names it as its label.

    Args:
        page: the page.
        picture: the picture.
        near: the caption that says the same.
    """
    node = picture.node
    if page.is_label(node) or node.get("role") in NAMED_ROLES:
        return True
    named = NAMED if near.where == "marked" else NAMED | _TERMS
    return any(
        (around.tag in named or around.get("role") in NAMED_ROLES or around.get("role") == "img")
        and not has_visible_text(around)
        for around in islice(node.ancestors, FARTHEST)
    )


def _is_slug(text: str) -> bool:
    """Whether a text is a name for files or addresses, made of words without a blank between them.

    >>> _is_slug("broad-beans-in-flower"), _is_slug("IMG_4471.JPG"), _is_slug("Winter-Regatta"), _is_slug("T-shirt")
    (True, True, False, False)
    """
    return " " not in text and text.isascii() and (text.count("-") + text.count("_") > 1 or is_picture_file(text))


def _counts(page: Page, near: Near, part: str, said: str, *, only_marked: bool) -> bool:
    """Whether a text that holds what an attribute says is the picture's caption, and says little else."""
    whole, text = near.caption.letters, near.caption.text
    if 2 * len(part) < len(whole) and 2 * len(part) < len(letters(without_credit(text))):
        return False
    if is_figure_number(text) or not holds(text, said):
        return False
    if near.where == "marked":
        return 2 * len(part) >= _core(page, near.caption)
    if only_marked or (near.where == "beside" and near.caption.linked):
        return False  # a headline that leads to an article names what the picture is a teaser of
    return near.where == "figure" or near.close or (part == whole and len(part) >= _LEAST_ALONE)


def _core(page: Page, caption: TextBlock) -> int:
    """How many letters the whole caption has that a text is a part of, less the credit behind it."""
    holder = caption.node
    while holder.parent is not None and page.reader.marks(holder.parent):
        holder = holder.parent
    if holder is caption.node:
        return 0
    named = (each for each in holder.all_below if {*page.roles.of(each)} & {CREDIT, CAPTION} == {CREDIT})
    bylines = sum(len(letters(visible_text(each))) for each in named)
    return len(letters(without_credit(visible_text(holder)))) - bylines


def _is_teaser(page: Page, picture: Picture) -> bool:
    """Whether only a text that the markup calls a caption is one: the picture is small, apart, or leads elsewhere."""
    return picture.is_icon or page.near.leads_elsewhere(picture.link, picture) or page.is_boilerplate(picture.node)


def _enough(text: str) -> int:
    """How many characters a caption has more than that says little more than an attribute."""
    return (len(text) - 1) // 2


def _where_it_may_stand(page: Page, picture: Picture, text: str, words: Sequence[str]) -> Node | None:
    """The smallest element around a picture in which a text may stand that is its caption."""
    least, nearest = _enough(text), None
    above = islice(picture.node.ancestors, FARTHEST)
    for nearest in above:
        if page.texts.has_more_than(nearest, least):
            break
    else:
        return None
    if page.texts.may_say(nearest, words):
        return nearest
    for around in islice(above, _LEVELS_BEYOND):
        if len(page.texts.raw_text(around)) > SCOPE_TEXT:
            break
        if page.texts.may_say(around, words):
            return around
    figure = page.near.figure(picture)
    return figure if figure is not None and page.texts.may_say(figure, words) else None


def evidence(near: Near, value: str) -> tuple[Evidence, ...]:
    """Return what joins an attribute and a caption."""
    part = letters(attribute_text(value))
    share = round(len(part) / len(near.caption.letters), 2)
    return (
        Evidence("text", "contained in the caption, share of it", share),
        Evidence("markup", _WHERE[near.where]),
    )


def shortened(value: str) -> str:
    """Return an attribute's text, cut for a message.

    >>> shortened("Boats &amp; men")
    'Boats & men'
    """
    text = attribute_text(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
