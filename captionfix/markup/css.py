r"""Where URLs stand in style sheets and style attributes, and what sheets take off the page.

A tokenizer for ``url()`` alone. What is written in another way, such as ``u\72l(...)`` or the strings of
``image-set()``, is not seen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""/\*(?s:.*?)(?:\*/|\Z)
    | (?<![\w\\-])url\([ \t\n\r\f]*+(?:
        (?P<quote>["'])(?P<string>(?:[^"'\\\n\r\f]++|\\(?s:.)|(?!(?P=quote))["'])*)(?P<close>(?P=quote)[ \t\n\r\f]*+\))?
      | (?P<plain>(?:[^"'()\\\x00-\x20\x7f]++|\\[^\n\r\f])+)(?P<end>[ \t\n\r\f]*+(?:\)|\Z))? )?
    | "(?:[^"\\\n\r\f]++|\\(?s:.))*"?
    | '(?:[^'\\\n\r\f]++|\\(?s:.))*'?
    | \\(?s:.)""",
    re.VERBOSE | re.IGNORECASE,
)
"""What follows each repeated group may be missing, so that nothing is tried twice; a possessive group of alternatives
fails in Python before 3.11.5 (python/cpython#106052)."""
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|(\n|\r\n?|\f)|(.))", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_WHOLE_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NEAR = 4096
"""Characters before a URL in which its declaration is looked for; one that begins farther off is not understood."""
_LAST = 0x10FFFF
_UNSHOWN = re.compile(r"display\s*:\s*none")
"""As nearly all sheets write it: a search for these letters alone is quick."""
ASIDE = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*(?:0?\.)?0+(?=\s*(?:[;}!]|\Z))"
    r"|translate(?:3d|x)?\([^;){}]*?(?<![\d.])\d{3}|(?:left|top|margin-left)\s*:\s*-\s*\d{3})",
    re.IGNORECASE,
)
"""Declarations that keep what there is out of sight: hidden, transparent, moved by 100 per cent or pixels and more."""
_FOR_PAPER = re.compile(r"@media\s+(?:only\s+)?print\s*\{", re.IGNORECASE)
_IN_PARENTHESES = re.compile(r"\([^()]*\)")
_BRACE = re.compile(r"[{}]")
_SHOWN = re.compile(r"display\s*:\s*(?!none)[a-z]")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9-]*(?:\.[\w-]+)?|\.[\w-]+")


@dataclass(frozen=True, slots=True)
class CssUrl:
    """A URL in ``url()``.

    Attributes:
        start: where it begins, behind a quote if there is one.
        end: where it ends.
        url: what it says, escapes resolved.
        declaration: the beginning of its declaration up to it; None where that is too far off.
    """

    start: int
    end: int
    url: str
    declaration: str | None

    @property
    def is_plain(self) -> bool:
        """Whether it belongs to the place where it stands: a custom property's may be used, and resolved, elsewhere."""
        return self.declaration is not None and not self.declaration.startswith("--")

    @property
    def is_choice(self) -> bool:
        """Whether browsers choose among it and others."""
        return self.declaration is None or "image-set(" in self.declaration.lower()


def css_urls(text: str) -> Iterator[CssUrl]:
    r"""Yield the URLs of a style sheet, or of a style attribute, in order; none in comments and strings.

    >>> [found.url for found in css_urls('a{b:url(c.jpg)}/* url(d) */ e{f:URL( "g\\68 .jpg" ) , url(i(j))}')]
    ['c.jpg', 'gh.jpg']
    """
    for match in _TOKEN.finditer(text):
        kind = "string" if match["close"] else "plain" if match["end"] is not None else ""
        if kind:
            start, end = match.span(kind)
            yield CssUrl(start, end, unescaped(match[kind]), _declaration(text, match.start()))


def _declaration(text: str, end: int) -> str | None:
    begin = max(0, end - _NEAR)
    near = text[begin:end]
    cut = max(near.rfind(sign) for sign in ";{}")
    return None if cut < 0 and begin else _COMMENT.sub("", near[cut + 1 :]).lstrip()


def unescaped(text: str) -> str:
    r"""Return what a text of a style sheet says.

    >>> unescaped("a\\20 b\\(c\\d")
    'a b(c\r'
    """
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def _meant(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[3] or ""
    point = int(match[1], 16)
    return chr(point) if 0 < point <= _LAST and not 0xD800 <= point <= 0xDFFF else "\ufffd"  # noqa: PLR2004


def unshown(text: str) -> Iterator[str]:
    r"""Yield the plain names, of elements and of classes, that a style sheet takes off the page, whatever the medium.

    >>> [*unshown("p.a, .b{top:0;display:none} @media print{.c{display:none}} .d .e{display:none} /*}*/i{display:none")]
    ['p.a', '.b', 'i']
    """
    return _named(text, _UNSHOWN)


def shown(text: str) -> Iterator[str]:
    """Yield the plain names that a style sheet shows in some way, whatever the medium.

    >>> [*shown(".a{display:none} .b{display:block}")]
    ['.b']
    """
    return _named(text, _SHOWN)


def _named(text: str, declaration: re.Pattern[str]) -> Iterator[str]:
    """The plain names of the rules that hold a declaration."""
    return (name for name in _selectors(text, declaration) if _PLAIN_NAME.fullmatch(name))


def put_aside(text: str) -> Iterator[str]:
    r"""Yield the selectors of what a style sheet keeps out of sight, be it transparent or moved away.

    >>> [*put_aside(".a .b:not(.c){opacity:0} .d{opacity:0.5} i{transform:translate3d(100%,0,0)}")]
    ['.a .b:not', 'i']
    """
    return _selectors(text, ASIDE)


def _selectors(text: str, declaration: re.Pattern[str]) -> Iterator[str]:
    """The selectors of the rules that hold a declaration."""
    text = _uncommented(text)
    depth = at = 0
    for found in declaration.finditer(text):
        start, end = text.rfind("{", at, found.start()), found.start()
        if start >= 0:
            depth += _depth(text, at, start)
            if depth <= 0:
                near = text[max(0, start - _NEAR) : start]
                cut = max(map(near.rfind, ";{}"))
                yield from (each.strip() for each in _IN_PARENTHESES.sub("", near[cut + 1 :]).split(","))
            at = start
        depth += _depth(text, at, end)
        at = end


def _depth(text: str, start: int, end: int) -> int:
    """How many more blocks open than close in a part of a style sheet."""
    return text.count("{", start, end) - text.count("}", start, end)


def for_paper(text: str) -> str:
    """Return the rules of a style sheet that are for paper only: those in ``@media print``.

    >>> for_paper("i{top:0} @media print{.a{top:0} b{top:1}} p{top:2} @media print {u{top:3")
    '.a{top:0} b{top:1} u{top:3'
    """
    if _FOR_PAPER.search(text) is None:
        return ""
    text = _uncommented(text)
    found, at = [], 0
    while (opened := _FOR_PAPER.search(text, at)) is not None:
        at = _end_of_block(text, opened.end())
        found.append(text[opened.end() : at])
    return " ".join(found)


def _end_of_block(text: str, start: int) -> int:
    """Where the brace stands that closes a block, or the end of the text."""
    depth = 1
    for brace in _BRACE.finditer(text, start):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return len(text)


def _uncommented(text: str) -> str:
    return _WHOLE_COMMENT.sub("", text) if "/*" in text else text
