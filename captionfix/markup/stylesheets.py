r"""What the declarations of style sheets and style attributes hide, and for which media and widths of screens.

Not a whole CSS engine: the properties that hide, the media that pages ask for, and the order in which rules win. What
is asked of a device besides its kind and its width makes a rule unsure: one that hides counts, one that shows does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
_DECLARATION = re.compile(
    r"[dovctlDOVCTL](?<![\w-].)(?:(?<=[dD])isplay|(?<=[vV])isibility|(?<=[oO])pacity|(?<=[cC])lip(?:-path)?|"
    r"(?<=[tT])(?:ext-indent|op)|(?<=[lL])eft)"
    r"\s*:\s*(?P<value>[^;{}!]*)(?P<important>!\s*important)?\s*(?:;|(?=\})|\Z)",
    re.IGNORECASE,
)
"""It begins with a set of letters, which are quickly found in a long sheet; a look behind would be tried everywhere."""
_HIDING = {
    "display": re.compile(r"none\s*\Z", re.IGNORECASE),
    "visibility": re.compile(r"(?:hidden|collapse)\s*\Z", re.IGNORECASE),
    "opacity": re.compile(rf"{_NOTHING}\s*\Z"),
    "clip": re.compile(r"rect\(\s*(?:0|1px)\b[\s,01px]*\)", re.IGNORECASE),
    "clip-path": re.compile(r"inset\(\s*(?:50|100)%", re.IGNORECASE),
    **dict.fromkeys(("left", "top", "text-indent"), re.compile(r"-(?:\d{4,}|999)")),
}
_MAY_HIDE = re.compile(
    rf"none|hidden|collapse|rect\(|inset\(|opacity\s*:\s*{_NOTHING}\s*(?:[;}}!]|\Z)|"
    r"(?:left|top|indent)\s*:\s*-(?:\d{4}|999)",
    re.IGNORECASE,
)
UNHEARD = ("display", "visibility")
"""Properties by which screen readers pass an element by, too."""
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile(r"""[{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
_TRANSPARENT_AT = ("@layer", "@scope", "@starting-style")
_UNSURE_AT = ("@supports", "@container", "@document", "@-moz-document")
_FEATURE = re.compile(r"\(\s*(min|max)-(?:device-)?width\s*:\s*([\d.]+)\s*(px|r?em)?\s*\)")
_RANGE = re.compile(r"\(\s*(?:([\d.]+)(px|r?em)\s*([<>])=?\s*)?width\s*(?:([<>])=?\s*([\d.]+)(px|r?em)\s*)?\)")
_QUERY = re.compile(r"\s*(?:(?P<how>not|only)\s+)?(?P<kind>[a-z-]+)?")
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a style sheet that shows or hides.

    Attributes:
        selectors: as they stand there.
        media: when it holds.
        declarations: what it says.
    """

    selectors: str
    media: Media
    declarations: tuple[Declaration, ...]


def media_of(text: str) -> Media:
    """Return what a list of media queries asks for.

    >>> media_of("only screen and (max-width: 480px)")
    (Query(screen=True, paper=False, least=0, most=481, sure=True),)
    >>> [query.paper for query in media_of("screen, print")], media_of("(width >= 40em)")[0].least
    ([False, True], 640)
    """
    text = text.lower().strip()
    return tuple(_query(part) for part in text.split(",")) if text else EVERYWHERE


def _query(text: str) -> Query:
    found = _QUERY.match(text)
    how, kind = (found["how"], found["kind"] or "all") if found else (None, "all")
    rest = text[found.end() :] if found else text
    if how == "not" or kind == "not" or " or " in rest:
        plain = not rest.strip() and kind in ("screen", "print", "all")
        return Query(kind == "print", kind == "screen", sure=True) if plain else Query(sure=False)
    least, most, sure = 0, WIDEST, True
    for side, figure, unit in _FEATURE.findall(rest):
        pixels = _pixels(figure, unit)
        least, most = (max(least, math.ceil(pixels)), most) if side == "min" else (least, min(most, int(pixels) + 1))
    for before, unit, way, back, behind, other in _RANGE.findall(rest):
        if before:
            pixels = _pixels(before, unit)
            least, most = (max(least, math.ceil(pixels)), most) if way == "<" else (least, min(most, int(pixels) + 1))
        if behind:
            pixels = _pixels(behind, other)
            least, most = (max(least, math.ceil(pixels)), most) if back == ">" else (least, min(most, int(pixels) + 1))
    sure = "(" not in _RANGE.sub("", _FEATURE.sub("", rest))
    return Query(kind in ("screen", "all"), kind in ("print", "all"), least, most, sure)


def _pixels(figure: str, unit: str) -> float:
    try:
        value = float(figure)
    except ValueError:
        return 0
    return min(value * _EM if unit.endswith("em") else value, WIDEST)


def _both(one: Media, other: Media) -> Media:
    if one is EVERYWHERE or other is EVERYWHERE:
        return other if one is EVERYWHERE else one
    return tuple(
        Query(a.screen and b.screen, a.paper and b.paper, max(a.least, b.least), min(a.most, b.most), a.sure and b.sure)
        for a in one
        for b in other
    )


def declarations(text: str) -> Iterator[tuple[Declaration, int, int]]:
    """Yield what a style attribute, or the inside of a rule, says of what may hide, and where.

    >>> [found.name for found, _, _ in declarations("color:red;OPACITY : .0; Display:NONE !important")]
    ['opacity', 'display']
    """
    for found in _DECLARATION.finditer(text):
        name = found[0].partition(":")[0].strip().lower()
        hides = _HIDING[name].match(found["value"].strip()) is not None
        yield Declaration(name, hides, found["important"] is not None), found.start(), found.end()


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
    for found, start, end in reversed([*declarations(style)]):
        if found.hides:
            style = style[:start].rstrip() + style[end:]
    return style.strip()


def may_hide(text: str) -> bool:
    """Return whether a style sheet may hide anything: quick, for ruling out."""
    return _MAY_HIDE.search(text) is not None


def rules(text: str, media: Media = EVERYWHERE) -> Iterator[Rule]:
    """Yield the rules of a style sheet that say of an element whether it shows.

    Args:
        text: the style sheet.
        media: what it is for as a whole.

    >>> found = rules("p{color:red} @media (max-width:9px){.a,.b{display:none}}")
    >>> [(rule.selectors, rule.media[0].most) for rule in found]
    [('.a,.b', 10)]
    """
    text = _COMMENT.sub("", text) if "/*" in text else text
    opened: list[Media | None] = [media]
    start = 0
    for found in _BRACE.finditer(text):
        sign = found[0]
        if sign == "{":
            prelude = text[max(start, text.rfind(";", start, found.start()) + 1) : found.start()].strip()
            opened.append(_inside(prelude, opened[-1]) if len(opened) < _MOST_DEPTH else None)
            if prelude[:1] != "@" and opened[-1] is not None:
                body = text[found.end() : _end_of(text, found.end())]
                said = tuple(each for each, _, _ in declarations(body))
                if said:
                    yield Rule(prelude, opened[-1], said)
        elif sign == "}":
            if len(opened) > 1:
                opened.pop()
        else:
            continue
        start = found.end()


def _end_of(text: str, start: int) -> int:
    """Where the declarations end that begin at a place: at the next brace."""
    ends = [at for sign in "{}" if (at := text.find(sign, start)) >= 0]
    return min(ends, default=len(text))


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
