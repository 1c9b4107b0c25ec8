"""The texts of a page: below each element, in the blocks that a reader sees, and where markup speaks of captions.

Most questions are quick ones, for ruling things out before blocks are read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator

from captionfix.layout.blocks import Block, BlockReader, TextBlock
from captionfix.layout.pictures import Picture
from captionfix.layout.tree import SearchableTree
from captionfix.lazy import cached_property
from captionfix.limits import spend_searching
from captionfix.model import Node

_DEEPEST = 32
"""Levels below an element within which what it holds is near it; a scope of a real page has at most 17."""
_LEADS = ("caption", "unterschrift", "legend")
"""Words of classes that lead to captions; each takes its time to look for."""
_NO_LETTER = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONGER_WORD = re.compile(r"[^\W_]{4,}")
_FEW_WORDS = 64
"""Words that are looked for one by one; a caption seldom has more, and of longer texts all words are listed at once."""
_WITH_SCRIPTS = 30_000
"""Characters of a neighbourhood, scripts included, beyond which its text is not told from its scripts: one player
brings 7,000 (caption corpus)."""
CLOSE_TEXT = 900
"""Characters of a neighbourhood, white space aside, in which an unmarked text beside the picture is its caption
(caption-rules study)."""
_REFRAIN = 3
"""Elements of one kind that tell that there are others than two."""


class PageTexts:
    """The texts of a page.

    Args:
        tree: the parsed page.
        reader: what cuts an element's text into blocks.
    """

    def __init__(self, tree: SearchableTree, reader: BlockReader) -> None:
        self._tree, self._reader = tree, reader
        self._blocks: dict[Node, list[Block]] = {}
        self._shallow: dict[Node, list[Block]] = {}
        self._raw: dict[Node, str] = {}
        self._lower: dict[Node, str] = {}
        self._kinds: dict[Node, dict[tuple[str, str], list[Node]]] = {}
        self._said: dict[Node, Counter[str]] = {}

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
        if most >= CLOSE_TEXT and len(text) <= _WITH_SCRIPTS:
            beyond = ink(text) - most
            return beyond > 0 and beyond > sum(ink(script.raw_text()) for script in self._scripts_in(node))
        return ink(text[: 2 * most + 64]) > most or ink(text) > most

    def _scripts_in(self, node: Node) -> list[Node]:
        return self._tree.search("script", "style", inside=node)

    def may_say(self, node: Node, words: Iterable[str]) -> bool:
        """Return whether an element may hold a text of these words: quick, for ruling things out.

        Every longer word of a text that is there is there, whatever the
        punctuation and the white space.
        """
        return _has_all(self._lower_text(node), words)

    def blocks(self, node: Node) -> list[Block]:
        """Return the texts and pictures below an element."""
        if node not in self._blocks:
            self._blocks[node] = self._reader.read(node).blocks
        return self._blocks[node]

    def near_blocks(self, node: Node) -> list[Block]:
        """Return the same, but for what is too deep in an element to be near what it holds."""
        if node in self._blocks:
            return self._blocks[node]
        known = self._shallow.get(node)
        if known is None:
            known, is_whole = self._reader.read(node, _DEEPEST)
            (self._blocks if is_whole else self._shallow)[node] = known
        return known

    @cached_property
    def body_blocks(self) -> list[Block]:
        """The texts and pictures of the page in order; some parsers put a page without a body into its head."""
        body = next(iter(self._tree.search("body") or self._tree.search("head")), self._tree.root)
        return self.blocks(body) if body is not None else []

    @cached_property
    def caption_elements(self) -> list[Node]:
        """The elements that most plainly say that their text is a caption: looking for every word takes its time."""
        signs = self._tree.search("figcaption", classes=_LEADS)
        return [node for node in signs if self._reader.marks(node)]

    @cached_property
    def around_caption_elements(self) -> set[Node]:
        """These, and what is around each of them."""
        around: set[Node] = set()
        for node in self.caption_elements:
            above: Node | None = node
            while above is not None and above not in around:
                around.add(above)
                above = above.parent
        return around

    def has_caption_element(self, node: Node) -> bool:
        """Return whether an element holds, or is, one that says that its text is a caption."""
        return node in self.around_caption_elements

    @cached_property
    def _marked_text(self) -> str:
        return "\n".join([self._lower_text(node) for node in self.caption_elements])

    def may_be_marked_as(self, words: Iterable[str]) -> bool:
        """Return whether a text of these words may stand anywhere on the page where the markup calls it a caption."""
        return _has_all(self._marked_text, words)

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


def ink(text: str) -> int:
    """Return how many characters a text holds, white space aside."""
    return len(text) - text.count(" ") - text.count("\n") - text.count("\t")


def longer_words(text: str) -> Iterator[str]:
    """Yield the words of a text that tell it from others, none where a soft hyphen may cut them.

    >>> [*longer_words("Boats of A. Person leave")], [*longer_words("Boats lea\\u00adve")]
    (['boats', 'person', 'leave'], [])
    """
    return iter(()) if "\u00ad" in text else (found[0] for found in _LONGER_WORD.finditer(text.lower()))
