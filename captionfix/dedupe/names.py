r"""Whether a text speaks of a file: by its name alone, however it is written there.

Scripts, data, feeds and comments may name a file in ways that nobody can
follow. A file whose name stands anywhere in them counts as still needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from html import unescape
from typing import Literal
from urllib.parse import unquote

from captionfix.markup.css import unescaped

_ROUNDS = 3
"""How often a text is freed of escapes: markup in data in an attribute has two layers of them."""
_TAIL = 4
"""Letters at a name's end by which it is looked for."""
_SCRIPT = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_LAST = 0x10FFFF
_SHORT = re.compile(r"(?<=.)[0-9a-f]{4}(\.[^.]*)?$")
"""What HTTrack puts at the end of a name for a query."""
_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


class Names:
    r"""Names of files to look for in texts.

    Args:
        files: below the root, with slashes; their last parts are looked for.

    >>> names = Names(["img/a b.jpg", "c.png"])
    >>> sorted(names.found('{"x": "img\\/A%20b.jpg"}')), sorted(names.found("abc.png")), sorted(names.found("c.png"))
    (['img/a b.jpg'], [], ['c.png'])
    """

    def __init__(self, files: Iterable[str]) -> None:
        self._files: dict[str, set[str]] = {}
        for file in files:
            for form in _forms(file.rpartition("/")[2]):
                self._files.setdefault(form, set()).add(file)
        self._lengths: dict[str, set[int]] = {}
        for form in self._files:
            self._lengths.setdefault(form[-_TAIL:], set()).add(len(form))

    def found(self, text: str) -> set[str]:
        """Return the files whose names stand in a text, escaped in any way."""
        return {file for layer in _layers(text) for _, form in self._hits(layer) for file in self._files[form]}

    def places(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where names stand in a text, and whose; a name in disguise is placed at the beginning of its line."""
        told: set[str] = set()
        for at, form in self._hits(text.lower()):
            told |= self._files[form]
            yield from ((at, file) for file in sorted(self._files[form]))
        missing = self.found(text) - told
        at = 0
        for line in text.splitlines(keepends=True) if missing else ():
            if here := missing & self.found(line):
                yield from ((at, file) for file in sorted(here))
                missing -= here
            at += len(line)
        yield from ((0, file) for file in sorted(missing))

    def _hits(self, layer: str) -> Iterator[tuple[int, str]]:
        """Names in a text as they are; none that is only the end of another one."""
        for tail, lengths in self._lengths.items():
            end = layer.find(tail)
            while end >= 0:
                for length in lengths:
                    start = end + len(tail) - length
                    if start >= 0 and layer[start : start + length] in self._files and _begins(layer, start):
                        yield start, layer[start : start + length]
                end = layer.find(tail, end + 1)


def _begins(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    return not (before.isalnum() or before in ("_", "-")) or not before


def _forms(name: str) -> Iterator[str]:
    """A name as texts may have it, also those that wget and HTTrack made of the URL in the text."""
    for plain in (name, unquote(name, errors="surrogateescape"), name.replace("@", "?", 1), _SHORT.sub(r"\1", name)):
        yield plain.lower()  # some letters are in neither form
        for form in _FORMS:
            yield unicodedata.normalize(form, plain).lower()


def _layers(text: str) -> Iterator[str]:
    """A text, and what is left of it without the escapes of markup, scripts, style sheets and URLs."""
    yield text.lower()
    ways: tuple[Callable[[str], str], ...] = (_unescaped_script, unescaped) if "\\" in text else (str,)
    for unescape_more in ways:
        layer = text
        for _ in range(_ROUNDS):
            freed = unescape_more(unescape(layer))
            if freed != layer:
                yield freed.lower()
            freed = unquote(freed, errors="surrogateescape") if "%" in freed else freed
            if freed == layer:
                break
            layer = freed
            yield layer.lower()


def _unescaped_script(text: str) -> str:
    return _SCRIPT.sub(_meant, text)


def _meant(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if digits is None:
        return str(match[4])
    point = int(digits, 16)
    return chr(point) if point <= _LAST else ""
