"""The command that shows findings in a browser and applies what is decided there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix import __version__
from captionfix.cli.options import (
    CachePath,
    Config,
    Ignore,
    Images,
    Jobs,
    NoCache,
    Paths,
    Scripts,
    Select,
    StateDir,
    settings_of,
)
from captionfix.cli.printer import say
from captionfix.errors import UsageError

if TYPE_CHECKING:
    from captionfix.output.counts import Counts
    from captionfix.settings import Settings


def review(
    paths: Paths = None,
    select: Select = None,
    ignore: Ignore = None,
    scripts: Scripts = None,
    images: Images = None,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    config: Config = None,
    state_dir: StateDir = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port on this machine; 0 takes a free one.")
    ] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
    jobs: Jobs = 1,
) -> None:
    """Look through what repeats in a browser, decide, and replace the pages where they are.

    What is safe goes unless it is rejected, what is for review goes if it is accepted. The page is served to this
    machine alone; the command ends once decisions were applied, or with Ctrl-C. captionfix undo takes it back.
    """
    from captionfix.runs.review import ReviewServer

    if not paths or "-" in paths:
        raise UsageError("PATH is missing; name the files and folders to look through")
    settings = settings_of(config, locals())
    places = [Path(path) for path in paths]
    page, seen, counts = _looked_at(places, settings, jobs)
    if not (counts.fixed or counts.for_review or counts.refused):
        say("\n".join(counts.sentences(fixed=False)))
        raise typer.Exit(counts.exit_code(found_is_one=False))

    def apply(accepted: tuple[str, ...], rejected: tuple[str, ...]) -> str:
        return _applied(places, replace(settings, accepted=accepted, rejected=rejected), seen, state_dir, jobs)

    server = ReviewServer(page, apply, port)
    say(f"look through it at {server.address}; Ctrl-C ends it, and nothing is changed", to_stderr=True)
    if browser:
        import webbrowser

        webbrowser.open(server.address)
    server.serve()
    say(server.told)


def _looked_at(paths: Sequence[Path], settings: Settings, jobs: int) -> tuple[bytes, dict[str, str], Counts]:
    """The page, the digests of the pages, and what the run came to."""
    from captionfix.output import open_report
    from captionfix.output.counts import Counts
    from captionfix.output.form import ReportOptions
    from captionfix.runs import batch
    from captionfix.workers import Carried, Request

    report, counts, seen = open_report("html", ReportOptions(__version__)), Counts(), dict[str, str]()
    parts = [*report.begin()]
    for outcome in batch.run(paths, settings, jobs=jobs, request=Request(Carried.EXHIBITS)):
        counts.count(outcome)
        if outcome.digest:
            seen[outcome.locator] = outcome.digest
        parts += report.page(outcome)
    parts += report.end(counts)
    return "".join(parts).encode("utf-8", "replace"), seen, counts


def _applied(paths: Sequence[Path], settings: Settings, seen: dict[str, str], state_dir: Path | None, jobs: int) -> str:
    """Replace the pages that are still what was looked at; what it came to, in words."""
    from captionfix.archives.journal_store import JournalStore
    from captionfix.output.counts import Counts
    from captionfix.runs import batch
    from captionfix.workers import Request

    journals, counts = JournalStore(state_dir), Counts()
    journal = batch.journal_for(paths, journals, __version__)
    errors = []
    for outcome in batch.replace_pages(paths, settings, journal, journals, jobs=jobs, request=Request(seen=seen)):
        counts.count(outcome)
        if outcome.error is not None:
            errors.append(f"error: {outcome.error}")
    undo = [f"captionfix undo {journal.run} takes it back"] if journal.pages else []
    return "\n".join((*errors, *counts.sentences(fixed=True), *undo))
