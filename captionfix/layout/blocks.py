"""The visible text of an element, cut into the pieces a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from captionfix.layout.pictures import INERT, PICTURES
from captionfix.layout.roles import CAPTION, CREDIT, DIALOG, HIDDEN, Roles
from captionfix.model import COMMENT, Caption, Node, Picture
from captionfix.text import fold, letters

INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
     "sup", "time", "tt", "u", "var", "wbr")
)  # fmt: skip
"""Phrasing elements of the HTML standard that a browser lays out within a line."""

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "hgroup"))
_SILENT = INERT | {"noscript", "head", COMMENT}
_MARK_LEVELS = 3
"""A caption's class may stand on the element or up to this many above it (caption corpus)."""

Block = Caption | Picture


class _Level:
    """One open element on the way through a scope."""

    __slots__ = ("before", "is_block", "kids", "node", "split")

    def __init__(self, node: Node, split: bool, is_block: bool, before: int) -> None:
        self.node, self.split, self.is_block, self.before = node, split, is_block, before
        self.kids: Iterator[Node | str] = iter(node.children)


class BlockReader:
    """Reads the blocks of an element in document order.

    Args:
        roles: the page's roles.
        picture: gives the picture of an element.
        has_picture: tells whether an element holds a picture.
    """

    def __init__(
        self, roles: Roles, picture: Callable[[Node], Picture | None], has_picture: Callable[[Node], bool]
    ) -> None:
        self._roles, self._picture, self._has_picture = roles, picture, has_picture
        self._blocks: list[Block] = []
        self._run: list[tuple[str, Node]] = []

    def read(self, scope: Node) -> list[Block]:
        """Return the pictures and the texts below an element.

        A text that spans several blocks of one marked element is given once
        more as a whole, behind its pieces.
        """
        self._blocks, self._run = [], []
        self._walk(scope)
        return self._blocks

    def _walk(self, scope: Node) -> None:
        """Go through the scope with a stack of its own: pages nest deeper than Python's calls may."""
        stack = [_Level(scope, _only_elements(scope), is_block=True, before=0)]
        while stack:
            level = stack[-1]
            kid = next(level.kids, None)
            if kid is None:
                stack.pop()
                if level.is_block:
                    self._leave(level, scope)
            elif isinstance(kid, str):
                self._run.append((kid, level.node))
            elif kid.tag == "br":
                self._run.append((" ", level.node))
            elif kid.tag in PICTURES:
                self._flush(scope)
                if (picture := self._picture(kid)) is not None:
                    self._blocks.append(picture)
            elif kid.tag not in _SILENT:
                is_block = kid.tag not in INLINE or level.split or self._marks(kid)
                if is_block:
                    self._flush(scope)
                stack.append(_Level(kid, _only_elements(kid), is_block, len(self._blocks)))

    def _leave(self, level: _Level, scope: Node) -> None:
        self._flush(scope)
        pieces = self._blocks[level.before :]
        if len(pieces) > 1 and self._marks(level.node) and all(isinstance(piece, Caption) for piece in pieces):
            inner = [piece for piece in pieces if isinstance(piece, Caption) and not piece.spans_blocks]
            text = fold(" ".join(piece.text for piece in inner))
            self._blocks.append(self._caption(level.node, text, scope, spans=True))

    def _flush(self, scope: Node) -> None:
        run, self._run = self._run, []
        text = fold("".join(piece for piece, _ in run))
        if not text:
            return
        owners = [node for piece, node in run if not piece.isspace() and piece]
        self._blocks.append(self._caption(_common(owners), text, scope))

    def _marks(self, node: Node) -> bool:
        roles = self._roles.of(node)
        return (CAPTION in roles or CREDIT in roles) and not self._has_picture(node)

    def _caption(self, node: Node, text: str, scope: Node, *, spans: bool = False) -> Caption:
        marked = heading = False
        link: Node | None = node if node.tag == "a" and "href" in node.attributes else None
        for level, around in enumerate((node, *node.ancestors)):
            marked = marked or (level <= _MARK_LEVELS and self._marks(around))
            heading = heading or around.tag in _HEADINGS or around.get("role") == "heading"
            if link is None and around.tag == "a" and "href" in around.attributes:
                link = around
            if around is scope:
                break
        if link is None:
            only = [kid for kid in node.elements]
            if len(only) == 1 and only[0].tag == "a" and fold(only[0].raw_text()) == text:
                link = only[0]
        aside = not {DIALOG, HIDDEN}.isdisjoint(self._roles.around(node))
        whole = spans or (fold(_visible(node)) == text and not self._has_picture(node))
        return Caption(node, text, letters(text), whole, marked, aside, heading, link, spans)


def visible_text(node: Node) -> str:
    """Return the text of an element that a reader gets, hidden parts included."""
    return fold(_visible(node))


def _visible(node: Node) -> str:
    pieces: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            pieces.append(part)
        elif part.tag not in _SILENT:
            edge = "" if part.tag in INLINE else " "
            stack += [edge, *reversed(part.children), edge]
    return "".join(pieces)


def _only_elements(node: Node) -> bool:
    """Whether an element holds several elements and no text of its own: its inline children are blocks then."""
    kids = [kid for kid in node.children if not (isinstance(kid, str) and not kid.strip())]
    return len(kids) > 1 and not any(isinstance(kid, str) for kid in kids)


def _common(nodes: Sequence[Node]) -> Node:
    """The nearest element around all the nodes."""
    first = nodes[0]
    if all(node is first for node in nodes):
        return first
    chain = [first, *first.ancestors]
    for node in nodes[1:]:
        around = {node, *node.ancestors}
        while chain[0] not in around:
            chain.pop(0)
    return chain[0]
