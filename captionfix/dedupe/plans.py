"""A plan as a file: JSON that is checked when it is read, since it may come from anybody."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from captionfix.archives import atomic
from captionfix.archives.journal_reader import is_digest, sound_path
from captionfix.errors import UsageError
from captionfix.model import Span


class RemovalMethod(Enum):
    """What becomes of a file that nothing needs any more.

    Into ``quarantine`` beside the journal; a ``hardlink`` to the kept file
    under the old name; ``delete``.
    """

    QUARANTINE = "quarantine"
    HARDLINK = "hardlink"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class DedupePolicy:
    """How far acting goes.

    Attributes:
        relink: whether places that name a repeated file get the kept one's URL.
        remove: what becomes of files that nothing points to; None leaves them.
        one_size: whether other sizes, compressions and formats count as repeated too.
        damaged: whether places that name a damaged copy get the whole one's URL; no such copy is ever removed.
    """

    relink: bool = False
    remove: RemovalMethod | None = None
    one_size: bool = False
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A file that another one may stand for.

    Attributes:
        file: it, below the root, with slashes.
        keep: the other one.
        digests: SHA-256 of both, in hexadecimal.
        size: its bytes.
        is_other_format: whether the two are of different formats.
    """

    file: str
    keep: str
    digests: tuple[str, str]
    size: int
    is_other_format: bool = False

    @property
    def is_copy(self) -> bool:
        """Whether the two have the same bytes."""
        return self.digests[0] == self.digests[1]


@dataclass(frozen=True, slots=True)
class Relink:
    """A place that is to lead to another file.

    Attributes:
        span: the bytes of the URL.
        line: its line, from 1.
        column: its column in characters, from 1.
        file: what it names now.
        old: what it says now.
        new: what it is to say.
    """

    span: Span
    line: int
    column: int
    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PageEdit:
    """A page or a style sheet with places to change.

    Attributes:
        page: below the root, with slashes.
        digests: SHA-256 before and after, in hexadecimal.
        relinks: in order of place.
    """

    page: str
    digests: tuple[str, str]
    relinks: tuple[Relink, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that goes, and the bytes that saves."""

    file: str
    way: RemovalMethod
    saved: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not done, and why.

    Attributes:
        file: the file it is about.
        why: the reason.
        where: ``page:line:column`` where it is about a place.
        is_news: whether it is told to everybody: a page shows a damaged picture.
    """

    file: str
    why: str
    where: str = ""
    is_news: bool = False

    def __str__(self) -> str:
        return f"{self.where or self.file}: {f'{self.file} ' if self.where else ''}{self.why}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        root: the folder it is about, resolved.
        policy: what was asked for.
        moves: the files that others may stand for.
        pages: what is edited, in order of name.
        removals: what goes afterwards.
        refusals: what is not done, and why.
        url: the address of the folder's top, if known.
    """

    root: Path
    policy: DedupePolicy
    moves: tuple[Move, ...] = ()
    pages: tuple[PageEdit, ...] = ()
    removals: tuple[Removal, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    url: str = ""

    @property
    def saved(self) -> int:
        """Bytes that the archive gets smaller by."""
        return sum(each.saved for each in self.removals)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.pages and not self.removals


SCHEMA = 1
"""The version of the form; it grows when a field changes its meaning or goes."""
_MOST = 2**30
"""Bytes of a plan that is read."""


def as_json(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON has it."""
    policy = plan.policy
    return {
        "captionfix_plan": SCHEMA,
        "root": str(plan.root),
        "url": plan.url,
        "policy": {
            "relink": policy.relink,
            "remove": policy.remove.value if policy.remove is not None else None,
            "one_size": policy.one_size,
            "damaged": policy.damaged,
        },
        "saved": plan.saved,
        "moves": [_move_as_json(each) for each in plan.moves],
        "pages": [_page_as_json(each) for each in plan.pages],
        "removals": [{"file": each.file, "way": each.way.value, "saved": each.saved} for each in plan.removals],
        "refused": [{"file": each.file, "where": each.where, "why": each.why} for each in plan.refusals],
    }


def _move_as_json(move: Move) -> dict[str, Any]:
    told: dict[str, Any] = {"file": move.file, "keep": move.keep, "sha256": list(move.digests), "size": move.size}
    return told | {"other_format": move.is_other_format}


def _page_as_json(page: PageEdit) -> dict[str, Any]:
    return {
        "page": page.page,
        "sha256": list(page.digests),
        "relinks": [
            {
                "start": each.span.start,
                "end": each.span.end,
                "line": each.line,
                "column": each.column,
                "file": each.file,
                "old": each.old,
                "new": each.new,
            }
            for each in page.relinks
        ],
    }


def save(plan: Plan, path: Path) -> None:
    """Write a plan to a file, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        atomic.write(path, (json.dumps(as_json(plan), indent=1) + "\n").encode("ascii"), lambda _: None)
    except OSError as error:
        raise UsageError(f"{path}: the plan cannot be written: {error.strerror}; name another file") from error


def load(path: Path, root: Path | None = None) -> Plan:
    """Return the plan of a file.

    Args:
        path: the file.
        root: the folder it is to be about; None for the one that it names.

    Raises:
        UsageError: it cannot be read, or is not a valid plan.
    """
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_MOST))
    except OSError as error:
        raise UsageError(f"{path}: the plan cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not valid JSON; captionfix images --plan writes plans") from error
    try:
        return _plan(data, root)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        told = str(error) if type(error) is ValueError else "a field is missing or of another kind"
        raise UsageError(f"{path}: is not a valid plan: {told}; captionfix images --plan writes plans") from error


def _plan(data: dict[str, Any], root: Path | None) -> Plan:
    form = data.get("captionfix_plan")
    _require(form == SCHEMA and type(form) is int, f"its form is {form!r}, not {SCHEMA}")
    policy, removals = data["policy"], [_removal(each) for each in data["removals"]]
    plan = Plan(
        Path(os.path.realpath(root)) if root is not None else _root(data["root"]),
        DedupePolicy(
            _bool(policy["relink"]),
            _way(policy["remove"]),
            _bool(policy["one_size"]),
            _bool(policy.get("damaged", False)),
        ),
        tuple(_move(each) for each in data["moves"]),
        tuple(_page(each) for each in data["pages"]),
        tuple(removals),
        tuple(Refusal(str(each["file"]), str(each["why"]), str(each["where"])) for each in data["refused"]),
        _text(data["url"]),
    )
    _check(plan)
    return plan


def _check(plan: Plan) -> None:
    """Refuse a plan whose parts do not fit together."""
    files = [move.file for move in plan.moves]
    keeps = {move.keep for move in plan.moves}
    _require(len(files) == len(set(files)) and keeps.isdisjoint(files), "a file is kept and goes")
    for name in (*(each.file for each in plan.removals), *(each.file for page in plan.pages for each in page.relinks)):
        _require(name in files, f"{name!r} is none of its moves")
    for names in ([page.page for page in plan.pages], [each.file for each in plan.removals]):
        _require(len(names) == len(set(names)), "a page or a file is named twice")


def _require(sound: object, cause: str) -> None:
    if not sound:
        raise ValueError(cause)


def _root(given: Any) -> Path:
    sound = isinstance(given, str) and "\0" not in given and Path(given).is_absolute()
    _require(sound and os.path.normpath(given) == given, "its folder has no sound name")
    return Path(os.path.realpath(given))


def _bool(given: Any) -> bool:
    _require(type(given) is bool, "a switch is neither true nor false")
    return bool(given)


def _text(given: Any) -> str:
    _require(isinstance(given, str), "a text is none")
    return str(given)


def _count(given: Any) -> int:
    _require(type(given) is int and given >= 0, "a number is not valid")
    return int(given)


def _way(given: Any) -> RemovalMethod | None:
    return None if given is None else RemovalMethod(given)


def _name(given: Any) -> str:
    return str(sound_path(given))


def _digests(given: Sequence[Any]) -> tuple[str, str]:
    one, other = given
    _require(is_digest(one) and is_digest(other), "a digest is not valid")
    return str(one), str(other)


def _move(data: dict[str, Any]) -> Move:
    digests = _digests(data["sha256"])
    return Move(_name(data["file"]), _name(data["keep"]), digests, _count(data["size"]), _bool(data["other_format"]))


def _page(data: dict[str, Any]) -> PageEdit:
    return PageEdit(_name(data["page"]), _digests(data["sha256"]), tuple(map(_relink, data["relinks"])))


def _relink(data: dict[str, Any]) -> Relink:
    start, end, line, column = (_count(data[name]) for name in ("start", "end", "line", "column"))
    _require(start < end, "a place is empty")
    return Relink(Span(start, end), line, column, _name(data["file"]), str(data["old"]), str(data["new"]))


def _removal(data: dict[str, Any]) -> Removal:
    return Removal(_name(data["file"]), RemovalMethod(data["way"]), _count(data["saved"]))
