"""For an extractor only: what a picture's ``alt`` or ``title`` says stands as text right beside it.

**Why it is bad.** Teasers and cards say a headline in the picture's ``alt`` and
again below it. Readers need the one where the other is not heard or is a link's
name; an extractor that prints both prints it twice.

**Example.** With ``--for markitdown``,

    <a href="story.html"><img src="boat.jpg" alt="Boats leave the harbour"></a>
    <h3><a href="story.html">Boats leave the harbour</a></h3>

becomes ``alt=""``: the text stays.

**What counts as beside.** One of the four texts before or behind the picture, in
the order of the page, says it: all letters of the attribute, as whole words, make up at
least half of the text. What one of the four pictures before said in the same words, 25 letters or
more, is said as well, if the extractor prints all of the page.

**Safety.** Safe, since the text stays and the extractor prints it (see
`captionfix.Settings.for_extractor`). Without an extractor's name nothing is looked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from captionfix.extractors import Profile
from captionfix.layout.attributes import shortened
from captionfix.layout.blocks import Block, TextBlock
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.limits import spend
from captionfix.model import DropAttribute, Evidence, Node, Proposal, SetAttribute
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length, holds

CODE = "CF105"
_NEAR = 4
"""Texts before or behind a picture: within five lines a reader still notices that one is said twice."""
_LEVELS = 2
"""Elements around a noscript, besides its own, whose few texts may say what the picture in it says."""
_LEAST_BEFORE = 25
"""Letters of what a picture before said: stars of a rating and signs of the weather say a word each on purpose."""
_LEAST = 6
"""Letters, as for alt and a caption."""


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield attributes of pictures that a text or a picture beside says, if the extractor prints both."""
    profile = page.profile
    if profile is None or settings.alt == "keep" or not profile.prints:
        return
    said_before = _Said()
    for block, blocks, at in _places(page):
        if profile.passes_by(block.node):
            continue
        for name in profile.prints:
            value = block.node.get(name)
            said, part = page.normalised(value) if value else ("", "")
            if effective_length(part) < _LEAST:
                continue
            text = _beside(blocks, at, said, part, profile)
            may_repeat = not profile.chooses and effective_length(part) >= _LEAST_BEFORE
            before = said_before.by_picture(part, block) if may_repeat else None
            if text is not None:
                yield _proposal(block, name, value, text.node, "printed")
            elif before is not None and before is not block.node:
                yield _proposal(block, name, value, before, "before")


def _places(page: Page) -> Iterator[tuple[Picture, Sequence[Block], int]]:
    """Each picture among the blocks around it; what stands in noscript is among those of what is around that."""
    body = page.texts.body_blocks
    inside: dict[Node, list[Picture]] = {}
    for picture in page.pictures:
        if picture.noscript is not None:
            inside.setdefault(picture.noscript, []).append(picture)
    yield from ((block, body, at) for at, block in enumerate(body) if isinstance(block, Picture))
    for noscript, pictures in inside.items():
        around = next(islice(noscript.ancestors, _LEVELS, None), None)
        texts = (
            [block for block in page.texts.blocks(around) if isinstance(block, TextBlock)] if around is not None else []
        )
        if len(texts) <= _NEAR:
            for picture in pictures:
                alone: list[Block] = [picture, *texts]
                yield picture, alone, 0


class _Said:
    """What pictures said, and how many pictures ago."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Node, int]] = {}

    def by_picture(self, part: str, picture: Picture) -> Node | None:
        """Return the picture that said the same first, if the last one that did is near, and note this one."""
        first, at = self._last.get(part, (picture.node, picture.index))
        near = picture.index - at <= _NEAR
        self._last[part] = (first if near else picture.node, picture.index)
        return first if near else None


def _beside(blocks: Sequence[Block], at: int, said: str, part: str, profile: Profile) -> TextBlock | None:
    """The nearest text, behind the picture first, that says it."""
    for places in (range(at + 1, len(blocks)), range(at - 1, -1, -1)):
        seen = 0
        for place in places:
            text = blocks[place]
            if not isinstance(text, TextBlock):
                continue
            spend()
            says = part in text.letters and 2 * len(part) >= len(text.letters) and holds(text.text, said)
            if says and profile.prints_text_of(text.node) and not (profile.reads and text.linked):
                return text  # one that prints paragraphs passes by lists of links
            seen += 1
            if seen == _NEAR:
                break
    return None


def _proposal(picture: Picture, name: str, value: str, kept: Node, case: str) -> Proposal:
    row = rate(CODE, case)
    beside = "text beside it" if case == "printed" else "picture before it"
    return Proposal(
        CODE,
        picture.node,
        kept,
        f'the picture\'s {name} "{shortened(value)}" only repeats the {beside}',
        (Evidence("text", "contained in it"), row.evidence),
        row.safety,
        (SetAttribute(picture.node, "alt", "") if name == "alt" else DropAttribute(picture.node, name),),
        case=row.case,
    )
