"""The same picture twice in one article.

**Why it is bad.** Archives and content systems save one picture under several
names: the lead again in the text, a thumbnail and its full size, a copy from
another server. Readers and extractors show it twice.

**Example.**

    <header><img src="lead-7f3a.jpg"></header>
    <p>…</p>
    <figure><img src="boat.jpg"><figcaption>Boats leave</figcaption></figure>

The copy without a caption goes; where neither has one, the later one. What it
knew and the other lacks (``alt``, ``srcset``, ``title``) moves over.

**What counts as a copy.** The pixels are the same, at whatever size and in
whatever compression, and tell the picture from others; or, where there are no
images to look at, it is the same file, sizes aside. Both stand in one
``article``, or what microformats or schema.org call one (in ``main``, where there is none, else in what holds the
headline and the paragraphs), neither in a list, a table, a dialog or a side column, neither leads to another page; and
the markup joins them:

* one is the lead, before the first paragraph, and the other stands behind it;
* they have the same ``alt`` (at least ten letters), or the same caption (at
  least twenty);
* one links to the other's file.

A picture that stands three times is a sign or a refrain, and stays. So do the pictures among
an article's paragraphs that a list of pictures above or below shows too: the two are only shown.

**Safety.** Safe under these conditions; for review where the two have an
``alt`` that says something else, where words by the copy, as a credit, do not stand
by the other, where something lies upon the copy or hides what is around it, where both may belong to
what stands around them, as in steps and answers, and where the later one stands in a teaser's box, with a text or a
link of its own; only shown where each has a caption of its own. Without the images, as with ``--no-images``, safe only
where one of the two is the lead, both are of one shape, and one of them alone has a caption, or a template has put the
lead there (WordPress's ``wp-post-image``), or they stand in a row: no sentence and no other picture beside or between
them; for review otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from captionfix.beside import PixelRelation, Verdict
from captionfix.checks.picture_pairs import PROSE, PicturePair, own_captions
from captionfix.layout.articles import article_of, is_shown_in_article
from captionfix.layout.copies import says_no_more
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, same_picture
from captionfix.layout.sizes import LEAST_ALT
from captionfix.model import Evidence, Node, Proposal, Remove, Safety
from captionfix.safety import judge
from captionfix.settings import Settings
from captionfix.text import effective_length, fold, letters

CODE = "CF206"
_MOST = 40
"""Pictures of one article that are compared with its lead, and with those of the same words."""
_PREVIEW = 4
"""Quotient of two widths from which the smaller picture of one figure is there to be blurred: previews are 20 to 60
pixels wide (Medium, Gatsby, Next.js)."""

_LEAD = Evidence("markup", "the lead picture, again in the text")

Pair = tuple[Picture, Picture]


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield the copies of pictures that their pixels show to be one."""
    if not page.has_images and not _stand_twice(page):
        return
    for article, pictures in _by_article(page).items():
        joined = {pair: why for pair, why in _joined(page, article, pictures[:_MOST]) if _is_one(page, pair)}
        lead = pictures[0] if joined and _is_lead(page, article, pictures[0]) else None
        often = Counter(picture for pair in joined for picture in pair)
        for pair, why in joined.items():
            if all(often[picture] == 1 for picture in pair):
                yield _judge(page, pair, why, is_lead=lead in pair)


def _stand_twice(page: Page) -> bool:
    """Whether an article shows one picture, sizes aside, in two places."""
    for copies in page.pictures.copies:
        shown = [picture.node for picture in copies if is_shown_in_article(page, picture)]
        articles = (
            [article for node in shown if (article := article_of(page, node)) is not None] if len(shown) > 1 else []
        )
        if len(articles) > len({*articles}):
            return True
    return False


def _by_article(page: Page) -> dict[Node, list[Picture]]:
    found: dict[Node, list[Picture]] = {}
    for picture in page.pictures:
        article = article_of(page, picture.node) if is_shown_in_article(page, picture) else None
        if article is not None:
            found.setdefault(article, []).append(picture)
    return found


def _is_one(page: Page, pair: Pair) -> bool:
    """Whether pixels show two pictures to be one; where there are none to look at, whether they are one file."""
    verdict = page.compare(*pair)
    if verdict is None:
        return same_picture(*pair)
    return (verdict.is_one_picture or verdict.relation is PixelRelation.PART) and not _is_preview(page, pair, verdict)


def _is_preview(page: Page, pair: Pair, verdict: Verdict) -> bool:
    """Whether one is the small picture that stands in a figure until the other is there."""
    widths = sorted(width for width, _ in verdict.sizes)
    figure = page.near.figure(pair[0])
    return figure is not None and figure is page.near.figure(pair[1]) and widths[1] >= _PREVIEW * widths[0]


def _joined(page: Page, article: Node, pictures: Sequence[Picture]) -> Iterator[tuple[Pair, Evidence]]:
    """Pairs that the markup joins, each with how; pixels are looked at for these only."""
    pairs = [pair for pair in combinations(pictures, 2) if page.has_images or same_picture(*pair)]
    often = Counter(picture for pair in pairs for picture in pair)
    if not page.has_images:
        pairs = [pair for pair in pairs if all(often[picture] == 1 for picture in pair)]
    lead = pictures[0] if pairs and _is_lead(page, article, pictures[0]) else None
    for pair in pairs:
        why = _why(page, *pair, lead=lead)
        if why is not None:
            yield pair, why


def _why(page: Page, one: Picture, other: Picture, *, lead: Picture | None) -> Evidence | None:
    said = one.alt_letters
    if effective_length(said) >= LEAST_ALT and said == other.alt_letters:
        return Evidence("text", "the same alt, letters", len(said))
    captions = own_captions(page, one) & own_captions(page, other)
    if captions:
        return Evidence("text", "the same caption, letters", len(min(captions)))
    for here, there in ((one, other), (other, one)):
        if here.link is not None and here.key_of(here.link.get("href")) in there.addresses:
            return Evidence("markup", "one links to the other's file")
    return _LEAD if one is lead else None


def _is_lead(page: Page, article: Node, picture: Picture) -> bool:
    """Whether a picture stands before the first paragraph of its article."""
    stack = [article]
    while stack:
        node = stack.pop()
        if node is picture.node:
            return True
        if node.tag == "p" and effective_length(letters(fold(node.raw_text()))) >= PROSE:
            return False
        stack += reversed(list(node.elements))
    return False


def _judge(page: Page, two: Pair, why: Evidence, *, is_lead: bool) -> Proposal:
    """Judge two pictures, the one with a caption before the other."""
    kept, duplicate = two
    told = [bool(own_captions(page, picture)) for picture in two]
    if told[1] > told[0] or (
        told[0] == told[1] and not says_no_more(duplicate, kept) and says_no_more(kept, duplicate)
    ):
        kept, duplicate = duplicate, kept
    pair = PicturePair(page, kept, duplicate, has_lead=is_lead)
    row = judge(CODE, pair)
    verdict = pair.verdict
    return Proposal(
        CODE,
        duplicate.node,
        kept.node,
        "the article shows the same picture already",
        (
            *([verdict.evidence] if verdict is not None else [Evidence("url", "the same file", duplicate.key)]),
            why,
            Evidence("markup", "two places of one article"),
        ),
        row.safety,
        () if row.safety is Safety.SHOW else (*pair.carried, Remove(pair.element)),
        row.case,
        pair,
    )
