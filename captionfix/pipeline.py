"""The steps in order: read, parse, detect, decide, edit, verify."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from captionfix.accessible_names import decide_with_names
from captionfix.archives.kinds import format_of_bytes, may_be_page, refusal
from captionfix.archives.scripts import ScriptFiles
from captionfix.confirm import confirmed
from captionfix.decide import Decision, decide_text
from captionfix.errors import PageLimitError
from captionfix.findings import finding_of, in_original, places_of, text_finding, tree_finding
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Beside, PageCache
from captionfix.layout.tree import SearchableTree
from captionfix.limits import Meter, measured
from captionfix.markup.html import HtmlTree
from captionfix.markup.parse import parse
from captionfix.markup.plain import TextPage
from captionfix.markup.source import Source, read_source
from captionfix.markup.splice import apply, compose
from captionfix.mend import EditableTree, mend
from captionfix.model import Edit, Finding, Node, Proposal, Remove, Span
from captionfix.rules import find_repeats
from captionfix.settings import Settings
from captionfix.suppress import suppressed

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

    from captionfix.errors import PictureError
    from captionfix.markup.lxml_tree import LxmlTree
    from captionfix.pictures.image_loader import PageImages


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page before and after.

    Attributes:
        raw: the bytes as they were.
        result: the bytes cleaned; the same object where nothing changed.
        findings: what was found, in order of place.
        edits: what makes the result of the bytes as they were, in order of place.
        bad_pictures: images that rules asked about and that could not be looked at.
    """

    raw: bytes
    result: bytes
    findings: tuple[Finding, ...]
    edits: tuple[Edit, ...] = ()
    bad_pictures: tuple[PictureError, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether cleaning changes the page."""
        return self.result is not self.raw


def clean_page(
    raw: bytes,
    settings: Settings,
    *,
    locator: str = "<page>",
    text: bool = False,
    xml: bool = False,
    page_images: PageImages | None = None,
) -> Cleaned:
    """Find what repeats on one page and mend it.

    Args:
        raw: the page.
        settings: what to look for and how far to go.
        locator: the page's name in findings.
        text: whether the page is plain text or Markdown rather than HTML.
        xml: whether the page says that it is XML, as ``.xhtml`` does; one that
            begins with ``<?xml`` says so itself. What is no XML after all is
            read as HTML.
        page_images: the page's images; without it no rule learns about pixels.

    Raises:
        NotAPageError: the bytes are plainly something else, such as an archive, an image or a feed.
        PageLimitError: the page needs more than a limit of the settings allows.
        PageError: the page cannot be read.
    """
    with measured(locator, settings) as meter:
        meter.check_size(len(raw))
        return _cleaned(raw, settings, meter, locator, text=text, xml=xml, page_images=page_images)


def _cleaned(
    raw: bytes, settings: Settings, meter: Meter, locator: str, *, text: bool, xml: bool, page_images: PageImages | None
) -> Cleaned:
    if not may_be_page(found := format_of_bytes(raw, settings.encoding)):
        raise refusal(locator, found)
    source = read_source(raw, encoding=settings.encoding, locator=locator)
    findings, edits = (
        _text(source, settings, meter, locator)
        if text
        else _markup(source, settings, meter, locator, xml=xml, page_images=page_images)
    )
    if edits and not settings.templates and (at := source.template_mark()) is not None:
        findings, edits = _as_template(findings, source.line_column(at)[0]), []
    if settings.explain:
        findings = _with_lines(findings, source)
    findings.sort(key=lambda finding: (finding.spans, finding.code))
    result = apply(raw, edits) if edits else raw
    bad = tuple(page_images.bad) if page_images is not None else ()
    return Cleaned(raw, result, tuple(findings), tuple(edits), bad)


def _with_lines(findings: Sequence[Finding], source: Source) -> list[Finding]:
    """Findings with the lines on which what repeats, and what it repeats, begin and end."""
    ends = {
        span: (first := source.position(span.start), max(first, source.position(span.end) - 1))
        for finding in findings
        for span in finding.spans
    }
    at = source.line_columns(position for both in ends.values() for position in both)
    lines = {span: (at[first][0], at[last][0]) for span, (first, last) in ends.items()}
    return [replace(finding, lines=tuple(lines[span] for span in finding.spans)) for finding in findings]


def clean_tree(
    root: _Element | _ElementTree,
    settings: Settings,
    *,
    locator: str = "<tree>",
    apply: bool = True,
    page_images: PageImages | None = None,
) -> tuple[Finding, ...]:
    """Find what repeats in an lxml tree and mend it in place.

    Args:
        root: an element, which may stand inside a larger tree, or a tree.
        settings: what to look for and how far to go.
        locator: the tree's name in findings.
        apply: whether to edit; otherwise the findings tell what editing would
            do, and the tree stays as it is.
        page_images: the page's images; without it no rule learns about pixels.

    Returns:
        What was found, in order of line. A tree has no bytes: spans and edits
        are empty, and columns are 1.

    Raises:
        PageLimitError: it needs more than a limit of the settings allows, and is as it was.
        TypeError: it is no element and no tree.
    """
    from captionfix.markup.lxml_tree import LxmlTree

    with measured(locator, settings) as meter:
        tree = LxmlTree(root)
        template = not settings.templates and tree.is_template
        if template or not apply:
            tree = tree.copy()
        findings = _tree_findings(tree, settings, meter, locator, page_images)
    if template:
        why = "a template source; the setting templates edits it"
        findings = [replace(told, applied=False, refused=why) if told.applied else told for told in findings]
    return tuple(sorted(findings, key=lambda finding: (finding.line, finding.code)))


def _tree_findings(
    tree: LxmlTree, settings: Settings, meter: Meter, locator: str, page_images: PageImages | None
) -> list[Finding]:
    """Round after round, as for bytes; the tree is edited on the way, and as it was where it meets a limit."""
    told: list[tuple[Finding, Decision]] = []
    restore: Callable[[], None] | None = None
    try:
        while True:
            meter.begin_round()
            page = _page(tree, settings, page_images, None)
            decisions = decide_with_names(_seen(page, settings), settings, page, tree)
            told += [
                (tree_finding(tree, page, decision, locator), decision)
                for decision in decisions
                if restore is None or decision.actions
            ]
            actions = [action for decision in decisions for action in decision.actions]
            if not actions:
                break
            restore = restore or tree.restorer()
            tree = tree.after(actions)
    except PageLimitError:
        if restore is not None:
            restore()
        raise
    return [finding for finding, decision in told if _removes(decision) or _still_stands(tree, decision)]


def _removes(decision: Decision) -> bool:
    return any(isinstance(action, Remove) for action in decision.actions)


def _still_stands(tree: LxmlTree, decision: Decision) -> bool:
    """Whether a later round left the element that a finding reports, or whose attribute it mends."""
    return isinstance(decision.proposal.duplicate, Node) and tree.holds(decision.proposal.duplicate)


def _as_template(findings: Sequence[Finding], line: int) -> list[Finding]:
    """The findings of a template source, none of them mended: its branches look like neighbours."""
    why = f"a template source, by its line {line}; --templates edits it"
    return [_refused(finding, why) if finding.edits else finding for finding in findings]


def _refused(finding: Finding, why: str) -> Finding:
    return replace(finding, edits=(), refused=why, applied=False)


def _page(tree: SearchableTree, settings: Settings, page_images: PageImages | None, known: PageCache | None) -> Page:
    """The page as the rules see it, with what is beside it."""
    files = ScriptFiles(page_images) if page_images is not None else None
    comparer = page_images if settings.images else None
    scripts = "dead" if settings.extractor else settings.scripts
    return Page(tree, settings.url, comparer, known, beside=Beside(scripts, files, settings.profile))


def _seen(page: Page, settings: Settings) -> list[Proposal]:
    proposals = confirmed(find_repeats(page, "markup", settings), page, every=settings.explain)
    return list(suppressed(proposals, page, settings))


def _markup(
    source: Source, settings: Settings, meter: Meter, locator: str, *, xml: bool, page_images: PageImages | None
) -> tuple[list[Finding], list[Edit]]:
    """Round after round until nothing more is found, so that cleaning twice equals cleaning once."""
    trees: list[EditableTree] = [parse(source, xml=xml)]
    try:
        return _rounds(trees, settings, meter, locator, xml=xml, page_images=page_images)
    finally:
        for each in trees:
            if isinstance(each, HtmlTree):
                each.let_go()


def _rounds(
    trees: list[EditableTree],
    settings: Settings,
    meter: Meter,
    locator: str,
    *,
    xml: bool,
    page_images: PageImages | None,
) -> tuple[list[Finding], list[Edit]]:
    """Go through the rounds, and note each tree that was looked at."""
    findings: list[Finding] = []
    rounds: list[list[Edit]] = []
    tree = trees[0]
    source = tree.source
    known = None
    while True:
        meter.begin_round()
        page = _page(tree, settings, page_images, known)
        known = page.known
        decisions = decide_with_names(_seen(page, settings), settings, page, tree)
        if rounds and not any(decision.actions for decision in decisions):
            break
        places = places_of(tree, page, [decision.proposal for decision in decisions])
        mended = mend(tree, decisions)
        found = [finding_of(*told, mended, locator) for told in zip(decisions, places, strict=True)]
        findings += [
            in_original(finding, rounds, source)
            for finding, decision in zip(found, decisions, strict=True)
            if finding.edits or (not rounds and not (mended.edits and decision.held_up))
        ]
        if not mended.edits:
            break
        rounds.append(mended.edits)
        tree = mended.tree
        if not tree.source.is_read_alike(settings.encoding, locator):
            tree = parse(read_source(tree.source.raw, encoding=settings.encoding, locator=locator), xml=xml)
        trees.append(tree)
    return _of_all_rounds(findings, rounds)


def _of_all_rounds(findings: list[Finding], rounds: Sequence[Sequence[Edit]]) -> tuple[list[Finding], list[Edit]]:
    """The edits of all rounds as edits of the original, in the findings too; what a later round undid is gone.

    So is what an earlier round only reported and a later one mends, or takes away.
    """
    if not rounds:
        return findings, []
    edits = [*rounds[0]]
    for later in rounds[1:]:
        edits = compose(edits, later)
    told = [_with_edits(finding, tuple(_covering(finding.edits, edits))) for finding in findings]
    kept = [
        after
        for before, after in zip(findings, told, strict=True)
        if (after.edits or not before.edits) and not _went(before, after, edits)
    ]
    return kept, edits


def _with_edits(finding: Finding, edits: tuple[Edit, ...]) -> Finding:
    return finding if finding.edits == edits else replace(finding, edits=edits, applied=bool(edits))


def _went(before: Finding, after: Finding, edits: Sequence[Edit]) -> bool:
    """Whether the element that a finding reports, or whose attribute it mends, went with a later round's removal."""
    if not before.spans:
        return False
    place, own = before.spans[0], [edit.span for edit in before.edits]
    if any(_holds(span, place) for span in own):
        return False
    around = _covering((Edit(place),), after.edits or edits)
    return any(all(_holds(edit.span, span) for span in own) for edit in around)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _covering(parts: Sequence[Edit], edits: Sequence[Edit]) -> list[Edit]:
    """The edits, of some in order of place, that some of the parts lie in."""
    found: set[int] = set()
    for part in parts:
        at = bisect_right(edits, part.span.start, key=lambda edit: edit.span.start)
        while at and part.span.end <= edits[at - 1].span.end:
            at -= 1
            found.add(at)
    return [edits[at] for at in sorted(found)]


def _text(source: Source, settings: Settings, meter: Meter, locator: str) -> tuple[list[Finding], list[Edit]]:
    page = TextPage(source)
    findings, edits = [], []
    proposals = suppressed(find_repeats(page, "text", settings), None, settings)
    for proposal, paragraph in decide_text(proposals, settings):
        made = [page.removal(paragraph)] if paragraph is not None else []
        findings.append(text_finding(source, proposal, made, locator))
        edits += made
    edits.sort(key=lambda edit: edit.span)
    if edits and not page.loses(TextPage(source.successor(apply(source.raw, edits))), [edit.span for edit in edits]):
        findings, edits = [_refused(finding, "the text would not read as meant") for finding in findings], []
    for block in page.html:
        inside, more = _html_in_text(source, block, settings, meter, locator)
        if not any(_overlap(one, other) for one in more for other in edits):
            findings += inside
            edits += more
    return findings, sorted(edits, key=lambda edit: edit.span)


def _overlap(one: Edit, other: Edit) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end


def _html_in_text(
    source: Source, block: Span, settings: Settings, meter: Meter, locator: str
) -> tuple[list[Finding], list[Edit]]:
    """What repeats in HTML that stands in Markdown, told in bytes and lines of the whole page."""
    meter.begin_part()
    piece = read_source(source.raw[block.start : block.end], encoding=source.encoding, locator=locator)
    findings, edits = _markup(piece, settings, meter, locator, xml=False, page_images=None)
    at = source.line_column(source.position(block.start))[0] - 1
    return [_moved(finding, block.start, at) for finding in findings], [_shifted(edit, block.start) for edit in edits]


def _moved(finding: Finding, by: int, lines: int) -> Finding:
    """A finding of a part of a page, in bytes and lines of the page."""
    kept_at = (finding.kept_at[0] + lines, finding.kept_at[1]) if finding.kept_at is not None else None
    return replace(
        finding,
        spans=tuple(Span(span.start + by, span.end + by) for span in finding.spans),
        line=finding.line + lines,
        edits=tuple(_shifted(edit, by) for edit in finding.edits),
        kept_at=kept_at,
    )


def _shifted(edit: Edit, by: int) -> Edit:
    return Edit(Span(edit.span.start + by, edit.span.end + by), edit.replacement)
