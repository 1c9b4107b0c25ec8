"""In Markdown, the title of an image is its text once more, or the line behind it.

**Why it is bad.** Converters write the page's ``alt`` and ``title`` both; whoever
makes text of the Markdown prints both.

**Example.**

    ![Boats leave the harbour](https://site.org/boat.jpg "Boats leave the harbour")

becomes ``![Boats leave the harbour](https://site.org/boat.jpg)``.

**What counts as saying it.** All letters of the text, or at least half of the
letters of the line right behind the image, as for its text (CF302).

**Safety.** Safe, since the text or the line stays. ``--alt`` does not matter: a title is no text for
those who do not see the picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.markup.plain import PlainImage, TextPage
from captionfix.model import Evidence, Paragraph, Proposal
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length, holds

CODE = "CF303"
_LEAST = 6
"""Letters, as for the text of an image."""


def find(page: TextPage, settings: Settings) -> Iterator[Proposal]:
    """Yield the titles of images that their text, or the line behind, says."""
    for image in page.images:
        if image.title is None or effective_length(image.title.letters) < _LEAST:
            continue
        kept = _saying(image, image.title)
        if kept is None:
            continue
        row = rate(CODE, "line" if kept is image.behind else "text")
        what = "line behind it" if kept is image.behind else "image's text"
        evidence = Evidence("text", "equal, letters" if kept is image.text else "contained", len(image.title.letters))
        yield Proposal(
            CODE,
            image.title,
            kept,
            f"the title of the image only repeats the {what}",
            (evidence, row.evidence),
            row.safety,
            case=row.case,
        )


def _saying(image: PlainImage, title: Paragraph) -> Paragraph | None:
    """What says the title: the line first, since the image's own text may go."""
    line = image.behind
    if line is not None and 2 * len(title.letters) >= len(line.letters) and holds(line.text, title.text):
        return line
    return image.text if image.text.letters == title.letters else None
