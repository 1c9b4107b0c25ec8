r"""Where URLs stand in style sheets and style attributes.

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
_NEAR = 4096
"""Characters before a URL in which its declaration is looked for; one that begins farther off is not understood."""
_LAST = 0x10FFFF


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
