"""The same caption stands twice as visible text by one picture.

**Why it is bad.** Text extractors print the caption twice; readers and screen
readers get it twice.

**Example.**

    <figure><img src="boat.jpg">
      <figcaption>Boats leave the harbour at dawn.</figcaption>
      <div class="caption-mobile">Boats leave the harbour at dawn.</div>
    </figure>

The second text goes. The one that stays is the one that is marked as a
caption, visible, complete and first.

**What counts as the same.** Quotes, dashes, white space, case, a credit at
the end, a label for screen readers in front or an ellipsis may differ;
captions of a series, which differ in a word, never match.

**Safety.** Equal text alone is wrong on a third of real pages (caption
corpus), so each finding joins the text with where the copies stand:

| the two copies, both by one and the same picture | safety |
|---|---|
| one of them hidden or in a closed dialog | safe |
| the same, but the dialog shows another file | review |
| both marked as captions, or inside the same figure | safe |
| neither marked, neighbours of one another and of the picture | safe |
| neither marked, neighbours of one another, at least 60 letters | safe |
| a film, a drawing, a painted box or one for a script between them | show |
| no picture at all, and anything between them | show |
| neighbours, the copy in an element of its own for screens of some width | safe |
| one marked, the other anywhere near, such as the article's first sentence | show |
| the picture stands in two places, each with its own | show |
| a bare credit line | show |

Headings, items of lists, tables, quotations and forms, and texts that hold
links or films of their own stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise, takewhile
from operator import eq

from captionfix.layout.blocks import Block, Caption
from captionfix.layout.page import FARTHEST, Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG, HIDDEN, RESPONSIVE
from captionfix.layout.shown import holds_more, stands_between
from captionfix.model import Evidence, Node, Paragraph, Remove, Repeat, Safety
from captionfix.settings import Settings
from captionfix.text import fold, is_credit, is_truncated, letters, says, weight, without_label

CODE = "CF101"
_LEAST = 12
"""Letters; shorter texts repeat by chance (caption corpus, caption-rules study)."""
_SAME_START = 6
"""Letters that begin two texts alike that may say the same, a label in front aside."""
_MEDIUM, _LONG = 20, 60
"""Letters of neighbours that repeat: by a picture, and without one (as in plain text)."""
_PAIR = 2
"""What stands three times is a refrain."""
_CLOSE = 2000
"""Characters around two captions without a picture; a caption has seldom more than 500."""
_ITEMS = frozenset(
    ("td", "th", "li", "dd", "dt", "blockquote", "pre", "code", "button", "label", "option", "summary", "textarea")
)
"""What a text repeats in on purpose."""
_CELLS = ("td", "th", "tr", "tbody", "table", "body", "html")


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield captions that stand twice by one picture."""
    told: set[Node | Paragraph] = set()
    for places in _neighbourhoods(page):
        for repeat in _judge(page, _alike(page, places)):
            told.add(repeat.copy)
            yield repeat
    for repeat in _next_to_each_other(page):
        if repeat.copy not in told and repeat.stays not in told:
            yield repeat


def _next_to_each_other(page: Page) -> Iterator[Repeat]:
    """Yield the second of two equal paragraphs by a picture, whatever its neighbourhood and the markup say."""
    for one, other, how in _equal_paragraphs(page):
        around = next((around for around in one.ancestors if other.inside(around)), None)
        if around is None:
            continue
        for picture in page.pictures_in(around):
            if picture.small or picture.noscript is not None or page.is_apart(picture.node):
                continue
            pair = [text for text in page.beside(picture) if text.node in (one, other) and not text.linked]
            if len(pair) == _PAIR:
                if not _follow_each_other(page.blocks(around), one, other):
                    break
                blocks: list[Block] = [picture, *pair]
                first, second = (_Text(text, around, blocks, at, like_caption=True) for at, text in enumerate(pair, 1))
                stays, copy = sorted((first, second), key=_rank)
                yield _repeat(page, stays, copy, how)
                break


def _follow_each_other(blocks: Sequence[Block], one: Node, other: Node) -> bool:
    """Whether two texts are neighbours: a picture between them has a text of its own on either side."""
    places = [at for at, block in enumerate(blocks) if isinstance(block, Caption) and block.node in (one, other)]
    return len(places) == _PAIR and places[1] - places[0] == 1


def _equal_paragraphs(page: Page) -> Iterator[tuple[Node, Node, str]]:
    """Paragraphs with a text that the next paragraph with a text repeats, exactly two in a row, and how.

    One of them may add a credit; a paragraph that breaks off announces the
    next one.
    """
    told = [(handle, raw) for handle, raw in page.tree.told("p") if raw and not raw.isspace()]
    starts = [raw.lstrip()[:_SAME_START] for _, raw in told]
    if not any(map(eq, starts, starts[1:])):
        return
    for _, group in groupby(told, key=lambda pair: pair[1].split(None, 3)[:3]):
        row = [*group]
        if len(row) == _PAIR:
            (one, text), (other, again) = ((handle, fold(raw)) for handle, raw in row)
            how = says(text, again) or says(again, text)
            if how.startswith("equal") and weight(letters(min(text, again, key=len))) >= _MEDIUM:
                yield page.tree.node(one), page.tree.node(other), how


def _neighbourhoods(page: Page) -> Iterator[list[Node]]:
    """Yield what is around each picture that markup speaks of, joined with what is around its hidden copies.

    A figure without a picture, as of a film, is a neighbourhood too.
    """
    seen: set[Node] = set()
    captioned = dict.fromkeys(_captioned(page))
    for copies in page.copies:
        if captioned.keys().isdisjoint(copies) and not _meets_dialog(page, copies):
            continue
        boxes = list(dict.fromkeys(page.box(picture) for picture in copies if not picture.small))
        if _meets_hidden(page, boxes) if len(boxes) > 1 else _meets_dialog(page, copies):
            seen.update(boxes)
            yield boxes
    for picture in captioned:
        box = page.box(picture)
        if box is not picture.node and box not in seen:
            seen.add(box)
            if page.may_repeat(box):
                yield [box]
    yield from ([figure] for figure in page.figures if _is_pictureless(page, figure) and page.may_repeat(figure))
    yield from ([around] for around in _pictureless(page))


def _captioned(page: Page) -> Iterator[Picture]:
    """The live content pictures nearest to each caption, and those of the figures."""
    seen: set[Picture] = set()
    for sign in (*page.marked, *page.figures):
        for picture in page.nearest_pictures(sign):
            if picture not in seen and picture.noscript is None and not picture.small:
                seen.add(picture)
                yield picture


def _is_pictureless(page: Page, figure: Node) -> bool:
    """Whether a figure holds no content picture, at most one of another kind, as a film's button, and no figure."""
    if page.content_in(figure) or len({picture.key for picture in page.pictures_in(figure)}) > 1:
        return False
    return all(inner is figure for inner in page.tree.search("figure", inside=figure))


def _meets_dialog(page: Page, copies: Sequence[Picture]) -> bool:
    """Whether some of the places of a picture are in a dialog, and others are not."""
    return len({DIALOG in page.roles.around(picture.node) for picture in copies if not picture.small}) > 1


def _meets_hidden(page: Page, boxes: Sequence[Node]) -> bool:
    """Whether some of the places of a picture are hidden, or in a dialog, and others are not."""
    told = [box for box in boxes if page.has_more_than(box, _LEAST - 1)]
    if len(told) < _PAIR:
        return False
    aside = [not {DIALOG, HIDDEN}.isdisjoint(page.roles.around(box)) for box in boxes]
    return any(aside) and not all(aside)


def _pictureless(page: Page) -> Iterator[Node]:
    """What is around two captions in a row whose picture a script would have put there."""
    texts = [(node, fold(node.raw_text())) for node in page.marked if not page.has_picture(node)]
    for (node, text), (following, again) in pairwise(texts):
        if text != again or following.inside(node):
            continue
        around = next((around for around in node.ancestors if following.inside(around)), None)
        if (
            around is not None
            and not page.pictures_in(around)
            and around.tag not in _CELLS
            and len(around.raw_text()) < _CLOSE
        ):
            yield around


@dataclass(frozen=True, slots=True)
class _Text:
    """A text that may be a caption, and where it stands."""

    caption: Caption
    place: Node
    blocks: Sequence[Block]
    order: int
    like_caption: bool


def _alike(page: Page, places: Sequence[Node]) -> list[_Text]:
    """The texts of a neighbourhood that begin like another, less headings, links to elsewhere and what is apart."""
    starts: dict[str, list[tuple[Caption, Node, int]]] = {}
    for place in places:
        for order, block in enumerate(page.blocks(place)):
            if isinstance(block, Caption) and weight(block.letters) >= _LEAST:
                bare = without_label(block.text)
                start = (block.letters if bare == block.text else letters(bare))[:_SAME_START]
                starts.setdefault(start, []).append((block, place, order))
    return [
        _text(page, *found)
        for alike in starts.values()
        for found in (alike if len(alike) > 1 else ())
        if not found[0].heading and not found[0].linked and (found[0].aside or not page.is_apart(found[0].node))
    ]


def _text(page: Page, caption: Caption, place: Node, order: int) -> _Text:
    blocks = page.blocks(place)
    like_caption = caption.marked or _figure(caption.node) is not None or _beside_picture(blocks, order)
    return _Text(caption, place, blocks, order, like_caption)


def _beside_picture(blocks: Sequence[Block], order: int) -> bool:
    around = (*blocks[max(order - 1, 0) : order], *blocks[order + 1 : order + 2])
    return any(map(_is_content, around))


def _judge(page: Page, texts: Sequence[_Text]) -> Iterator[Repeat]:
    ranked = sorted(texts, key=_rank)
    taken: set[int] = set()
    for at, stays in enumerate(ranked):
        if at in taken or not stays.like_caption:
            continue
        for behind, copy in enumerate(ranked[at + 1 :], at + 1):
            one, other = stays.caption, copy.caption
            if behind in taken or other.node.inside(one.node) or one.node.inside(other.node):
                continue
            how = "equal" if one.letters == other.letters else says(one.text, other.text)
            if how:
                taken.add(behind)
                yield _repeat(page, stays, copy, how)


def _rank(text: _Text) -> tuple[bool, bool, bool, int, int]:
    caption = text.caption
    return (caption.aside, not caption.marked, is_truncated(caption.text), -len(caption.letters), text.order)


def _repeat(page: Page, stays: _Text, copy: _Text, how: str) -> Repeat:
    safety, why = _safety(page, stays, copy, how)
    return Repeat(
        CODE,
        copy.caption.node,
        stays.caption.node,
        "the same caption stands here again",
        (Evidence("text", f"{how}, letters", len(copy.caption.letters)), Evidence("markup", why)),
        safety,
        (Remove(copy.caption.node),) if safety is not Safety.SHOW else (),
    )


def _safety(page: Page, stays: _Text, copy: _Text, how: str) -> tuple[Safety, str]:
    why_not = _why_not(page, stays, copy)
    if why_not:
        return Safety.SHOW, why_not
    if _is_parted(page, stays, copy):
        return Safety.SHOW, "each may belong to something else that shows there"
    if copy.caption.aside and not stays.caption.aside and _is_known(page, stays, copy):
        if len({block.key for block in copy.blocks if isinstance(block, Picture) and not block.small}) > 1:
            return Safety.REVIEW, "the copy is in a closed dialog, by another file that is probably the same picture"
        return Safety.SAFE, "the copy is hidden or in a closed dialog by the same picture"
    if stays.place is not copy.place:
        return Safety.SHOW, "the picture stands in two places, each with its caption"
    why = _why_safe(page, stays, copy, how)
    return (Safety.SAFE, why) if why else (Safety.SHOW, "only the text joins the two")


def _is_known(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether one of two texts is marked, or the copy stands in a dialog and each of them next to its picture."""
    if stays.caption.marked or copy.caption.marked:
        return True
    return (
        DIALOG in page.roles.around(copy.caption.node)
        and weight(copy.caption.letters) >= _MEDIUM
        and all(_beside_picture(text.blocks, text.order) for text in (stays, copy))
    )


def _is_parted(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether something that is no picture stands between two texts; with no picture at all, anything does."""
    if stays.place is not copy.place:
        return False
    first, second = sorted((stays.order, copy.order))
    if any(map(_is_content, copy.blocks[first + 1 : second])):
        return False  # what is between is told from the pictures
    pictureless = not any(map(_is_content, copy.blocks))
    if pictureless and _is_refrain(copy):
        return True
    return stands_between(stays.caption.node, copy.caption.node, page.roles, anything=pictureless)


def _is_refrain(copy: _Text) -> bool:
    """Whether a text stands in its neighbourhood more than twice."""
    said = copy.caption.letters
    again = (block for block in copy.blocks if isinstance(block, Caption) and block.letters == said)
    return len(list(islice(again, _PAIR + 1))) > _PAIR


def _is_content(block: Block) -> bool:
    return isinstance(block, Picture) and not block.small


def _why_not(page: Page, stays: _Text, copy: _Text) -> str:
    """What keeps a copy of a text where it is, whatever joins the two."""
    one, other = stays.caption, copy.caption
    for refuses, why in (
        (is_credit(other.text), "a credit line on its own"),
        (not other.whole or other.node.tag in _CELLS, "the text is no element of its own"),
        (holds_more(other.node), "the copy holds more than its text"),
        (_is_item(page, other.node, one.node, copy.place), "the text is one of a list, a table, a quotation or a form"),
        (_links(other.node) - _links(one.node), "the copy holds a link that the other does not"),
    ):
        if refuses:
            return why
    return ""


def _why_safe(page: Page, stays: _Text, copy: _Text, how: str) -> str:
    """What joins two texts of one neighbourhood besides their words."""
    first, second = sorted((stays.order, copy.order))
    if any(map(_is_content, copy.blocks[first + 1 : second])):
        return ""  # each has a copy of the picture of its own
    figure = _figure(copy.caption.node)
    for joins, why in (
        (copy.caption.marked and stays.caption.marked, "both are marked as captions of one picture"),
        (figure is not None and figure is _figure(stays.caption.node), "both stand in one figure"),
        (how.startswith("equal") and _neighbours(copy.blocks, stays, copy), "nothing stands between the two"),
        (how == "equal" and _is_by_width(page, stays, copy), "its neighbour is for screens of some width only"),
    ):
        if joins:
            return why
    return ""


def _is_item(page: Page, node: Node, other: Node, place: Node) -> bool:
    """Whether an element is, or stands in, an item of its own that does not hold the other.

    In a dialog, where an item holds the copy of the picture with its words,
    the list is one of pictures, not of words.
    """
    around = (node, *islice(node.ancestors, FARTHEST))
    items = [each for each in around if each.tag in _ITEMS and not other.inside(each)]
    slides = [item for item in items if item.tag == "li" and item.inside(place) and page.content_in(item)]
    return len(items) > len(slides) or any(DIALOG not in page.roles.around(slide) for slide in slides)


def _neighbours(blocks: Sequence[Block], stays: _Text, copy: _Text) -> bool:
    """Whether two texts follow each other, and one of them the picture; long ones need no picture beside them."""
    first, second = sorted((stays.order, copy.order))
    if second - first != 1 or stays.caption.marked != copy.caption.marked:
        return False  # a caption and the sentence of the article behind it both stay
    length = weight(copy.caption.letters)
    return length >= _LONG or (
        length >= _MEDIUM and (_beside_picture(blocks, first) or _beside_picture(blocks, second))
    )


def _is_by_width(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether a text follows another, or comes before it, in an element of its own that some screens do not show."""
    if abs(stays.order - copy.order) != 1 or weight(copy.caption.letters) < _MEDIUM:
        return False
    one, other = stays.caption.node, copy.caption.node
    own = takewhile(lambda around: not one.inside(around), (other, *other.ancestors))
    return any(RESPONSIVE in page.roles.of(node) and fold(node.raw_text()) == copy.caption.text for node in own)


def _figure(node: Node) -> Node | None:
    return node.nearest("figure")


def _links(node: Node) -> set[str]:
    own = {node.get("href")} if node.tag == "a" else set()
    return own.union(*(_links(kid) for kid in node.elements)) - {"", "#"}
