"""Attributes that speak of a picture, and the caption that says the same."""

from __future__ import annotations

from captionfix.layout.page import Near, Page, longer_words
from captionfix.layout.pictures import Picture
from captionfix.model import Evidence
from captionfix.text import attribute_text, letters, weight

_LEAST = 6
"""Letters; below, a word stands in a caption by chance."""
_LEAST_CHARACTERS = 3
_LEAST_ALONE = 20
"""Letters from which an unmarked text that equals the attribute is its caption without a close neighbourhood."""
_WHERE = {
    "marked": "marked caption of the picture",
    "figure": "text in the picture's figure",
    "beside": "text directly beside the picture",
}


def caption_that_says(page: Page, picture: Picture, value: str) -> Near | None:
    """Return the caption of a picture that says what an attribute says, if there is one.

    Args:
        page: the page.
        picture: the picture the attribute speaks of.
        value: the attribute's value.
    """
    if len(value) < _LEAST_CHARACTERS:
        return None
    said = attribute_text(value)
    part = letters(said)
    if weight(part) < _LEAST or not _may_stand_near(page, picture, said):
        return None
    only_marked = _is_teaser(page, picture)
    if only_marked and not page.has_marked_near(picture):
        return None
    for near in page.captions(picture):
        whole = near.caption.letters
        if part not in whole or 2 * len(part) < len(whole):
            continue
        if near.where == "marked" or (
            not only_marked and (near.where == "figure" or near.close or (part == whole and len(part) >= _LEAST_ALONE))
        ):
            return near
    return None


def _is_teaser(page: Page, picture: Picture) -> bool:
    """Whether only a text that the markup calls a caption is one: the picture is small, apart, or leads elsewhere."""
    return picture.small or page.leads_elsewhere(picture.link, picture) or page.is_apart(picture.node)


def _may_stand_near(page: Page, picture: Picture, text: str) -> bool:
    words = longer_words(text)
    least = (len(text) - 1) // 2
    scope = page.scope(picture)
    if scope is not picture.node:
        if page.may_say(scope, words):
            return True
        if page.has_more_than(scope, least):
            figure = page.figure(picture)
            return figure is not None and page.may_say(figure, words)
    near = next((around for around in picture.node.ancestors if page.has_more_than(around, least)), None)
    return near is not None and page.may_say(near, words)


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
    return text if len(text) <= 60 else f"{text[:59]}…"
