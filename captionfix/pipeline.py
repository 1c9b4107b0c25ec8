"""The steps in order: read, parse, detect, decide, edit, verify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from captionfix.decide import Decision, decide, decide_text
from captionfix.layout.page import Page
from captionfix.markup.html import HtmlTree
from captionfix.markup.plain import TextPage
from captionfix.markup.source import Source, read_source
from captionfix.markup.splice import NoPlaceError, apply, to_original
from captionfix.mend import Mended, mend
from captionfix.model import Edit, Finding, Node, Paragraph, Remove, Repeat, Span
from captionfix.rules import find_repeats
from captionfix.settings import Settings

_ROUNDS = 10
"""Edits can bring to light what they hid; pages of the caption corpus need two rounds at most."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page before and after.

    Attributes:
        raw: the bytes as they were.
        result: the bytes cleaned; the same object where nothing changed.
        findings: what was found, in order of place.
    """

    raw: bytes
    result: bytes
    findings: tuple[Finding, ...]

    @property
    def changed(self) -> bool:
        """Whether cleaning changes the page."""
        return self.result is not self.raw


def clean_page(
    raw: bytes, settings: Settings, *, locator: str = "<page>", text: bool = False, xml: bool = False
) -> Cleaned:
    """Find what repeats on one page and mend it.

    Args:
        raw: the page.
        settings: what to look for and how far to go.
        locator: the page's name in findings.
        text: whether the page is plain text or Markdown rather than HTML.
        xml: whether the page says that it is XML, as ``.xhtml`` does.

    Raises:
        PageError: the page cannot be read.
    """
    source = read_source(raw, encoding=settings.encoding, locator=locator)
    findings, edits = _text(source, settings, locator) if text else _html(source, settings, locator)
    if not settings.templates and (at := source.template_mark()) is not None:
        findings, edits = _as_template(findings, source.line_column(at)[0]), []
    result = raw
    for made in edits:
        result = apply(result, made)
    return Cleaned(raw, result, tuple(sorted(findings, key=lambda finding: (finding.spans, finding.code))))


def _as_template(findings: Sequence[Finding], line: int) -> list[Finding]:
    """The findings of a template source, none of them mended: its branches look like neighbours."""
    why = f"a template source, by its line {line}; --templates edits it"
    return [replace(finding, edits=(), refused=why) if finding.edits else finding for finding in findings]


Rounds = tuple[list[Finding], list[list[Edit]]]


def _html(source: Source, settings: Settings, locator: str) -> Rounds:
    """Round after round until nothing more is found, so that cleaning twice equals cleaning once."""
    findings: list[Finding] = []
    rounds: list[list[Edit]] = []
    tree = HtmlTree(source)
    while len(rounds) < _ROUNDS:
        repeats = list(find_repeats(Page(tree, settings.url), "markup", settings))
        if not repeats:
            break
        decisions = decide(repeats, settings, tree.mentions)
        told = _told(tree, [decision.repeat for decision in decisions], locator)
        mended = mend(tree, decisions)
        found = _with_outcome(told, decisions, mended)
        findings += [_in_original(finding, rounds) for finding in found if not rounds or finding.edits]
        if mended.edits:
            rounds.append(mended.edits)
        if all(_is_final(decision) for decision in decisions):
            break
        again = read_source(mended.tree.source.raw, encoding=settings.encoding, locator=locator)
        tree = mended.tree if again.encoding == mended.tree.source.encoding else HtmlTree(again)
    return findings, rounds


def _is_final(decision: Decision) -> bool:
    """Whether a decision, carried out, cannot bring anything new to light.

    Fewer words in attributes never do; a smaller tree may, unless the rule
    knows better and nothing went along.
    """
    removed = [action.node for action in decision.actions if isinstance(action, Remove)]
    return not removed or (decision.repeat.final and removed == [decision.repeat.copy])


def _told(tree: HtmlTree, repeats: Sequence[Repeat], locator: str) -> list[Finding]:
    """What the rules saw as plain data, before any edit touches the tree."""
    places = [[place for node in (repeat.copy, repeat.stays) if (place := _place(tree, node))] for repeat in repeats]
    offsets = tree.source.byte_offsets(point for spans in places for span in spans for point in span)
    told = []
    for repeat, spans in zip(repeats, places, strict=True):
        line, column = tree.source.line_column(spans[0][0]) if spans else (1, 1)
        told.append(
            Finding(
                repeat.code,
                locator,
                tuple(Span(offsets[start], offsets[end]) for start, end in spans),
                line,
                column,
                repeat.message,
                repeat.evidence,
                repeat.safety,
            )
        )
    return told


def _place(tree: HtmlTree, node: Node | Paragraph) -> tuple[int, int] | None:
    assert isinstance(node, Node)
    try:
        return tree.place(node)
    except NoPlaceError:
        return None


def _with_outcome(told: Sequence[Finding], decisions: Sequence[Decision], mended: Mended) -> list[Finding]:
    return [
        replace(finding, edits=tuple(mended.edits_of(decision)), refused=decision.refused)
        for finding, decision in zip(told, decisions, strict=True)
    ]


def _in_original(finding: Finding, rounds: Sequence[Sequence[Edit]]) -> Finding:
    """A finding of a later round, told in bytes of the page as it came."""

    def back(span: Span) -> Span:
        for edits in reversed(rounds):
            span = Span(to_original(span.start, edits), to_original(span.end, edits))
        return span

    return replace(
        finding,
        spans=tuple(back(span) for span in finding.spans),
        edits=tuple(Edit(back(edit.span), edit.replacement) for edit in finding.edits),
    )


def _text(source: Source, settings: Settings, locator: str) -> Rounds:
    page = TextPage(source)
    findings, edits, gone = [], [], set()
    for repeat, paragraph in decide_text(find_repeats(page, "text", settings), settings):
        made = [page.removal(paragraph)] if paragraph is not None else []
        findings.append(_text_finding(source, repeat, made, locator))
        edits += made
        gone |= {paragraph} if paragraph is not None else set()
    if edits and not page.loses(TextPage(source.successor(apply(source.raw, edits))), gone):
        return [replace(finding, edits=(), refused="the text would not read as meant") for finding in findings], []
    return findings, [edits] if edits else []


def _text_finding(source: Source, repeat: Repeat, made: list[Edit], locator: str) -> Finding:
    copy, stays = repeat.copy, repeat.stays
    assert isinstance(copy, Paragraph)
    assert isinstance(stays, Paragraph)
    line = source.raw[: copy.span.start].count(b"\n") + 1
    return Finding(
        repeat.code, locator, (copy.span, stays.span), line, 1, repeat.message, repeat.evidence, repeat.safety, tuple(made)
    )
