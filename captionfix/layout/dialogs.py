"""Pictures that stand alone in a closed dialog, and the pictures of the page that they enlarge."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from captionfix.layout.page import Page, same_picture
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.layout.sizes import Resized, resized
from captionfix.model import Evidence, Node
from captionfix.pictures.endings import is_series

_NEAREST = 3
"""Pictures before a dialog and behind it among which is the one it enlarges, as for copies in ``noscript``."""
_OPENER_LEVELS = 3
"""Levels above a picture at which a link or a button around it opens a dialog."""
_LEAST_STEM = 8
_LEAST_ALT = 10
"""Letters that a file name and a text have at least to tell one picture from others (caption-rules study)."""
_NAME_PART = re.compile(r"[^\W_]+")
_NOT_IN_NAME = re.compile(
    r"csm|scaled|thumb(?:nail)?|small|medium|large|full|big|zoom|[0-9a-f]{8,}|\d{2,4}(?:x\d{2,4}|w|px)"
)
"""What image managers put into a file's name besides what it was called: sizes, hashes, TYPO3's ``csm``."""


@dataclass(frozen=True, slots=True)
class Enlarged:
    """A picture, its copy in a dialog, what joins the two, and whether that is enough to be sure."""

    picture: Picture
    copy: Picture
    evidence: tuple[Evidence, ...]
    is_sure: bool = True


def enlarged(page: Page) -> Iterator[Enlarged]:
    """Yield the pictures that stand alone in a dialog, each with the one near it that it enlarges.

    Two different files are one picture here only where several things say so:
    the one opens the dialog of the other, and their names, descriptions or
    pixels agree; or names and descriptions both do.
    """
    boxed = [picture for picture in page.live if not picture.small and DIALOG in page.roles.around(picture.node)]
    openers = _openers(page) if boxed else {}
    for copy in boxed:
        box = _box(page, copy)
        if box is None:
            continue
        opened = [(picture, name) for name in _names(copy.node, box) for picture in openers.get(name, ())]
        near = [(picture, "") for picture in _near(page, box)]
        found = (_joined(page, picture, copy, name) for picture, name in (*opened, *near))
        joined = next((pair for pair in found if pair is not None), None)
        if joined is not None:
            yield joined


def _openers(page: Page) -> dict[str, list[Picture]]:
    """The pictures that open something, by the id of what they, or what is close around them, open."""
    found: dict[str, list[Picture]] = {}
    for picture in page.pictures:
        if _is_shown(page, picture):
            for name in _targets(picture):
                found.setdefault(name, []).append(picture)
    return found


def _targets(picture: Picture) -> Iterator[str]:
    for node in (picture.node, *islice(picture.node.ancestors, _OPENER_LEVELS)):
        for name, value in node.attributes.items():
            target = value.strip()
            if len(target) > 1 and (target.startswith("#") or name == "aria-controls"):
                yield target.removeprefix("#")


def _box(page: Page, copy: Picture) -> Node | None:
    """The largest dialog around a picture that shows no other one."""
    box = None
    for around in copy.node.ancestors:
        if any(other is not copy and not same_picture(other, copy) for other in page.content_in(around)):
            break
        if DIALOG in page.roles.of(around):
            box = around
    return box


def _near(page: Page, box: Node) -> Iterator[Picture]:
    inside, shown = page.pictures_in(box), page.outside
    before = bisect_left(shown, inside[0].index, key=_index)
    behind = bisect_right(shown, inside[-1].index, key=_index)
    yield from reversed(shown[max(0, before - _NEAREST) : before])
    yield from shown[behind : behind + _NEAREST]


def _is_shown(page: Page, picture: Picture) -> bool:
    return picture.noscript is None and not picture.small and DIALOG not in page.roles.around(picture.node)


def _index(picture: Picture) -> int:
    return picture.index


def _joined(page: Page, picture: Picture, copy: Picture, opener: str) -> Enlarged | None:
    named = resized(page, picture, copy)
    agrees = named.evidence if named is not None else tuple(_agreements(picture, copy))
    if opener and not agrees:
        verdict = page.compare(picture, copy)
        agrees = (verdict.evidence,) if verdict is not None and verdict.is_one_picture else ()
    kinds = {piece.kind for piece in agrees}
    if (opener and agrees) or ("url" in kinds and not kinds.isdisjoint(("text", "pixels"))):
        is_sure = _is_sure(picture, copy, kinds, named)
        told = (Evidence("markup", "opens the dialog of the copy", opener),) if opener else ()
        return Enlarged(picture, copy, (*told, *agrees), is_sure)
    return None


def _is_sure(picture: Picture, copy: Picture, kinds: set[str], named: Resized | None) -> bool:
    """Whether neither the next number of a series nor a mere size at a name's end joins the two."""
    if "pixels" not in kinds and is_series(picture.key, copy.key):
        return False
    return named is None or named.is_sure or bool(_shared_stems(picture, copy))


def _names(node: Node, box: Node) -> set[str]:
    """The ids of a dialog and of what is around the picture in it."""
    names = {box.get("id")}
    for around in node.ancestors:
        if around is box:
            break
        names.add(around.get("id"))
    return names - {""}


def _agreements(picture: Picture, copy: Picture) -> Iterator[Evidence]:
    """What two files that may be one picture have in common."""
    if picture.key and picture.key == copy.key:
        yield Evidence("url", "the same file", copy.key)
    else:
        shared = _shared_stems(picture, copy)
        if shared:
            yield Evidence("url", "the same file name, sizes and hashes aside", min(shared))
    said = copy.said
    if len(said) >= _LEAST_ALT and said == picture.said:
        yield Evidence("text", "the same alt, letters", len(said))


def _shared_stems(picture: Picture, copy: Picture) -> set[str]:
    return {*_stems(picture)} & {*_stems(copy)}


def _stems(picture: Picture) -> Iterator[str]:
    for key in (picture.key, *picture.addresses):
        name = key.partition("?")[0].rpartition("/")[2].rpartition(".")[0].lower()
        stem = "".join([part for part in _NAME_PART.findall(name) if not _NOT_IN_NAME.fullmatch(part)])
        if len(stem) >= _LEAST_STEM and not stem.isdecimal():
            yield stem
