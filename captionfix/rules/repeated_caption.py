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
the end, a label for screen readers or a gallery's number (``2/5``) in front or an
ellipsis may differ; captions of a series, which differ in a word, never match.
A caption that is another's first sentences says nothing more.

**Safety.** Equal text alone is wrong on a third of real pages (caption
corpus), so each finding joins the text with where the copies stand, as the
table says; of the cases that hold the first counts.

Headings, items of lists, tables, quotations and forms, and texts that hold
links or films of their own stay, and so does, where only its place joins it to
a caption, what the page's title or a headline says. Where no word of the markup says caption, two
texts count that are by one picture, in a small part of the page of its own. What
stands in WordPress's ``[caption]`` that no server rendered is marked as a caption.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise, takewhile
from operator import eq

from captionfix.layout.blocks import Block, Caption
from captionfix.layout.page import FARTHEST, Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG, HIDDEN, RESPONSIVE
from captionfix.layout.shown import holds_more, meanings, stands_between
from captionfix.layout.visibility import is_out_of_sight
from captionfix.model import Evidence, Node, Paragraph, Remove, Repeat, Safety
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import (
    BEGINNING,
    fold,
    is_credit,
    is_truncated,
    letters,
    says,
    weight,
    without_counter,
    without_credit,
    without_label,
)

CODE = "CF101"
_MESSAGE = "the same caption stands here again"
_LEAST = 12
"""Letters; shorter texts repeat by chance (caption corpus, caption-rules study)."""
_SAME_START = 6
"""Letters that begin two texts alike that may say the same, a label in front aside."""
_MEDIUM, _LONG = 20, 60
"""Letters of neighbours that repeat: by a picture, and without one (as in plain text)."""
_OWN = 40
"""Letters of a text of a hidden part's own: a paragraph, no button and no label."""
_SPOKEN = ("\u201c", "\u201e", "\u201a", "\u2018", "\u00ab", "\u00bb", "\u300c", "\u2013", "\u2014", '"', "-")
"""What opens speech in a dialogue."""
_PAIR = 2
"""What stands three times is a refrain."""
_CLOSE = 2000
"""Characters around two captions without a picture; a caption has seldom more than 500."""
_LEVELS = 6
"""Levels above a picture of which no markup speaks within which two texts are by it."""
_ITEMS = frozenset(
    ("td", "th", "caption", "li", "dd", "dt", "blockquote", "pre", "code", "button", "label", "option", "summary",
     "textarea")
)  # fmt: skip
"""What a text repeats in on purpose."""
_END_OF_SHORTCODE = "caption]"
"""Of WordPress's shortcode, by either of its names."""
_WIDE = frozenset(("article", "header", "main", "section", "body", "html"))
"""Elements that are never a picture's alone."""
_ROWS = ("tr", "dd")
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
            told.add(repeat.copy)
            yield repeat
    yield from (repeat for repeat in _behind_shortcodes(page) if repeat.copy not in told)


def _behind_shortcodes(page: Page) -> Iterator[Repeat]:
    """Yield the element behind a shortcode that no server rendered which says the shortcode's caption again."""
    row = rate(CODE, "paragraph")
    for picture in page.live:
        if picture.small or not _is_in_shortcode(page, picture):
            continue
        for one, other in pairwise(page.beside(picture)):
            if (
                one.shortcode
                and one.letters == other.letters
                and weight(other.letters) >= _MEDIUM
                and other.whole
                and not (other.heading or holds_more(other.node) or _links(other.node))
            ):
                evidence = Evidence("text", "equal, letters", len(other.letters)), row.evidence
                remove = (Remove(other.node),)
                yield Repeat(CODE, other.node, picture.node, _MESSAGE, evidence, row.safety, remove)


def _is_in_shortcode(page: Page, picture: Picture) -> bool:
    """Whether a shortcode may end behind a picture: quick, for ruling out."""
    around = (picture.link or picture.node).parent
    return around is not None and _END_OF_SHORTCODE in page.raw_text(around)


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
    starts = [start for raw in page.paragraphs.values() if (start := raw.lstrip()[:_SAME_START])]
    if not any(map(eq, starts, starts[1:])):
        return
    told = [(handle, raw) for handle, raw in page.paragraphs.items() if raw and not raw.isspace()]
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
    for box in _bare_boxes(page, captioned):
        if box not in seen:
            seen.add(box)
            yield [box]
    yield from ([figure] for figure in page.figures if _is_pictureless(page, figure) and page.may_repeat(figure))
    yield from ([around] for around in _pictureless(page))


def _bare_boxes(page: Page, captioned: Container[Picture]) -> Iterator[Node]:
    """Yield what is around pictures of which no markup speaks, where it is small and may say something twice."""
    for picture in page.live:
        if (
            picture in captioned
            or picture.small
            or page.leads_elsewhere(picture.link, picture)
            or page.is_apart(picture.node)
        ):
            continue
        box = _close_around(page, picture)
        if _may_say_twice(box):
            yield box


def _may_say_twice(box: Node) -> bool:
    """Whether two texts in an element begin alike: quick, for ruling out."""
    starts = [start for raw in box.raw_texts() if len(start := raw.strip()[:_SAME_START]) == _SAME_START]
    return len(starts) != len(set(starts))


def _close_around(page: Page, picture: Picture) -> Node:
    """The largest element a few levels above a picture that shows no other and says little."""
    box = picture.node
    for around in islice(picture.node.ancestors, _LEVELS):
        if not page.is_alone(picture, around) or len(page.raw_text(around)) > _CLOSE:
            break
        box = around
    return box


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
            and all(picture.noscript is not None for picture in page.pictures_in(around))
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
    apart: bool = False
    unseen: bool = False


def _alike(page: Page, places: Sequence[Node]) -> list[_Text]:
    """The texts of a neighbourhood that begin like another, less headings, links to elsewhere and what is apart."""
    starts: dict[str, list[tuple[Caption, Node, int]]] = {}
    for place in places:
        for order, block in enumerate(page.blocks(place)):
            if isinstance(block, Caption) and weight(block.letters) >= _LEAST:
                bare = without_counter(without_label(block.text))
                start = (block.letters if bare == block.text else letters(bare))[:_SAME_START]
                starts.setdefault(start, []).append((block, place, order))
    return [
        _text(page, *found)
        for alike in starts.values()
        for found in (alike if len(alike) > 1 else ())
        if not found[0].heading and not found[0].linked and _is_near(page, found[0])
    ]


def _is_near(page: Page, caption: Caption) -> bool:
    """Whether a text of a picture's neighbourhood is more than navigation or a teaser that happens to stand there."""
    return caption.aside or caption.marked or not page.is_apart(caption.node)


def _text(page: Page, caption: Caption, place: Node, order: int) -> _Text:
    blocks = page.blocks(place)
    like_caption = caption.marked or _figure(caption.node) is not None or _beside_picture(blocks, order)
    node = caption.node
    return _Text(caption, place, blocks, order, like_caption, page.is_apart(node), is_out_of_sight(page, node))


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
            how = _how(one, other)
            if how:
                taken.add(behind)
                yield _repeat(page, stays, copy, how)


def _how(one: Caption, other: Caption) -> str:
    """How one text says what another says; texts that begin otherwise never do, what may stand in front aside."""
    if one.letters == other.letters:
        return "equal"
    if one.letters[:_SAME_START] != other.letters[:_SAME_START] and not (_has_label(one) or _has_label(other)):
        return ""
    return says(one.text, other.text)


def _has_label(caption: Caption) -> bool:
    """Whether a label, or a gallery's number, stands in front of a text."""
    return without_counter(without_label(caption.text)) != caption.text


def _rank(text: _Text) -> tuple[bool, bool, bool, int, bool, bool, int]:
    """What stays comes first: visible, marked, complete, without a number, in the standard's own element, first."""
    caption = text.caption
    own = any(node.tag == "figcaption" for node in (caption.node, *islice(caption.node.ancestors, 2)))
    cut = is_truncated(caption.text) or without_counter(caption.text) != caption.text
    return (
        caption.aside or text.unseen,
        not caption.marked,
        cut,
        -len(caption.letters),
        text.apart,
        not own,
        text.order,
    )


def _repeat(page: Page, stays: _Text, copy: _Text, how: str) -> Repeat:
    row = rate(CODE, _case(page, stays, copy, how))
    return Repeat(
        CODE,
        copy.caption.node,
        stays.caption.node,
        _MESSAGE,
        (Evidence("text", f"{how}, letters", len(copy.caption.letters)), row.evidence),
        row.safety,
        (Remove(_element(page, stays, copy)),) if row.safety is not Safety.SHOW else (),
    )


def _case(page: Page, stays: _Text, copy: _Text, how: str) -> str:
    """The first case of the table that holds."""
    cases = (_kept_by(page, stays, copy), _hidden(page, stays, copy), _joined_by(page, stays, copy, how))
    return next((case for found in cases for case in found), "text only")


def _hidden(page: Page, stays: _Text, copy: _Text) -> Iterator[str]:
    if copy.caption.aside and not stays.caption.aside and _is_known(page, stays, copy):
        files = {block.key for block in copy.blocks if isinstance(block, Picture) and not block.small}
        yield "other file" if len(files) > 1 else "hidden"
    elif stays.place is not copy.place:
        yield "two places"


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


def _is_in_own_part(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether a text stands in a hidden part of the page, in no dialog, that says something of its own."""
    roles, one, other = page.roles, stays.caption.node, copy.caption.node
    if not copy.caption.aside or stays.caption.aside or DIALOG in roles.around(other):
        return False
    parts = [*takewhile(lambda around: not one.inside(around), other.ancestors)]
    part = next((around for around in reversed(parts) if HIDDEN in roles.of(around)), None)
    if part is None:
        return False
    texts = [block for block in page.blocks(part) if isinstance(block, Caption)]
    outside = {block.letters for block in stays.blocks if isinstance(block, Caption) and not block.node.inside(part)}
    return any(
        weight(text.letters) >= _OWN
        and text.letters not in outside
        and not (text.marked or text.heading or is_credit(text.text))
        for text in texts
    )


def _is_refrain(copy: _Text) -> bool:
    """Whether a text stands in its neighbourhood more than twice."""
    said = copy.caption.letters
    again = (block for block in copy.blocks if isinstance(block, Caption) and block.letters == said)
    return len(list(islice(again, _PAIR + 1))) > _PAIR


def _is_content(block: Block) -> bool:
    return isinstance(block, Picture) and not block.small


def _kept_by(page: Page, stays: _Text, copy: _Text) -> Iterator[str]:
    """What keeps a copy of a text where it is, whatever joins the two."""
    one, other = stays.caption, copy.caption
    own = _in_own_table(page, stays, copy)
    if is_credit(other.text):
        yield "credit"
    if not other.whole or (other.node.tag in _CELLS and not own):
        yield "no element"
    if holds_more(other.node):
        yield "holds more"
    if not own and _is_item(page, other.node, one.node, copy.place):
        yield "item"
    if _links(other.node) - _links(one.node):
        yield "own link"
    if meanings(other.node) - meanings(one.node):
        yield "own markup"
    if _is_parted(page, stays, copy):
        yield "parted"
    if _is_in_own_part(page, stays, copy):
        yield "own part"


def _joined_by(page: Page, stays: _Text, copy: _Text, how: str) -> Iterator[str]:
    """What joins two texts of one neighbourhood besides their words."""
    first, second = sorted((stays.order, copy.order))
    if any(map(_is_content, copy.blocks[first + 1 : second])):
        return  # each has a copy of the picture of its own
    if copy.caption.marked and stays.caption.marked:
        yield "both marked"
    if how == BEGINNING:
        return  # what is unmarked may be the article's
    if _are_told(stays, copy):
        yield "credited"
    if _in_one_figure(stays.caption.node, copy.caption.node):
        yield "one figure"
    if how == "cut off" and copy.caption.node.tag != "p" and _neighbours(copy.blocks, stays, copy):
        yield "running" if _is_running(page, stays, copy) else "neighbours"
    if how == "equal" and _is_by_width(page, stays, copy):
        yield "by width"
    if how.startswith("equal"):
        yield from _joined_by_place(page, stays, copy)


def _joined_by_place(page: Page, stays: _Text, copy: _Text) -> Iterator[str]:
    """What joins two texts that say the same, credits and labels aside, where no markup does; headlines aside."""
    if copy.caption.letters in page.headlines:
        return
    if _is_boxed(page, stays, copy):
        yield "own box"
    if _neighbours(copy.blocks, stays, copy):
        yield "running" if _is_running(page, stays, copy) else "neighbours"
    if _is_beside_caption(stays, copy) and (prose := _prose_before(stays)):
        yield "paragraph" if copy.caption.node.tag == "p" or "p" not in prose else "no paragraph"


def _in_one_figure(one: Node, other: Node) -> bool:
    figure = _figure(other)
    return figure is not None and figure is _figure(one)


def _in_own_table(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether two texts stand in a table, or a list of terms, that lays out just their picture: it says little else."""
    table = next((around for around in copy.caption.node.ancestors if around.tag in ("table", "dl")), None)
    if table is None or not stays.caption.node.inside(table) or not page.content_in(table):
        return False
    if any(_row(page, text.caption) is None for text in (stays, copy)):
        return False
    return len({picture.key for picture in page.content_in(table)}) == 1 and _says_little_else(page, table, stays, copy)


def _says_little_else(page: Page, box: Node, stays: _Text, copy: _Text) -> bool:
    """Whether an element says nothing of some length but two texts, and credits."""
    said = {stays.caption.letters, copy.caption.letters}
    return all(
        block.letters in said or weight(block.letters) < _MEDIUM or is_credit(block.text)
        for block in page.blocks(box)
        if isinstance(block, Caption)
    )


def _row(page: Page, caption: Caption) -> Node | None:
    """The row of a table, or the description in a list of terms, that holds a text and nothing else."""
    around = next((around for around in (caption.node, *caption.node.ancestors) if around.tag in _ROWS), None)
    alone = around is not None and not page.has_picture(around) and fold(around.raw_text()) == caption.text
    return around if alone else None


def _element(page: Page, stays: _Text, copy: _Text) -> Node:
    """What goes with a text: of a table that lays out just its picture, the row."""
    row = _row(page, copy.caption) if _in_own_table(page, stays, copy) else None
    return row or copy.caption.node


def _are_told(stays: _Text, copy: _Text) -> bool:
    """Whether one of two texts is marked as a caption, and the other bears a credit, or, no paragraph, is by one."""
    if not stays.caption.marked:
        return False
    text = copy.caption.text
    return without_credit(text) != text or (copy.caption.node.tag != "p" and _is_credited(copy))


def _is_credited(text: _Text) -> bool:
    """Whether the text before another, or behind it, in the same element, is a bare credit."""
    around = (*text.blocks[max(text.order - 1, 0) : text.order], *text.blocks[text.order + 1 : text.order + 2])
    return any(
        isinstance(block, Caption) and block.node.parent is text.caption.node.parent and is_credit(block.text)
        for block in around
    )


def _is_boxed(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether two texts, and no other of some length but credits, stand in an element that is their picture's alone.

    A paragraph outside of the picture's own element may be the article's text all the same.
    """
    one, other = stays.caption.node, copy.caption.node
    if weight(copy.caption.letters) < _MEDIUM or not stays.caption.marked or copy.caption.node.tag == "p":
        return False
    box = next((around for around in other.ancestors if one.inside(around) and page.content_in(around)), None)
    if box is None or box.tag in _WIDE or not box.inside(copy.place):
        return False
    return _says_little_else(page, box, stays, copy)


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
    if second - first != 1 or stays.caption.marked != copy.caption.marked or _is_refrain(copy):
        return False  # a caption and the sentence of the article behind it both stay
    length = weight(copy.caption.letters)
    return length >= _LONG or (
        length >= _MEDIUM and (_beside_picture(blocks, first) or _beside_picture(blocks, second))
    )


def _is_running(page: Page, stays: _Text, copy: _Text) -> bool:
    """Whether two texts are among others of their kind: lines of verse, of a dialogue, of a chat.

    They are where another element beside them has their name and their class. In
    a box of their own, without a picture, the name will do. What somebody says
    begins with a quotation mark or a dash.
    """
    if copy.caption.text.startswith(_SPOKEN):
        return True
    one, other = stays.caption.node, copy.caption.node
    around = next(around for around in other.ancestors if one.inside(around))
    sides = [kid for kid in around.elements if one.inside(kid) or other.inside(kid)]
    apart = not page.content_in(around)
    kinds = {(side.tag, side.get("class")) for side in sides if apart or side.get("class")}
    return any(
        kid not in sides and (kid.tag, kid.get("class")) in kinds and page.has_more_than(kid, 0)
        for kid in (around.elements if kinds else ())
    )


def _is_beside_caption(stays: _Text, copy: _Text) -> bool:
    """Whether a text follows a marked caption, with nothing between."""
    return copy.order - stays.order == 1 and stays.caption.marked and weight(copy.caption.letters) >= _MEDIUM


def _prose_before(stays: _Text) -> set[str]:
    """In what the article's text stands that comes before a caption: ``p``, or ``""`` where it is in no element.

    What comes before all of the article's text may be its lead.
    """
    for around in (stays.caption.node, *islice(stays.caption.node.ancestors, _LEVELS - 1)):
        parent = around.parent
        if parent is None or around.tag in _WIDE:
            break
        before = parent.children[: parent.children.index(around)]
        if found := {"" if isinstance(kid, str) else "p" for kid in before if _is_prose(kid)}:
            return found
    return set()


def _is_prose(kid: Node | str) -> bool:
    """Whether a piece of an element is a paragraph, or a text without an element, of some length."""
    if isinstance(kid, str):
        return weight(letters(fold(kid))) >= _LONG
    return kid.tag == "p" and weight(letters(fold(kid.raw_text()))) >= _LONG


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
    links, stack = set(), [node]
    while stack:
        inner = stack.pop()
        links |= {inner.get("href")} if inner.tag == "a" else set()
        stack += inner.elements
    return links - {"", "#"}
