"""What to do about images of one picture: which places get another URL, which files go, and what is refused.

Nothing is written here. A plan holds the names, the digests and the places
that it was made from, so that whoever acts can see whether they still hold.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from captionfix.archives import atomic
from captionfix.dedupe.mentions import Archive, Mention, MentionIndex, mentions_in, source_of, survey
from captionfix.dedupe.names import Names
from captionfix.dedupe.plans import DedupePolicy, Move, PageEdit, Plan, Refusal, Relink, Removal, RemovalMethod
from captionfix.dedupe.rewrite_url import rewritten
from captionfix.errors import PageError
from captionfix.markup.splice import apply
from captionfix.model import Edit, Safety, Span
from captionfix.pictures.relations import Group, ImageRelation, Member

_SAME = frozenset((ImageRelation.IDENTICAL, ImageRelation.RECOMPRESSED, ImageRelation.RESIZED, ImageRelation.FORMAT))
"""What may stand for another at all; the rest shows something else."""
_PLAIN_LETTERS = frozenset(("utf-8", "utf-16-le", "utf-16-be"))
"""Encodings in which any letter may stand in a URL; in others browsers disagree."""


def plan(
    root: Path, groups: Sequence[Group], policy: DedupePolicy, *, url: str = "", found: MentionIndex | None = None
) -> Plan:
    """Return what is to be done about groups of images; nothing is written.

    Args:
        root: the folder of the archive.
        groups: images of one picture each, by names below the root.
        policy: how far to go.
        url: the address of the folder's top, if known.
        found: all places that name any file of the groups, where somebody has looked already.
    """
    archive = Archive(root, url)
    draft = _Draft(archive, policy)
    for group, refused in _apart(groups):
        draft.add(group, refused)
    if found is not None:
        draft.found = found
    elif (draft.moves or draft.damaged) and (policy.relink or policy.remove not in (None, RemovalMethod.HARDLINK)):
        draft.survey()
    if policy.relink:
        draft.relink()
        draft.tell_damaged()
    if policy.remove is not None:
        draft.remove(policy.remove)
    return Plan(
        archive.root,
        policy,
        tuple(draft.moves.values()),
        tuple(draft.pages),
        tuple(draft.removals),
        tuple(draft.refusals),
        url,
    )


def _apart(groups: Iterable[Group]) -> Iterator[tuple[Group, bool]]:
    """Groups, each with whether it shares a file with another one."""
    told = list(groups)
    counts = Counter(file for group in told for file in set(group.files))
    for group in told:
        yield group, any(counts[file] > 1 for file in group.files)


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    archive: Archive
    policy: DedupePolicy
    moves: dict[str, Move] = field(default_factory=dict)
    pages: list[PageEdit] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    found: MentionIndex = field(default_factory=MentionIndex)
    checked: dict[Member, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)

    def add(self, group: Group, is_shared: bool) -> None:
        """Take the members of a group whose places another image may take."""
        by_name = {member.file: member for member in group.members}
        for member in group.members:
            if member.file == group.keep:
                continue
            if member.relation is ImageRelation.DAMAGED:
                self.damaged[member.file] = group.keep
            keep, why = self._kept(member, by_name, group.keep)
            why = "stands in several groups" if is_shared else why
            why = why or self._unsound(member)
            if not why and keep is not None and (fault := self._unsound(keep)):
                why = f"stays, since the kept {keep.file} {fault}"
            if why or keep is None:
                self.refusals.append(
                    Refusal(member.file, why or f"has no kept image: {group.keep} is not of its group")
                )
            else:
                digests = (member.content, keep.content)
                self.moves[member.file] = Move(
                    member.file, keep.file, digests, member.size, is_other_format=member.format != keep.format
                )

    def _kept(self, member: Member, by_name: Mapping[str, Member], keep: str) -> tuple[Member | None, str]:
        """The image that may take another's place, or why none may: the kept one, or else one of equal pixels."""
        kept = by_name.get(keep)
        why = _unlike(member, kept, self.policy)
        twin = by_name.get(member.twin)
        if why and twin is not None and twin is not member:
            equal = replace(member, relation=ImageRelation.IDENTICAL, safety=Safety.SAFE)
            if not _unlike(equal, twin, self.policy):
                return twin, ""
        return kept, why

    def _unsound(self, member: Member) -> str:
        """Why a file cannot be acted upon, or empty; each is read once."""
        if member not in self.checked:
            try:
                check_file(self.archive, member.file, member.content)
                self.checked[member] = ""
            except PageError as error:
                self.checked[member] = f"{error.cause}; {error.hint}"
        return self.checked[member]

    def survey(self) -> None:
        """Find the places that name any of the files."""
        moved = {name for move in self.moves.values() for name in (move.file, move.keep)}
        self.found = survey(self.archive, moved | self.damaged.keys())

    def tell_damaged(self) -> None:
        """Name each place that shows a damaged copy and is not relinked."""
        for file, keep in self.damaged.items():
            if file not in self.moves:
                why = f"is damaged, and {keep} is whole; --relink --damaged lets this place name that one"
                self.refusals += [
                    Refusal(file, why, f"{each.page}:{each.line}:{each.column}", is_news=True)
                    for each in self.found.by_file.get(file, ())
                ]

    def relink(self) -> None:
        """Plan the edits of each page."""
        for page, mentions in self.found.by_page.items():
            moves = {each.file: self.moves[each.file] for each in mentions if each.file in self.moves}
            if not moves:
                continue
            try:
                edit, _, refused = page_edit(self.archive, page, read_page(self.archive, page), moves)
            except PageError as error:
                self.refusals.append(Refusal(page, f"{error.cause}; {error.hint}"))
                continue
            self.refusals += refused
            self.pages += [edit] if edit is not None else []

    def remove(self, way: RemovalMethod) -> None:
        """Plan what becomes of the files."""
        gone = {(page.page, each.span) for page in self.pages for each in page.relinks}
        needed = needs(self.found, gone)
        for move in self.moves.values():
            why = _DAMAGED if move.file in self.damaged else unremovable(self.archive, move, way)
            why = why or ("" if way is RemovalMethod.HARDLINK else needed.get(move.file, ""))
            if not why and way is not RemovalMethod.HARDLINK and self.found.unread:
                why = f"is not removed: {self.found.unread[0]}"
            if why:
                self.refusals.append(Refusal(move.file, why))
            elif not is_one_file(self.archive.root, move):
                self.removals.append(Removal(move.file, way, _saved(self.archive.root / move.file)))


def _unlike(member: Member, keep: Member | None, policy: DedupePolicy) -> str:
    """Why an image may not take another's place, or empty."""
    if member.relation is ImageRelation.DAMAGED and policy.damaged and keep is not None:
        is_one_size = member.width == keep.width or policy.one_size
        return "" if is_one_size else "is damaged, and the whole one has another size; --one-size takes it for the same"
    if member.safety is not Safety.SAFE:
        return "is for review: whether it is the same picture is for a person to say"
    if member.relation not in _SAME:
        return f"is {_A.get(member.relation, member.relation.value)}, which never takes another picture's place"
    if keep is not None and max(member.frames, keep.frames) > 1 and member.content != keep.content:
        return "moves, or the kept one does, and only first frames were compared"
    if (
        keep is not None
        and not policy.one_size
        and (member.relation is not ImageRelation.IDENTICAL or member.format != keep.format)
    ):
        return "differs in size, compression or format; --one-size takes it for the same"
    return ""


_A = {ImageRelation.CROP: "a crop"}
_DAMAGED = "is not removed: which of two files lost bytes is for a person to say"


def check_file(archive: Archive, name: str, content: str) -> None:
    """Refuse an image that is not the regular file, with the bytes, that a group was made from.

    Args:
        archive: the folder it stands in.
        name: below the root.
        content: SHA-256 of its bytes, in hexadecimal.

    Raises:
        PageError: it is gone, has changed, or is reached through a link.
    """
    path = archive.root.joinpath(*name.split("/"))
    if name not in archive.files or os.path.realpath(path) != str(path):
        raise PageError(name, "is no file of the archive", "it is gone, or a link leads there")
    try:
        data = atomic.read(path).data
    except OSError as error:
        raise PageError(name, f"cannot be read: {error.strerror}", "check that it may be read") from error
    if atomic.digest(data) != content:
        raise PageError(name, "changed since it was compared", "compare again to take it as it is now")


def read_page(archive: Archive, page: str) -> bytes:
    """Return the bytes of a page or a style sheet.

    Raises:
        PageError: it cannot be read.
    """
    try:
        return atomic.read(archive.root.joinpath(*page.split("/"))).data
    except OSError as error:
        raise PageError(page, f"cannot be read: {error.strerror}", "check that it may be read") from error


def page_edit(
    archive: Archive, page: str, raw: bytes, moves: Mapping[str, Move]
) -> tuple[PageEdit | None, list[Edit], list[Refusal]]:
    """Return what is to change in one page, as a plan and as edits, and what is refused there.

    Args:
        archive: the folder it stands in.
        page: below the root.
        raw: its bytes.
        moves: the files that others stand for.
    """
    files = {name for move in moves.values() for name in (move.file, move.keep)}
    names = Names(files)
    mentions = mentions_in(archive, page, raw, names, files)
    relinks, refused = _relinks(archive, mentions, moves)
    if not relinks:
        return None, [], refused
    source = source_of(page, raw)
    edits = [Edit(each.span, source.encode(_escaped(mention, each.new))) for mention, each in relinks]
    after = apply(raw, edits)
    if not _is_proven(mentions, mentions_in(archive, page, after, names, files), dict(relinks), moves):
        return None, [], [*refused, Refusal(page, "would not parse as meant afterwards; it stays as it is")]
    digests = (atomic.digest(raw), atomic.digest(after))
    return PageEdit(page, digests, tuple(each for _, each in relinks)), edits, refused


_Relinks = list[tuple[Mention, Relink]]


def _relinks(
    archive: Archive, mentions: Iterable[Mention], moves: Mapping[str, Move]
) -> tuple[_Relinks, list[Refusal]]:
    """The places of one page that can lead to the kept files."""
    told: _Relinks = []
    refused: list[Refusal] = []
    taken: set[tuple[int, str]] = set()
    for each in mentions:
        move = moves.get(each.file)
        if move is None or each.kind in ("text", "link"):
            continue
        new, why = _new_url(archive, each, move, taken)
        if why or each.span is None or each.written is None:
            refused.append(Refusal(each.file, f"stays in {each.kind}: {why or each.why}", each.where))
        else:
            taken.add((each.written.choices, move.keep))
            told.append((each, Relink(each.span, each.line, each.column, each.file, each.url, new)))
    told.sort(key=lambda pair: pair[1].span)
    return told, refused


def _new_url(archive: Archive, mention: Mention, move: Move, taken: Collection[tuple[int, str]]) -> tuple[str, str]:
    """What a place is to say, or why it stays."""
    written, place = mention.written, mention.place
    if mention.span is None or written is None or place is None:
        return "", mention.why
    if move.is_other_format and written.is_choice:
        return "", "browsers choose there by format"
    if written.choices >= 0 and (move.keep in mention.rivals or (written.choices, move.keep) in taken):
        return "", "two candidates of one set would be the same"
    new_parts = tuple(move.keep.split("/"))
    new = rewritten(mention.url, tuple(move.file.split("/")), new_parts, place, plain=_takes_letters(mention))
    if not new or archive.found(new, place) != new_parts:
        return "", "no URL of its form leads to the kept file"
    return new, ""


def _takes_letters(mention: Mention) -> bool:
    return mention.encoding in _PLAIN_LETTERS


def _escaped(mention: Mention, url: str) -> str:
    """A URL as it is written in its place."""
    written = mention.written
    if written is not None and written.is_css:
        return url.replace("&", "%26")
    return url.replace("&", "&amp;")


def _is_proven(
    before: Iterable[Mention], after: Iterable[Mention], relinks: Mapping[Mention, Relink], moves: Mapping[str, Move]
) -> bool:
    """Whether an edited page, read again, says what it said, but for the places that were changed."""
    expected = [
        (each.kind, moves[each.file].keep) if each in relinks else (each.kind, each.file)
        for each in before
        if each.kind != "text"
    ]
    return expected == [(each.kind, each.file) for each in after if each.kind != "text"]


def needs(found: MentionIndex, gone: Collection[tuple[str, Span]] = ()) -> dict[str, str]:
    """Return why files are still needed: a place that names each.

    Args:
        found: all places that name them.
        gone: pages and spans that will name them no more.
    """
    told: dict[str, str] = {}
    for each in found.mentions:
        if each.span is None or (each.page, each.span) not in gone:
            told.setdefault(each.file, f"is not removed: {each.where} names it ({each.kind})")
    return told


def unremovable(archive: Archive, move: Move, way: RemovalMethod) -> str:
    """Return why a file may not go in some way, whatever names it; or empty."""
    if way is RemovalMethod.QUARANTINE:
        return ""
    if not move.is_copy:
        return f"is not removed by {way.value}: its bytes are not the kept file's and exist nowhere else; quarantine it"
    if is_one_file(archive.root, move):
        return ""
    one, other = (os.lstat(archive.root / name) for name in (move.file, move.keep))
    if one.st_nlink > 1:
        return (
            f"is not removed by {way.value}: it has {one.st_nlink} names (hard links), and removing one frees nothing"
        )
    if way is RemovalMethod.HARDLINK and one.st_dev != other.st_dev:
        return "is not removed by hardlink: the kept file stands on another file system"
    return ""


def is_one_file(root: Path, move: Move) -> bool:
    """Return whether both names of a move lead to one file already."""
    try:
        return os.path.samestat(os.lstat(root / move.file), os.lstat(root / move.keep))
    except OSError:
        return False


def _saved(path: Path) -> int:
    """The bytes that are freed when a name goes."""
    seen = os.lstat(path)
    return seen.st_size if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 1 else 0
