"""Arithmetic of replaced ranges: what is outside them is copied, never written anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

from captionfix.model import Action, DropAttribute, Edit, Node, Remove, SetAttribute, Span

_KEEPS_SPACE = ("pre", "textarea", "listing", "xmp", "plaintext")
_TAG_NAME = re.compile(r"<[^\s/>]+")


class NoPlaceError(Exception):
    """An element has no place of its own in the source: the parser made it up."""


class NotWellFormedError(Exception):
    """The markup is no XML that can be edited as such: it is to be read as HTML."""


class Taken(NamedTuple):
    """How many blanks before and behind an element go with it."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Splice:
    """A range of a view, what stands there afterwards, and the actions it carries out."""

    start: int
    end: int
    replacement: str
    actions: tuple[Action, ...]
    taken: Taken | None = None


def lines_taken(view: str, start: int, end: int) -> Taken:
    """Return the blanks and the line end that an element takes along which stood alone on its line.

    >>> lines_taken("<p>\\n  <i></i> \\n</p>", 6, 13)
    Taken(before=2, after=2)
    >>> lines_taken("<p> <i></i> so", 4, 11)
    Taken(before=0, after=0)
    """
    left = start
    while left and view[left - 1] in " \t":
        left -= 1
    right = end
    while right < len(view) and view[right] in " \t":
        right += 1
    begins = left == 0 or view[left - 1] == "\n"
    if begins and view[start:end].rstrip(" \t").endswith("\n"):
        return Taken(start - left)  # no end tag: its own text holds its line's end
    ends = right == len(view) or view[right] == "\n"
    if not (begins and ends):
        return Taken()
    return Taken(start - left, min(right + 1, len(view)) - end)


def takes_lines(node: Node) -> bool:
    """Return whether an element may take its line along: not where white space is text."""
    return node.parent is None or node.parent.nearest(*_KEEPS_SPACE) is None


def name_end(view: str, start: int) -> int:
    """Return where the name of a tag ends that begins here.

    Raises:
        NoPlaceError: no tag begins here.

    >>> name_end("so <br/>", 3)
    6
    """
    match = _TAG_NAME.match(view, start)
    if match is None:
        raise NoPlaceError
    return match.end()


class Places(Protocol):
    """What a parser's door tells about where its elements and attributes stand."""

    def place(self, node: Node) -> tuple[int, int]:
        """Return where an element stands in the view."""

    def attribute_splice(self, action: SetAttribute | DropAttribute) -> Splice:
        """Return what an action on an attribute replaces in the view."""


def splices(view: str, places: Places, actions: Sequence[Action], *, take_lines: bool = True) -> list[Splice]:
    """Return what actions replace in a view, in order.

    Args:
        view: the text the elements stand in.
        places: where they stand in it.
        actions: what to do, none inside an element that another removes.
        take_lines: let an element that stood alone on its line take the line along.

    Raises:
        NoPlaceError: an element or an attribute stands nowhere in the view.
    """
    placed = [(places.place(action.node), action) for action in actions if isinstance(action, Remove)]
    changed = [places.attribute_splice(action) for action in actions if not isinstance(action, Remove)]
    return _merged([*changed, *_removals(view, placed, take_lines=take_lines)])


Removal = tuple[tuple[int, int], Remove]


def _removals(view: str, placed: Iterable[Removal], *, take_lines: bool) -> list[Splice]:
    """The holes that removed elements leave in a view."""
    holes = []
    for group in _groups(view, sorted(placed, key=lambda removal: removal[0])):
        start, end = group[0][0][0], group[-1][0][1]
        taken = Taken()
        if take_lines and takes_lines(group[0][1].node):
            taken = lines_taken(view, start, end)
        actions = tuple(action for _, action in group)
        holes.append(Splice(start - taken.before, end + taken.after, "", actions, taken))
    return holes


def _groups(view: str, placed: Iterable[Removal]) -> list[list[Removal]]:
    """Removed siblings with nothing but blanks between them are one hole."""
    groups: list[list[Removal]] = []
    for removal in placed:
        (start, _), action = removal
        if groups:
            (_, end), last = groups[-1][-1]
            if last.node.parent is action.node.parent and not view[end:start].strip(" \t"):
                groups[-1].append(removal)
                continue
        groups.append([removal])
    return groups


def _merged(splices: Iterable[Splice]) -> list[Splice]:
    """Splices in order, those that insert at one point made one, so that no order among them is lost."""
    told: list[Splice] = []
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if told and splice.start == splice.end == told[-1].start == told[-1].end:
            last = told.pop()
            both = (*last.actions, *splice.actions)
            told.append(Splice(last.start, last.end, last.replacement + splice.replacement, both))
        else:
            told.append(splice)
    return told


def overlap(splices: Sequence[Splice]) -> bool:
    """Return whether ranges, in order, run into each other: misnested markup can do that."""
    return any(left.end > right.start for left, right in pairwise(splices))


def apply(raw: bytes, edits: Sequence[Edit]) -> bytes:
    """Return bytes with edits made.

    Args:
        raw: the bytes.
        edits: in order of their start, none overlapping another.

    >>> from captionfix.model import Span
    >>> apply(b"abcdef", [Edit(Span(1, 3)), Edit(Span(4, 4), b"X")])
    b'adXef'
    """
    pieces, last = [], 0
    for edit in edits:
        pieces += [raw[last : edit.span.start], edit.replacement]
        last = edit.span.end
    return b"".join([*pieces, raw[last:]])


def to_original(position: int, edits: Sequence[Edit]) -> int:
    """Return where a byte of the edited page stood in the page that was edited.

    A byte that an edit wrote counts as standing where the edit begins.

    >>> [to_original(i, [Edit(Span(1, 3)), Edit(Span(4, 4), b"X")]) for i in range(5)]
    [0, 3, 4, 4, 5]
    """
    shift = 0
    for edit in edits:
        begin = edit.span.start + shift
        if position < begin:
            break
        if position < begin + len(edit.replacement):
            return edit.span.start
        shift += len(edit.replacement) - (edit.span.end - edit.span.start)
    return position - shift


def compose(first: Sequence[Edit], then: Sequence[Edit]) -> list[Edit]:
    """Return the edits that do at once what two lists of edits do one after the other.

    Args:
        first: edits of the original page, in order.
        then: edits of what the first made of it, in order.

    >>> compose([Edit(Span(1, 3)), Edit(Span(4, 4), b"XY")], [Edit(Span(0, 1)), Edit(Span(3, 4), b"Z")])
    [Edit(span=Span(start=0, end=3), replacement=b''), Edit(span=Span(start=4, end=4), replacement=b'XZ')]
    """
    rest = _pieces(first)
    done: list[Piece] = []
    last = 0
    for edit in then:
        kept, rest = _cut(rest, edit.span.start - last)
        _, rest = _cut(rest, edit.span.end - edit.span.start)
        done += [*kept, edit.replacement]
        last = edit.span.end
    return list(_edits([*done, *rest]))


Piece = Span | bytes
_END = sys.maxsize
"""Where a page ends whose length does not matter."""


def _pieces(edits: Sequence[Edit]) -> list[Piece]:
    """An edited page as ranges of the original that stand, and bytes that are new."""
    pieces: list[Piece] = []
    last = 0
    for edit in edits:
        pieces += [Span(last, edit.span.start), edit.replacement]
        last = edit.span.end
    return [*pieces, Span(last, _END)]


def _cut(pieces: Sequence[Piece], length: int) -> tuple[list[Piece], list[Piece]]:
    """Pieces parted behind so many bytes; what is empty there goes to the left."""
    left: list[Piece] = []
    for at, piece in enumerate(pieces):
        size = len(piece) if isinstance(piece, bytes) else piece.end - piece.start
        if size <= length:
            left.append(piece)
            length -= size
        elif isinstance(piece, bytes):
            return [*left, piece[:length]], [piece[length:], *pieces[at + 1 :]]
        else:
            middle = piece.start + length
            return [*left, Span(piece.start, middle)], [Span(middle, piece.end), *pieces[at + 1 :]]
    return left, []


def _edits(pieces: Iterable[Piece]) -> Iterator[Edit]:
    """What stands between the ranges that stand."""
    last, new = 0, b""
    for piece in pieces:
        if isinstance(piece, bytes):
            new += piece
        elif piece.end > piece.start:
            if new or piece.start > last:
                yield Edit(Span(last, piece.start), new)
            last, new = piece.end, b""
