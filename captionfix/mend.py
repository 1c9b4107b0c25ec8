"""Decisions to bytes, with proof: what does not parse as meant afterwards is not done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from captionfix.decide import Decision
from captionfix.layout.tree import SearchableTree
from captionfix.markup.source import Source
from captionfix.markup.splice import NoPlaceError, NotWellFormedError, Places, Splice, apply, overlap, splices
from captionfix.model import Action, Edit, Node, Span

_UNPROVEN = "the page would not parse as meant afterwards"
_NO_PLACE = "its element has no place of its own in the source"


class EditableTree(SearchableTree, Places, Protocol):
    """What a door must tell about a page whose bytes are edited; the same class reads every version of a page."""

    source: Source

    def __init__(self, source: Source) -> None: ...
    def mentions(self, name: str, times: int = 1) -> bool: ...
    def words_from(self, start: str) -> set[str]: ...
    def is_parted(self, nodes: Sequence[Node]) -> bool: ...
    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]: ...
    def address(self, node: Node) -> int: ...
    def at(self, addresses: Iterable[int]) -> dict[int, Node]: ...
    def becomes(self, other: Self, actions: Sequence[Action], splices: Sequence[Splice]) -> bool: ...


@dataclass(slots=True)
class Mended:
    """A page after its edits.

    Attributes:
        tree: the page as it is now; the tree it came from when nothing was done.
        edits: what was done, in order of place.
    """

    tree: EditableTree
    edits: list[Edit] = field(default_factory=list)
    _of_action: dict[int, Edit] = field(default_factory=dict)

    def edits_of(self, decision: Decision) -> Iterable[Edit]:
        """Return the edits that carried out a decision, each once."""
        return dict.fromkeys(
            self._of_action[id(action)] for action in decision.actions if id(action) in self._of_action
        )


def mend(tree: EditableTree, decisions: Sequence[Decision]) -> Mended:
    """Make the edits of a page that can be proved, and refuse the others.

    All are tried together, then without the line ends they took along; if
    that does not prove, they are halved until those that spoil it stand alone.

    Args:
        tree: the page; of no further use afterwards.
        decisions: what to do; the refused ones are told why.
    """
    live = [decision for decision in decisions if decision.actions]
    addressed = []
    for decision in live:
        try:
            addressed.append((decision, [tree.address(action.node) for action in decision.actions]))
        except NoPlaceError:
            _refuse(decision, _NO_PLACE)
    if not addressed:
        return Mended(tree)
    mended = _attempt(tree, addressed, take_lines=True)
    if mended is None:
        proven = _proven(tree, addressed)
        for decision, _ in addressed:
            if not any(decision is kept for kept, _ in proven):
                _refuse(decision, _UNPROVEN)
        fresh = type(tree)(tree.source)
        mended = _attempt(fresh, proven, take_lines=False) if proven else Mended(fresh)
    assert mended is not None
    return mended


Addressed = Sequence[tuple[Decision, list[int]]]


def _proven(tree: EditableTree, addressed: Addressed) -> Addressed:
    """The most decisions that prove together, found by halving."""
    if _attempt(type(tree)(tree.source), addressed, take_lines=False) is not None:
        return addressed
    if len(addressed) == 1:
        return []
    middle = len(addressed) // 2
    left, right = _proven(tree, addressed[:middle]), _proven(tree, addressed[middle:])
    both = [*left, *right]
    if both and _attempt(type(tree)(tree.source), both, take_lines=False) is not None:
        return both
    return max(left, right, key=len)


def _attempt(tree: EditableTree, addressed: Addressed, *, take_lines: bool) -> Mended | None:
    """Splice, parse, compare; None where the result is not what was meant."""
    at = {
        id(act): (act, place)
        for decision, places in addressed
        for act, place in zip(decision.actions, places, strict=True)
    }
    actions = [action for action, _ in at.values()]
    here = _moved(tree, actions, [place for _, place in at.values()])
    try:
        spliced = splices(tree.source.view, tree, here, take_lines=take_lines)
    except NoPlaceError:
        return None
    if overlap(spliced):
        return None
    edits = _edits(tree, spliced)
    try:
        after = type(tree)(tree.source.successor(apply(tree.source.raw, edits)))
    except NotWellFormedError:
        return None
    if not tree.becomes(after, here, spliced):
        return None
    original = {id(moved): action for moved, action in zip(here, actions, strict=True)}
    of_action = {
        id(original[id(act)]): edit for splice, edit in zip(spliced, edits, strict=True) for act in splice.actions
    }
    return Mended(after, edits, of_action)


def _moved(tree: EditableTree, actions: Sequence[Action], addresses: Sequence[int]) -> list[Action]:
    """The actions on this parse of the page."""
    if all(action.node.tree is tree for action in actions):
        return list(actions)
    nodes = tree.at(addresses)
    return [replace(action, node=nodes[address]) for action, address in zip(actions, addresses, strict=True)]


def _edits(tree: EditableTree, splices: Sequence[Splice]) -> list[Edit]:
    offsets = tree.source.byte_offsets(point for splice in splices for point in (splice.start, splice.end))
    return [
        Edit(Span(offsets[splice.start], offsets[splice.end]), tree.source.encode(splice.replacement))
        for splice in splices
    ]


def _refuse(decision: Decision, why: str) -> None:
    decision.actions, decision.refused = (), why
