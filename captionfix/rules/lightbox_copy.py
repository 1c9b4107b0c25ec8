"""The picture of an article once more in its own closed lightbox, dialog or zoom pane.

**Why it is bad.** The dialog opens by a script; without it, extractors and
readers print the picture a second time, mostly at the end of the article.

**Example.**

    <figure><img src="boat.jpg"><figcaption>Boats</figcaption></figure>
    …
    <div class="lightbox" hidden><img src="boat.jpg"></div>

The copy in the lightbox goes, with its figure where that only says the same. What it knew and
the article's picture lacks (``alt``, ``srcset``) moves over; a larger file goes into
its ``src``, and what it showed into ``srcset``, so that the page looks as before.

**What counts as a copy.** One copy stands in an element that is a dialog by
its name, role or class, the other outside of any; the one outside is content;
and one of these:

* the same URL, sizes aside; what hides the copy may then also be any closed box
  (``hidden``, ``aria-hidden``) that shows no picture but those of the article, and
  says little besides their captions;
* the copy is the dialog's only picture, the one outside opens that very
  dialog (``data-target="#box"``, ``href="#box"``), and their file names, sizes
  and hashes aside, or their ``alt`` agree;
* the copy is the dialog's only picture, the two stand near each other, and
  both file name and ``alt`` agree. Names agree, too, that are equal but for a
  width or a word for a size behind them (``lock.jpg``, ``lock_small.jpg``).

**Safety.** Safe where the copy outside has a caption or the one inside has
none; for review where only the one in the dialog is captioned, where that one and
another are linked to their files, as in a gallery that only opens a dialog, or where the
two have an ``alt`` that says something else, where the shapes of the two tell
of another crop or the names of neighbours in a series, and where a size behind
the names is not borne out by an equal ``alt``, an equal caption or the pixels. An image map, or a
copy with a description on another page, stays. A mere thumbnail outside of the
dialog is not the article's picture.

For review, too, where somebody may open the box: everybody, if it needs no script (a popover, a button with
``commandfor``, ``:target`` in the page's own style sheet, a check box with its label, ``details``), or a script of
the page that can still run and names the box or its opener. The finding then names the script; the setting
``scripts`` says whether to look for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from captionfix.layout.blocks import Caption
from captionfix.layout.copies import (
    figure_or_element,
    goes_alone,
    handed_on,
    is_usable_after,
    keeps_links,
    links_to_file,
    says_no_more,
)
from captionfix.layout.dialogs import enlarged
from captionfix.layout.page import Page, same_picture
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG, HIDDEN
from captionfix.layout.sizes import is_another_crop
from captionfix.model import Evidence, Node, Remove, Repeat
from captionfix.pictures.urls import width_hint
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import weight

CODE = "CF203"
_IN_DIALOG = Evidence("markup", "the copy stands in a dialog")
_IN_BOX = Evidence("markup", "the copy stands in a closed box that holds nothing but copies")
_ROOTS = ("body", "html", "main", "article")
_LEAST_TEXT = 20
"""Letters of a text of a closed box's own; what has fewer is a button or a number."""
_THUMBNAIL = 150
"""Pixels; WordPress's default for thumbnails. What names only such files is no article's picture."""


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield pictures in dialogs whose article shows them."""
    told: set[Picture] = set()
    for copies in page.copies:
        boxed = [picture for picture in copies if not picture.small and DIALOG in page.roles.around(picture.node)]
        shown = [picture for picture in copies if picture not in boxed and _is_shown(page, picture)] if boxed else []
        for copy in boxed if shown else ():
            if same_picture(copy, shown[0]):
                told.add(copy)
                yield from _repeats(page, shown[0], copy, (_file(copy), _IN_DIALOG))
        if not boxed:
            yield from _in_closed_box(page, copies)
    for pair in enlarged(page):
        if pair.copy not in told and _is_shown(page, pair.picture):
            yield from _repeats(page, pair.picture, pair.copy, (*pair.evidence, _IN_DIALOG), is_sure=pair.is_sure)


def _file(copy: Picture) -> Evidence:
    return Evidence("url", "the same file", copy.key)


def _in_closed_box(page: Page, copies: Sequence[Picture]) -> Iterator[Repeat]:
    """Yield the copies that stand in a closed box of no name, which holds copies of the article's pictures only."""
    hidden = [picture for picture in copies if not picture.small and HIDDEN in page.roles.around(picture.node)]
    shown = [picture for picture in copies if picture not in hidden and _is_shown(page, picture)] if hidden else []
    for copy in hidden if shown else ():
        box = _closed_box(page, copy)
        if box is not None and same_picture(copy, shown[0]) and _shows_copies_only(page, box):
            yield from _repeats(page, shown[0], copy, (_file(copy), _IN_BOX))


def _closed_box(page: Page, copy: Picture) -> Node | None:
    """The outermost hidden element around a picture; none where the picture or a part of it is data for machines."""
    box = None
    for around in copy.node.ancestors:
        if "itemprop" in around.attributes or around.get("role") == "tabpanel":
            return None
        if HIDDEN in page.roles.of(around) and around.tag not in _ROOTS:
            box = around
    return None if box is None or _is_slide(page, box) else box


def _is_slide(page: Page, box: Node) -> bool:
    """Whether a box is one of several of a kind that show pictures: of a gallery, not all shows at once."""
    names = set(box.get("class").split())
    return box.parent is not None and any(
        kid is not box and kid.tag == box.tag and names & set(kid.get("class").split()) and page.content_in(kid)
        for kid in box.parent.elements
    )


def _shows_copies_only(page: Page, box: Node) -> bool:
    """Whether all content pictures of a box stand outside of it too, and it has no text of its own."""
    inside = page.content_in(box)
    outside = {picture.key for picture in page.pictures if picture not in inside and _is_in_sight(page, picture)}
    return all(picture.key in outside for picture in inside) and all(
        block.marked or weight(block.letters) < _LEAST_TEXT for block in page.blocks(box) if isinstance(block, Caption)
    )


def _is_in_sight(page: Page, picture: Picture) -> bool:
    return picture.noscript is None and {HIDDEN, DIALOG}.isdisjoint(page.roles.around(picture.node))


def _is_shown(page: Page, picture: Picture) -> bool:
    if page.is_apart(picture.node) or page.leads_elsewhere(picture.link, picture):
        return False
    widths = [width_hint(url) for _, url in picture.urls]
    return not (widths and all(0 < width <= _THUMBNAIL for width in widths))


def _is_in_gallery(page: Page, copy: Picture) -> bool:
    """Whether a copy and another picture beside it lead to their files, and so open the dialog."""
    box = page.roles.outermost(copy.node.ancestors, DIALOG) if links_to_file(copy) else None
    return box is not None and any(links_to_file(other) for other in page.content_in(box) if other is not copy)


def _repeats(
    page: Page, stays: Picture, copy: Picture, evidence: tuple[Evidence, ...], *, is_sure: bool = True
) -> Iterator[Repeat]:
    handed = tuple(handed_on(copy, stays))
    if (
        not goes_alone(page, copy, stays)
        or not keeps_links(page, copy, stays)
        or not is_usable_after(stays, copy, handed)
    ):
        return
    is_sure = is_sure and says_no_more(copy, stays) and not is_another_crop(copy, stays)
    safe = is_sure and not _is_in_gallery(page, copy) and (_is_captioned(page, stays) or not _is_captioned(page, copy))
    row = rate(CODE, "copy" if safe else "differs")
    yield Repeat(
        CODE,
        copy.node,
        stays.node,
        "the article's picture stands once more in a dialog",
        evidence,
        row.safety,
        (*handed, Remove(figure_or_element(page, stays, copy))),
        case=row.case,
    )


def _is_captioned(page: Page, picture: Picture) -> bool:
    return next(page.captions(picture, page.scope(picture), lambda caption: caption.marked), None) is not None
