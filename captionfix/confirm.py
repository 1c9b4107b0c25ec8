"""What speaks for and against repeats that rules saw, whichever rule it was: controls, paper, scripts, pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from captionfix.layout import controls
from captionfix.layout.blocks import visible_text
from captionfix.layout.lifting import lifted_for_widths
from captionfix.layout.openers import Opener, box_opener, slider_script
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.roles import DIALOG
from captionfix.layout.visibility import Barrier, is_printed, is_unprinted, printed_part
from captionfix.model import Action, CaseCheck, Evidence, Node, PixelRelation, Remove, Repeat, Safety
from captionfix.safety import checks_of, overruled, rate

_EDITED = "contenteditable"
Step = Callable[[Repeat, Page], Repeat]
_SHOWN_COPIES = ("CF101", "CF202", "CF205", "CF206")
"""The rules about copies that stand in the page as what they copy does."""
_BOXED, _SLIDING = "CF203", "CF204"
"""The rules about copies in closed boxes, and about strips of sliders."""


def confirmed(repeats: Iterable[Repeat], page: Page, *, every: bool = False) -> Iterator[Repeat]:
    """Yield repeats with what the pixels say about their pictures.

    A picture that the pixels show to be another one stays, whatever its URL,
    its name or its caption, and so does the caption of such a picture: the
    repeat is only reported. So is what a control would be left without. For review is what shows to somebody who would
    not get what stays, what is on paper only, or repeats that, and what a script may open; a framework's class for some
    widths is taken off what stays instead. Only what would take something out of the page is looked at.

    Args:
        repeats: what the rules saw.
        page: the page they saw it on.
        every: note of each repeat all cases that are asked, rather than those that hold.
    """
    for found in repeats:
        repeat = replace(found, checks=checks_of(found, every=every))
        for step in _STEPS if repeat.removes else _FOR_ALL if repeat.actions else ():
            after = step(repeat, page)
            if every and after.checks == repeat.checks and _was_asked(step, repeat, after):
                after = replace(after, checks=(*after.checks, *_others(step, after)))
            repeat = after
        yield repeat


def _was_asked(step: Step, before: Repeat, after: Repeat) -> bool:
    """Whether a step had to look: at removals that are safe still, at all controls, at pixels that are at hand."""
    if step is _looked_at:
        return after is not before
    return before.safety is Safety.SAFE or step in (_held_by_control, _held_by_editor)


def _others(step: Step, repeat: Repeat) -> Iterator[CaseCheck]:
    """The cases that a step asked and that do not hold, less those that the rule itself has found."""
    known = {check.case for check in repeat.checks if check.held}
    return (rate("*", case).checked(held=False) for case in _STEPS[step] if case not in known)


def _held_by_editor(repeat: Repeat, _: Page) -> Repeat:
    """A repeat as shown only if it would change what somebody edits in the page."""
    edited = any(_is_edited(action.node) for action in repeat.actions)
    return replace(overruled(repeat, rate("*", "editor")), actions=()) if edited else repeat


def _is_edited(node: Node) -> bool:
    """Whether an element stands in an editor, or is one; a whole page in one is read as any other."""
    for each in (node, *node.ancestors):
        if each.carries(_EDITED):
            return each.get(_EDITED).lower() != "false" and each.tag not in ("html", "body")
    return False


def _held_by_control(repeat: Repeat, page: Page) -> Repeat:
    """A repeat with the control that its copy is all of; where no like control stays, only as far as the table says."""
    copy, stays = repeat.copy, repeat.stays
    if not isinstance(copy, Node) or not isinstance(stays, Node):
        return repeat
    removed = [action.node for action in repeat.actions if isinstance(action, Remove)]
    left, control = controls.left_without(page, copy, stays, removed), controls.whole(page, copy, stays)
    if control is not None:
        repeat = replace(repeat, actions=tuple(_all_of(control, action) for action in repeat.actions))
    if left is None:
        return repeat
    row = rate(repeat.code if control is not None else "*", "control")
    if row.safety is repeat.safety and any(piece.name == row.says for piece in repeat.evidence):
        return repeat
    told = overruled(repeat, row, Evidence("markup", row.says, controls.described(page, left)))
    return replace(told, actions=() if row.safety is Safety.SHOW else repeat.actions)


def _held_by_face(repeat: Repeat, page: Page) -> Repeat:
    """A repeat for review if what stays is a control's face, and its copy is none; an opener's stays for its box."""
    copy, stays = repeat.copy, repeat.stays
    if repeat.code not in _SHOWN_COPIES or not isinstance(copy, Node) or not isinstance(stays, Node):
        return repeat
    face = controls.holding(stays) if repeat.safety is Safety.SAFE else None
    if face is None:
        return repeat
    if copy.inside(face) or controls.around(page, copy, stays) or DIALOG in page.roles.around(copy):
        return repeat
    row = rate("*", "face")
    return overruled(repeat, row, Evidence("markup", row.says, controls.described(page, face)))


def _all_of(control: Node, action: Action) -> Action:
    return Remove(control) if isinstance(action, Remove) and action.node.inside(control) else action


def _held_by_barriers(repeat: Repeat, page: Page) -> Repeat:
    """A repeat for review if what stays, as it will be, does not show to all to whom the copy does."""
    copy, stays = repeat.copy, repeat.stays
    if repeat.safety is not Safety.SAFE or not isinstance(copy, Node) or not isinstance(stays, Node):
        return repeat
    if copy.tag == "noscript":
        return repeat  # it shows to others than what stays does: its rule asks for these
    removed = next(action.node for action in repeat.actions if isinstance(action, Remove))
    lifted = lifted_for_widths(page, stays, copy, removed, repeat.actions)
    if not isinstance(lifted, Barrier):
        return replace(repeat, actions=(*lifted, *repeat.actions)) if lifted else repeat
    row = rate("*", "hidden")
    return overruled(repeat, row, row.evidence, Evidence("markup", lifted.says))


def _held_by_print(repeat: Repeat, page: Page) -> Repeat:
    """A repeat for review if a part of the page that is on paper only would lose some of what it shows.

    What is on paper only and nothing but a copy may go, if what stays is on paper too; what is on the screen never
    goes for it.
    """
    copy, stays = repeat.copy, repeat.stays
    if repeat.safety is not Safety.SAFE or not isinstance(copy, Node) or not isinstance(stays, Node):
        return repeat
    for_paper, stays_off_paper = is_printed(page, copy), is_unprinted(page, stays)
    if for_paper is is_printed(page, stays) and (not stays_off_paper or is_unprinted(page, copy)):
        return repeat
    if for_paper and not stays_off_paper and _is_all_of_its_sheet(page, copy):
        return repeat
    row = rate("*", "printed")
    return overruled(repeat, row, row.evidence)


def _held_by_scripts(repeat: Repeat, page: Page) -> Repeat:
    """A repeat for review if somebody may open the closed box that its copy stands in, or turn the slider.

    Everybody may where the box needs no script; a script of the page may where it can still run.
    """
    copy, stays = repeat.copy, repeat.stays
    if repeat.safety is not Safety.SAFE or not isinstance(copy, Node) or not isinstance(stays, Node):
        return repeat
    opener = box_opener(page, copy, stays, is_boxed=repeat.code == _BOXED)
    if opener is None and repeat.code == _SLIDING and (script := slider_script(page, copy, stays)):
        opener, does = Opener(script), "turn this slider"
    else:
        does = "open this box"
    if opener is None:
        return repeat
    row = rate("*", "scripted" if opener.script else "opens without scripts")
    if not opener.script:
        return overruled(repeat, row, Evidence("markup", row.says, opener.means))
    told = f"{opener.script} may {does}; --scripts dead removes it"
    repeat = replace(repeat, message=f"{repeat.message}: {told}")
    return overruled(repeat, row, Evidence("markup", row.says, opener.script))


def _is_all_of_its_sheet(page: Page, copy: Node) -> bool:
    """Whether what is on paper only holds nothing but a copy."""
    sheet = printed_part(page, copy) or copy
    others = [picture for picture in page.content_in(sheet) if not picture.node.inside(copy)]
    return not others and visible_text(sheet) == visible_text(copy)


def _looked_at(repeat: Repeat, page: Page) -> Repeat:
    if not page.has_images:
        return repeat
    copy, stays = _only_picture(page, repeat.copy), _only_picture(page, repeat.stays)
    if copy is None or stays is None or copy is stays:
        return repeat
    verdict = page.compare(copy, stays)
    if verdict is None or verdict.relation is PixelRelation.UNKNOWN:
        return repeat
    if verdict.relation is PixelRelation.DIFFERENT:
        return replace(overruled(repeat, rate("*", "other pixels"), verdict.evidence), actions=())
    return replace(repeat, evidence=(*repeat.evidence, verdict.evidence))


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
_FOR_ALL = (_held_by_editor,)
"""What is asked of a mend that takes nothing out of the page, too."""


def _only_picture(page: Page, node: object) -> Picture | None:
    """The picture that an element is, or the only one in it; of a caption, the only one near it."""
    if not isinstance(node, Node):
        return None
    own = page.picture(node)
    near = [own] if own is not None else page.pictures_in(node) or page.nearest_pictures(node)
    return near[0] if len(near) == 1 else None
