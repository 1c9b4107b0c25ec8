"""The pictures of a page, and which of them stand in each element: always some that follow each other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import overload

from captionfix.layout.pictures import PICTURES, Icons, Keys, Picture
from captionfix.layout.roles import Roles
from captionfix.layout.tree import SearchableTree
from captionfix.layout.whereabouts import Whereabouts
from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.model import Node

_BARRING = ("head", "template", "object", "iframe", "noembed", "noframes")
"""Elements with pictures, in some parser's trees, that are no part of the page that a reader gets."""
_SLICED = 100
"""Pictures that are listed in the time of one step of work."""


class PagePictures(Sequence[Picture]):
    """The pictures of a page in document order, those of ``noscript`` too.

    Args:
        tree: the parsed page.
        roles: what its elements are for.
        keys: the keys of its URLs.
    """

    def __init__(self, tree: SearchableTree, roles: Roles, keys: Keys) -> None:
        self._tree, self._roles, self._keys = tree, roles, keys
        self._by_node: dict[Node, Picture] = {}
        self._begins: dict[Node, int] = {}
        self._ends: dict[Node, int] = {}
        self._whereabouts: dict[Callable[[Picture], Iterable[str]], Whereabouts] = {}
        self._one_file: dict[tuple[int, int], bool] = {}
        self.all = self._read_pictures()

    @overload
    def __getitem__(self, index: int) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> list[Picture]: ...
    def __getitem__(self, index: int | slice) -> Picture | list[Picture]:
        return self.all[index]

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Picture]:
        return iter(self.all)

    def _read_pictures(self) -> list[Picture]:
        """Read the pictures, and which of them stand in each element: always some that follow each other."""
        found: list[Picture] = []
        begins, ends = self._begins, self._ends
        opened: list[Node] = []
        icons = Icons(found)
        nodes = self._tree.search(*PICTURES)
        amp = any(node.tag != "img" for node in nodes)
        for node in nodes:
            fresh, around = self._fresh_ancestors(node, begins)
            if around is None and not (fresh and fresh[-1] is self._tree.root):
                continue  # no part of the page
            if amp and node.tag == "img" and _in_picture(node):
                continue  # what AMP renders inside its amp-img, which is that amp-img
            at = len(found)
            while opened and opened[-1] is not around:
                ends[opened.pop()] = at
            fresh.reverse()
            opened += fresh
            begins.update(dict.fromkeys(fresh, at))
            picture = Picture(node, at, self._roles, self._keys, icons)
            found.append(picture)
            self._by_node[node] = picture
        ends.update(dict.fromkeys(opened, len(found)))
        for noscript in self._tree.search("noscript"):
            for picture in found[begins.get(noscript, 0) : ends.get(noscript, 0)]:
                picture.noscript = picture.noscript or noscript
        return found

    @cached_property
    def _barred(self) -> set[Node]:
        return set(self._tree.search(*_BARRING))

    def _fresh_ancestors(self, node: Node, known: Container[Node]) -> tuple[list[Node], Node | None]:
        """What is around an element up to what is known already, and that; None where nothing is, or a bar."""
        fresh = []
        around = node.parent
        while around is not None and around not in known:
            if around.tag in _BARRING and around in self._barred:
                return [], None
            fresh.append(around)
            around = around.parent
        return fresh, around

    def picture(self, node: Node) -> Picture | None:
        """Return the picture that an element is."""
        return self._by_node.get(node)

    @cached_property
    def outside_noscript(self) -> list[Picture]:
        """The pictures but those of ``noscript``."""
        return [picture for picture in self.all if picture.noscript is None]

    @cached_property
    def places(self) -> dict[str, list[Picture]]:
        """The live pictures that have a key, by it, place by place."""
        places: dict[str, list[Picture]] = {}
        for picture in self.outside_noscript:
            if key := picture.key:
                places.setdefault(key, []).append(picture)
        return places

    @cached_property
    def copies(self) -> list[list[Picture]]:
        """The live pictures that stand in several places, place by place."""
        return [copies for copies in self.places.values() if len(copies) > 1]

    def has_picture(self, node: Node) -> bool:
        """Return whether a picture stands in an element."""
        return node in self._begins

    def pictures_in(self, node: Node) -> list[Picture]:
        """Return the pictures that stand in an element."""
        return self.all[self._begins.get(node, 0) : self._ends.get(node, 0)]

    def span(self, node: Node) -> tuple[int, int]:
        """Return the index of the first picture in an element, and that behind its last one; equal where none is."""
        return self._begins.get(node, 0), self._ends.get(node, 0)

    def whereabouts(self, names: Callable[[Picture], Iterable[str]]) -> Whereabouts:
        """Return where the pictures stand by what they are called, worked out once for each way to call them."""
        if names not in self._whereabouts:
            self._whereabouts[names] = Whereabouts(self.all, names)
        return self._whereabouts[names]

    def nearest_pictures(self, node: Node) -> list[Picture]:
        """Return the pictures in the smallest element around another, or itself, that holds some."""
        around = node if node in self._begins else node.below(self._begins)
        return [] if around is None else self.pictures_in(around)

    def content_in(self, node: Node) -> list[Picture]:
        """Return the pictures in an element that are no icons, and of which none is a copy in noscript."""
        contents, before = self.contents, self.contents_before
        found = contents[before[self._begins.get(node, 0)] : before[self._ends.get(node, 0)]]
        spend(1 + len(found) // _SLICED)
        return found

    @cached_property
    def contents(self) -> list[Picture]:
        """The pictures that are no icons and no copies in noscript."""
        return [picture for picture in self.all if picture.noscript is None and not picture.is_icon]

    @cached_property
    def contents_before(self) -> list[int]:
        """How many of these stand before each picture, and before the end of the page."""
        indexes = [picture.index for picture in self.contents]
        return [bisect_left(indexes, at) for at in range(len(self.all) + 1)]

    @cached_property
    def steps(self) -> dict[bool, list[int]]:
        """For each of these the next one, behind and before it, that names other files than it does."""
        contents = self.contents
        behind, before = [*range(1, len(contents) + 1)], [*range(-1, len(contents) - 1)]
        for at in range(1, len(contents)):
            if _names_the_same(contents[at], contents[at - 1]):
                before[at] = before[at - 1]
        for at in range(len(contents) - 2, -1, -1):
            if _names_the_same(contents[at], contents[at + 1]):
                behind[at] = behind[at + 1]
        return {True: behind, False: before}

    def holds(self, node: Node, picture: Picture) -> bool:
        """Return whether a picture stands in an element."""
        return self._begins.get(node, 0) <= picture.index < self._ends.get(node, 0)

    def show_one_file(self, pictures: Sequence[Picture]) -> bool:
        """Return whether pictures that follow each other, one at least, have one key."""
        span = pictures[0].index, pictures[-1].index
        known = self._one_file.get(span)
        if known is None:
            known = self._one_file[span] = all(other.key == pictures[0].key for other in pictures)
        return known

    def is_alone(self, picture: Picture, around: Node) -> bool:
        """Return whether an element around a picture holds no other, copies in noscript aside."""
        begin, end = self._begins[around], self._ends[around]
        spend(end - begin)
        return end - begin == 1 or all(other is picture or other.noscript is not None for other in self.all[begin:end])

    @cached_property
    def _shown(self) -> tuple[list[Picture], list[int]]:
        """The pictures that are no icons, and how many of these stand before each picture and the end of the page."""
        shown = [picture for picture in self.all if not picture.is_icon]
        return shown, [0, *accumulate(not picture.is_icon for picture in self.all)]

    def shown_in(self, node: Node) -> list[Picture]:
        """Return the pictures in an element that are no icons; those of ``noscript`` are among them."""
        shown, before = self._shown
        begin, end = self.span(node)
        return shown[before[begin] : before[end]]


def _in_picture(node: Node) -> bool:
    """Whether an element stands in a picture, one or two levels up."""
    return any(around.tag in PICTURES for around in islice(node.ancestors, 2))


def _names_the_same(one: Picture, other: Picture) -> bool:
    return one.key == other.key and one.addresses == other.addresses
