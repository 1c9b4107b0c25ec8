"""The pictures of a slider once more in its strip of thumbnails, or in slides that it has cloned.

**Why it is bad.** The strip is a control: with a script, a click on a
thumbnail moves the slider. Extractors, readers and archives print every
picture of the slider twice.

**Example.**

    <ul class="slides"><li><img src="a.jpg"></li><li><img src="b.jpg"></li></ul>
    <ul class="thumbs"><li><img src="a-150x100.jpg"></li><li><img src="b-150x100.jpg"></li></ul>

The strip's copies go; words beside them stay, or are for review where the
slider's own say all of them. Whole slides go that an endless slider has
cloned, by the classes of the usual libraries (``slick-cloned``), where a slide of
the same pictures and words stands beside them. What the copies knew and the
slider's pictures lack (``alt``, ``srcset``) moves over.

**What counts as a copy.** Two parts of a page side by side, in one element,
show the same files, sizes and crops aside: all their pictures, at least two, in the same
order; and no picture in them leads to another page. One of them is the strip:
its class says so, or all its files are smaller, or all are shown smaller.
Where only a width or a word for a size behind the names tells the files apart
(``a-1000.jpg`` and ``a-150.jpg``), its class or the sizes shown must say so.

**Safety.** Safe where one of the two is evidently the strip, its pictures
have no other ``alt``, and a class speaks of a slider, a gallery or a strip; for review where sizes
alone tell them apart (a press kit has its pictures for print and for the web), where the two parts look alike, or where
a thumbnail is, or is in, what a person operates (a label, a button, a tab, a link within the page,
something with a handler), where the page itself keeps a slide out of sight (by its own style sheet,
``opacity: 0``, ``translate3d``, ``aria-hidden``), where the strip has words that
the slides have not, and where a size behind the names is not borne out by an equal ``alt`` (ten letters), an
equal caption (twenty) or the pixels. Lists of
teasers, products and logos lead elsewhere or are icons, and stay. For review, too, where a script of the page that
can still run names the slider or its strip; see the setting ``scripts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice
from operator import attrgetter

from captionfix.checks.picture_pairs import PicturePair
from captionfix.checks.strips import Strip, strip_of
from captionfix.layout.blocks import visible_text
from captionfix.layout.copies import carry_over, is_usable_after, whole_element
from captionfix.layout.elements import side_by_side
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, declared_size
from captionfix.layout.roles import CLONES
from captionfix.layout.sizes import resized
from captionfix.model import Evidence, Node, Proposal, Remove, Safety
from captionfix.pictures.endings import without_size
from captionfix.pictures.names import last_part
from captionfix.safety import judge, rate
from captionfix.settings import Settings
from captionfix.text import holds, letters

CODE = "CF204"
_PAIR, _MOST = 2, 3
"""Places of one picture: in the slider and in its strip, and once more above both."""
_LEAST = 2
"""Pictures; one in each of two places is a matter of other rules."""

_SLIDE_LEVELS = 6
"""How far up a picture's slide is: builders wrap deep."""
_PLAIN = frozenset(
    ("img", "amp-img", "picture", "source", "a", "span", "div", "p", "br", "b", "i", "em", "strong", "small", "figure",
     "figcaption", "li")
)  # fmt: skip
"""What an item of a strip may hold and go whole."""

_PROCESSED = "/_processed_/"
"""Where TYPO3 puts the sizes of a file, whatever the folder of the file."""
_LEAST_NAME = 10
"""Characters of a file's name with its ending that tell it from others (caption-rules study: eight letters)."""

_place = attrgetter("index")

Pairs = list[tuple[Picture, Picture]]
Shown = tuple[tuple[tuple[str, str], ...], str]


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield the pictures of strips whose slider shows them."""
    for (one, other), pairs in _branches(page).items():
        if len(pairs) >= _LEAST and _is_all(page, one, other, pairs):
            yield from _judged(strip_of(page, one, other, pairs))
    yield from _clones(page)


def _clones(page: Page) -> Iterator[Proposal]:
    """Yield the slides that a slider has cloned."""
    seen: set[Node] = set()
    sliders: dict[Node, dict[Shown, Node]] = {}
    for picture in (picture for copies in page.pictures.copies for picture in copies):
        slide = _new_clone(picture, seen)
        if slide is None or slide.parent is None:
            continue
        if slide.parent not in sliders:
            own = [each for each in slide.parent.elements if not _is_clone(each)]
            sliders[slide.parent] = {_signature(page, each): each for each in reversed(own)}
        real = sliders[slide.parent].get(_signature(page, slide))
        if real is not None:
            yield from _cloned(page, real, slide)


def _new_clone(picture: Picture, seen: set[Node]) -> Node | None:
    """The cloned slide that a picture stands in, unless it, or what is around it, was looked at before."""
    for around in (picture.node, *islice(picture.node.ancestors, _SLIDE_LEVELS - 1)):
        if around in seen:
            break
        seen.add(around)
        if _is_clone(around):
            return around
    return None


def _is_clone(slide: Node) -> bool:
    names = slide.names
    return ("clone" in names or "duplicate" in names) and not CLONES.isdisjoint(names.split())


def _signature(page: Page, slide: Node) -> Shown:
    """What a slide shows and says."""
    return tuple((picture.key, picture.alt) for picture in page.pictures.pictures_in(slide)), visible_text(slide)


def _cloned(page: Page, real: Node, clone: Node) -> Iterator[Proposal]:
    pairs = [*zip(page.pictures.pictures_in(real), page.pictures.pictures_in(clone), strict=True)]
    carried = [(kept, duplicate, tuple(carry_over(duplicate, kept))) for kept, duplicate in pairs]
    if all(is_usable_after(kept, duplicate, actions) for kept, duplicate, actions in carried):
        yield Proposal(
            CODE,
            clone,
            real,
            "the slider's slide stands here again, cloned",
            (
                Evidence("url", "the same pictures and words in both slides, pictures", len(pairs)),
                Evidence("markup", "its class says that it is a clone", clone.get("class")),
            ),
            rate(CODE, "clone").safety,
            (*(action for _, _, actions in carried for action in actions), Remove(clone)),
            case="clone",
        )


def _branches(page: Page) -> dict[tuple[Node, Node], Pairs]:
    """Pictures that stand twice, by the two parts side by side that hold the copies; one may be the lead as well."""
    found: dict[tuple[Node, Node], Pairs] = {}
    for copies in _by_name(page):
        if len(copies) > _MOST or all(picture.is_icon for picture in copies):
            continue
        for one, other in combinations(sorted(copies, key=_place), _PAIR):
            parts = side_by_side(one.node, other.node)
            if parts is not None:
                found.setdefault(parts, []).append((one, other))
    return found


def _by_name(page: Page) -> list[list[Picture]]:
    """The live pictures by what they are called, sizes and crops aside: thumbnails are often cut square."""
    if len(page.pictures.outside_noscript) < _PAIR * _LEAST:
        return []
    found: dict[str, list[Picture]] = {}
    for copies in page.pictures.places.values():
        if name := copies[0].loose_key:
            found.setdefault(name, []).extend(copies)
    return [
        *(pictures for pictures in found.values() if len(pictures) > 1),
        *_by_size(page, found),
        *_processed([pictures[0] for pictures in found.values() if len(pictures) == 1]),
    ]


def _processed(single: Sequence[Picture]) -> Iterator[list[Picture]]:
    """The pairs of which one is what TYPO3 has made of a file of the other's name, in a folder of its own."""
    if not any(_PROCESSED in picture.key for picture in single):
        return
    named: dict[str, list[Picture]] = {}
    for picture in single:
        named.setdefault(last_part(picture.loose_key), []).append(picture)
    for name, pictures in named.items():
        if len(pictures) == _PAIR and len(name) >= _LEAST_NAME and any(_PROCESSED in each.key for each in pictures):
            yield pictures


def _by_size(page: Page, named: Mapping[str, list[Picture]]) -> Iterator[list[Picture]]:
    """The pairs of pictures, each called otherwise, whose names are equal but for a size, in order of the first."""
    bares = {name: without_size(name) for name in named}
    sized: dict[str, list[Picture]] = {}
    for name, bare in bares.items():
        if bare != name:
            sized.setdefault(bare, []).extend(named[name])
    for bare, pictures in sized.items():
        if bares.get(bare) == bare:
            pictures.extend(named[bare])
    pairs = [sorted(pictures, key=_place) for pictures in sized.values() if len(pictures) == _PAIR]
    for one, other in sorted(pairs, key=lambda pair: pair[0].index):
        if one.loose_key != other.loose_key and resized(page, one, other) is not None:
            yield [one, other]


def _is_all(page: Page, one: Node, other: Node, pairs: Pairs) -> bool:
    """Whether the pairs are all that both parts show, in the same order, and nothing of it leads elsewhere."""
    first, second = [picture for picture, _ in pairs], [duplicate for _, duplicate in pairs]
    if first != _shown(page, one, first) or second != _shown(page, other, second):
        return False
    return not any(page.near.leads_elsewhere(picture.link, picture) for pair in pairs for picture in pair)


def _shown(page: Page, part: Node, paired: Sequence[Picture]) -> list[Picture]:
    """What a part shows, its icons aside; a thumbnail may be as small as an icon, and is as large as the others."""
    sizes = {size for picture in paired if any(size := declared_size(picture.node))}
    return [
        picture
        for picture in page.pictures.pictures_in(part)
        if picture.noscript is None
        and (not picture.is_icon or picture in paired or declared_size(picture.node) in sizes)
    ]


def _judged(strip: Strip) -> Iterator[Proposal]:
    """Yield the pictures of a strip, all by the case that holds for it."""
    if any(pair.sized for pair in strip.pairs) and not strip.why:
        return  # sizes at the ends of names are nothing without what else tells of a strip
    row = judge(CODE, strip)
    why = () if row.case in ("strip", "alike") else (Evidence("markup", row.says, strip.held),)
    for pair in strip.pairs:
        files = Evidence("url", "the same file, sizes and crops aside", pair.duplicate.loose_key)
        yield Proposal(
            CODE,
            pair.other,
            pair.one,
            "the slider's picture stands once more in its strip",
            (
                *(pair.sized.evidence if pair.sized is not None else (files,)),
                Evidence("markup", "all pictures of two parts side by side, in the same order", len(strip.pairs)),
                Evidence("markup", strip.why or "the two parts look alike"),
                *why,
            ),
            row.safety,
            () if row.safety is Safety.SHOW else (*pair.carried, Remove(whole_element(pair.duplicate))),
            row.case,
            strip,
        )
        if row.safety is not Safety.SHOW:
            yield from _with_its_words(strip, pair)


def _with_its_words(strip: Strip, pair: PicturePair) -> Iterator[Proposal]:
    """Yield the item of a strip where the slide says all that it says: for review, since it may name what it opens."""
    slide, item = strip.item(pair.kept), strip.item(pair.duplicate)
    said = visible_text(item)
    links = (
        node for node in item.all_below if node.tag == "a" and node is not pair.duplicate.link and node.get("href")
    )
    if (
        said
        and holds(visible_text(slide), said)
        and all(node.tag in _PLAIN for node in item.all_below)
        and next(links, None) is None
    ):
        yield Proposal(
            CODE,
            item,
            slide,
            "the words beside the slider's picture stand once more in its strip",
            (Evidence("text", "all of it is said beside the slide, letters", len(letters(said))),),
            rate(CODE, "words").safety,
            (Remove(item),),
            case="words",
        )
