"""How images are related: what comparing two comes to, and groups of the same picture.

Plain data, free of pixels, parsers and files, so that it can be saved, shown
and acted upon elsewhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from warnings import warn

from captionfix.model import Evidence, Safety


class ImageRelation(Enum):
    """How an image is related to another that shows the same picture.

    ``identical`` in every upright pixel, whatever the bytes; ``recompressed``
    at the same size in the same format; ``resized``; another ``format`` of
    the same size; a ``crop`` that leaves a part out; ``framed`` by a border,
    or freed of one; ``edited`` otherwise, as greyed, faded or stretched;
    ``mirrored`` from left to right; ``turned`` by a quarter or a half, alone
    or mirrored; ``marked``, one of them, by a word, a logo or a band laid over
    it; ``damaged``, one of them, by bytes that are gone or wrong; ``moving``,
    one of them, and the other its first frame.
    """

    IDENTICAL = "identical"
    RECOMPRESSED = "recompressed"
    RESIZED = "resized"
    FORMAT = "format"
    CROP = "crop"
    FRAMED = "framed"
    EDITED = "edited"
    MIRRORED = "mirrored"
    TURNED = "turned"
    MARKED = "marked"
    DAMAGED = "damaged"
    MOVING = "moving"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an image, in shares of its width and height, from its upper left corner."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @property
    def share(self) -> float:
        """How much of the image's area it is.

        >>> Window(0.25, 0.0, 0.75, 1.0).share
        0.5
        """
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.right, self.bottom


def _pieces(evidence: Iterable[Evidence]) -> list[tuple[str, str, str | float | None]]:
    return [(each.kind, each.name, each.figure) for each in evidence]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What comparing two images came to, with every figure that decided.

    Attributes:
        relation: how they are related; None where nothing shows that they are one picture.
        safety: ``safe`` for identical pixels and for the same picture at
            another size, in another compression or format, verified on
            pixels; ``review`` for other relations.
        evidence: what decided, with its figures; also why it is not the same picture.
        distance: bits in which the hashes that brought them together differ, of 64.
        windows: the part of either image that both show.
        is_enlarged: whether the larger of the two holds no more detail than the smaller one.
        spot: greatest difference in one spot; above 1 it is none that compression or scaling makes.
        difference: mean difference of the aligned grey pixels, of 255.
        altered: which of the two was marked or damaged, where that can be told.
    """

    relation: ImageRelation | None
    safety: Safety
    evidence: tuple[Evidence, ...]
    distance: int | None = None
    windows: tuple[Window, Window] = (Window(), Window())
    is_enlarged: bool = False
    spot: float | None = None
    difference: float | None = None
    altered: tuple[bool, bool] = (False, False)

    @property
    def kin(self) -> ImageRelation | None:
        """The relation, by its name of the release before."""
        warn("Likeness.kin is now Likeness.relation", DeprecationWarning, stacklevel=2)
        return self.relation

    @property
    def turned(self) -> Likeness:
        """The same as seen from the other image."""
        return replace(self, windows=self.windows[::-1], altered=self.altered[::-1])

    def __bool__(self) -> bool:
        """Whether the two are one picture."""
        return self.relation is not None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it, for a cache.

        >>> why = (Evidence("pixels", "a part", 0.5),)
        >>> like = Likeness(ImageRelation.CROP, Safety.REVIEW, why, 7, (Window(0.5), Window()))
        >>> Likeness.from_json(like.to_json()) == like
        True
        """
        return {
            "kin": self.relation.value if self.relation is not None else None,
            "safety": self.safety.value,
            "evidence": _pieces(self.evidence),
            "distance": self.distance,
            "windows": [each.sides for each in self.windows],
            "is_enlarged": self.is_enlarged,
            "spot": self.spot,
            "difference": self.difference,
            "altered": self.altered,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Likeness:
        """Return what `to_json` wrote.

        Raises:
            ValueError: it did not write this.
            TypeError: the same.
            KeyError: the same.
        """
        one, other = (Window(*map(float, sides)) for sides in data["windows"])
        return cls(
            ImageRelation(data["kin"]) if data["kin"] is not None else None,
            Safety(data["safety"]),
            tuple(Evidence(*piece) for piece in data["evidence"]),
            data["distance"],
            (one, other),
            bool(data["is_enlarged"]),
            data["spot"],
            data["difference"],
            (bool(data["altered"][0]), bool(data["altered"][1])),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a group.

    Attributes:
        file: its name, as given; below the root, with slashes, where it is a file.
        relation: how it is related to the image that is kept.
        safety: how certain that is; see `Likeness`.
        width: in pixels, as shown.
        height: the same.
        size: of the file in bytes.
        format: such as ``JPEG``; ``SVG`` is known by its bytes only.
        frames: 1, or more for animations, of which the first is compared.
        content: SHA-256 of its bytes, in hexadecimal.
        distance: bits in which the hashes that brought them together differ, of 64.
        window: the part of the kept image that it shows.
        evidence: what decided, with its figures.
        twin: the image of the group that stands for all with the same upright pixels; itself where it is that one.
    """

    file: str
    relation: ImageRelation
    safety: Safety
    width: int
    height: int
    size: int
    format: str
    frames: int
    content: str
    distance: int | None = None
    window: Window = Window()
    evidence: tuple[Evidence, ...] = ()
    twin: str = ""

    def to_json(self) -> list[Any]:
        """Return it as JSON has it, for a cache."""
        what = [self.width, self.height, self.size, self.format, self.frames, self.content]
        kind = self.relation.value, self.safety.value
        return [self.file, *kind, what, self.distance, self.window.sides, _pieces(self.evidence), self.twin]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Member:
        """Return what `to_json` wrote.

        >>> figures = (4, 3, 99, "JPEG", 1, "0a", 7)
        >>> one = Member("a.jpg", ImageRelation.CROP, Safety.REVIEW, *figures, Window(0.5), (), "a.jpg")
        >>> Member.from_json(one.to_json()) == one
        True
        """
        file, relation, safety, (width, height, size, form, frames, content), distance, window, evidence, twin = data
        told = tuple(Evidence(*piece) for piece in evidence)
        what = width, height, size, form, frames, content
        return cls(file, ImageRelation(relation), Safety(safety), *what, distance, Window(*window), told, twin)


@dataclass(frozen=True, slots=True)
class Group:
    """Images that show the same picture.

    Attributes:
        keep: the file that is the best of them.
        members: all of them, the kept one first, then by name.
    """

    keep: str
    members: tuple[Member, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its images, the kept one first."""
        return tuple(member.file for member in self.members)

    def without(self, files: Container[str]) -> Group | None:
        """Return it without some files; None where only one image is left, or the kept one is among them."""
        left = tuple(member for member in self.members if member.file not in files)
        return Group(self.keep, left) if len(left) > 1 and self.keep not in files else None
