"""The same picture with the same caption in two figures of one article.

**Why it is bad.** A lead picture is often printed a second time by the
article's body, with its caption. Readers and extractors show both.

**Example.**

    <header><figure><img src="boat.jpg"><figcaption>Boats leave the harbour</figcaption></figure></header>
    …
    <figure><img src="boat.jpg"><figcaption>Boats leave the harbour</figcaption></figure>

The later figure goes. What its picture knew and the first one's lacks
(``alt``, ``srcset``, ``title``) moves over.

**What counts as a copy.** Two ``figure`` elements with one content picture
each, the same file, sizes aside; all that the later one says, at least twenty
letters, the first one says too; both stand in one ``article`` (in ``main``,
where there is none), neither in a list, a table, a dialog or a side column,
and neither picture leads to another page. A picture
that stands three times is a sign or a refrain, and stays.

**Safety.** Safe under these conditions; for review where the two have an
``alt`` that says something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.blocks import visible_text
from captionfix.layout.copies import handed_on, is_usable_after, keeps_links, says_no_more
from captionfix.layout.page import Page, same_picture
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.model import Evidence, Node, Remove, Repeat, Safety
from captionfix.settings import Settings
from captionfix.text import holds, letters, weight

CODE = "CF205"
_PAIR = 2
_LEAST = 20
"""Letters of a caption that tell it from what stands under many pictures (caption-rules study, rule 5)."""
_ITEMS = frozenset(("li", "td", "th", "dd", "blockquote"))


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield the later of two figures that show and say the same."""
    for copies in page.copies:
        shown = [picture for picture in copies if not picture.small and _is_in_article(page, picture)]
        if len(shown) != _PAIR or not same_picture(*shown):
            continue
        stays, copy = shown
        figures = page.figure(stays), page.figure(copy)
        if figures[0] is None or figures[1] is None or figures[0] is figures[1]:
            continue
        said = _said_by_both(page, figures[0], figures[1])
        handed = tuple(handed_on(copy, stays))
        if said and keeps_links(page, copy, stays) and is_usable_after(stays, copy, handed):
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
                Safety.SAFE if says_no_more(copy, stays) else Safety.REVIEW,
                (*handed, Remove(figures[1])),
            )


def _is_in_article(page: Page, picture: Picture) -> bool:
    return not (
        DIALOG in page.roles.around(picture.node)
        or page.is_apart(picture.node)
        or page.leads_elsewhere(picture.link, picture)
    )


def _article(node: Node) -> Node | None:
    """The article an element belongs to; where a page marks none, its main part."""
    around = {each.tag: each for each in reversed(list(node.ancestors))}
    return around.get("article") or around.get("main")


def _said_by_both(page: Page, stays: Node, copy: Node) -> int:
    """How many letters a figure says, all of which another says too; 0 if it says little, or shows more."""
    if any(around.tag in _ITEMS for around in (*copy.ancestors, *stays.ancestors)):
        return 0
    if len(page.content_in(copy)) != 1 or _article(stays) is None or _article(stays) is not _article(copy):
        return 0
    said = visible_text(copy)
    size = weight(letters(said))
    return size if size >= _LEAST and holds(visible_text(stays), said) else 0
