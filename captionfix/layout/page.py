"""A page as the rules see it: its pictures, and for each of them the texts that may be its caption."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, takewhile
from typing import Any, Protocol

from captionfix.extractors import Profile
from captionfix.layout.blocks import Block, BlockReader, TextBlock
from captionfix.layout.pictures import PICTURES, Icons, Keys, Picture, declared_place
from captionfix.layout.roles import BOILERPLATE, DIALOG, Roles
from captionfix.layout.scripts import Marks, Scripts
from captionfix.layout.sheets import Sheets
from captionfix.layout.whereabouts import Whereabouts
from captionfix.layout.widths import EDGES
from captionfix.lazy import cached_property
from captionfix.limits import spend, spend_searching
from captionfix.model import Comparer, Declared, Node, ScriptFile, ScriptReader, Tree, Verdict
from captionfix.pictures.names import last_part
from captionfix.pictures.urls import is_picture_file
from captionfix.text import attribute_text, fold, letters

_BARRING = ("head", "template", "object", "iframe", "noembed", "noframes")
"""Elements with pictures, in some parser's trees, that are no part of the page that a reader gets."""
_ROOTS = frozenset(("body", "html", "main"))
_ENDS = _ROOTS | {"article", "section", "figure", "li", "td", "th", "dd", "blockquote", "table"}
"""What a text behind a picture does not reach out of."""
_CELLS = ("td", "th")
SCOPE_TEXT = 8000
"""Letters, scripts included, beyond which a neighbourhood is no neighbourhood; the prototype's 5,000 visible
letters and room for a script."""
FARTHEST = 24
"""Levels above a picture beyond which nothing is near it; on 5,224 pictures of real pages a scope reaches 17."""
_DEEPEST = 32
"""Levels below an element within which what it holds is near it; a scope of a real page has at most 17."""
_LEADS = ("caption", "unterschrift", "legend")
"""Words of classes that lead to captions; each takes its time to look for."""
_NAMING = ("aria-labelledby", "aria-describedby")
"""Attributes that point to what names or describes their element."""
_LEAST_STEM = 5
"""Letters of a link's last path part that, found in the picture's file name, make it the picture's own page."""
_NO_LETTER = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONGER_WORD = re.compile(r"[^\W_]{4,}")
_PASSED = 64
"""Icons and copies of a picture, in a row behind it, beyond which no text there is its caption."""
_REFRAIN = 3
"""Elements of one kind that tell that there are others than two."""
_SLICED = 100
"""Pictures that are listed in the time of one step of work."""
_FEW_WORDS = 64
"""Words that are looked for one by one; a caption seldom has more, and of longer texts all words are listed at once."""
_WITH_SCRIPTS = 30_000
"""Characters of a neighbourhood, scripts included, beyond which its text is not told from its scripts: one player
brings 7,000 (caption corpus)."""
_BOX_TEXT = 3000
"""Characters of a neighbourhood in which two texts are both by its picture; captions seldom have more than 500,
and two of them come with credits and buttons."""
_MAIN_SHARE = 3
"""The part of all paragraphs' text, as one of so many, that one element's own paragraphs have on a page of an article;
what is beside it has a few lines each."""
_MAIN_TEXT = 500
"""Characters of an article's paragraphs; a box with fewer may be a caption's, a teaser's or a dialog's."""
_BEHIND = 2
"""Texts behind a picture that may be its caption: a credit often comes first."""
_CLOSE_TEXT = 900
"""Characters of a neighbourhood, white space aside, in which an unmarked text beside the picture is its caption
(caption-rules study)."""


class SearchableTree(Tree, Protocol):
    """What a parser's door tells about a whole page."""

    @property
    def root(self) -> Node | None: ...
    def search(self, *tags: str, classes: Iterable[str] = (), inside: Node | None = None) -> list[Node]: ...
    def told(self, tag: str) -> dict[Any, str]: ...
    def mentions(self, name: str, times: int = 1) -> bool: ...
    def comments_above(self) -> Iterable[str]: ...
    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]: ...


@dataclass(frozen=True, slots=True)
class Near:
    """A caption and where it stands: ``marked``, in the same ``figure``, or ``beside`` the picture."""

    caption: TextBlock
    where: str
    close: bool


@dataclass(slots=True)
class PageCache:
    """What URLs, class names and texts of a page say, whatever elements hold them: the same in all its rounds.

    Attributes:
        keys: of URLs.
        roles: of the words of class names.
        letters: of visible texts.
        values: of attributes, as text and letters.
        sheets: the style sheets; None as long as nobody asked.
        scripts: the scripts; likewise.
    """

    keys: Keys
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    sheets: Sheets | None = None
    scripts: Scripts | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a page's scripts and readers besides the page.

    Attributes:
        audience: whether they can run: ``auto``, ``run`` or ``dead``, see `captionfix.settings.Settings`.
        files: what reads script files, if anything does.
        profile: the extractor that alone gets the page; None where people do.
    """

    audience: str = "auto"
    files: ScriptReader | None = None
    profile: Profile | None = None

    def read(self, url: str, declared: Declared) -> ScriptFile | None:
        """Return what a script file says, None where it is not there."""
        return self.files.read(url, declared) if self.files is not None else None


class Page:
    """A page of markup.

    Args:
        tree: the parsed page.
        url: where it came from, if known.
        comparer: what looks at pixels, if anything does.
        known: what is known of the same page before an edit.
        beside: its script files, and whether they can run.

    Attributes:
        pictures: the pictures of the page in document order, those of ``noscript`` too.
        known: what its URLs, class names and texts say, as far as asked before.
        barriers: what hides an element by itself, for readers with scripts or without, as far as asked before.
        unseen: where elements do not show, by themselves or what is around them, as far as asked before.
        printed: what is around an element, or it, on paper only, likewise.
        cores: what the captions of figures say, as far as asked before.
        opened: whether something opens an element, or what is around it, likewise.
        answers: which captions say what an attribute's letters say, as far as asked before.
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
        self._beside_it = beside or Beside()
        self.known = known or PageCache(Keys(url or ""))
        self._comparer = comparer
        self.roles = Roles(self.known.roles, _Main(self), _Openers(self))
        self.answers: dict[tuple[Picture, str], tuple[Near, ...]] = {}
        self.barriers: dict[tuple[Node, bool], tuple[Any, ...]] = {}
        self.unseen: dict[Node, frozenset[int]] = {}
        self.printed: dict[Node, Node | None] = {}
        self.opened: dict[Node, bool] = {}
        self.cores: dict[Node, frozenset[str]] = {}
        self._by_node: dict[Node, Picture] = {}
        self._begins: dict[Node, int] = {}
        self._ends: dict[Node, int] = {}
        self._blocks: dict[Node, list[Block]] = {}
        self._shallow: dict[Node, list[Block]] = {}
        self._beside: dict[Picture, list[TextBlock]] = {}
        self._told: dict[Node, dict[int, Node | None]] = {}
        self._raw: dict[Node, str] = {}
        self._lower: dict[Node, str] = {}
        self._elsewhere: dict[Picture, bool] = {}
        self._scopes: dict[Picture, Node] = {}
        self._figures: dict[Picture, Node | None] = {}
        self._verdicts: dict[tuple[Picture, Picture], Verdict | None] = {}
        self._whereabouts: dict[Callable[[Picture], Iterable[str]], Whereabouts] = {}
        self._kinds: dict[Node, dict[tuple[str, str], list[Node]]] = {}
        self._said: dict[Node, Counter[str]] = {}
        self._one_file: dict[tuple[int, int], bool] = {}
        self.reader = BlockReader(self.roles, self._by_node.get, self._begins.__contains__, self.known.letters)
        self.pictures = self._read_pictures()

    @property
    def profile(self) -> Profile | None:
        """The extractor that alone gets the page; None where people do."""
        return self._beside_it.profile

    def _read_pictures(self) -> list[Picture]:
        """Read the pictures, and which of them stand in each element: always some that follow each other."""
        found: list[Picture] = []
        begins, ends = self._begins, self._ends
        opened: list[Node] = []
        icons = Icons(found)
        nodes = self.tree.search(*PICTURES)
        amp = any(node.tag != "img" for node in nodes)
        for node in nodes:
            fresh, around = self._fresh_ancestors(node, begins)
            if around is None and not (fresh and fresh[-1] is self.tree.root):
                continue  # no part of the page
            if amp and node.tag == "img" and _in_picture(node):
                continue  # what AMP renders inside its amp-img, which is that amp-img
            at = len(found)
            while opened and opened[-1] is not around:
                ends[opened.pop()] = at
            fresh.reverse()
            opened += fresh
            begins.update(dict.fromkeys(fresh, at))
            picture = Picture(node, at, self.roles, self.known.keys, icons)
            found.append(picture)
            self._by_node[node] = picture
        ends.update(dict.fromkeys(opened, len(found)))
        for noscript in self.tree.search("noscript"):
            for picture in found[begins.get(noscript, 0) : ends.get(noscript, 0)]:
                picture.noscript = picture.noscript or noscript
        return found

    @cached_property
    def _barred(self) -> set[Node]:
        return set(self.tree.search(*_BARRING))

    def _fresh_ancestors(self, node: Node, known: Container[Node]) -> tuple[list[Node], Node | None]:
        """What is around an element up to what is known already, and that; None where nothing is, or a bar."""
        fresh = []
        around = node.parent
        while around is not None and around not in known:
            if around.tag in _BARRING and around in self._barred:
                return [], None
            fresh.append(around)
            around = around.parent
        return fresh, around

    @property
    def has_images(self) -> bool:
        """Whether pixels can be looked at."""
        return self._comparer is not None

    def picture(self, node: Node) -> Picture | None:
        """Return the picture that an element is."""
        return self._by_node.get(node)

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
        """What is around the page's main part: its ``main``, its headline, most of its paragraphs."""
        texts: dict[Any, int] = {}
        for handle, text in self.paragraphs.items():
            around = self.tree.parent(handle)
            texts[around] = texts.get(around, 0) + len(text)
        body = max(texts, key=texts.__getitem__, default=None)
        holders = _with_ancestors(self.tree.node(body)) if body is not None else set()
        found: set[Node] = set()
        if body is not None and texts[body] >= _MAIN_TEXT and _MAIN_SHARE * texts[body] >= sum(texts.values()):
            found |= holders
        for tag in ("main", "h1"):
            for node in self.tree.search(tag):
                above = _with_ancestors(node)
                found |= above if tag == "main" or not holders else above & holders
        return frozenset(found or self._around_most_text())

    def _around_most_text(self) -> Iterator[Node]:
        """Yield what holds more than half of the text of what is around it, from the root on, while it is much."""
        around = self.tree.root
        size = _ink(around.raw_text()) if around is not None else 0
        while around is not None and size >= _MAIN_TEXT:
            yield around
            sizes = {kid: _ink(kid.raw_text()) for kid in around.elements if kid.tag not in ("head", "script", "style")}
            around = max(sizes, key=sizes.__getitem__, default=None)
            if around is None or 2 * sizes[around] < sum(sizes.values()):
                break
            size = sizes[around]

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
        shown = {node for node in marks.ids.values() if self.has_picture(node)}
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
                self._beside_it.audience,
                self.tree.search("script"),
                lambda: self.marks,
                lambda url: self._beside_it.read(url, self._declared),
                lambda node: self.tree.line_columns((node,))[0][0],
            )
        return self.known.scripts

    @cached_property
    def figures(self) -> list[Node]:
        """The ``figure`` elements."""
        return self.tree.search("figure")

    @cached_property
    def tooltips(self) -> list[tuple[Picture, Node, str]]:
        """Each picture with a title, and each whose link has one; a link may be that of several pictures."""
        return [
            (picture, node, whose)
            for picture in self.pictures
            for node, whose in ((picture.node, "picture"), (picture.link, "link"))
            if node is not None and node.get("title")
        ]

    @cached_property
    def caption_elements(self) -> list[Node]:
        """The elements that most plainly say that their text is a caption: looking for every word takes its time."""
        signs = self.tree.search("figcaption", classes=_LEADS)
        return [node for node in signs if self.reader.marks(node)]

    @cached_property
    def _around_caption_elements(self) -> set[Node]:
        around: set[Node] = set()
        for node in self.caption_elements:
            above: Node | None = node
            while above is not None and above not in around:
                around.add(above)
                above = above.parent
        return around

    def has_caption_element(self, node: Node) -> bool:
        """Return whether an element holds, or is, one that says that its text is a caption."""
        return node in self._around_caption_elements

    @cached_property
    def _marked_text(self) -> str:
        return "\n".join([self._lower_text(node) for node in self.caption_elements])

    def may_be_marked_as(self, words: Iterable[str]) -> bool:
        """Return whether a text of these words may stand anywhere on the page where the markup calls it a caption."""
        return _has_all(self._marked_text, words)

    def may_be_marked(self, picture: Picture, beyond: int, least: int) -> bool:
        """Return whether a text near a picture may be one that the markup calls a caption: quick, for ruling out.

        Args:
            picture: the picture.
            beyond: levels above the nearest text to which near reaches, where neither scope nor figure reach it.
            least: how many characters the nearest text has more than.
        """
        below = []
        around = picture.node.parent
        while around is not None and around not in self._around_caption_elements:
            below.append(around)
            around = around.parent
        if around is None:
            return False
        level = len(below)
        if level <= beyond or not self.has_more_than(below[level - beyond - 1], least):
            return True
        if around.tag not in _ROOTS and not self._holds_other(picture, around, picture.index, picture.index + 1):
            return True
        figure = self.figure(picture)
        return figure is not None and self.has_caption_element(figure)

    @cached_property
    def outside_noscript(self) -> list[Picture]:
        """The pictures but those of ``noscript``."""
        return [picture for picture in self.pictures if picture.noscript is None]

    @cached_property
    def places(self) -> dict[str, list[Picture]]:
        """The live pictures that have a key, by it, place by place."""
        places: dict[str, list[Picture]] = {}
        for picture in self.outside_noscript:
            if key := picture.key:
                places.setdefault(key, []).append(picture)
        return places

    @cached_property
    def copies(self) -> list[list[Picture]]:
        """The live pictures that stand in several places, place by place."""
        return [copies for copies in self.places.values() if len(copies) > 1]

    def has_picture(self, node: Node) -> bool:
        """Return whether a picture stands in an element."""
        return node in self._begins

    def pictures_in(self, node: Node) -> list[Picture]:
        """Return the pictures that stand in an element."""
        return self.pictures[self._begins.get(node, 0) : self._ends.get(node, 0)]

    def span(self, node: Node) -> tuple[int, int]:
        """Return the index of the first picture in an element, and that behind its last one; equal where none is."""
        return self._begins.get(node, 0), self._ends.get(node, 0)

    def whereabouts(self, names: Callable[[Picture], Iterable[str]]) -> Whereabouts:
        """Return where the pictures stand by what they are called, worked out once for each way to call them."""
        if names not in self._whereabouts:
            self._whereabouts[names] = Whereabouts(self.pictures, names)
        return self._whereabouts[names]

    def nearest_pictures(self, node: Node) -> list[Picture]:
        """Return the pictures in the smallest element around another, or itself, that holds some."""
        around = node if node in self._begins else node.below(self._begins)
        return [] if around is None else self.pictures_in(around)

    def content_in(self, node: Node) -> list[Picture]:
        """Return the pictures in an element that are no icons, and of which none is a copy in noscript."""
        contents, before = self._contents, self._contents_before
        found = contents[before[self._begins.get(node, 0)] : before[self._ends.get(node, 0)]]
        spend(1 + len(found) // _SLICED)
        return found

    @cached_property
    def _shown(self) -> tuple[list[Picture], list[int]]:
        """The pictures that are no icons, and how many of these stand before each picture and the end of the page."""
        shown = [picture for picture in self.pictures if not picture.is_icon]
        return shown, [0, *accumulate(not picture.is_icon for picture in self.pictures)]

    def shown_in(self, node: Node) -> list[Picture]:
        """Return the pictures in an element that are no icons; those of ``noscript`` are among them."""
        shown, before = self._shown
        begin, end = self.span(node)
        return shown[before[begin] : before[end]]

    @cached_property
    def _contents(self) -> list[Picture]:
        """The pictures that are no icons and no copies in noscript."""
        return [picture for picture in self.pictures if picture.noscript is None and not picture.is_icon]

    @cached_property
    def _contents_before(self) -> list[int]:
        """How many of these stand before each picture, and before the end of the page."""
        indexes = [picture.index for picture in self._contents]
        return [bisect_left(indexes, at) for at in range(len(self.pictures) + 1)]

    @cached_property
    def _steps(self) -> dict[bool, list[int]]:
        """For each of these the next one, behind and before it, that names other files than it does."""
        contents = self._contents
        behind, before = [*range(1, len(contents) + 1)], [*range(-1, len(contents) - 1)]
        for at in range(1, len(contents)):
            if _names_the_same(contents[at], contents[at - 1]):
                before[at] = before[at - 1]
        for at in range(len(contents) - 2, -1, -1):
            if _names_the_same(contents[at], contents[at + 1]):
                behind[at] = behind[at + 1]
        return {True: behind, False: before}

    def holds(self, node: Node, picture: Picture) -> bool:
        """Return whether a picture stands in an element."""
        return self._begins.get(node, 0) <= picture.index < self._ends.get(node, 0)

    def show_one_file(self, pictures: Sequence[Picture]) -> bool:
        """Return whether pictures that follow each other, one at least, have one key."""
        span = pictures[0].index, pictures[-1].index
        known = self._one_file.get(span)
        if known is None:
            known = self._one_file[span] = all(other.key == pictures[0].key for other in pictures)
        return known

    def is_alone(self, picture: Picture, around: Node) -> bool:
        """Return whether an element around a picture holds no other, copies in noscript aside."""
        begin, end = self._begins[around], self._ends[around]
        spend(end - begin)
        return end - begin == 1 or all(
            other is picture or other.noscript is not None for other in self.pictures[begin:end]
        )

    def blocks(self, node: Node) -> list[Block]:
        """Return the texts and pictures below an element."""
        if node not in self._blocks:
            self._blocks[node] = self.reader.read(node).blocks
        return self._blocks[node]

    def times_said(self, node: Node, text: TextBlock) -> int:
        """Return how often the texts below an element have a text's letters, those that others make up aside."""
        if node not in self._said:
            texts = (block for block in self.blocks(node) if isinstance(block, TextBlock) and not block.spans_blocks)
            self._said[node] = Counter(block.letters for block in texts)
        return self._said[node][text.letters]

    def like_kids(self, node: Node, tag: str, classes: str) -> list[Node]:
        """Return the first children of an element, three at most, that have a name, a class and some text."""
        if node not in self._kinds:
            kinds: dict[tuple[str, str], list[Node]] = {}
            for kid in node.elements:
                like = kinds.setdefault((kid.tag, kid.get("class")), [])
                if len(like) < _REFRAIN and self.has_more_than(kid, 0):
                    like.append(kid)
            self._kinds[node] = kinds
        return self._kinds[node].get((tag, classes), [])

    def has_picture_between(self, first: int, second: int) -> bool:
        """Return whether a picture that is no icon stands behind one block of the body and before another."""
        shown = self._shown_blocks
        at = bisect_right(shown, first)
        return at < len(shown) and shown[at] < second

    @cached_property
    def _shown_blocks(self) -> list[int]:
        blocks = enumerate(self.body_blocks)
        return [at for at, block in blocks if isinstance(block, Picture) and not block.is_icon]

    def _near_blocks(self, node: Node) -> list[Block]:
        """The same, but for what is too deep in an element to be near what it holds."""
        if node in self._blocks:
            return self._blocks[node]
        known = self._shallow.get(node)
        if known is None:
            known, is_whole = self.reader.read(node, _DEEPEST)
            (self._blocks if is_whole else self._shallow)[node] = known
        return known

    @cached_property
    def body_blocks(self) -> list[Block]:
        """The texts and pictures of the page in order; some parsers put a page without a body into its head."""
        body = next(iter(self.tree.search("body") or self.tree.search("head")), self.tree.root)
        return self.blocks(body) if body is not None else []

    def raw_text(self, node: Node) -> str:
        """Return all text below an element, scripts too: for ruling things out."""
        known = self._raw.get(node)
        if known is None:
            known = self._raw[node] = node.raw_text()
        return known

    def _lower_text(self, node: Node) -> str:
        known = self._lower.get(node)
        if known is None:
            known = self._lower[node] = self.raw_text(node).lower()
        return known

    def has_more_than(self, node: Node, most: int) -> bool:
        """Return whether an element holds more characters than so many, white space aside.

        What indents a page must not decide, nor the script of a player.
        """
        text = self.raw_text(node)
        if len(text) <= most or text.isspace():
            return False
        spend_searching(len(text))
        if not most:
            return True
        if most >= _CLOSE_TEXT and len(text) <= _WITH_SCRIPTS:
            beyond = _ink(text) - most
            return beyond > 0 and beyond > sum(_ink(script.raw_text()) for script in self._scripts_in(node))
        return _ink(text[: 2 * most + 64]) > most or _ink(text) > most

    def _scripts_in(self, node: Node) -> list[Node]:
        return self.tree.search("script", "style", inside=node)

    def may_say(self, node: Node, words: Iterable[str]) -> bool:
        """Return whether an element may hold a text of these words: quick, for ruling things out.

        Every longer word of a text that is there is there, whatever the
        punctuation and the white space.
        """
        return _has_all(self._lower_text(node), words)

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

    def scope(self, picture: Picture) -> Node:
        """Return the largest element around a picture that holds no other content picture."""
        if picture not in self._scopes:
            self._scopes[picture] = self._find_scope(picture)
        return self._scopes[picture]

    def box(self, picture: Picture) -> Node:
        """Return the part of a picture's scope that is small enough to hold little but its caption."""
        box = picture.node
        scope = self.scope(picture)
        for around in picture.node.ancestors:
            if box is scope or self.has_more_than(around, _BOX_TEXT):
                break
            box = around
        return box

    def _find_scope(self, picture: Picture) -> Node:
        scope = picture.node
        low, high = picture.index, picture.index + 1
        for around in islice(picture.node.ancestors, FARTHEST):
            begin, end = self._begins[around], self._ends[around]
            if around.tag in _ROOTS or (end - begin > high - low and self._holds_other(picture, around, low, high)):
                break
            if self.has_more_than(around, SCOPE_TEXT):
                break
            scope, low, high = around, begin, end
        return scope

    def _holds_other(self, picture: Picture, around: Node, low: int, high: int) -> bool:
        """Whether another content picture is among those before and behind; copies in a row are one step."""
        before = self._contents_before
        first, last = before[self._begins[around]], before[self._ends[around]]
        for start, forward in ((before[low] - 1, False), (before[high], True)):
            at = start
            while first <= at < last:
                other = self._contents[at]
                if same_picture(picture, other):
                    at = self._steps[forward][at]
                elif self._enlarges(other, around):
                    at += 1 if forward else -1
                else:
                    return True
        return False

    def _enlarges(self, other: Picture, common: Node) -> bool:
        """Whether a picture is alone in a closed dialog below an element: a larger file opened from outside."""
        if DIALOG not in self.roles.around(other.node):
            return False
        for around in other.node.ancestors:
            if around is common:
                break
            if DIALOG in self.roles.of(around):
                return all(inner is other or inner.is_icon for inner in self.pictures_in(around))
        return False

    def figure(self, picture: Picture) -> Node | None:
        """Return the figure a picture stands in."""
        if not self.figures:
            return None
        if picture not in self._figures:
            self._figures[picture] = picture.node.nearest("figure")
        return self._figures[picture]

    def captions(self, picture: Picture, within: Node, says: Callable[[TextBlock], bool]) -> Iterator[Near]:
        """Yield the texts near a picture that may be its caption.

        Args:
            picture: the picture.
            within: how far to look for texts that are marked or in its figure.
            says: tells whether a text is of interest; where it stands is looked into only then.
        """
        scope, figure = self.scope(picture), self.figure(picture)
        close = scope is not picture.node and not self.has_more_than(scope, _CLOSE_TEXT)
        seen: set[Node] = set()
        for block in self._texts_within(picture, within):
            spend()
            if says(block) and not block.heading:
                if block.is_marked:
                    seen.add(block.node)
                    yield Near(block, "marked", close)
                elif figure is not None and block.node.inside(figure):
                    yield Near(block, "figure", close)
        for block in self.beside(picture):
            if says(block) and block.node not in seen and not block.heading:
                yield Near(block, "marked" if block.is_marked else "beside", close)
        if figure is not None and not figure.inside(scope) and self.has_caption_element(figure):
            for block in self._texts(figure):
                spend()
                if says(block) and block.is_marked and block.node not in seen and not block.heading:
                    yield Near(block, "marked", close=True)

    def _texts_within(self, picture: Picture, within: Node) -> Iterator[TextBlock]:
        """The texts of a part of a picture's scope in which markup speaks of a caption."""
        if within.inside(self.scope(picture)) and (
            self.figure(picture) is not None or self.has_caption_element(within)
        ):
            yield from self._texts(within)

    def _texts(self, node: Node) -> Iterator[TextBlock]:
        return (block for block in self._near_blocks(node) if isinstance(block, TextBlock))

    def beside(self, picture: Picture) -> list[TextBlock]:
        """Return the text directly before a picture and the two directly behind it, if no other picture intervenes."""
        if picture not in self._beside:
            before, behind = self._before(picture), self._behind(picture)
            self._beside[picture] = [*before, *behind]
        return self._beside[picture]

    def _behind(self, picture: Picture) -> list[TextBlock]:
        found: list[TextBlock] = []
        node, passed = picture.node, 0
        for around in islice(picture.node.ancestors, FARTHEST):
            for block in self.reader.behind(node, around):
                passed += 1
                if passed > _PASSED:
                    return found
                if isinstance(block, TextBlock):
                    found.append(block)
                if len(found) == _BEHIND or (isinstance(block, Picture) and not self._is_copy(picture, block)):
                    return found
            if self._is_end(around, picture):
                break
            node = around
        return found

    def _is_end(self, around: Node, picture: Picture) -> bool:
        """Whether what is near a picture ends with an element: any cell does, but of a table that lays out just it."""
        if around.tag not in _ENDS:
            return False
        if around.tag not in _CELLS:
            return True
        table = around.nearest("table")
        return (
            table is None
            or len(self.content_in(table)) > 1
            or (self.scope(picture) is not table and self.scope(picture).inside(table))
            or self.has_more_than(table, _CLOSE_TEXT)
        )

    def _before(self, picture: Picture) -> list[TextBlock]:
        node = picture.node
        for around in islice(picture.node.ancestors, FARTHEST):
            told = self._told_before(around, self.reader.place(around, node))
            if told is not None:
                blocks = [] if self.has_more_than(told, SCOPE_TEXT) else self.blocks(told)
                last = blocks[-1] if blocks else None
                return [last] if isinstance(last, TextBlock) else []
            if self._is_end(around, picture):
                break
            node = around
        return []

    def _told_before(self, around: Node, place: int) -> Node | None:
        """The nearest child before a place that holds text; what was found for an earlier place is looked up."""
        kids, known = around.children, self._told.setdefault(around, {})
        found: Node | None = None
        for at in range(place - 1, -1, -1):
            kid = kids[at]
            if not isinstance(kid, str) and self.has_more_than(kid, 0):
                found = kid
                break
            if at in known:
                found = known[at]
                break
        known[place] = found
        return found

    def _is_copy(self, picture: Picture, other: Picture) -> bool:
        return other.is_icon or same_picture(picture, other)

    def leads_elsewhere(self, link: Node | None, picture: Picture) -> bool:
        """Return whether a link around a picture goes to something else than this picture.

        A link to the picture's file, to a lightbox, to its attachment page or,
        from a captioned figure, to a page called like the file stays with the
        picture.
        """
        if link is None:
            return False
        known = self._elsewhere.get(picture)
        if known is None:
            known = self._elsewhere[picture] = _leads_elsewhere(link) and not self._is_own_page(link, picture)
        return known

    def _is_own_page(self, link: Node, picture: Picture) -> bool:
        """Whether a captioned figure's picture links to a page that is called like its file.

        Without a caption, teasers do: their files are called after the stories they lead to.
        """
        figure = self.figure(picture)
        if figure is None or not self.has_caption_element(figure):
            return False
        tail = last_part(link.get("href").strip().partition("?")[0].rstrip("/"))
        return len(tail) >= _LEAST_STEM and tail in last_part(picture.key.partition("?")[0])


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
        return isinstance(node, Node) and self._page.has_picture(node) and node in self._page.around_openers


def _with_ancestors(node: Node) -> set[Node]:
    return {node, *node.ancestors}


def _leads_elsewhere(link: Node) -> bool:
    href = link.get("href").strip()
    if not href or href.startswith(("#", "javascript:", "data:")) or is_picture_file(href):
        return False
    rel = link.get("rel")
    if "attachment" in href or "attachment" in rel:
        return False
    return "lightbox" not in " ".join((rel, link.get("class"), *link.attribute_names))


def _in_picture(node: Node) -> bool:
    """Whether an element stands in a picture, one or two levels up."""
    return any(around.tag in PICTURES for around in islice(node.ancestors, 2))


def _has_all(text: str, words: Iterable[str]) -> bool:
    """Whether a text holds all words, be it with signs within them; a soft hyphen in it may hide some."""
    bare = ""
    known: Container[str] = ()
    for number, word in enumerate(words):
        if number == _FEW_WORDS:
            known = {found[0] for found in _LONGER_WORD.finditer(text)}
        if word in known:
            continue
        spend_searching(len(text))
        if word not in text:
            bare = bare or _without_signs(text)
            if word not in bare:
                return "\u00ad" in text
    return True


def _without_signs(text: str) -> str:
    """What is left of a text without white space and punctuation, quickly where that is all ASCII."""
    left = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_SIGNS)
    if b"\xe2" in left or b"\xc2" in left or b"\xe3" in left:
        return _NO_LETTER.sub("", text)  # dashes, quotes and blanks of other scripts
    return left.decode("utf-8", "surrogatepass")


def _ink(text: str) -> int:
    """How many characters a text holds, white space aside."""
    return len(text) - text.count(" ") - text.count("\n") - text.count("\t")


def longer_words(text: str) -> Iterator[str]:
    """Yield the words of a text that tell it from others, none where a soft hyphen may cut them.

    >>> [*longer_words("Boats of A. Person leave")], [*longer_words("Boats lea\\u00adve")]
    (['boats', 'person', 'leave'], [])
    """
    return iter(()) if "\u00ad" in text else (found[0] for found in _LONGER_WORD.finditer(text.lower()))


def _names_the_same(one: Picture, other: Picture) -> bool:
    return one.key == other.key and one.addresses == other.addresses


def same_picture(one: Picture, other: Picture) -> bool:
    """Return whether markup alone says that two elements show one picture, sizes aside.

    They name the same files, or one of them some of the other's: a stand-in
    that many pictures share is told from them by what else they name.
    """
    spend()
    return one.key == other.key != "" and (one.addresses <= other.addresses or other.addresses <= one.addresses)
