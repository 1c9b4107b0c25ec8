"""The visible text of an element, cut into the pieces a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from captionfix.layout.pictures import INERT, PICTURES, Picture
from captionfix.layout.roles import CAPTION, CREDIT, Roles
from captionfix.model import COMMENT, Node
from captionfix.text import fold, is_credit, letters, without_shortcode

INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
     "sup", "time", "tt", "u", "var", "wbr")
)  # fmt: skip
"""Phrasing elements of the HTML standard that a browser lays out within a line."""

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "hgroup"))
_MOST_PIECES = 64
"""Texts of one marked element that are one caption; a list of pictures, or a table, may have a class's name, too."""
_SILENT = INERT | {"noscript", "head", "annotation", "annotation-xml", COMMENT}
"""What shows no text; a formula's annotations are for programs (MathML Core, section 3.4)."""
_MARK_LEVELS = 3
"""A caption's class may stand on the element or up to this many above it (caption corpus)."""


class TextBlock:
    """A piece of visible text that may be a picture's caption, looked into only as far as somebody asks.

    Attributes:
        text: the text, white space folded.
        spans_blocks: whether it is the text of several blocks of one marked element.
        shortcode: whether it is what a shortcode says that no server rendered.
    """

    __slots__ = (
        "_chain", "_heading", "_is_marked", "_letters", "_node", "_owners", "_reader", "_scope",
        "shortcode", "spans_blocks", "text",
    )  # fmt: skip

    def __init__(
        self, owners: Node | Sequence[Node], text: str, scope: Node, reader: BlockReader, *, spans_blocks: bool = False
    ) -> None:
        self._owners, self.text, self.spans_blocks = owners, without_shortcode(text), spans_blocks
        self.shortcode = self.text != text
        self._node: Node | None = None
        self._scope, self._reader = scope, reader
        self._letters: str | None = None
        self._is_marked: bool | None = self.shortcode or None
        self._heading: bool | None = None
        self._chain: list[Node] | None = None

    @property
    def node(self) -> Node:
        """The element that holds the text."""
        if self._node is None:
            owners = self._owners
            self._node = owners if isinstance(owners, Node) else _common(owners)
        return self._node

    @property
    def letters(self) -> str:
        """Its letters and digits only, see `captionfix.text.letters`."""
        if self._letters is None:
            self._letters = self._reader.letters(self.text)
        return self._letters

    @property
    def is_marked(self) -> bool:
        """Whether the markup says that it is a caption."""
        if self._is_marked is None:
            marks = self._reader.marks
            self._is_marked = any(map(marks, self._up_to_scope()[: _MARK_LEVELS + 1]))
        return self._is_marked

    @property
    def whole(self) -> bool:
        """Whether the element holds nothing but this text."""
        if self.spans_blocks:
            return True
        return not self._reader.has_picture(self.node) and visible_text(self.node) == self.text

    @property
    def heading(self) -> bool:
        """Whether it is a heading."""
        if self._heading is None:
            chain = self._up_to_scope()
            self._heading = any(node.tag in _HEADINGS or node.get("role") == "heading" for node in chain)
        return self._heading

    @property
    def linked(self) -> bool:
        """Whether all of it is a link's text."""
        for node in self._up_to_scope():
            if node.tag == "a" and node.get("href"):
                return True
        inner = list(self.node.elements)
        return len(inner) == 1 and inner[0].tag == "a" and fold(inner[0].raw_text()) == self.text

    def _up_to_scope(self) -> list[Node]:
        if self._chain is None:
            chain = [self.node]
            while chain[-1] is not self._scope and (parent := chain[-1].parent) is not None:
                chain.append(parent)
            self._chain = chain
        return self._chain


Block = TextBlock | Picture


class Reading(NamedTuple):
    """The blocks below an element, and whether these are all."""

    blocks: list[Block]
    is_whole: bool


class BlockReader:
    """Reads the blocks of an element in document order.

    Args:
        roles: the page's roles.
        picture: gives the picture of an element.
        has_picture: tells whether an element holds a picture.
        known: the letters of texts, as far as they are known.
    """

    def __init__(
        self,
        roles: Roles,
        picture: Callable[[Node], Picture | None],
        has_picture: Callable[[Node], bool],
        known: dict[str, str],
    ) -> None:
        self.roles, self.has_picture = roles, has_picture
        self._picture = picture
        self._letters = known
        self._blocks: list[Block] = []
        self._run: list[tuple[str, Node]] = []
        self._places: dict[Node, dict[Node, int]] = {}
        self._splits: dict[Node, bool] = {}
        self._is_cut = False

    def letters(self, text: str) -> str:
        """Return a text's letters, worked out once: a page's elements are read in several neighbourhoods."""
        known = self._letters.get(text)
        if known is None:
            known = self._letters[text] = letters(text)
        return known

    def marks(self, node: Node) -> bool:
        """Return whether an element says that its text is a caption or a credit."""
        if self.has_picture(node):
            return False
        roles = self.roles.of(node)
        return CAPTION in roles or CREDIT in roles

    def read(self, scope: Node, levels: int = 0) -> Reading:
        """Return the pictures and the texts below an element.

        A text that spans several blocks of one marked element is given once
        more as a whole, behind its pieces.

        Args:
            scope: the element.
            levels: how deep below it to look; 0 for all.
        """
        self._blocks, self._run, self._is_cut = [], [], False
        for _ in self._walk(_Level(scope, is_block=True, before=0), scope, levels):
            pass
        blocks, self._blocks = self._blocks, []
        return Reading(blocks, not self._is_cut)

    def place(self, parent: Node, node: Node) -> int:
        """Return which child of its parent an element is, -1 where the parser moved it, as out of a table."""
        if parent not in self._places:
            kids = parent.children
            self._places[parent] = {kid: at for at, kid in enumerate(kids) if not isinstance(kid, str)}
        return self._places[parent].get(node, -1)

    def behind(self, node: Node, scope: Node) -> Iterator[Block]:
        """Yield the blocks that follow an element inside its parent, read only as far as taken."""
        parent = node.parent
        if parent is None:
            return
        self._blocks, self._run = [], []
        place = self.place(parent, node)
        level = _Level(parent, is_block=True, before=0, place=place + 1)
        blocks, given = self._blocks, 0
        try:
            for _ in self._walk(level, scope):
                while given < len(blocks):
                    given += 1
                    yield blocks[given - 1]
            yield from blocks[given:]
        finally:
            self._blocks = []

    def _walk(self, start: _Level, scope: Node, levels: int = 0) -> Iterator[None]:
        """Go through an element with a stack of its own: pages nest deeper than Python's calls may."""
        stack = [start]
        while stack:
            level = stack[-1]
            for kid in level.kids:
                if isinstance(kid, str):
                    if self._run or not kid.isspace():
                        self._run.append((kid, level.node))
                elif levels and len(stack) > levels:
                    self._is_cut = True
                elif kid.tag not in _SILENT:
                    self._meet(kid, level, stack, scope)
                    if stack[-1] is not level:
                        break
                    if not self._run:
                        yield
            else:
                stack.pop()
                if level.is_block:
                    self._leave(level, scope)
                    yield

    def _meet(self, kid: Node, level: _Level, stack: list[_Level], scope: Node) -> None:
        """Take in an element: at once where it holds nothing but text, as a level of its own otherwise."""
        tag = kid.tag
        if tag == "br":
            self._run.append((" ", level.node))
        elif tag in PICTURES:
            self._flush(scope)
            if (picture := self._picture(kid)) is not None:
                self._blocks.append(picture)
        else:
            is_block = tag not in INLINE or self.splits_lines(level.node) or self.marks(kid)
            if is_block:
                self._flush(scope)
                if not self.has_picture(kid) and not any(map(str.strip, kid.raw_texts())):
                    return
            kids = kid.children
            if len(kids) > 1 or (kids and not isinstance(kids[0], str)):
                stack.append(_Level(kid, is_block, len(self._blocks)))
                return
            if kids and isinstance(kids[0], str):
                self._run.append((kids[0], kid))
            if is_block:
                self._flush(scope)

    def splits_lines(self, node: Node) -> bool:
        """Return whether inline elements in an element are blocks, as several are with no text beside them."""
        known = self._splits.get(node)
        if known is None:
            kids = node.children
            known = self._splits[node] = len(kids) > 1 and _only_elements(kids)
        return known

    def _leave(self, level: _Level, scope: Node) -> None:
        self._flush(scope)
        if not 1 < len(self._blocks) - level.before <= _MOST_PIECES or not self.marks(level.node):
            return
        pieces = self._blocks[level.before :]
        if all(isinstance(piece, TextBlock) for piece in pieces):
            inner = [piece.text for piece in pieces if isinstance(piece, TextBlock) and not piece.spans_blocks]
            self._blocks.append(TextBlock(level.node, " ".join(inner), scope, self, spans_blocks=True))

    def _flush(self, scope: Node) -> None:
        run = self._run
        if not run:
            return
        self._run = []
        if len(run) == 1:
            piece, owner = run[0]
            if text := fold(piece):
                self._take(text, owner, scope)
            return
        text = fold(_line([piece for piece, _ in run]))
        if text:
            owners = [node for piece, node in run if piece and not piece.isspace()]
            self._take(text, owners[0] if len(owners) == 1 else owners, scope)

    def _take(self, text: str, owners: Node | Sequence[Node], scope: Node) -> None:
        caption = TextBlock(owners, text, scope, self)
        if caption.text:
            self._blocks.append(caption)


class _Level:
    """One open element on the way through a scope."""

    __slots__ = ("before", "is_block", "kids", "node")

    def __init__(self, node: Node, is_block: bool, before: int, place: int = 0) -> None:
        kids = node.children
        self.node, self.is_block, self.before = node, is_block, before
        self.kids: Iterator[Node | str] = iter(kids[place:] if place else kids)


def visible_text(node: Node) -> str:
    """Return the text of an element that a reader gets, hidden parts included."""
    pieces: list[str] = []
    stack: list[Node | str] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            pieces.append(part)
        elif part.tag not in _SILENT:
            edge = "" if part.tag in INLINE else " "
            stack += [edge, *reversed(part.children), edge]
    return fold(_line(pieces))


def _line(pieces: Sequence[str]) -> str:
    """The texts of inline elements as one line: style sets off a credit, or a name, without a blank before it."""
    last = ""
    parts: list[str] = []
    for piece in filter(None, pieces):
        if last.isalnum() and ((last.islower() and piece[0].isupper()) or (piece[0].isalpha() and is_credit(piece))):
            parts.append(" ")
        parts.append(piece)
        last = piece[-1]
    return "".join(parts)


def has_visible_text(node: Node) -> bool:
    """Return whether an element has a text that a reader gets, read only as far as the first."""
    stack: list[Node | str] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            if fold(part):
                return True
        elif part.tag not in _SILENT:
            stack += reversed(part.children)
    return False


def _only_elements(kids: Sequence[Node | str]) -> bool:
    """Whether several elements stand side by side with no text between: inline ones are blocks then."""
    elements = 0
    for kid in kids:
        if not isinstance(kid, str):
            elements += kid.tag not in _SILENT
        elif kid and not kid.isspace():
            return False
    return elements > 1


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
