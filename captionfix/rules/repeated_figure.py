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
that stands three times is a sign or a refrain, and stays. Only shown is a copy that does more, such as an image map,
or one of which the other stands in a list of pictures.

**Safety.** Safe under these conditions, where the first of the two is the article's
and the later one stands in its text; for review where both may belong to what stands around them,
as in steps, answers, entries and languages: these may need a picture again. For review too where the
two have an ``alt`` that says something else, shapes that tell of another crop,
or data of their own (a licence, a credit), and where the later one stands in a hidden part.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.checks.picture_pairs import PicturePair
from captionfix.layout.articles import article_of, is_shown_in_article
from captionfix.layout.copies import said_by_both
from captionfix.layout.page import Page
from captionfix.layout.pictures import same_picture
from captionfix.model import Evidence, Node, Proposal, Remove, Safety
from captionfix.safety import judge
from captionfix.settings import Settings

CODE = "CF205"
_PAIR = 2


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield the later of two figures that show and say the same."""
    for copies in page.pictures.copies:
        shown = [picture for picture in copies if not picture.is_icon and is_shown_in_article(page, picture)]
        if len(shown) == _PAIR and same_picture(*shown):
            pair = PicturePair(page, *shown)
            kept, duplicate = pair.figures
            if (
                kept is not None
                and duplicate is not None
                and kept is not duplicate
                and (said := _said(page, kept, duplicate))
            ):
                yield _proposal(pair, kept, duplicate, said)


def _said(page: Page, kept: Node, duplicate: Node) -> int:
    """How many letters two figures of one article both say, 0 for other figures."""
    article = article_of(page, kept)
    return said_by_both(page, kept, duplicate) if article is not None and article is article_of(page, duplicate) else 0


def _proposal(pair: PicturePair, kept: Node, duplicate: Node, said: int) -> Proposal:
    row = judge(CODE, pair)
    return Proposal(
        CODE,
        duplicate,
        kept,
        "the same picture with the same caption stands here again",
        (
            Evidence("url", "the same file", pair.duplicate.key),
            Evidence("text", "both figures say the same, letters", said),
            Evidence("markup", "two figures of one article"),
        ),
        row.safety,
        () if row.safety is Safety.SHOW else (*pair.carried, Remove(duplicate)),
        row.case,
        pair,
    )
