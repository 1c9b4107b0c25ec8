"""The same caption stands twice as visible text by one picture.

**Why it is bad.** Text extractors print the caption twice; readers and screen
readers get it twice.

**Example.** ::

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

======================================================  ========
the two copies, both by one and the same picture        safety
======================================================  ========
both marked as captions, or inside the same figure      safe
one of them hidden or in a closed dialog                safe
neighbours, nothing but the picture between them        safe
one marked, the other anywhere else near                show
a bare credit line                                      show
======================================================  ========

Headings, table cells and texts that hold links of their own stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from captionfix.layout.page import Page
from captionfix.model import Caption, Evidence, Node, Picture, Remove, Repeat, Safety
from captionfix.settings import Settings
from captionfix.text import is_credit, is_truncated, says, weight

CODE = "CF101"
_LEAST = 12
"""Letters; shorter texts repeat by chance (caption corpus, caption-rules study)."""
_CELLS = ("td", "th", "tr", "tbody", "table", "body", "html")


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield captions that stand twice by one picture."""
    for texts in _by_picture(page):
        yield from _judge(page, texts)


def _by_picture(page: Page) -> Iterator[list[Caption]]:
    """Yield, for each picture, the texts that stand by it or by another copy of it."""
    scopes: dict[str, list[Node]] = {}
    for picture in page.pictures:
        if picture.small:
            continue
        owner = picture.key or f"#{picture.index}"
        scope = page.scope(picture)
        if scope is not picture.node and scope not in scopes.setdefault(owner, []):
            scopes[owner].append(scope)
    for figure in page.tree.search("figure"):
        if not page.pictures_in(figure):
            scopes[f"figure {len(scopes)}"] = [figure]
    for nodes in scopes.values():
        if len(nodes) == 1 and not may_repeat(nodes[0].raw_text()):
            continue
        texts = [text for node in nodes for text in _texts(page, node)]
        if len(texts) > 1:
            yield texts


def may_repeat(raw: str) -> bool:
    """Return whether some twelve letters of a text stand in it twice: quick, for ruling texts out.

    >>> may_repeat("Boats leave the harbour. Boats leave the harbour."), may_repeat("Boats leave the harbour.")
    (True, False)
    """
    text = "".join(raw.split()).casefold()
    step = max(_LEAST // 2, 1)
    return any(text.find(text[at : at + step], at + step) >= 0 for at in range(0, len(text) - step, step))


def _texts(page: Page, node: Node) -> list[Caption]:
    return [
        block
        for block in page.blocks(node)
        if isinstance(block, Caption) and weight(block.letters) >= _LEAST and not block.heading
    ]


def _judge(page: Page, texts: list[Caption]) -> Iterator[Repeat]:
    ranked = sorted(enumerate(texts), key=lambda item: (_rank(item[1]), item[0]))
    taken: set[int] = set()
    for place, (_, stays) in enumerate(ranked):
        if id(stays) in taken:
            continue
        for _, copy in ranked[place + 1 :]:
            if id(copy) in taken or copy.node.inside(stays.node) or stays.node.inside(copy.node):
                continue
            how = says(stays.text, copy.text)
            if how:
                taken.add(id(copy))
                yield _repeat(page, stays, copy, how)


def _rank(text: Caption) -> tuple[bool, bool, bool, int]:
    return (text.aside, not text.marked, is_truncated(text.text), -len(text.letters))


def _repeat(page: Page, stays: Caption, copy: Caption, how: str) -> Repeat:
    safety, why = _safety(page, stays, copy, how)
    return Repeat(
        CODE,
        copy.node,
        stays.node,
        "the same caption stands here again",
        (Evidence("text", how, len(copy.letters)), Evidence("markup", why)),
        safety,
        (Remove(copy.node),) if safety is not Safety.SHOW else (),
    )


def _safety(page: Page, stays: Caption, copy: Caption, how: str) -> tuple[Safety, str]:
    for refuses, why in (
        (is_credit(copy.text), "a credit line on its own"),
        (not copy.whole or copy.node.tag in _CELLS, "the text is no element of its own"),
        (copy.linked is not None or _links(copy.node) - _links(stays.node), "the copy holds a link"),
    ):
        if refuses:
            return Safety.SHOW, why
    figure = _figure(copy.node)
    if copy.aside and not stays.aside:
        return Safety.SAFE, "the copy is hidden or in a closed dialog by the same picture"
    if copy.marked and stays.marked:
        return Safety.SAFE, "both are marked as captions of one picture"
    if figure is not None and figure is _figure(stays.node):
        return Safety.SAFE, "both stand in one figure"
    if how == "equal" and _neighbours(page, stays, copy):
        return Safety.SAFE, "nothing stands between the two"
    return Safety.SHOW, "only the text joins the two"


def _figure(node: Node) -> Node | None:
    return next((around for around in (node, *node.ancestors) if around.tag == "figure"), None)


def _links(node: Node) -> set[str]:
    own = {node.get("href")} if node.tag == "a" else set()
    return own.union(*(_links(kid) for kid in node.elements)) - {"", "#"}


def _neighbours(page: Page, stays: Caption, copy: Caption) -> bool:
    """Whether two texts follow each other with nothing but copies of one picture between them."""
    common = next(around for around in copy.node.ancestors if stays.node.inside(around))
    blocks = [block for block, _ in groupby(page.blocks(common)) if not _is_small(block)]
    places = [at for at, block in enumerate(blocks) if isinstance(block, Caption) and block.node in (stays.node, copy.node)]
    if len(places) < 2:
        return False
    between = blocks[places[0] + 1 : places[-1]]
    return all(isinstance(block, Picture) for block in between)


def _is_small(block: Caption | Picture) -> bool:
    return isinstance(block, Picture) and block.small
