"""Images that are the same picture, for people and machines: lines, JSON and CSV, written as they are asked for."""

from __future__ import annotations

import base64
import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from captionfix.errors import PageError, PictureError
from captionfix.formatting import dumps, plural, printable, unprintable
from captionfix.model import Evidence, Safety
from captionfix.pictures.relations import Group, ImageRelation, Member, Window
from captionfix.runs.image_report import Bad, FindMentions, ImageMention, ImageReport

SCHEMA = 1
"""The version of the JSON form; it grows when a field changes its meaning or goes."""

_WORDS = {
    ImageRelation.IDENTICAL: "identical",
    ImageRelation.RECOMPRESSED: "recompressed",
    ImageRelation.RESIZED: "resized",
    ImageRelation.FORMAT: "other format",
    ImageRelation.CROP: "crop",
    ImageRelation.FRAMED: "framed",
    ImageRelation.EDITED: "edited",
    ImageRelation.MIRRORED: "mirrored",
    ImageRelation.TURNED: "turned",
    ImageRelation.MARKED: "marked",
    ImageRelation.DAMAGED: "damaged",
    ImageRelation.MOVING: "moving",
}


def relation(member: Member) -> str:
    """Return how an image is related to the kept one, in a word or two."""
    return _WORDS[member.relation]


def figures(member: Member) -> str:
    """Return an image's size, bytes and format.

    >>> figures(Member("a.gif", ImageRelation.IDENTICAL, Safety.SAFE, 40, 30, 2048, "GIF", 3, "00"))
    '40 x 30, 2,048 bytes, GIF, 3 frames'
    """
    size = f"{member.width} x {member.height}, " if member.width else ""
    frames = f", {member.frames:,} frames" if member.frames > 1 else ""
    return f"{size}{plural(member.size, 'byte')}, {member.format}{frames}"


def why(member: Member) -> str:
    """Return what shows that an image is the same as the kept one, with the part that it shows, if not the whole."""
    parts = [f"{kind}: {', '.join(map(str, pieces))}" for kind, pieces in groupby(member.evidence, key=_kind_of)]
    if member.window != Window():
        parts.append(f"shows {member.window.share:.0%} of it")
    return "; ".join(parts)


def _kind_of(evidence: Evidence) -> str:
    return evidence.kind


def lines(survey: ImageReport, find_mentions: FindMentions | None = None) -> Iterator[str]:
    """Yield groups, bad images and the sum as lines in which nothing acts on a terminal.

    Args:
        survey: what was found.
        find_mentions: tells which places name an image, if that is to be told.
    """
    for group in survey.groups:
        for text in _group_lines(group, find_mentions):
            yield printable(text)
        yield ""
    for error in survey.bad:
        if isinstance(error, PictureError):
            yield printable(f"bad image {error}")
    yield survey.counts.sentence()


def _group_lines(group: Group, find_mentions: FindMentions | None) -> Iterator[str]:
    for member in group.members:
        if member is group.members[0]:
            yield f"{member.file}: kept, {figures(member)}"
        else:
            review = " [for review]" if member.safety is not Safety.SAFE else ""
            yield f"    {member.file}: {relation(member)}, {figures(member)}{review}"
            yield f"        {why(member)}"
        if find_mentions is not None:
            yield from _mention_lines(find_mentions(member.file))


def _mention_lines(mentions: Sequence[ImageMention]) -> Iterator[str]:
    for mention in mentions:
        yield f"        at {mention}"
    if not mentions:
        yield "        no place names it"


def json_parts(survey: ImageReport, version: str, find_mentions: FindMentions | None = None) -> Iterator[str]:
    """Yield one JSON object, group by group.

    Args:
        survey: what was found.
        version: this captionfix.
        find_mentions: tells which places name an image; members then have ``places``.
    """
    head = {"schema": SCHEMA, "tool": "captionfix", "version": version, "roots": list(survey.roots)}
    yield _exact(head).removesuffix("}") + ', "groups": ['
    yield from _listed(_group_json(group, find_mentions) for group in survey.groups)
    yield '\n], "bad": ['
    yield from _listed(_bad_json(error) for error in survey.bad)
    yield f'\n], "counts": {_exact(asdict(survey.counts))}}}\n'


def _listed(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, record in enumerate(records):
        yield f"{',' if number else ''}\n{_exact(record)}"


def _exact(data: Any) -> str:
    """JSON that says names exactly, and in which nothing acts on a terminal."""
    return unprintable(dumps(data), lambda found: f"\\u{ord(found):04x}")


def _group_json(group: Group, find_mentions: FindMentions | None) -> dict[str, Any]:
    members = [_member_json(member, find_mentions) for member in group.members]
    return {"files": [member["file"] for member in members], "keep": members[0]["file"], "members": members}


def _member_json(member: Member, find_mentions: FindMentions | None) -> dict[str, Any]:
    window = member.window
    record: dict[str, Any] = {
        **_name(member.file),
        "relation": member.relation.value,
        "safety": member.safety.value,
        "distance": member.distance,
        "width": member.width,
        "height": member.height,
        "bytes": member.size,
        "format": member.format,
        "frames": member.frames,
        "sha256": member.content,
        "window": [window.left, window.top, window.right, window.bottom],
        "twin": printable(member.twin),
        "evidence": [{"kind": each.kind, "name": each.name, "figure": each.figure} for each in member.evidence],
    }
    if find_mentions is not None:
        record["places"] = [
            {**_name(mention.page, "page"), "line": mention.line, "column": mention.column, "kind": mention.kind}
            for mention in find_mentions(member.file)
        ]
    return record


def _name(name: str, what: str = "file") -> dict[str, str]:
    """A name, and its bytes where it is no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return {what: printable(name), f"{what}_base64": base64.b64encode(os.fsencode(name)).decode("ascii")}
    return {what: name}


def _bad_json(error: Bad) -> dict[str, Any]:
    told = {"offset": error.offset, "cause": error.cause, "hint": error.hint}
    return {**_name(error.locator), **told, "unread": isinstance(error, PageError)}


_HEADS = (
    "group", "kept", "file", "relation", "safety", "distance", "width", "height", "bytes", "format", "frames", "sha256",
    "left", "top", "right", "bottom", "evidence",
)  # fmt: skip
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20|%]")
"""What opens a formula, or a call of another program, in a spreadsheet (OWASP, CSV Injection)."""


def csv_parts(survey: ImageReport, find_mentions: FindMentions | None = None) -> Iterator[str]:
    """Yield one CSV row a member; no cell is a formula to a spreadsheet.

    Args:
        survey: what was found.
        find_mentions: tells which places name an image; rows then end with their number.
    """
    yield _row((*_HEADS, "places") if find_mentions is not None else _HEADS)
    for number, group in enumerate(survey.groups, 1):
        for member in group.members:
            cells = _cells(number, member, group.keep)
            yield _row((*cells, len(find_mentions(member.file))) if find_mentions is not None else cells)


def _cells(number: int, member: Member, keep: str) -> tuple[Any, ...]:
    window = member.window
    return (
        number, int(member.file == keep), member.file, member.relation.value, member.safety.value, member.distance,
        member.width, member.height, member.size, member.format, member.frames, member.content,
        window.left, window.top, window.right, window.bottom, why(member),
    )  # fmt: skip


def _row(cells: Iterable[Any]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return file.getvalue()


def _cell(value: Any) -> Any:
    """A cell's value, texts with an apostrophe before what would be a formula.

    >>> _cell("=1+1"), _cell("a.jpg"), _cell(-1)
    ("'=1+1", 'a.jpg', -1)
    """
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if _FORMULA.match(value) else text
