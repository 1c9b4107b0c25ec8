"""Whether two elements show one picture, as far as URLs and pixels tell: levels, from the same file to a shared name.

A rule asks for the level that its structure justifies. A number alone never is a size (``boat-3``, ``boat-7``), and an
equal ``alt`` never joins two files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import IntEnum

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, same_picture
from captionfix.layout.sizes import file_of
from captionfix.pictures.endings import sizes_apart
from captionfix.pictures.urls import is_picture_file
from captionfix.text import effective_length, letters

_LEAST_NAME = 12
"""Letters and digits of a file's name that many pictures of one site do not share (caption-rules study)."""
_LEAST_STEM = 8
"""Letters of it, sizes aside (caption-rules study)."""
_HASH = re.compile(r"(?<![0-9a-z])(?=[0-9a-f]*\d)[0-9a-f]{12,}(?![0-9a-z])")
"""What content systems call a file by: at least twelve hexadecimal digits, the length of a short digest."""
_LETTERS_OF_NAME = re.compile(r"[^\W_]+")
_NOT_IN_NAME = re.compile(
    r"csm|scaled|thumb(?:nail)?|small|medium|large|full|big|zoom|[0-9a-f]{8,}|\d{2,4}(?:x\d{2,4}|w|px)"
)
"""What image managers put into a file's name besides what it was called: sizes, hashes, TYPO3's ``csm``."""
_PART = re.compile(r"[^\W_]+(?:[.,]\d+)?")
_SIZE = re.compile(
    r"\d{1,4}x\d{1,4}|x\d{2,4}|\d{2,4}x|(?:w|h|s|c|q|r|fp[xy]?|width|height|size|max|min)\d{1,4}(?:[.,]\d+)?|"
    r"\d{2,4}(?:w|h|px)|\d{1,2}_\d{1,2}|"
    r"small|medium|large|larger|xlarge|thumb|thumbs|thumbnail|preview|full|fullsize|big|zoom|original|orig|scaled|crop|"
    r"cropped|square|wide|landscape|portrait|lightbox|gallery|teaser|detail|mini|xs|sm|md|lg|xl|xxl|hd|retina|s|m|l"
)
"""Parts of an address that say how large, or in which shape, a file is; a bare number says which of several it is."""


class Identity(IntEnum):
    """How surely two elements show one picture; the higher, the surer."""

    NAME = 1
    SIZE = 2
    SHAPE = 3
    FILE = 4
    PIXELS = 5
    ELEMENT = 6


def identity(page: Page, one: Picture, other: Picture) -> Identity | None:
    """Return what joins two pictures; None where nothing does, or where the pixels are different.

    Args:
        page: the page of both.
        one: a picture.
        other: another, or the same.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> names = "u/boat.jpg", "v/boat-300x200.jpg", "813x548/harbour.jpg", "730x492/harbour.jpg", "boat-3.jpg"
    >>> markup = "".join(f"<img src='/{name}'>" for name in names)
    >>> page = Page(HtmlTree(read_source(markup.encode())))
    >>> [identity(page, one, other) for one, other in zip(page.pictures, page.pictures[1:])]
    [None, None, <Identity.FILE: 4>, None]
    """
    if one is other:
        return Identity.ELEMENT
    if same_picture(one, other):
        return Identity.FILE
    if one.loose_key and one.loose_key == other.loose_key:
        return Identity.SHAPE
    found = _by_name(one, other)
    if found is None or found is Identity.NAME:
        verdict = page.compare(one, other)
        return Identity.PIXELS if verdict is not None and verdict.is_one_picture else found
    return found


def by_url(one: Picture, other: Picture) -> Identity | None:
    """Return how far two pictures are one by their keys alone, None where these do not say so: quick, for many pairs.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> page = Page(HtmlTree(read_source(b"<img src='/boat.jpg'><img src='/boat_small.jpg'><img src='/boats.jpg'>")))
    >>> [by_url(one, other) for one, other in zip(page.pictures, page.pictures[1:])]
    [<Identity.SIZE: 2>, None]
    """
    if one.key == other.key != "":
        return Identity.FILE
    if file_of(one.key) == file_of(other.key) != "":
        return Identity.SHAPE
    return Identity.SIZE if sizes_apart(one.key, other.key) is not None else None


def _by_name(one: Picture, other: Picture) -> Identity | None:
    """What the addresses of two pictures have in common, sizes aside."""
    here, there = _named(one), _named(other)
    if here & there:
        return Identity.FILE
    if any(_differ_in_size(mine, theirs) for mine in here for theirs in there):
        return Identity.SIZE
    names = {file_name(key) for key in here} & {file_name(key) for key in there}
    return Identity.NAME if any(effective_length(letters(name)) >= _LEAST_NAME for name in names) else None


def _named(picture: Picture) -> set[str]:
    """The keys of the files that a picture names, and of the file that it links to."""
    link = picture.link
    href = link.get("href").strip() if link is not None else ""
    return {*picture.addresses, *([picture.key_of(href)] if is_picture_file(href) else ())} - {""}


def _differ_in_size(one: str, other: str) -> bool:
    """Whether two addresses differ in parts that say a size only, and share what names a picture."""
    if sizes_apart(one, other) is not None:
        return True
    mine, theirs = Counter(_parts(one)), Counter(_parts(other))
    shared = mine & theirs
    if not all(_SIZE.fullmatch(part) for part in (mine - theirs) + (theirs - mine)):
        return False
    named = {part for part in _parts(file_name(one)) if part in shared and not _SIZE.fullmatch(part)}
    return bool(_HASH.search(" ".join(named))) or sum(map(len, named)) >= _LEAST_STEM


def _parts(key: str) -> list[str]:
    return _PART.findall(key.partition("?")[0].lower().replace("_", " "))


def file_name(key: str) -> str:
    """Return the last part of a key.

    >>> file_name("//site.org/u/Boat.jpg?v=2#1:1")
    'boat.jpg'
    """
    return key.partition("?")[0].partition("#")[0].rpartition("/")[2].lower()


def shared_stems(one: Picture, other: Picture) -> set[str]:
    """Return what the files of both are called, sizes and hashes aside."""
    return {*stems(one)} & {*stems(other)}


def stems(picture: Picture) -> Iterator[str]:
    """Yield what the files of a picture are called, sizes and hashes aside, if that tells them from others."""
    for key in (picture.key, *picture.addresses):
        name = file_name(key).rpartition(".")[0]
        stem = "".join([part for part in _LETTERS_OF_NAME.findall(name) if not _NOT_IN_NAME.fullmatch(part)])
        if len(stem) >= _LEAST_STEM and not stem.isdecimal():
            yield stem


def marks_of(picture: Picture) -> set[str]:
    """Return what two pictures must share some of to be one by their names, a name alone or a description aside.

    Quick, for finding those of a page that may be pairs.
    """
    keys = _named(picture)
    names = {file_name(key) for key in keys}
    return {picture.loose_key, *keys, *names, *stems(picture), *(found for key in keys for found in _HASH.findall(key))}
