"""Image files opened and decoded by Pillow and its plugins, with limits.

Images are hostile. Only the formats of the web are opened, whatever a file is
called; how large an image says to be is looked at before it is decoded; time
is limited; nothing of Pillow's state is changed for the rest of the process;
whatever goes wrong becomes a `PictureError`.
"""

from __future__ import annotations

import io
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from PIL import Image, UnidentifiedImageError

from captionfix.errors import LEFT_OUT, PictureError
from captionfix.pictures.decode_limits import Limits
from captionfix.pictures.image_headers import BAD, icon_sizes, jpeg_scans, jpeg_xl_size
from captionfix.pictures.kinds import extra, what_else
from captionfix.signatures import ICON_START

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Result = TypeVar("Result")
JPEG = ("JPEG", "MPO")
"""What Pillow calls JPEGs, of which it can decode an eighth, a quarter or a half of the size."""
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "ICO")
_PLUGINS = ("Jpeg", "Png", "Gif", "WebP", "Avif", "Tiff", "Bmp", "Ico")


def guarded(data: bytes, limits: Limits, work: Callable[[], Result]) -> Result:
    """Do something with an image, whatever is wrong with it becoming a `PictureError`.

    Args:
        data: the file.
        limits: how much it may ask for.
        work: what is done.

    Raises:
        PictureError: it is empty or too long, or doing it went wrong.
    """
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


def checked(data: bytes, limits: Limits) -> PillowImage:
    """Open an image, and look at how large it says to be.

    Args:
        data: the file.
        limits: how much it may ask for.

    Raises:
        PictureError: it is no image of the web, or too large.
    """
    if data.startswith(ICON_START):
        _check_icons(data, limits)
    image = _opened(data, limits)
    _check_size(*image.size, limits.pixels)
    return image


def loaded(image: PillowImage, data: bytes, limits: Limits, wanted: tuple[int, str | None]) -> PillowImage:
    """Decode an image that is opened; of a JPEG the smallest of its sizes that is large enough.

    Args:
        image: the image.
        data: its file.
        limits: how much it may ask for.
        wanted: longer side in pixels, 0 for all of them; Pillow's mode, None for any.

    Raises:
        PictureError: it asks for too much.
    """
    if image.format in JPEG:
        image = _smaller_jpeg(image, data, limits, wanted)
    _check_size(*image.size, limits.decoded)
    image.load()
    return image


def _opened(data: bytes, limits: Limits) -> PillowImage:
    try:
        return Image.open(_Timed(data, limits), formats=_formats())
    except UnidentifiedImageError as error:
        if (image := _by_extra(data, limits)) is not None:
            return image
        raise PictureError("<picture>", what_else(data), BAD, passing=bool(extra(data))) from error


@cache
def _formats() -> tuple[str, ...]:
    """The formats of the web that this Pillow reads; their plugins are loaded, else Pillow loads all that it knows."""
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
        _check_size(*jpeg_xl_size(data), limits.decoded)  # opening it decodes it
    plugin: Any = None
    with suppress(ImportError):
        if kind == "heic":
            import pillow_heif

            plugin = pillow_heif.HeifImageFile
        if kind == "jxl":
            from pillow_jxl.JpegXLImagePlugin import JXLImageFile

            plugin = JXLImageFile
    return plugin(_Timed(data, limits)) if plugin is not None else None


def frames_of(image: PillowImage) -> int:
    """Return how many frames an animation has; the several sizes of an icon, and pages of a TIFF, are no frames.

    Args:
        image: one that is opened.
    """
    if image.format not in ("GIF", "WEBP", "PNG", "AVIF"):
        return 1
    with suppress(Exception):  # what follows the first frame may be broken
        return max(1, int(getattr(image, "n_frames", 1)))
    return 1


def _check_size(width: int, height: int, most: int) -> None:
    if width < 1 or height < 1:
        raise PictureError("<picture>", f"says to be {width} x {height} pixels large", BAD)
    if width * height > most:
        raise _too_much(f"says to be {width:,} x {height:,} pixels large, more than {most:,}")


def _check_icons(data: bytes, limits: Limits) -> None:
    """Look at the sizes of an icon file's pictures: opening it decodes one."""
    for width, height in icon_sizes(data):
        _check_size(width, height, limits.decoded)


def _smaller_jpeg(image: PillowImage, data: bytes, limits: Limits, wanted: tuple[int, str | None]) -> PillowImage:
    """Let a JPEG be decoded at the smallest of its sizes that is large enough.

    A progressive one keeps its coarse picture in front: at an eighth of its
    size nothing else is needed, and is not read.
    """
    side, mode = wanted
    if image.info.get("progressive"):
        scans, coarse = jpeg_scans(data)
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


def _too_much(cause: str, *, passing: bool = False) -> PictureError:
    hint = f"{LEFT_OUT}; make it smaller if it belongs to the page"
    return PictureError("<picture>", cause, hint, passing=passing)


def _broken(data: bytes, error: Exception) -> PictureError:
    if isinstance(error, MemoryError):
        return _too_much("needs more memory than there is", passing=True)
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return PictureError("<picture>", "is cut off", BAD, len(data))
    if isinstance(error, Image.DecompressionBombError):
        return _too_much("says to be larger than Pillow opens")
    told = " ".join(str(error).split())[:120] or type(error).__name__
    return PictureError("<picture>", f"is broken: {told}", BAD)
