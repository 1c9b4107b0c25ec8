"""The words of captionfix as types: page, picture, caption, finding, edit.

Two layers meet here. A *node* is an element as the rules see it, whichever
parser read the page; a *finding* is plain data about bytes, free of any
parser, so that it can be saved, compared and sent elsewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, cast

COMMENT = "#comment"


class Safety(Enum):
    """How far a finding may go: applied, applied when asked, only reported."""

    SAFE = "safe"
    REVIEW = "review"
    SHOW = "show"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of bytes of the original page."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of proof: its kind (text, markup, url, pixels), its name, its figure."""

    kind: str
    name: str
    figure: str | float | None = None

    def __str__(self) -> str:
        return self.name if self.figure is None else f"{self.name} ({self.figure})"


@dataclass(frozen=True, slots=True)
class CaseCheck:
    """One case of a rule's table, asked of a repeat.

    Attributes:
        rule: the rule whose case it is; ``*`` for what is asked of every rule's findings.
        case: its name.
        held: whether it holds.
        safety: how far a finding of this case may go.
        says: what the case is.
        reason: why it may go so far, and no further.
    """

    rule: str
    case: str
    held: bool
    safety: Safety
    says: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of the original to be replaced; an empty replacement removes them."""

    span: Span
    replacement: bytes = b""


@dataclass(frozen=True, slots=True)
class Finding:
    """A repeat on a page, where it stands, why it counts as one, and what fixes it.

    Attributes:
        code: the rule that found it, such as ``CF101``.
        page: the page, as the user named it.
        spans: the bytes of the original it is about, the repeat first.
        line: line of the repeat, from 1.
        column: column of the repeat in characters, from 1.
        message: one sentence for a person.
        evidence: what made the finding.
        safety: how far it may go.
        edits: what fixes it; empty when it is only reported.
        refused: why a proposed fix was not made, or empty.
        applied: whether the cleaned page, or tree, is fixed; edits of bytes say how.
        case: the case of the rule's table, or of what is asked of every rule, that decided.
        checks: the cases that held, in the order in which they were asked; with the setting ``explain``
            also those that were asked and did not hold.
        lines: with the setting ``explain``, the first and the last line of each span.
        kept_at: line and column of what it repeats, both from 1; None where that stands nowhere.
        caption: the text that stands twice, or that an attribute repeats; ``""`` where there is none.
        picture: the URL of the picture it is about, as the page has it; ``""`` where none is certain.
        key: names the pair by what it says and shows, whatever the page is called and wherever the pair stands; equal
            pairs of a page have the same key.
        suppressed: what says that the pair is no repeat: a mark in the page or a recorded decision; or ``""``.
    """

    code: str
    page: str
    spans: tuple[Span, ...]
    line: int
    column: int
    message: str
    evidence: tuple[Evidence, ...]
    safety: Safety
    edits: tuple[Edit, ...] = ()
    refused: str = ""
    applied: bool = False
    case: str = ""
    checks: tuple[CaseCheck, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    kept_at: tuple[int, int] | None = None
    caption: str = ""
    picture: str = ""
    key: str = ""
    suppressed: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether nothing is to be done about it: both look alike, and both stay."""
        return self.safety is Safety.SHOW and not self.applied and not self.refused

    @property
    def is_open(self) -> bool:
        """Whether there is something to do about it, or to decide: it is neither kept nor suppressed."""
        return not self.is_kept and not self.suppressed

    def decides(self, check: CaseCheck) -> bool:
        """Return whether a case is the one that decided."""
        return check.held and (check.case, check.safety) == (self.case, self.safety)

    def touches(self, line: int) -> bool:
        """Return whether what repeats, or what it repeats, stands on a line; without lines, whether it begins there."""
        return any(first <= line <= last for first, last in self.lines or ((self.line, self.line),))


class Tree(Protocol):
    """What a parser's door must tell about the elements it hands out."""

    def attributes(self, handle: Any) -> Mapping[str, str]: ...
    def parent(self, handle: Any) -> Any | None: ...
    def children(self, handle: Any) -> tuple[Node | str, ...]: ...
    def text(self, handle: Any) -> str: ...
    def texts(self, handle: Any) -> Iterable[str]: ...
    def comment(self, handle: Any) -> str: ...
    def node(self, handle: Any) -> Node: ...


class Node:
    """One element of a page, read from its parser only as far as somebody looks.

    Two nodes of one tree are the same element exactly when they are the same
    object. A comment is a node with the tag ``#comment`` and no children.

    Attributes:
        tree: the door it came through, which makes all nodes of a page.
        handle: what its parser knows it by.
        tag: its name.
        parent: the element around this one, or None at the root.
        depth: how many elements are around it.
        far: one of these, the farther the deeper it stands: the way up to a depth (Myers 1983).
    """

    __slots__ = ("_attributes", "_children", "depth", "far", "handle", "parent", "tag", "tree")

    def __init__(self, tree: Tree, handle: Any, tag: str, parent: Node | None) -> None:
        self.tree = tree
        self.handle = handle
        self.tag = tag
        self.parent = parent
        self._attributes: Mapping[str, str] | None = None
        self._children: tuple[Node | str, ...] | None = None
        self.depth = 0
        self.far = parent
        if parent is not None:
            self.depth = above = parent.depth + 1
            far = parent.far
            if far is not None and far.far is not None and above - 1 - far.depth == far.depth - far.far.depth:
                self.far = far.far

    def __repr__(self) -> str:
        return f"<{self.tag} {dict(self.attributes)}>"

    @property
    def attributes(self) -> Mapping[str, str]:
        """Names in lower case, values unescaped; a name without a value has ``""``."""
        if self._attributes is None:
            self._attributes = self.tree.attributes(self.handle)
        return self._attributes

    def get(self, name: str) -> str:
        """Return an attribute's value, ``""`` where the element does not carry it."""
        attributes = self._attributes
        if attributes is None:
            attributes = self._attributes = self.tree.attributes(self.handle)
        return attributes.get(name, "")

    @property
    def names(self) -> str:
        """The words of its class, of its id and of its role."""
        return " ".join([self.get("class"), self.get("id"), self.get("role")])

    @property
    def is_bare(self) -> bool:
        """Whether it has no attribute at all."""
        return not self.attributes

    @property
    def attribute_names(self) -> Iterable[str]:
        """The names of its attributes, in lower case."""
        return self.attributes

    def carries(self, *names: str) -> bool:
        """Return whether it has one of these attributes, be it without a value."""
        return not self.attributes.keys().isdisjoint(names)

    @property
    def children(self) -> tuple[Node | str, ...]:
        """Elements and comments as nodes, text as strings, in order."""
        if self._children is None:
            self._children = self.tree.children(self.handle)
        return self._children

    @property
    def elements(self) -> Iterator[Node]:
        """The children that are elements."""
        return (kid for kid in self.children if isinstance(kid, Node) and kid.tag != COMMENT)

    @property
    def ancestors(self) -> Iterator[Node]:
        """The elements around this one, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def all_below(self) -> Iterator[Node]:
        """It and all elements in it, the last of several first; with a stack: pages nest deeper than calls may."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += node.elements

    def around_less(self, other: Node | None) -> Iterator[Node]:
        """It and the elements around it, the nearest first, less those that are around another too."""
        common = self.common(other) if other is not None else None
        node: Node | None = self
        while node is not None and node is not common:
            yield node
            node = node.parent

    def below(self, others: Container[Node]) -> Node | None:
        """Return the nearest element around this one that is among others; None where none is."""
        node = self.parent
        while node is not None and node not in others:
            node = node.parent
        return node

    def carrying(self, *names: str) -> Iterator[Node]:
        """It and the elements around it that have one of these attributes, the nearest first."""
        return (node for node in (self, *self.ancestors) if node.carries(*names))

    def nearest(self, *tags: str) -> Node | None:
        """Return itself, or the nearest element around it, that has one of these names; None where none has."""
        node: Node | None = self
        while node is not None and node.tag not in tags:
            node = node.parent
        return node

    def inside(self, other: Node) -> bool:
        """Whether this element is ``other`` or stands somewhere in it."""
        return other.depth <= self.depth and self.at_depth(other.depth) is other

    def at_depth(self, depth: int) -> Node:
        """Return what is around it at a depth no deeper than its own, or itself, in few steps: pages nest very deep."""
        node = self
        while node.depth > depth:
            far = node.far
            node = far if far is not None and far.depth >= depth else cast("Node", node.parent)
        return node

    def common(self, other: Node) -> Node | None:
        """Return the nearest element around both, which may be one of them; None where they stand in two trees."""
        one: Node | None = self.at_depth(min(self.depth, other.depth))
        two: Node | None = other.at_depth(min(self.depth, other.depth))
        while one is not two and one is not None and two is not None:
            one, two = (one.far, two.far) if one.far is not two.far else (one.parent, two.parent)
        return one

    def raw_texts(self) -> Iterable[str]:
        """All texts below, piece by piece: what markup parts is not one word."""
        return self.tree.texts(self.handle)

    def let_go(self) -> None:
        """Forget its children: elements that know one another are freed late, and their page with them."""
        self._children = None

    def raw_text(self) -> str:
        """All text below, scripts and hidden parts too: quick, for ruling things out."""
        return self.tree.text(self.handle)


@dataclass(frozen=True, slots=True)
class Remove:
    """Take an element out of the page."""

    node: Node


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Give an attribute a value, in place where the element already carries it."""

    node: Node
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class DropAttribute:
    """Take an attribute off an element."""

    node: Node
    name: str


Action = Remove | SetAttribute | DropAttribute


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text or Markdown: its text, its kind, its bytes."""

    text: str
    letters: str
    kind: str
    span: Span
    separator: Span


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule has seen, before anybody decided about it.

    Attributes:
        code: the rule.
        duplicate: the element, or paragraph, that only repeats.
        kept: what it repeats.
        message: one sentence for a person.
        evidence: what made the rule speak.
        safety: how far it may go.
        actions: what would fix it.
        case: the case of the table that decided how far it may go.
        found: what the table's cases are asked about, where they have checks.
        checks: the cases that were asked so far, see `Finding`.
        suppressed: what says that it is no repeat, see `Finding`.
        is_accepted: whether somebody looked at it and said that it may go.
    """

    code: str
    duplicate: Node | Paragraph
    kept: Node | Paragraph
    message: str
    evidence: tuple[Evidence, ...]
    safety: Safety
    actions: tuple[Action, ...] = ()
    case: str = ""
    found: object = None
    checks: tuple[CaseCheck, ...] = ()
    suppressed: str = ""
    is_accepted: bool = False

    @property
    def removes(self) -> bool:
        """Whether its fix takes something out of the page."""
        return any(isinstance(action, Remove) for action in self.actions)
