"""What shows that markup is a template's source, or that one piece of it is a template's: its marks.

An ``if`` and its ``else`` stand in a source as two elements that look like
neighbours, and a reader gets one of them. Three things follow: a source
that shows such statements is no page; two elements may be branches only if a
mark stands between them; and a page on which a single mark was left over, as
in an attribute or in a code listing, is a page all the same.
"""

from __future__ import annotations

import re

_SCRIPT_OR_MARK = re.compile(
    r"[<{](?:(?<=<)(?:(?P<listing>(?:script|style|template|textarea|pre|code)\b)|(?P<php>\?php|\?=)|%)"
    r"|(?<=\{)(?:%|(?P<value>\{(?:\{\{)*+)))",
    re.IGNORECASE,
)
"""What holds no markup of the page, or what shows a template: ``<?php``, ``<?=``, ``<%``, ``{%``, pairs of ``{``."""
_WORDS = (
    "if|else|elseif|unless|end|endif|with|range|each|for|foreach|case|when|define|block|template|partial|include|"
    "extends"
)
_STATEMENT = re.compile(rf"\{{*+[-~]?\s*+(?:[#^/>&!=?~]|(?:{_WORDS})\b)", re.IGNORECASE)
"""What braces hold that are no mere value: Handlebars, Mustache, doT, Go."""
_MAY_BE_STATEMENT = re.compile(
    rf"(?<!\{{)\{{\{{\{{*+[-~]?[\s\x1c-\x1f]*+(?:[#^/>&!=?~]|[a-z]*[\x80-\xff]|(?:{_WORDS})\b)".encode("latin-1"),
    re.IGNORECASE,
)
"""The same in bytes of any encoding that writes ASCII as such, where what is not ASCII may be anything."""
_IN_VALUE = re.compile(r"""<[a-z](?:[^"'<>]|"[^"]*"|'[^']*')*=\s*(?:"[^"]*|'[^']*)\Z""", re.IGNORECASE)
_TAG = re.compile(r"<(?=[a-z])", re.IGNORECASE)
_LONGEST_TAG = 2000
"""Characters of a start tag before a mark in it; what is longer is not looked into."""
_HINTS = {
    "{": ("{{", "{if", "{else", "{/if", "{:"),
    "%": ("{%", "<%", "[%"),
    "?": ("<?",),
    "#": ("{#", "<#", "[#", "#if", "#else"),
    "@": ("@if", "@else"),
    ":": ("<c:",),
}
"""Pieces of what may stand between two branches, of which few pages hold any, by their rarest sign: quick, for ruling
out. Statements of Blade in capitals are not among them."""
_MARK = re.compile(
    r"<(?P<script>script)\b|"
    r"(?P<mark>\{\{|\{%|<%|<\?(?:php|=|\s)|"
    r"(?<!\w)@(?:(?:if|elseif|else if|unless|isset|empty|foreach|for|switch)\s*\(|"
    r"(?:else|endif|endunless|endforeach)\b)|"
    r"\{/?(?:if|else|elseif|foreach|section)\b[^{}\n]*\}|\{[#:/](?:if|else|each|key|await)\b|"
    r"[<\[]/?#(?:if|else|elseif|list)\b|</?c:(?:if|when|otherwise|choose|foreach)\b|\[%|"
    r"(?<![\w\"'/&])#(?:(?:if|elseif|foreach)\s*\(|(?:else|elif)\b)|<!--\s*#if\b)",
    re.IGNORECASE | re.DOTALL,
)
"""What parts two branches: PHP, ERB, Jinja, Twig, Liquid, Handlebars, Vue, Angular; Blade, Razor; Smarty, Svelte;
FreeMarker; JSP; Template Toolkit; Velocity, server-side includes."""

CONDITIONS = frozenset(
    ("v-if", "v-else", "v-else-if", "v-for", "v-show", "*ngif", "*ngfor", "*ngswitchcase", "*ngswitchdefault", "[ngif]",
     "[ngswitchcase]", "ng-if", "data-ng-if", "ng-switch-when", "ng-switch-default", "ng-repeat", "data-ng-repeat",
     "x-if", "x-for", "th:if", "th:unless", "th:case", "th:each", "data-th-if", "data-th-unless", "data-th-each",
     "py:if", "py:for", "tal:condition", "wx:if", "wx:elif", "wx:else")
)  # fmt: skip
"""Attributes by which an element stands in the page only sometimes, or often."""


def may_hold_statement(raw: bytes) -> bool:
    """Return whether bytes may show a template: quick, for ruling out, and by the rarer sign of each mark.

    >>> may_hold_statement(b"<?xml?><p>{{ a }} <script>{% a %}"), may_hold_statement(b"<?xml?><p>{{ a }} 100%")
    (True, False)
    """
    return (
        _stands_between(b"<{", b"%", (b"",), raw)
        or _stands_between(b"<", b"?", (b"=", b"php"), raw)
        or _MAY_BE_STATEMENT.search(raw) is not None
    )


def _stands_between(before: bytes, sign: bytes, behind: tuple[bytes, ...], raw: bytes) -> bool:
    at = raw.find(sign, 1)
    while at > 0:
        if raw[at - 1] in before and raw[at + 1 : at + 4].lower().startswith(behind):
            return True
        at = raw.find(sign, at + 1)
    return False


def first_statement(view: str) -> int | None:
    """Return where markup first shows that it is a template's source, not a page that was served; None if it is none.

    Scripts and listings are no markup of the page. A mere value in braces
    makes no source, nor does a piece of PHP in an attribute, which no server
    would have sent had it run any.

    >>> first_statement("<script>{% a %}</script><p>{% if mobile %}"), first_statement("<p>{{#if a}}")
    (27, 3)
    >>> first_statement("<i data-a='{{ b }}' title='<?= $c ?>'></i><code>{% d %}</code>") is None
    True
    """
    end, ends = 0, _Ends(view)
    while found := _SCRIPT_OR_MARK.search(view, end):
        at, end = found.start(), found.end()
        if found["listing"]:
            closed = ends.behind(end, found["listing"].lower())
            if closed is None and found["listing"].lower() == "script":
                break
            end = closed or end
        elif not (
            (found["value"] and not _STATEMENT.match(view, end))
            or (found["php"] and _is_in_value(view[max(at - _LONGEST_TAG, 0) : at]))
        ):
            return at
    return None


class _Ends:
    """Where elements of each name are closed; what was searched for and is not there is not searched for again."""

    def __init__(self, view: str) -> None:
        self._view = view
        self._next: dict[str, tuple[int, int] | None] = {}

    def behind(self, place: int, name: str) -> int | None:
        """Return where the next end tag of a name ends, behind a place; None where there is none."""
        known = self._next.get(name, (-1, -1))
        if known is not None and known[0] < place:
            found = re.compile(rf"</{name}\s*+>", re.IGNORECASE).search(self._view, place)
            known = self._next[name] = found.span() if found else None
        return known[1] if known else None


def _is_in_value(before: str) -> bool:
    """Whether what stands before a mark ends within an attribute's value."""
    start = max((tag.start() for tag in _TAG.finditer(before)), default=len(before))
    return _IN_VALUE.match(before, start) is not None


def mark_in(markup: str) -> int | None:
    """Return where a piece of markup, or a text, first holds a mark that may part two branches; None if nowhere.

    >>> mark_in("<p>Boats</p>{% else %}<p>Boats</p>"), mark_in("<script>{{ a }}</script> me@else.org, '#else'")
    (12, None)
    """
    if not _may_hold_mark(markup):
        return None
    end, ends = 0, _Ends(markup)
    while found := _MARK.search(markup, end):
        if found["mark"]:
            return found.start()
        end = ends.behind(found.end(), "script") or found.end()
    return None


def marks_in(markup: str) -> list[tuple[int, int]]:
    """Return where what may be such marks begins and ends, in scripts too.

    >>> marks_in("{{ a }}<script>{% b %}</script>")
    [(0, 2), (15, 17)]
    """
    if not _may_hold_mark(markup):
        return []
    return [found.span() for found in _MARK.finditer(markup) if found["mark"]]


def _may_hold_mark(markup: str) -> bool:
    for sign, hints in _HINTS.items():
        if sign in markup:
            for hint in hints:
                if hint in markup:
                    return True
    return False
