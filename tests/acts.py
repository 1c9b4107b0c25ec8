"""Small sites with images under several names, and the groups that comparing them would come to."""

from __future__ import annotations

import hashlib
from pathlib import Path

from images import photo, saved
from PIL.PngImagePlugin import PngInfo

from captionfix.model import Safety
from captionfix.pictures.relations import Group, ImageRelation, Member


def picture(seed: int = 1, side: int = 24) -> bytes:
    """A small picture, another one for every seed."""
    return saved(photo(seed, side, side), "PNG")


def retold(seed: int = 1, side: int = 24) -> bytes:
    """The same pixels in other bytes."""
    notes = PngInfo()
    notes.add_text("Comment", "saved again")
    return saved(photo(seed, side, side), "PNG", pnginfo=notes)


def member(root: Path, file: str, relation: ImageRelation = ImageRelation.IDENTICAL, **values: object) -> Member:
    raw = (root / file).read_bytes()
    facts: dict[str, object] = {
        "safety": Safety.SAFE, "width": 24, "height": 24, "size": len(raw), "format": "PNG", "frames": 1,
        "content": hashlib.sha256(raw).hexdigest(), **values,
    }  # fmt: skip
    return Member(file, relation, **facts)  # type: ignore[arg-type]


def group(root: Path, keep: str, *others: str | Member) -> Group:
    """A group of files; those that are only named are identical in pixels."""
    members = (each if isinstance(each, Member) else member(root, each) for each in others)
    return Group(keep, (member(root, keep), *members))


def write(root: Path, files: dict[str, bytes | str]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return root
