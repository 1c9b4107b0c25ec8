r"""What the text of a script names, calls and defines, as far as that shows without running it.

No parser: words of the text, comments and strings aside where they do not matter. What is not understood counts as
what it may be at most, so that a script which might run is taken for one that does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from captionfix.lazy import cached_property
from captionfix.limits import spend_searching

_SILENT = re.compile(
    r"""//[^\n]*+ | /\*(?s:.*?)(?:\*/|\Z)
    | "(?:[^"\\\n]++|\\(?s:.))*+"? | '(?:[^'\\\n]++|\\(?s:.))*+'? | `(?:[^`\\]++|\\(?s:.))*+`?
    | (?<=[(,=:\[!&|?{};\n])[ \t]*+/(?![/*])(?:[^/\\\n\[]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\])++/[a-z]*+""",
    re.VERBOSE,
)
"""Comments, strings, templates, regular expressions."""
_BRACKET = re.compile(r"[()\[\]{};\n]")
_NOT_BLANK = re.compile(r"[^\n]")
_NAME = r"[A-Za-z_$][\w$]*+"
_USED = re.compile(rf"(?<![\w$.])(?:new\s++)?({_NAME})(?=\s*+(?:\(|\.|\?\.|\[))")
"""A name that is called, made an instance of, or looked into; without a value it ends the script."""
_DEFINED = re.compile(
    rf"(?:\bfunction\*?\s++|\b(?:var|let|const|class|catch\s*+\()\s*+)({_NAME})"
    rf"|(?<![\w$.])(?:(?:window|self|globalThis)\.)?({_NAME})\s*+=(?![=])"
    rf"|,\s*+({_NAME})\s*+(?=[,=;)])"
    rf"|(?<![\w$.])({_NAME})\s*+=>"
)
_BRACED = re.compile(r"\b(?:var|let|const|import)\s*+[{\[]([^}\]=]*+)[}\]]")
_PARAMETERS = re.compile(rf"\bfunction\b\*?\s*+(?:{_NAME})?\s*+\(([^()]*+)\)|\(([^()]*+)\)\s*+=>")
_IMPORTED = re.compile(r"""\b(?:from|import)\s*+\(?\s*+["'](\.{1,2}/[^"'\s]++)["']""")
_TITLE = re.compile(r"""(?<!document)\.title\b|["'`]title["'`]|\[title\b""")
_ALT = re.compile(r"""\.alt\b(?!\s*+=[^=])|\b(?:attr|prop|getAttribute)\(\s*+["'`]alt["'`]\s*+\)|\[alt\b""")
_WRITTEN = re.compile(r"""(?<!\[)\bclass\s*+=\s*+\\?["'][^"'<>\\]*+\Z""")
_NEAR = 256
"""Characters before a class in which the attribute begins that it is written in."""
_WORD = re.compile(_NAME)
_WHOLE_WORD = re.compile(r"[\w-]+")
_FEW = 200
"""Names that are looked for in a script one by one."""
_LONGEST = 100_000
"""Characters of a statement that is looked into; what is longer was minified into one and counts as running."""

_SYNTAX = frozenset(
    ("if", "for", "while", "switch", "catch", "function", "return", "typeof", "await", "async", "new", "delete",
     "void", "in", "of", "else", "do", "case", "throw", "yield", "with", "super", "this", "import", "var", "let",
     "const", "try", "instanceof", "class", "extends", "finally", "default", "export", "static", "get", "set",
     "arguments", "undefined", "null", "true", "false")
)  # fmt: skip
_BROWSER = frozenset(
    ("window", "document", "self", "globalThis", "top", "parent", "location", "history", "navigator", "screen",
     "console", "localStorage", "sessionStorage", "performance", "event", "customElements", "crypto", "visualViewport",
     "alert", "confirm", "prompt", "open", "close", "focus", "print", "scroll", "scrollTo", "scrollBy", "fetch", "atob",
     "btoa", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "requestAnimationFrame", "matchMedia",
     "cancelAnimationFrame", "requestIdleCallback", "queueMicrotask", "addEventListener", "removeEventListener",
     "dispatchEvent", "getComputedStyle", "getSelection", "parseInt", "parseFloat", "isNaN", "isFinite", "eval",
     "encodeURIComponent", "decodeURIComponent", "encodeURI", "decodeURI", "escape", "unescape", "structuredClone",
     "Array", "Object", "String", "Number", "Boolean", "Symbol", "BigInt", "Math", "Date", "JSON", "RegExp", "Error",
     "TypeError", "Promise", "Map", "Set", "WeakMap", "WeakSet", "Proxy", "Reflect", "Function", "Intl", "URL",
     "URLSearchParams", "FormData", "Blob", "File", "FileReader", "Headers", "Request", "Response", "XMLHttpRequest",
     "AbortController", "IntersectionObserver", "MutationObserver", "ResizeObserver", "PerformanceObserver", "Event",
     "CustomEvent", "MouseEvent", "KeyboardEvent", "TouchEvent", "Image", "Audio", "Option", "DOMParser", "Element",
     "HTMLElement", "HTMLDialogElement", "Node", "NodeList", "HTMLCollection", "CSS", "Worker", "WebSocket",
     "TextEncoder", "TextDecoder", "Uint8Array")
)  # fmt: skip
"""What every page has without a script of its own (ECMAScript, HTML and DOM standards)."""


def places(text: str, names: Iterable[str]) -> Iterator[int]:
    """Yield where a script's text holds ids or classes as whole words; not in markup that it writes, or keeps as data.

    >>> [*places("a-b b", ["b"])], [*places('<img class=\\"b\\">', ["b"])]
    ([4], [])
    >>> [len([*places(*each)]) for each in (('open("box-7")', ["box"]), ('$(".box")', ["box"]), ("d1.show()", ["d1"]))]
    [0, 1, 1]
    """
    wanted = [name for name in names if name in text]
    if wanted:
        told = "|".join(map(re.escape, sorted(wanted, key=len, reverse=True)))
        for found in re.finditer(rf"(?<![\w-])(?:{told})(?![\w-])", text):
            if not _is_written(text, found.start()):
                yield found.start()


def _is_written(text: str, place: int) -> bool:
    """Whether a place of a script's text is in markup that it writes."""
    return _WRITTEN.search(text, max(0, place - _NEAR), place) is not None


def reads_titles(text: str) -> bool:
    """Return whether a script's text speaks of the ``title`` of elements.

    >>> reads_titles("p.textContent = img.title"), reads_titles("document.title = 'a'")
    (True, False)
    """
    return _TITLE.search(text) is not None


def reads_alts(text: str) -> bool:
    """Return whether a script's text speaks of the ``alt`` of elements, without setting it.

    >>> reads_alts("p.innerHTML = this.alt"), reads_alts("img.alt = name"), reads_alts('$(i).attr("alt")')
    (True, False, True)
    """
    return _ALT.search(text) is not None


def imported(text: str) -> list[str]:
    """Return the files beside it that a script loads as modules.

    >>> imported("import { open } from './box.js'; import('../a.js')")
    ['./box.js', '../a.js']
    """
    return _IMPORTED.findall(text) if "import" in text else []


@dataclass(frozen=True)
class Code:
    """The text of a script or of a handler.

    >>> code = Code("$(function(){ $('#box').modal() }); function go(id) { show.open(id) }")
    >>> sorted(code.defined), sorted(code.needed_at(15)), sorted(code.needed_at(60))
    (['go', 'id'], ['$'], ['show'])
    """

    text: str

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for word in _WHOLE_WORD.finditer(self.text):
            found.setdefault(word[0], []).append(word.start())
        return found

    @cached_property
    def _asked(self) -> list[int]:
        """How many names were looked for, in one cell."""
        return [0]

    def places(self, names: Sequence[str]) -> Iterator[int]:
        """Yield where the text holds ids or classes, see `places`; where it is asked for many, its words are listed."""
        self._asked[0] += len(names)
        if self._asked[0] <= _FEW or not all(map(_WHOLE_WORD.fullmatch, names)):
            spend_searching(len(self.text) * len(names))
            yield from places(self.text, names)
            return
        found = sorted({at for name in names for at in self._words.get(name, ())})
        yield from (at for at in found if not _is_written(self.text, at))

    @cached_property
    def spoken(self) -> str:
        """The text with blanks for comments, strings and regular expressions, place by place."""
        return _SILENT.sub(lambda found: _NOT_BLANK.sub(" ", found[0]), self.text)

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names that it gives a value, wherever in it."""
        text = self.spoken
        found = {name for match in _DEFINED.finditer(text) for name in match.groups() if name}
        for match in (*_PARAMETERS.finditer(text), *_BRACED.finditer(text)):
            found.update(_WORD.findall(" ".join(filter(None, match.groups()))))
        return frozenset(found)

    @cached_property
    def _ends(self) -> list[int]:
        """Where its outermost statements end: at signs outside of all brackets."""
        found, depth = [], 0
        for match in _BRACKET.finditer(self.spoken):
            sign = match[0]
            if sign in "([{":
                depth += 1
            elif sign in ")]}":
                depth = max(0, depth - 1)
            if not depth and sign in ";\n}":
                found.append(match.start())
        return found

    def needed_at(self, place: int) -> frozenset[str]:
        """Return the names that must have a value, given elsewhere, for the code to come to a place.

        What is done before it in the same statement counts, and what calls the functions around it; what stands in
        blocks that ended before it, or behind it, does not.
        """
        text = self.spoken
        at = bisect_left(self._ends, place)
        start = self._ends[at - 1] + 1 if at else 0
        end = self._ends[at] + 1 if at < len(self._ends) else len(text)
        if end - start > _LONGEST:
            return frozenset()
        before = _open_part(text[start:place])
        behind = text[place:end]
        inner = behind[: _first(behind, ";\n}")]
        return frozenset(set(_USED.findall(f"{before}{inner}")) - _SYNTAX - _BROWSER - self.defined)


def _open_part(text: str) -> str:
    """A text without the blocks in braces that were closed in it."""
    if "}" not in text:
        return text
    pieces: list[str] = []
    opened: list[int] = []
    last = 0
    for found in re.finditer(r"[{}]", text):
        pieces.append(text[last : found.end()])
        last = found.end()
        if found[0] == "{":
            opened.append(len(pieces))
        elif opened:
            del pieces[opened.pop() :]
    return "".join([*pieces, text[last:]])


def _first(text: str, signs: str) -> int:
    return min((at for sign in signs if (at := text.find(sign)) >= 0), default=len(text))
