"""Where the pictures of a page stand that are called something: inside of some elements, or outside of them, too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from captionfix.layout.pictures import Picture

Span = tuple[int, int]


class Whereabouts:
    """The places of pictures by their names.

    Args:
        pictures: the pictures, in order of place.
        names: what a picture is called.

    >>> from captionfix.layout.page import Page
    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> page = Page(HtmlTree(read_source(b"<p><img src=a.jpg></p><div><img src=a.jpg><img src=b.jpg></div>")))
    >>> places = Whereabouts(page.pictures, lambda picture: (picture.key,))
    >>> box = page.pictures.span(page.tree.search("div")[0])
    >>> [places.is_outside((name,), box) for name in ("a.jpg", "b.jpg", "c.jpg")]
    [True, False, False]
    """

    def __init__(self, pictures: Sequence[Picture], names: Callable[[Picture], Iterable[str]]) -> None:
        self._places: dict[str, list[int]] = {}
        for picture in pictures:
            for name in names(picture):
                self._places.setdefault(name, []).append(picture.index)

    def is_outside(self, names: Iterable[str], *spans: Span) -> bool:
        """Return whether a picture that has one of some names stands outside of some spans of pictures."""
        return any(self._is_outside(self._places.get(name, ()), spans) for name in names)

    def _is_outside(self, places: Sequence[int], spans: Sequence[Span]) -> bool:
        at = 0
        while at < len(places):
            end = max((end for begin, end in spans if begin <= places[at] < end), default=None)
            if end is None:
                return True
            at = bisect_left(places, end)
        return False
