"""No link, button or label loses its last name, whatever was decided about its parts.

Rules decide about one attribute or one element each; what a link is called is
the sum of them. So this is asked once, when all of a page is decided. A link
to a picture's own file, lightbox or attachment page whose words went because
the caption says them is named by the caption: ``aria-labelledby`` points to
it. Screen readers say the caption then, and extractors do not print it twice.
Where that cannot be, what named the link stays, and its finding is only shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from typing import Protocol

from captionfix.decide import Asked, Decision, decide
from captionfix.layout.accessible import NAMING, Edited, has_name, takes_name
from captionfix.layout.blocks import visible_text
from captionfix.layout.neighbourhood import FARTHEST
from captionfix.layout.page import Page
from captionfix.layout.pictures import PICTURES
from captionfix.layout.roles import keeps_roles
from captionfix.layout.visibility import barriers, unheard
from captionfix.lazy import cached_property
from captionfix.model import Node, Proposal, Remove, SetAttribute
from captionfix.safety import overruled, rate
from captionfix.settings import Settings
from captionfix.text import letters

_BY_REFERENCE = "aria-labelledby"
_ID_START = "cap"
"""What new ids begin with: XML wants a letter there, and an id with a hyphen is no name of a script's variable."""
_ID_WORDS = 6
_ID_DIGITS = 8
"""Of a hash, for captions whose words ASCII cannot write."""
_ASCII_WORD = re.compile(r"[a-z0-9]+")


class Named(Asked, Protocol):
    """What a page tells about more than its elements, its names included."""

    def words_from(self, start: str) -> set[str]: ...  # noqa: D102


def decide_with_names(proposals: Iterable[Proposal], settings: Settings, page: Page, tree: Named) -> list[Decision]:
    """Return what becomes of each repeat of a page, so that everything that had a name keeps one.

    Args:
        proposals: what the rules saw, see `captionfix.decide.decide`.
        settings: which safety levels are applied, and whether anybody but an extractor needs names.
        page: the page they saw it on.
        tree: the same page as its parser's door has it.
    """
    if settings.extractor:
        return decide(proposals, settings, tree)
    told, tried = list(proposals), set[Node]()
    while True:
        decisions = decide(told, settings, tree)
        names = _Names(decisions, settings, page, tree)
        names.look(decisions, tried)
        if not names.only_shown:
            names.write()
            return decisions
        told = [_shown(proposal) if id(proposal) in names.only_shown else proposal for proposal in told]


def _shown(proposal: Proposal) -> Proposal:
    row = rate("*", "last name")
    return overruled(proposal, row, row.evidence)


class _Names:
    """What the decisions of a page do to the names of its links, buttons and labels.

    Attributes:
        only_shown: the repeats, by their identity, whose edits would take a last name.
    """

    def __init__(self, decisions: Sequence[Decision], settings: Settings, page: Page, tree: Named) -> None:
        self._page, self._tree, self._settings = page, tree, settings
        self._edited = Edited.by(action for decision in decisions for action in decision.actions)
        self._references: list[tuple[Node, list[Node], Decision]] = []
        self._ids: dict[Node, SetAttribute | str] = {}
        self._numbers: Counter[str] = Counter()
        self.only_shown: set[int] = set()

    def look(self, decisions: Iterable[Decision], tried: set[Node]) -> None:
        """Find what would lose its name, and what is to name it.

        Args:
            decisions: what becomes of each repeat.
            tried: of what one edit was taken back before, which was not enough; what is found is added.
        """
        for node, involved in self._touched(decisions).items():
            if not self._loses_name(node):
                continue
            captions = self._captions_of(node, involved)
            if captions:
                bearer = next(decision for decision in involved if not decision.proposal.removes)
                self._references.append((node, captions, bearer))
                continue
            back = involved if node in tried else [min(involved, key=_names_least)]
            self.only_shown.update(id(decision.proposal) for decision in back)
            tried.add(node)

    def _touched(self, decisions: Iterable[Decision]) -> dict[Node, list[Decision]]:
        """What is named by its content and stays, with the decisions that change its name or its content."""
        found: dict[Node, list[Decision]] = {}
        for decision in decisions:
            for action in decision.actions:
                if not isinstance(action, Remove) and action.name not in NAMING:
                    continue
                for node in islice((action.node, *action.node.ancestors), FARTHEST):
                    if takes_name(node):
                        involved = found.setdefault(node, [])
                        if not involved or involved[-1] is not decision:
                            involved.append(decision)
        gone = self._edited.gone
        return {node: involved for node, involved in found.items() if node not in gone and node.below(gone) is None}

    def _loses_name(self, node: Node) -> bool:
        """Whether an element has a name before and none after, for readers with scripts or for those without."""
        before = Edited()
        return any(
            has_name(self._page, node, before, scripts=scripts)
            and not has_name(self._page, node, self._edited, scripts=scripts)
            for scripts in (True, False)
        )

    def _captions_of(self, link: Node, involved: Iterable[Decision]) -> list[Node]:
        """The captions that can name a link, none where one of them cannot, or where it leads elsewhere."""
        if not self._opens_its_picture(link):
            return []
        captions: list[Node] = []
        for decision in involved:
            kept = decision.kept
            if kept is None or decision.proposal.removes or kept.tag in PICTURES:
                continue  # what a copy, or a picture, says is said by what named the link besides
            if not self._can_name(kept, link):
                return []
            if kept not in captions:
                captions.append(kept)
        return captions

    def _opens_its_picture(self, link: Node) -> bool:
        """Whether an element is a link to its own picture, or to nothing, that is not named by reference yet."""
        target = link.get("href").strip()
        if link.tag != "a" or link.carries(_BY_REFERENCE) or (target.startswith("#") and target != "#"):
            return False
        pictures = [picture for picture in self._page.pictures.pictures_in(link) if picture.link is link]
        return not target or any(not self._page.near.leads_elsewhere(link, picture) for picture in pictures)

    def _can_name(self, caption: Node, link: Node) -> bool:
        """Whether an element is a caption and nothing else, is heard, and can be pointed to."""
        if link.inside(caption) or self._page.pictures.pictures_in(caption):
            return False
        after = self._edited.after
        missed = unheard(barriers(self._page, caption, link, after)) - unheard(
            barriers(self._page, link, caption, after)
        )
        if missed or not letters(visible_text(caption)):
            return False
        if not self._settings.templates and self._tree.is_parted([link, caption]):
            return False
        name = self._edited.get(caption, "id")
        return not name or (not any(map(str.isspace, name)) and self._page.ids[name] <= 1)

    def write(self) -> None:
        """Let links point to their captions: each decision that takes a name brings the reference along."""
        for link, captions, decision in self._references:
            ids = [self._id_of(caption) for caption in captions]
            names = " ".join([each if isinstance(each, str) else each.value for each in ids])
            new = [each for each in ids if not isinstance(each, str)]
            decision.actions = (*decision.actions, SetAttribute(link, _BY_REFERENCE, names), *new)

    def _id_of(self, caption: Node) -> SetAttribute | str:
        """The id of a caption: the one that it has, or what gives it a new one, the same for all links."""
        known = self._ids.get(caption)
        if known is None:
            own = self._edited.get(caption, "id")
            known = self._ids[caption] = own or SetAttribute(caption, "id", self._new_id(caption))
        return known

    def _new_id(self, caption: Node) -> str:
        """An id of its own for a caption, numbered from the second of the same words on."""
        words = _words_of(caption)
        while True:
            self._numbers[words] += 1
            name = words if self._numbers[words] == 1 else f"{words}-{self._numbers[words]}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    @cached_property
    def _taken(self) -> set[str]:
        return self._tree.words_from(f"{_ID_START}-")


def _names_least(decision: Decision) -> int:
    """Which of several edits is taken back first: an ``alt`` before a ``title``, and these before a removal."""
    if decision.proposal.removes:
        return 2
    return 0 if any(not isinstance(action, Remove) and action.name == "alt" for action in decision.actions) else 1


def _words_of(caption: Node) -> str:
    """An id made of a caption's first words, those aside that would say in it what an element is for."""
    said = visible_text(caption)
    plain = "".join([each for each in unicodedata.normalize("NFKD", said) if not unicodedata.combining(each)])
    words = [word for word in _ASCII_WORD.findall(plain.lower()) if keeps_roles(caption, f"{_ID_START}-{word}")]
    name = "-".join([_ID_START, *words[:_ID_WORDS]])
    if any(map(str.isalpha, "".join(words))) and keeps_roles(caption, name):
        return name
    return f"{_ID_START}-{sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()[:_ID_DIGITS]}"
