"""Decisions to findings: plain data about the bytes of the page as it came, with no element in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from captionfix.decide import Decision
from captionfix.layout.page import Page
from captionfix.markup.source import Source
from captionfix.markup.splice import NoPlaceError, to_original
from captionfix.mend import EditableTree, Mended
from captionfix.model import Edit, Finding, Node, Paragraph, Proposal, Span
from captionfix.pair_facts import PairFacts, facts_of
from captionfix.safety import checks_of

if TYPE_CHECKING:
    from captionfix.markup.lxml_tree import LxmlTree


class PairPlace(NamedTuple):
    """What a finding is about: its bytes, line and column of both, and what they say and show."""

    spans: tuple[Span, ...]
    at: tuple[int, int]
    kept_at: tuple[int, int] | None
    facts: PairFacts


def places_of(tree: EditableTree, page: Page, proposals: Sequence[Proposal]) -> list[PairPlace]:
    """Return where what the rules saw stands, and what it is, before any edit touches the tree.

    Args:
        tree: the page.
        page: the same as the rules see it.
        proposals: what they saw.
    """
    placed = [
        [
            (node, place)
            for node in (proposal.duplicate, proposal.kept)
            if isinstance(node, Node) and (place := _place(tree, node))
        ]
        for proposal in proposals
    ]
    offsets = tree.source.byte_offsets(point for both in placed for _, place in both for point in place)
    nodes = [*dict.fromkeys(node for both in placed for node, _ in both)]
    lines = dict(zip(nodes, tree.line_columns(nodes), strict=True))
    return [
        PairPlace(
            tuple(Span(offsets[start], offsets[end]) for _, (start, end) in both),
            lines[both[0][0]] if both else (1, 1),
            lines.get(proposal.kept)
            if isinstance(proposal.kept, Node) and proposal.kept is not proposal.duplicate
            else None,
            facts_of(proposal, page),
        )
        for proposal, both in zip(proposals, placed, strict=True)
    ]


def _place(tree: EditableTree, node: Node) -> tuple[int, int] | None:
    try:
        return tree.place(node)
    except NoPlaceError:
        return None


def finding_of(decision: Decision, told: PairPlace, mended: Mended, locator: str) -> Finding:
    """Return what a rule saw on a page of bytes, and what became of it.

    Args:
        decision: what the rule saw, and what was decided.
        told: where it stands.
        mended: the edits of the round.
        locator: the page's name.
    """
    proposal, (line, column) = decision.proposal, told.at
    edits = tuple(mended.edits_of(decision))
    return Finding(
        proposal.code,
        locator,
        told.spans,
        line,
        column,
        proposal.message,
        proposal.evidence,
        proposal.safety,
        edits,
        decision.refused,
        applied=bool(edits),
        case=proposal.case,
        checks=proposal.checks,
        kept_at=told.kept_at,
        caption=told.facts.caption,
        picture=told.facts.picture,
        key=told.facts.key,
        suppressed=proposal.suppressed,
    )


def in_original(finding: Finding, rounds: Sequence[Sequence[Edit]], source: Source) -> Finding:
    """Return a finding of a later round, told in bytes of the page as it came.

    Args:
        finding: the finding, told in bytes of its round.
        rounds: the edits of the rounds before.
        source: the page as it came.
    """
    if not rounds:
        return finding

    def back(span: Span) -> Span:
        for edits in reversed(rounds):
            span = Span(to_original(span.start, edits), to_original(span.end, edits))
        return span

    spans = tuple(back(span) for span in finding.spans)
    places = [source.line_column(source.position(span.start)) for span in spans]
    line, column = places[0] if places else (1, 1)
    edits = tuple(Edit(back(edit.span), edit.replacement) for edit in finding.edits)
    kept_at = None if finding.kept_at is None else (*places[1:], (1, 1))[0]
    return replace(finding, spans=spans, line=line, column=column, edits=edits, kept_at=kept_at)


def text_finding(source: Source, proposal: Proposal, made: Sequence[Edit], locator: str) -> Finding:
    """Return what a rule saw in plain text.

    Args:
        source: the text.
        proposal: what the rule saw: two paragraphs.
        made: what takes out the repeat.
        locator: the text's name.
    """
    duplicate, kept = cast("Paragraph", proposal.duplicate), cast("Paragraph", proposal.kept)
    line, column = source.line_column(source.position(duplicate.span.start))
    facts = facts_of(proposal)
    return Finding(
        proposal.code,
        locator,
        (duplicate.span, kept.span),
        line,
        column,
        proposal.message,
        proposal.evidence,
        proposal.safety,
        tuple(made),
        applied=bool(made),
        case=proposal.case,
        checks=checks_of(proposal, every=False),
        kept_at=source.line_column(source.position(kept.span.start)),
        caption=facts.caption,
        key=facts.key,
        suppressed=proposal.suppressed,
    )


def tree_finding(tree: LxmlTree, page: Page, decision: Decision, locator: str) -> Finding:
    """Return what a rule saw in an lxml tree, which has lines and no bytes.

    Args:
        tree: the tree.
        page: the same as the rules see it.
        decision: what the rule saw, and what was decided.
        locator: the tree's name.
    """
    told = decision.proposal
    duplicate, kept = cast("Node", told.duplicate), cast("Node", told.kept)
    facts = facts_of(told, page)
    return Finding(
        told.code,
        locator,
        (),
        tree.line(duplicate),
        1,
        told.message,
        told.evidence,
        told.safety,
        refused=decision.refused,
        applied=bool(decision.actions),
        case=told.case,
        checks=told.checks,
        kept_at=(tree.line(kept), 1) if kept is not duplicate else None,
        caption=facts.caption,
        picture=facts.picture,
        key=facts.key,
        suppressed=told.suppressed,
    )
