"""The tooltip of a picture, or of the link around it, only repeats the visible caption.

**Why it is bad.** The caption is read a second time by screen readers and by
extractors that print ``title``; the HTML standard advises against relying on
it at all.

**Example.**

    <a href="boat.jpg" title="Boats leave the harbour"><img src="boat-300x200.jpg"></a>
    <p class="wp-caption-text">Boats leave the harbour</p>

The ``title`` goes, the caption stays.

**What counts as saying it.** As for ``alt``: contained in the caption, and at
least half of it.

``data-caption`` and JSON in attributes are for scripts: nobody gets them twice,
and they stay. A copy of a picture that alone knows one is for review.

**Safety.** As for ``alt``, except that a ``title`` is never a link's name
where the link holds a picture with an ``alt`` or any text. Where it is, and the
link leads to the picture itself, the caption names the link instead. A title that a script
shows, where scripts can run (see the setting ``scripts``), is only shown. The tooltip of
a card that a link lies over stays. For an extractor (``--for``) a title goes unless the extractor
passes the caption by.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.attributes import captions_that_say, evidence, is_passed_by, reaches, shortened
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.titles import covering_link, shown_title
from captionfix.model import DropAttribute, Evidence, Node, Proposal, Safety
from captionfix.safety import rate
from captionfix.settings import Settings

CODE = "CF103"


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield tooltips that the caption says."""
    told: set[Node] = set()
    for picture, node, whose in page.tooltips:
        if node in told:
            continue
        captions = captions_that_say(page, picture, node.get("title"))
        if not captions:
            continue
        for_people = settings.profile is None
        if for_people and (
            (node is picture.link and _is_its_name(page, picture)) or covering_link(page, picture) is not None
        ):
            continue
        told.add(node)
        script = shown_title(page, picture, node, is_captioned=True)
        lifted = reaches(page, picture, captions, sight=True) if for_people else ()
        unprinted = is_passed_by((near.caption for near in captions), settings)
        row = rate(
            CODE, "unprinted" if unprinted else "script" if script else "unheard" if lifted is None else "caption"
        )
        shown = (Evidence("markup", row.says, script),) if script else ()
        yield Proposal(
            CODE,
            node,
            captions[0].caption.node,
            f'the {whose}\'s title "{shortened(node.get("title"))}" only repeats the caption',
            (*evidence(captions[0], node.get("title")), *shown),
            row.safety,
            (DropAttribute(node, "title"), *(lifted or ())) if row.safety is not Safety.SHOW else (),
            case=row.case,
        )


def _is_its_name(page: Page, picture: Picture) -> bool:
    """Whether the title is all that names a link to something else."""
    return page.near.leads_elsewhere(picture.link, picture) and not picture.alt
