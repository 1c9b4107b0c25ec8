"""What a finding is about, whichever rule made it: the caption, the picture, and a key made of both.

The key names a pair by what it says and shows, so that it outlives moved files, shifted lines and changed class names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.model import DropAttribute, Node, Paragraph, Proposal, SetAttribute
from captionfix.text import fold, letters

_KEY_LENGTH = 16
"""Hexadecimal digits of a key: two of a million pairs share one with a chance of 3 in 10^8 (birthday bound)."""
_MOST = 32
"""Pictures of an element whose names tell it from others."""
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


def facts_of(proposal: Proposal, page: Page | None = None) -> PairFacts:
    """Return what a finding tells about its pair.

    Args:
        proposal: the pair.
        page: its page; None for plain text.
    """
    duplicate, kept = proposal.duplicate, proposal.kept
    if page is None or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        texts = [each.text for each in (duplicate, kept) if isinstance(each, Paragraph)]
        return PairFacts(_key(proposal.code, map(letters, texts)), fold(texts[-1]) if texts else "")
    both = _content(duplicate, page), _content(kept, page)
    caption = fold(kept.raw_text()) or fold(duplicate.raw_text())
    return PairFacts(
        _key(proposal.code, (*both, *_attributes(proposal, duplicate))), caption, _picture(duplicate, kept, page)
    )


def _key(code: str, parts: Iterator[str] | tuple[str, ...]) -> str:
    told = "\0".join((code, *parts)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:_KEY_LENGTH]


def _content(node: Node, page: Page) -> str:
    """What an element says and shows: its letters, and the names of its pictures' files."""
    shown = dict.fromkeys(map(_name, islice(_pictures(node, page), _MOST)))
    return "\1".join((letters(node.raw_text()), *shown))


def _pictures(node: Node, page: Page) -> list[Picture]:
    """The picture that an element is, or those in it."""
    own = page.pictures.picture(node)
    return page.pictures.pictures_in(node) if own is None else [own]


def _name(picture: Picture) -> str:
    return "/".join(picture.key.split("/")[-_NAMES:])


def _attributes(proposal: Proposal, duplicate: Node) -> Iterator[str]:
    """What the attributes say that are themselves what repeats."""
    if not proposal.removes:
        for action in proposal.actions:
            if isinstance(action, SetAttribute | DropAttribute) and action.node is duplicate:
                yield f"{action.name}={letters(duplicate.get(action.name))}"


def _picture(duplicate: Node, kept: Node, page: Page) -> str:
    """The URL of the one picture that the pair is about, wherever it stands."""
    for pictures in (_pictures(kept, page), _pictures(duplicate, page), page.pictures.nearest_pictures(kept)):
        if pictures:
            first = pictures[0]
            return _shown(first) if page.pictures.show_one_file(pictures) else ""
    return ""


def _shown(picture: Picture) -> str:
    return next((url for url in (picture.loads, *picture.files) if url and not url.startswith("data:")), "")
