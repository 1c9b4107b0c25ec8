"""The command that tells which image files are the same picture, and acts on them where it is asked to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix import __version__
from captionfix.cli.act import (
    ApplyOption,
    Choice,
    DamagedOption,
    OneSizeOption,
    PlanOption,
    RelinkOption,
    RemoveOption,
    act,
    check,
    check_outside,
)
from captionfix.cli.options import STDOUT, CachePath, Config, Jobs, Keep, NoCache, Quiet, Report, StateDir, settings_of
from captionfix.cli.printer import say
from captionfix.cli.terminal import Bar, bar
from captionfix.errors import UsageError

if TYPE_CHECKING:
    from captionfix.dedupe import mentions
    from captionfix.pictures.relations import Group
    from captionfix.runs.image_report import FindMentions, ImageMention, ImageReport
    from captionfix.runs.roots import Roots


class ImageFormat(Enum):
    """How groups are told."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def images(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Folders, or single image files.", show_default=False)
    ],
    output_format: Annotated[
        ImageFormat,
        typer.Option("--format", help="The form of the report; html is a page with small pictures, for a browser."),
    ] = ImageFormat.TEXT,
    output: Report = None,
    keep: Keep = "best",
    places: Annotated[
        bool,
        typer.Option("--places", help="Also list where pages and style sheets refer to each file of a group."),
    ] = False,
    relink: RelinkOption = False,
    remove: RemoveOption = None,
    one_size: OneSizeOption = False,
    damaged: DamagedOption = False,
    plan: PlanOption = None,
    apply: ApplyOption = False,
    state_dir: StateDir = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="Where the folder came from: whole addresses in its pages then lead to its files.",
            show_default=False,
        ),
    ] = None,
    config: Config = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when two files are one picture.")] = False,
    jobs: Jobs = 1,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also show skipped files and each refusal.")] = False,
) -> None:
    """Find image files that are the same picture, and the best of each. Changes nothing but with --apply."""
    from captionfix.runs.images import survey
    from captionfix.runs.roots import Roots

    settings = settings_of(config, locals())
    output = None if output == STDOUT else output
    choice = Choice(relink, remove, one_size, damaged, plan, apply)
    roots = Roots(_named(paths))
    policy = roots.policy(keep)
    _check_targets(output, plan, roots.paths)
    _check_acting(roots, choice, state_dir, places=places)
    shown = _bar(roots.paths, quiet=quiet)
    left = _teller_of_left(shown) if verbose and not quiet else _say_nothing
    with shown or nullcontext():
        found = survey(
            roots,
            settings,
            policy,
            jobs=jobs,
            left=left,
            advance=shown.advance if shown is not None else _say_nothing,
            comparing=(lambda: shown.turn("comparing")) if shown is not None else _say_nothing,
        )
        named = None
        if found.groups and (places or choice.needs_places):
            named = _named_places(roots.paths[0], found.groups, settings.url or "", shown)
    code = found.counts.exit_code(found_is_one=exit_code)
    _tell_problems(found, output_format, quiet=quiet)
    if named is not None and _tell_unread(named, found):
        code = 2
    find_mentions = _find_mentions(named) if places else None
    _write(
        _parts(found, roots, output_format, jobs, quiet=quiet and output is None, find_mentions=find_mentions), output
    )
    if not quiet and output is not None:
        say(found.counts.sentence())
    if choice.is_asked:
        acted = act(
            roots.paths[0],
            found.groups,
            choice,
            state_dir=state_dir,
            url=settings.url or "",
            found=named,
            quiet=quiet,
            verbose=verbose,
            to_stderr=output_format is not ImageFormat.TEXT,
        )
        code = max(code, acted)
    raise typer.Exit(code)


def _named(paths: Sequence[str]) -> list[Path]:
    if "" in paths:
        raise UsageError("an empty path names nothing; is a shell variable unset?")
    if "-" in paths:
        raise UsageError("- is standard input, which holds no files; name folders or image files")
    return [Path(path) for path in paths]


def _check_acting(roots: Roots, choice: Choice, state_dir: Path | None, *, places: bool) -> None:
    """Refuse what cannot be done with these paths, before anything is looked at."""
    choice.check()
    if choice.is_asked:
        check(_only_folder(roots, "--relink and --remove"), choice, state_dir)
    elif places:
        _only_folder(roots, "--places")


def _only_folder(roots: Roots, options: str) -> Path:
    """The folder of the archive whose pages are to be read."""
    root = roots.paths[0]
    if len(roots.paths) > 1 or not root.is_dir():
        raise UsageError(f"{options}: one archive at a time; name the one folder that holds its pages and images")
    return root


def _check_targets(output: Path | None, plan: Path | None, roots: Sequence[Path]) -> None:
    """Refuse to write a report or a plan where none belongs, before anything is looked at."""
    for path, what in ((output, "report"), (plan, "plan")):
        if path is not None and os.path.lexists(path):
            _check_target(path, what)
    for root in roots:
        if output is not None and root.is_dir():
            check_outside(output, root)
    if output is not None and plan is not None and output.resolve() == plan.resolve():
        raise UsageError(f"{output}: cannot hold both report and plan; name two files")


def _check_target(path: Path, what: str) -> None:
    from captionfix.archives.atomic import read_head
    from captionfix.pictures.kinds import is_image

    if not path.is_file():
        raise UsageError(f"{path}: is not a file; name the file that the {what} goes to")
    if is_image(read_head(Path(os.path.realpath(path)), 1024)[0]):
        raise UsageError(f"{path}: is an image; name another file for the {what}")


def _bar(paths: Sequence[Path], *, quiet: bool) -> Bar | None:
    def count() -> int:
        from captionfix.archives.files import count

        return count(paths)

    return bar(count, quiet=quiet)


def _teller_of_left(shown: Bar | None) -> Callable[[str, str], None]:
    """Tells on standard error what is no image, beside the bar."""

    def tell(name: str, cause: str) -> None:
        if shown is not None:
            shown.hide()
        say(f"{name}: left alone, {cause}", to_stderr=True)

    return tell


def _say_nothing(*_: object) -> None:
    """Tell nobody."""


def _tell_problems(found: ImageReport, output_format: ImageFormat, *, quiet: bool) -> None:
    """Tell what could not be read, and what a report of this form has no room for."""
    from captionfix.errors import PageError

    for note in () if quiet else found.notes:
        say(f"note: {note}", to_stderr=True)
    for error in found.bad:
        if isinstance(error, PageError):
            say(f"error: {error}", to_stderr=True)
        elif output_format is ImageFormat.CSV and not quiet:
            say(f"note: bad image {error}", to_stderr=True)


def _named_places(root: Path, groups: Sequence[Group], url: str, shown: Bar | None) -> mentions.MentionIndex:
    """All places of the archive that name a file of the groups."""
    from captionfix.dedupe import mentions

    archive = mentions.Archive(root, url)
    number = len(archive.files)
    if shown is not None:
        shown.turn("files searched for places", lambda: number)
    files = {file for group in groups for file in group.files}
    return mentions.survey(archive, files, shown.advance if shown is not None else _say_nothing)


def _tell_unread(named: mentions.MentionIndex, found: ImageReport) -> bool:
    """Tell which files could not be searched for places, where that was not said; return whether there are any."""
    told = {error.locator for error in found.bad}
    for error in named.unread:
        if error.locator not in told:
            say(f"error: {error}", to_stderr=True)
    return bool(named.unread)


def _find_mentions(named: mentions.MentionIndex | None) -> FindMentions:
    """Tells which places name an image."""
    from captionfix.runs.image_report import ImageMention

    by_file = named.by_file if named is not None else {}

    def find_mentions(file: str) -> list[ImageMention]:
        return [ImageMention(each.page, each.line, each.column, each.kind) for each in by_file.get(file, ())]

    return find_mentions


def _parts(
    found: ImageReport,
    roots: Roots,
    output_format: ImageFormat,
    jobs: int,
    *,
    quiet: bool,
    find_mentions: FindMentions | None = None,
) -> Iterator[str]:
    """A report, part by part."""
    from captionfix.output import images

    if output_format is ImageFormat.TEXT:
        return (f"{line}\n" for line in (() if quiet else images.lines(found, find_mentions)))
    if output_format is ImageFormat.JSON:
        return images.json_parts(found, __version__, find_mentions)
    if output_format is ImageFormat.CSV:
        return images.csv_parts(found, find_mentions)
    return _page(found, roots, jobs, find_mentions)


def _page(found: ImageReport, roots: Roots, jobs: int, find_mentions: FindMentions | None) -> Iterator[str]:
    from captionfix.output.gallery import html_parts, side
    from captionfix.runs.thumbnails import thumbnails

    with closing(thumbnails(found, roots, side(found), jobs)) as drawn:
        yield from html_parts(found, drawn, find_mentions)


def _write(parts: Iterable[str], output: Path | None) -> None:
    data = (part.encode("utf-8", "replace") for part in parts)
    if output is None:
        for part in data:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    from captionfix.archives.files import write_parts

    write_parts(output, data)
