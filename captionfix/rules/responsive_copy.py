"""One picture twice, once for wide and once for narrow screens.

**Why it is bad.** A style sheet shows one of the two; extractors, readers and
archives without it show both.

**Example.**

    <div class="d-none d-md-block"><img src="boat.jpg?w=1200"></div>
    <div class="d-md-none"><img src="boat.jpg?w=600"></div>

The copy that names the smaller file goes; what it knew and the other lacks
(``alt``, ``srcset``) moves over.

What stays must show wherever the copy showed: a class of a common framework (Bootstrap, Tailwind, Foundation, fresnel
and others) that shows it for some widths only is taken off it; here ``d-none``.

**What counts as a copy.** The same URL, sizes aside, in two pictures that
follow each other, with no other picture in the smallest element around both,
and one of these:

* a class that hides by width, or ``aria-hidden``, on one of them, where what is
  hidden with it has no text of its own; where each has a class that hides by width,
  the file may be cut to two shapes;
* nothing at all between the two, side by side or one wrapper apart, and
  markup that treats them differently: another class, another way of loading,
  other sizes.

Two parts of the page side by side that are the same byte for byte, but for one class of opposite words
(``wide-hide``, ``small-hide``), are one: the second goes, and the first loses its class, if the page's own style sheet
uses it for nothing else.

Files whose names are equal but for a width or a word for a size behind them
(``boat-1200.jpg`` and ``boat-600.jpg``, ``boat.jpg`` and ``boat_small.jpg``)
count with the first of these only. Where the two stand in figures that say
the same, the figure goes.

In teasers and in links to something else, the two must name one file of one
size and follow each other directly.

**Safety.** Safe under these conditions; for review where the two have an
``alt`` or a caption that says something else, where their shapes tell of
another crop, where a caption would be left without its picture, and where a
size behind the names is not borne out by an equal ``alt`` (ten letters), an equal
caption (twenty) or the pixels; for review, too, where a class of the site's own speaks of screens and the page's own
style sheet does not say what it does. Only shown where that sheet hides each on screens that show the other. Three in
a row (stars, bullets) stay, unless each screen shows one of them, and so do icons and logos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from functools import partial
from itertools import islice, pairwise, takewhile

from captionfix.layout.blocks import TextBlock
from captionfix.layout.closed import opened_from
from captionfix.layout.complements import complements
from captionfix.layout.copies import (
    carry_over,
    figure_or_element,
    goes_alone,
    is_usable_after,
    keeps_links,
    levels_up,
    links_to_file,
    says_no_more,
    widest,
)
from captionfix.layout.elements import next_sibling, side_by_side
from captionfix.layout.identity import Identity, by_url
from captionfix.layout.lifting import lifted_for_widths
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, same_picture
from captionfix.layout.roles import DIALOG, HIDDEN, RESPONSIVE
from captionfix.layout.sizes import Resized, is_another_crop, resized
from captionfix.layout.visibility import Barrier, barriers, unseen, words_for_screens
from captionfix.layout.widths import EDGES, hidden_at, speaks_of_widths
from captionfix.model import Action, Evidence, Node, Proposal, Remove
from captionfix.safety import FARTHEST_FIRST, rate
from captionfix.settings import Settings
from captionfix.text import effective_length, fold, letters

CODE = "CF202"
_LEVELS = 8
"""How far up two copies may meet; wider apart they are two places of a page. Frameworks wrap deep: pages of the
caption corpus need six, and none loses anything with twelve."""
_TELLS = 20
"""Letters of a text of a hidden part's own; what has fewer is a button or a number."""
_PAIR = 2
_SIDE_BY_SIDE = 2
"""How far up two copies meet that stand side by side, or one wrapper apart."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield pairs of pictures that differ in the screens they are for."""
    taken: list[Node] = []
    for part, again, lift in complements(page):
        taken += (part, again)
        yield _block_goes(part, again, lift)
    for one, other, named in _pairs(page):
        if any(picture.node.inside(node) for picture in (one, other) for node in taken):
            continue
        why = _why(page, one, other, named)
        if why:
            sizes = dict(zip((one, other), named.sizes if named else (), strict=False))
            stand_ins = [each for each, real in ((one, other), (other, one)) if _may_stand_in(each, real)]
            narrowed = [each for each, against in ((one, other), (other, one)) if _is_narrowed(page, each, against)]
            ranked = sorted((one, other), key=lambda each: (each in narrowed, *_rank(page, each, sizes, stand_ins)))
            ways = (_proposed(page, kept, duplicate, named, why) for kept, duplicate in (ranked, reversed(ranked)))
            found = [way for way in ways if way is not None]
            yield from sorted(found, key=lambda way: FARTHEST_FIRST.index(way.safety))[:1]


def _block_goes(kept: Node, duplicate: Node, lift: tuple[Action, ...]) -> Proposal:
    return Proposal(
        CODE,
        duplicate,
        kept,
        "the same part of the page for another width of screen",
        (Evidence("markup", "the same, byte for byte, but for a class that hides it at other widths"),),
        rate(CODE, "copy").safety,
        (*lift, Remove(duplicate)),
        case="copy",
    )


def _proposed(page: Page, kept: Picture, duplicate: Picture, named: Resized | None, why: str) -> Proposal | None:
    """What goes if one of two pictures stays; None where the other would be missed."""
    carried = tuple(carry_over(duplicate, kept))
    if not (
        goes_alone(page, duplicate, kept)
        and keeps_links(page, duplicate, kept)
        and is_usable_after(kept, duplicate, carried)
    ):
        return None
    removed = figure_or_element(page, kept, duplicate)
    lifted = lifted_for_widths(page, kept.node, duplicate.node, removed, carried)
    case = _case(page, kept, duplicate, named, lifted)
    row = rate(CODE, case)
    files = named.evidence if named else (_named_alike(kept, duplicate),)
    barred = (Evidence("markup", lifted.says),) if isinstance(lifted, Barrier) else ()
    return Proposal(
        CODE,
        duplicate.node,
        kept.node,
        "the same picture for another width of screen",
        (*files, Evidence("markup", why), *([row.evidence] if case != "copy" else []), *barred),
        row.safety,
        (*carried, *lifted, Remove(removed)) if not isinstance(lifted, Barrier) else (),
        case=case,
    )


def _case(
    page: Page, kept: Picture, duplicate: Picture, named: Resized | None, lifted: tuple[Action, ...] | Barrier
) -> str:
    """The first case of the table that holds."""
    if isinstance(lifted, Barrier):
        return "hidden"
    if words_for_screens(page, kept.node, duplicate.node) or words_for_screens(page, duplicate.node, kept.node):
        return "own words"
    if by_url(kept, duplicate) is not Identity.SHAPE and not (
        named.is_sure if named else not is_another_crop(duplicate, kept)
    ):
        return "differs"
    return "copy" if says_no_more(duplicate, kept) and not _captions_differ(page, duplicate, kept) else "differs"


def _named_alike(kept: Picture, duplicate: Picture) -> Evidence:
    shape = by_url(kept, duplicate) is Identity.SHAPE
    return Evidence("url", "the same file in another shape" if shape else "the same file", duplicate.key)


def _pairs(page: Page) -> Iterator[tuple[Picture, Picture, Resized | None]]:
    """Pictures that follow each other and name one file, or sizes of one: two in a row, or the first two of a turn."""
    live = page.pictures.outside_noscript
    for at, (one, other) in enumerate(pairwise(live)):
        if one.is_icon or not (level := by_url(one, other)):
            continue
        if any(by_url(before, one) for before in live[max(at - 1, 0) : at]):
            continue
        row = (one, other, *takewhile(partial(by_url, one), islice(live, at + 2, None)))
        if len(row) > _PAIR and not _take_turns(*row):
            continue
        if not _may_pair(page, one, other):
            continue
        if level is Identity.SIZE:
            named = resized(page, one, other)
            if named is not None:
                yield one, other, named
        elif level is Identity.SHAPE or same_picture(one, other):
            yield one, other, None


def _may_pair(page: Page, one: Picture, other: Picture) -> bool:
    """Whether two pictures are the only two of the smallest element around both, and that is near."""
    around = one.node.parent
    for _ in range(_LEVELS):
        if around is None:
            return False
        if page.pictures.holds(around, other):
            if _take_turns(one, other):
                return True
            live = (
                picture
                for picture in page.pictures.pictures_in(around)
                if picture.noscript is None and not picture.is_icon
            )
            return len(list(islice(live, _PAIR + 1))) == _PAIR
        around = around.parent
    return False


def _take_turns(*pictures: Picture) -> bool:
    """Whether each stands right behind the one before, each box for other screens by a common style sheet."""
    meet = [side_by_side(one.node, other.node) for one, other in pairwise(pictures)]
    parts = [pair for pair in meet if pair is not None and next_sibling(pair[0]) is pair[1]]
    if len(parts) < len(meet) or any(one[1] is not other[0] for one, other in pairwise(parts)):
        return False
    hidden = [hidden_at(part.get("class")) for part in (parts[0][0], *(behind for _, behind in parts))]
    return all(each.spans for each in hidden) and all(sum(not each.at(edge) for each in hidden) <= 1 for edge in EDGES)


def _why(page: Page, one: Picture, other: Picture, named: Resized | None) -> str:
    """What tells that two pictures are one for different screens, or ``""``."""
    up, down = levels_up(one.node, other.node), levels_up(other.node, one.node)
    common = [one.node, *one.node.ancestors][up]
    if max(up, down) > _LEVELS or not _may_be_copies(page, one, other, common):
        return ""
    blocks = page.texts.blocks(common)
    if one not in blocks or other not in blocks:
        return ""  # one of them stands in the other, unclosed
    nothing_between = abs(blocks.index(one) - blocks.index(other)) == 1
    side_by_side = nothing_between and max(up, down) <= _SIDE_BY_SIDE and _differ(page, one, other)
    one_url = not {url for _, url in one.urls}.isdisjoint(url for _, url in other.urls)
    elsewhere = page.is_boilerplate(common) or any(
        page.near.leads_elsewhere(picture.link, picture) for picture in (one, other)
    )
    if by_url(one, other) is Identity.SHAPE:
        each = all(RESPONSIVE in _roles_below(page, picture.node, common) for picture in (one, other))
        return "each of them is for other screens" if each and not elsewhere else ""
    if (not elsewhere or _lead_to_one(one, other)) and _for_screens(page, one, other, common):
        return "one of them is for other screens"
    if named is not None:
        return ""  # a size at a name's end is no file without what else tells of screens
    return "nothing stands between the two" if side_by_side and (one_url or not elsewhere) else ""


def _lead_to_one(one: Picture, other: Picture) -> bool:
    """Whether each of two pictures stands in a link of its own for some screens, and both lead to the same."""
    here, there = one.link, other.link
    if here is None or there is None or here is there or here.get("href") != there.get("href"):
        return False
    return all(speaks_of_widths(link.get("class")) for link in (here, there))


def _may_be_copies(page: Page, one: Picture, other: Picture, common: Node) -> bool:
    """Whether nothing speaks against two places of a picture being one: other pictures, a dialog, a menu."""
    roles = [_roles_below(page, picture.node, common) for picture in (one, other)]
    alike_apart = page.is_boilerplate(one.node) == page.is_boilerplate(other.node)
    # Inside one article and with a class that speaks of screens, words such as sidebar name a part of the article.
    by_width = any(RESPONSIVE in each for each in roles) and _is_in_article(common)
    if one.node.tag != other.node.tag or not (alike_apart or by_width):
        return False
    if not _take_turns(one, other) and any(
        picture is not other
        and not same_picture(picture, one)
        and by_url(picture, one) is not Identity.SHAPE
        and not picture.is_icon
        for picture in page.pictures.pictures_in(common)
    ):
        return False
    both = ((one.node, other.node), (other.node, one.node))
    return not any(DIALOG in each for each in roles) and not any(any(opened_from(page, *each)) for each in both)


def _is_in_article(node: Node) -> bool:
    return any(around.tag == "article" for around in (node, *node.ancestors))


def _for_screens(page: Page, one: Picture, other: Picture, common: Node) -> bool:
    roles = [_roles_below(page, picture.node, common) for picture in (one, other)]
    if not any(RESPONSIVE in each for each in roles):
        hidden = [picture for picture, each in zip((one, other), roles, strict=True) if HIDDEN in each]
        if not hidden or any(_tells_more(page, picture, common) for picture in hidden):
            return False
    return _classes(one, common) != _classes(other, common)


def _tells_more(page: Page, picture: Picture, common: Node) -> bool:
    """Whether what is hidden with a picture says something of its own: a panel, no copy for other screens."""
    below = takewhile(lambda around: around is not common, picture.node.ancestors)
    box = page.roles.outermost(below, HIDDEN)
    if box is None:
        return False
    said = Counter(block.letters for block in page.texts.blocks(common) if isinstance(block, TextBlock))
    told = (block for block in page.texts.blocks(box) if isinstance(block, TextBlock) and not block.is_marked)
    return any(effective_length(block.letters) >= _TELLS and said[block.letters] == 1 for block in told)


def _captions_differ(page: Page, duplicate: Picture, kept: Picture) -> bool:
    """Whether a copy has a caption of its own: what stays has another one, or nobody else says it."""
    mine, theirs = ({text.letters for text in _marked_texts(page, picture)} for picture in (duplicate, kept))
    if not mine or not mine.isdisjoint(theirs):
        return False
    branch = _branch(page, duplicate)
    elsewhere = [
        letters(fold(page.texts.raw_text(node))) for node in page.texts.caption_elements if not node.inside(branch)
    ]
    return bool(theirs) or not any(said in text for said in mine for text in elsewhere)


def _marked_texts(page: Page, picture: Picture) -> Iterator[TextBlock]:
    for block in page.texts.blocks(_branch(page, picture)):
        if isinstance(block, TextBlock) and block.is_marked:
            yield block


def _branch(page: Page, picture: Picture) -> Node:
    """The largest element around a picture that holds no other copy of it."""
    branch = picture.node
    for around in islice(picture.node.ancestors, _LEVELS):
        if len([each for each in page.pictures.pictures_in(around) if each.noscript is None]) > 1:
            break
        branch = around
    return branch


def _differ(page: Page, one: Picture, other: Picture) -> bool:
    """Whether markup treats two pictures differently; two just alike may be stars, faces, a comparison.

    So may be two of which nothing differs but classes that the page's own sheet paints.
    """
    if one.is_lazy != other.is_lazy:
        return True
    if any(one.node.get(name) != other.node.get(name) for name in ("loading", "sizes", "srcset")):
        return True
    mine, theirs = ({*picture.node.get("class").split()} for picture in (one, other))
    return mine != theirs and all(page.sheets.only_hides(name) for name in mine ^ theirs)


def _roles_below(page: Page, node: Node, common: Node) -> set[str]:
    roles: set[str] = set()
    for around in (node, *node.ancestors):
        if around is common:
            break
        roles |= page.roles.of(around)
    return roles


def _classes(picture: Picture, common: Node) -> list[str]:
    """The classes of a picture and of what is around it below an element: equal ones show two alike on one screen."""
    below = takewhile(lambda node: node is not common, (picture.node, *picture.node.ancestors))
    return [node.get("class") for node in below]


def _may_stand_in(picture: Picture, real: Picture) -> bool:
    """Whether a picture loads a file that another, which a script is to load, does not name: a blurred one, mostly."""
    named = {url for _, url in real.urls}
    return bool(picture.loads) and not real.loads and bool(named) and named.isdisjoint(url for _, url in picture.urls)


def _is_narrowed(page: Page, picture: Picture, other: Picture) -> bool:
    """Whether a picture is for screens of some widths, and another for all."""
    mine, theirs = barriers(page, picture.node, other.node), barriers(page, other.node, picture.node)
    if not unseen(mine) or page.sheets.screens <= unseen(mine) or unseen(theirs):
        return False
    own = other.node.around_less(picture.node)
    return not any(RESPONSIVE in page.roles.of(each) for each in own)


def _rank(
    page: Page, picture: Picture, sizes: Mapping[Picture, int], stand_ins: Container[Picture]
) -> tuple[bool, bool, bool, int, bool, int]:
    roles = page.roles.around(picture.node)
    hidden = HIDDEN in roles and RESPONSIVE not in roles
    captioned = any(
        isinstance(block, TextBlock) and block.is_marked for block in page.texts.blocks(page.near.scope(picture))
    )
    size = sizes.get(picture, widest(picture))
    return (hidden, not captioned, not links_to_file(picture), -size, picture in stand_ins, picture.index)
