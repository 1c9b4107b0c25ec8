"""The only door to lxml: trees that scrapers hold, edited in place, and pages that are XML, edited by bytes.

A scraper's tree is changed as it stands; text behind a removed element stays.
A page of XML is read twice: by lxml for its tree and by expat for the places
of its elements, so that everything outside an edit stays byte for byte. What
declares entities of its own is refused, before anything of them is expanded,
and nothing is ever loaded from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import cache
from html import escape
from html.entities import html5
from itertools import islice, pairwise
from typing import Any
from xml.parsers import expat

from lxml import etree

from captionfix.lazy import cached_property
from captionfix.limits import spend, spend_parsing, spend_searching
from captionfix.markup.source import Source
from captionfix.markup.splice import (
    NoPlaceError,
    NotWellFormedError,
    Splice,
    Taken,
    lines_taken,
    name_end,
    takes_lines,
)
from captionfix.markup.templates import mark_in
from captionfix.markup.values import Value, read_value, words_from
from captionfix.model import COMMENT, Action, DropAttribute, Node, Remove, SetAttribute

_MARKUP_SPACES = (
    "{http://www.w3.org/1999/xhtml}",
    "{http://www.w3.org/2000/svg}",
    "{http://www.w3.org/1998/Math/MathML}",
)
"""Namespaces whose elements bear the names that HTML knows them by; others keep their namespace in the name."""
_NEVER_CLOSED = ("source", "track", "wbr", "keygen", "bgsound")
"""Void elements that libxml2 does not know: it puts what follows into them."""
_GONE, _GONE_ALONE = "captionfix-gone", "captionfix-gone-alone"
"""Names of elements on their way out, with and without what stands in them."""
_ALL_TEXT = etree.XPath("string()", smart_strings=False)
_UNSETTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What libxml2's HTML parser lets through and lxml refuses to write."""
_NAMED = re.compile(
    r"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]*;)", re.DOTALL
)
"""References to characters that HTML names; what is matched besides is passed over."""
_ATTRIBUTE = re.compile(r"""\s+([^\s=/>]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


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
            node = nodes[each] = Node(self, each, _name(each.tag), node)
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
        while parent is not None and parent is not self._root and _name(parent.tag) in _NEVER_CLOSED:
            parent = parent.getparent()
        return None if parent is None or _is_apart(_name(parent.tag)) else parent

    def children(self, handle: Any) -> tuple[Node | str, ...]:
        """Return elements and comments as nodes, text as strings; nothing for a template, whose content is inert."""
        if _name(handle.tag) in (COMMENT, "template", *_NEVER_CLOSED):
            return ()
        found: list[Node | str] = []
        text = ""
        for part in _content(handle):
            if isinstance(part, str):
                text += part
            else:
                found += [text, self.node(part)] if text else [self.node(part)]
                text = ""
        return (*found, text) if text else tuple(found)

    def texts(self, handle: Any) -> Iterable[str]:
        """Return the texts below an element, piece by piece."""
        if _name(handle.tag) in (COMMENT, *_NEVER_CLOSED):
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
        if _name(handle.tag) in (COMMENT, *_NEVER_CLOSED):
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
                yield each, _name(each.tag), each.get("class", "")

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
                _change(action)
        ordered = [handle for handle, _, _ in self._elements if handle in gone and handle is not self._root]
        for group in _groups(ordered):
            if takes_lines(self.node(group[0])):
                _shorten(group, _line_around(group))
        _remove(self._root, ordered)
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
        if not source.exact or _UNSETTABLE.search(markup):
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
            if splice.taken is not None and not _shorten(handles, splice.taken):
                return False
        for action in actions:
            if not isinstance(action, Remove):
                _change(action)
        _remove(self._root, [action.node.handle for action in actions if isinstance(action, Remove)])
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


@cache
def _saying(words: tuple[str, ...]) -> Callable[[str], re.Match[str] | None]:
    """What finds one of these words in a class; without words, nothing."""
    return re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE).search


def _content(handle: Any) -> Iterator[Any]:
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
        if _name(kid.tag) in _NEVER_CLOSED:
            yield kid.text or ""
            stack += [iter((tail,)), iter(kid)]
        else:
            yield tail


def _name(tag: Any) -> str:
    """An element's name in lower case, without the namespaces that HTML takes for granted."""
    if not isinstance(tag, str):
        return COMMENT
    if tag.startswith(_MARKUP_SPACES):
        return tag.partition("}")[2].lower()
    return tag.lower()


def _is_apart(name: str) -> bool:
    """Whether what stands in an element of this name is no part of the page."""
    return name == "template" or name.startswith("{")


def _written_name(handle: Any) -> str:
    local: str = handle.tag.rpartition("}")[2]
    return f"{handle.prefix}:{local}" if handle.prefix else local


def _escaped(value: str) -> str:
    """A value as XML gives it back: white space but the space would become a space."""
    return escape(value).translate({9: "&#9;", 10: "&#10;", 13: "&#13;"})


def _entity(handle: Any) -> str:
    """The characters that an unresolved reference stands for, nothing where HTML does not know it."""
    name: str = handle.text[1:]
    return html5.get(name, "")


def _change(action: SetAttribute | DropAttribute) -> None:
    handle = action.node.handle
    name = next((name for name in handle.keys() if name.lower() == action.name), action.name)  # noqa: SIM118
    if isinstance(action, SetAttribute):
        handle.set(name, _UNSETTABLE.sub("", action.value))
    else:
        handle.attrib.pop(name, None)


def _groups(handles: Iterable[Any]) -> list[list[Any]]:
    """Elements in document order, siblings with nothing but blanks between them together."""
    groups: list[list[Any]] = []
    for handle in handles:
        last = groups[-1][-1] if groups else None
        if last is not None and last.getnext() is handle and not (last.tail or "").strip(" \t"):
            groups[-1].append(handle)
        else:
            groups.append([handle])
    return groups


def _line_around(group: Sequence[Any]) -> Taken:
    before, after = _text_before(group[0]), group[-1].tail or ""
    view = f">{before}{after}<".replace("\r", " ")
    return lines_taken(view, len(before) + 1, len(before) + 1)


def _text_before(handle: Any) -> str:
    previous = handle.getprevious()
    return (handle.getparent().text if previous is None else previous.tail) or ""


def _shorten(group: Sequence[Any], taken: Taken) -> bool:
    """Take from the texts around and between elements the blanks that go with them; False where there are none."""
    before, after = _text_before(group[0]), group[-1].tail or ""
    kept_before, kept_after = before[: len(before) - taken.before], after[taken.after :]
    blanks = before[len(kept_before) :] + after[: taken.after]
    if len(blanks) != taken.before + taken.after or blanks.strip() or _UNSETTABLE.search(kept_before + kept_after):
        return False
    for handle in group[:-1]:
        handle.tail = None
    if taken.before:
        _set_text_before(group[0], kept_before or None)
    if taken.after:
        group[-1].tail = kept_after or None
    return True


def _set_text_before(handle: Any, text: str | None) -> None:
    previous = handle.getprevious()
    if previous is None:
        handle.getparent().text = text
    else:
        previous.tail = text


def _remove(root: Any, handles: Sequence[Any]) -> None:
    """Take elements out and leave the text behind them.

    lxml's own ``remove`` takes it along, and joining texts by hand fails on
    characters that libxml2 reads but does not write.
    """
    if not handles:
        return
    tags = [handle.tag for handle in handles]
    for handle, tag in zip(handles, tags, strict=True):
        handle.tag = _GONE_ALONE if _name(tag) in _NEVER_CLOSED else _GONE
    etree.strip_elements(root, _GONE, with_tail=False)
    etree.strip_tags(root, _GONE_ALONE)
    for handle, tag in zip(handles, tags, strict=True):
        with suppress(ValueError):  # a name that libxml2 reads but does not write
            handle.tag = tag


def _alike(one: Any, other: Any) -> bool:
    """Whether two trees have the same elements, attributes and texts."""
    mine, theirs = one.iter(), other.iter()
    return all(_facts(left) == _facts(right) for left, right in zip(mine, theirs, strict=False)) and (
        next(mine, None) is next(theirs, None) is None
    )


def _facts(handle: Any) -> tuple[object, ...]:
    return handle.tag, len(handle), dict(handle.items()), handle.text or "", handle.tail or ""
