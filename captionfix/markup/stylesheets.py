r"""What the declarations of style sheets and style attributes hide, and for which media and widths of screens.

Not a whole CSS engine: the properties that hide, the media that pages ask for, and the order in which rules win. What
is asked of a device besides its kind and its width makes a rule unsure: one that hides counts, one that shows does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDEST = 1 << 16
"""Wider than any screen, in CSS pixels."""
PAPER = -1
"""What stands for paper among the widths of screens."""
_PAPER_WIDTH = 718
"""CSS pixels of a sheet of A4 between margins of one centimetre, at 96 to the inch (css-values, page 210 mm)."""
_EM = 16
"""Pixels of an ``em`` in a media query: the initial font size of browsers (mediaqueries-4, 1.3)."""
_NOTHING = r"(?:0+(?:\.0*)?|\.0+)%?"
_VALUE = re.compile(r"\s*:\s*(?P<value>[^;{}!]*)(?P<important>!\s*important)?\s*(?:;|(?=\})|\Z)")
_BEFORE = frozenset(" \t\r\n\f;{")
_HIDING = {
    "display": re.compile(r"none\s*\Z"),
    "visibility": re.compile(r"(?:hidden|collapse)\s*\Z"),
    "opacity": re.compile(rf"{_NOTHING}\s*\Z"),
    "clip": re.compile(r"rect\(\s*(?:0|1px)\b[\s,01px]*\)"),
    "clip-path": re.compile(r"inset\(\s*(?:50|100)%"),
    "transform": re.compile(r"translate(?:3d|x)?\([^;){}]*?(?<![\d.])\d{3}"),
    **dict.fromkeys(("left", "top", "text-indent"), re.compile(r"-(?:\d{4,}|999)")),
}
_COMMON = ("display", "visibility", "opacity", "clip", "transform")
_FAR = ("left", "top", "text-indent")
_FAR_AWAY = ("-999", "-1000")
"""What no sheet lacks that puts anything far away: ``top`` and ``left`` alone stand everywhere."""
UNHEARD = ("display", "visibility")
"""Properties by which screen readers pass an element by, too."""
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile(r"""[{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
_TRANSPARENT_AT = ("@layer", "@scope", "@starting-style")
_UNSURE_AT = ("@supports", "@container", "@document", "@-moz-document")
_FEATURE = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*([\d.]+)\s*(px|r?em)?\s*\)")
_RANGE = re.compile(r"\(\s*(?:([\d.]+)(px|r?em)\s*([<>])=?\s*)?width\s*(?:([<>])=?\s*([\d.]+)(px|r?em)\s*)?\)")
_QUERY = re.compile(r"\s*(?:(?P<how>not|only)\s+)?(?P<kind>[a-z-]+)?")
_END_OF_PRELUDE = re.compile(r"[{;]")
_NEAR = 8192
"""Characters between a declaration and what its rule begins with; what is farther off is not understood."""
_MOST_QUERIES = 64
"""Different media queries of one block: lists in lists multiply."""
_MOST_DEPTH = 16
"""At-rules within one another; what nests deeper was made to be costly."""


class Query(NamedTuple):
    """One query of a list: for which media, from which width up to which, and whether nothing else is asked."""

    screen: bool = True
    paper: bool = True
    least: int = 0
    most: int = WIDEST
    sure: bool = True

    def applies(self, width: int) -> bool:
        """Return whether it holds on a screen of a width, or on `PAPER`."""
        if width == PAPER:
            return self.paper and self.least <= _PAPER_WIDTH < self.most
        return self.screen and self.least <= width < self.most


Media = tuple[Query, ...]
EVERYWHERE: Media = (Query(),)


class Declaration(NamedTuple):
    """What a rule says of one property that may hide."""

    name: str
    hides: bool
    important: bool


class StyleRule(NamedTuple):
    """What a rule of a style sheet says of one property.

    Attributes:
        selectors: as they stand there.
        media: when it holds.
        declaration: what it says.
        place: where it stands.
    """

    selectors: str
    media: Media
    declaration: Declaration
    place: int


def media_of(text: str) -> Media:
    """Return what a list of media queries asks for.

    >>> media_of("only screen and (max-width: 480px)")
    (Query(screen=True, paper=False, least=0, most=481, sure=True),)
    >>> [query.paper for query in media_of("screen, print")], media_of("(width >= 40em)")[0].least
    ([False, True], 640)
    """
    text = text.lower().strip()
    return _few(map(_query, text.split(","))) if text else EVERYWHERE


def _query(text: str) -> Query:
    found = _QUERY.match(text)
    how, kind = (found["how"], found["kind"] or "all") if found else (None, "all")
    rest = text[found.end() :] if found else text
    if how == "not" or kind == "not" or " or " in rest:
        plain = not rest.strip() and kind in ("screen", "print", "all")
        if how == "not" and kind in ("screen", "all") and (turned := _turned(rest)) is not None:
            return turned
        return Query(kind == "print", kind == "screen", sure=True) if plain else Query(sure=False)
    least, most, sure = 0, WIDEST, True
    for edge, is_least in _edges(rest):
        least, most = (max(least, edge), most) if is_least else (least, min(most, edge))
    sure = "(" not in _RANGE.sub("", _FEATURE.sub("", rest))
    return Query(kind in ("screen", "all"), kind in ("print", "all"), least, most, sure)


def _turned(rest: str) -> Query | None:
    """What a query asks for that is the opposite of one width; None for the opposite of anything else."""
    found = [*_edges(rest)]
    if len(found) != 1 or _RANGE.sub("", _FEATURE.sub("", rest)).strip() not in ("and", ""):
        return None
    edge, is_least = found[0]
    return Query(paper=True, most=edge) if is_least else Query(paper=True, least=edge)


def _pixels(figure: str, unit: str) -> float:
    try:
        value = float(figure)
    except ValueError:
        return 0
    return min(value * _EM if unit.endswith("em") else value, WIDEST)


def _both(one: Media, other: Media) -> Media:
    if one is EVERYWHERE or other is EVERYWHERE:
        return other if one is EVERYWHERE else one
    return _few(
        Query(a.screen and b.screen, a.paper and b.paper, max(a.least, b.least), min(a.most, b.most), a.sure and b.sure)
        for a in one
        for b in other
    )


def _few(queries: Iterable[Query]) -> Media:
    """Each of some queries once; of more than anybody writes, nothing is sure."""
    different = tuple(dict.fromkeys(queries))
    return different if len(different) <= _MOST_QUERIES else (Query(sure=False),)


def declarations(text: str) -> list[tuple[Declaration, int, int]]:
    """Return what a style attribute, or a style sheet, says of what may hide, and where, in order.

    >>> [found.name for found, _, _ in declarations("color:red;OPACITY : .0; Display:NONE !important")]
    ['opacity', 'display']
    """
    lower = text.lower()
    if len(lower) != len(text):
        lower = text  # a letter of another length in lower case: places must stay places
    names = (*_COMMON, *_FAR) if any(far in lower for far in _FAR_AWAY) else _COMMON
    return sorted((found for name in names for found in _said_of(name, lower)), key=lambda found: found[1])


def _said_of(name: str, lower: str) -> Iterator[tuple[Declaration, int, int]]:
    at = lower.find(name)
    while at >= 0:
        end = at + len(name)
        full = "clip-path" if name == "clip" and lower.startswith("-path", end) else name
        found = _VALUE.match(lower, at + len(full)) if not at or lower[at - 1] in _BEFORE else None
        if found is not None:
            hides = _HIDING[full].match(found["value"]) is not None
            yield Declaration(full, hides, found["important"] is not None), at, found.end()
            end = found.end()
        at = lower.find(name, end)


def hidden_by(style: str) -> frozenset[str]:
    """Return the properties by which a style attribute hides its element.

    >>> sorted(hidden_by("display:block;visibility:hidden")), sorted(hidden_by("opacity:0.5"))
    (['visibility'], [])
    """
    last = {found.name: found.hides for found, _, _ in declarations(style)} if style else {}
    return frozenset(name for name, hides in last.items() if hides)


def shown_style(style: str) -> str:
    """Return a style attribute without what hides its element.

    >>> shown_style("width:1px; display:none;visibility:hidden")
    'width:1px;'
    """
    for found, start, end in reversed(declarations(style)):
        if found.hides:
            style = style[:start].rstrip() + style[end:]
    return style.strip()


def rules(text: str, media: Media = EVERYWHERE) -> list[StyleRule]:
    """Return what the rules of a style sheet say of whether an element shows; none where they hide nothing.

    Args:
        text: the style sheet.
        media: what it is for as a whole.

    >>> found = rules("p{color:red} @media (max-width:9px){.a,.b{display:none}}")
    >>> [(rule.selectors, rule.media[0].most) for rule in found]
    [('.a,.b', 10)]
    """
    text = _COMMENT.sub("", text) if "/*" in text else text
    said = declarations(text)
    if not said:
        return []
    blocks = _Blocks(text, media)
    found = []
    for declaration, start, _ in said:
        opens = text.rfind("{", max(0, start - _NEAR), start)
        around = blocks.at(opens)
        if opens < 0 or around is None or text.find("}", opens, start) >= 0:
            continue
        begin = max(text.rfind(sign, max(0, opens - _NEAR), opens) for sign in "{};") + 1
        selectors = text[begin:opens].strip()
        if selectors[:1] != "@":
            found.append(StyleRule(selectors, around, declaration, start))
    return found


class _Blocks:
    """The blocks of a style sheet's at-rules, such as ``@media``, gone through in order."""

    def __init__(self, text: str, media: Media) -> None:
        self._text = text
        self._opened: list[tuple[int, Media | None]] = [(len(text), media)]
        self._next = text.find("@")

    def at(self, place: int) -> Media | None:
        """What holds at a place, none before the last one asked about; None in what is no rule of elements."""
        while 0 <= self._next < place:
            self._open(self._next)
        self._close(place)
        return self._opened[-1][1]

    def _close(self, place: int) -> None:
        while len(self._opened) > 1 and self._opened[-1][0] <= place:
            self._opened.pop()

    def _open(self, place: int) -> None:
        self._close(place)
        found = _END_OF_PRELUDE.search(self._text, place, place + _NEAR)
        self._next = self._text.find("@", found.end() if found else place + 1)
        if found is None or found[0] == ";":
            return
        end, around = self._opened[-1]
        deep = len(self._opened) >= _MOST_DEPTH
        inside = None if deep else _inside(self._text[place : found.start()], around)
        self._opened.append((end if deep else _end_of_block(self._text, found.end(), end), inside))


def _end_of_block(text: str, start: int, end: int) -> int:
    """Where the brace stands that closes a block, or where what is around it ends."""
    depth = 1
    for brace in _BRACE.finditer(text, start, end):
        if brace[0] in "{}":
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                return brace.start()
    return end


def _edges(text: str) -> Iterator[tuple[int, bool]]:
    """Where the widths begin or end that queries ask for, and which of the two it is."""
    for side, figure, unit in _FEATURE.findall(text):
        yield _edge(figure, unit, up=side == "min")
    for before, unit, way, back, behind, other in _RANGE.findall(text):
        if before:
            yield _edge(before, unit, up=way == "<")
        if behind:
            yield _edge(behind, other, up=back == ">")


def _edge(figure: str, unit: str, *, up: bool) -> tuple[int, bool]:
    pixels = _pixels(figure, unit)
    return math.ceil(pixels) if up else int(pixels) + 1, up


def _inside(prelude: str, media: Media | None) -> Media | None:
    """What holds inside a block; None for blocks that are no rules of elements, such as key frames."""
    if media is None or prelude[:1] != "@":
        return media
    lower = prelude.lower()
    if lower.startswith("@media"):
        return _both(media, media_of(lower.removeprefix("@media")))
    if lower.startswith(_TRANSPARENT_AT):
        return media
    return _both(media, (Query(sure=False),)) if lower.startswith(_UNSURE_AT) else None
