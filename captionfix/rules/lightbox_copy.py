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

**What counts as a copy.** One picture stands in a closed box, as seen from the other: in an element that is a
dialog by its name, role or class; that is hidden when the page opens, by ``hidden``, its own style, the page's own
style sheet or a class of the common libraries (``mfp-hide``); or that something by the other picture opens
(``data-target="box"``, a click that hands over the id or the strings it is made of). What opens a dialog is none,
whatever its class. A link within the page by itself opens nothing, nor does one of a row of thumbnails, or what only
says that it controls a box (``aria-controls``): such a box is a stage. The other picture is the
article's: no teaser, no mere thumbnail. And one of these:

* the same URL, sizes aside;
* what is by the one opens the box of the other, and their file names, sizes and hashes aside, their ``alt`` or
  their captions agree;
* file name and ``alt``, or file name and caption (twenty letters; twelve where the names are equal), both agree. Names
  agree, too, that are equal but for a width or a word for a size behind them (``lock.jpg``, ``lock_small.jpg``).

By another name the copy is the only picture of its dialog, or all of the box's pictures stand outside of it too. A box
that nothing calls a dialog may hold nothing but copies.

**Safety.** Safe where the copy outside has a caption or the one inside has
none; for review where only the one in the dialog is captioned, where that one and
another are linked to their files, as in a gallery that only opens a dialog, where the box shows pictures that do not
stand outside of it, or where the
two have an ``alt`` that says something else, where the shapes of the two tell
of another crop or the names of neighbours in a series, and where a size behind
the names is not borne out by an equal ``alt``, an equal caption or the pixels. Only shown is what holds something of
its own: an image map, a description on another page, a click, a link, a part of the page with other pictures or words,
a paragraph (forty letters) or a form in the box.

For review, too, where somebody may open the box: everybody, if it needs no script (a popover, a button with
``commandfor``, ``:target`` in the page's own style sheet, a check box with its label, ``details``), or a script of
the page that can still run and names the box or its opener. The finding then names the script; the setting
``scripts`` says whether to look for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from captionfix.checks.picture_pairs import PicturePair
from captionfix.layout.closed import may_be_closed
from captionfix.layout.identity import marks_of
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import BOILERPLATE
from captionfix.layout.sizes import LEAST_ALT
from captionfix.limits import spend
from captionfix.model import Evidence, Proposal, Remove, Safety
from captionfix.pictures.urls import width_hint
from captionfix.safety import FARTHEST_FIRST, Row, judge
from captionfix.settings import Settings
from captionfix.text import effective_length

CODE = "CF203"
_MESSAGE = "the article's picture stands once more in a dialog"
_IN_DIALOG = Evidence("markup", "the copy stands in a dialog")
_IN_BOX = Evidence("markup", "the copy stands in a closed box")
_THUMBNAIL = 150
"""Pixels; WordPress's default for thumbnails. What names only such files is no article's picture."""
_SIGN = 3
"""Places of a file that is hidden more often than an article, its slider and its enlargement show it: a spinner."""
_MOST = 8
"""Pictures with something in common with another that are compared with it; more are a series, or signs."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield pictures in closed boxes whose article shows them."""
    alike = _Alike(page)
    for duplicate in page.pictures.outside_noscript:
        others = alike.of(duplicate)
        if duplicate.is_icon or not (others or page.has_images) or not may_be_closed(page, duplicate.node):
            continue
        near = (*others, *(_opening(page, duplicate) if page.has_images else ()))
        pairs = [pair for kept in dict.fromkeys(near) if (pair := _pair(page, kept, duplicate)) is not None]
        rows = [(judge(CODE, pair), pair) for pair in pairs]
        if rows:
            yield _proposal(*min(rows, key=lambda each: FARTHEST_FIRST.index(each[0].safety)))


def _opening(page: Page, duplicate: Picture) -> Iterator[Picture]:
    """Yield the pictures by what opens something around another: their pixels may be the same, whatever their names."""
    for box in duplicate.node.ancestors:
        for opener in page.marks.opening(box.get("id")) if box.carries("id") else ():
            near = page.pictures.nearest_pictures(opener)
            yield from (
                picture for picture in near if picture is not duplicate and picture in page.pictures.content_in(opener)
            )
            yield from near[:1] if len(near) == 1 else ()


class _Alike:
    """The live pictures of a page, by the files, names and descriptions that they share."""

    def __init__(self, page: Page) -> None:
        self._marks = {picture: _marks(picture) for picture in page.pictures.outside_noscript if not picture.is_icon}
        self._by_mark: dict[str, list[Picture]] = {}
        self._by_file: dict[tuple[str, str], list[Picture]] = {}
        for picture, marks in self._marks.items():
            for mark in marks:
                self._by_mark.setdefault(mark, []).append(picture)
                self._by_file.setdefault((mark, picture.key), []).append(picture)

    def of(self, picture: Picture) -> list[Picture]:
        """The first of those that share something with a picture, the same file first."""
        marks = self._marks.get(picture, ())
        one_file = (other for mark in marks for other in self._by_file[mark, picture.key][: _MOST + 1])
        others = (other for mark in marks for other in self._by_mark[mark][: 2 * _MOST + 1])
        found = {other: None for other in (*one_file, *others) if other is not picture}
        spend(len(found))
        return sorted(found, key=lambda other: (other.key != picture.key, other.index))[:_MOST]


def _marks(picture: Picture) -> Sequence[str]:
    said = [f"alt {picture.alt_letters}"] if effective_length(picture.alt_letters) >= LEAST_ALT else []
    return [*said, *(mark for mark in sorted(marks_of(picture)) if mark)]


def _pair(page: Page, kept: Picture, duplicate: Picture) -> PicturePair | None:
    """Two pictures of which one is the article's, and the other the same in a closed box; None for all others."""
    pair = PicturePair(page, kept, duplicate)
    if not pair.is_enlarged or pair.closed is None or pair.closed.box is duplicate.node or not _is_shown(pair):
        return None  # what hides by itself is no box
    if pair.is_one_file:
        return None if not pair.closed.is_dialog and len(page.pictures.places[duplicate.key]) > _SIGN else pair
    kinds = {piece.kind for piece in pair.agreements}
    if not (kinds if pair.opener else "url" in kinds and len(kinds) > 1):
        return None
    return pair


def _is_shown(pair: PicturePair) -> bool:
    """Whether what stays is the article's: no teaser beside the box, no link to another page, no thumbnail."""
    page, picture = pair.page, pair.kept
    if any(BOILERPLATE in page.roles.of(each) for each in pair.one.around_less(pair.other)):
        return False
    if page.near.leads_elsewhere(picture.link, picture):
        return False
    widths = [width_hint(url) for _, url in picture.urls]
    return not (widths and all(0 < width <= _THUMBNAIL for width in widths))


def _proposal(row: Row, pair: PicturePair) -> Proposal:
    told = (Evidence("markup", "opens the dialog of the copy", pair.opener),) if pair.opener else ()
    where = _IN_DIALOG if pair.closed is not None and pair.closed.is_dialog else _IN_BOX
    why = () if row.case == "copy" else (row.evidence,)
    evidence = (*told, *pair.agreements, where, *why)
    actions = () if row.safety is Safety.SHOW else (*pair.carried, Remove(pair.element))
    return Proposal(CODE, pair.other, pair.one, _MESSAGE, evidence, row.safety, actions, row.case, pair)
