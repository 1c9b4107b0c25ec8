"""A page as the rules see it: its pictures, and for each of them the texts that may be its caption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import urlsplit

from captionfix.layout.blocks import Block, BlockReader, Caption
from captionfix.layout.pictures import INERT, PICTURES, Picture
from captionfix.layout.roles import APART, Roles
from captionfix.model import Node, Tree
from captionfix.pictures.urls import file_stem, is_picture_file, picture_key
from captionfix.text import letters

_ROOTS = frozenset(("body", "html", "main"))
_SCOPE_TEXT = 8000
"""Letters, scripts included, beyond which a neighbourhood is no neighbourhood; the prototype's 5,000 visible
letters and room for a script."""
_CLOSE_TEXT = 900
"""Letters of a neighbourhood in which an unmarked text beside the picture is its caption (caption-rules study)."""


class SearchableTree(Tree, Protocol):
    """What a parser's door tells about a whole page."""

    @property
    def root(self) -> Node | None: ...
    def search(self, *tags: str) -> list[Node]: ...
    def search_class(self, words: Sequence[str]) -> list[Node]: ...


@dataclass(frozen=True, slots=True)
class Near:
    """A caption and where it stands: ``marked``, in the same ``figure``, or ``beside`` the picture."""

    caption: Caption
    where: str
    close: bool


class Page:
    """A page of markup.

    Args:
        tree: the parsed page.
        url: where it came from, if known.
    """

    def __init__(self, tree: SearchableTree, url: str | None = None) -> None:
        self.tree = tree
        self.host = urlsplit(url).netloc if url else ""
        self.roles = Roles()
        self._under: dict[Node, list[Picture]] = {}
        self._by_node: dict[Node, Picture] = {}
        self._blocks: dict[Node, list[Block]] = {}
        self._chains: dict[Node, tuple[Node, ...]] = {}
        self._letters: dict[Node, str] = {}
        self._scopes: dict[Picture, Node] = {}
        self._captions: dict[Picture, list[Near]] = {}
        self._reader = BlockReader(self.roles, self._by_node.get, self._under.__contains__)

    @cached_property
    def pictures(self) -> list[Picture]:
        """The pictures of the page in document order, those of ``noscript`` too."""
        found: list[Picture] = []
        for node in self.tree.search(*PICTURES):
            parent = node.parent
            chain = self._chain(parent) if parent is not None else ()
            if not chain or (node.tag == "img" and any(around.tag in PICTURES for around in chain[:2])):
                continue  # inert, or what AMP renders inside its amp-img, which is that amp-img
            picture = Picture(node, len(found), chain, self.roles)
            found.append(picture)
            self._by_node[node] = picture
            for around in chain:
                self._under.setdefault(around, []).append(picture)
        return found

    def _chain(self, node: Node) -> tuple[Node, ...]:
        """An element and what is around it up to the root; nothing for what is no part of the page."""
        chain = self._chains.get(node)
        if chain is None:
            parent = node.parent
            if parent is None:
                chain = (node,) if node is self.tree.root else ()
            else:
                above = self._chain(parent)
                chain = (node, *above) if above and node.tag not in INERT else ()
            self._chains[node] = chain
        return chain

    def pictures_in(self, node: Node) -> list[Picture]:
        """Return the pictures that stand in an element."""
        return self._under.get(node, [])

    def blocks(self, node: Node) -> list[Block]:
        """Return the texts and pictures below an element."""
        if node not in self._blocks:
            self._blocks[node] = self._reader.read(node)
        return self._blocks[node]

    def letters(self, node: Node) -> str:
        """Return the letters of all text below an element, scripts too: for ruling things out."""
        known = self._letters.get(node)
        if known is None:
            known = self._letters[node] = letters(node.raw_text())
        return known

    def is_apart(self, node: Node) -> bool:
        """Return whether an element belongs to what surrounds an article: navigation, teasers, adverts."""
        return APART in self.roles.around(node)

    def scope(self, picture: Picture) -> Node:
        """Return the largest element around a picture that holds no other content picture."""
        if picture not in self._scopes:
            self._scopes[picture] = self._find_scope(picture)
        return self._scopes[picture]

    def _find_scope(self, picture: Picture) -> Node:
        scope = picture.node
        for around in picture.node.ancestors:
            if around.tag in _ROOTS or any(self._differs(picture, other) for other in self._under[around]):
                break
            if len(around.raw_text()) > _SCOPE_TEXT:
                break
            scope = around
        return scope

    def _differs(self, picture: Picture, other: Picture) -> bool:
        return not other.small and other is not picture and not same_picture(picture, other)

    def captions(self, picture: Picture) -> list[Near]:
        """Return the texts near a picture that may be its caption."""
        if picture not in self._captions:
            self._captions[picture] = list(self._find_captions(picture))
        return self._captions[picture]

    def _find_captions(self, picture: Picture) -> Iterator[Near]:
        scope = self.scope(picture)
        figure = next((around for around in picture.node.ancestors if around.tag == "figure"), None)
        seen: set[Node] = set()
        if scope is not picture.node:
            blocks = self.blocks(scope)
            close = sum(len(block.letters) for block in blocks if isinstance(block, Caption)) <= _CLOSE_TEXT
            beside = _beside(blocks, picture)
            for block in blocks:
                if isinstance(block, Picture) or block.heading:
                    continue
                seen.add(block.node)
                if block.marked:
                    yield Near(block, "marked", close)
                elif figure is not None and block.node.inside(figure):
                    yield Near(block, "figure", close)
                elif block in beside:
                    yield Near(block, "beside", close)
        if figure is not None and not figure.inside(scope):
            for block in self.blocks(figure):
                if isinstance(block, Caption) and block.marked and block.node not in seen and not block.heading:
                    yield Near(block, "marked", close=True)

    def leads_elsewhere(self, link: Node | None, picture: Picture) -> bool:
        """Return whether a link around a picture goes to something else than this picture.

        A link to the picture's file, to a lightbox or to the picture's own
        attachment page stays with the picture.
        """
        if link is None:
            return False
        href = link.get("href").strip()
        if not href or href.startswith(("#", "javascript:", "data:")) or is_picture_file(href):
            return False
        if picture_key(href) in picture.addresses or "attachment" in f"{link.get('rel')} {href}":
            return False
        if "lightbox" in f"{link.get('rel')} {link.get('class')} {' '.join(link.attributes)}":
            return False
        tail = file_stem(href.rstrip("/"))
        return len(tail) < 5 or not any(tail in file_stem(url) for _, url in picture.urls)


def same_picture(one: Picture, other: Picture) -> bool:
    """Return whether markup alone says that two elements show one picture."""
    return bool(one.key) and (one.key == other.key)


def _beside(blocks: Sequence[Block], picture: Picture) -> list[Caption]:
    """The texts directly before and behind a picture, or behind its other copies."""
    found: list[Caption] = []
    for place, block in enumerate(blocks):
        if isinstance(block, Picture) and (block is picture or same_picture(block, picture)):
            for neighbour in (*blocks[place + 1 : place + 2], *blocks[max(place - 1, 0) : place]):
                if isinstance(neighbour, Caption):
                    found.append(neighbour)
    return found
