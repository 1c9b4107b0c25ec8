"""The same picture with the same caption in two figures of one article.

**Why it is bad.** A lead picture is often printed a second time by the
article's body, with its caption. Readers and extractors show both.

**Example.**

    <header><figure><img src="boat.jpg"><figcaption>Boats leave the harbour</figcaption></figure></header>
    …
    <figure><img src="boat.jpg"><figcaption>Boats leave the harbour</figcaption></figure>

The later figure goes. What its picture knew and the first one's lacks
(``alt``, ``srcset``, ``title``) moves over; a larger file goes into its ``src``,
and what it showed into ``srcset``.

**What counts as a copy.** Two ``figure`` elements with one content picture
each, the same file, sizes aside; all that the later one says, at least twenty
letters, the first one says too; both stand in one ``article`` (in ``main``,
where there is none), neither in a list, a table, a dialog or a side column,
and neither picture leads to another page. A picture
that stands three times is a sign or a refrain, and stays; so does an image map.

**Safety.** Safe under these conditions, where the first of the two is the article's
and the later one stands in its text; for review where both may belong to what stands around them,
as in steps, answers, entries and languages: these may need a picture again. For review too where the
two have an ``alt`` that says something else, shapes that tell of another crop,
or data of their own (a licence, a credit), and where the later one stands in a hidden part.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.articles import are_in_parts, article_of, is_shown_in_article
from captionfix.layout.copies import (
    does_more,
    handed_on,
    is_usable_after,
    keeps_links,
    said_by_both,
    says_no_more,
    tells_more,
)
from captionfix.layout.page import Page, same_picture
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import HIDDEN
from captionfix.layout.sizes import is_another_crop
from captionfix.model import Evidence, Node, Remove, Repeat
from captionfix.safety import rate
from captionfix.settings import Settings

CODE = "CF205"
_PAIR = 2


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield the later of two figures that show and say the same."""
    for copies in page.copies:
        shown = [picture for picture in copies if not picture.small and is_shown_in_article(page, picture)]
        if len(shown) != _PAIR or not same_picture(*shown) or does_more(shown[1]):
            continue
        stays, copy = shown
        figures = page.figure(stays), page.figure(copy)
        if figures[0] is None or figures[1] is None or figures[0] is figures[1]:
            continue
        article = article_of(figures[0])
        alike = article is not None and article is article_of(figures[1])
        said = said_by_both(page, figures[0], figures[1]) if alike else 0
        handed = tuple(handed_on(copy, stays))
        if said and keeps_links(page, copy, stays) and is_usable_after(stays, copy, handed):
            row = rate(CODE, _case(page, stays, copy, (figures[0], figures[1])))
            yield Repeat(
                CODE,
                figures[1],
                figures[0],
                "the same picture with the same caption stands here again",
                (
                    Evidence("url", "the same file", copy.key),
                    Evidence("text", "both figures say the same, letters", said),
                    Evidence("markup", "two figures of one article"),
                ),
                row.safety,
                (*handed, Remove(figures[1])),
                case=row.case,
            )


def _case(page: Page, stays: Picture, copy: Picture, figures: tuple[Node, Node]) -> str:
    """What the table of safety calls two figures of one article that say the same."""
    if any(HIDDEN in page.roles.of(around) for around in figures[1].ancestors if not stays.node.inside(around)):
        return "hidden"
    if not says_no_more(copy, stays) or is_another_crop(copy, stays) or tells_more(page, figures[1], figures[0]):
        return "differs"
    return "sections" if are_in_parts(page, *figures) else "copy"
