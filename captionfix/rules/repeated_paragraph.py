"""In plain text and Markdown, the same paragraph stands twice in a row.

**Why it is bad.** It is what a doubled caption becomes once a page has been
turned into text.

**Example.**

    Boats leave the harbour at dawn, seen from the old lighthouse in the north.

    Boats leave the harbour at dawn, seen from the old lighthouse in the north.

The second goes, with one of the blank lines around it.

**What counts as the same.** At least 60 letters, equal but for white space,
line breaks, quotes, dashes and case, and exactly two in a row: what stands
three times, anywhere in the text, is a refrain.

**Safety.** Safe, since nothing stands between the two. Quotes, lists, tables,
headings, code and verse stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from captionfix.markup.plain import TextPage
from captionfix.model import Evidence, Paragraph, Proposal
from captionfix.safety import Row, rate
from captionfix.settings import Settings
from captionfix.text import effective_length, words

CODE = "CF301"
_PAIR = 2
"""What stands three times is a refrain."""
_LEAST = 60
"""Letters: below, lines of verse, greetings and headings repeat on purpose."""


def find(page: TextPage, settings: Settings) -> Iterator[Proposal]:
    """Yield paragraphs that repeat the one before them."""
    said = [words(paragraph.text) for paragraph in page.paragraphs]
    often = Counter(said)
    for text, group in groupby(zip(said, page.paragraphs, strict=True), key=lambda pair: pair[0]):
        row = [paragraph for _, paragraph in group]
        if len(row) < _PAIR or effective_length(row[0].letters) < _LEAST:
            continue
        safe = often[text] == _PAIR and all(paragraph.kind == "prose" for paragraph in row)
        for duplicate in row[1:]:
            yield _proposal(row[0], duplicate, len(row), rate(CODE, "twice" if safe else "refrain"))


def _proposal(kept: Paragraph, duplicate: Paragraph, times: int, row: Row) -> Proposal:
    return Proposal(
        CODE,
        duplicate,
        kept,
        "the paragraph before stands here again",
        (
            Evidence("text", "equal, letters", len(duplicate.letters)),
            Evidence("markup", f"{duplicate.kind}, in a row", times),
        ),
        row.safety,
        case=row.case,
    )
