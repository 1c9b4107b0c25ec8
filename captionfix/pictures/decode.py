"""Bytes of an image to normalised pixels: upright, on a ground where it is transparent, at the size compared."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from captionfix.pictures.decode_limits import LIMITS, SIDE, Limits
from captionfix.pictures.motion import SIDE as FRAME
from captionfix.pictures.motion import Motion, motion
from captionfix.pictures.open_image import JPEG, checked, frames_of, guarded, loaded
from captionfix.pictures.scaling import fitted, reduced, scaled

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from captionfix.pictures.scaling import Shades

FLAT = 6.0
"""Standard deviation of the 64 x 64 grey pixels below which an image is nearly one colour (image-hashing study:
4 % of web pictures are below it, and make half of all pairs with like hashes)."""
_COARSE = 64
_HASHED = 64
"""Longer side in pixels for a hash of 32 x 32: twice its side."""
_GROUNDS = ("white", "black", "#808080")
_BLOCK = 16
_THUMBNAIL_QUALITY = 65
_EIGHT, _SIXTEEN = 255, 65535
_END_OF_IMAGE = b"\xff\xd9"
_EVEN = 2
"""Grey levels by which a row that was not decoded may vary."""
_ORIENTATION = 0x0112
"""The tag of EXIF that says how an image is to be turned."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """An image as it is seen: upright, first frame, on a ground where it is transparent.

    Attributes:
        width: in pixels, as shown.
        height: the same.
        digest: SHA-256 of all pixels, empty where only a smaller size was decoded, or more than usual is handed on.
        rgb: Pillow image of less than twice as many pixels a side as asked for, mode ``RGB``.
        grey: the same in mode ``L``, of at most so many.
        alpha: the same as ``grey``, how opaque it is; None where it is so everywhere.
        coarse: the grey pixels at 64 x 64; None where only grey pixels were wanted.
        ground: what it was put on where it is transparent: 0 white, 1 black, 2 grey, the first on which it shows.
        format: of the file, such as ``JPEG``.
        frames: 1, or more for animations, of which the first is seen.
        motion: what the others show; None where there are none, they are broken, or they are too many.
        rows: of a damaged image, those that decode, which are all that there is of it here; else 0.
    """

    width: int
    height: int
    digest: bytes
    rgb: PillowImage
    grey: PillowImage
    alpha: PillowImage | None
    coarse: Shades | None
    ground: int = 0
    format: str = ""
    frames: int = 1
    motion: Motion | None = None
    rows: int = 0

    @property
    def spread(self) -> float:
        """Standard deviation of the 64 x 64 grey pixels, of 255; 0 where only grey pixels were wanted."""
        return float(self.coarse.std()) if self.coarse is not None else 0.0


def decode(
    data: bytes, limits: Limits = LIMITS, *, whole: bool = False, side: int = SIDE, grey: bool = False
) -> Pixels:
    """Return the pixels of an image.

    Args:
        data: the file.
        limits: how much it may ask for.
        whole: decode all pixels, and tell their digest, where a smaller size is quicker.
        side: longer side of what is handed on, in pixels.
        grey: whether only the grey pixels are wanted, which of a JPEG are quicker to be had; ``rgb`` may be grey then.

    Raises:
        PictureError: it is no image that browsers show, it is broken, or it asks for too much.

    >>> decode(b"%!PS-Adobe-3.0")
    Traceback (most recent call last):
    captionfix.errors.PictureError: <picture>: is a PostScript file, no picture; it was left out of comparing...
    """
    return guarded(data, limits, lambda: _decoded(data, limits, 0 if whole else side, "L" if grey else None))


def salvaged(data: bytes, limits: Limits = LIMITS, *, side: int = SIDE, grey: bool = False, rows: int = 0) -> Pixels:
    """Return the rows that decode of an image that is cut off or broken, as an image of their own.

    Args:
        data: the file.
        limits: how much it may ask for.
        side: longer side of what is handed on, in pixels.
        grey: whether only the grey pixels are wanted.
        rows: how many decode, where that is known; 0 where it is to be found out.

    Raises:
        PictureError: not even its beginning can be decoded, or it asks for too much.
    """
    return guarded(data, limits, lambda: _salvaged(data, limits, (side, "L" if grey else None), rows))


def coarse(data: bytes, limits: Limits = LIMITS) -> PillowImage:
    """Return an image's grey pixels, upright and on white, decoded no further than a hash of 32 x 32 needs.

    Args:
        data: the file.
        limits: how much it may ask for.

    Returns:
        A Pillow image of mode ``L`` and of any size; of a JPEG of at least 64 pixels a side that has them.

    Raises:
        PictureError: it is no image that browsers show, it is broken, or it asks for too much.
    """
    return guarded(data, limits, lambda: _coarse(data, limits))


def _coarse(data: bytes, limits: Limits) -> PillowImage:
    image = _upright(loaded(checked(data, limits), data, limits, (_HASHED, "L")))
    if image.mode == "L" and "transparency" not in image.info:
        return image
    image, _ = _eight_bits(image)
    return _on(image.convert("RGBA"), _GROUNDS[0]).convert("L") if _has_alpha(image) else image.convert("L")


def _decoded(data: bytes, limits: Limits, side: int, mode: str | None) -> Pixels:
    """Open, check, decode, and bring to one form; 0 for the longer side asks for all pixels."""
    opened = checked(data, limits)
    kind, frames = opened.format or "", frames_of(opened)
    width, height = opened.size
    image = loaded(opened, data, limits, (side, mode))
    is_smaller = image.size != (width, height) and kind in JPEG
    if not is_smaller:
        width, height = image.size  # TIFF turns itself, icons find their real size
    upright = _upright(image)
    if upright.size == image.size[::-1] != image.size:
        width, height = height, width
    pixels = _normal(upright, width, height, is_smaller=is_smaller, side=side or SIDE)
    if frames > 1:  # the digest of a first frame is none of an animation
        moves = _motion(opened, frames, limits) if side <= SIDE else None
        pixels = replace(pixels, motion=moves, digest=moves.digest if moves is not None else b"")
    return replace(pixels, format="JPEG" if kind == "MPO" else kind, frames=frames)


def _salvaged(data: bytes, limits: Limits, wanted: tuple[int, str | None], rows: int) -> Pixels:
    """The rows that decode of a damaged image, as an image of their own; what is below them is one shade.

    A JPEG is given its end; a decoder that stops leaves what it has decoded.
    """
    is_jpeg = data.startswith(b"\xff\xd8\xff")
    image = checked(data + _END_OF_IMAGE if is_jpeg else data, limits)
    kind, (width, height) = image.format or "", image.size
    try:
        image = loaded(image, data + _END_OF_IMAGE, limits, wanted)
    except (OSError, SyntaxError, EOFError):
        loose: Any = image
        loose.tile = []  # what is there is taken for all
        image.load()
    rows = rows or _filled(image, height, _BLOCK if is_jpeg else 1)
    end = round(image.size[1] * rows / height)
    upright = _upright(image.crop((0, 0, image.size[0], end))) if rows < height else _upright(image)
    pixels = _normal(upright, width, rows, is_smaller=True, side=wanted[0])
    return replace(pixels, digest=b"", format="JPEG" if kind == "MPO" else kind, rows=rows)


def _filled(image: PillowImage, height: int, block: int) -> int:
    """How many of an image's rows come before those of one shade at the end; the last block of them may be filled up.

    Told in whole blocks of the full size, so that it is the same in whichever size an image was decoded.
    """
    grey = np.asarray(image.convert("RGB").convert("L"))
    busy = np.flatnonzero(np.ptp(grey, axis=1) > _EVEN)
    last = int(busy[-1]) + 1 if len(busy) else 0
    return height if last == image.size[1] else max(1, last * height // image.size[1] // block - 1) * block


def _motion(image: PillowImage, frames: int, limits: Limits) -> Motion | None:
    """What moves; None where the frames are broken, or all together have more pixels than may be decoded."""
    if frames * image.size[0] * image.size[1] > limits.decoded:
        return None
    with suppress(Exception):  # the first frame is seen, whatever becomes of the others
        return motion(_each_frame(image, frames))
    return None


def _each_frame(image: PillowImage, frames: int) -> Iterator[tuple[bytes, bytes, int]]:
    for number in range(frames):
        image.seek(number)
        layers = image.convert("RGBA")
        plane = _on(scaled(layers, FRAME, FRAME), _GROUNDS[0]).convert("L")
        yield _digest(layers, b""), plane.tobytes(), int(image.info.get("duration") or 0)


def thumbnail(data: bytes, side: int, limits: Limits = LIMITS) -> tuple[bytes, int, int]:
    """Return a small JPEG of an image, its width and its height.

    Args:
        data: the file.
        side: how long and high it is at most, in pixels; 256 is the most there is.
        limits: how much it may ask for.

    Raises:
        PictureError: it is no image that browsers show, it is broken, or it asks for too much.
    """
    pixels = decode(data, limits)
    shrink = min(1.0, side / max(pixels.rgb.size))
    width, height = (max(1, round(length * shrink)) for length in pixels.rgb.size)
    file = io.BytesIO()
    scaled(pixels.rgb, width, height).save(file, "JPEG", quality=_THUMBNAIL_QUALITY, optimize=True)
    return file.getvalue(), width, height


def _upright(image: PillowImage) -> PillowImage:
    """Turn an image as its EXIF orientation says, which browsers follow; a broken block says nothing."""
    with suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error):
        if image.getexif().get(_ORIENTATION, 1) != 1:  # else it would be copied
            return ImageOps.exif_transpose(image)
    return image


def _normal(image: PillowImage, width: int, height: int, *, is_smaller: bool, side: int) -> Pixels:
    image, deep = _eight_bits(image)
    has_alpha = _has_alpha(image)
    if image.mode == "L" and not has_alpha and side > SIDE:
        grey = fitted(image, side)
        return Pixels(width, height, b"", grey, grey, None, None)
    if has_alpha or image.mode != "RGB":
        image = image.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and image.getchannel("A").getextrema() == (_EIGHT, _EIGHT):
        image, has_alpha = image.convert("RGB"), False
    digest = b"" if is_smaller or side > SIDE else _digest(image, deep)
    if not has_alpha:  # one plane is scaled in half the time of three
        grey = fitted(image.convert("L"), side)
        return Pixels(width, height, digest, reduced(image, side), grey, None, _coarsened(grey))
    small = fitted(image, side)
    seen = []
    for ground, colour in enumerate(_GROUNDS):
        rgb = _on(small, colour)
        grey, alpha = rgb.convert("L"), small.getchannel("A")
        seen.append(Pixels(width, height, digest, rgb, grey, alpha, _coarsened(grey), ground))
        if seen[-1].spread >= FLAT:
            break
    return max(seen, key=lambda pixels: pixels.spread)


def _coarsened(grey: PillowImage) -> Shades:
    return np.asarray(scaled(grey, _COARSE, _COARSE))


def _has_alpha(image: PillowImage) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _eight_bits(image: PillowImage) -> tuple[PillowImage, bytes]:
    """Bring 16 and 32 bits a pixel to eight, by the range that they use where no range is given."""
    import numpy as np

    if not image.mode.startswith(("I", "F")):
        return image, b""
    values = np.asarray(image)
    deep = hashlib.sha256(values.tobytes()).digest()
    finite = values if image.mode.startswith("I") else values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if image.mode.startswith("I;16") or (low >= 0 and _EIGHT < high <= _SIXTEEN):
        values = np.nan_to_num(values, nan=0, posinf=_SIXTEEN, neginf=0)
        return Image.fromarray((values.astype(np.uint32) >> 8).astype(np.uint8)), deep
    values = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    if low < 0 or high > _EIGHT:
        values = np.clip((values - low) * (_EIGHT / max(high - low, 1e-9)), 0, _EIGHT)
    return Image.fromarray(values.astype(np.uint8)), deep


def _digest(image: PillowImage, deep: bytes) -> bytes:
    """SHA-256 of all pixels; what is fully transparent counts as one whatever colour it hides."""
    told = hashlib.sha256(f"{image.mode} {image.size[0]} {image.size[1]} ".encode() + deep)
    clear = Image.new("RGBA", (1, 1))
    rows = max(1, 2**20 // image.size[0])
    for top in range(0, image.size[1], rows):
        bottom = min(top + rows, image.size[1])
        band = image.crop((0, top, image.size[0], bottom)) if bottom - top < image.size[1] else image
        if band.mode == "RGBA":
            seen = band.getchannel("A").point(lambda value: 255 if value else 0)
            band = Image.composite(band, clear.resize(band.size), seen)
        told.update(band.tobytes())
    return told.digest()


def _on(image: PillowImage, ground: str) -> PillowImage:
    below = Image.new("RGBA", image.size, ground)
    return Image.alpha_composite(below, image).convert("RGB")
