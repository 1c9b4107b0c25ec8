"""Bytes of an image to normalised pixels: the only door to Pillow and its plugins.

Images are hostile. Only the formats of the web are opened, whatever a file is
called; how large an image says to be is looked at before it is decoded; time
is limited; nothing of Pillow's state is changed for the rest of the process;
whatever goes wrong becomes a `PictureError`.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from captionfix.errors import LEFT_OUT, PictureError
from captionfix.pictures.kinds import extra, what_else
from captionfix.pictures.motion import SIDE as FRAME
from captionfix.pictures.motion import Motion, motion
from captionfix.pictures.relations import Window
from captionfix.signatures import ICON_START, JPEG_XL_START

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage

Result = TypeVar("Result")
Shades: TypeAlias = "NDArray[np.uint8]"
"""Rows of grey pixels."""

FLAT = 6.0
"""Standard deviation of the 64 x 64 grey pixels below which an image is nearly one colour (image-hashing study:
4 % of web pictures are below it, and make half of all pairs with like hashes)."""
SIDE = 320
"""Longer side of what is handed on, in pixels: the study took 256; a quarter of web pictures have 300, and are seen
whole so."""
_COARSE = 64
_HASHED = 64
"""The same for a hash of 32 x 32: twice its side."""
_BAD = f"{LEFT_OUT}; see whether it opens in a browser, or save it again"
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "ICO")
_PLUGINS = ("Jpeg", "Png", "Gif", "WebP", "Avif", "Tiff", "Bmp", "Ico")
_JPEG = ("JPEG", "MPO")
_SMOOTH = 2
"""Pillow's triangle filter: its box filter takes whole pixels, and so is off by up to half of one."""
_GROUNDS = ("white", "black", "#808080")
_BLOCK = 16
_ICO_ENTRY = 16
_THUMBNAIL_QUALITY = 65
_EIGHT, _SIXTEEN = 255, 65535
_FILL, _SCAN, _END = 0xFF, 0xDA, 0xD9
_NO_LENGTH = frozenset((0x00, 0x01, _FILL, *range(0xD0, 0xD9)))
"""Second bytes of what is no segment in JPEG data: stuffing, fill bytes, restarts (ITU-T T.81, table B.1)."""
_JPEG_XL_BITS = (9, 13, 18, 30)
_JPEG_XL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_END_OF_IMAGE = b"\xff\xd9"
_EVEN = 2
"""Grey levels by which a row that was not decoded may vary."""
_ORIENTATION = 0x0112
"""The tag of EXIF that says how an image is to be turned."""
_FIRST_SCANS = 8
"""Scans before the first AC scan, at most: one for each component, twice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an image may ask for.

    Args:
        bytes: of the file; no compression at all needs 4 a pixel.
        pixels: that it says to have: what Pillow warns of, a quarter of a gigabyte at 3 bytes a pixel.
        decoded: pixels that are decoded at once; 128 MiB as Pillow keeps them.
        scans: of a progressive JPEG; 500 is what libjpeg-turbo's fuzzers stop at, and no encoder writes 100.
        seconds: for decoding.
    """

    bytes: int = 2**27
    pixels: int = 89_478_485
    decoded: int = 2**25
    scans: int = 100
    seconds: float = 20.0


LIMITS = Limits()


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


def version() -> str:
    """Return which Pillow decodes, as part of a cache's key; Pillow is not loaded for it."""
    from importlib import metadata

    return f"pillow {metadata.version('pillow')}"


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
    return _guarded(data, limits, lambda: _decoded(data, limits, 0 if whole else side, "L" if grey else None))


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
    return _guarded(data, limits, lambda: _salvaged(data, limits, (side, "L" if grey else None), rows))


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
    return _guarded(data, limits, lambda: _coarse(data, limits))


def _coarse(data: bytes, limits: Limits) -> PillowImage:
    image = _upright(_loaded(_checked(data, limits), data, limits, (_HASHED, "L")))
    if image.mode == "L" and "transparency" not in image.info:
        return image
    image, _ = _eight_bits(image)
    return _on(image.convert("RGBA"), _GROUNDS[0]).convert("L") if _has_alpha(image) else image.convert("L")


def _guarded(data: bytes, limits: Limits, work: Callable[[], Result]) -> Result:
    """Do something with an image, whatever is wrong with it becoming a `PictureError`."""
    if not data:
        raise PictureError("<picture>", "is empty", "save it again")
    if len(data) > limits.bytes:
        raise _too_much(f"has {len(data):,} bytes, more than {limits.bytes:,}")
    with _quiet():
        try:
            return work()
        except PictureError:
            raise
        except Exception as error:
            raise _broken(data, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings from the user, and leave everybody else's filters as they are."""
    # An entry of one's own, put in and taken out, holds between threads; warnings.catch_warnings does not.
    entry: Any = ("ignore", None, Warning, re.compile(r"PIL\.|pillow_"), 0)
    filters: Any = warnings.filters
    filters.insert(0, entry)
    try:
        yield
    finally:
        filters.remove(entry)


class _Timed(io.BytesIO):
    """Bytes that are not handed out any more once time is up: decoders ask for them block by block."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        super().__init__(data)
        self._seconds = limits.seconds
        self._end = time.monotonic() + limits.seconds

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._end:
            raise _too_much(f"takes more than {self._seconds:g} seconds to decode", passing=True)
        return super().read(size)


def _decoded(data: bytes, limits: Limits, side: int, mode: str | None) -> Pixels:
    """Open, check, decode, and bring to one form; 0 for the longer side asks for all pixels."""
    opened = _checked(data, limits)
    kind, frames = opened.format or "", _frames(opened)
    width, height = opened.size
    image = _loaded(opened, data, limits, (side, mode))
    reduced = image.size != (width, height) and kind in _JPEG
    if not reduced:
        width, height = image.size  # TIFF turns itself, icons find their real size
    upright = _upright(image)
    if upright.size == image.size[::-1] != image.size:
        width, height = height, width
    pixels = _normal(upright, width, height, reduced=reduced, side=side or SIDE)
    if frames > 1:  # the digest of a first frame is none of an animation
        moves = _motion(opened, frames, limits) if side <= SIDE else None
        pixels = replace(pixels, motion=moves, digest=moves.digest if moves is not None else b"")
    return replace(pixels, format="JPEG" if kind == "MPO" else kind, frames=frames)


def _salvaged(data: bytes, limits: Limits, wanted: tuple[int, str | None], rows: int) -> Pixels:
    """The rows that decode of a damaged image, as an image of their own; what is below them is one shade.

    A JPEG is given its end; a decoder that stops leaves what it has decoded.
    """
    is_jpeg = data.startswith(b"\xff\xd8\xff")
    image = _checked(data + _END_OF_IMAGE if is_jpeg else data, limits)
    kind, (width, height) = image.format or "", image.size
    try:
        image = _loaded(image, data + _END_OF_IMAGE, limits, wanted)
    except (OSError, SyntaxError, EOFError):
        loose: Any = image
        loose.tile = []  # what is there is taken for all
        image.load()
    rows = rows or _filled(image, height, _BLOCK if is_jpeg else 1)
    end = round(image.size[1] * rows / height)
    upright = _upright(image.crop((0, 0, image.size[0], end))) if rows < height else _upright(image)
    pixels = _normal(upright, width, rows, reduced=True, side=wanted[0])
    return replace(pixels, digest=b"", format="JPEG" if kind == "MPO" else kind, rows=rows)


def _filled(image: PillowImage, height: int, block: int) -> int:
    """How many of an image's rows come before those of one shade at the end; the last block of them may be filled up.

    Told in whole blocks of the full size, so that it is the same in whichever size an image was decoded.
    """
    import numpy as np

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


def _checked(data: bytes, limits: Limits) -> PillowImage:
    """Open an image, and look at how large it says to be."""
    if data.startswith(ICON_START):
        _check_icons(data, limits)
    image = _opened(data, limits)
    _check_size(*image.size, limits.pixels)
    return image


def _loaded(image: PillowImage, data: bytes, limits: Limits, wanted: tuple[int, str | None]) -> PillowImage:
    """Decode an image that is opened; of a JPEG the smallest of its sizes that is large enough."""
    if image.format in _JPEG:
        image = _smaller_jpeg(image, data, limits, wanted)
    _check_size(*image.size, limits.decoded)
    image.load()
    return image


def _opened(data: bytes, limits: Limits) -> PillowImage:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(_Timed(data, limits), formats=_formats())
    except UnidentifiedImageError as error:
        if (image := _by_extra(data, limits)) is not None:
            return image
        raise PictureError("<picture>", what_else(data), _BAD, passing=bool(extra(data))) from error


@cache
def _formats() -> tuple[str, ...]:
    """The formats of the web that this Pillow reads; their plugins are loaded, else Pillow loads all that it knows."""
    from PIL import Image

    for name in _PLUGINS:
        with suppress(ImportError):
            import_module(f"PIL.{name}ImagePlugin")
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _by_extra(data: bytes, limits: Limits) -> PillowImage | None:
    """Open an image with a plugin; None where no plugin reads its kind, or it is not installed.

    The plugins' classes are used as they are, and registered with Pillow no
    further than importing them does.
    """
    kind = extra(data)
    if kind == "jxl":
        _check_size(*_jpeg_xl_size(data), limits.decoded)  # opening it decodes it
    plugin: Any = None
    with suppress(ImportError):
        if kind == "heic":
            import pillow_heif

            plugin = pillow_heif.HeifImageFile
        if kind == "jxl":
            from pillow_jxl.JpegXLImagePlugin import JXLImageFile

            plugin = JXLImageFile
    return plugin(_Timed(data, limits)) if plugin is not None else None


def _jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Return the width and height that JPEG XL says to have (ISO/IEC 18181-1, size header; 18181-2, boxes)."""
    bits, at = int.from_bytes(_jpeg_xl_stream(data)[2:14], "little"), 0

    def read(count: int) -> int:
        nonlocal at
        at += count
        return bits >> at - count & (1 << count) - 1

    is_small = read(1)

    def side() -> int:
        return 8 * (1 + read(5)) if is_small else 1 + read(_JPEG_XL_BITS[read(2)])

    height = side()
    ratio = read(3)
    if not ratio:
        return side(), height
    wide, high = _JPEG_XL_RATIOS[ratio - 1]
    return height * wide // high, height


def _jpeg_xl_stream(data: bytes) -> bytes:
    """Where the picture in the boxes of JPEG XL begins."""
    at = 0
    while not data.startswith(JPEG_XL_START, at):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        head = 16 if length == 1 else 8
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        if kind in (b"jxlc", b"jxlp"):
            at += head + 4 * (kind == b"jxlp")
            break
        if length < head or at + length >= len(data):
            raise PictureError("<picture>", "is broken: JPEG XL without a picture", _BAD)
        at += length
    return data[at : at + 14]


def _frames(image: PillowImage) -> int:
    """How many frames an animation has; the several sizes of an icon, and pages of a TIFF, are no frames."""
    if image.format not in ("GIF", "WEBP", "PNG", "AVIF"):
        return 1
    with suppress(Exception):  # what follows the first frame may be broken
        return max(1, int(getattr(image, "n_frames", 1)))
    return 1


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


def _check_size(width: int, height: int, most: int) -> None:
    if width < 1 or height < 1:
        raise PictureError("<picture>", f"says to be {width} x {height} pixels large", _BAD)
    if width * height > most:
        raise _too_much(f"says to be {width:,} x {height:,} pixels large, more than {most:,}")


def _check_icons(data: bytes, limits: Limits) -> None:
    """Look at the sizes of an icon file's pictures: its directory may say others, and opening it decodes one."""
    for number in range(int.from_bytes(data[4:6], "little")):
        entry = data[6 + number * _ICO_ENTRY :][:_ICO_ENTRY]
        start = int.from_bytes(entry[12:16], "little")
        inner = data[start : start + 24]
        if inner.startswith(b"\x89PNG"):
            _check_size(int.from_bytes(inner[16:20]), int.from_bytes(inner[20:24]), limits.decoded)
        elif len(inner) > _BLOCK:
            width, height = (int.from_bytes(inner[at : at + 4], "little", signed=True) for at in (4, 8))
            _check_size(max(1, abs(width)), max(1, abs(height) // 2), limits.decoded)


def _smaller_jpeg(image: PillowImage, data: bytes, limits: Limits, wanted: tuple[int, str | None]) -> PillowImage:
    """Let a JPEG be decoded at the smallest of its sizes that is large enough.

    A progressive one keeps its coarse picture in front: at an eighth of its
    size nothing else is needed, and is not read.
    """
    from PIL import Image

    side, mode = wanted
    if image.info.get("progressive"):
        scans, coarse = _scans(data)
        if scans > limits.scans:
            raise _too_much(f"has {scans:,} scans, more than {limits.scans}")
        _check_size(*image.size, limits.decoded)
    else:
        coarse = 0
    if not side:
        return image
    size = image.size
    factor = max(size) / side
    image.draft(mode, (max(1, int(size[0] / factor)), max(1, int(size[1] / factor))))
    if coarse and image.size[0] * 8 >= size[0] and image.size[0] * 4 < size[0]:
        image = Image.open(_Timed(data[:coarse] + b"\xff\xd9", limits), formats=("JPEG",))
        image.draft(mode, (max(1, size[0] // 8), max(1, size[1] // 8)))
    return image


def _scans(data: bytes) -> tuple[int, int]:
    """Return how many scans a progressive JPEG has, and where its first one with detail begins, 0 if unclear.

    ITU-T T.81, B.1.1.2: a marker is FF and what is not 00; B.2.3: a scan
    header's first spectral selection is 0 for the coarse picture.
    """
    at, scans, coarse = 2, 0, 0
    while (at := data.find(b"\xff", at)) >= 0 and at + 4 < len(data):
        marker = data[at + 1]
        if marker in _NO_LENGTH:
            at += 1 if marker == _FILL else 2
            continue
        if marker == _END:
            break
        length = int.from_bytes(data[at + 2 : at + 4])
        if marker == _SCAN:
            scans += 1
            first = at + 5 + 2 * data[at + 4]
            if not coarse and first < len(data) and data[first] != 0:
                coarse = at if 1 < scans <= _FIRST_SCANS else 0
        at += 2 + max(length, 2)
    return scans, coarse


def _upright(image: PillowImage) -> PillowImage:
    """Turn an image as its EXIF orientation says, which browsers follow; a broken block says nothing."""
    from PIL import ImageOps

    with suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error):
        if image.getexif().get(_ORIENTATION, 1) != 1:  # else it would be copied
            return ImageOps.exif_transpose(image)
    return image


def _normal(image: PillowImage, width: int, height: int, *, reduced: bool, side: int) -> Pixels:
    image, deep = _eight_bits(image)
    has_alpha = _has_alpha(image)
    if image.mode == "L" and not has_alpha and side > SIDE:
        grey = _fitted(image, side)
        return Pixels(width, height, b"", grey, grey, None, None)
    if has_alpha or image.mode != "RGB":
        image = image.convert("RGBA" if has_alpha else "RGB")
    if has_alpha and image.getchannel("A").getextrema() == (_EIGHT, _EIGHT):
        image, has_alpha = image.convert("RGB"), False
    digest = b"" if reduced or side > SIDE else _digest(image, deep)
    if not has_alpha:  # one plane is scaled in half the time of three
        grey = _fitted(image.convert("L"), side)
        return Pixels(width, height, digest, _reduced(image, side), grey, None, _coarsened(grey))
    small = _fitted(image, side)
    seen = []
    for ground, colour in enumerate(_GROUNDS):
        rgb = _on(small, colour)
        grey, alpha = rgb.convert("L"), small.getchannel("A")
        seen.append(Pixels(width, height, digest, rgb, grey, alpha, _coarsened(grey), ground))
        if seen[-1].spread >= FLAT:
            break
    return max(seen, key=lambda pixels: pixels.spread)


def _coarsened(grey: PillowImage) -> Shades:
    import numpy as np

    return np.asarray(scaled(grey, _COARSE, _COARSE))


def _has_alpha(image: PillowImage) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def _eight_bits(image: PillowImage) -> tuple[PillowImage, bytes]:
    """Bring 16 and 32 bits a pixel to eight, by the range that they use where no range is given."""
    import numpy as np
    from PIL import Image

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
    from PIL import Image

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


def _fitted(image: PillowImage, side: int) -> PillowImage:
    """Return an image at most so many pixels long and high, its pixels averaged."""
    if max(image.size) <= side:
        return image
    image = _reduced(image, side)
    return scaled(image, *(max(1, round(each * side / max(image.size))) for each in image.size))


def scaled(image: PillowImage, width: int, height: int) -> PillowImage:
    """Return an image at another size, its pixels averaged where it gets smaller.

    Args:
        image: a Pillow image.
        width: in pixels.
        height: in pixels.
    """
    return image if image.size == (width, height) else image.resize((width, height), 4)  # 4 is Pillow's box filter


def _reduced(image: PillowImage, side: int) -> PillowImage:
    """Return an image at a half, a third and so on, as far as its longer side has so many pixels still."""
    share = max(image.size) // side
    return image.reduce(share) if share > 1 else image


def image_of(plane: Shades) -> PillowImage:
    """Return a plane of grey pixels as a Pillow image.

    Args:
        plane: rows of pixels.
    """
    from PIL import Image

    return Image.fromarray(plane)


def scaled_plane(plane: Shades, width: int, height: int) -> Shades:
    """Return a plane of grey pixels at another size, its pixels averaged where it gets smaller.

    Args:
        plane: rows of pixels.
        width: in pixels.
        height: in pixels.
    """
    import numpy as np

    return np.asarray(scaled(image_of(plane), width, height))


class Canvas:
    """A plane of grey pixels from which windows are cut at any size.

    Args:
        plane: rows of pixels.

    Attributes:
        width: in pixels.
        height: in pixels.
    """

    def __init__(self, plane: Shades) -> None:
        from PIL import Image

        self.height, self.width = plane.shape
        self._levels = [Image.fromarray(plane)]
        self._last: tuple[tuple[Window, int, int], NDArray[np.float32]] | None = None

    def cut(self, window: Window, width: int, height: int) -> NDArray[np.float32]:
        """Return a window at another size; fractions of pixels count.

        Args:
            window: the part to cut out.
            width: in pixels.
            height: in pixels.
        """
        wanted = window, width, height
        if self._last is None or self._last[0] != wanted:  # while one image is moved, the other often stays
            self._last = wanted, self._cut(*wanted)
        return self._last[1]

    def _cut(self, window: Window, width: int, height: int) -> NDArray[np.float32]:
        import numpy as np

        level = self._level(width / (window.right - window.left), height / (window.bottom - window.top))
        # Halving rounds an odd side up; its last pixel is half a one.
        wide, high = self.width / 2**level, self.height / 2**level
        box = (window.left * wide, window.top * high, window.right * wide, window.bottom * high)
        part = self._levels[level].resize((width, height), _SMOOTH, box)
        return np.frombuffer(part.tobytes(), np.uint8).reshape(height, width).astype(np.float32)

    def _level(self, width: float, height: float) -> int:
        """How often the image can be halved and still has enough pixels."""
        level = 0
        while self.width >= 2 ** (level + 1) * width and self.height >= 2 ** (level + 1) * height:
            level += 1
            if level == len(self._levels):
                self._levels.append(self._levels[-1].reduce(2))
        return level


def _on(image: PillowImage, ground: str) -> PillowImage:
    from PIL import Image

    below = Image.new("RGBA", image.size, ground)
    return Image.alpha_composite(below, image).convert("RGB")


def _too_much(cause: str, *, passing: bool = False) -> PictureError:
    hint = f"{LEFT_OUT}; make it smaller if it belongs to the page"
    return PictureError("<picture>", cause, hint, passing=passing)


def _broken(data: bytes, error: Exception) -> PictureError:
    if isinstance(error, MemoryError):
        return _too_much("needs more memory than there is", passing=True)
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return PictureError("<picture>", "is cut off", _BAD, len(data))
    from PIL.Image import DecompressionBombError

    if isinstance(error, DecompressionBombError):
        return _too_much("says to be larger than Pillow opens")
    told = " ".join(str(error).split())[:120] or type(error).__name__
    return PictureError("<picture>", f"is broken: {told}", _BAD)
