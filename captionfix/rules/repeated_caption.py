"""The same caption stands twice as visible text by one picture.

**Why it is bad.** Text extractors print the caption twice; readers and screen
readers get it twice.

**Example.**

    <figure><img src="boat.jpg">
      <figcaption>Boats leave the harbour at dawn.</figcaption>
      <div class="caption-mobile">Boats leave the harbour at dawn.</div>
    </figure>

The second text goes. What stays is in sight, for all screens, marked as a
caption, complete and first, in this order.

**What is compared.** All visible texts of the page of 12 letters or more,
wherever they stand, if one of them at least is a caption: the markup calls it
so, it stands in a figure, or right beside a picture that is no teaser's.
Nested elements that say the same are one text. WordPress's ``[caption]`` that no
server rendered is a caption. Of many that say the same, each is compared with the six
that are best to stay.

**What counts as the same.** Quotes, dashes, white space, case, a credit at
the end, a label for screen readers or a gallery's number (``2/5``) in front or an
ellipsis may differ; captions of a series, which differ in a word, never match.
A caption that is another's first sentences says nothing more.

**Whose picture it is.** Each text has the pictures of its figure, of the
smallest element around it that shows some, or of the closed box it stands in;
else the one right before it, or behind it. What joins two texts is one picture
of both, as one element, one file, other sizes of it, or one shape. Where each
has pictures of its own and none is the same, both stay.

**What would be lost.** A copy stays that alone has a link, a credit, a film, a
form, a drawing, or markup such as an exponent or a date. So does a headline, the name
of a control, and one text of a list, a table, a quotation or a form. A smaller element
in the copy, or the other of the two, may go instead. What stays has to show to all who
get the copy: a framework's class for widths is taken off it, and where something else
hides it from some, the finding is for review.

**Safety.** Equal text alone is wrong on a third of real pages (caption
corpus), so each finding joins the text with where the copies stand. The table has the
cases in their order, with the letters that they need; the first that holds
decides. ``captionfix check --explain`` lists them for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from captionfix.checks.captions import DRESSED
from captionfix.checks.pairs import CaptionPair
from captionfix.layout.closed import closed
from captionfix.layout.owners import content, is_alone_with_picture
from captionfix.layout.page import Page
from captionfix.layout.texts import TextUnit, said_twice, same_texts
from captionfix.layout.visibility import words_for_screens
from captionfix.model import Evidence, Node, Proposal, Remove, Safety
from captionfix.safety import FARTHEST_FIRST, Row, judge, rate
from captionfix.settings import Settings
from captionfix.text import BEGINNING, is_truncated, says, without_counter

CODE = "CF101"
_MESSAGE = "the same caption stands here again"
_MOST = 6
"""Texts that say the same of which each is compared with each; of a refrain, the later ones with these."""
_LOSSES = frozenset(("no element", "holds more", "own link", "own markup", "own words"))
"""Cases in which a smaller element in the copy, or the other of the two, may go instead."""

_UNJOINED = frozenset(("headline", "name", "item", "text only"))
"""Cases in which nothing but the text joins the two."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield captions that stand twice."""
    gone: set[Node] = set()
    for texts in same_texts(page):
        yield from _found(page, texts, gone)
    for text in said_twice(page):
        row = rate(CODE, "one text")
        evidence = (Evidence("text", "one text says it twice, letters", len(text.letters)), row.evidence)
        yield Proposal(CODE, text.node, text.node, _MESSAGE, evidence, row.safety, case=row.case)


def _found(page: Page, texts: Sequence[TextUnit], gone: set[Node]) -> Iterator[Proposal]:
    """Yield what may go of some texts that say the same, each with the best of the others."""
    left = sorted(texts, key=lambda text: _rank(page, text, texts))
    for duplicate in sorted(left[:0:-1], key=lambda text: -len(text.caption.letters)):
        if duplicate not in left:
            continue
        if duplicate.node in gone or duplicate.node.below(gone) is not None:
            left.remove(duplicate)
            continue
        best = _best(page, left[: left.index(duplicate)], duplicate)
        if best is None:
            continue
        row, pair = best
        if row.safety is not Safety.SHOW:
            gone.add(pair.element)
            left.remove(pair.duplicate if pair.duplicate in left else duplicate)
        yield _proposal(row, pair)


def _best(page: Page, others: Sequence[TextUnit], duplicate: TextUnit) -> tuple[Row, CaptionPair] | None:
    """The case that goes farthest, of all texts that may stay, the best one first."""
    found: list[tuple[Row, CaptionPair]] = []
    for kept in islice(others, _MOST):
        if not (kept.is_caption or duplicate.is_caption) or _are_nested(kept, duplicate):
            continue
        how = _how(kept, duplicate)
        if not how:
            continue
        row, pair = _judged(page, kept, duplicate, how)
        if row.case in _UNJOINED and not (
            kept.is_marked
            or duplicate.is_marked
            or (kept.near and duplicate.near)
            or any(is_alone_with_picture(page, text.node) for text in (kept, duplicate) if text.near)
        ):
            continue  # prose beside a picture is no caption yet
        found.append((row, pair))
        if found[-1][0].safety is FARTHEST_FIRST[0]:
            break
    return min(found, key=lambda each: FARTHEST_FIRST.index(each[0].safety), default=None)


def _judged(page: Page, kept: TextUnit, duplicate: TextUnit, how: str) -> tuple[Row, CaptionPair]:
    """The case that holds for two texts; where the copy's element cannot go, for what says the same in it."""
    pair = CaptionPair(page, kept, duplicate, how)
    row = judge(CODE, pair)
    if row.case not in _LOSSES:
        return _for_all(row, pair)
    for inner in duplicate.inner:
        smaller = CaptionPair(page, kept, inner, how)
        found = judge(CODE, smaller)
        if found.safety is not Safety.SHOW:
            return found, smaller
    said_there = says(duplicate.caption.text, kept.caption.text)
    if kept.is_marked and duplicate.is_marked and pair.closed is None and said_there and not _is_own(kept.node):
        turned = CaptionPair(page, duplicate, kept, how)
        found = judge(CODE, turned)
        if found.safety is not Safety.SHOW:
            return found, turned
    return row, pair


def _for_all(row: Row, pair: CaptionPair) -> tuple[Row, CaptionPair]:
    """The same the other way round where what stays is for screens of some widths, and the copy for all."""
    kept, duplicate = pair.both
    if not (kept.is_marked and duplicate.is_marked and says(duplicate.caption.text, kept.caption.text)):
        return row, pair
    turned = CaptionPair(pair.page, duplicate, kept, pair.how)
    if not pair.lifted or turned.lifted:
        return row, pair
    found = judge(CODE, turned)
    goes_as_far = FARTHEST_FIRST.index(found.safety) <= FARTHEST_FIRST.index(row.safety)
    return (found, turned) if goes_as_far else (row, pair)


def _are_nested(kept: TextUnit, duplicate: TextUnit) -> bool:
    """Whether one of two elements holds the other; around bare text, as a shortcode's, all of an article may be."""
    one, other = kept.node, duplicate.node
    return (one.inside(other) and duplicate.caption.whole) or (other.inside(one) and kept.caption.whole)


def _how(kept: TextUnit, duplicate: TextUnit) -> str:
    """How one text, or what says the same in it, says what another says."""
    one, other = kept.caption, duplicate.caption
    if any(each.caption.letters == other.letters for each in (kept, *kept.inner)):
        return "equal"
    how = next((how for each in (kept, *kept.inner) if (how := says(each.caption.text, other.text))), "")
    if how and not (how == BEGINNING and kept.core == duplicate.core):
        return how
    return DRESSED if kept.core == duplicate.core or says(other.text, one.text) else ""


def _rank(page: Page, text: TextUnit, texts: Sequence[TextUnit]) -> tuple[int, ...]:
    """What stays comes first: in sight, for all screens, marked, complete, not apart, in the standard's own element."""
    caption, node = text.caption, text.node
    others = [other.node for other in islice(texts, _MOST) if other is not text]
    figure = node.nearest("figure")
    return (
        max((_aside(page, node, other) for other in others), default=0),
        any(words_for_screens(page, node, other) for other in others),
        not text.is_marked,
        is_truncated(caption.text) or without_counter(caption.text) != caption.text,
        -len(caption.letters),
        page.is_boilerplate(node),
        not _is_own(node),
        figure is not None and len(content(page, figure)) > 1,
        text.order,
    )


def _is_own(node: Node) -> bool:
    """Whether a text stands in the standard's own element for captions."""
    return any(each.tag == "figcaption" for each in (node, *islice(node.ancestors, 2)))


def _aside(page: Page, node: Node, other: Node) -> int:
    """How surely a text is out of sight where another is not."""
    box = closed(page, node, other)
    return 0 if box is None else box.grade


def _proposal(row: Row, pair: CaptionPair) -> Proposal:
    evidence = (Evidence("text", f"{pair.how}, letters", len(pair.duplicate.caption.letters)), row.evidence)
    actions = () if row.safety is Safety.SHOW else (Remove(pair.element),)
    return Proposal(CODE, pair.other, pair.one, _MESSAGE, evidence, row.safety, actions, row.case, pair)
