"""One picture twice, once for wide and once for narrow screens.

**Why it is bad.** A style sheet shows one of the two; extractors, readers and
archives without it show both.

**Example.** ::

    <div class="d-none d-md-block"><img src="boat.jpg?w=1200"></div>
    <div class="d-md-none"><img src="boat.jpg?w=600"></div>

The copy that names the smaller file goes; what it knew and the other lacks
(``alt``, ``srcset``) moves over.

**What counts as a copy.** The same URL, sizes aside; no other picture in the
smallest element around both; and a class that hides by width, or
``aria-hidden``, on one of them. Two pictures of one URL that follow each other
with nothing in between count too.

**Safety.** Safe under these conditions. Icons, logos, teasers and pictures
that lead elsewhere stay: a page shows them twice on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.copies import handed_on, levels_up
from captionfix.layout.page import Page, same_picture
from captionfix.layout.roles import DIALOG, HIDDEN, RESPONSIVE
from captionfix.model import Caption, Evidence, Node, Picture, Remove, Repeat, Safety
from captionfix.pictures.urls import width_hint
from captionfix.settings import Settings

CODE = "CF202"
_LEVELS = 4
"""How far up two copies may meet; wider apart they are two places of a page."""


def find(page: Page, settings: Settings) -> Iterator[Repeat]:
    """Yield pairs of pictures that differ in the screens they are for."""
    for one, other in _pairs(page):
        why = _why(page, one, other)
        if why:
            stays, copy = sorted((one, other), key=lambda picture: _rank(page, picture, one, other))
            yield Repeat(
                CODE,
                copy.node,
                stays.node,
                "the same picture for another width of screen",
                (Evidence("url", "the same file", copy.key), Evidence("markup", why)),
                Safety.SAFE,
                (*handed_on(copy, stays), Remove(_element(copy))),
                picture=True,
            )


def _pairs(page: Page) -> Iterator[tuple[Picture, Picture]]:
    """Pictures shown exactly twice, both of them content."""
    groups: dict[str, list[Picture]] = {}
    for picture in page.pictures:
        if picture.key and picture.noscript is None:
            groups.setdefault(picture.key, []).append(picture)
    for group in groups.values():
        if len(group) == 2 and not any(
            picture.small or page.is_apart(picture.node) or page.leads_elsewhere(picture.link, picture) for picture in group
        ):
            yield group[0], group[1]


def _why(page: Page, one: Picture, other: Picture) -> str:
    up = levels_up(one.node, other.node)
    if up > _LEVELS or levels_up(other.node, one.node) > _LEVELS or one.node.tag != other.node.tag:
        return ""
    common = [one.node, *one.node.ancestors][up]
    if any(not same_picture(picture, one) and not picture.small for picture in page.pictures_in(common)):
        return ""
    roles = [_roles_below(page, picture.node, common) for picture in (one, other)]
    if any(DIALOG in each for each in roles):
        return ""
    if any(RESPONSIVE in each or HIDDEN in each for each in roles):
        return "one of them is for other screens"
    blocks = page.blocks(common)
    places = [blocks.index(one), blocks.index(other)]
    between = blocks[min(places) + 1 : max(places)]
    if not between and up <= 2 and levels_up(other.node, one.node) <= 2:
        return "nothing stands between the two"
    return ""


def _roles_below(page: Page, node: Node, common: Node) -> set[str]:
    roles: set[str] = set()
    for around in (node, *node.ancestors):
        if around is common:
            break
        roles |= page.roles.of(around)
    return roles


def _rank(page: Page, picture: Picture, one: Picture, other: Picture) -> tuple[bool, bool, int, int]:
    hidden = HIDDEN in page.roles.around(picture.node)
    captioned = any(isinstance(block, Caption) and block.marked for block in page.blocks(page.scope(picture)))
    return (hidden, not captioned, -width_hint(picture.node.get("src")), picture.index)


def _element(picture: Picture) -> Node:
    """The whole picture: its ``picture`` element with the sources, where it has one."""
    parent = picture.node.parent
    return parent if parent is not None and parent.tag == "picture" else picture.node
