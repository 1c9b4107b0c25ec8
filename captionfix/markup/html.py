"""The only door to turbohtml: a page's elements, their places, and the proof of an edit."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from html import escape
from itertools import pairwise
from typing import Any

import turbohtml

from captionfix.limits import spend, spend_parsing, spend_searching
from captionfix.markup.source import Source
from captionfix.markup.splice import NoPlaceError, Splice, Taken, name_end
from captionfix.markup.templates import mark_in, marks_in
from captionfix.markup.values import Value, read_value, words_from
from captionfix.model import COMMENT, Action, DropAttribute, Node, Remove, SetAttribute

VOID = frozenset(
    ("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen",
     "link", "meta", "param", "source", "track", "wbr")
)  # fmt: skip
_VALUE = re.compile(r"""\s*=\s*(["']?)""")
_LONE_EQUALS = re.compile(r"\s*=\s*(?=>)")
_END_OF_NOSCRIPT = re.compile(r"</noscript", re.IGNORECASE)
_NOSCRIPT_TAG = re.compile(r"<(/?)noscript(?![^\s/>])", re.IGNORECASE)
_TEXT: Any = (turbohtml.Text, turbohtml.CData)
_PLAIN_NAME = re.compile(r"[a-z][a-z-]*")
_WORD_LISTS = frozenset(
    ("class", "rel", "rev", "headers", "accesskey", "sandbox", "archive", "accept-charset", "sizes", "dropzone")
)
"""Attributes whose values the parser cuts into words."""


class _Element(Node):
    """An element of a page whose view is its text: the parser is asked without a step between."""

    __slots__ = ()

    def get(self, name: str) -> str:
        if name in _WORD_LISTS:
            value = self.handle.attrs.get(name)
            return value if type(value) is str else " ".join(value or ())
        return self.handle.attr(name) or ""

    @property
    def names(self) -> str:
        attr = self.handle.attr
        return f"{attr('class') or ''} {attr('id') or ''} {attr('role') or ''}"

    @property
    def is_bare(self) -> bool:
        return not self.handle.attrs

    @property
    def attribute_names(self) -> Iterable[str]:
        return self.handle.attrs  # type: ignore[no-any-return]

    def carries(self, *names: str) -> bool:
        selector = _carrying(names)
        if selector:
            return self.handle.matches(selector)  # type: ignore[no-any-return]
        return any(map(self.handle.attrs.__contains__, names))

    def carrying(self, *names: str) -> Iterator[Node]:
        selector = _carrying(names)
        if not selector:
            yield from super().carrying(*names)
            return
        handle = self.handle
        while type(handle) is turbohtml.Element and (handle := handle.closest(selector)) is not None:
            yield self.tree.node(handle)
            handle = handle.parent

    def raw_text(self) -> str:
        return self.handle.text  # type: ignore[no-any-return]

    def nearest(self, *tags: str) -> Node | None:
        handle = self.handle.closest(_named(tags))
        return None if handle is None else self.tree.node(handle)


@cache
def _named(tags: tuple[str, ...]) -> str:
    """What selects the elements of these names."""
    return ",".join(tags)


@cache
def _carrying(names: tuple[str, ...]) -> str:
    """What selects the elements that have one of these attributes, ``""`` where a name is none that CSS can write."""
    return ",".join(f"[{name}]" for name in names) if all(map(_PLAIN_NAME.fullmatch, names)) else ""


class HtmlTree:
    """A parsed page.

    Args:
        source: the page; its view is parsed once, with source locations.
    """

    def __init__(self, source: Source) -> None:
        spend_parsing(len(source.view))
        self.source = source
        self._document = turbohtml.parse(source.view, source_locations=True, allow_declarative_shadow_roots=False)
        self._nodes: dict[Any, Node] = {}
        self._opened: list[Node] = []
        self._places: dict[Node, tuple[int, int]] = {}
        self._locations: dict[Node, Any] = {}
        self._element = _Element if source.exact else Node
        self._has_templates: bool | None = None
        self._marks: list[tuple[int, int]] | None = None
        self._broken_out: int | None = None
        self._broken_out_line = 0

    # what every door tells about its elements

    @property
    def root(self) -> Node | None:
        """The ``html`` element."""
        root = self._document.root
        return None if root is None else self.node(root)

    def comments_above(self) -> Iterable[str]:
        """Yield what the comments before the ``html`` element say."""
        return (self.source.text(each.data) for each in self._document.children if isinstance(each, turbohtml.Comment))

    def node(self, handle: Any) -> Node:
        """Return the node of an element or a comment, the same one each time."""
        return self._nodes.get(handle) or self._fresh(handle)

    def _fresh(self, handle: Any) -> Node:
        """The node of an element that has none yet; what is around it gets its own first."""
        nodes, element, chain, around = self._nodes, self._element, [], handle.parent
        while type(around) is turbohtml.Element and around not in nodes:
            chain.append(around)
            around = around.parent
        parent = nodes.get(around)
        while chain:
            around = chain.pop()
            parent = nodes[around] = element(self, around, around.tag, parent)
        if type(handle) is turbohtml.Element:
            node = element(self, handle, handle.tag, parent)
        else:
            node = Node(self, handle, COMMENT, parent)
        nodes[handle] = node
        return node

    def let_go(self) -> None:
        """Forget the nodes handed out, so that the page is freed as soon as nobody looks at it; of no further use."""
        for node in self._opened:
            node.let_go()
        self._opened.clear()
        self._nodes.clear()
        self._places.clear()
        self._locations.clear()

    def attributes(self, handle: Any) -> Mapping[str, str]:
        """Return an element's attributes."""
        if type(handle) is not turbohtml.Element:
            return {}
        found: dict[str, Any] = handle.attrs.copy()
        for name, value in found.items():
            if type(value) is not str:
                found[name] = " ".join(value) if value else ""
        if not self.source.exact:
            return {name: self.source.text(value) for name, value in found.items()}
        return found

    def parent(self, handle: Any) -> Any | None:
        """Return the element around an element; none around a template's content."""
        parent = handle.parent
        return parent if type(parent) is turbohtml.Element else None

    def children(self, handle: Any) -> tuple[Node | str, ...]:
        """Return elements and comments as nodes, text as strings; nothing for a template, whose content is inert."""
        if type(handle) is not turbohtml.Element or handle.tag == "template":
            return ()
        parent, nodes, element = self.node(handle), self._nodes, self._element
        text = None if self.source.exact else self.source.text
        self._opened.append(parent)
        found: list[Node | str] = []
        kids: Iterable[Any] = handle.children
        for kid in kids:
            kind = type(kid)
            if kind is turbohtml.Element:
                node = nodes.get(kid)
                if node is None:
                    node = nodes[kid] = element(self, kid, kid.tag, parent)
                found.append(node)
            elif kind in _TEXT:
                found.append(kid.data if text is None else text(kid.data))
            else:
                found.append(self.node(kid))
        return tuple(found)

    def text(self, handle: Any) -> str:
        """Return all text below an element."""
        return self.source.text(handle.text)

    def texts(self, handle: Any) -> Iterable[str]:
        """Return the texts below an element, piece by piece."""
        pieces: Iterable[str] = handle.strings
        return pieces if self.source.exact else map(self.source.text, pieces)

    def comment(self, handle: Any) -> str:
        """Return what a comment says."""
        return self.source.text(handle.data)

    def search(self, *tags: str, classes: Iterable[str] = (), inside: Node | None = None) -> list[Node]:
        """Return elements of these names, or with one of these words in their class, in order; no inert ones.

        Args:
            tags: names.
            classes: words in lower case.
            inside: the element below which to look, instead of the whole page.
        """
        select = self._document.select if inside is None else inside.handle.select
        selectors = [f"[class*={word} i]" for word in classes]
        if selectors:
            return self._live(select(",".join((*tags, *selectors))))
        # The parser knows where the elements of one name of HTML are, and is quick to find that there are none.
        each = [found for tag in tags if (found := select(tag))]
        return self._live(each[0] if len(each) == 1 else select(",".join(tags)) if each else [])

    def told(self, tag: str) -> dict[Any, str]:
        """Return the handles of elements of a name, in order, each with all text below it; no inert ones."""
        handles = self._live_handles(self._document.select(tag))
        if self.source.exact:
            return {handle: handle.text for handle in handles}
        return {handle: self.source.text(handle.text) for handle in handles}

    def _live(self, handles: Sequence[Any]) -> list[Node]:
        return [self.node(handle) for handle in self._live_handles(handles)]

    def _live_handles(self, handles: Sequence[Any]) -> Sequence[Any]:
        """Elements less those that stand in a template or broke out of the head's noscript."""
        if handles and self._has_templates is None:
            self._has_templates = bool(self._document.select("template"))
        if handles and self._broken_out is None:
            self._broken_out = self._find_broken_out()
            self._broken_out_line = self.source.view.count("\n", 0, self._broken_out) + 1
        if not self._has_templates and not self._broken_out:
            return handles
        return [handle for handle in handles if not self._is_inert(handle)]

    def _find_broken_out(self) -> int:
        """Where the last noscript of the head ends that something broke out of; 0 without any.

        A picture in the head's noscript, mostly a tracking pixel, ends the head for a parser without scripts; for
        every reader with scripts it is no part of the page.
        """
        end = 0
        for handle in self._document.select("noscript"):
            location = handle.source_location if handle.closest("head") is not None else None
            if location is not None and location.end_tag is None:
                closed = _END_OF_NOSCRIPT.search(self.source.view, location.start_tag.end_offset)
                end = closed.end() if closed else len(self.source.view)
        return end

    def _is_inert(self, handle: Any) -> bool:
        """Whether an element is no part of the page; its line mostly tells, and costs less than its place."""
        if self._has_templates and any(isinstance(around, turbohtml.DocumentFragment) for around in handle.ancestors):
            return True
        if not self._broken_out or (handle.source_line or 0) > self._broken_out_line:
            return False
        location = handle.source_location
        return location is not None and location.start_tag.start_offset < self._broken_out

    def mentions(self, name: str, times: int = 1) -> bool:
        """Return whether an ``id`` is spoken of in the page more often than so many times, once where it stands."""
        spend_searching(len(self.source.view))
        return self.source.view.count(name) > times

    def words_from(self, start: str) -> set[str]:
        """Return the words that begin with a text, as they stand anywhere in the source, in lower case."""
        return words_from(start, self.source.view)

    def is_parted(self, nodes: Sequence[Node]) -> bool:
        """Return whether a template's mark stands in one of some elements, or between them.

        >>> from captionfix.markup.source import read_source
        >>> tree = HtmlTree(read_source(b"{{ a }}<p>Boats</p><p>Boats</p>{% else %}<p>Boats</p>"))
        >>> one, other, third = tree.search("p")
        >>> tree.is_parted((one, other)), tree.is_parted((one, third))
        (False, True)
        """
        try:
            places = [self.place(node) for node in nodes]
        except NoPlaceError:
            return True
        start, end = min(places)[0], max([end for _, end in places])
        if self._marks is None:
            self._marks = marks_in(self.source.view)
        at = bisect_right(self._marks, start, key=lambda mark: mark[1])
        if at == len(self._marks) or self._marks[at][0] >= end:
            return False
        spend_searching(end - start)
        return mark_in(self.source.view[start:end]) is not None

    # places

    def place(self, node: Node) -> tuple[int, int]:
        """Return where an element stands in the view.

        Raises:
            NoPlaceError: it stands nowhere.
        """
        known = self._places.get(node)
        if known is None:
            known = self._places[node] = self._find_place(node)
        return known

    def _location(self, node: Node) -> Any:
        """Where the tags and the attributes of an element stand; the parser works it out each time it is asked.

        Raises:
            NoPlaceError: it stands nowhere.
        """
        known = self._locations.get(node)
        if known is None:
            known = node.handle.source_location
            if known is None:
                raise NoPlaceError
            self._locations[node] = known
        return known

    def _find_place(self, node: Node) -> tuple[int, int]:
        location = self._location(node)
        start, inner = location.start_tag.start_offset, location.start_tag.end_offset
        if location.end_tag is not None:
            return start, location.end_tag.end_offset
        self_closed = node.handle.namespace is not turbohtml.Namespace.HTML and self.source.view[inner - 2] == "/"
        if node.tag in VOID or self_closed:
            return start, inner
        return start, self._implied_end(node.handle, inner)

    def _implied_end(self, handle: Any, inner: int) -> int:
        """Where an element ends that has no end tag: at the next tag that is not its own."""
        for below in handle.iter_elements():
            spend()
            if (location := below.source_location) is not None:
                inner = max(inner, location.start_tag.end_offset)
                if location.end_tag is not None:
                    inner = max(inner, location.end_tag.end_offset)
        end: int = len(self.source.view)
        for after in handle.following:
            location = getattr(after, "source_location", None)
            if location is not None and location.start_tag.start_offset >= inner:
                end = location.start_tag.start_offset
                break
        for around in handle.ancestors:
            location = getattr(around, "source_location", None)
            if location is not None and location.end_tag is not None and location.end_tag.start_offset >= inner:
                end = min(end, location.end_tag.start_offset)
                break
        return end

    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]:
        """Return line and column of elements that stand somewhere, both from 1."""
        return [(node.handle.source_line, node.handle.source_col + 1) for node in nodes]

    def address(self, node: Node) -> int:
        """Return where an element's start tag begins in the view: its name in any parse of the same source.

        Raises:
            NoPlaceError: it stands nowhere.
        """
        return self.place(node)[0]

    def at(self, addresses: Iterable[int]) -> dict[int, Node]:
        """Return the elements at these addresses."""
        wanted = set(addresses)
        spend_parsing(len(self.source.view))
        return {
            location.start_tag.start_offset: self.node(handle)
            for handle in self._document.iter_elements()
            if (location := handle.source_location) is not None and location.start_tag.start_offset in wanted
        }

    def elements(self) -> list[Node]:
        """Return all elements, in order; no inert ones."""
        return self._live(self._document.select("*"))

    def values(self, node: Node) -> Iterator[tuple[str, Value]]:
        """Yield an element's attributes, those whose values certainly stand where they seem to."""
        location = node.handle.source_location
        for name, span in location.attrs.items() if location is not None else ():
            value = self._value(span, len(name))
            if (
                value is not None
                and value.text == node.handle.attr(name)
                and (self.source.exact or value.text.isascii())
            ):
                yield name, value

    def _value(self, span: Any, name: int) -> Value | None:
        """What is written for an attribute, read anew."""
        view, end = self.source.view, span.end_offset
        opened = _VALUE.match(view, span.start_offset + name, end)
        if opened is None:
            return None
        if opened[1]:
            end -= 1
            if end < opened.end() or view[end] != opened[1]:
                return None
        return read_value(view[opened.end() : end], opened.end())

    def content(self, node: Node) -> tuple[int, int] | None:
        """Return where an element's text stands, if it stands there as it is."""
        location = node.handle.source_location
        if location is None or location.end_tag is None:
            return None
        start, end = location.start_tag.end_offset, location.end_tag.start_offset
        return (start, end) if self.source.view[start:end] == node.handle.text else None

    # edits

    def attribute_splice(self, action: SetAttribute | DropAttribute) -> Splice:
        """Return what an action on an attribute replaces in the view.

        Raises:
            NoPlaceError: the element or the attribute stands nowhere in the source.
        """
        location = self._location(action.node)
        view, span = self.source.view, location.attrs.get(action.name)
        if isinstance(action, SetAttribute):
            written = f'{action.name}="{escape(action.value)}"'
            if span is None:
                behind_name = name_end(view, location.start_tag.start_offset)
                return Splice(behind_name, behind_name, f" {written}", (action,))
            name = view[span.start_offset : span.start_offset + len(action.name)]
            return Splice(span.start_offset, _behind(view, span), f'{name}="{escape(action.value)}"', (action,))
        if span is None:
            raise NoPlaceError
        start, end = span.start_offset, _behind(view, span)
        while view[start - 1].isspace():
            start -= 1
        # An unquoted value before, or an attribute behind, must not grow into its neighbour.
        apart = "" if view[end].isspace() or view[end] == ">" else " "
        return Splice(start, end, apart, (action,))

    # proof

    def becomes(self, other: HtmlTree, actions: Sequence[Action], splices: Sequence[Splice]) -> bool:
        """Return whether this page less the actions is the other page.

        The actions are made on this tree, which is of no further use: parse
        again to try others.
        """
        if not all(_holds_noscripts_whole(self.source.view[each.start : each.end]) for each in splices):
            return False
        for splice in splices:
            if splice.taken is not None and not self._trim(splice.actions, splice.taken):
                return False
        parted = []
        for action in actions:
            handle = action.node.handle
            if isinstance(action, Remove):
                parted.append(handle.parent)
                handle.decompose()
            elif isinstance(action, SetAttribute):
                handle.attrs[action.name] = self.source.as_parsed(action.value)
            else:
                del handle.attrs[action.name]
        root, theirs = self._document.root, other._document.root
        if root is None or theirs is None:
            return root is theirs
        for around in parted:
            if around is not None:
                around.normalize()
        return root.equals(theirs)

    def _trim(self, removed: Sequence[Action], taken: Taken) -> bool:
        """Take from the texts around a hole the blanks that go with it."""
        handles = [action.node.handle for action in removed]
        for left, right in pairwise(handles):
            between = left.next_sibling
            if between is None or between == right:
                continue
            if not isinstance(between, turbohtml.Text):
                return False  # one of them stands in the other, in misnested markup
            between.data = ""
        if taken.before:
            text = handles[0].previous_sibling
            if not isinstance(text, turbohtml.Text) or text.data[-taken.before :].strip():
                return False
            text.data = text.data[: -taken.before]
        if taken.after:
            text = handles[-1].next_sibling
            if not isinstance(text, turbohtml.Text) or text.data[: taken.after].strip():
                return False
            text.data = text.data[taken.after :]
        return True


def _holds_noscripts_whole(text: str) -> bool:
    """Whether noscripts open and close in pairs in what is replaced.

    Where one does not, a parser with scripts sees it end elsewhere than the one without them that proves the edit.
    """
    depth = 0
    for tag in _NOSCRIPT_TAG.finditer(text):
        depth += -1 if tag[1] else 1
        if depth < 0:
            return False
    return not depth


def _behind(view: str, span: Any) -> int:
    """Where an attribute ends; an equals sign with nothing behind it is part of it, though the parser leaves it out."""
    lone = _LONE_EQUALS.match(view, span.end_offset)
    return lone.end() if lone else int(span.end_offset)
