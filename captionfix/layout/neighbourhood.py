"""What is near a picture: how far its neighbourhood reaches, its figure, and the texts that may be its caption."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from captionfix.layout.blocks import BlockReader, TextBlock
from captionfix.layout.page_pictures import PagePictures
from captionfix.layout.page_texts import CLOSE_TEXT, PageTexts
from captionfix.layout.pictures import Picture, same_picture
from captionfix.layout.roles import DIALOG, Roles
from captionfix.layout.tree import SearchableTree
from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.model import Node
from captionfix.pictures.names import last_part
from captionfix.pictures.urls import is_picture_file

_ROOTS = frozenset(("body", "html", "main"))
_ENDS = _ROOTS | {"article", "section", "figure", "li", "td", "th", "dd", "blockquote", "table"}
"""What a text behind a picture does not reach out of."""
_CELLS = ("td", "th")
SCOPE_TEXT = 8000
"""Letters, scripts included, beyond which a neighbourhood is no neighbourhood; the prototype's 5,000 visible
letters and room for a script."""
FARTHEST = 24
"""Levels above a picture beyond which nothing is near it; on 5,224 pictures of real pages a scope reaches 17."""
_LEAST_STEM = 5
"""Letters of a link's last path part that, found in the picture's file name, make it the picture's own page."""
_PASSED = 64
"""Icons and copies of a picture, in a row behind it, beyond which no text there is its caption."""
_BOX_TEXT = 3000
"""Characters of a neighbourhood in which two texts are both by its picture; captions seldom have more than 500,
and two of them come with credits and buttons."""
_BEHIND = 2
"""Texts behind a picture that may be its caption: a credit often comes first."""


@dataclass(frozen=True, slots=True)
class Near:
    """A caption and where it stands: ``marked``, in the same ``figure``, or ``beside`` the picture."""

    caption: TextBlock
    where: str
    close: bool


class Neighbourhoods:
    """What is near each picture of a page.

    Args:
        pictures: of the page.
        texts: of the page.
        roles: what its elements are for.
        reader: what cuts an element's text into blocks.
        tree: the parsed page.
    """

    def __init__(
        self, pictures: PagePictures, texts: PageTexts, roles: Roles, reader: BlockReader, tree: SearchableTree
    ) -> None:
        self._pictures, self._texts, self._roles, self._reader = pictures, texts, roles, reader
        self._tree = tree
        self._scopes: dict[Picture, Node] = {}
        self._figures: dict[Picture, Node | None] = {}
        self._beside: dict[Picture, list[TextBlock]] = {}
        self._told: dict[Node, dict[int, Node | None]] = {}
        self._elsewhere: dict[Picture, bool] = {}

    @cached_property
    def _has_figures(self) -> bool:
        return bool(self._tree.search("figure"))

    def scope(self, picture: Picture) -> Node:
        """Return the largest element around a picture that holds no other content picture."""
        if picture not in self._scopes:
            self._scopes[picture] = self._find_scope(picture)
        return self._scopes[picture]

    def box(self, picture: Picture) -> Node:
        """Return the part of a picture's scope that is small enough to hold little but its caption."""
        box = picture.node
        scope = self.scope(picture)
        for around in picture.node.ancestors:
            if box is scope or self._texts.has_more_than(around, _BOX_TEXT):
                break
            box = around
        return box

    def _find_scope(self, picture: Picture) -> Node:
        scope = picture.node
        low, high = picture.index, picture.index + 1
        for around in islice(picture.node.ancestors, FARTHEST):
            begin, end = self._pictures.span(around)
            if around.tag in _ROOTS or (end - begin > high - low and self._holds_other(picture, around, low, high)):
                break
            if self._texts.has_more_than(around, SCOPE_TEXT):
                break
            scope, low, high = around, begin, end
        return scope

    def _holds_other(self, picture: Picture, around: Node, low: int, high: int) -> bool:
        """Whether another content picture is among those before and behind; copies in a row are one step."""
        before = self._pictures.contents_before
        first, last = (before[at] for at in self._pictures.span(around))
        for start, forward in ((before[low] - 1, False), (before[high], True)):
            at = start
            while first <= at < last:
                other = self._pictures.contents[at]
                if same_picture(picture, other):
                    at = self._pictures.steps[forward][at]
                elif self._enlarges(other, around):
                    at += 1 if forward else -1
                else:
                    return True
        return False

    def _enlarges(self, other: Picture, common: Node) -> bool:
        """Whether a picture is alone in a closed dialog below an element: a larger file opened from outside."""
        if DIALOG not in self._roles.around(other.node):
            return False
        for around in other.node.ancestors:
            if around is common:
                break
            if DIALOG in self._roles.of(around):
                return all(inner is other or inner.is_icon for inner in self._pictures.pictures_in(around))
        return False

    def figure(self, picture: Picture) -> Node | None:
        """Return the figure a picture stands in."""
        if not self._has_figures:
            return None
        if picture not in self._figures:
            self._figures[picture] = picture.node.nearest("figure")
        return self._figures[picture]

    def captions(self, picture: Picture, within: Node, says: Callable[[TextBlock], bool]) -> Iterator[Near]:
        """Yield the texts near a picture that may be its caption.

        Args:
            picture: the picture.
            within: how far to look for texts that are marked or in its figure.
            says: tells whether a text is of interest; where it stands is looked into only then.
        """
        scope, figure = self.scope(picture), self.figure(picture)
        close = scope is not picture.node and not self._texts.has_more_than(scope, CLOSE_TEXT)
        seen: set[Node] = set()
        for block in self._texts_within(picture, within):
            spend()
            if says(block) and not block.heading:
                if block.is_marked:
                    seen.add(block.node)
                    yield Near(block, "marked", close)
                elif figure is not None and block.node.inside(figure):
                    yield Near(block, "figure", close)
        for block in self.beside(picture):
            if says(block) and block.node not in seen and not block.heading:
                yield Near(block, "marked" if block.is_marked else "beside", close)
        if figure is not None and not figure.inside(scope) and self._texts.has_caption_element(figure):
            for block in self._blocks_in(figure):
                spend()
                if says(block) and block.is_marked and block.node not in seen and not block.heading:
                    yield Near(block, "marked", close=True)

    def _texts_within(self, picture: Picture, within: Node) -> Iterator[TextBlock]:
        """The texts of a part of a picture's scope in which markup speaks of a caption."""
        if within.inside(self.scope(picture)) and (
            self.figure(picture) is not None or self._texts.has_caption_element(within)
        ):
            yield from self._blocks_in(within)

    def _blocks_in(self, node: Node) -> Iterator[TextBlock]:
        return (block for block in self._texts.near_blocks(node) if isinstance(block, TextBlock))

    def beside(self, picture: Picture) -> list[TextBlock]:
        """Return the text directly before a picture and the two directly behind it, if no other picture intervenes."""
        if picture not in self._beside:
            before, behind = self._before(picture), self._behind(picture)
            self._beside[picture] = [*before, *behind]
        return self._beside[picture]

    def _behind(self, picture: Picture) -> list[TextBlock]:
        found: list[TextBlock] = []
        node, passed = picture.node, 0
        for around in islice(picture.node.ancestors, FARTHEST):
            for block in self._reader.behind(node, around):
                passed += 1
                if passed > _PASSED:
                    return found
                if isinstance(block, TextBlock):
                    found.append(block)
                if len(found) == _BEHIND or (isinstance(block, Picture) and not self._is_copy(picture, block)):
                    return found
            if self._is_end(around, picture):
                break
            node = around
        return found

    def _is_end(self, around: Node, picture: Picture) -> bool:
        """Whether what is near a picture ends with an element: any cell does, but of a table that lays out just it."""
        if around.tag not in _ENDS:
            return False
        if around.tag not in _CELLS:
            return True
        table = around.nearest("table")
        return (
            table is None
            or len(self._pictures.content_in(table)) > 1
            or (self.scope(picture) is not table and self.scope(picture).inside(table))
            or self._texts.has_more_than(table, CLOSE_TEXT)
        )

    def _before(self, picture: Picture) -> list[TextBlock]:
        node = picture.node
        for around in islice(picture.node.ancestors, FARTHEST):
            told = self._told_before(around, self._reader.place(around, node))
            if told is not None:
                blocks = [] if self._texts.has_more_than(told, SCOPE_TEXT) else self._texts.blocks(told)
                last = blocks[-1] if blocks else None
                return [last] if isinstance(last, TextBlock) else []
            if self._is_end(around, picture):
                break
            node = around
        return []

    def _told_before(self, around: Node, place: int) -> Node | None:
        """The nearest child before a place that holds text; what was found for an earlier place is looked up."""
        kids, known = around.children, self._told.setdefault(around, {})
        found: Node | None = None
        for at in range(place - 1, -1, -1):
            kid = kids[at]
            if not isinstance(kid, str) and self._texts.has_more_than(kid, 0):
                found = kid
                break
            if at in known:
                found = known[at]
                break
        known[place] = found
        return found

    def _is_copy(self, picture: Picture, other: Picture) -> bool:
        return other.is_icon or same_picture(picture, other)

    def may_be_marked(self, picture: Picture, beyond: int, least: int) -> bool:
        """Return whether a text near a picture may be one that the markup calls a caption: quick, for ruling out.

        Args:
            picture: the picture.
            beyond: levels above the nearest text to which near reaches, where neither scope nor figure reach it.
            least: how many characters the nearest text has more than.
        """
        below = []
        around = picture.node.parent
        while around is not None and around not in self._texts.around_caption_elements:
            below.append(around)
            around = around.parent
        if around is None:
            return False
        level = len(below)
        if level <= beyond or not self._texts.has_more_than(below[level - beyond - 1], least):
            return True
        if around.tag not in _ROOTS and not self._holds_other(picture, around, picture.index, picture.index + 1):
            return True
        figure = self.figure(picture)
        return figure is not None and self._texts.has_caption_element(figure)

    def leads_elsewhere(self, link: Node | None, picture: Picture) -> bool:
        """Return whether a link around a picture goes to something else than this picture.

        A link to the picture's file, to a lightbox, to its attachment page or,
        from a captioned figure, to a page called like the file stays with the
        picture.
        """
        if link is None:
            return False
        known = self._elsewhere.get(picture)
        if known is None:
            known = self._elsewhere[picture] = _leads_elsewhere(link) and not self._is_own_page(link, picture)
        return known

    def _is_own_page(self, link: Node, picture: Picture) -> bool:
        """Whether a captioned figure's picture links to a page that is called like its file.

        Without a caption, teasers do: their files are called after the stories they lead to.
        """
        figure = self.figure(picture)
        if figure is None or not self._texts.has_caption_element(figure):
            return False
        tail = last_part(link.get("href").strip().partition("?")[0].rstrip("/"))
        return len(tail) >= _LEAST_STEM and tail in last_part(picture.key.partition("?")[0])


def _leads_elsewhere(link: Node) -> bool:
    href = link.get("href").strip()
    if not href or href.startswith(("#", "javascript:", "data:")) or is_picture_file(href):
        return False
    rel = link.get("rel")
    if "attachment" in href or "attachment" in rel:
        return False
    return "lightbox" not in " ".join((rel, link.get("class"), *link.attribute_names))
