"""A lazy picture, and its copy in ``noscript`` for readers without scripts.

**Why it is bad.** Extractors and archive readers, which run no scripts, print
both the stand-in and the copy; those that ignore ``noscript`` print a
picture that never loads.

**Example.**

    <img class="lazy" src="blank.gif" data-src="boat.jpg">
    <noscript><img src="boat.jpg"></noscript>

becomes ``<img class="lazy" src="boat.jpg" data-src="boat.jpg">``: the copy
goes, and the picture that stays loads the real file by itself.

**What counts as a copy.** Every picture in the ``noscript`` must have a twin
among the three live pictures before or behind it, at most four levels up,
that names the same file, or carries the same ``alt`` and file name, or is a
bare stand-in right beside it. A ``noscript`` that holds anything else,
or an image map, stays. Where its file is the larger one, the picture loads that.

What hides the picture from readers without scripts is lifted where that is sure: it gets opaque, and loses the
class, or the attribute, by which a style sheet of the page hides lazy pictures; a ``noscript`` beside a picture
that stays hidden stays too. A picture that nothing names, and that screen readers passed by as long as it was hidden,
gets an empty ``alt``, so that they still do. A preview's ``width`` and ``height`` give way to those of the copy.

**Safety.** Safe; for review where the picture stays in the box of a preview, where
the copy's ``alt`` says something else than the survivor's, since one of the two
would be lost, or the names of the files speak of another shape. A placeholder
is never an identity: a stand-in that many pictures share is told apart by its
neighbour only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from captionfix.layout.copies import carry_over, does_more, is_usable_after, keeps_links, says_no_more
from captionfix.layout.lifting import lifted_for_all
from captionfix.layout.page import Page
from captionfix.layout.pictures import PICTURES, Picture, declared_size
from captionfix.layout.roles import HIDDEN
from captionfix.layout.sizes import LEAST_ALT, has_another_shape
from captionfix.layout.visibility import After, Barrier, barriers, unheard
from captionfix.model import COMMENT, Action, Evidence, Node, Proposal, Remove, SetAttribute
from captionfix.pictures.urls import ORIGINAL, file_stem, size_of
from captionfix.safety import rate
from captionfix.settings import Settings

CODE = "CF201"
_NEAREST = 3
_LEVELS = 4
"""Live pictures each way, and levels up (caption-rules study: recall .995 on its 208 pairs)."""
_FARTHEST = 40
"""Pictures each way among which live ones are looked for: a gallery may keep its copies in one noscript."""
_PIXEL = 2
"""Pixels a side, up to which an image is there to be counted, not seen."""
_PREVIEW, _PREVIEW_SCALE = 64, 4
"""Pixels of a box up to which it is a preview's, where the file is more than so many times wider; icons come in twice
and three times their size."""
_LEAST_STEM = 8
_NAMING = ("alt", "title", "aria-label", "aria-labelledby")
_HARMLESS = frozenset((*PICTURES, "picture", "source", "a", "figure", "span", "div", "p", "br", "noscript", COMMENT))


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield noscript elements that hold nothing but copies of live pictures."""
    inside: dict[Node, list[Picture]] = {}
    for picture in page.pictures:
        if picture.noscript is not None:
            inside.setdefault(picture.noscript, []).append(picture)
    taken: set[Picture] = set()
    for noscript, copies in inside.items():
        twins = _twins(page, noscript, copies, taken) if _only_pictures(noscript) else []
        if twins:
            taken.update(kept for _, kept, *_ in twins)
            yield _proposal(noscript, twins)


Twin = tuple[Picture, Picture, tuple[Evidence, ...], tuple[Action, ...]]


def _twins(page: Page, noscript: Node, copies: Sequence[Picture], taken: set[Picture]) -> list[Twin]:
    """The live twin of each picture in a noscript; none unless all have one."""
    twins: list[Twin] = []
    for duplicate in copies:
        twin = None if does_more(duplicate) else _twin(page, noscript, duplicate, taken)
        if twin is not None and twin[0].node.tag != duplicate.node.tag:
            return []  # an element that a script makes a picture shows nothing where none runs
        if twin is None or _is_pixel(twin[0]) or not keeps_links(page, duplicate, twin[0]):
            return []
        carried = tuple(carry_over(duplicate, twin[0]))
        lifted = lifted_for_all(page, twin[0], duplicate, carried, stands_in=_stands_in(twin[0], duplicate))
        if isinstance(lifted, Barrier) or not is_usable_after(twin[0], duplicate, carried):
            return []
        done = (*carried, *lifted)
        twins.append((duplicate, *twin, (*done, *_kept_silent(page, twin[0], done))))
    return twins


def _kept_silent(page: Page, kept: Picture, done: Sequence[Action]) -> Iterator[Action]:
    """What lets screen readers pass by a picture without a name as before, where nothing hides it any more."""
    node, after = kept.node, After(done)
    is_marked = node.carries("alt") and not node.get("alt")
    if is_marked or any(after.of(node).get(name).strip() for name in _NAMING):
        return
    if unheard(barriers(page, node, None)) - unheard(barriers(page, node, None, after)):
        yield SetAttribute(node, "alt", "")


def _only_pictures(noscript: Node) -> bool:
    if noscript.raw_text().strip():
        return False
    stack = [noscript]
    while stack:
        node = stack.pop()
        if node.tag not in _HARMLESS:
            return False
        stack += node.elements
    return True


def _near(page: Page, duplicate: Picture) -> Iterator[Picture]:
    """The nearest live pictures before a copy and behind it, the nearest of all first."""
    pictures = page.pictures
    before = behind = _NEAREST
    for distance in range(1, _FARTHEST + 1):
        here, there = duplicate.index - distance, duplicate.index + distance
        if before and here >= 0 and pictures[here].noscript is None:
            before -= 1
            yield pictures[here]
        if behind and there < len(pictures) and pictures[there].noscript is None:
            behind -= 1
            yield pictures[there]


def _levels(page: Page, noscript: Node, picture: Picture) -> int:
    """The levels from a noscript up to what holds a picture too; 0 where that is too far."""
    for level, above in enumerate(islice(noscript.ancestors, _LEVELS), 1):
        if page.pictures.holds(above, picture):
            return level
    return 0


def _twin(
    page: Page, noscript: Node, duplicate: Picture, taken: set[Picture]
) -> tuple[Picture, tuple[Evidence, ...]] | None:
    for kept in _near(page, duplicate):
        levels = _levels(page, noscript, kept) if kept not in taken else 0
        if not levels:
            continue
        beside = levels == 1 and abs(duplicate.index - kept.index) == 1
        same = _same(page, duplicate, kept, beside=beside)
        if same is None and beside and kept.addresses:
            verdict = page.compare(duplicate, kept)
            same = verdict.evidence if verdict is not None and verdict.is_one_picture else None
        if same is not None:
            return kept, (same, Evidence("markup", "levels up to what holds both", levels))
    return None


def _same(page: Page, duplicate: Picture, kept: Picture, *, beside: bool) -> Evidence | None:
    """What shows that two are one picture; what only counts visits is never the picture of a bare stand-in."""
    if duplicate.key and duplicate.key == kept.key:
        return Evidence("url", "the same file", duplicate.key)
    shared = duplicate.addresses & kept.addresses
    if shared:
        return Evidence("url", "the same file", min(shared))
    said = duplicate.alt_letters
    if (
        said == kept.alt_letters
        and (len(said) >= LEAST_ALT or (said and beside))
        and any(len(stem) >= _LEAST_STEM for stem in _stems(kept) & _stems(duplicate))
    ):
        return Evidence("url", "the same file name and alt", duplicate.alt)
    bare = beside and not kept.addresses and not kept.loads and not _counts(page, duplicate)
    if bare and duplicate.noscript is not None and _touch(duplicate.noscript, kept.node):
        return Evidence("markup", "a bare stand-in right beside it")
    return None


def _counts(page: Page, duplicate: Picture) -> bool:
    """Whether an image is there to be counted, or for nobody to see."""
    return duplicate.is_icon or HIDDEN in page.roles.of(duplicate.node)


def _stems(picture: Picture) -> set[str]:
    return {file_stem(url) for _, url in picture.urls}


def _touch(noscript: Node, node: Node) -> bool:
    """Whether nothing, not even a word, stands between a noscript and a picture next to it."""
    parent = noscript.parent
    kids = [kid for kid in parent.children if not (isinstance(kid, str) and not kid.strip())] if parent else []
    at = kids.index(noscript) if noscript in kids else 0
    for kid in (*kids[max(at - 1, 0) : at], *kids[at + 1 : at + 2]):
        if not isinstance(kid, str) and node.inside(kid):
            return not kid.raw_text().strip()
    return False


def _stands_in(kept: Picture, duplicate: Picture) -> bool:
    """Whether a picture waits for a script to load what its copy shows to others."""
    return kept.is_lazy and bool(kept.addresses) and kept.addresses <= duplicate.addresses


def _is_pixel(kept: Picture) -> bool:
    """Whether what the survivor loads is there to be counted, not seen."""
    return any(0 < side <= _PIXEL for side in declared_size(kept.node))


def _proposal(noscript: Node, twins: Sequence[Twin]) -> Proposal:
    carried = [action for *_, actions in twins for action in actions]
    _, kept, evidence, _ = twins[0]
    row = rate(CODE, "copy" if all(_is_no_more(duplicate, kept) for duplicate, kept, *_ in twins) else "differs")
    return Proposal(
        CODE,
        noscript,
        kept.node,
        f"noscript repeats the lazy picture{'s' if len(twins) > 1 else ''} beside it",
        evidence,
        row.safety,
        (*carried, Remove(noscript)),
        case=row.case,
    )


def _is_no_more(duplicate: Picture, kept: Picture) -> bool:
    return says_no_more(duplicate, kept) and not has_another_shape(duplicate, kept) and not _shrinks(duplicate, kept)


def _shrinks(duplicate: Picture, kept: Picture) -> bool:
    """Whether the survivor would show a file of some size in the box of a preview, the copy shows it as it is."""
    box = declared_size(kept.node)[0]
    if any(declared_size(duplicate.node)) or not 0 < box <= _PREVIEW:
        return False
    size = size_of(duplicate.loads)
    return size != ORIGINAL and size > _PREVIEW_SCALE * box
