"""What is kept of an image: digests, a hash, a thumbnail. The only door to imagehash."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from captionfix.pictures.damage import blocks
from captionfix.pictures.decode_limits import LIMITS, SIDE, Limits
from captionfix.pictures.kinds import is_vector
from captionfix.pictures.motion import LENGTH, Motion
from captionfix.pictures.vector import drawn

if TYPE_CHECKING:
    from captionfix.pictures.decode import Pixels
    from captionfix.pictures.poses import Pose

ALGORITHM = "8"
"""Grows when the same image would give other figures."""
THUMB = SIDE
"""Longer side of the grey thumbnail in pixels."""
CHROMA = 32
"""Side of the two colour planes: in 16 the colours of thin lines and small signs do not show."""
TINY = 32
"""Pixels of the shorter side below which the hash, which looks at 32 x 32, would see more than there is."""
_TEXTURE = 2.5
"""Standard deviation, once rows and columns are levelled, below which an image is a gradient
(picture-matching study)."""
_HEAD = struct.Struct(">4s32s32sIIdHHBBQ5sIBIB")
_MARK = b"cfp5"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of an image.

    Attributes:
        content: SHA-256 of the bytes.
        pixels: SHA-256 of the upright pixels, of all frames of an animation, or of what an SVG draws, however it is
            written; empty where only a smaller size was decoded.
        width: in pixels, as shown; 0 for SVG.
        height: the same.
        detail: how much there is to see; below 1 it is nearly one colour or a plain gradient.
        size: width and height of the thumbnail.
        grey: the thumbnail's grey pixels, row by row.
        chroma: its colour differences blue and red, 32 x 32 each.
        alpha: how opaque its pixels are; empty where all are fully.
        ground: what it was put on where it is transparent: 0 white, 1 black, 2 grey, the first on which it shows.
        length: bytes of the file.
        format: such as ``JPEG``.
        frames: 1, or more for animations, of which the first is looked at.
        motion: what the others show; None where there are none, or they could not all be looked at.
        rows: of a damaged image, those that decode, which are its height here; else 0.
        blocks: digests of parts of a JPEG's coded pixels, see `damage`; empty for other files.
    """

    content: bytes
    pixels: bytes
    width: int
    height: int
    detail: float
    size: tuple[int, int]
    grey: bytes
    chroma: bytes
    alpha: bytes = b""
    ground: int = 0
    length: int = 0
    format: str = ""
    frames: int = 1
    motion: Motion | None = None
    rows: int = 0
    blocks: bytes = b""

    @property
    def plain(self) -> bool:
        """Whether only equal pixels make it the same as another: tiny, nearly one colour, or without pixels."""
        return self.detail < 1 or min(self.width, self.height) < TINY

    @property
    def phash(self) -> int:
        """`imagehash.phash` of the thumbnail, 64 bits, worked out each time; 0 for SVG."""
        from captionfix.pictures.scaling import image_of

        return _hash(image_of(plane(self))) if self.grey else 0

    def to_bytes(self) -> bytes:
        """Return it as bytes, for a cache.

        >>> one = Fingerprint(bytes(32), b"", 9, 9, 0.5, (2, 1), b"ab", b"", b"")
        >>> Fingerprint.from_bytes(one.to_bytes()) == one
        True
        """
        head = _HEAD.pack(
            _MARK, self.content, self.pixels or bytes(32), self.width, self.height, self.detail,
            *self.size, bool(self.alpha), self.ground, self.length, self.format.encode(), self.frames,
            self.motion is not None, self.rows, len(self.blocks),
        )  # fmt: skip
        moves = self.motion.to_bytes() if self.motion is not None else b""
        return b"".join((head, self.blocks, moves, self.grey, self.alpha, self.chroma))

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """Return what `to_bytes` wrote.

        Raises:
            ValueError: it did not write this.
        """
        try:
            mark, content, pixels, width, height, detail, wide, high, alpha, ground, *rest = _HEAD.unpack_from(data)
            length, kind, frames, is_moving, rows, told = rest
            start = _HEAD.size + told
            planes = data[start:]
            moves = Motion.from_bytes(planes[:LENGTH]) if is_moving else None
        except struct.error as error:
            raise ValueError("no fingerprint") from error
        area, planes = wide * high, planes[LENGTH * is_moving :]
        if mark != _MARK or len(planes) not in (area * (1 + alpha), area * (1 + alpha) + 2 * CHROMA * CHROMA):
            raise ValueError("no fingerprint")
        grey, others = planes[:area], planes[area:]
        known = pixels if any(pixels) else b""
        see_through, chroma = (others[:area], others[area:]) if alpha else (b"", others)
        return cls(
            content, known, width, height, detail, (wide, high), grey, chroma, see_through, ground,
            length, kind.rstrip(b"\0").decode("ascii", "replace"), frames, moves, rows, data[_HEAD.size : start],
        )  # fmt: skip


def version() -> str:
    """Return what fingerprints depend on: those of unlike versions are never compared. Nothing heavy is loaded."""
    from importlib import metadata

    return f"{ALGORITHM} imagehash {metadata.version('imagehash')} pillow {metadata.version('pillow')}"


def fingerprint(data: bytes, limits: Limits = LIMITS, *, damaged: bool = False) -> Fingerprint:
    """Return what is to be kept of an image.

    Args:
        data: the file.
        limits: how much it may ask for.
        damaged: take what decodes of an image that is cut off or broken, for one.

    Raises:
        PictureError: it is no image that browsers show, it is broken, or it asks for too much.

    >>> fingerprint(b"<svg xmlns='http://www.w3.org/2000/svg'/>").plain
    True
    """
    content = hashlib.sha256(data).digest()
    if is_vector(data):
        return Fingerprint(content, drawn(data), 0, 0, 0.0, (0, 0), b"", b"", length=len(data), format="SVG")
    from captionfix.pictures import decode

    pixels = decode.salvaged(data, limits) if damaged else decode.decode(data, limits)
    detail = _detail(pixels)
    if not damaged and detail < 1 and not pixels.digest and pixels.width * pixels.height <= limits.decoded:
        pixels = decode.decode(data, limits, whole=True)  # nothing but equal pixels will count
    return replace(_fingerprint(content, pixels, detail), length=len(data), blocks=blocks(data))


def phash(data: bytes, limits: Limits = LIMITS) -> int:
    """Return the hash of an image as `imagehash.phash` makes it, of an image decoded no further than that needs.

    A JPEG is decoded at 64 pixels a side or a little more, its colours and the
    later scans of a progressive one not at all; it is turned upright, and what
    is transparent is put on white. It is for an index of one's own, also beside
    hashes that `imagehash.phash` made of whole images: of 581 opaque upright
    pictures of the web 71 % have the same bits, 98 % at most 4 others, all at
    most 8.

    Args:
        data: the file.
        limits: how much it may ask for.

    Returns:
        64 bits; those of two numbers that differ are ``(one ^ other).bit_count()``.

    Raises:
        PictureError: it is no image that browsers show, SVG included, it is broken, or it asks for too much.

    >>> from io import BytesIO
    >>> from PIL import Image
    >>> Image.effect_mandelbrot((90, 60), (-2, -1, 1, 1.3), 100).save(file := BytesIO(), "PNG")
    >>> f"{phash(file.getvalue()):016x}"
    'c5e41b9a61336667'
    """
    from captionfix.pictures.decode import coarse

    return _hash(coarse(data, limits))


def _hash(image: Any) -> int:
    """The hash of a Pillow image."""
    import imagehash
    import numpy as np

    return int.from_bytes(np.packbits(imagehash.phash(image).hash).tobytes())


def _fingerprint(content: bytes, pixels: Pixels, detail: float) -> Fingerprint:
    import numpy as np

    from captionfix.pictures.scaling import scaled

    width, height = thumb_size(pixels.width, pixels.height)
    colours = np.asarray(scaled(pixels.rgb, CHROMA, CHROMA).convert("YCbCr"))
    return Fingerprint(
        content,
        pixels.digest,
        pixels.width,
        pixels.height,
        detail,
        (width, height),
        scaled(pixels.grey, width, height).tobytes(),
        colours[..., 1].tobytes() + colours[..., 2].tobytes(),
        scaled(pixels.alpha, width, height).tobytes() if pixels.alpha is not None else b"",
        pixels.ground,
        format=pixels.format,
        frames=pixels.frames,
        motion=pixels.motion,
        rows=pixels.rows,
    )


def thumb_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of an image's thumbnail: at most 320 pixels a side, and never larger than the image.

    >>> thumb_size(1024, 768), thumb_size(40, 20), thumb_size(9000, 3)
    ((320, 240), (40, 20), (320, 1))
    """
    shrink = min(1.0, THUMB / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _detail(pixels: Pixels) -> float:
    """How far an image is from one colour, and from a gradient: 1 is the least that a hash can tell from others."""
    import numpy as np

    from captionfix.pictures.decode import FLAT

    if pixels.coarse is None:
        return 0.0
    grey = pixels.coarse.reshape(32, 2, 32, 2).mean(axis=(1, 3), dtype=np.float32)
    levelled = grey - grey.mean(axis=0, keepdims=True) - grey.mean(axis=1, keepdims=True) + grey.mean()
    return min(pixels.spread / FLAT, float(levelled.std()) / _TEXTURE)


def plane(image: Fingerprint) -> Any:
    """Return the grey thumbnail as an array of rows."""
    import numpy as np

    return np.frombuffer(image.grey, dtype=np.uint8).reshape(image.size[1], image.size[0])


def posed(image: Fingerprint, pose: Pose) -> Fingerprint:
    """Return what would be kept of an image that is turned or mirrored, but for its digest of pixels.

    Args:
        image: one that has pixels.
        pose: how it is laid down.
    """
    import numpy as np

    def laid(planes: bytes, wide: int, high: int) -> bytes:
        each = np.frombuffer(planes, np.uint8).reshape(-1, high, wide)
        return b"".join(pose.plane(plane).tobytes() for plane in each)

    width, height = pose.size(image.width, image.height)
    return replace(
        image,
        pixels=b"",
        width=width,
        height=height,
        size=pose.size(*image.size),
        grey=laid(image.grey, *image.size),
        chroma=laid(image.chroma, CHROMA, CHROMA),
        alpha=laid(image.alpha, *image.size) if image.alpha else b"",
    )
