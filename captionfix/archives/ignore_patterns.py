"""Patterns that leave files out, in the form of gitignore: the settings' and those of ``.gitignore`` files.

The form is that of gitignore(5): a pattern with a slash before its end stands for a path below its folder, one without
for a name at any depth; ``*`` and ``?`` stop at slashes, ``**`` does not; a slash at the end means folders only; ``!``
takes back what an earlier pattern left out; the last pattern that fits decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "digit": "0-9", "lower": "a-z", "space": r"\s",
    "upper": "A-Z", "xdigit": "0-9A-Fa-f", "punct": r"!-/:-@\[-`{-~", "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~", "print": " -~",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern.

    Attributes:
        text: as it was written.
        leaves_out: whether it leaves out what it fits; else it takes that back in.
        only_folders: whether it fits folders only.
        regex: what a path below its folder, with slashes, has to fit.
    """

    text: str
    leaves_out: bool
    only_folders: bool
    regex: re.Pattern[str]

    def fits(self, path: str, *, is_folder: bool) -> bool:
        """Return whether a path below the pattern's folder fits.

        Args:
            path: the path, with slashes.
            is_folder: whether it is a folder.
        """
        return (is_folder or not self.only_folders) and self.regex.fullmatch(path) is not None


def read_patterns(lines: Iterable[str]) -> tuple[Pattern, ...]:
    r"""Return the patterns of lines; blank ones, comments and what cannot be read as a pattern are passed over.

    >>> [pattern.text for pattern in read_patterns(["# drafts", "", "drafts/", "!drafts/a.html", "\\#x  "])]
    ['drafts/', '!drafts/a.html', '\\#x']
    """
    found = (_pattern(line.rstrip("\r\n")) for line in lines)
    return tuple(pattern for pattern in found if pattern is not None)


def decides(patterns: Sequence[Pattern], path: str, *, is_folder: bool) -> Pattern | None:
    """Return the last pattern that fits a path; None where none does.

    Args:
        patterns: the patterns of one folder, in order.
        path: a path below that folder, with slashes.
        is_folder: whether it is a folder.

    >>> decides(read_patterns(["*.html", "!index.html"]), "a/index.html", is_folder=False).leaves_out
    False
    """
    return next((each for each in reversed(patterns) if each.fits(path, is_folder=is_folder)), None)


@lru_cache(maxsize=4096)
def _pattern(line: str) -> Pattern | None:
    text = _without_blanks(line)
    if not text or text.startswith("#"):
        return None
    glob = text
    leaves_out = not glob.startswith("!")
    glob = glob.removeprefix("!")
    if not glob.strip("/"):
        return None
    only_folders = glob.endswith("/")
    glob = glob.removesuffix("/")
    anchored = "/" in glob
    try:
        regex = re.compile(("" if anchored else "(?:.*/)?") + _regex(glob.removeprefix("/")), re.DOTALL)
    except (re.error, ValueError):
        return None
    return Pattern(text, leaves_out, only_folders, regex)


def _without_blanks(line: str) -> str:
    """A line without the blanks at its end, unless a backslash is before them."""
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return text + " " if backslashes % 2 and len(text) < len(line) else text


def _regex(glob: str) -> str:
    """What a glob means, as a regular expression.

    Raises:
        ValueError: a class or an escape has no end; such a pattern fits nothing.
    """
    found, at = [], 0
    while at < len(glob):
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            found.append("(?:.*/)?")
            at += 3
        elif glob[at:] == "**" and (at == 0 or glob[at - 1] == "/"):
            found.append(".+")
            at += 2
        elif glob[at] == "*":
            while at < len(glob) and glob[at] == "*":
                at += 1
            found.append("[^/]*")
        elif glob[at] == "?":
            found.append("[^/]")
            at += 1
        elif glob[at] == "[":
            told, at = _class(glob, at + 1)
            found.append(told)
        else:
            at += glob[at] == "\\"
            if at == len(glob):
                raise ValueError(glob)
            found.append(re.escape(glob[at]))
            at += 1
    return "".join(found)


def _class(glob: str, at: int) -> tuple[str, int]:
    """A class of characters, and where it ends."""
    negated = glob[at : at + 1] in ("!", "^") and glob[at : at + 1] != ""
    at += negated
    parts, first = [], True
    while first or glob[at : at + 1] != "]":
        first = False
        if glob.startswith("[:", at) and (end := glob.find(":]", at)) > 0 and glob[at + 2 : end] in _CLASSES:
            parts.append(_CLASSES[glob[at + 2 : end]])
            at = end + 2
            continue
        one, at = _letter(glob, at)
        if glob[at : at + 1] == "-" and glob[at + 1 : at + 2] not in ("]", ""):
            other, at = _letter(glob, at + 1)
            if one <= other:
                parts.append(f"{re.escape(one)}-{re.escape(other)}")
        else:
            parts.append(re.escape(one))
    inside = "".join(parts)
    if not inside:
        return ("[^/]" if negated else "(?!)"), at + 1
    return (f"(?!/)[^{inside}]" if negated else f"(?!/)[{inside}]"), at + 1


def _letter(glob: str, at: int) -> tuple[str, int]:
    at += glob[at : at + 1] == "\\"
    if at >= len(glob):
        raise ValueError(glob)
    return glob[at], at + 1
