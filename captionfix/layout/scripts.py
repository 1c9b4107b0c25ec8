"""The page's own scripts as an audience: which of them can still run, and what those name.

A script runs where its text is at hand, in the page or beside it, and nothing that it needs stands in a file that is
not. A raw scraped page has lost its files, and most of its scripts with them; a site's source has them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from urllib.parse import urljoin

from captionfix.beside import ScriptFile
from captionfix.lazy import cached_property
from captionfix.limits import spend
from captionfix.markup.javascript import Code, imported, reads_alts, reads_titles
from captionfix.model import Node

_NO_SCRIPT = ("json", "template", "html", "importmap", "speculationrules", "handlebars", "mustache", "x-shader", "css")
"""Parts of types of ``script`` elements that hold data, not code; other unknown types are for loaders of scripts."""
_SOURCES = ("src", "data-src", "data-rocket-src", "data-cfsrc")
"""Where script elements name their file: their own attribute, and those of consent managers and lazy loaders."""
_MOST_FILES = 64
"""Script files of a page that are looked for, with the modules they load."""
_POINTING = ("data-target", "data-bs-target", "aria-controls", "popovertarget", "commandfor", "data-src", "data-open",
             "data-reveal-id", "data-micromodal-trigger", "data-fancybox-src")  # fmt: skip
"""Attributes by which openers name what they open: of ARIA, HTML, Bootstrap, fancybox, Foundation, Micromodal."""
_COMMANDING = ("popovertarget", "command")
_SCRIPT_ADDRESS = re.compile(r"\s*javascript:\s*(?!void\b|;|false\b|return\b|\Z)", re.IGNORECASE)
_STRING = re.compile(r"""(["'])([\w:.-]{2,80})\1""")
_STATES = frozenset(
    ("active", "current", "open", "show", "fade", "lazy", "lazyload", "lazyloaded", "loaded", "hidden", "hide",
     "invisible", "visible", "d-none", "display-none", "is-hidden", "visually-hidden", "sr-only", "clearfix", "row",
     "top", "right", "bottom", "left", "center", "fixed", "relative", "absolute", "static", "block", "inline", "flex",
     "grid", "dark", "light")
)  # fmt: skip
"""Classes that say in which state an element is, or where it stands: any script speaks of them, and sets them."""
_LEAST = 3
"""Letters of a class; shorter ones are generated, or of a grid."""
_NEAR_TITLE = 400
"""Characters around the name of an element in which a script that shows its title reads that."""
_MOST_PLACES = 100
"""Places of a script that are looked into."""
SOME_SCRIPT = "a script"
LINK, LABEL, COMMAND = "a", "label", "command of"
"""By what an element may point to another: as a link, a label, or a button that needs no script."""


class Marks:
    """What the elements of a page are called, which point to others, and which have handlers.

    Args:
        root: the outermost element.

    Attributes:
        ids: the elements by their ids.
        pointers: the elements that point to an id, by it.
        means: the ids that something points to, by what does: `LINK`, `LABEL` or `COMMAND`.
        handled: the elements that have handlers.
    """

    def __init__(self, root: Node | None) -> None:
        self.ids: dict[str, Node] = {}
        self.pointers: dict[str, list[Node]] = {}
        self.means: dict[str, set[str]] = {mean: set() for mean in (LINK, LABEL, COMMAND)}
        self.handled: list[Node] = []
        self._opening: dict[str, list[Node]] = {}
        stack = [root] if root is not None else []
        while stack:
            node = stack.pop()
            self._note(node)
            stack += node.elements

    def opening(self, name: str) -> list[Node]:
        """Return the elements that point to an id, or whose click hands over the strings it is put together of.

        >>> from captionfix.markup.html import HtmlTree
        >>> from captionfix.markup.source import read_source
        >>> tree = HtmlTree(read_source(b"<i onclick=show('Boat','Big')></i><b id=showBigBoat></b>"))
        >>> [node.tag for node in Marks(tree.root).opening("showBigBoat")]
        ['i']
        """
        if not name:
            return []
        known = self._opening.get(name)
        if known is None:
            whole, parts = self._clicks
            joined = dict(whole.get(name, ()))
            joined.update((at, node) for at, node, strings in parts if _are_parts(strings, name))
            spend(len(parts))
            known = self._opening[name] = [*self.pointers.get(name, ()), *(joined[at] for at in sorted(joined))]
        return known

    @cached_property
    def _clicks(self) -> tuple[dict[str, list[tuple[int, Node]]], list[tuple[int, Node, list[str]]]]:
        """The elements whose click hands strings over, by each of these, and those that hand over several."""
        whole: dict[str, list[tuple[int, Node]]] = {}
        parts: list[tuple[int, Node, list[str]]] = []
        for at, node in enumerate(self.handled):
            strings = _strings(f"{node.get('onclick')} {node.get('href')}")
            for name in dict.fromkeys(strings):
                whole.setdefault(name, []).append((at, node))
            if len(strings) > 1:
                parts.append((at, node, strings))
        return whole, parts

    def _note(self, node: Node) -> None:
        is_handled = False
        for name, value in node.attributes.items():
            if name == "id":
                self.ids.setdefault(value, node)
            elif _points(node, name, value):
                target = value.strip().removeprefix("#")
                self.pointers.setdefault(target, []).append(node)
                if target and node.tag in (LINK, LABEL):
                    self.means[node.tag].add(target)
                if target and node.carries(*_COMMANDING):
                    self.means[COMMAND].add(target)
            elif name.startswith("on") or (name == "href" and acts_by_address(value)):
                is_handled = True
        if is_handled:
            self.handled.append(node)


def _points(node: Node, name: str, value: str) -> bool:
    """Whether an attribute of an element points to an id."""
    if name == "href":
        return value.startswith("#")
    return name in _POINTING or (name == "for" and node.tag == "label")


def acts_by_address(href: str) -> bool:
    """Return whether a link's address is a script that does something.

    >>> acts_by_address("javascript:show('boat')"), acts_by_address("javascript:void(0)")
    (True, False)
    """
    return _SCRIPT_ADDRESS.match(href) is not None


def _strings(click: str) -> list[str]:
    """The strings that a click hands to a function."""
    return [found[2] for found in _STRING.finditer(click)]


def _are_parts(strings: Sequence[str], name: str) -> bool:
    """Whether an id holds some strings, and these, names of their own, make up half of it."""
    return len(strings) > 1 and sum(map(len, strings)) * 2 >= len(name) and all(part in name for part in strings)


@dataclass(frozen=True, slots=True)
class Script:
    """A script that is at hand: what a finding calls it, what it says, whether it is a file, and could be read."""

    told: str
    code: Code
    is_file: bool = False
    is_read: bool = True


class Scripts:
    """The scripts of a page, looked at when somebody asks.

    Args:
        audience: ``auto``, ``run`` or ``dead``, see `captionfix.settings.Settings`.
        nodes: the page's ``script`` elements.
        marks: gives what its elements are called.
        read: gives a script file by its URL, None where it is not at hand.
        line: gives the line that an element stands in.
    """

    def __init__(
        self,
        audience: str,
        nodes: Sequence[Node],
        marks: Callable[[], Marks],
        read: Callable[[str], ScriptFile | None],
        line: Callable[[Node], int],
    ) -> None:
        self._audience, self._nodes, self._marks, self._read, self._line = audience, nodes, marks, read, line
        self._is_missing = False
        self.sources: list[str] = []

    @property
    def may_run(self) -> bool:
        """Whether any script may run at all."""
        return self._audience != "dead"

    @property
    def surely_run(self) -> bool:
        """Whether all of them do, by the settings."""
        return self._audience == "run"

    @cached_property
    def at_hand(self) -> list[Script]:
        """The scripts whose text is there, those of the page and those beside it."""
        found: list[Script] = []
        for node in self._nodes:
            if any(part in node.get("type").lower() for part in _NO_SCRIPT):
                continue
            source = next((url for name in _SOURCES if (url := node.get(name).strip())), "")
            if source:
                self.sources.append(source)
                found += self._files(source)
            elif text := node.raw_text().strip():
                found.append(Script(f"inline script, line {self._line(node)}", Code(text)))
        return found

    def _files(self, source: str) -> Iterator[Script]:
        """A script file and the modules it loads, as far as they are at hand."""
        wanted, seen = [source], {source}
        while wanted:
            url = wanted.pop(0)
            is_many = len(self.sources) + len(seen) > _MOST_FILES
            file = ScriptFile("", is_read=False) if is_many else self._read(url)
            if file is None:
                self._is_missing = True
                continue
            yield Script(_short(url), Code(file.text), is_file=True, is_read=file.is_read)
            more = [meant for name in imported(file.text) if (meant := _joined(url, name)) and meant not in seen]
            seen.update(more)
            wanted += more

    @cached_property
    def _handlers(self) -> list[Script]:
        return [script for node in self._marks().handled for script in self.handlers_of(node)]

    def handlers_of(self, node: Node) -> list[Script]:
        """Return the handlers of an element that act when it is operated."""
        return [
            Script(f"{name}, line {self._line(node)}", Code(value))
            for name, value in node.attributes.items()
            if (name.startswith("on") and name not in ("onload", "onerror") and value.strip())
            or (name == "href" and acts_by_address(value))
        ]

    @cached_property
    def _given(self) -> frozenset[str]:
        """The names that scripts at hand, or ids, give a value."""
        found = set(self._marks().ids)
        for script in self.at_hand:
            found |= script.code.defined
        return frozenset(found)

    def runs(self, script: Script, place: int = 0) -> bool:
        """Return whether a script that is at hand comes to a place in it."""
        if script.is_file or self.surely_run:
            return True
        needed = script.code.needed_at(place)
        return not needed or not self._misses_files or needed <= self._given

    @property
    def _misses_files(self) -> bool:
        return bool(self.at_hand is not None and self._is_missing)

    def _runs_to_one(self, script: Script, found: Iterator[int]) -> bool:
        """Whether a script comes to one of some places in it; one that speaks of them again and again counts as if."""
        near = [*islice(found, _MOST_PLACES)]
        return len(near) == _MOST_PLACES or any(self.runs(script, place) for place in near)

    def naming(self, names: Iterable[str]) -> str:
        """Return which script that can run names one of some ids and classes, ``""`` if none does.

        A file that cannot be read may name anything. Where scripts run by the settings, some script may, even if
        none is at hand.
        """
        if not self.may_run:
            return ""
        told = self._naming(tuple(dict.fromkeys(names)))
        return told or (SOME_SCRIPT if self.surely_run else "")

    def _naming(self, names: Sequence[str]) -> str:
        for script in (*self.at_hand, *self._handlers):
            if not script.is_read:
                return script.told
            if script.is_file:
                if next(script.code.places(names), None) is not None:
                    return script.told
            elif self._runs_to_one(script, script.code.places(names)):
                return script.told
        return ""

    def reading_titles(self, names: Iterable[str]) -> str:
        """Return which script that can run reads titles, and names some ids or classes, or all that have a title."""
        return self._reading(reads_titles, names, "[title")

    def reading_alts(self, names: Iterable[str]) -> str:
        """Return which script that can run reads an ``alt``, and names some ids or classes, or all that have one."""
        return self._reading(reads_alts, names, "[alt")

    def _reading(self, reads: Callable[[str], bool], names: Iterable[str], all_that_have: str) -> str:
        if not self.may_run:
            return ""
        wanted = tuple(names)
        for script in (*self.at_hand, *self._handlers):
            text = script.code.text
            if script.is_read and reads(text):
                found = (
                    at for at in script.code.places(wanted) if reads(text[max(0, at - _NEAR_TITLE) : at + _NEAR_TITLE])
                )
                of_all = text.find(all_that_have)
                if self._runs_to_one(script, chain(found, (of_all,) if of_all >= 0 else ())):
                    return script.told
        return ""

    def of_library(self, words: Sequence[str], *, may_be_missing: bool) -> str:
        """Return which script is a library, or calls it, by words in its name or its text; ``""`` if none is.

        Args:
            words: what its file is called, or its functions, in lower case.
            may_be_missing: whether naming it in the page is enough.
        """
        if not self.may_run:
            return ""
        for script in self.at_hand:
            counts = script.is_file or may_be_missing
            if counts and (not script.is_read or _speaks_of(f"{script.told} {script.code.text}", words)):
                return script.told
        missing = (_short(url) for url in self.sources if may_be_missing and _speaks_of(url, words))
        return next(missing, SOME_SCRIPT if self.surely_run else "")


def _speaks_of(text: str, words: Sequence[str]) -> bool:
    lower = text.lower()
    return any(word in lower for word in words)


def telling_classes(node: Node) -> Iterator[str]:
    """Yield the classes of an element that may tell it from others.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> [*telling_classes(HtmlTree(read_source(b"<p class='show my-box x1'>")).search("p")[0])]
    ['my-box']
    """
    return (name for name in node.get("class").split() if len(name) >= _LEAST and name not in _STATES)


def _joined(url: str, name: str) -> str:
    try:
        return urljoin(url, name)
    except ValueError:
        return ""


def _short(url: str) -> str:
    """What a finding calls a script file.

    >>> _short("js/show.js?v=3")
    'js/show.js'
    """
    return url.partition("?")[0].partition("#")[0][-80:]
