"""A report as one page for a browser: each finding with both copies, and decisions that are saved as a file.

Nothing outside of the page is loaded; of scripts, its own one runs alone, named by its digest.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator
from difflib import SequenceMatcher
from importlib.resources import files
from typing import TYPE_CHECKING

from captionfix.exhibits import Exhibit, Piece
from captionfix.formatting import dumps, plural, printable, unprintable
from captionfix.model import Finding, Safety
from captionfix.output.counts import Counts
from captionfix.output.form import ReportOptions
from captionfix.output.words import message, note
from captionfix.rule_table import RULES
from captionfix.text import letters

if TYPE_CHECKING:
    from captionfix.errors import PageError
    from captionfix.workers import Outcome

_MOST_PICTURES = 4000
"""Pictures that the page holds: browsers hold a page of 30 MB with ease, not one of 300."""
_NO_EXHIBIT = Exhibit("", "", ())
_MARKS = {"out": "del", "in": "ins"}
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>captionfix: what repeats</title>
<style>{style}</style>
</head>
<body>
"""
_TOP = """<header>
<h1>What repeats</h1>
<form id="filter" role="search" aria-label="Choose findings">
<label>Rule <select name="rule"><option value="">all</option></select></label>
<label>Safety <select name="safety"><option value="">all</option><option value="safe">safe</option>
<option value="review">for review</option><option value="show">kept</option></select></label>
<label>Decision <select name="decision"><option value="">all</option><option value="open">undecided</option>
<option value="accept">accepted</option><option value="reject">rejected</option></select></label>
<label>Page or text <input name="text" type="search" autocomplete="off"></label>
</form>
<p id="count" role="status"></p>
<p class="tools"><button type="button" id="save">Save decisions</button>
<button type="button" id="apply" hidden>Apply decisions</button>
<button type="button" id="help-button" aria-expanded="false" aria-controls="help">Keys</button></p>
<dl id="help" hidden><div><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next, previous</dd></div>
<div><dt><kbd>a</kbd></dt><dd>accept: fix it</dd></div><div><dt><kbd>r</kbd></dt><dd>reject: no repeat</dd></div>
<div><dt><kbd>u</kbd></dt><dd>undo the decision</dd></div><div><dt><kbd>?</kbd></dt><dd>these keys</dd></div></dl>
</header>
<main>
"""


class Writer:
    """Writes the page finding by finding; of the pages it keeps where each repeated pair stands.

    Args:
        options: what the report tells.
    """

    has_errors = True

    def __init__(self, options: ReportOptions) -> None:
        self._options = options
        self._again: dict[str, list[str]] = {}
        self._errors: list[PageError] = []
        self._pictures = 0

    def begin(self) -> Iterator[str]:
        """Yield the head, and what chooses findings."""
        style, script = _resource("review.css"), _resource("review.js")
        policy = (
            f"default-src 'none'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            f"style-src {_digest(style)}; script-src {_digest(script)}"
        )
        yield _HEAD.format(policy=policy, style=style) + _TOP

    def page(self, outcome: Outcome) -> Iterator[str]:
        """Yield the findings of a page that did not stand on one before."""
        if outcome.error is not None:
            self._errors.append(outcome.error)
        shown = dict(zip(map(id, outcome.findings or ()), outcome.exhibits, strict=False))
        for finding in self._options.asked_for(outcome):
            if not finding.is_open and not (self._options.verbose or self._options.explain):
                continue
            name = f"{finding.code}-{finding.key}-{finding.safety.value}"
            where = f"{finding.page}:{finding.line}:{finding.column}"
            if name in self._again:
                self._again[name].append(printable(where))
                continue
            self._again[name] = []
            yield self._article(finding, shown.get(id(finding), _NO_EXHIBIT), name, where)

    def end(self, counts: Counts) -> Iterator[str]:
        """Yield the sum, what could not be read, and the script."""
        if not self._again:
            yield '<p class="none">Nothing repeats.</p>\n'
        yield "</main>\n"
        if self._errors:
            told = "".join(f"<li>{_text(str(error))}</li>\n" for error in self._errors)
            head = f'<section class="bad" aria-label="Errors"><h2>{plural(len(self._errors), "error")}</h2>'
            yield f"{head}<ul>\n{told}</ul></section>\n"
        lines = "".join(f"<li>{_text(line)}</li>" for line in counts.sentences(fixed=self._options.fixed))
        again = dumps({name: places for name, places in self._again.items() if places}).replace("<", "\\u003c")
        yield (
            f'<footer><ul>{lines}</ul></footer>\n<script type="application/json" id="again">{again}</script>\n'
            f"<script>{_resource('review.js')}</script>\n</body>\n</html>\n"
        )

    def _article(self, finding: Finding, exhibit: Exhibit, name: str, where: str) -> str:
        kept = "{}:{}".format(*finding.kept_at) if finding.kept_at else ""
        also = f', the other copy at <span class="other">{kept}</span>' if kept else ""
        return (
            f'<article id="{_text(name)}" tabindex="-1" aria-label="{finding.code}, {_text(where)}" '
            f'data-rule="{finding.code}" data-safety="{finding.safety.value}" data-key="{_text(finding.key)}">\n'
            f'<h2><span class="code" title="{_text(_FINDS[finding.code])}">{finding.code}</span> '
            f"{_text(finding.message)} {_badge(finding)}</h2>\n"
            f'<p class="where"><bdi>{_text(where)}</bdi>{also}</p>\n{self._copies(finding, exhibit)}'
            f"<details><summary>Markup</summary><pre>{''.join(map(_piece, exhibit.markup))}</pre></details>\n"
            f"{_why(finding)}"
            '<p class="decide"><button type="button" data-do="accept" aria-pressed="false">Accept</button> '
            '<button type="button" data-do="reject" aria-pressed="false">Reject</button></p>\n</article>\n'
        )

    def _copies(self, finding: Finding, exhibit: Exhibit) -> str:
        picture = ""
        if exhibit.thumbnail is not None and self._pictures < _MOST_PICTURES:
            self._pictures += 1
            data, width, height = exhibit.thumbnail
            url = f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"
            picture = f'<img src="{url}" width="{width}" height="{height}" alt="">'
        elif finding.picture:
            picture = f'<p class="file"><bdi>{_text(finding.picture)}</bdi></p>'
        kept, duplicate = _compared(exhibit.kept, exhibit.duplicate)
        goes = "goes" if finding.applied or not finding.is_kept else "stays as well"
        return (
            f'<div class="copies"><section><h3>stays</h3>{picture}<p>{kept}</p></section>\n'
            f"<section><h3>{goes}</h3>{picture}<p>{duplicate}</p></section></div>\n"
        )


_FINDS = {rule.code: rule.finds for rule in RULES}


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """How a policy names a script or a style sheet (CSP3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def _text(text: str) -> str:
    return html.escape(printable(text), quote=True)


def _badge(finding: Finding) -> str:
    told = {Safety.SAFE: "safe", Safety.REVIEW: "for review", Safety.SHOW: "kept"}[finding.safety]
    return f'<span class="badge {finding.safety.value}">{told}</span>'


def _piece(piece: Piece) -> str:
    if piece.kind == "gap":
        return '<span class="gap">…</span>'
    text = html.escape(unprintable(piece.text.replace("\r\n", "\n"), lambda _: "\ufffd"))
    mark = _MARKS.get(piece.kind)
    return f"<{mark}>{text}</{mark}>" if mark else text


def _compared(one: str, other: str) -> tuple[str, str]:
    """Two texts, their words that differ marked."""
    first, second = one.split(), other.split()
    if not first or not second:
        return _text(one), _text(other)
    marked: tuple[list[str], list[str]] = ([], [])
    same = SequenceMatcher(None, [letters(word) for word in first], [letters(word) for word in second], autojunk=False)
    for kind, start, end, at, behind in same.get_opcodes():
        for side, words in zip(marked, (first[start:end], second[at:behind]), strict=True):
            text = _text(" ".join(words))
            side.append(text if kind == "equal" or not text else f"<mark>{text}</mark>")
    return " ".join(filter(None, marked[0])), " ".join(filter(None, marked[1]))


def _why(finding: Finding) -> str:
    told = [each.name if each.figure is None else f"{each.name}: {each.figure}" for each in finding.evidence]
    held = [f"{check.says}: {check.reason}" for check in finding.checks if check.held]
    end = note(finding)
    rows = "".join(f"<li>{_text(row)}</li>" for row in (*told, *held, *([end] if end else [])))
    return f"<details><summary>Why</summary><p>{_text(message(finding))}</p><ul>{rows}</ul></details>\n"
