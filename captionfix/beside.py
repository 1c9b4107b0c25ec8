"""What the layout asks of what is beside a page, which it does not open itself: pixels of images, script files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from captionfix.model import Evidence


class PixelRelation(Enum):
    """What the pixels of two images say about each other."""

    IDENTICAL = "identical"
    SAME = "same"
    PART = "part"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comparing two images by their pixels came to, with the figures that decided.

    Attributes:
        relation: ``identical`` pixels (or bytes); the ``same`` picture at
            another size or in another compression, verified on pixels; a
            ``part`` of it, as crops are; ``different`` where that is certain;
            else ``unknown``.
        images: the two files, or URLs, that were compared.
        sizes: width and height of each in pixels, as shown; 0 where only bytes are known, as of SVG.
        plain: whether one of them holds too little to be told from others: tiny, or nearly one colour.
            Many pictures share such pixels, so that even ``identical`` ones say little.
        difference: mean difference of the aligned grey pixels, of 255, where they could be aligned.
        shares: of the area of each, what both show.
    """

    relation: PixelRelation
    images: tuple[str, str] = ("", "")
    sizes: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    plain: bool = False
    difference: float | None = None
    shares: tuple[float, float] = (1.0, 1.0)

    @property
    def turned(self) -> Verdict:
        """The same with the images in the other order."""
        return replace(self, images=self.images[::-1], sizes=self.sizes[::-1], shares=self.shares[::-1])

    @property
    def is_one_picture(self) -> bool:
        """Whether both certainly show one picture, and one that can be told from others."""
        return self.relation in (PixelRelation.IDENTICAL, PixelRelation.SAME) and not self.plain

    @property
    def evidence(self) -> Evidence:
        """The verdict as a piece of evidence.

        >>> Verdict(PixelRelation.SAME, difference=1.5).evidence
        Evidence(kind='pixels', name='the same picture, mean difference of 255', figure=1.5)
        """
        if self.relation is PixelRelation.IDENTICAL:
            return Evidence("pixels", "identical pixels")
        if self.relation is PixelRelation.UNKNOWN:
            return Evidence("pixels", "pixels do not tell")
        if self.relation is PixelRelation.PART:
            return Evidence("pixels", "a part of the same picture, least share that both show", min(self.shares))
        name = "the same picture" if self.relation is PixelRelation.SAME else "different pictures"
        return Evidence("pixels", f"{name}, mean difference of 255", self.difference)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a page says about where it is: its ``<base href>`` and its own address, ``""`` where it does not."""

    base: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script file beside a page: what it says, and whether it could be read."""

    text: str
    is_read: bool = True


class ScriptReader(Protocol):
    """What reads the script files of a page for the layout, which knows no files."""

    def read(self, url: str, declared: Declared) -> ScriptFile | None: ...


class Comparer(Protocol):
    """What looks at pixels for the rules, which know neither files nor images."""

    def compare(self, one: Sequence[str], other: Sequence[str], declared: Declared) -> Verdict | None: ...
