"""Acting on images: what would be done, doing it, and the command that carries out a saved plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix import __version__
from captionfix.cli.options import Quiet, StateDir
from captionfix.cli.printer import say
from captionfix.errors import UsageError

if TYPE_CHECKING:
    from captionfix.archives.journal_store import Journal
    from captionfix.dedupe.acting import Done
    from captionfix.dedupe.mentions import MentionIndex
    from captionfix.dedupe.plans import Plan
    from captionfix.pictures.relations import Group


class RemoveChoice(Enum):
    """What becomes of a file that nothing needs any more."""

    QUARANTINE = "quarantine"
    HARDLINK = "hardlink"
    DELETE = "delete"


RelinkOption = Annotated[
    bool,
    typer.Option("--relink", help="Make pages and style sheets refer to the kept file instead of its copies."),
]
RemoveOption = Annotated[
    RemoveChoice | None,
    typer.Option(
        "--remove",
        help="Take copies that nothing names any more out of the archive: into quarantine beside the journal, "
        "or delete them; or make each a hard link to the kept file, under its old name.",
        show_default=False,
    ),
]
OneSizeOption = Annotated[
    bool,
    typer.Option(
        "--one-size", help="Take other sizes, compressions and formats for the same too; responsive images then break."
    ),
]
DamagedOption = Annotated[
    bool,
    typer.Option(
        "--damaged",
        help="Let pages name the whole file instead of a copy that lost bytes, which stays; look at both first.",
    ),
]
PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Write what would be done to this file, for captionfix apply.",
        show_default=False,
    ),
]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Do it; without this option, only show what would be done.")]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options of a command that acts say.

    Attributes:
        relink: ``--relink``.
        remove: ``--remove``.
        one_size: ``--one-size``.
        damaged: ``--damaged``.
        plan: ``--plan``.
        apply: ``--apply``.
    """

    relink: bool = False
    remove: RemoveChoice | None = None
    one_size: bool = False
    damaged: bool = False
    plan: Path | None = None
    apply: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be done, or planned, at all."""
        return self.relink or self.remove is not None

    @property
    def needs_places(self) -> bool:
        """Whether it matters which places name a file; a hard link leaves every name as it is."""
        return self.relink or self.remove not in (None, RemoveChoice.HARDLINK)

    def check(self) -> None:
        """Refuse options that ask for nothing.

        Raises:
            UsageError: they do.
        """
        if self.damaged and not self.relink:
            raise UsageError("--damaged says which places are relinked; add --relink")
        if not self.is_asked and (self.one_size or self.plan is not None or self.apply):
            raise UsageError("--one-size, --plan and --apply say how to act; add --relink, --remove or both")


def check(root: Path, choice: Choice, state_dir: Path | None = None) -> None:
    """Refuse what cannot be done, before anything is compared.

    Args:
        root: the folder of the archive.
        choice: the options.
        state_dir: where journals are kept.

    Raises:
        UsageError: the options ask for nothing, or a plan or the state folder stands in the archive.
    """
    from captionfix.archives.journal_store import JournalStore
    from captionfix.dedupe import acting

    choice.check()
    if choice.plan is not None:
        check_outside(choice.plan, root)
    if choice.apply:
        acting.check_journals(root, JournalStore(state_dir))


def act(
    root: Path,
    groups: Sequence[Group],
    choice: Choice,
    *,
    state_dir: Path | None = None,
    url: str = "",
    found: MentionIndex | None = None,
    quiet: bool = False,
    verbose: bool = False,
    to_stderr: bool = False,
) -> int:
    """Act on groups of images, or tell what would be done.

    Args:
        root: the folder of the archive.
        groups: images of one picture each, by names below the root.
        choice: the options.
        state_dir: where journals are kept.
        url: the address of the folder's top, if known.
        found: all places that name any file of the groups, where somebody has looked already.
        quiet: whether only errors are told.
        verbose: whether each refusal is told.
        to_stderr: whether standard output is for something else.

    Returns:
        The exit code: 2 where something could not be done.

    Raises:
        UsageError: see `check`.
    """
    from captionfix.dedupe import plans, relink

    check(root, choice, state_dir)
    way = plans.RemovalMethod(choice.remove.value) if choice.remove is not None else None
    policy = plans.DedupePolicy(choice.relink, way, choice.one_size, choice.damaged)
    plan = relink.plan(root, groups, policy, url=url, found=found)
    if choice.plan is not None:
        plans.save(plan, choice.plan)
    output = _Output(quiet, verbose, to_stderr)
    if not choice.apply:
        _tell_plan(plan, output)
        output.note("nothing was written; --apply does it" if not plan.is_empty else "", is_news=True)
        return 0
    _tell_refusals(plan, output)
    return _carry_out(plan, state_dir, output)


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A file that images --plan wrote.", show_default=False)],
    root: Annotated[
        Path | None,
        typer.Option(
            "--root", metavar="FOLDER", help="The archive, where it is not where the plan says.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would be done; write nothing.")] = False,
    state_dir: StateDir = None,
    quiet: Quiet = False,
) -> None:
    """Carry out a plan that images --plan wrote. What changed since then is named and stays as it is (exit code 2)."""
    from captionfix.dedupe import plans

    output = _Output(quiet, verbose=False, to_stderr=False)
    told = plans.load(plan, root)
    check_outside(plan, told.root)
    raise typer.Exit(_carry_out(told, state_dir, output, dry_run=dry_run))


def check_outside(path: Path, root: Path) -> None:
    """Refuse a plan or a report that stands in the archive that it is about.

    Args:
        path: its file.
        root: the archive.

    Raises:
        UsageError: it does.
    """
    if path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path}: is inside the archive that it is about, which is never written to; put it elsewhere")


@dataclass(frozen=True, slots=True)
class _Output:
    """How it is told."""

    quiet: bool
    verbose: bool
    to_stderr: bool

    def line(self, text: str) -> None:
        if not self.quiet:
            say(text, to_stderr=self.to_stderr)

    def note(self, text: str, *, is_news: bool) -> None:
        if text and is_news and not self.quiet:
            say(f"note: {text}", to_stderr=True)


def _tell_plan(plan: Plan, output: _Output) -> None:
    kept = {move.file: move.keep for move in plan.moves}
    for page in plan.pages:
        for each in page.relinks:
            where = f"{page.page}:{each.line}:{each.column}"
            output.line(f"{where}: {_quoted(each.old)} would be {_quoted(each.new)}")
    for removal in plan.removals:
        output.line(f"{removal.file}: {_WOULD[removal.way.value]}; {kept[removal.file]} stays")
    _tell_refusals(plan, output)
    output.line(_sentence(plan))


_WOULD = {
    "quarantine": "would go into quarantine",
    "hardlink": "would become a hard link",
    "delete": "would be deleted",
}
_DONE = {"quarantine": "is in quarantine", "hardlink": "is a hard link", "delete": "is deleted"}


def _quoted(url: str) -> str:
    return json.dumps(url, ensure_ascii=False)


def _tell_refusals(plan: Plan, output: _Output) -> None:
    for refusal in plan.refusals:
        if output.verbose or refusal.is_news:
            output.line(f"refused: {refusal}")
    if plan.refusals and not output.verbose:
        output.note(f"{_number(len(plan.refusals), 'refusal')}; -v tells why each", is_news=True)


def _sentence(plan: Plan) -> str:
    places = sum(len(page.relinks) for page in plan.pages)
    parts = [f"{_number(places, 'place')} in {_number(len(plan.pages), 'page')} to relink"]
    parts.append(f"{_number(len(plan.removals), 'file')} to remove")
    parts.append(f"{_number(plan.saved, 'byte')} to save")
    return ", ".join([*parts, f"{len(plan.refusals):,} refused"] if plan.refusals else parts)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _carry_out(plan: Plan, state_dir: Path | None, output: _Output, *, dry_run: bool = False) -> int:
    """Do what a plan says and tell of it; of a run that is cut short, tell how to take back what it did."""
    from captionfix.archives.journal_store import JournalStore
    from captionfix.dedupe import acting

    journals = JournalStore(state_dir)
    journal = acting.journal_for(plan, journals, __version__)
    counts = _Counts()
    ways = {each.file: each.way.value for each in plan.removals}
    try:
        for done in acting.apply(plan, None if dry_run else journal, journals):
            counts.add(done)
            _tell(done, ways, output, dry_run=dry_run)
    finally:
        output.line(counts.sentence(dry_run=dry_run))
        _tell_undo(journal, output)
    return 2 if counts.refused else 0


def _tell(done: Done, ways: dict[str, str], output: _Output, *, dry_run: bool) -> None:
    if done.error is not None:
        say(f"error: {done.error}", to_stderr=True)
    elif done.was_done:
        pass
    elif done.is_file:
        output.line(f"{done.name}: {(_WOULD if dry_run else _DONE)[ways[done.name]]}")
    else:
        output.line(f"{done.name}: {_number(done.relinked, 'place')} {'to relink' if dry_run else 'relinked'}")


def _tell_undo(journal: Journal, output: _Output) -> None:
    if journal.pages:
        output.note(f"captionfix undo {journal.run} takes it back", is_news=True)


class _Counts:
    """What acting has come to so far."""

    def __init__(self) -> None:
        self.places = self.pages = self.files = self.saved = self.before = self.refused = 0

    def add(self, done: Done) -> None:
        self.refused += done.error is not None
        self.before += done.was_done
        if done.error is None and not done.was_done:
            self.pages += not done.is_file
            self.files += done.is_file
            self.places += done.relinked
            self.saved += done.saved

    def sentence(self, *, dry_run: bool) -> str:
        relink, remove, save = ("to relink", "to remove", "to save") if dry_run else ("relinked", "removed", "saved")
        parts = [
            f"{_number(self.places, 'place')} in {_number(self.pages, 'page')} {relink}",
            f"{_number(self.files, 'file')} {remove}",
            f"{_number(self.saved, 'byte')} {save}",
        ]
        if self.before:
            parts.append(f"{self.before:,} done before")
        if self.refused:
            parts.append(f"{self.refused:,} refused")
        return ", ".join(parts)
