"""The tooltip of a picture, or of the link around it, is its ``alt`` once more.

**Why it is bad.** Screen readers read the text twice, and extractors that
print both attributes print it twice.

**Example.**

    <img src="boat.jpg" alt="Boats leave the harbour" title="Boats leave the harbour">

The ``title`` goes, the ``alt`` stays.

**Safety.** Safe on content pictures. Teasers, products and icons, the faces of buttons and tabs, and what stands in a
row of links that hold a picture each, stay as they are: there the tooltip is what a pointer shows, and the picture
leads elsewhere, be it by a link that lies over it. Where a style sheet of the page itself puts titles on the page
(``attr(title)``), they are its captions and stay. So do titles that a script shows where scripts can
run (see the setting ``scripts``): JCaption makes captions of them, lightboxes the text below the large picture. For an
extractor (``--for``) no script runs and no tooltip shows: the ``title`` goes on every picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.attributes import captions_that_say, reaches, shortened
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.titles import covering_link, is_control_tooltip, shown_title
from captionfix.model import DropAttribute, Evidence, Node, Proposal, Safety
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length

CODE = "CF104"
_LEAST = 8
"""Letters; shorter ones are mostly names of icons (caption-rules study)."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield tooltips that repeat the alt of their picture."""
    told: set[Node] = set()
    for picture, node, whose in page.tooltips:
        if node in told or not picture.alt:
            continue
        said = page.normalised(picture.alt)[1]
        if (
            effective_length(said) < _LEAST
            or page.normalised(node.get("title"))[1] != said
            or not (settings.profile is not None or _speaks(page, picture))
        ):
            continue
        told.add(node)
        script = shown_title(page, picture, node, is_captioned=False)
        row = rate(CODE, "shown" if page.sheets.shows_titles else "script" if script else "content")
        shown = Evidence("markup", row.says, script) if row.case == "script" else row.evidence
        yield Proposal(
            CODE,
            node,
            picture.node,
            f"the {whose}'s title \"{shortened(picture.alt)}\" only repeats the picture's alt",
            (Evidence("text", "equal to alt, letters", len(said)), shown),
            row.safety,
            (DropAttribute(node, "title"),) if row.safety is not Safety.SHOW else (),
            case=row.case,
        )


def _speaks(page: Page, picture: Picture) -> bool:
    """Whether a picture is content whose ``alt`` stays, and is no teaser."""
    if picture.is_icon or page.is_boilerplate(picture.node) or page.near.leads_elsewhere(picture.link, picture):
        return False
    if is_control_tooltip(page, picture) or covering_link(page, picture) is not None:
        return False
    captions = captions_that_say(page, picture, picture.alt)
    return not captions or reaches(page, picture, captions) is None
