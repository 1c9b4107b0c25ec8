"""A page as the rules see it: facts about all of it, its pictures, its texts, and what is near each picture."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from typing import Any

from captionfix.beside import Comparer, Declared, Verdict
from captionfix.extractors import Profile
from captionfix.layout.blocks import BlockReader
from captionfix.layout.main_part import around_main_part, unmarked_article
from captionfix.layout.neighbourhood import Neighbourhoods
from captionfix.layout.page_cache import Answer, Asked, Beside, PageCache, Question
from captionfix.layout.page_pictures import PagePictures
from captionfix.layout.page_texts import PageTexts
from captionfix.layout.pictures import Keys, Picture, declared_place
from captionfix.layout.roles import BOILERPLATE, Roles
from captionfix.layout.scripts import Marks, Scripts
from captionfix.layout.sheets import Sheets
from captionfix.layout.tree import SearchableTree
from captionfix.layout.widths import EDGES
from captionfix.lazy import cached_property
from captionfix.model import Node
from captionfix.text import attribute_text, fold, letters

_NAMING = ("aria-labelledby", "aria-describedby")
"""Attributes that point to what names or describes their element."""


class Page:
    """A page of markup.

    Args:
        tree: the parsed page.
        url: where it came from, if known.
        comparer: what looks at pixels, if anything does.
        known: what is known of the same page before an edit.
        beside: its script files, and whether they can run.

    Attributes:
        known: what its URLs, class names and texts say, as far as asked before.
        roles: what its elements are for.
        pictures: its pictures, those of ``noscript`` too, and where they stand.
        reader: what cuts an element's text into blocks.
        texts: its texts.
        near: what is near each picture.
    """

    def __init__(
        self,
        tree: SearchableTree,
        url: str | None = None,
        comparer: Comparer | None = None,
        known: PageCache | None = None,
        *,
        beside: Beside | None = None,
    ) -> None:
        self.tree = tree
        self.known = known or PageCache(Keys(url or ""))
        self._beside = beside or Beside()
        self._comparer = comparer
        self._verdicts: dict[tuple[Picture, Picture], Verdict | None] = {}
        self._answers: dict[Question[Any, Any], dict[Any, Any]] = {}
        self.roles = Roles(self.known.roles, _Main(self), _Openers(self))
        self.pictures = PagePictures(tree, self.roles, self.known.keys)
        self.reader = BlockReader(self.roles, self.pictures.picture, self.pictures.has_picture, self.known.letters)
        self.texts = PageTexts(tree, self.reader)
        self.near = Neighbourhoods(self.pictures, self.texts, self.roles, self.reader, tree)

    def answers(self, question: Question[Asked, Answer]) -> dict[Asked, Answer]:
        """Return what was answered so far to a question about this page, to be added to: each is worked out once."""
        return self._answers.setdefault(question, {})

    @property
    def profile(self) -> Profile | None:
        """The extractor that alone gets the page; None where people do."""
        return self._beside.profile

    @property
    def has_images(self) -> bool:
        """Whether pixels can be looked at."""
        return self._comparer is not None

    def compare(self, one: Picture, other: Picture) -> Verdict | None:
        """Return what the pixels of two pictures say about each other; costly, for confirming what markup suggests.

        Returns:
            The verdict; None where pixels are not looked at, or a file is not there or is bad.
        """
        if self._comparer is None:
            return None
        pair = (one, other) if one.index <= other.index else (other, one)
        if pair not in self._verdicts:
            first, second = (picture.files for picture in pair)
            told = self._comparer.compare(first, second, self._declared) if first and second else None
            self._verdicts[pair] = told
        verdict = self._verdicts[pair]
        return verdict if verdict is None or pair == (one, other) else verdict.turned

    @cached_property
    def _declared(self) -> Declared:
        return declared_place(self.tree.search("base", "link", "meta"))

    @cached_property
    def paragraphs(self) -> dict[Any, str]:
        """The handles of the ``p`` elements, each with all text below it."""
        return self.tree.told("p")

    @cached_property
    def main(self) -> frozenset[Node]:
        """What is around the page's main part, see `captionfix.layout.main_part`."""
        return around_main_part(self.tree, self.paragraphs)

    @cached_property
    def article(self) -> Node | None:
        """What holds the headline and the paragraphs of a page that marks no article, see the same module."""
        return unmarked_article(self.tree, self.paragraphs)

    @cached_property
    def headlines(self) -> str:
        """What the page's title and its headlines say, letters only."""
        told = (node.raw_text() for tag in ("title", "h1", "h2") for node in self.tree.search(tag))
        return "\n".join([letters(fold(text)) for text in told])

    def is_label(self, node: Node) -> bool:
        """Return whether another element has what an element says for its name or its description."""
        name = node.get("id")
        return bool(name) and self.tree.mentions(name) and name in self._labels

    @property
    def ids(self) -> Counter[str]:
        """How many elements bear each ``id``."""
        return self._names[0]

    @property
    def _labels(self) -> set[str]:
        """The ids of what names or describes another element; few ids are spoken of at all."""
        return self._names[1]

    @cached_property
    def _names(self) -> tuple[Counter[str], set[str]]:
        ids: Counter[str] = Counter()
        labels: set[str] = set()
        stack = [self.tree.root] if self.tree.root is not None else []
        while stack:
            each = stack.pop()
            if name := each.get("id"):
                ids[name] += 1
            for name in _NAMING:
                labels.update(each.get(name).split())
            stack += each.elements
        return ids, labels

    @property
    def sheets(self) -> Sheets:
        """The page's own style sheets."""
        if self.known.sheets is None:
            styles = [(style, style.get("media"), style.raw_text()) for style in self.tree.search("style")]
            plain = [(media, text) for style, media, text in styles if not style.nearest("noscript")]
            unscripted = [(media, text) for style, media, text in styles if style.nearest("noscript")]
            self.known.sheets = Sheets(plain, unscripted, EDGES)
        return self.known.sheets

    @cached_property
    def marks(self) -> Marks:
        """What its elements are called, and which name others."""
        return Marks(self.tree.root)

    @cached_property
    def around_openers(self) -> set[Node]:
        """The elements around what opens an element with a picture outside of them; what is opened is none of them."""
        marks = self.marks
        shown = {node for node in marks.ids.values() if self.pictures.has_picture(node)}
        found: set[Node] = set()
        for target in shown:
            outside = {target, *target.ancestors}
            for opener in marks.opening(target.get("id")):
                found.update(takewhile(lambda each: each not in outside, (opener, *opener.ancestors)))  # noqa: B023
        return {node for node in found if node not in shown or not marks.opening(node.get("id"))}

    @property
    def scripts(self) -> Scripts:
        """The page's own scripts, as far as they can still run."""
        if self.known.scripts is None:
            self.known.scripts = Scripts(
                self._beside.audience,
                self.tree.search("script"),
                lambda: self.marks,
                lambda url: self._beside.read(url, self._declared),
                lambda node: self.tree.line_columns((node,))[0][0],
            )
        return self.known.scripts

    @cached_property
    def tooltips(self) -> list[tuple[Picture, Node, str]]:
        """Each picture with a title, and each whose link has one; a link may be that of several pictures."""
        return [
            (picture, node, whose)
            for picture in self.pictures
            for node, whose in ((picture.node, "picture"), (picture.link, "link"))
            if node is not None and node.get("title")
        ]

    def normalised(self, value: str) -> tuple[str, str]:
        """Return what an attribute says, and its letters: the rules ask for the same values."""
        known = self.known.values.get(value)
        if known is None:
            said = attribute_text(value)
            known = self.known.values[value] = said, letters(said)
        return known

    def is_boilerplate(self, node: Node) -> bool:
        """Return whether an element belongs to what surrounds an article: navigation, teasers, adverts."""
        return BOILERPLATE in self.roles.around(node)


class _Main:
    """What is around a page's main part, worked out when somebody asks."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __contains__(self, node: object) -> bool:
        return node in self._page.main


class _Openers:
    """What holds pictures and opens something outside of it, worked out when somebody asks."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def __contains__(self, node: object) -> bool:
        return isinstance(node, Node) and self._page.pictures.has_picture(node) and node in self._page.around_openers
