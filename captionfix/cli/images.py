"""The command that tells which image files are the same picture."""

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
from captionfix.cli.options import CachePath, Jobs, Keep, NoCache, Quiet, Report, settings_of
from captionfix.cli.teller import say
from captionfix.cli.terminal import Bar, bar
from captionfix.errors import UsageError

if TYPE_CHECKING:
    from captionfix.images import Roots
    from captionfix.report_images import Spots, Survey


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
        typer.Option("--format", help="How groups are told; html is a page with small pictures, for a browser."),
    ] = ImageFormat.TEXT,
    output: Report = None,
    keep: Keep = "best",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when two files are one picture.")] = False,
    jobs: Jobs = 1,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    quiet: Quiet = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell the files that were left alone too.")] = False,
) -> None:
    """Find image files that are the same picture, and the best of each; change nothing."""
    from captionfix.images import Roots, survey

    settings = settings_of(None, locals())
    roots = Roots(_named(paths))
    policy = roots.policy(keep)
    _check_output(output)
    shown = _bar(roots.paths, quiet=quiet)
    left = _teller_of_left(shown) if verbose and not quiet else _say_nothing
    with shown or nullcontext():
        found = survey(
            roots, settings, policy, jobs=jobs, left=left, advance=shown.advance if shown is not None else _say_nothing
        )
    _tell_problems(found, output_format, quiet=quiet)
    _write(_parts(found, roots, output_format, jobs, quiet=quiet and output is None), output)
    if not quiet and output is not None:
        say(found.counts.sentence())
    raise typer.Exit(found.counts.exit_code(found_is_one=exit_code))


def _named(paths: Sequence[str]) -> list[Path]:
    if "" in paths:
        raise UsageError("an empty path names nothing; is a shell variable unset?")
    if "-" in paths:
        raise UsageError("- is standard input, which holds no files; name folders or image files")
    return [Path(path) for path in paths]


def _check_output(output: Path | None) -> None:
    """Refuse to write a report where no report belongs, before anything is looked at."""
    from captionfix.archives.atomic import read_head
    from captionfix.pictures.kinds import is_image

    if output is None or not os.path.lexists(output):
        return
    if not output.is_file():
        raise UsageError(f"{output}: is no file; name the file that the report goes to")
    if is_image(read_head(Path(os.path.realpath(output)), 1024)[0]):
        raise UsageError(f"{output}: is an image; name another file for the report")


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


def _tell_problems(found: Survey, output_format: ImageFormat, *, quiet: bool) -> None:
    """Tell what could not be read, and what a report of this form has no room for."""
    from captionfix.errors import PageError

    for note in () if quiet else found.notes:
        say(f"note: {note}", to_stderr=True)
    for error in found.bad:
        if isinstance(error, PageError):
            say(f"error: {error}", to_stderr=True)
        elif output_format is ImageFormat.CSV and not quiet:
            say(f"note: bad image {error}", to_stderr=True)


def _parts(
    found: Survey, roots: Roots, output_format: ImageFormat, jobs: int, *, quiet: bool, spots: Spots | None = None
) -> Iterator[str]:
    """A report, part by part."""
    from captionfix import report_images

    if output_format is ImageFormat.TEXT:
        return (f"{line}\n" for line in (() if quiet else report_images.lines(found, spots)))
    if output_format is ImageFormat.JSON:
        return report_images.json_parts(found, __version__, spots)
    if output_format is ImageFormat.CSV:
        return report_images.csv_parts(found)
    return _page(found, roots, jobs, spots)


def _page(found: Survey, roots: Roots, jobs: int, spots: Spots | None) -> Iterator[str]:
    from captionfix.gallery import html_parts, side
    from captionfix.images import thumbnails

    with closing(thumbnails(found, roots, side(found), jobs)) as drawn:
        yield from html_parts(found, drawn, spots)


def _write(parts: Iterable[str], output: Path | None) -> None:
    data = (part.encode("utf-8", "replace") for part in parts)
    if output is None:
        for part in data:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return
    from captionfix.archives.files import write_parts

    write_parts(output, data)
