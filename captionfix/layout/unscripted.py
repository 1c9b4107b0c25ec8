"""What the page's own style sheets hide from readers without scripts, and what of it can be lifted on a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.model import Action, DropAttribute, Node, SetAttribute
from captionfix.pictures.urls import is_placeholder, size_of, srcset_urls

_NOTHING = r"(?:0+(?:\.0*)?|\.0+)%?(?=\s*(?:[;}!]|$))"
_TRANSPARENT = re.compile(rf"(?<![\w-])(opacity\s*:\s*){_NOTHING}", re.IGNORECASE)
_HIDES = re.compile(
    r"[dovDOV](?<![\w-].)(?i:(?<=d)isplay\s*:\s*none(?![\w-])|(?<=v)isibility\s*:\s*hidden(?![\w-])"
    rf"|(?<=o)pacity\s*:\s*{_NOTHING})"
)
"""It begins with a set of letters, which are quickly found in a long sheet; a look behind would be tried everywhere."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WITHOUT_SCRIPTS = re.compile(r"(?:html|body)?\.no[-_]?js(?![\w-])[\s>]*", re.IGNORECASE)
_NOT = re.compile(r":not\(([^()]*)\)")
_COMPOUND = re.compile(r"(?:\*|[\w-]+)?(?:\.[\w-]+|#[\w-]+|\[[^\]]+\])*")
_PART = re.compile(
    r"""\.(?P<class>[\w-]+) | \#(?P<id>[\w-]+) | (?P<tag>[\w-]+)
    | \[\s*(?P<name>[\w-]+)\s*(?:(?P<how>[*^]?=)\s*["']?(?P<value>[^"'\]]*)["']?\s*)?\]""",
    re.VERBOSE,
)
_LAZY = "lazy"
_LOADED = ("src", "srcset", "source srcset")


@dataclass(frozen=True, slots=True)
class _Selector:
    """The last part of a selector: what an element must be, and must not be, to be hidden, or to be there unseen."""

    parts: tuple[re.Match[str], ...]
    without: tuple[re.Match[str], ...]
    fades: bool

    def matches(self, node: Node) -> bool:
        return all(_is(node, part) for part in self.parts) and not any(_is(node, part) for part in self.without)


class Unscripted:
    """What a page hides from readers without scripts.

    Args:
        page: the page; its style sheets are read when the first picture is asked about.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._selectors: dict[str, list[_Selector]] | None = None

    def lifted(self, picture: Picture, beside: Node, handed: Sequence[Action]) -> tuple[Action, ...] | None:
        """Return what shows a picture to readers without scripts, who see what stands beside it; None if unknown.

        A transparent picture is made opaque. Where a style sheet hides it by a class or an attribute for a lazy
        script, or makes it transparent by a class alone, that goes, if the picture loads its best file without scripts.

        Args:
            picture: the picture.
            beside: what stands beside it; what is around both hides both.
            handed: what the picture is to be given besides.
        """
        node = picture.node
        around = takewhile(lambda around: not beside.inside(around), node.ancestors)
        if any(_is_transparent(each) or any(self._hiding(each)) for each in around):
            return None
        found = [_hook(picture, selector) for selector in self._hiding(node)]
        if not found:
            return tuple(_opaque(node))
        hooks = [hook for hook in found if hook is not None]
        if len(hooks) < len(found) or not _loads_its_best(picture, handed):
            return None
        return (*_opaque(node), *_without(node, hooks))

    def _hiding(self, node: Node) -> Iterator[_Selector]:
        if self._selectors is None:
            self._selectors = _by_class(_selectors(self._page.tree.search("style")))
        known = self._selectors
        if not known:
            return iter(())
        found = (each for name in ("", *dict.fromkeys(node.get("class").split())) for each in known.get(name, ()))
        return (selector for selector in found if selector.matches(node))


def _by_class(selectors: Iterable[_Selector]) -> dict[str, list[_Selector]]:
    """Selectors by the first class they ask for, ``""`` for those that ask for none."""
    found: dict[str, list[_Selector]] = {}
    for selector in selectors:
        found.setdefault(next((part["class"] for part in selector.parts if part["class"]), ""), []).append(selector)
    return found


def _is_transparent(node: Node) -> bool:
    style = node.get("style")
    return bool(style) and _TRANSPARENT.search(style) is not None


def _opaque(node: Node) -> Iterator[Action]:
    style = node.get("style")
    if style and _TRANSPARENT.search(style):
        yield SetAttribute(node, "style", _TRANSPARENT.sub(r"\g<1>1", style))


def _hook(picture: Picture, selector: _Selector) -> tuple[str, str] | None:
    """The attribute, and the class where it is that, by which a selector finds a picture, and a lazy script does."""
    for part in selector.parts:
        name = part["name"]
        if part["class"] and (_LAZY in part["class"].lower() or (selector.fades and len(selector.parts) == 1)):
            return "class", part["class"]
        if name and name not in ("src", "srcset") and picture.key_of(picture.node.get(name)) == picture.key:
            return name, ""
    return None


def _loads_its_best(picture: Picture, handed: Sequence[Action]) -> bool:
    """Whether no file that waits for a script is larger than all that a picture loads by itself."""
    loaded = {url for name, url in picture.urls if name in _LOADED}
    for done in handed:
        if isinstance(done, SetAttribute) and done.name in _LOADED:
            loaded.update([done.value] if done.name == "src" else srcset_urls(done.value))
    waits = {url for name, url in picture.urls if name not in _LOADED} - loaded
    if not waits:
        return True
    largest = max((size_of(url) for url in loaded if not is_placeholder(url)), default=0)
    return all(size_of(url) <= largest for url in waits)


def _without(node: Node, hooks: Sequence[tuple[str, str]]) -> Iterator[Action]:
    """What takes attributes, and classes, off an element."""
    gone = {name for attribute, name in hooks if attribute == "class"}
    rest = " ".join(name for name in node.get("class").split() if name not in gone)
    for attribute in dict.fromkeys(attribute for attribute, _ in hooks):
        if attribute == "class" and rest:
            yield SetAttribute(node, "class", rest)
        else:
            yield DropAttribute(node, attribute)


def _is(node: Node, part: re.Match[str]) -> bool:
    if part["class"]:
        return part["class"] in node.get("class").split()
    if part["name"]:
        said = node.get(part["name"])
        how = {None: True, "=": said == part["value"], "*=": (part["value"] or "") in said}
        return node.carries(part["name"]) and how.get(part["how"], said.startswith(part["value"] or ""))
    return part["id"] == node.get("id") if part["id"] else part["tag"].lower() == node.tag


def _selectors(sheets: Sequence[Node]) -> Iterator[_Selector]:
    for sheet in sheets:
        if "print" in sheet.get("media").lower():
            continue
        always = sheet.parent is not None and sheet.parent.tag == "noscript"
        for prelude, fades in _hiding_rules(sheet.raw_text()):
            for selector in prelude.split(","):
                last = _last(selector.strip(), always=always, fades=fades)
                if last is not None:
                    yield last


def _hiding_rules(text: str) -> Iterator[tuple[str, bool]]:
    """The selectors of the rules that hide, and whether they make transparent; rules for some screens are none."""
    text = _COMMENT.sub("", text)
    at = depth = 0
    for found in _HIDES.finditer(text):
        depth += text.count("{", at, found.start()) - text.count("}", at, found.start())
        at = found.start()
        if depth == 1:
            opens = text.rfind("{", 0, at)
            yield text[max(text.rfind(sign, 0, opens) for sign in "{};") + 1 : opens], found[0][:1] in "oO"


def _last(selector: str, *, always: bool, fades: bool) -> _Selector | None:
    """The last part of a selector that hides from readers without scripts, whatever stands around; None for others."""
    inner, without_scripts = _WITHOUT_SCRIPTS.subn("", selector, count=1)
    without = _NOT.findall(inner)
    inner = _NOT.sub("", inner)
    last = inner.split()[-1:] if always or without_scripts else [inner]
    if not last or last[0] in ("", "*") or _COMPOUND.fullmatch(last[0]) is None:
        return None
    return _Selector(
        tuple(_PART.finditer(last[0])), tuple(part for each in without for part in _PART.finditer(each)), fades
    )
