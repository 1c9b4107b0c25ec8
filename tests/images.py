"""Images made for tests: photograph-like, and hostile."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def photo(seed=1, width=640, height=480):
    """A picture with soft shapes and some detail, another one for every seed."""
    random = np.random.default_rng(seed)
    image = Image.fromarray(random.integers(0, 255, (9, 12, 3), dtype=np.uint8)).resize((width, height), 3)
    fine = Image.fromarray(random.integers(0, 255, (60, 80, 3), dtype=np.uint8)).resize((width, height), 3)
    return Image.blend(image, fine, 0.3)


def saved(image, form="JPEG", **options):
    """The bytes of an image in a format."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, rows=b""):
    """A PNG that says to be of a size, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def icon(inner, side=16):
    """An icon file whose directory says one size, around a picture of perhaps another."""
    entry = struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(inner), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + inner
