"""What a finding is about, whichever rule made it: the caption, the picture, and a key made of both.

The key names a pair by what it says and shows, so that it outlives moved files, shifted lines and changed class names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.model import DropAttribute, Node, Paragraph, Repeat, SetAttribute
from captionfix.text import fold, letters

_KEY_LENGTH = 16
"""Hexadecimal digits of a key: two of a million pairs share one with a chance of 3 in 10^8 (birthday bound)."""
_NAMES = 2
"""The last parts of a picture's URL that name it: its folder often is the day or the article, and moves along."""


class PairFacts(NamedTuple):
    """What a finding tells about its pair.

    Attributes:
        key: names the pair by its content and its rule.
        caption: the text that stands twice, or beside what does; ``""`` where there is none.
        picture: the picture's URL as the page has it; ``""`` where none is certain.
    """

    key: str
    caption: str = ""
    picture: str = ""


def facts_of(repeat: Repeat, page: Page | None = None) -> PairFacts:
    """Return what a finding tells about its pair.

    Args:
        repeat: the pair.
        page: its page; None for plain text.
    """
    copy, stays = repeat.copy, repeat.stays
    if page is None or not isinstance(copy, Node) or not isinstance(stays, Node):
        texts = [each.text for each in (copy, stays) if isinstance(each, Paragraph)]
        return PairFacts(_key(repeat.code, map(letters, texts)), fold(texts[-1]) if texts else "")
    both = _content(copy, page), _content(stays, page)
    caption = fold(stays.raw_text()) or fold(copy.raw_text())
    return PairFacts(_key(repeat.code, (*both, *_attributes(repeat, copy))), caption, _picture(copy, stays, page))


def _key(code: str, parts: Iterator[str] | tuple[str, ...]) -> str:
    told = "\0".join((code, *parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:_KEY_LENGTH]


def _content(node: Node, page: Page) -> str:
    """What an element says and shows: its letters, and the names of its pictures' files."""
    shown = dict.fromkeys(map(_name, _pictures(node, page)))
    return "\1".join((letters(node.raw_text()), *shown))


def _pictures(node: Node, page: Page) -> list[Picture]:
    """The picture that an element is, or those in it."""
    own = page.picture(node)
    return page.pictures_in(node) if own is None else [own]


def _name(picture: Picture) -> str:
    return "/".join(picture.key.split("/")[-_NAMES:])


def _attributes(repeat: Repeat, copy: Node) -> Iterator[str]:
    """What the attributes say that are themselves what repeats."""
    if not repeat.removes:
        for action in repeat.actions:
            if isinstance(action, SetAttribute | DropAttribute) and action.node is copy:
                yield f"{action.name}={letters(copy.get(action.name))}"


def _picture(copy: Node, stays: Node, page: Page) -> str:
    """The URL of the one picture that the pair is about, wherever it stands."""
    for pictures in (_pictures(stays, page), _pictures(copy, page), page.nearest_pictures(stays)):
        if pictures:
            first = pictures[0]
            return _shown(first) if all(other.key == first.key for other in pictures) else ""
    return ""


def _shown(picture: Picture) -> str:
    return next((url for url in (picture.loads, *picture.files) if url and not url.startswith("data:")), "")
