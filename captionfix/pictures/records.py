"""What is held of every image of a run: a few figures, without its pixels; and which of several is to be kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from captionfix.pictures.fingerprint import TINY, Fingerprint
from captionfix.pictures.relations import Likeness

COMPARED = "11"
"""Grows when the same two images would come to something else."""
GROUPED = "4"
"""Grows when the same images, each two of which come to the same, would be grouped otherwise."""
Pair = tuple[bytes, bytes]
"""The contents of two images, SHA-256 each; the order matters, as it does for the windows of a `Likeness`."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image that was looked at; some 500 bytes of memory.

    Attributes:
        file: its name, below the root and with slashes.
        size: of the file in bytes.
        format: such as ``JPEG``; ``SVG`` is known by its bytes only.
        frames: 1, or more for animations.
        content: SHA-256 of its bytes.
        pixels: SHA-256 of the upright pixels, empty where only a smaller size was decoded, or there are none.
        width: in pixels, as shown; 0 for SVG.
        height: the same.
        detail: see `Fingerprint`.
        rows: of a damaged image, those that decode; else 0.
        problem: what is wrong with it then.
        blocks: see `Fingerprint`.
        crop_hashes: the hashes of its views, see `CropHashes.to_bytes`; empty where nothing but equal pixels counts.
    """

    file: str
    size: int
    format: str
    frames: int
    content: bytes
    pixels: bytes
    width: int
    height: int
    detail: float
    rows: int = 0
    problem: str = ""
    blocks: bytes = b""
    crop_hashes: bytes = b""

    @property
    def plain(self) -> bool:
        """Whether only equal pixels make it the same as another; see `Fingerprint`."""
        return self.detail < 1 or min(self.width, self.height) < TINY

    def without_crop_hashes(self) -> ImageRecord:
        """Return the same image without its views, which are kept together for all."""
        return replace(self, crop_hashes=b"")

    def named(self, file: str) -> ImageRecord:
        """Return the same image under another name."""
        return replace(self, file=file)

    def to_json(self) -> str:
        """Return it as JSON, without its name, its content and its views, for a cache.

        >>> one = ImageRecord("a.gif", 9, "GIF", 2, b"c", b"p", 40, 30, 1.5)
        >>> ImageRecord.from_json(one.to_json(), b"c").named("a.gif") == one
        True
        """
        return json.dumps(
            (self.size, self.format, self.frames, self.pixels.hex(), self.width, self.height, self.detail,
             self.rows, self.problem, self.blocks.hex())
        )  # fmt: skip

    @classmethod
    def from_json(cls, text: str, content: bytes, crop_hashes: bytes = b"") -> ImageRecord:
        """Return what `to_json` wrote.

        Args:
            text: that.
            content: SHA-256 of the image's bytes.
            crop_hashes: the hashes of its views.

        Raises:
            ValueError: it did not write this.
            TypeError: the same.
        """
        size, kind, frames, pixels, width, height, detail, rows, problem, told = json.loads(text)
        return cls(
            "", int(size), str(kind), int(frames), content, bytes.fromhex(pixels), int(width), int(height),
            float(detail), int(rows), str(problem), bytes.fromhex(told), crop_hashes,
        )  # fmt: skip


def know(image: Fingerprint) -> ImageRecord:
    """Return what is held of an image.

    Args:
        image: its fingerprint.

    >>> from captionfix.pictures.fingerprint import fingerprint
    >>> know(fingerprint(b"<svg/>")).format
    'SVG'
    """
    seen = b""
    if image.grey and image.detail >= 1:
        from captionfix.pictures.crop_hashes import crop_hashes

        seen = crop_hashes(image).to_bytes()
    return ImageRecord(
        "", image.length, image.format, image.frames, image.content, image.pixels, image.width, image.height,
        image.detail, image.rows, "", image.blocks, seen,
    )  # fmt: skip


class Keep(Enum):
    """Which image of a group is kept."""

    BEST = "best"
    LARGEST = "largest"
    SMALLEST = "smallest"
    FIRST = "first"
    IN = "in"


@dataclass(frozen=True, slots=True)
class KeepPolicy:
    """Which image of a group is kept.

    Attributes:
        keep: the largest or smallest in pixels, the first in the order of the
            run, one in the folders below, or the best.
        folders: for `Keep.IN`, as images are named, with a slash at the end; ``""`` is everywhere.
    """

    keep: Keep = Keep.BEST
    folders: tuple[str, ...] = ()

    def prefers(self, file: str) -> bool:
        """Return whether an image lies where the kept one should.

        >>> KeepPolicy(Keep.IN, ("img/",)).prefers("img/a.jpg"), KeepPolicy().prefers("img/a.jpg")
        (True, False)
        """
        return self.keep is Keep.IN and file.startswith(self.folders or ("\0",))


class Memory(Protocol):
    """What is remembered between runs of comparing pairs."""

    def find_likeness(self, pairs: Sequence[Pair], version: str) -> Mapping[Pair, Likeness]:
        """Return what is remembered of pairs; those that are not are left out.

        Args:
            pairs: of contents.
            version: what the comparing depends on besides the fingerprints.
        """

    def keep_likeness(self, found: Mapping[Pair, Likeness], version: str) -> bool:
        """Remember what comparing pairs came to; return whether that could be done.

        Args:
            found: by pair of contents.
            version: what the comparing depends on besides the fingerprints.
        """
