"""WordPress's caption shortcodes, read as the figures that they become.

Its exports keep ``[caption id="attachment_1"]<img> words[/caption]``, which only WordPress turns into a figure with a
caption; their ids are those that it gives them (``img_caption_shortcode``, developer.wordpress.org, since 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from captionfix.containers.pieces import Piece, places, spliced
from captionfix.model import Edit, Span

_OPENS = b"[caption"
_SHORTCODE = re.compile(
    rb"(?P<opens>\[caption\b(?=[^\]<]{0,1000}?\bid=[\"']?(?P<id>[\w-]{1,100}))[^\]<]{0,1000}+\])\s*+(?:<a\b[^>]{0,5000}+>\s*+)?<img\b[^>]{0,20000}+>(?:\s*+</a>)?"
    rb"(?P<words>(?:(?!\[/?caption\b).){0,5000}+)(?P<ends>\[/caption\])",
    re.DOTALL | re.IGNORECASE,
)


class Shortcodes:
    """A text in which caption shortcodes stand.

    Args:
        said: the text, in UTF-8.

    >>> text = Shortcodes(b'[caption id="a_1"]<img src="a.jpg" alt="Boats"> Boats[/caption]')
    >>> text.shown
    b'<figure id="a_1"><img src="a.jpg" alt="Boats"><figcaption id="caption-a-1"> Boats</figcaption></figure>'
    >>> start = text.shown.index(b"Boats")
    >>> spliced(text.said, text.written([Edit(Span(start, start + 5))]))
    b'[caption id="a_1"]<img src="a.jpg" alt=""> Boats[/caption]'
    """

    def __init__(self, said: bytes) -> None:
        self.said = said
        self._pieces = tuple(_pieces(said)) if _OPENS in said.lower() else ()

    @property
    def shown(self) -> bytes:
        """The text with figures in their place."""
        return b"".join(piece.said for piece in self._pieces) if self._pieces else self.said

    def written(self, edits: Sequence[Edit]) -> list[Edit]:
        """Return edits of what is shown as edits of the text.

        Raises:
            ValueError: a shortcode cannot say what they make of it.
        """
        if not self._pieces:
            return list(edits)
        starts, ends = places(self._pieces, len(self.said), edits)
        found = [
            Edit(Span(start, max(start, ends[edit.span.end])), edit.replacement)
            for edit in edits
            for start in (starts[edit.span.start],)
        ]
        if Shortcodes(spliced(self.said, found)).shown != spliced(self.shown, edits):
            raise ValueError("a caption shortcode cannot say what is to become of its figure")
        return found


def _pieces(said: bytes) -> Iterator[Piece]:
    at = 0
    for found in _SHORTCODE.finditer(said):
        opens, ends = found.span("opens"), found.span("ends")
        words = found.start("words")
        yield Piece(said[at : opens[0]], at, opens[0])
        yield Piece(b'<figure id="%s">' % found["id"], *opens)
        yield Piece(said[opens[1] : words], opens[1], words)
        if found["words"].strip():
            yield Piece(b'<figcaption id="caption-%s">' % found["id"].replace(b"_", b"-"), words, words)
            yield Piece(found["words"], words, ends[0])
            yield Piece(b"</figcaption>", ends[0], ends[0])
        yield Piece(b"</figure>", *ends)
        at = ends[1]
    yield Piece(said[at:], at, len(said))
