"""What somebody said is no repeat, by a mark in the page or a recorded decision: it is told and never edited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from captionfix.layout.page import Page
from captionfix.model import COMMENT, Node, Proposal, Remove
from captionfix.pair_facts import facts_of
from captionfix.settings import Settings

MARK = "a mark in the page"
DECISION = "a recorded decision"
_ATTRIBUTE = "data-captionfix"
_SAYS_KEEP = re.compile(r"\s*captionfix\s*:\s*keep\s*")


def suppressed(proposals: Iterable[Proposal], page: Page | None, settings: Settings) -> Iterator[Proposal]:
    """Yield proposals: those without actions that somebody said to keep, those as accepted that somebody said may go.

    A mark guards its element and all in it: nothing of it is taken away or edited. ``data-captionfix="keep"`` marks
    the element that carries it, ``<!-- captionfix: keep -->`` the next element and, above all elements, the page. A
    recorded decision keeps one pair of its key on a page; where a page has more of them than were recorded, the later
    ones are repeats again.

    Args:
        proposals: what the rules saw, in order.
        page: the page they saw it on; None for plain text, which has no marks.
        settings: what counts.
    """
    seen = list(proposals)
    guards = _guards(page) if seen and settings.marks and page is not None else frozenset()
    left = Counter(settings.kept if seen else ())
    asks_keys = bool(left or settings.accepted or settings.rejected)
    for proposal in seen:
        if guards and _is_guarded(proposal, guards):
            yield replace(proposal, actions=(), suppressed=MARK)
            continue
        key = facts_of(proposal, page).key if asks_keys else ""
        if left[key] > 0 or key in settings.rejected:
            left[key] -= 1
            yield replace(proposal, actions=(), suppressed=DECISION)
        else:
            yield replace(proposal, is_accepted=True) if key in settings.accepted else proposal


def _is_guarded(proposal: Proposal, guards: frozenset[Node]) -> bool:
    nodes = [action.node for action in proposal.actions]
    if any(isinstance(node, Node) and _is_in(node, guards) for node in (proposal.duplicate, *nodes)):
        return True
    removed = [action.node for action in proposal.actions if isinstance(action, Remove)]
    return any(guard.inside(node) for guard in guards for node in removed)


def _is_in(node: Node, guards: frozenset[Node]) -> bool:
    return node in guards or node.below(guards) is not None


def _guards(page: Page) -> frozenset[Node]:
    """The elements that marks guard."""
    root = page.tree.root
    if root is None:
        return frozenset()
    whole = [root] if any(map(_SAYS_KEEP.fullmatch, page.tree.comments_above())) else []
    return frozenset((*whole, *(found for node in root.all_below for found in _marked(node))))


def _marked(node: Node) -> Iterator[Node]:
    """An element that marks itself, and those in it that a comment marks."""
    if node.get(_ATTRIBUTE).strip().lower() == "keep":
        yield node
    is_next = False
    for kid in node.children:
        if isinstance(kid, str):
            is_next = is_next and not kid.strip()
        elif kid.tag == COMMENT:
            is_next = _SAYS_KEEP.fullmatch(kid.tree.comment(kid.handle)) is not None
        else:
            if is_next:
                yield kid
            is_next = False
