"""Sizes of one picture under several names, the largest of them, and crops of one picture under one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from captionfix.beside import PixelRelation
from captionfix.layout.blocks import TextBlock
from captionfix.layout.page import Page
from captionfix.layout.pictures import LOADED, Picture, declared_size, sources
from captionfix.model import Evidence
from captionfix.pictures.endings import sizes_apart
from captionfix.pictures.urls import (
    ORIGINAL,
    is_one_shape,
    is_picture_file,
    is_placeholder,
    shape_hint,
    size_of,
    srcset_widths,
)
from captionfix.text import effective_length

LEAST_ALT, LEAST_CAPTION = 10, 20
"""Letters of an ``alt``, and of a caption, that tell a picture from others (caption-rules study)."""


def names_a_file_of(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether some keys name a file that others name, in whatever shape."""
    return not {*map(file_of, one)}.isdisjoint(map(file_of, other))


def file_of(key: str) -> str:
    """Return a key without the shape that a service cuts.

    >>> file_of("//site.org/boat.jpg#16:9")
    '//site.org/boat.jpg'
    """
    return key.partition("#")[0]


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
    said, told = one.alt_letters, other.alt_letters
    verdict = page.compare(one, other)
    if verdict is not None and verdict.relation is PixelRelation.DIFFERENT:
        return None
    joined: list[Evidence] = [verdict.evidence] if verdict is not None and verdict.is_one_picture else []
    if said == told and effective_length(said) >= LEAST_ALT:
        joined.append(Evidence("text", "the same alt, letters", len(said)))
    elif caption := next(_shared(page, one, other), ""):
        joined.append(Evidence("text", "the same caption, letters", len(caption)))
    names = Evidence("url", "the same file name but for a size", one.key)
    is_sure = bool(joined) and (said in told or told in said) and not is_another_crop(one, other)
    return Resized(sizes, (names, *joined), is_sure)


def larger_file(duplicate: Picture, kept: Picture) -> str:
    """Return the largest file that a copy names, if it is larger than all that the survivor names; else ``""``.

    A full size that the survivor links to is one that it names.
    """
    if _names_all_of(kept, duplicate):
        return ""
    named = {url for _, url in kept.urls}
    if kept.link is not None and is_picture_file(href := kept.link.get("href").strip()):
        named.add(href)
    theirs = _sizes(kept, named)
    mine = _sizes(duplicate, (url for name, url in duplicate.urls if _is_own(duplicate, name, url)))
    best = max(mine, key=mine.__getitem__, default="")
    if not best or best in named or _is_cut_otherwise(best, kept):
        return ""
    return best if _is_larger((duplicate, best, mine[best]), kept, max(theirs.values(), default=0)) else ""


def _names_all_of(picture: Picture, other: Picture) -> bool:
    """Whether a picture names each file that another names."""
    named = {url for _, url in picture.urls}
    return named.issuperset(url for _, url in other.urls)


def _is_own(picture: Picture, name: str, url: str) -> bool:
    """Whether a URL names a picture's file: a script may find anything else in its attributes."""
    return name in LOADED or picture.key_of(url) == picture.key


def _sizes(picture: Picture, urls: Iterable[str]) -> dict[str, int]:
    """The real files among some URLs of a picture, each with its size, 0 where that is not told."""
    told = dict(_described(picture))
    return {url: told.get(url) or size_of(url) for url in urls if not is_placeholder(url)}


def _described(picture: Picture) -> Iterator[tuple[str, int]]:
    for node in (picture.node, *sources(picture.node)):
        for name in node.attribute_names:
            if "srcset" in name:
                yield from srcset_widths(node.get(name))


def _is_larger(candidate: tuple[Picture, str, int], kept: Picture, most: int) -> bool:
    """Whether a copy's file is larger than the largest of the survivor, by their names, else by what is declared."""
    duplicate, url, size = candidate
    words = sizes_apart(kept.key, duplicate.key_of(url))
    if words is not None:
        return words[1] > words[0]
    if size != most and (size == ORIGINAL or (size and most)):
        return size > most
    here, there = next(_declared(duplicate), None), next(_declared(kept), None)
    return most != ORIGINAL and here is not None and there is not None and here > there


def _is_cut_otherwise(url: str, kept: Picture) -> bool:
    shape = shape_hint(url)
    return shape is not None and _are_apart([shape], _named(kept))


def is_another_crop(one: Picture, other: Picture) -> bool:
    """Return whether two pictures' files, or the places they are shown in, have shapes that scaling cannot join."""
    return has_another_shape(one, other) or _are_apart(_declared(one), _declared(other))


def has_another_shape(one: Picture, other: Picture) -> bool:
    """Return whether the names of two pictures' files speak of shapes that scaling cannot join.

    ``boat-1920x1080.jpg`` and ``boat-1080x1920.jpg`` have one key, and show
    two parts of a picture.
    """
    if one.key == other.key and _names_all_of(other, one):
        return False
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


def _captions(page: Page, picture: Picture) -> Iterator[tuple[TextBlock, bool]]:
    told = page.near.captions(
        picture, page.near.scope(picture), lambda caption: effective_length(caption.letters) >= LEAST_CAPTION
    )
    return ((near.caption, near.where in ("marked", "figure")) for near in told)


def _named(picture: Picture) -> Iterator[tuple[int, int]]:
    shapes = (shape_hint(url) for _, url in picture.urls if picture.key_of(url) == picture.key)
    return (shape for shape in shapes if shape is not None)


def _declared(picture: Picture) -> Iterator[tuple[int, int]]:
    sides = declared_size(picture.node)
    if all(sides):
        yield sides
