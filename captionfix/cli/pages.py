"""The commands that go over pages: check, clean and hook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix.cli.options import (
    Alt,
    Config,
    Diff,
    Encoding,
    Ignore,
    OutputFormat,
    Paths,
    Quiet,
    ReviewLevel,
    Select,
    Templates,
    Text,
    Url,
    Verbose,
    settings_of,
)
from captionfix.cli.teller import Format, Manner, Teller
from captionfix.errors import UsageError
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.batch import Outcome

_ALONE = "- stands alone and goes to standard output; name files to write with -o"


def check(
    paths: Paths,
    select: Select = None,
    ignore: Ignore = None,
    review_level: ReviewLevel = None,
    alt: Alt = None,
    text: Text = None,
    templates: Templates = None,
    url: Url = None,
    encoding: Encoding = None,
    config: Config = None,
    output_format: OutputFormat = Format.TEXT,
    diff: Diff = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find what repeats; change nothing. Exit code 1 if clean with the same options would change something."""
    settings = settings_of(config, locals())
    _no_clash(output_format, diff=diff)
    teller = Teller(Manner(output_format, quiet=quiet, verbose=verbose, diff=diff))
    teller.tell(_outcomes(paths, settings, None))
    raise typer.Exit(teller.exit_code(found_is_one=True))


def clean(
    paths: Paths,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where the cleaned copy goes: a folder for folders, a file for one file; absent or empty.",
            show_default=False,
        ),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when something changed.")] = False,
    select: Select = None,
    ignore: Ignore = None,
    review_level: ReviewLevel = None,
    alt: Alt = None,
    text: Text = None,
    templates: Templates = None,
    url: Url = None,
    encoding: Encoding = None,
    config: Config = None,
    output_format: OutputFormat = Format.TEXT,
    diff: Diff = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Take out what repeats. One file without -o goes to standard output; folders and several files need -o."""
    settings = settings_of(config, locals())
    _no_clash(output_format, diff=diff)
    if diff and output is not None:
        raise UsageError("--diff writes nothing; leave out -o, or leave out --diff")
    to_stdout = output is None and not diff
    if to_stdout:
        _only_one_file(paths, output_format)
    teller = Teller(
        Manner(output_format, mended=not diff, quiet=quiet, verbose=verbose, diff=diff, page=to_stdout),
    )
    teller.tell(_outcomes(paths, settings, None if diff else output))
    raise typer.Exit(teller.exit_code(found_is_one=exit_code))


def hook(
    paths: Paths,
    config: Config = None,
) -> None:
    """Mend the given files where they are, for pre-commit. Exit code 1 if any changed; nothing else is written."""
    from captionfix import batch

    settings = settings_of(config, {})
    for path in paths:
        if not Path(path).is_file():
            raise UsageError(f"{path or 'an empty path'}: is no file; the hook takes the files to mend, one by one")
    teller = Teller(Manner(mended=True))
    teller.tell(batch.rewrite([Path(path) for path in paths], settings))
    raise typer.Exit(teller.exit_code(found_is_one=True))


def _no_clash(output_format: Format, *, diff: bool) -> None:
    if diff and output_format is not Format.TEXT:
        raise UsageError("--diff and --format go to the same place; choose one of them")


def _only_one_file(paths: Sequence[str], output_format: Format) -> None:
    if "-" in paths and len(paths) > 1:
        raise UsageError(_ALONE)
    if len(paths) > 1 or (paths[0] != "-" and Path(paths[0]).is_dir()):
        raise UsageError("several pages do not go to standard output; add -o OUT for a cleaned copy, or use check")
    if output_format is not Format.TEXT:
        raise UsageError(
            "the page itself goes to standard output; add -o OUT, or use check, for --format json or jsonl"
        )


def _outcomes(paths: Sequence[str], settings: Settings, out: Path | None) -> Iterator[Outcome]:
    from captionfix import batch
    from captionfix.archives.files import Kind, looks_like_html, looks_like_markup

    if "" in paths:
        raise UsageError("an empty path names nothing; is a shell variable unset?")
    if "-" not in paths:
        return batch.run([Path(path) for path in paths], settings, out)
    if len(paths) > 1 or out is not None:
        raise UsageError(_ALONE)
    if sys.stdin is None:
        raise UsageError("there is no standard input")
    raw = sys.stdin.buffer.read()
    kind = Kind.HTML if looks_like_html(raw) or looks_like_markup(raw) else Kind.TEXT
    cleaned, error = batch.clean_bytes(raw, settings, "-", kind)
    return iter([batch.Outcome("-", cleaned, error)])
