"""Trees of lxml, as scrapers hold them: elements read as far as somebody looks, and edited in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from html import escape
from html.entities import html5
from itertools import islice
from typing import Any

from lxml import etree

from captionfix.lazy import cached_property
from captionfix.limits import spend, spend_searching
from captionfix.markup.lxml_elements import NEVER_CLOSED, change, groups, html_name, line_around, remove, shorten
from captionfix.markup.source import Source
from captionfix.markup.splice import (
    takes_lines,
)
from captionfix.markup.templates import mark_in
from captionfix.markup.values import words_from
from captionfix.model import COMMENT, Action, Node, Remove

_ALL_TEXT = etree.XPath("string()", smart_strings=False)


class LxmlTree:
    """A tree that a scraper holds, from ``lxml.html``, ``lxml.etree``, parsel or readability.

    Args:
        root: an element, which may stand inside a larger tree, or a tree.

    Raises:
        TypeError: it is something else.

    >>> tree = LxmlTree(etree.HTML("<p>One <i>two</i> three"))
    >>> after = tree.after([Remove(tree.search("i")[0])])
    >>> etree.tostring(after.root.handle)
    b'<html><body><p>One  three</p></body></html>'
    """

    def __init__(self, root: etree._Element | etree._ElementTree) -> None:
        element = root.getroot() if isinstance(root, etree._ElementTree) else root  # noqa: SLF001  # lxml's public type
        if not (element is None or (etree.iselement(element) and isinstance(element.tag, str))):
            raise TypeError(f"an lxml element or tree is needed, not {type(root).__name__}")
        self._root: Any = element
        self._nodes: dict[Any, Node] = {}

    # what every door tells about its elements

    @property
    def root(self) -> Node | None:
        """The element given, as if nothing were around it."""
        return None if self._root is None else self.node(self._root)

    def comments_above(self) -> Iterable[str]:
        """Yield what the comments before the root element say."""
        siblings = self._root.itersiblings(preceding=True) if self._root is not None else ()
        top = self._root is not None and self._root.getparent() is None
        return (each.text or "" for each in siblings if top and each.tag is etree.Comment)

    def node(self, handle: Any) -> Node:
        """Return the node of an element or a comment, the same one each time; it keeps lxml's proxy alive."""
        return self._nodes.get(handle) or self._fresh(handle)

    def _fresh(self, handle: Any) -> Node:
        """The node of an element that has none yet; what is around it gets its own first."""
        nodes, chain, around = self._nodes, [handle], self.parent(handle)
        while around is not None and around not in nodes:
            chain.append(around)
            around = self.parent(around)
        node = nodes.get(around)
        while chain:
            each = chain.pop()
            node = nodes[each] = Node(self, each, html_name(each.tag), node)
        return nodes[handle]

    def attributes(self, handle: Any) -> Mapping[str, str]:
        """Return an element's attributes."""
        return {name.lower(): value for name, value in handle.items()}

    def parent(self, handle: Any) -> Any | None:
        """Return the element around an element; none around the root and the content of what is no page.

        That is a template, and an element of another vocabulary: what a feed
        says twice, it says on purpose.
        """
        parent = None if handle is self._root else handle.getparent()
        while parent is not None and parent is not self._root and html_name(parent.tag) in NEVER_CLOSED:
            parent = parent.getparent()
        return None if parent is None or _is_apart(html_name(parent.tag)) else parent

    def children(self, handle: Any) -> tuple[Node | str, ...]:
        """Return elements and comments as nodes, text as strings; nothing for a template, whose content is inert."""
        if html_name(handle.tag) in (COMMENT, "template", *NEVER_CLOSED):
            return ()
        found: list[Node | str] = []
        text = ""
        for part in content_of(handle):
            if isinstance(part, str):
                text += part
            else:
                found += [text, self.node(part)] if text else [self.node(part)]
                text = ""
        return (*found, text) if text else tuple(found)

    def texts(self, handle: Any) -> Iterable[str]:
        """Return the texts below an element, piece by piece."""
        if html_name(handle.tag) in (COMMENT, *NEVER_CLOSED):
            return ()
        if self._has_entities:
            return (self.text(handle),)
        pieces: Iterable[str] = handle.itertext()
        return pieces

    def comment(self, handle: Any) -> str:
        """Return what a comment says."""
        return handle.text or ""

    def text(self, handle: Any) -> str:
        """Return all text below an element."""
        if html_name(handle.tag) in (COMMENT, *NEVER_CLOSED):
            return ""
        if not self._has_entities:
            return str(_ALL_TEXT(handle))
        pieces: list[str] = []
        stack: list[Node | str] = [self.node(handle)]
        while stack:
            part = stack.pop()
            if isinstance(part, str):
                pieces.append(part)
            else:
                stack += reversed(part.children)
        return "".join(pieces)

    @cached_property
    def _has_entities(self) -> bool:
        return next(iter(self._root.iter(etree.Entity)), None) is not None

    @cached_property
    def _elements(self) -> list[tuple[Any, str, str]]:
        """Every element in document order with its name and its classes."""
        if self._root is None:
            return []
        found = [*self._described(self._root.iter(etree.Element))]
        spend(len(found))
        return found

    def _described(self, elements: Iterable[Any]) -> Iterator[tuple[Any, str, str]]:
        """Elements of the page, each with its name and its classes."""
        for each in elements:
            if each not in self._inert:
                yield each, html_name(each.tag), each.get("class", "")

    @cached_property
    def _inert(self) -> frozenset[Any]:
        """What stands in templates."""
        return frozenset(each for around in self._root.iter("{*}template") for each in around.iterdescendants())

    def search(self, *tags: str, classes: Iterable[str] = (), inside: Node | None = None) -> list[Node]:
        """Return elements of these names, or with one of these words in their class, in document order.

        Args:
            tags: names.
            classes: words in lower case.
            inside: the element below which to look, instead of the whole page.
        """
        says = _saying(tuple(classes))
        looked_at = self._elements if inside is None else self._described(inside.handle.iterdescendants(etree.Element))
        return [self.node(handle) for handle, tag, named in looked_at if tag in tags or (named and says(named))]

    def told(self, tag: str) -> dict[Any, str]:
        """Return the handles of elements of a name, in order, each with all text below it."""
        return {handle: self.text(handle) for handle, name, _ in self._elements if name == tag}

    def holds(self, node: Node) -> bool:
        """Return whether an element, of this tree or of what it was before edits, stands in it."""
        handle = node.handle
        while handle is not None and handle is not self._root:
            handle = handle.getparent()
        return handle is not None

    @cached_property
    def _markup(self) -> str:
        return "" if self._root is None else str(etree.tostring(self._top, encoding="unicode"))

    @property
    def _top(self) -> Any:
        return next(iter([*self._root.iterancestors()][::-1]), self._root)

    def mentions(self, name: str, times: int = 1) -> bool:
        """Return whether an ``id`` is spoken of more often than so many times, outside of the element given too."""
        spend_searching(len(self._markup))
        return self._markup.count(escape(name, quote=False)) > times

    def words_from(self, start: str) -> set[str]:
        """Return the words that begin with a text, as they stand anywhere in the source, in lower case."""
        return words_from(start, self._markup)

    @property
    def is_template(self) -> bool:
        """Whether it shows that it is a template, not a page that was served; libxml2 reads its code as comments."""
        markup = self._markup.replace("<!--?", "<?").replace("&lt;", "<")
        return Source(b"", "utf-8", markup).template_mark() is not None

    def is_parted(self, nodes: Sequence[Node]) -> bool:
        """Return whether a template's mark stands in one of some elements, or between them.

        >>> tree = LxmlTree(etree.HTML("<p>{{ a }}<div><i>Boats</i></div>{% else %}<b title='{{ a }}'>Boats</b>"))
        >>> one, other = tree.search("i", "b")
        >>> tree.is_parted((one,)), tree.is_parted((one, other)), tree.is_parted((other,))
        (False, True, True)
        """
        return any(mark_in(piece) is not None for piece in _pieces(nodes))

    def line(self, node: Node) -> int:
        """Return the line that the parser remembers for an element, 1 where it remembers none."""
        return node.handle.sourceline or 1

    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]:
        """Return lines, with 1 for the columns, which the parser does not remember."""
        return [(self.line(node), 1) for node in nodes]

    def copy(self) -> LxmlTree:
        """Return the same tree, with what is around it, over elements of its own."""
        if self._root is None:
            return self
        top = self._top
        place = next(place for place, each in enumerate(top.iter()) if each is self._root)
        return LxmlTree(next(islice(deepcopy(top).iter(), place, None)))

    def restorer(self) -> Callable[[], None]:
        """Return what makes the tree what it is now, after edits in place; the elements in it are then new ones."""
        root, kept = self._root, deepcopy(self._root)

        def restore() -> None:
            root.clear(keep_tail=True)
            root.attrib.update(kept.attrib)
            root.text = kept.text
            root.extend(list(kept))

        return restore

    # edits

    def after(self, actions: Iterable[Action]) -> LxmlTree:
        """Edit the elements in place and return them as a tree again; this one is of no further use.

        An element that stood alone on its line takes the line along; all
        other text stays, that behind a removed element too.

        Args:
            actions: what to do, none inside an element that another removes.
        """
        gone: set[Any] = set()
        for action in actions:
            if isinstance(action, Remove):
                gone.add(action.node.handle)
            else:
                change(action)
        ordered = [handle for handle, _, _ in self._elements if handle in gone and handle is not self._root]
        for group in groups(ordered):
            if takes_lines(self.node(group[0])):
                shorten(group, line_around(group))
        remove(self._root, ordered)
        return LxmlTree(self._root)


def _pieces(nodes: Sequence[Node]) -> Iterator[str]:
    """What is written from the first of some elements to the end of the last one: values, texts, comments."""
    wanted = {node.handle for node in nodes}
    around = next(each for each in (nodes[0], *nodes[0].ancestors) if all(node.inside(each) for node in nodes))
    begun = False
    for event, each in etree.iterwalk(around.handle, events=("start", "end", "comment", "pi")):
        begun = begun or each in wanted
        if not begun:
            continue
        if event == "start":
            yield from each.values()
            yield "" if each.tag == "script" else each.text or ""
        elif event != "end":
            yield etree.tostring(each, encoding="unicode", with_tail=False).replace("<!--?", "<?")
        else:
            wanted.discard(each)
            if not wanted:
                return
        if event != "start":
            yield each.tail or ""


@cache
def _saying(words: tuple[str, ...]) -> Callable[[str], re.Match[str] | None]:
    """What finds one of these words in a class; without words, nothing."""
    return re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE).search


def content_of(handle: Any) -> Iterator[Any]:
    """Elements and comments, and the texts around them, in order; what stands in a void element comes behind it."""
    yield handle.text or ""
    stack = [iter(handle)]
    while stack:
        kid = next(stack[-1], None)
        if kid is None:
            stack.pop()
            continue
        if isinstance(kid, str):
            yield kid
            continue
        yield _entity(kid) if kid.tag is etree.Entity else kid
        tail = kid.tail or ""
        if html_name(kid.tag) in NEVER_CLOSED:
            yield kid.text or ""
            stack += [iter((tail,)), iter(kid)]
        else:
            yield tail


def _is_apart(name: str) -> bool:
    """Whether what stands in an element of this name is no part of the page."""
    return name == "template" or name.startswith("{")


def _entity(handle: Any) -> str:
    """The characters that an unresolved reference stands for, nothing where HTML does not know it."""
    name: str = handle.text[1:]
    return html5.get(name, "")
