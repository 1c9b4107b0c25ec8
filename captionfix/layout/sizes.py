"""Sizes of one picture under several names, and crops of one picture under one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from captionfix.layout.blocks import Caption
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.model import Evidence, Relation
from captionfix.pictures.endings import sizes_apart
from captionfix.pictures.urls import is_one_shape, shape_hint
from captionfix.text import weight

_LEAST_ALT, _LEAST_CAPTION = 10, 20
"""Letters that tell a picture from others (caption-rules study)."""


@dataclass(frozen=True, slots=True)
class Resized:
    """What joins two pictures whose files' names are equal but for a size.

    Attributes:
        sizes: of both, to be compared with each other only.
        evidence: the names, and what else speaks for one picture.
        is_sure: whether words or pixels do, and nothing speaks of another crop.
    """

    sizes: tuple[int, int]
    evidence: tuple[Evidence, ...]
    is_sure: bool


def resized(page: Page, one: Picture, other: Picture) -> Resized | None:
    """Return what joins two pictures if their files' names differ in a size only; None for all others.

    It is never enough by itself: the rules ask for structure as well, and
    for words or pixels to be sure.
    """
    sizes = sizes_apart(one.key, other.key)
    if sizes is None or not (_is_among(one, other) or _is_among(other, one)):
        return None
    said, told = one.said, other.said
    verdict = page.compare(one, other)
    if verdict is not None and verdict.relation is Relation.DIFFERENT:
        return None
    joined: list[Evidence] = [verdict.evidence] if verdict is not None and verdict.is_one_picture else []
    if said == told and weight(said) >= _LEAST_ALT:
        joined.append(Evidence("text", "the same alt, letters", len(said)))
    elif caption := next(_shared(page, one, other), ""):
        joined.append(Evidence("text", "the same caption, letters", len(caption)))
    names = Evidence("url", "the same file name but for a size", one.key)
    is_sure = bool(joined) and (said in told or told in said) and not is_another_crop(one, other)
    return Resized(sizes, (names, *joined), is_sure)


def is_another_crop(one: Picture, other: Picture) -> bool:
    """Return whether two pictures' files, or the places they are shown in, have shapes that scaling cannot join."""
    return has_another_shape(one, other) or _are_apart(_declared(one), _declared(other))


def has_another_shape(one: Picture, other: Picture) -> bool:
    """Return whether the names of two pictures' files speak of shapes that scaling cannot join.

    ``boat-1920x1080.jpg`` and ``boat-1080x1920.jpg`` have one key, and show
    two parts of a picture.
    """
    return _are_apart(_named(one), _named(other))


def _are_apart(one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]) -> bool:
    here = {*one}
    there = {*other} if here else here
    return bool(there) and not any(is_one_shape(mine, theirs) for mine in here for theirs in there)


def _is_among(one: Picture, other: Picture) -> bool:
    """Whether each file of a picture is one of another's, or such a one in another size."""
    theirs = other.addresses
    return all(mine in theirs or any(sizes_apart(mine, their) for their in theirs) for mine in one.addresses)


def _shared(page: Page, one: Picture, other: Picture) -> Iterator[str]:
    """The captions that two pictures both have, each its own; markup calls at least one of the two so."""
    theirs = [*_captions(page, other)]
    for caption, is_marked in _captions(page, one):
        for twin, marked in theirs:
            if caption.letters == twin.letters and caption.node is not twin.node and (is_marked or marked):
                yield caption.letters


def _captions(page: Page, picture: Picture) -> Iterator[tuple[Caption, bool]]:
    told = page.captions(picture, page.scope(picture), lambda caption: weight(caption.letters) >= _LEAST_CAPTION)
    return ((near.caption, near.where in ("marked", "figure")) for near in told)


def _named(picture: Picture) -> Iterator[tuple[int, int]]:
    shapes = (shape_hint(url) for _, url in picture.urls if picture.key_of(url) == picture.key)
    return (shape for shape in shapes if shape is not None)


def _declared(picture: Picture) -> Iterator[tuple[int, int]]:
    across, down = (picture.node.get(side).removesuffix("px") for side in ("width", "height"))
    if across.isdecimal() and down.isdecimal() and int(across) and int(down):
        yield int(across), int(down)
