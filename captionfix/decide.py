"""Repeats to edits: what survives, what is handed on, what goes along, what is refused.

Rules propose one by one; here all proposals of a page meet. One copy of every
picture and caption is left because no element goes that an accepted repeat
relies on, and no repeat is accepted whose remaining copy has gone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from captionfix.layout.pictures import INERT, PICTURES
from captionfix.markup.templates import CONDITIONS
from captionfix.model import (
    Action,
    Node,
    Paragraph,
    Proposal,
    Remove,
    Safety,
    SetAttribute,
)
from captionfix.settings import Settings

_WRAPPERS = frozenset(
    ("a", "p", "figure", "figcaption", "div", "span", "li", "picture", "center", "strong", "em", "b", "i", "font",
     "noscript", "ul", "ol", "dialog", "section", "label")
)  # fmt: skip
"""What may go when nothing is left in it; table parts and landmarks stay."""


@dataclass(slots=True)
class Decision:
    """What is to become of one repeat: its actions, or why it was refused, and whether only for this round.

    Where it is accepted, `kept` is what is left of what it repeats.
    """

    proposal: Proposal
    actions: tuple[Action, ...] = ()
    refused: str = ""
    held_up: bool = False
    kept: Node | None = None


@dataclass(slots=True)
class _Ledger:
    """What has been decided so far on a page.

    Attributes:
        gone: removed elements, each with what it is a copy of.
        needed: what accepted repeats rely on, and everything around it.
        written: elements and names of attributes that are settled, with their values, ``""`` where one goes.
    """

    gone: dict[Node, Node] = field(default_factory=dict)
    needed: set[Node] = field(default_factory=set)
    written: dict[tuple[Node, str], str] = field(default_factory=dict)

    def is_gone(self, node: Node) -> Node | None:
        """The removed element that the node stands in, if any."""
        if not self.gone or node in self.gone:
            return node if self.gone else None
        return node.below(self.gone)

    def keep(self, node: Node) -> None:
        """Note that an element must stay."""
        self.needed.add(node)
        for around in node.ancestors:
            if around in self.needed:
                break
            self.needed.add(around)

    def survivor(self, node: Node) -> Node | None:
        """What is left of a node: itself, or what it was a copy of."""
        for _ in range(len(self.gone) + 1):
            removed = self.is_gone(node)
            if removed is None:
                return node
            node = self.gone[removed]
        return None


def wants(proposal: Proposal, settings: Settings) -> bool:
    """Return whether a repeat is to go, if nothing speaks against it."""
    is_wanted = settings.review_level or proposal.is_accepted
    return proposal.safety is Safety.SAFE or (proposal.safety is Safety.REVIEW and is_wanted)


class Asked(Protocol):
    """What a page tells about more than its elements."""

    def mentions(self, name: str, times: int = 1) -> bool: ...  # noqa: D102
    def is_parted(self, nodes: Sequence[Node]) -> bool: ...  # noqa: D102


def decide(proposals: Iterable[Proposal], settings: Settings, tree: Asked) -> list[Decision]:
    """Return what becomes of each repeat of a page.

    Args:
        proposals: what the rules saw, removals of captions and pictures before attributes.
        settings: which safety levels are applied.
        tree: tells whether an id is spoken of elsewhere in the page, and whether a template's marks part elements.
    """
    ledger, branches = _Ledger(), _Branches(tree)
    decisions, apart = [], set[Node]()
    for proposal in sorted(proposals, key=lambda proposal: not proposal.removes):
        assert isinstance(proposal.duplicate, Node)
        if ledger.is_gone(proposal.duplicate) is not None:
            continue  # it goes as part of another copy: there is nothing left to say about it
        decision = Decision(proposal)
        if proposal.actions and wants(proposal, settings):
            decision.refused = _why_not(proposal, apart) or ("" if settings.templates else branches.why(proposal))
            if not decision.refused:
                _accept(decision, ledger, tree)
        elif proposal.removes:
            apart |= _told_apart(proposal)
        decisions.append(decision)
    for decision in decisions:
        _keep_what_is_last(decision, ledger)
    return _with_hollow_wrappers(decisions, ledger, tree)


def _told_apart(proposal: Proposal) -> set[Node]:
    """The two pictures of a repeat that is only reported, if what is told of them differs."""
    both = {node for node in (proposal.duplicate, proposal.kept) if isinstance(node, Node) and node.tag in PICTURES}
    return both if len({node.get("alt") for node in both}) > 1 else set()


def _why_not(proposal: Proposal, apart: Container[Node]) -> str:
    """What keeps an ``alt`` that tells a picture from another: without it a second run might take one for a copy."""
    if any(isinstance(action, SetAttribute) and action.node in apart for action in proposal.actions):
        return "it tells the picture from another one, see there"
    return ""


class _Branches:
    """What of a page a template shows only sometimes."""

    def __init__(self, tree: Asked) -> None:
        self._tree = tree
        self._known: dict[Node, frozenset[Node]] = {}

    def why(self, proposal: Proposal) -> str:
        """Return what makes a copy and what stays possible branches of one condition, of which a reader gets one."""
        duplicate, kept = proposal.duplicate, proposal.kept
        assert isinstance(duplicate, Node)
        assert isinstance(kept, Node)
        conditions = self._around(kept)
        if conditions and not conditions <= self._around(duplicate):
            return "a template shows what would stay under a condition of its own; --templates edits it"
        if self._tree.is_parted([*dict.fromkeys((duplicate, kept, *(action.node for action in proposal.actions)))]):
            return "a template's mark stands in one of the two or between them; --templates edits it"
        return ""

    def _around(self, node: Node) -> frozenset[Node]:
        """The elements around one, or itself, that a template shows only sometimes, or often."""
        chain = []
        known = self._known.get(node)
        while known is None:
            chain.append(node)
            parent = node.parent
            if parent is None:
                known = frozenset()
                break
            node = parent
            known = self._known.get(node)
        for inner in reversed(chain):
            if not CONDITIONS.isdisjoint(inner.attribute_names):
                known |= {inner}
            self._known[inner] = known
        return known


def _accept(decision: Decision, ledger: _Ledger, tree: Asked) -> None:
    proposal = decision.proposal
    assert isinstance(proposal.duplicate, Node)
    assert isinstance(proposal.kept, Node)
    kept = ledger.survivor(proposal.kept)
    removals = [action.node for action in proposal.actions if isinstance(action, Remove)]
    took_over = kept is not None and kept is not proposal.kept and proposal.duplicate.inside(kept)  # it alone says it
    if kept is None or took_over or any(kept.inside(node) or node.inside(kept) for node in removals):
        decision.refused, decision.held_up = "nothing would be left of it", True
    elif not ledger.needed.isdisjoint(removals):
        decision.refused, decision.held_up = "another finding relies on this copy", True
    elif any(_is_other_file(action, ledger) for action in proposal.actions):
        decision.refused, decision.held_up = "another finding gives the picture its file first", True
    else:
        carried = _carried_ids(removals, kept, tree)
        if carried is None:
            decision.refused = "links point to an id in it that the survivor cannot take over"
            return
        ledger.keep(kept)
        ledger.gone.update(dict.fromkeys(removals, kept))
        decision.kept = kept
        decision.actions = tuple(_unwritten((*proposal.actions, *carried), ledger))


def _keep_what_is_last(decision: Decision, ledger: _Ledger) -> None:
    """Take back a removal if all decisions together left nothing of what was to stay: no picture, or no word."""
    removals = [action.node for action in decision.actions if isinstance(action, Remove)]
    if not removals:
        return
    assert isinstance(decision.proposal.kept, Node)
    kept = ledger.survivor(decision.proposal.kept)
    if kept is not None:
        had, left = _holds(kept, {}), _holds(kept, ledger.gone)
        lost = [kind for kind in (0, 1) if had[kind] and not left[kind]]
        if not any(_holds(node, {})[kind] for kind in lost for node in removals):
            return
    decision.actions, decision.refused, decision.held_up = (), "nothing would be left of it", True
    for node in removals:
        ledger.gone.pop(node, None)


def _holds(node: Node, less: Container[Node]) -> tuple[bool, bool]:
    """Whether an element holds, or is, a picture, and whether it holds words, some elements in it aside."""
    picture = words = False
    stack: list[Node | str] = [node]
    while stack and not (picture and words):
        part = stack.pop()
        if isinstance(part, str):
            words = words or bool(part.strip())
        elif part not in less and part.tag not in INERT:
            picture = picture or part.tag in PICTURES
            stack += part.children
    return picture, words


def _is_other_file(action: Action, ledger: _Ledger) -> bool:
    """Whether an earlier finding has given the picture another file: which is larger is for the next round."""
    if not isinstance(action, SetAttribute) or action.name != "src":
        return False
    return ledger.written.get((action.node, "src"), action.value) != action.value


def _unwritten(actions: Iterable[Action], ledger: _Ledger) -> Iterator[Action]:
    """The actions but those on attributes that an earlier finding has settled."""
    for action in actions:
        if isinstance(action, Remove):
            yield action
        elif (action.node, action.name) not in ledger.written:
            ledger.written[action.node, action.name] = action.value if isinstance(action, SetAttribute) else ""
            yield action


def _carried_ids(removals: Sequence[Node], kept: Node, tree: Asked) -> tuple[SetAttribute, ...] | None:
    """The id that the survivor takes over, or None where more is pointed to from outside than it can take."""
    own, parts = kept.get("id"), {part for node in removals for part in node.all_below}
    names = dict.fromkeys(name for node in removals for part in node.all_below if (name := part.get("id")))
    named = [name for name in names if name != own and tree.mentions(name, _times_within(parts, name))]
    if not named:
        return ()
    if len(named) > 1 or own:
        return None
    return (SetAttribute(kept, "id", named[0]),)


def _times_within(parts: Iterable[Node], name: str) -> int:
    """How often attributes of some elements speak of an id, the one that bears it included."""
    return sum(value.count(name) for part in parts for value in part.attributes.values())


def _with_hollow_wrappers(decisions: list[Decision], ledger: _Ledger, tree: Asked) -> list[Decision]:
    """Let what is left empty around a removal go with it, and drop what then stands inside."""
    if not ledger.gone:
        return decisions
    grown: set[Node] = set(ledger.gone)
    passed: dict[Node, int] = {}
    for decision in decisions:
        decision.actions = tuple(
            Remove(_grow(action.node, grown, passed, ledger, tree)) if isinstance(action, Remove) else action
            for action in decision.actions
        )
    seen: dict[Node, Remove] = {}
    for decision in decisions:
        decision.actions = tuple(_outermost(decision.actions, grown, seen))
    return decisions


def _grow(node: Node, grown: set[Node], passed: dict[Node, int], ledger: _Ledger, tree: Asked) -> Node:
    around = node.parent
    while (
        around is not None
        and around.tag in _WRAPPERS
        and _is_hollow(around, grown, passed)
        and not (around.get("id") and tree.mentions(around.get("id")))
        and around not in ledger.needed
        and not tree.is_parted([around])
    ):
        grown.add(around)
        node, around = around, around.parent
    return node


def _is_hollow(node: Node, grown: set[Node], passed: dict[Node, int]) -> bool:
    """Whether all in an element counts for nothing; what does stays so, and is passed once."""
    kids = node.children
    at = passed.get(node, 0)
    while at < len(kids) and _counts_for_nothing(kids[at], grown):
        at += 1
    passed[node] = at
    return at == len(kids)


def _counts_for_nothing(kid: Node | str, grown: set[Node]) -> bool:
    if isinstance(kid, str):
        return not kid.strip()
    return kid in grown or kid.tag in ("br", "source")


def _outermost(actions: Iterable[Action], grown: set[Node], seen: dict[Node, Remove]) -> Iterator[Action]:
    """The actions, a larger removal for what stands inside it; what two decisions share is one action of both."""
    for action in actions:
        largest = _largest(action.node, grown)
        if isinstance(action, Remove):
            whole = largest or action.node
            yield seen.setdefault(whole, Remove(whole))
        elif largest is None:
            yield action


def _largest(node: Node, grown: set[Node]) -> Node | None:
    """The largest element of some that is one, or stands around it; None where none does."""
    largest = node if node in grown else None
    while (around := node.below(grown)) is not None:
        largest = node = around
    return largest


def decide_text(proposals: Iterable[Proposal], settings: Settings) -> list[tuple[Proposal, Paragraph | None]]:
    """Return the repeats of a text page, each with the paragraph, or text of an image, that goes, if it goes."""
    decided: list[tuple[Proposal, Paragraph | None]] = []
    gone: list[Paragraph] = []
    for proposal in proposals:
        duplicate, kept = proposal.duplicate, proposal.kept
        assert isinstance(duplicate, Paragraph)
        assert isinstance(kept, Paragraph)
        if any(_is_part(duplicate, other) for other in gone):
            continue  # it goes as part of another copy
        may_go = wants(proposal, settings) and not proposal.suppressed
        goes = may_go and not any(_is_part(kept, other) for other in gone)
        gone += [duplicate] if goes else []
        decided.append((proposal, duplicate if goes else None))
    return decided


def _is_part(paragraph: Paragraph, other: Paragraph) -> bool:
    return other.span.start <= paragraph.span.start and paragraph.span.end <= other.span.end
