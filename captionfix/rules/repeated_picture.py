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
``article`` (in ``main``, where there is none), neither in a list, a table, a
dialog or a side column, neither leads to another page; and the markup joins
them:

* one is the lead, before the first paragraph, and the other stands behind it;
* they have the same ``alt`` (at least ten letters), or the same caption (at
  least twenty);
* one links to the other's file.

A picture that stands three times is a sign or a refrain, and stays.

**Safety.** Safe under these conditions; for review where the two have an
``alt`` that says something else, where words by the copy, as a credit, do not stand
by the other, where something lies upon the copy, and where both may belong to
what stands around them, as in steps and answers; only shown where each has a caption of its
own. Without the images, as with ``--no-images``, safe only where one of the
two is the lead, one of them, and that alone, has a caption, and, if words join
them too, they load one file to the letter; for review otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from captionfix.layout.articles import are_in_like_parts, are_in_parts, article_of, is_shown_in_article
from captionfix.layout.blocks import visible_text
from captionfix.layout.copies import (
    goes_alone,
    handed_on,
    is_usable_after,
    keeps_links,
    said_by_both,
    says_no_more,
    whole_element,
)
from captionfix.layout.page import Page, same_picture
from captionfix.layout.pictures import Picture
from captionfix.model import Evidence, Node, Relation, Remove, Repeat, Verdict
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import fold, holds, letters, weight

CODE = "CF206"
_LEAST_ALT, _LEAST_CAPTION = 10, 20
"""Letters that tell a picture from others (caption-rules study)."""
_PARAGRAPH = 60
"""Letters of a paragraph that opens an article's text, as for neighbours in plain text; a byline has fewer."""
_MOST = 40
"""Pictures of one article that are compared with its lead, and with those of the same words."""

_TEXTS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table")
_POSITION = re.compile(r"position\s*:\s*(?:absolute|fixed)", re.IGNORECASE)
_PREVIEW = 4
"""Quotient of two widths from which the smaller picture of one figure is there to be blurred: previews are 20 to 60
pixels wide (Medium, Gatsby, Next.js)."""

_LEAD = Evidence("markup", "the lead picture, again in the text")

Pair = tuple[Picture, Picture]


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield the copies of pictures that their pixels show to be one."""
    if not page.has_images and not _stand_twice(page):
        return
    for article, pictures in _by_article(page).items():
        joined = {pair: why for pair, why in _joined(page, article, pictures[:_MOST]) if _is_one(page, pair)}
        lead = pictures[0] if joined and _is_lead(page, article, pictures[0]) else None
        often = Counter(picture for pair in joined for picture in pair)
        for pair, why in joined.items():
            if all(often[picture] == 1 for picture in pair):
                yield from _judge(page, pair, why, is_lead=lead in pair)


def _stand_twice(page: Page) -> bool:
    """Whether an article shows one picture, sizes aside, in two places."""
    for copies in page.copies:
        shown = [picture.node for picture in copies if is_shown_in_article(page, picture)]
        articles = [article for node in shown if (article := article_of(node)) is not None] if len(shown) > 1 else []
        if len(articles) > len({*articles}):
            return True
    return False


def _by_article(page: Page) -> dict[Node, list[Picture]]:
    found: dict[Node, list[Picture]] = {}
    for picture in page.pictures:
        article = article_of(picture.node) if is_shown_in_article(page, picture) else None
        if article is not None:
            found.setdefault(article, []).append(picture)
    return found


def _is_one(page: Page, pair: Pair) -> bool:
    """Whether pixels show two pictures to be one; where there are none to look at, whether they are one file."""
    verdict = page.compare(*pair)
    if verdict is None:
        return same_picture(*pair)
    return (verdict.is_one_picture or verdict.relation is Relation.PART) and not _is_preview(page, pair, verdict)


def _is_preview(page: Page, pair: Pair, verdict: Verdict) -> bool:
    """Whether one is the small picture that stands in a figure until the other is there."""
    widths = sorted(width for width, _ in verdict.sizes)
    figure = page.figure(pair[0])
    return figure is not None and figure is page.figure(pair[1]) and widths[1] >= _PREVIEW * widths[0]


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
    said = one.said
    if weight(said) >= _LEAST_ALT and said == other.said:
        return Evidence("text", "the same alt, letters", len(said))
    captions = _captions(page, one) & _captions(page, other)
    if captions:
        return Evidence("text", "the same caption, letters", len(min(captions)))
    for here, there in ((one, other), (other, one)):
        if here.link is not None and here.key_of(here.link.get("href")) in there.addresses:
            return Evidence("markup", "one links to the other's file")
    return _LEAD if one is lead else None


def _captions(page: Page, picture: Picture) -> set[str]:
    """What the captions nearest to a picture say; its neighbourhood may hold those of its copy too."""
    scope = page.scope(picture)
    told = page.captions(picture, scope, lambda caption: weight(caption.letters) >= _LEAST_CAPTION)
    return {
        near.caption.letters
        for near in told
        if near.where in ("marked", "figure") and picture in page.nearest_pictures(near.caption.node)
    }


def _is_lead(page: Page, article: Node, picture: Picture) -> bool:
    """Whether a picture stands before the first paragraph of its article."""
    stack = [article]
    while stack:
        node = stack.pop()
        if node is picture.node:
            return True
        if node.tag == "p" and weight(letters(fold(node.raw_text()))) >= _PARAGRAPH:
            return False
        stack += reversed(list(node.elements))
    return False


def _loads_the_same(one: Picture, other: Picture) -> bool:
    """Whether two pictures load one file, to the letter."""
    return one.loads == other.loads != ""


def _judge(page: Page, pair: Pair, why: Evidence, *, is_lead: bool) -> Iterator[Repeat]:
    stays, copy = pair
    told = [bool(_captions(page, picture)) for picture in pair]
    if told[1] > told[0] or (told[0] == told[1] and not says_no_more(copy, stays) and says_no_more(stays, copy)):
        stays, copy = copy, stays
    element = _what_goes(page, stays, copy)
    handed = tuple(handed_on(copy, stays))
    if not keeps_links(page, copy, stays) or not is_usable_after(stays, copy, handed):
        return
    verdict = page.compare(stays, copy)
    by_pixels = verdict is not None
    captioned = bool(_captions(page, stays)) and not _captions(page, copy)
    certain = by_pixels or (captioned and (why == _LEAD or (is_lead and _loads_the_same(stays, copy))))
    case = "copy" if certain and not _is_more(page, copy, stays) else "differs"
    if case == "copy" and _are_parted(page, pair):
        case = "sections"
    if verdict is not None and verdict.relation is Relation.PART:
        case = "crop" if verdict.shares[0] < verdict.shares[1] else "larger crop"
    row = rate(CODE, case if element is not None else "own caption")
    yield Repeat(
        CODE,
        copy.node,
        stays.node,
        "the article shows the same picture already",
        (
            *([verdict.evidence] if verdict is not None else [Evidence("url", "the same file", copy.key)]),
            why,
            Evidence("markup", "two places of one article"),
        ),
        row.safety,
        (*handed, Remove(element)) if element is not None and case != "larger crop" else (),
        case=row.case,
    )


def _are_parted(page: Page, pair: Pair) -> bool:
    """Whether both may belong to what stands around them; who shows a picture again on purpose takes the same file."""
    one, other = (page.figure(picture) or whole_element(picture) for picture in pair)
    return are_in_parts(page, one, other) if same_picture(*pair) else are_in_like_parts(one, other)


def _is_more(page: Page, copy: Picture, stays: Picture) -> bool:
    """Whether a copy says more than what stays, in words beside it too, or is the ground that something stands on."""
    if not says_no_more(copy, stays) or _POSITION.search(whole_element(copy).get("style")):
        return True
    said = visible_text(_box(page, copy))
    return bool(said) and not holds(visible_text(page.figure(stays) or _box(page, stays)), said)


def _box(page: Page, picture: Picture) -> Node:
    """The largest element around a picture that holds neither another nor headlines or paragraphs."""
    box = whole_element(picture)
    for around in box.ancestors:
        if around.tag in _TEXTS or len(page.pictures_in(around)) > 1 or page.tree.search(*_TEXTS, inside=around):
            break
        box = around
    return box


def _what_goes(page: Page, stays: Picture, copy: Picture) -> Node | None:
    """The copy's element, with its figure where that says no more than the other; None where it says something."""
    if not _captions(page, copy):
        return whole_element(copy) if goes_alone(page, copy, stays) else None
    one, other = page.figure(stays), page.figure(copy)
    if one is None or other is None or one is other or not said_by_both(page, one, other):
        return None
    return other
