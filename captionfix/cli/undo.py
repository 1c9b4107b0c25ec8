"""The commands that take back what clean -i and acting on images did, and that list what can be taken back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix.cli.options import Quiet, StateDir
from captionfix.cli.printer import say
from captionfix.cli.terminal import show_table
from captionfix.errors import JournalError

if TYPE_CHECKING:
    from captionfix.archives.restore import Restored

journal_app = typer.Typer(help="Look at the journals that clean -i and apply write.", no_args_is_help=True)


def undo(
    journal: Annotated[
        str | None,
        typer.Argument(
            metavar="[JOURNAL]",
            help="A run as journal list names it, the beginning of its name, or a journal's file; "
            "without one, the newest.",
            show_default=False,
        ),
    ] = None,
    path: Annotated[
        list[Path] | None,
        typer.Option(
            "--path", metavar="PATH", help="Only this page, or the pages in this folder; repeat it.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be restored; write nothing.")
    ] = False,
    state_dir: StateDir = None,
    quiet: Quiet = False,
) -> None:
    """Undo a run of clean -i or apply: restore pages and removed files. What changed since then stays (exit code 2)."""
    from captionfix.archives import restore
    from captionfix.archives.journal_reader import Reader
    from captionfix.archives.journal_store import JournalStore

    journals = JournalStore(state_dir)
    if journal is None and not dry_run:
        restore.clear(journals)
    reader = Reader(journals.find(journal))
    counts = _Counts()
    try:
        for restored in restore.undo(reader, path or (), dry_run=dry_run):
            counts.add(restored)
            if restored.error is not None:
                say(f"error: {restored.error}", to_stderr=True)
            elif not restored.was_old and not quiet:
                say(f"{restored.locator}: {'would be ' if dry_run else ''}{_verb(restored)}")
    finally:
        if not quiet:
            say(f"run {reader.header.run}: {counts.sentence(dry_run=dry_run)}")
    raise typer.Exit(2 if counts.refused else 0)


def _verb(restored: Restored) -> str:
    return "brought back" if restored.is_file else "restored"


class _Counts:
    """What an undo has come to so far."""

    def __init__(self) -> None:
        self.restored = self.files = self.old = self.refused = 0

    def add(self, restored: Restored) -> None:
        self.refused += restored.error is not None
        self.old += restored.was_old
        is_back = restored.error is None and not restored.was_old
        self.restored += is_back and not restored.is_file
        self.files += is_back and restored.is_file

    def sentence(self, *, dry_run: bool) -> str:
        parts = [f"{_pages(self.restored)} {'to restore' if dry_run else 'restored'}"]
        if self.files:
            parts.append(f"{_files(self.files)} {'to bring back' if dry_run else 'brought back'}")
        if self.old:
            parts.append(f"{self.old:,} had their old bytes already" if self.old > 1 else "1 had its old bytes already")
        if self.refused:
            parts.append(f"{self.refused:,} refused")
        return ", ".join(parts)


def _pages(number: int) -> str:
    return f"{number:,} page{'' if number == 1 else 's'}"


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


@journal_app.command(name="list")
def list_journals(state_dir: StateDir = None) -> None:
    """List the runs that can be undone, the newest first: run, time, folders, pages, removed files, what was undone."""
    from captionfix.archives.journal_store import JournalStore
    from captionfix.formatting import printable

    journals = JournalStore(state_dir)
    rows = [tuple(map(printable, _row(path))) for path in journals.paths()]
    if not rows:
        say(f"note: no journals in {journals.folder}; clean -i and apply write them", to_stderr=True)
    elif sys.stdout.isatty():
        show_table(("run", "time", "pages", "files", "state", "folders"), rows)
    else:
        for row in rows:
            typer.echo("\t".join(row).encode("utf-8", "replace"))


def _row(path: Path) -> tuple[str, ...]:
    from captionfix.archives.journal_reader import Reader
    from captionfix.archives.journal_store import is_live

    try:
        reader = Reader(path)
        live = is_live(path)
    except JournalError as error:
        return (path.stem, "", "", "", str(error), "")
    tally, header = reader.tally(), reader.header
    state = "can be undone"
    if live:
        state = "goes on"
    elif not (total := tally.pages + tally.files):
        state = "nothing to undo"
    elif tally.undone == total:
        state = "undone"
    elif tally.undone:
        state = f"partly undone ({tally.undone:,} of {total:,})"
    return (
        header.run,
        f"{header.time:%Y-%m-%d %H:%M:%S}",
        f"{tally.pages:,}",
        f"{tally.files:,}",
        state,
        ", ".join(map(str, dict.fromkeys(header.roots))),
    )
