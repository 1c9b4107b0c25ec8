"""A picture's ``alt`` says nothing that its visible caption does not say.

**Why it is bad.** Text extractors that print ``alt`` print the caption twice,
and screen readers read it twice. The HTML standard's mark for a picture whose
text is redundant with other information in the document is ``alt=""``.

**Example.**

    <figure><img src="boat.jpg" alt="Boats leave the harbour">
      <figcaption>Boats leave the harbour. Photo: A. Person</figcaption></figure>

becomes ``alt=""``; see ``--alt`` for other ways.

**What counts as saying it.** The letters of the ``alt`` stand in the caption
and make up at least half of it. An ``alt`` that adds a name or a credit
carries information and stays, and so does one that merely resembles the
caption.

**Safety.** Safe where the caption is marked as one, stands in the picture's
figure, or stands directly beside the picture in a small neighbourhood. Where
the caption itself is hidden from everybody, the finding is for review. Where the
picture is all that a link to something else holds, ``alt`` is that link's
name: it stays, and the finding is only shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.attributes import caption_that_says, evidence, shortened
from captionfix.layout.blocks import visible_text
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import is_unseen
from captionfix.model import Action, DropAttribute, Evidence, Node, Repeat, Safety, SetAttribute
from captionfix.settings import Settings

CODE = "CF102"


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield pictures whose ``alt`` their caption says."""
    for picture in page.pictures:
        near = caption_that_says(page, picture, picture.alt)
        if near is None:
            continue
        safety, why = _safety(page, picture, near.caption.node, settings)
        yield Repeat(
            CODE,
            picture.node,
            near.caption.node,
            f'alt "{shortened(picture.alt)}" only repeats the caption',
            (*evidence(near, picture.alt), *([Evidence("markup", why)] if why else [])),
            safety,
            (_action(picture, settings),) if safety is not Safety.SHOW else (),
        )


def _safety(page: Page, picture: Picture, caption: Node, settings: Settings) -> tuple[Safety, str]:
    if settings.alt == "keep":
        return Safety.SHOW, "alt is kept by the settings"
    link = picture.link
    if link is not None and settings.alt == "unlinked":
        return Safety.SHOW, "the picture is linked, and alt of linked pictures is kept by the settings"
    if _button(picture.node) or (page.leads_elsewhere(link, picture) and link is not None and not visible_text(link)):
        return Safety.SHOW, "alt is the name of the link or button around the picture"
    if is_unseen(caption):
        return Safety.REVIEW, "nobody sees or hears the caption"
    return Safety.SAFE, ""


def _button(node: Node) -> bool:
    return any(
        (around.tag == "button" or around.get("role") == "button") and not visible_text(around)
        for around in node.ancestors
    )


def _action(picture: Picture, settings: Settings) -> Action:
    if settings.alt == "drop":
        return DropAttribute(picture.node, "alt")
    return SetAttribute(picture.node, "alt", "")
