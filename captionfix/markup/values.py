"""What stands in an attribute's value, with a way back from every character to where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from html.entities import html5

_REFERENCE = re.compile(r"&(?:#(?:[0-9]+|[xX][0-9a-fA-F]+);?|([A-Za-z][A-Za-z0-9]*);?)")
_LONGEST = max(map(len, html5))
_XML = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
LAZY_STARTS = ("data-", "lazy", "original")
LAZY_PARTS = ("src", "orig", "lazy", "href", "full", "large", "image")
"""How the names of attributes begin, and what is in them, that name a picture's file for a script to load."""
_BLANKS = " \t\n\f\r"
_BLANKS_TO_SPACES = str.maketrans("\t\n\r", "   ")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as the parser gives it, and where each of its characters is written.

    Attributes:
        text: the value.
        start: where it begins.
        at: where each character and the end stand; empty where each is written as itself.
    """

    text: str
    start: int
    at: Sequence[int] = ()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of the text is written.

        >>> read_value("a&amp;b.jpg x", 10).place(0, 7)
        (10, 21)
        """
        if not self.at:
            return self.start + start, self.start + end
        return self.at[start], self.at[end]


def read_value(written: str, start: int = 0, *, xml: bool = False) -> Value:
    r"""Return what is written in an attribute's value, its references to characters resolved.

    Args:
        written: what stands between the quotes.
        start: where that begins.
        xml: whether XML's rules hold: every reference ends in a semicolon, and line ends are spaces.

    >>> read_value("a&amp;b&copy=c&#x41;").text, read_value("a&ampb", xml=True).text
    ('a&b&copy=cA', 'a&ampb')
    >>> read_value("a&#1;b&#x7f").text
    'a\x01b\x7f'
    """
    if xml:
        written = written.translate(_BLANKS_TO_SPACES)
    if "&" not in written:
        return Value(written, start)
    pieces: list[str] = []
    at: list[int] = []
    last = 0
    for begin, end, meant in _references(written, xml=xml):
        pieces += [written[last:begin], meant]
        at += range(start + last, start + begin)
        at += [start + begin] * len(meant)
        last = end
    at += range(start + last, start + len(written) + 1)
    return Value("".join([*pieces, written[last:]]), start, at)


def _references(written: str, *, xml: bool) -> Iterator[tuple[int, int, str]]:
    """Where references begin and end, and what they mean."""
    for match in _REFERENCE.finditer(written):
        begin, end = match.span()
        if match[1] is None:
            if not xml or match[0].endswith(";"):
                yield begin, end, unescape(match[0]) or chr(_number(match[0]))
        elif match[0].endswith(";") and (meant := html5.get(match[0][1:])) is not None:
            yield begin, end, meant
        elif not xml and (short := _short(written, begin + 1, begin + 1 + len(match[1]))):
            yield begin, begin + 1 + len(short), html5[short]


def _number(reference: str) -> int:
    """The number of a reference that Python leaves out, such as that of a control character, and browsers do not."""
    digits = reference.strip("&#;")
    return int(digits[1:], 16) if digits[0] in "xX" else int(digits)


def _short(written: str, start: int, end: int) -> str:
    """The name of a reference without its semicolon; in a value, none before a letter, a digit or an equals sign."""
    for stop in range(min(end, start + _LONGEST), start + 1, -1):
        name = written[start:stop]
        if name in html5:
            behind = written[stop : stop + 1]
            return "" if behind == "=" or (behind.isascii() and behind.isalnum()) else name
    return ""


def stripped(text: str) -> tuple[int, int]:
    r"""Return where a text begins and ends without the blanks around it.

    >>> stripped(" \n a b ")
    (3, 6)
    """
    start = len(text) - len(text.lstrip(_BLANKS))
    return start, max(start, len(text.rstrip(_BLANKS)))


def candidates(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the URLs of a ``srcset`` begin and end (HTML Standard, section 4.8.4.2.2).

    >>> text = "a.jpg 1x, b,c.jpg 2x,data:x,y 3x (a, b),d.jpg,"
    >>> [text[start:end] for start, end in candidates(text)]
    ['a.jpg', 'b,c.jpg', 'data:x,y', 'd.jpg']
    """
    at, size = 0, len(text)
    while True:
        while at < size and text[at] in _COMMAS:
            at += 1
        if at == size:
            return
        start = at
        while at < size and text[at] not in _BLANKS:
            at += 1
        end = start + len(text[start:at].rstrip(","))
        yield start, end
        if end == at:
            at = _behind_descriptors(text, at)


_COMMAS = f"{_BLANKS},"


def _behind_descriptors(text: str, at: int) -> int:
    """Where the descriptors of a candidate end: at a comma outside of parentheses."""
    inside = False
    while at < len(text):
        sign = text[at]
        if sign == "," and not inside:
            break
        inside = (inside or sign == "(") and sign != ")"
        at += 1
    return at


def words_from(start: str, markup: str) -> set[str]:
    """Return the words of a page that begin with a text, hyphens included, in lower case.

    >>> sorted(words_from("cap-", '<a href="#Cap-boats">Cap-boats-2</a>'))
    ['cap-boats', 'cap-boats-2']
    """
    return set(re.findall(rf"{re.escape(start)}[\w-]*", markup.lower()))
