"""What a run over images comes to, as plain data: groups, bad images, counts, and the places that name an image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from captionfix.errors import PageError, PictureError
from captionfix.formatting import plural
from captionfix.pictures.relations import Group

Bad = PictureError | PageError
"""An image that could not be looked at: for what it holds, or because it could not be read."""


@dataclass(frozen=True, slots=True)
class ImageMention:
    """A place that names an image.

    Attributes:
        page: the page, style sheet or other text, named as images are.
        line: its line there, from 1.
        column: its column in characters, from 1.
        kind: where it stands, such as ``img src`` or ``url()``; ``text`` for a bare name.
    """

    page: str
    line: int
    column: int
    kind: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}:{self.column} ({self.kind})"


FindMentions = Callable[[str], Sequence[ImageMention]]
"""Tells which places name an image, by its name."""


@dataclass(frozen=True, slots=True)
class ImageCounts:
    """What a run over images has seen.

    Attributes:
        images: files that could be looked at.
        groups: of images that are the same picture.
        repeats: images in groups besides the kept ones.
        bytes: that these take on the disk.
        bad: images that could not be looked at for what they hold.
        unread: files and folders that could not be read.
        others: files that are no images.
    """

    images: int = 0
    groups: int = 0
    repeats: int = 0
    bytes: int = 0
    bad: int = 0
    unread: int = 0
    others: int = 0

    def sentence(self) -> str:
        """Return the counts as one line.

        >>> ImageCounts(images=3, groups=1, repeats=1, bytes=2048, bad=1).sentence()
        '3 images, 1 group of the same picture: 1 file repeats another, 2,048 bytes; 1 bad image'
        """
        line = f"{plural(self.images, 'image')}, "
        if self.groups:
            repeats = "1 file repeats another" if self.repeats == 1 else f"{self.repeats:,} files repeat others"
            line += f"{plural(self.groups, 'group')} of the same picture: {repeats}, {plural(self.bytes, 'byte')}"
        else:
            line += "no two are the same picture"
        for number, noun in ((self.bad, "bad image"), (self.unread, "error"), (self.others, "other file")):
            line += f"; {plural(number, noun)}" if number else ""
        return line

    def exit_code(self, *, found_is_one: bool) -> int:
        """Return what a run comes to: 2 with unread files, else 1 where groups count and are there, else 0.

        Args:
            found_is_one: whether groups make it 1.
        """
        return 2 if self.unread else int(found_is_one and bool(self.groups))


@dataclass(frozen=True, slots=True)
class ImageReport:
    """What a run over images has found.

    Attributes:
        roots: the paths, as the user named them.
        groups: images that are the same picture.
        bad: images that could not be looked at, in the order of the run.
        counts: the sums.
        notes: what the user should know besides, such as a cache that cannot be used.
    """

    roots: tuple[str, ...]
    groups: Sequence[Group]
    bad: Sequence[Bad]
    counts: ImageCounts
    notes: tuple[str, ...] = ()
