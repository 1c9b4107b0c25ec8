"""What speaks for and against repeats that rules saw, whichever rule it was: controls, paper, scripts, pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from captionfix.beside import PixelRelation
from captionfix.layout import controls
from captionfix.layout.blocks import visible_text
from captionfix.layout.lifting import lifted_for_widths
from captionfix.layout.openers import Opener, box_opener, slider_script
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.layout.visibility import Barrier, is_hidden_in_print, is_print_only, printed_part
from captionfix.model import Action, CaseCheck, Evidence, Node, Proposal, Remove, Safety
from captionfix.safety import checks_of, overruled, rate

_EDITED = "contenteditable"
Step = Callable[[Proposal, Page], Proposal]
_SHOWN_COPIES = ("CF101", "CF202", "CF205", "CF206")
"""The rules about copies that stand in the page as what they copy does."""
_CAPTIONS = "CF101"
_BOXED, _SLIDING = "CF203", "CF204"
"""The rules about copies in closed boxes, and about strips of sliders."""


def confirmed(proposals: Iterable[Proposal], page: Page, *, every: bool = False) -> Iterator[Proposal]:
    """Yield repeats with what the pixels say about their pictures.

    A picture that the pixels show to be another one stays, whatever its URL,
    its name or its caption, and so does the caption of such a picture: the
    repeat is only reported. So is what a control would be left without. For review is what shows to somebody who would
    not get what stays, what is on paper only, or repeats that, and what a script may open; a framework's class for some
    widths is taken off what stays instead. Only what would take something out of the page is looked at.

    Args:
        proposals: what the rules saw.
        page: the page they saw it on.
        every: note of each repeat all cases that are asked, rather than those that hold.
    """
    for found in proposals:
        proposal = replace(found, checks=checks_of(found, every=every))
        steps = _FOR_EXTRACTORS if page.profile is not None else _STEPS
        for step in steps if proposal.removes else _FOR_ALL if proposal.actions else ():
            after = step(proposal, page)
            if every and after.checks == proposal.checks and _was_asked(step, proposal, after):
                after = replace(after, checks=(*after.checks, *_others(step, after)))
            proposal = after
        yield proposal


def _was_asked(step: Step, before: Proposal, after: Proposal) -> bool:
    """Whether a step had to look: at removals that are safe still, at all controls, at pixels that are at hand."""
    if step is _looked_at:
        return after is not before
    return before.safety is Safety.SAFE or step in (_held_by_control, _held_by_editor)


def _others(step: Step, proposal: Proposal) -> Iterator[CaseCheck]:
    """The cases that a step asked and that do not hold, less those that the rule itself has found."""
    known = {check.case for check in proposal.checks if check.held}
    asked = (_STEPS | _FOR_EXTRACTORS)[step]
    return (rate("*", case).checked(held=False) for case in asked if case not in known)


def _held_by_editor(proposal: Proposal, _: Page) -> Proposal:
    """A repeat as shown only if it would change what somebody edits in the page."""
    edited = any(_is_edited(action.node) for action in proposal.actions)
    return replace(overruled(proposal, rate("*", "editor")), actions=()) if edited else proposal


def _is_edited(node: Node) -> bool:
    """Whether an element stands in an editor, or is one; a whole page in one is read as any other."""
    for each in (node, *node.ancestors):
        if each.carries(_EDITED):
            return each.get(_EDITED).lower() != "false" and each.tag not in ("html", "body")
    return False


def _held_by_control(proposal: Proposal, page: Page) -> Proposal:
    """A repeat with the control that its copy is all of; where no like control stays, only as far as the table says."""
    duplicate, kept = proposal.duplicate, proposal.kept
    if not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    removed = [action.node for action in proposal.actions if isinstance(action, Remove)]
    left, control = controls.left_without(page, duplicate, kept, removed), controls.whole(page, duplicate, kept)
    if control is not None:
        proposal = replace(proposal, actions=tuple(_all_of(control, action) for action in proposal.actions))
    if left is None:
        return proposal
    row = rate(proposal.code if control is not None else "*", "control")
    if row.safety is proposal.safety and any(piece.name == row.says for piece in proposal.evidence):
        return proposal
    told = overruled(proposal, row, Evidence("markup", row.says, controls.described(page, left)))
    return replace(told, actions=() if row.safety is Safety.SHOW else proposal.actions)


def _held_by_face(proposal: Proposal, page: Page) -> Proposal:
    """A repeat for review if what stays is a control's face, and its copy is none; an opener's stays for its box."""
    duplicate, kept = proposal.duplicate, proposal.kept
    if proposal.code not in _SHOWN_COPIES or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    face = controls.holding(kept) if proposal.safety is Safety.SAFE else None
    if face is None:
        return proposal
    if duplicate.inside(face) or controls.around(page, duplicate, kept) or DIALOG in page.roles.around(duplicate):
        return proposal
    row = rate("*", "face")
    return overruled(proposal, row, Evidence("markup", row.says, controls.described(page, face)))


def _all_of(control: Node, action: Action) -> Action:
    return Remove(control) if isinstance(action, Remove) and action.node.inside(control) else action


def _held_by_barriers(proposal: Proposal, page: Page) -> Proposal:
    """A repeat for review if what stays, as it will be, does not show to all to whom the copy does."""
    duplicate, kept = proposal.duplicate, proposal.kept
    if proposal.safety is not Safety.SAFE or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    if duplicate.tag == "noscript":
        return proposal  # it shows to others than what stays does: its rule asks for these
    removed = next(action.node for action in proposal.actions if isinstance(action, Remove))
    lifted = lifted_for_widths(page, kept, duplicate, removed, proposal.actions)
    if not isinstance(lifted, Barrier):
        return replace(proposal, actions=(*lifted, *proposal.actions)) if lifted else proposal
    row = rate("*", "hidden")
    return overruled(proposal, row, row.evidence, Evidence("markup", lifted.says))


def _held_by_print(proposal: Proposal, page: Page) -> Proposal:
    """A repeat for review if a part of the page that is on paper only would lose some of what it shows.

    What is on paper only and nothing but a copy may go, if what stays is on paper too; what is on the screen never
    goes for it.
    """
    duplicate, kept = proposal.duplicate, proposal.kept
    if proposal.safety is not Safety.SAFE or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    for_paper, stays_off_paper = is_print_only(page, duplicate), is_hidden_in_print(page, kept)
    if for_paper is is_print_only(page, kept) and (not stays_off_paper or is_hidden_in_print(page, duplicate)):
        return proposal
    if for_paper and not stays_off_paper and _is_all_of_its_sheet(page, duplicate):
        return proposal
    row = rate("*", "printed")
    return overruled(proposal, row, row.evidence)


def _held_by_scripts(proposal: Proposal, page: Page) -> Proposal:
    """A repeat for review if somebody may open the closed box that its copy stands in, or turn the slider.

    Everybody may where the box needs no script; a script of the page may where it can still run.
    """
    duplicate, kept = proposal.duplicate, proposal.kept
    if proposal.safety is not Safety.SAFE or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    opener = box_opener(page, duplicate, kept, is_boxed=proposal.code == _BOXED)
    if opener is None and proposal.code == _SLIDING and (script := slider_script(page, duplicate, kept)):
        opener, does = Opener(script), "turn this slider"
    else:
        does = "open this box"
    if opener is None:
        return proposal
    row = rate("*", "scripted" if opener.script else "opens without scripts")
    if not opener.script:
        return overruled(proposal, row, Evidence("markup", row.says, opener.means))
    told = f"{opener.script} may {does}; --scripts dead removes it"
    proposal = replace(proposal, message=f"{proposal.message}: {told}")
    return overruled(proposal, row, Evidence("markup", row.says, opener.script))


def _held_by_extractor(proposal: Proposal, page: Page) -> Proposal:
    """A repeat as shown only if the extractor that gets the page prints what would go, and not the other."""
    duplicate, kept, profile = proposal.duplicate, proposal.kept, page.profile
    if profile is None or not isinstance(duplicate, Node) or not isinstance(kept, Node):
        return proposal
    if proposal.code == _CAPTIONS:
        printed = profile.prints_text_of(kept) or not profile.may_print_text_of(duplicate)
        printed = printed or (profile.may_print_text_of(kept) and not profile.prints_text_of(duplicate))
    else:
        printed = not profile.passes_by(kept) or profile.passes_by(duplicate)
    if printed:
        return proposal
    row = rate("*", "unprinted")
    return replace(overruled(proposal, row, row.evidence), actions=())


def _is_all_of_its_sheet(page: Page, duplicate: Node) -> bool:
    """Whether what is on paper only holds nothing but a copy."""
    sheet = printed_part(page, duplicate) or duplicate
    others = [picture for picture in page.pictures.content_in(sheet) if not picture.node.inside(duplicate)]
    return not others and visible_text(sheet) == visible_text(duplicate)


def _looked_at(proposal: Proposal, page: Page) -> Proposal:
    if not page.has_images:
        return proposal
    duplicate, kept = _only_picture(page, proposal.duplicate), _only_picture(page, proposal.kept)
    if duplicate is None or kept is None or duplicate is kept:
        return proposal
    verdict = page.compare(duplicate, kept)
    if verdict is None or verdict.relation is PixelRelation.UNKNOWN:
        return proposal
    if verdict.relation is PixelRelation.DIFFERENT:
        return replace(overruled(proposal, rate("*", "other pixels"), verdict.evidence), actions=())
    return replace(proposal, evidence=(*proposal.evidence, verdict.evidence))


_STEPS: dict[Step, tuple[str, ...]] = {
    _held_by_editor: ("editor",),
    _held_by_control: ("control",),
    _held_by_face: ("face",),
    _held_by_barriers: ("hidden",),
    _held_by_print: ("printed",),
    _held_by_scripts: ("opens without scripts", "scripted"),
    _looked_at: ("other pixels",),
}
"""What is asked of every removal, in this order, and the cases of the table that each may come to."""
_FOR_EXTRACTORS: dict[Step, tuple[str, ...]] = {_held_by_extractor: ("unprinted",), _looked_at: ("other pixels",)}
"""What is asked where nobody sees, hears or operates the page."""
_FOR_ALL = (_held_by_editor,)
"""What is asked of a mend that takes nothing out of the page, too."""


def _only_picture(page: Page, node: object) -> Picture | None:
    """The picture that an element is, or the only one in it; of a caption, the only one near it."""
    if not isinstance(node, Node):
        return None
    own = page.pictures.picture(node)
    near = [own] if own is not None else page.pictures.pictures_in(node) or page.pictures.nearest_pictures(node)
    return near[0] if len(near) == 1 else None
