"""Pages that are XML, edited by bytes.

A page is read twice: by lxml for its tree and by expat for the places of its
elements, so that everything outside an edit stays byte for byte. What declares
entities of its own is refused, before anything of them is expanded, and nothing
is ever loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from html.entities import html5
from itertools import pairwise
from typing import Any
from xml.parsers import expat

from lxml import etree

from captionfix.limits import spend_parsing, spend_searching
from captionfix.markup.lxml_elements import UNSETTABLE, change, remove, shorten
from captionfix.markup.lxml_tree import LxmlTree
from captionfix.markup.source import Source
from captionfix.markup.splice import (
    NoPlaceError,
    NotWellFormedError,
    Splice,
    name_end,
)
from captionfix.markup.values import Value, read_value
from captionfix.model import Action, DropAttribute, Node, Remove, SetAttribute

_NAMED = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]*;)", re.DOTALL
)
"""References to characters that HTML names; what is matched besides is passed over."""
_ATTRIBUTE = re.compile(r"""\s+([^\s=/>]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


class XmlTree(LxmlTree):
    r"""A page of well-formed XML, such as XHTML, with the places of its elements.

    Args:
        source: the page; its view is read as XML whatever encoding it declares.

    Raises:
        NotWellFormedError: it is no XML, or declares entities of its own.

    >>> from captionfix.markup.source import read_source
    >>> tree = XmlTree(read_source(b'<?xml version="1.0"?><p>&#233;<a id="x"/>\xc3\xa9<b>c</b></p>'))
    >>> [tree.source.view[slice(*tree.place(node))] for node in tree.search("a", "b")]
    ['<a id="x"/>', '<b>c</b>']
    """

    def __init__(self, source: Source) -> None:
        spend_parsing(len(source.view))
        self.source = source
        markup = source.view.lstrip()
        begin = len(source.view) - len(markup)
        if not source.exact or UNSETTABLE.search(markup):
            raise NotWellFormedError
        outline = _Outline(markup.encode())
        super().__init__(_read(markup))
        handles = list(self._root.iter(etree.Element))
        if [_written_name(handle) for handle in handles] != outline.names:
            raise NotWellFormedError
        at = outline.positions(markup, begin)
        self._starts: dict[Any, int] = dict(zip(handles, map(at.__getitem__, outline.starts), strict=True))
        self._ends: dict[Any, int] = dict(zip(handles, map(at.__getitem__, outline.ends), strict=True))

    def mentions(self, name: str, times: int = 1) -> bool:
        """Return whether an ``id`` is spoken of in the page more often than so many times, once where it stands."""
        spend_searching(len(self.source.view))
        return self.source.view.count(name) > times

    # places

    def place(self, node: Node) -> tuple[int, int]:
        """Return where an element stands in the view.

        Raises:
            NoPlaceError: it is no element of this page.
        """
        start = self.address(node)
        view, inner = self.source.view, self._behind_attributes(start)
        return start, view.index(">", inner if view[inner] == "/" else self._ends[node.handle]) + 1

    def _behind_attributes(self, start: int) -> int:
        """Where a start tag holds nothing more but what closes it."""
        end = name_end(self.source.view, start)
        while match := _ATTRIBUTE.match(self.source.view, end):
            end = match.end()
        while self.source.view[end].isspace():
            end += 1
        return end

    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]:
        """Return line and column of elements, both from 1."""
        addresses = [self.address(node) for node in nodes]
        told = self.source.line_columns(addresses)
        return [told[address] for address in addresses]

    def address(self, node: Node) -> int:
        """Return where an element's start tag begins in the view: its name in any parse of the same source.

        Raises:
            NoPlaceError: it is no element of this page.
        """
        if node.handle not in self._starts:
            raise NoPlaceError
        return self._starts[node.handle]

    def at(self, addresses: Iterable[int]) -> dict[int, Node]:
        """Return the elements at these addresses."""
        wanted = set(addresses)
        return {start: self.node(handle) for handle, start in self._starts.items() if start in wanted}

    def elements(self) -> list[Node]:
        """Return all elements, in order; no inert ones."""
        return [self.node(handle) for handle, _, _ in self._elements]

    def values(self, node: Node) -> Iterator[tuple[str, Value]]:
        """Yield an element's attributes, those whose values certainly stand where they seem to."""
        end = name_end(self.source.view, self.address(node))
        while match := _ATTRIBUTE.match(self.source.view, end):
            end = match.end()
            begin = match.start() + match[0].index("=", len(match[1])) + 1
            begin += len(self.source.view[begin:end]) - len(self.source.view[begin:end].lstrip()) + 1
            value = read_value(self.source.view[begin : end - 1], begin, xml=True)
            if value.text == node.handle.get(match[1]):
                yield match[1].lower(), value

    def content(self, node: Node) -> tuple[int, int] | None:
        """Return where an element's text stands, if it stands there as it is."""
        behind = self._behind_attributes(self.address(node))
        if self.source.view[behind] != ">":
            return None
        start, end = behind + 1, self._ends[node.handle]
        return (start, end) if self.source.view[start:end] == self.text(node.handle) else None

    # edits

    def attribute_splice(self, action: SetAttribute | DropAttribute) -> Splice:
        """Return what an action on an attribute replaces in the view.

        Raises:
            NoPlaceError: the element or the attribute stands nowhere in the source.
        """
        start = self.address(action.node)
        found = self._attribute(start, action.name)
        if isinstance(action, DropAttribute):
            if found is None:
                raise NoPlaceError
            return Splice(found.start(), found.end(), "", (action,))
        if found is None:
            behind_name = name_end(self.source.view, start)
            return Splice(behind_name, behind_name, f' {action.name}="{_escaped(action.value)}"', (action,))
        return Splice(found.start(1), found.end(), f'{found[1]}="{_escaped(action.value)}"', (action,))

    def _attribute(self, start: int, name: str) -> re.Match[str] | None:
        end = name_end(self.source.view, start)
        while match := _ATTRIBUTE.match(self.source.view, end):
            if match[1].lower() == name:
                return match
            end = match.end()
        return None

    # proof

    def becomes(self, other: XmlTree, actions: Sequence[Action], splices: Sequence[Splice]) -> bool:
        """Return whether this page less the actions is the other page.

        The actions are made on this tree, which is of no further use: parse
        again to try others.
        """
        for splice in splices:
            handles = [action.node.handle for action in splice.actions]
            if splice.taken is not None and not shorten(handles, splice.taken):
                return False
        for action in actions:
            if not isinstance(action, Remove):
                change(action)
        remove(self._root, [action.node.handle for action in actions if isinstance(action, Remove)])
        return _alike(self._root, other._root)


class _Outline:
    """The elements of a page of XML in document order, as expat sees them, with the bytes they begin and end at."""

    def __init__(self, markup: bytes) -> None:
        self.names: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._open: list[int] = []
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(markup, True)  # noqa: FBT003  # expat takes it by position only
        except expat.ExpatError as error:
            raise NotWellFormedError from error

    def _start(self, name: str, _: object) -> None:
        self._open.append(len(self.names))
        self.names.append(name)
        self.starts.append(self._parser.CurrentByteIndex)
        self.ends.append(0)

    def _end(self, _: str) -> None:
        self.ends[self._open.pop()] = self._parser.CurrentByteIndex

    def _refuse(self, *_: object) -> None:
        raise NotWellFormedError

    def positions(self, markup: str, begin: int) -> dict[int, int]:
        """Return the place in the view of every byte that an element begins or ends at.

        Args:
            markup: the text of the bytes.
            begin: where it begins in the view.
        """
        points = sorted({0, *self.starts, *self.ends})
        if markup.isascii():
            return {point: point + begin for point in points}
        raw, found = markup.encode(), {0: begin}
        for last, point in pairwise(points):
            found[point] = found[last] + len(raw[last:point].decode())
        return found


def _read(markup: str) -> Any:
    """The root that lxml reads, the names of HTML's characters resolved, nothing loaded from anywhere."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=False
    )
    try:
        return etree.fromstring(_NAMED.sub(_numbered, markup).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise NotWellFormedError from error


def _numbered(match: re.Match[str]) -> str:
    sign = html5.get(match[1] or "")
    return match[0] if sign is None else "".join(f"&#{ord(each)};" for each in sign)


def _written_name(handle: Any) -> str:
    local: str = handle.tag.rpartition("}")[2]
    return f"{handle.prefix}:{local}" if handle.prefix else local


def _escaped(value: str) -> str:
    """A value as XML gives it back: white space but the space would become a space."""
    return escape(value).translate({9: "&#9;", 10: "&#10;", 13: "&#13;"})


def _alike(one: Any, other: Any) -> bool:
    """Whether two trees have the same elements, attributes and texts."""
    mine, theirs = one.iter(), other.iter()
    return all(_facts(left) == _facts(right) for left, right in zip(mine, theirs, strict=False)) and (
        next(mine, None) is next(theirs, None) is None
    )


def _facts(handle: Any) -> tuple[object, ...]:
    return handle.tag, len(handle), dict(handle.items()), handle.text or "", handle.tail or ""
