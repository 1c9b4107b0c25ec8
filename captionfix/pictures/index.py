"""Images to be found again by what they show: added, asked about, kept in a file."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from captionfix.errors import IndexFileError
from captionfix.model import Safety
from captionfix.pictures import decode
from captionfix.pictures.candidates import guess, near
from captionfix.pictures.comparable import ComparableImage, sharper_of
from captionfix.pictures.crop_hashes import CropHashes, Table, crop_hashes
from captionfix.pictures.fingerprint import Fingerprint, fingerprint, version
from captionfix.pictures.relations import Likeness
from captionfix.pictures.verify import verify

_MARK = b"captionfix index 1\n"
_LENGTHS = struct.Struct("<II")
_DAMAGED = "is cut off or damaged; take a copy of it, or add the images to a new index"
_ANY = 64
_WIDE = 16
"""Bits in which the hashes of two views may differ where only two images are compared: about what a faded, blurred or
heavily compressed copy differs in; chance makes more of such pairs, and the pixels refuse them."""


def same_picture(one: bytes | Fingerprint, other: bytes | Fingerprint) -> Likeness:
    """Return whether two images show the same picture, how they are related, and why.

    Where both are given as bytes they are looked at in more detail than a
    fingerprint holds; of fingerprints of larger images nothing is said to be
    safe that needs that.

    Args:
        one: the bytes of an image file, or its fingerprint.
        other: those of another.

    Raises:
        PictureError: bytes are no image that browsers show, are broken, or ask for too much.

    >>> from io import BytesIO
    >>> from PIL import Image
    >>> photo, small = BytesIO(), BytesIO()
    >>> picture = Image.radial_gradient("L").rotate(30, fillcolor=90).crop((0, 40, 256, 230))
    >>> picture.save(photo, "PNG"), picture.resize((128, 95)).save(small, "JPEG", quality=90)
    (None, None)
    >>> found = same_picture(photo.getvalue(), small.getvalue())
    >>> bool(found), found.relation.value, found.safety.value
    (True, 'resized', 'safe')
    """
    first, second = _comparable(one), _comparable(other)
    if first.fingerprint.content > second.fingerprint.content:  # so that both ways come to the same
        return _compared(second, first).turned
    return _compared(first, second)


def _compared(first: ComparableImage, second: ComparableImage) -> Likeness:
    here, there = _crop_hashes(first.fingerprint), _crop_hashes(second.fingerprint)
    if here is None or there is None:
        return verify(first, second, ())
    return verify(first, second, guess(here, there, _WIDE) or guess(here, there, _ANY))


def _comparable(image: bytes | Fingerprint) -> ComparableImage:
    if isinstance(image, Fingerprint):
        return ComparableImage(image)
    found = fingerprint(image)
    return ComparableImage(found, lambda: sharper_of(image), lambda: decode.decode(image, whole=True).digest)


def _crop_hashes(image: Fingerprint) -> CropHashes | None:
    return crop_hashes(image) if image.grey and image.detail >= 1 else None


@dataclass(frozen=True, slots=True)
class Match:
    """An image of an index that shows the same picture as the one that was asked about.

    Attributes:
        name: what it is called there.
        likeness: how it is related to that one, and why.
    """

    name: str
    likeness: Likeness


class PictureIndex:
    """Images by name, to be found by what they show: some 30 KB of memory each.

    >>> index = PictureIndex()
    >>> index.add("logo", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    >>> [match.name for match in index.query(b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    ['logo']
    """

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._contents: dict[bytes, list[str]] = {}
        self._table = Table()
        self._rows: list[str] = []

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def add(self, name: str, image: bytes | Fingerprint) -> None:
        """Add an image.

        Args:
            name: what it is to be called.
            image: the bytes of its file, or its fingerprint.

        Raises:
            PictureError: the bytes are no image that browsers show, are broken, or ask for too much.
            ValueError: another image is called so already.
        """
        found = image if isinstance(image, Fingerprint) else fingerprint(image)
        if name in self._packed:
            if self[name].content == found.content:
                return
            raise ValueError(f"{name!r} is the name of another image in this index")
        self._packed[name] = found.to_bytes()
        for key in {found.content, found.pixels} - {b""}:
            self._contents.setdefault(key, []).append(name)
        seen = _crop_hashes(found)
        if seen is not None:
            self._table.add(seen)
            self._rows.append(name)

    def __getitem__(self, name: str) -> Fingerprint:
        """Return the fingerprint of an image.

        Raises:
            KeyError: none is called so.
        """
        return Fingerprint.from_bytes(self._packed[name])

    def query(self, image: bytes | Fingerprint) -> list[Match]:
        """Return the images that show the same picture, the most certain first.

        Args:
            image: the bytes of an image file, or its fingerprint.

        Raises:
            PictureError: the bytes are no image that browsers show, are broken, or ask for too much.
        """
        comparable = _comparable(image)
        asked, seen = comparable.fingerprint, _crop_hashes(comparable.fingerprint)
        equal = {name for key in (asked.content, asked.pixels) for name in self._contents.get(key, ())}
        found = [Match(name, verify(comparable, ComparableImage(self[name]), ())) for name in equal]
        for row in near(seen, self._table) if seen is not None else ():
            name, there = self._rows[row], self._table.crop_hashes(row)
            if name not in equal and seen is not None:
                like = verify(comparable, ComparableImage(self[name]), guess(seen, there))
                found += [Match(name, like)] if like else []
        return sorted(found, key=_certainty)

    def merge(self, other: PictureIndex) -> None:
        """Add all images of another index.

        Raises:
            ValueError: both have an image of the same name that is another one; nothing is added then.
        """
        clash = [name for name in other if name in self and self[name].content != other[name].content]
        if clash:
            raise ValueError(f"{clash[0]!r} is the name of another image in this index")
        for name in other:
            self.add(name, other[name])

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        path = Path(path)
        beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        told = hashlib.sha256()
        try:
            with beside.open("wb") as file:
                for piece in self._pieces():
                    told.update(piece)
                    file.write(piece)
                file.write(told.digest())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def _pieces(self) -> Iterator[bytes]:
        yield _MARK + version().encode() + b"\n"
        for name, packed in self._packed.items():
            called = name.encode("utf-8", "surrogatepass")
            yield _LENGTHS.pack(len(called), len(packed)) + called + packed

    @classmethod
    def load(cls, path: str | Path) -> PictureIndex:
        """Read what `save` wrote.

        Raises:
            IndexFileError: the file is no index, is damaged, or was made by other versions, whose fingerprints differ.
            OSError: it cannot be read.
        """
        data = Path(path).read_bytes()
        made, end = _head(str(path), data)
        if made != version():
            raise IndexFileError(f"{path}: was made with {made}, this is {version()}; add the images to a new index")
        index = cls()
        try:
            for name, packed in _entries(data[len(_MARK) + len(made.encode()) + 1 : end]):
                index.add(name, Fingerprint.from_bytes(packed))
        except (ValueError, struct.error) as error:
            raise IndexFileError(f"{path}: {_DAMAGED}") from error
        return index


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and packed fingerprints of a file."""
    at = 0
    while at < len(data):
        called, packed = _LENGTHS.unpack_from(data, at)
        at += _LENGTHS.size
        yield data[at : at + called].decode("utf-8", "surrogatepass"), data[at + called : at + called + packed]
        at += called + packed


def _certainty(match: Match) -> tuple[bool, int, str]:
    return match.likeness.safety is not Safety.SAFE, match.likeness.distance or 0, match.name


def _head(path: str, data: bytes) -> tuple[str, int]:
    """By which versions a file was made, and where its images end."""
    if not data.startswith(_MARK):
        raise IndexFileError(f"{path}: is no index of captionfix; name a file that PictureIndex.save wrote")
    end = len(data) - hashlib.sha256().digest_size
    if hashlib.sha256(data[:end]).digest() != data[end:]:
        raise IndexFileError(f"{path}: {_DAMAGED}")
    made, line, _ = data[len(_MARK) : end].partition(b"\n")
    if not line or not made.isascii():
        raise IndexFileError(f"{path}: {_DAMAGED}")
    return made.decode("ascii"), end
