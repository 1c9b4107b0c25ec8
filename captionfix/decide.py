"""Repeats to edits: what survives, what is handed on, what goes along, what is refused.

Rules propose one by one; here all proposals of a page meet. One copy of every
picture and caption is left because no element goes that an accepted repeat
relies on, and no repeat is accepted whose remaining copy has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from captionfix.model import (
    Action,
    Node,
    Paragraph,
    Remove,
    Repeat,
    Safety,
    SetAttribute,
)
from captionfix.settings import Settings

_WRAPPERS = frozenset(
    ("a", "p", "figure", "figcaption", "div", "span", "li", "picture", "center", "strong", "em", "b", "i", "font",
     "noscript", "ul", "ol", "dialog", "section")
)  # fmt: skip
"""What may go when nothing is left in it; table parts and landmarks stay."""


@dataclass(slots=True)
class Decision:
    """What is to become of one repeat: its actions, or why it was refused, and whether only for this round."""

    repeat: Repeat
    actions: tuple[Action, ...] = ()
    refused: str = ""
    held_up: bool = False


@dataclass(slots=True)
class _Ledger:
    """What has been decided so far on a page.

    Attributes:
        gone: removed elements, each with what it is a copy of.
        needed: what accepted repeats rely on, and everything around it.
        written: elements and names of attributes that are settled.
    """

    gone: dict[Node, Node] = field(default_factory=dict)
    needed: set[Node] = field(default_factory=set)
    written: set[tuple[Node, str]] = field(default_factory=set)

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


def wants(safety: Safety, settings: Settings) -> bool:
    """Return whether a finding of this safety is applied."""
    return safety is Safety.SAFE or (safety is Safety.REVIEW and settings.review_level)


def decide(repeats: Iterable[Repeat], settings: Settings, mentions: Callable[[str], bool]) -> list[Decision]:
    """Return what becomes of each repeat of a page.

    Args:
        repeats: what the rules saw, removals of captions and pictures before attributes.
        settings: which safety levels are applied.
        mentions: tells whether an id is spoken of elsewhere in the page.
    """
    ledger = _Ledger()
    decisions = []
    for repeat in sorted(repeats, key=lambda repeat: not any(isinstance(act, Remove) for act in repeat.actions)):
        assert isinstance(repeat.copy, Node)
        if ledger.is_gone(repeat.copy) is not None:
            continue  # it goes as part of another copy: there is nothing left to say about it
        decision = Decision(repeat)
        if repeat.actions and wants(repeat.safety, settings):
            _accept(decision, ledger, mentions)
        decisions.append(decision)
    return _with_hollow_wrappers(decisions, ledger, mentions)


def _accept(decision: Decision, ledger: _Ledger, mentions: Callable[[str], bool]) -> None:
    repeat = decision.repeat
    assert isinstance(repeat.stays, Node)
    stays = ledger.survivor(repeat.stays)
    removals = [action.node for action in repeat.actions if isinstance(action, Remove)]
    if stays is None or any(stays.inside(node) for node in removals):
        decision.refused, decision.held_up = "nothing would be left of it", True
    elif not ledger.needed.isdisjoint(removals):
        decision.refused, decision.held_up = "another finding relies on this copy", True
    else:
        carried = _carried_ids(removals, stays, mentions)
        if carried is None:
            decision.refused = "links point to an id in it that the survivor cannot take over"
            return
        ledger.keep(stays)
        ledger.gone.update(dict.fromkeys(removals, stays))
        decision.actions = tuple(_unwritten((*repeat.actions, *carried), ledger))


def _unwritten(actions: Iterable[Action], ledger: _Ledger) -> Iterator[Action]:
    """The actions but those on attributes that an earlier finding has settled."""
    for action in actions:
        if isinstance(action, Remove):
            yield action
        elif (action.node, action.name) not in ledger.written:
            ledger.written.add((action.node, action.name))
            yield action


def _carried_ids(
    removals: Sequence[Node], stays: Node, mentions: Callable[[str], bool]
) -> tuple[SetAttribute, ...] | None:
    """The id that the survivor takes over, or None where more is pointed to than it can take."""
    named = [name for node in removals for name in _ids(node) if mentions(name)]
    if not named:
        return ()
    if len(named) > 1 or stays.get("id"):
        return None
    return (SetAttribute(stays, "id", named[0]),)


def _ids(node: Node) -> Iterator[str]:
    stack = [node]
    while stack:
        inner = stack.pop()
        if inner.get("id"):
            yield inner.get("id")
        stack += inner.elements


def _with_hollow_wrappers(
    decisions: list[Decision], ledger: _Ledger, mentions: Callable[[str], bool]
) -> list[Decision]:
    """Let what is left empty around a removal go with it, and drop what then stands inside."""
    if not ledger.gone:
        return decisions
    grown: set[Node] = set(ledger.gone)
    for decision in decisions:
        decision.actions = tuple(
            Remove(_grow(action.node, grown, ledger, mentions)) if isinstance(action, Remove) else action
            for action in decision.actions
        )
    seen: dict[Node, Remove] = {}
    for decision in decisions:
        decision.actions = tuple(_outermost(decision.actions, grown, seen))
    return decisions


def _grow(node: Node, grown: set[Node], ledger: _Ledger, mentions: Callable[[str], bool]) -> Node:
    around = node.parent
    while (
        around is not None
        and around.tag in _WRAPPERS
        and all(_counts_for_nothing(kid, grown) for kid in around.children)
        and not (around.get("id") and mentions(around.get("id")))
        and around not in ledger.needed
    ):
        grown.add(around)
        node, around = around, around.parent
    return node


def _counts_for_nothing(kid: Node | str, grown: set[Node]) -> bool:
    if isinstance(kid, str):
        return not kid.strip()
    return kid in grown or kid.tag in ("br", "source")


def _outermost(actions: Iterable[Action], grown: set[Node], seen: dict[Node, Remove]) -> Iterator[Action]:
    """The actions that are not part of a larger removal; what two decisions share is one action of both."""
    for action in actions:
        if action.node.below(grown) is not None:
            continue
        if isinstance(action, Remove):
            yield seen.setdefault(action.node, action)
        elif action.node not in grown:
            yield action


def decide_text(repeats: Iterable[Repeat], settings: Settings) -> list[tuple[Repeat, Paragraph | None]]:
    """Return the repeats of a text page, each with the paragraph that goes, if it goes."""
    return [
        (repeat, repeat.copy if isinstance(repeat.copy, Paragraph) and wants(repeat.safety, settings) else None)
        for repeat in repeats
    ]
