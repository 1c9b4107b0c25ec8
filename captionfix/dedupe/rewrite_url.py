"""A URL that leads to another file of the same archive, written the way the old one was.

Relative URLs stay relative, those from the top stay so, and those with a host
keep their host. Whether the new one leads where it should is for the caller
to see: these are only its letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote, unquote

from captionfix.archives.mirror_names import PageLocation, Parts, candidates, clean_url

_TOP = re.compile(
    r"^(?:(?:(?:https?:)?//[^/]+)?/web/\d{1,14}(?:[a-z]{2}_)?/)?(?:(?:https?:)?//[^/]+|(?<=/)https?:/[^/]+)",
    re.IGNORECASE,
)
"""All up to the path of a URL with a host; of a web archive's, up to the path of the page inside."""
_SAFE = "$&+=@~"
"""What a path may hold unescaped besides letters, digits and ``-._`` and what means nothing to markup, style sheets and
srcset either; the ampersand is escaped there."""


def rewritten(url: str, old: Parts, new: Parts, place: PageLocation, *, plain: bool = True) -> str:
    """Return the URL of another file, ``""`` where none can be written in this way.

    Args:
        url: the one that stands there.
        old: the file it leads to, below the root.
        new: the file it is to lead to.
        place: where the page is.
        plain: whether letters beyond ASCII may be written as they are, where the old URL has such.

    >>> place = PageLocation(("a", "b.html"), hosts=(("example.org", ()),))
    >>> rewritten("../img/x.jpg#top", ("img", "x.jpg"), ("img", "2", "y z.jpg"), place)
    '../img/2/y%20z.jpg#top'
    >>> rewritten("/img/x.jpg", ("img", "x.jpg"), ("y.jpg",), place)
    '/y.jpg'
    >>> rewritten("https://example.org/img/x.jpg", ("img", "x.jpg"), ("y.jpg",), place)
    'https://example.org/y.jpg'
    >>> rewritten("x.jpg?w=300", ("a", "x.jpg"), ("y.jpg",), place)
    ''
    """
    told, mark, fragment = url.partition("#")
    told = clean_url(told)
    if not told or "?" in told:
        return ""  # what a query asks of a server is not for the other file
    keeps_letters = plain and any(not letter.isascii() for letter in told)
    found = _TOP.match(told)
    head = found[0] if found else ""
    if head or told.startswith("/"):
        path = _from_top(told[len(head) :], old, new)
    elif _parts_hosts(old, new, place):
        return ""
    else:
        path = _relative(told, old, new, place)
    if path is None:
        return ""
    spelled = "/".join(_spelled(part, keeps_letters=keeps_letters) for part in path)
    return f"{head}{spelled}{mark}{fragment}"


def _from_top(path: str, old: Parts, new: Parts) -> Sequence[str] | None:
    """The path of a file below the folder that the old path begins at."""
    below = _resolved(path.split("/")[1:], ())
    if below is None or not 0 < len(below) <= len(old):
        return None
    top = old[: len(old) - len(below)]
    return ("", *new[len(top) :]) if new[: len(top)] == top and len(new) > len(top) else None


def _relative(told: str, old: Parts, new: Parts, place: PageLocation) -> Sequence[str] | None:
    """The path of a file from the folder that the old URL starts from."""
    for probe in candidates("x", place):
        folder = probe[:-1]
        reached = _resolved(told.split("/"), folder)
        if reached is None or reached[:-1] != old[:-1]:
            continue
        same = _shared(folder, new[:-1])
        up = [".."] * (len(folder) - same)
        here = ["."] if told.startswith("./") and not up else []
        return [*here, *up, *new[same:]]
    return None


def _parts_hosts(old: Parts, new: Parts, place: PageLocation) -> bool:
    """Whether a relative URL that stayed on the page's host would leave it."""
    tops = [folder for _, folder in place.hosts if place.file[: len(folder)] == folder]
    top = max(tops, key=len, default=())
    return old[: len(top)] == top and new[: len(top)] != top


def _resolved(path: Sequence[str], folder: Parts) -> Parts | None:
    """A path with its dots resolved and its escapes read."""
    found = list(folder)
    for part in path:
        plain = unquote(part, errors="surrogateescape")
        if plain == "..":
            if not found:
                return None
            found.pop()
        elif plain not in ("", "."):
            found.append(plain)
    return tuple(found)


def _shared(one: Parts, other: Parts) -> int:
    """How many folders two paths have in common."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _spelled(part: str, *, keeps_letters: bool) -> str:
    if not keeps_letters:
        return quote(part, safe=_SAFE, errors="surrogateescape")
    return "".join(
        letter
        if not letter.isascii() and unicodedata.category(letter)[0] in "LMN"
        else _spelled(letter, keeps_letters=False)
        for letter in part
    )
