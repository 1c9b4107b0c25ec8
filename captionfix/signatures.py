"""What files of known formats begin with: one table, for whoever needs to tell what a file is.

Only formats whose first bytes are fixed stand here. Formats made of text are told by
`captionfix.archives.kinds`, which also knows what to do about each.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import import_module


class Family(Enum):
    """What a format is for."""

    IMAGE = "image"
    MEDIA = "media"
    DOCUMENT = "document"
    FONT = "font"
    ARCHIVE = "archive"
    DATA = "data"
    FEED = "feed"
    PROGRAM = "program"
    OTHER = "other"
    TEXT = "text"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes:
        key: what programs call it, in one word.
        name: what people call it, with its article.
        family: what it is for.
    """

    key: str
    name: str
    family: Family

    @property
    def noun(self) -> str:
        """The name without its article."""
        return self.name.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes at a fixed place that a format's files have.

    Attributes:
        start: the bytes.
        format: the format.
        at: where they stand.
        holds: what else must hold of the first bytes, where the signature is short.
    """

    start: bytes
    format: Format
    at: int = 0
    holds: Callable[[bytes], bool] = bool

    def fits(self, head: bytes) -> bool:
        """Return whether a file that begins so has the format."""
        return head.startswith(self.start, self.at) and self.holds(head)


ICON_START, JPEG_XL_START, GZIP_START = b"\0\0\1\0", b"\xff\x0a", b"\x1f\x8b\x08"
"""What opens an icon file, a bare JPEG XL codestream (ISO/IEC 18181-1) and a gzip member (RFC 1952)."""
_BITMAP_HEADS = frozenset((12, 16, 40, 52, 56, 64, 108, 124))
"""Sizes of what follows the first 14 bytes of a BMP file: without one, BM is the beginning of a word."""
_MOST_ICONS = 1024
_MOST_TABLES = 256
_BLOCK = 512
_AVIF = frozenset((b"avif", b"avis"))
_HEIC = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"))


def _is_bitmap(head: bytes) -> bool:
    return int.from_bytes(head[14:18], "little") in _BITMAP_HEADS


def _is_icon(head: bytes) -> bool:
    return 0 < int.from_bytes(head[4:6], "little") < _MOST_ICONS


def _is_tar(head: bytes) -> bool:
    """Whether a tar header's checksum is right (POSIX.1-1988, ustar interchange format)."""
    block = head[:_BLOCK]
    digits = block[148:156].strip(b" \0")
    if len(block) < _BLOCK or not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(block[:148]) + sum(block[156:]) + 8 * 0x20


def _is_binary_font(head: bytes) -> bool:
    return 0 < int.from_bytes(head[4:6], "big") < _MOST_TABLES and b"<" not in head[:12]


def _is_pickle(head: bytes) -> bool:
    return head[2:3] != b"" and head[2] in b"\x95]}(cX\x8c"


def _is_frame(head: bytes) -> bool:
    return b"<" not in head[:16]


def _is_executable(head: bytes) -> bool:
    return b"\0" in head[:64]


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[8:12] == kind


def _brand(brands: frozenset[bytes]) -> Callable[[bytes], bool]:
    return lambda head: head[8:12] in brands


def _image(key: str, name: str) -> Format:
    return Format(key, name, Family.IMAGE)


JPEG, PNG, GIF = _image("jpeg", "a JPEG image"), _image("png", "a PNG image"), _image("gif", "a GIF image")
WEBP, TIFF, BMP = _image("webp", "a WebP image"), _image("tiff", "a TIFF image"), _image("bmp", "a BMP image")
ICON, AVIF, HEIC = _image("icon", "an icon file"), _image("avif", "an AVIF image"), _image("heic", "an HEIC image")
JPEG_XL, SVG = _image("jxl", "a JPEG XL image"), _image("svg", "an SVG image")
PSD = Format("psd", "a Photoshop file", Family.DOCUMENT)
POSTSCRIPT, PDF = (
    Format("ps", "a PostScript file", Family.DOCUMENT),
    Format("pdf", "a PDF document", Family.DOCUMENT),
)
ZIP, GZIP = Format("zip", "a ZIP archive", Family.ARCHIVE), Format("gz", "a gzip file", Family.ARCHIVE)
BZIP2, XZ = Format("bz2", "a bzip2 file", Family.ARCHIVE), Format("xz", "an xz file", Family.ARCHIVE)
ZSTD, TAR = Format("zst", "a Zstandard file", Family.ARCHIVE), Format("tar", "a tar archive", Family.ARCHIVE)
EPUB = Format("epub", "an EPUB book", Family.ARCHIVE)
WACZ = Format("wacz", "a WACZ archive", Family.ARCHIVE)
OOXML = Format("ooxml", "an Office Open XML document", Family.DOCUMENT)
ODF = Format("odf", "an OpenDocument file", Family.DOCUMENT)
JAR = Format("jar", "a Java archive", Family.PROGRAM)
PARQUET, SQLITE = Format("parquet", "a Parquet file", Family.DATA), Format("sqlite", "an SQLite database", Family.DATA)
_VIDEO = Format("video", "a video or audio file", Family.MEDIA)
_AUDIO = Format("audio", "an audio file", Family.MEDIA)
_FONT = Format("font", "a font", Family.FONT)
_EXECUTABLE = Format("executable", "a program", Family.PROGRAM)
_OLE = Format("ole", "an old Office document", Family.DOCUMENT)
_RAR, _7Z = Format("rar", "a RAR archive", Family.ARCHIVE), Format("7z", "a 7z archive", Family.ARCHIVE)
_ARROW, _HDF = Format("arrow", "an Arrow file", Family.DATA), Format("hdf5", "an HDF5 file", Family.DATA)
_AVRO, _ORC = Format("avro", "an Avro file", Family.DATA), Format("orc", "an ORC file", Family.DATA)
_NPY, _PICKLE = Format("npy", "a NumPy array", Family.DATA), Format("pickle", "a Python pickle", Family.DATA)
_PLIST = Format("plist", "a binary property list", Family.ARCHIVE)
_CHM, _DJVU = Format("chm", "a CHM help file", Family.ARCHIVE), Format("djvu", "a DjVu document", Family.DOCUMENT)
_MOBI, _RTF = Format("mobi", "a Kindle book", Family.DOCUMENT), Format("rtf", "an RTF document", Family.DOCUMENT)
_GIT, _CACHE = Format("git", "a Git pack", Family.ARCHIVE), Format("cache", "a browser cache file", Family.ARCHIVE)

SIGNATURES = (
    Signature(b"\xff\xd8\xff", JPEG),
    Signature(b"\x89PNG\r\n\x1a\n", PNG),
    Signature(b"GIF87a", GIF),
    Signature(b"GIF89a", GIF),
    Signature(b"RIFF", WEBP, holds=_riff(b"WEBP")),
    Signature(b"II*\0", TIFF),
    Signature(b"MM\0*", TIFF),
    Signature(b"BM", BMP, holds=_is_bitmap),
    Signature(ICON_START, ICON, holds=_is_icon),
    Signature(b"ftyp", AVIF, at=4, holds=_brand(_AVIF)),
    Signature(b"ftyp", HEIC, at=4, holds=_brand(_HEIC)),
    Signature(JPEG_XL_START, JPEG_XL),
    Signature(b"\0\0\0\x0cJXL ", JPEG_XL),
    Signature(b"8BPS", PSD),
    Signature(b"%!PS", POSTSCRIPT),
    Signature(b"\xc5\xd0\xd3\xc6", POSTSCRIPT),
    Signature(b"%PDF-", PDF),
    Signature(b"PK\3\4", ZIP),
    Signature(b"PK\5\6", ZIP),
    Signature(b"PK\7\x08", ZIP),
    Signature(GZIP_START, GZIP),
    Signature(b"BZh", BZIP2, holds=lambda head: head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")),
    Signature(b"\xfd7zXZ\0", XZ),
    Signature(b"\x28\xb5\x2f\xfd", ZSTD),
    *(Signature(bytes((number, 0x2A, 0x4D, 0x18)), ZSTD) for number in range(0x50, 0x60)),
    Signature(b"", TAR, holds=_is_tar),
    Signature(b"Rar!\x1a\x07", _RAR),
    Signature(b"7z\xbc\xaf\x27\x1c", _7Z),
    Signature(b"PAR1", PARQUET),
    Signature(b"PARE", PARQUET),
    Signature(b"SQLite format 3\0", SQLITE),
    Signature(b"ARROW1", _ARROW),
    Signature(b"FEA1", _ARROW),
    Signature(b"\x89HDF\r\n\x1a\n", _HDF),
    Signature(b"Obj\1", _AVRO),
    Signature(b"ORC", _ORC, holds=lambda head: not head[3:8].isascii() or b"\0" in head[3:64]),
    Signature(b"\x93NUMPY", _NPY),
    *(Signature(bytes((0x80, version)), _PICKLE, holds=_is_pickle) for version in range(2, 6)),
    Signature(b"bplist0", _PLIST),
    Signature(b"ITSF", _CHM, holds=_is_executable),
    Signature(b"AT&TFORM", _DJVU),
    Signature(b"BOOKMOBI", _MOBI, at=60),
    Signature(b"{\\rtf", _RTF),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    Signature(b"PACK\0\0\0", _GIT),
    Signature(b"\x30\x5c\x72\xa7\x1b\x6d\xfb\xfc", _CACHE),
    Signature(b"RIFF", _VIDEO, holds=lambda head: head[8:12] in (b"AVI ", b"WAVE")),
    Signature(b"ftyp", _VIDEO, at=4),
    Signature(b"\x1aE\xdf\xa3", _VIDEO),
    Signature(b"OggS\0", _VIDEO),
    Signature(b"FLV\1", _VIDEO),
    Signature(b"\0\0\1\xba", _VIDEO),
    Signature(b"\0\0\1\xb3", _VIDEO),
    Signature(b"ID3", _AUDIO, holds=lambda head: head[3:4] in (b"\2", b"\3", b"\4")),
    Signature(b"fLaC\0", _AUDIO),
    Signature(b"MThd\0\0\0\6", _AUDIO),
    *(Signature(bytes((0xFF, second)), _AUDIO, holds=_is_frame) for second in (0xF1, 0xF2, 0xF3, 0xF9, 0xFB)),
    Signature(b"wOFF", _FONT, holds=_is_executable),
    Signature(b"wOF2", _FONT, holds=_is_executable),
    Signature(b"OTTO\0", _FONT),
    Signature(b"ttcf\0", _FONT),
    Signature(b"true\0", _FONT),
    Signature(b"\0\1\0\0", _FONT, holds=_is_binary_font),
    Signature(b"LP", _FONT, at=34, holds=lambda head: head[8:12] in (b"\0\0\1\0", b"\1\0\2\0", b"\2\0\2\0")),
    Signature(b"\x7fELF", _EXECUTABLE),
    Signature(b"MZ", _EXECUTABLE, holds=_is_executable),
    Signature(b"\0asm", _EXECUTABLE),
    Signature(b"FWS", _EXECUTABLE, holds=_is_executable),
    Signature(b"CWS", _EXECUTABLE, holds=lambda head: not head[3:16].isascii()),
    Signature(b"\xca\xfe\xba\xbe", _EXECUTABLE),
    Signature(b"\xcf\xfa\xed\xfe", _EXECUTABLE),
)  # fmt: skip
"""In this order: of two that fit, the first. Sources: the WHATWG's MIME Sniffing Standard, the formats' own
specifications, and the magic database of file(1)."""

_IN_ZIP: tuple[tuple[bytes, Format], ...] = (
    (b"mimetypeapplication/epub+zip", EPUB),
    (b"mimetypeapplication/vnd.oasis.opendocument", ODF),
    (b"[Content_Types].xml", OOXML),
    (b"_rels/.rels", OOXML),
    (b"META-INF/MANIFEST.MF", JAR),
    (b"AndroidManifest.xml", JAR),
    (b"datapackage.json", WACZ),
    (b"pages/pages.jsonl", WACZ),
    (b"indexes/index.", WACZ),
    (b"archive/data.warc", WACZ),
)
"""Names of files at the beginning of ZIP archives of some kinds, from the kinds' own specifications."""


def format_of(head: bytes, families: tuple[Family, ...] = tuple(Family)) -> Format | None:
    """Return the format that a file's first bytes have in this table; None where they have none of it.

    Args:
        head: the first bytes, some 1,000 of them.
        families: what to look among.

    >>> format_of(b"%PDF-1.4").name, format_of(b"BM, a town"), format_of(b"<html>")
    ('a PDF document', None, None)
    """
    for each in SIGNATURES:
        if each.format.family in families and each.fits(head):
            return _zipped(head) if each.format is ZIP else each.format
    return None


def _zipped(head: bytes) -> Format:
    return next((found for name, found in _IN_ZIP if name in head), ZIP)


_MOST_MEMORY = 2**27
"""Bytes that unpacking the beginning of a file may take; xz files name what they need."""


def unpacked(head: bytes, most: int) -> bytes:
    """Return the first bytes of what a compressed file holds; none where it is not understood or broken.

    Args:
        head: its first bytes.
        most: how many bytes are wanted.

    >>> import gzip
    >>> unpacked(gzip.compress(b"WARC/1.0"), 4), unpacked(b"WARC/1.0", 4)
    (b'WARC', b'')
    """
    packing = format_of(head, (Family.ARCHIVE,))
    try:
        if packing is GZIP:
            return zlib.decompressobj(31).decompress(head, most)
        if packing is BZIP2:
            return bytes(import_module("bz2").BZ2Decompressor().decompress(head, most))
        if packing is XZ:
            return bytes(import_module("lzma").LZMADecompressor(memlimit=_MOST_MEMORY).decompress(head, most))
    except (zlib.error, OSError, EOFError, ImportError):
        return b""
    except Exception as error:  # LZMAError, whose module some builds of Python do not have
        if type(error).__name__ != "LZMAError":
            raise
    return b""
