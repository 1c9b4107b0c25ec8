"""A picture's ``alt`` says nothing that its visible caption does not say.

**Why it is bad.** Text extractors that print ``alt`` print the caption twice,
and screen readers read it twice. The HTML standard's mark for a picture whose
text is redundant with other information in the document is ``alt=""``.

**Example.**

    <figure><img src="boat.jpg" alt="Boats leave the harbour">
      <figcaption>Boats leave the harbour. Photo: A. Person</figcaption></figure>

becomes ``alt=""``; see ``--alt`` for other ways. Where the picture's ``alt`` is all that names a link to its own
file, lightbox or attachment page, the caption names the link instead:

    <a href="boat.jpg"><img src="boat-300.jpg" alt="Boats leave the harbour"></a>
    <p class="caption">Boats leave the harbour</p>

becomes

    <a aria-labelledby="cap-boats-leave-the-harbour" href="boat.jpg"><img src="boat-300.jpg" alt=""></a>
    <p id="cap-boats-leave-the-harbour" class="caption">Boats leave the harbour</p>

Extractors do not print what an attribute points to; screen readers say it. A caption that has an ``id`` keeps it.

**What counts as saying it.** The letters of the ``alt`` stand in the caption
and make up at least half of it, all its parts together, a credit aside. A figure's
number ("Figure 1.") is no caption. An ``alt`` that adds a name or a credit
carries information and stays, and so does one that merely resembles the
caption.

**Safety.** Safe where the caption is marked as one, stands in the picture's
figure, or stands directly beside the picture in a small neighbourhood. Of several captions
that say it, one counts that all who get the picture get. Where
each is kept from some of them, be it by a class, in closed
``details`` or by the page's own style sheet, on screens of any width, the finding is for review; an ``aria-hidden``
that a caption alone carries is taken off it instead. What hides the picture and the caption
together keeps neither from anybody who gets the other. Where the
picture is all that a link to something else, a button, a heading or a legend
holds, or a term or a table's head beside a text that no markup calls a caption, or where
another element names it as its label, ``alt`` is their name: it stays, and the
finding is only shown. So it is where a link to the picture itself has no other name and its
caption cannot be pointed to: because it is bare text around the link, is not heard, or shares
its ``id`` with another element. An ``alt`` that a lightbox shows where its script can run (prettyPhoto's heading) is
only shown, too. Where the page is cleaned for an extractor (``--for``), nobody needs names, and
the finding is only shown where it is the caption that the extractor passes by. A caption in another
picture's own figure or box is that picture's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from captionfix.layout.attributes import captions_that_say, evidence, is_name, is_passed_by, reaches, shortened
from captionfix.layout.blocks import visible_text
from captionfix.layout.neighbourhood import Near
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import FOR_EARS
from captionfix.layout.titles import shown_alt
from captionfix.model import Action, DropAttribute, Evidence, Node, Proposal, Safety, SetAttribute
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length, letters

CODE = "CF102"
_LEAST_NAME = 30
"""Letters of a link's text that says more than how it opens or how many pictures it leads to."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield pictures whose ``alt`` their caption says."""
    for picture in page.pictures:
        captions = captions_that_say(page, picture, picture.alt)
        if not captions:
            continue
        lifted = reaches(page, picture, captions) if settings.profile is None else ()
        script = shown_alt(page, picture)
        case = _case(page, picture, captions, settings) or ("script" if script else "")
        case = case or ("unheard" if lifted is None else "caption")
        row = rate(CODE, case)
        told = (Evidence("markup", row.says, script if case == "script" else None),) if case != "caption" else ()
        yield Proposal(
            CODE,
            picture.node,
            captions[0].caption.node,
            f'alt "{shortened(picture.alt)}" only repeats the caption',
            (*evidence(captions[0], picture.alt), *told),
            row.safety,
            (_action(picture, settings), *(lifted or ())) if row.safety is not Safety.SHOW else (),
            case=row.case,
        )


def _case(page: Page, picture: Picture, captions: Sequence[Near], settings: Settings) -> str:
    """The first case of the table that holds, whoever gets the caption."""
    if settings.profile is not None:
        return (
            "kept"
            if settings.alt == "keep"
            else "unprinted"
            if is_passed_by((near.caption for near in captions), settings)
            else ""
        )
    link = picture.link
    names_link = link is not None and _names_link(page, picture, link, captions)
    for holds, case in (
        (settings.alt == "keep", "kept"),
        (settings.alt == "unlinked" and link is not None, "linked"),
        (names_link or "onclick" in picture.node.attributes or is_name(page, picture, captions[0]), "name"),
        ("usemap" in picture.node.attributes, "map"),
    ):
        if holds:
            return case
    return ""


def _names_link(page: Page, picture: Picture, link: Node, captions: Sequence[Near]) -> bool:
    """Whether the ``alt`` says where a link leads, and nothing else does: a badge does not."""
    if link.carries("aria-label", "aria-labelledby") or any(near.caption.node.inside(link) for near in captions):
        return False
    said = letters(visible_text(link))
    if _opens(link) or page.near.leads_elsewhere(link, picture):
        return effective_length(said) < _LEAST_NAME
    is_aside = any(not FOR_EARS.isdisjoint(each.get("class").split()) for each in link.all_below)
    return bool(said) and effective_length(said) < _LEAST_NAME and (is_aside or not any(map(str.isalpha, said)))


def _opens(link: Node) -> bool:
    """Whether a link leads to a part of its page, such as a dialog."""
    return len(link.get("href").strip()) > 1 and link.get("href").strip().startswith("#")


def _action(picture: Picture, settings: Settings) -> Action:
    if settings.alt == "drop":
        return DropAttribute(picture.node, "alt")
    return SetAttribute(picture.node, "alt", "")
