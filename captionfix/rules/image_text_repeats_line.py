"""In Markdown, the text of an image is the caption line below it.

**Why it is bad.** Converters put both on the page: the caption is read twice,
and extractors print it twice.

**Example.**

    ![Boats leave the harbour](https://site.org/boat.jpg)
    *Boats leave the harbour*

becomes ``![](https://site.org/boat.jpg)``, see ``--alt``; the line stays.

**What counts as saying it.** As for ``alt`` in HTML: the letters of the text
stand in the line, as whole words, and make up at least half of it. The line
is what stands right behind the image, on its own line, in the same paragraph or the next; it is no
heading, no list, no quotation and no code. The image begins its line; the link around it
may run over several lines, as converters write it. Images by reference (``![text][label]``),
Obsidian's (``![[boat.jpg|text]]``) and texts over several lines count; where the text is the label, it stays.

**Safety.** Safe, since the line stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.markup.plain import TextPage
from captionfix.model import Evidence, Paragraph, Proposal
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length, holds

CODE = "CF302"
_LEAST = 6
"""Letters, as for alt in HTML; below, a word stands in a line by chance."""


def says_enough(part: Paragraph, line: Paragraph) -> bool:
    """Return whether a line says a text, and not much more."""
    whole = line.letters
    return (
        effective_length(part.letters) >= _LEAST and 2 * len(part.letters) >= len(whole) and holds(line.text, part.text)
    )


def find(page: TextPage, settings: Settings) -> Iterator[Proposal]:
    """Yield the texts of images that the line below says."""
    for each in page.images:
        image, line = each.text, each.behind
        if line is None or not says_enough(image, line):
            continue
        part, whole = image.letters, line.letters
        is_kept = settings.alt == "keep" or (settings.alt == "unlinked" and image.kind == "linked image")
        row = rate(CODE, "kept" if is_kept else "line")
        yield Proposal(
            CODE,
            image,
            line,
            "the text of the image only repeats the line below it",
            (
                Evidence("text", "contained in the line, share of it", round(len(part) / len(whole), 2)),
                row.evidence,
            ),
            row.safety,
            case=row.case,
        )
