"""The command line: the only room that prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from captionfix import __version__
from captionfix.errors import CaptionfixError, SettingsError, UsageError
from captionfix.settings import ALT_CHOICES, Settings, load_settings

if TYPE_CHECKING:
    from captionfix.batch import Outcome

USAGE = 3
"""Exit code for wrong usage or settings."""
_ALONE = "- stands alone and goes to standard output; name files to write with -o"
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

app = typer.Typer(
    name="captionfix",
    help="Take doubled photo captions and doubled pictures out of scraped web pages; every other byte stays.",
    epilog="Exit codes: 0 done or nothing to mend, 1 findings (check) or changes (clean --exit-code), "
    "2 a page could not be read or written, 3 wrong usage or settings.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class Format(Enum):
    """How findings are told."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


class AltChoice(Enum):
    """What becomes of a redundant alt."""

    EMPTY = "empty"
    UNLINKED = "unlinked"
    DROP = "drop"
    KEEP = "keep"


assert tuple(choice.value for choice in AltChoice) == ALT_CHOICES

Paths = Annotated[
    list[str], typer.Argument(metavar="PATH...", help="Files, folders, or - for standard input.", show_default=False)
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="CODE", help="Only these rules, by code or its beginning; repeat or separate by commas."
    ),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="CODE", help="Not these rules, by code or its beginning; wins over --select."),
]
ReviewLevel = Annotated[
    bool | None,
    typer.Option(
        "--review-level/--no-review-level", help="Also mend findings that ask for a person's eye.", show_default=False
    ),
]
Alt = Annotated[
    AltChoice | None,
    typer.Option(
        "--alt",
        help="What becomes of an alt that the visible caption says already: empty it (default), "
        "empty it only on pictures without a link, drop the attribute, or keep it.",
        show_default=False,
    ),
]
Text = Annotated[
    bool | None,
    typer.Option(
        "--text/--no-text",
        help="In folders, also read .txt and .md; files named directly always are.",
        show_default=False,
    ),
]
Templates = Annotated[
    bool | None,
    typer.Option(
        "--templates/--no-templates",
        help="Also edit template sources (<?php, {{, {% ...), which are only reported otherwise.",
        show_default=False,
    ),
]
Images = Annotated[
    bool | None,
    typer.Option("--images/--no-images", help="Compare pictures by their pixels where it matters.", show_default=False),
]
CachePath = Annotated[
    str | None,
    typer.Option(
        "--cache",
        metavar="PATH",
        help="Keep what was seen of pictures in this file instead of the user's cache folder.",
        show_default=False,
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Keep nothing of pictures for the next run.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Where the page came from.", show_default=False)]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="The pages' encoding, where you know better than they say.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file instead of captionfix.toml or pyproject.toml of the working directory.",
        show_default=False,
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="How findings are told.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a unified diff and write nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Tell errors only.")]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Tell the evidence of each finding and the files left alone.")
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"captionfix {__version__}")
        raise typer.Exit


@app.command()
def check(
    paths: Paths,
    select: Select = None,
    ignore: Ignore = None,
    review_level: ReviewLevel = None,
    alt: Alt = None,
    text: Text = None,
    templates: Templates = None,
    images: Images = None,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    url: Url = None,
    encoding: Encoding = None,
    config: Config = None,
    output_format: OutputFormat = Format.TEXT,
    diff: Diff = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find what repeats; change nothing. Exit code 1 if clean with the same options would change something."""
    settings = _settings(config, locals())
    _no_clash(output_format, diff=diff)
    teller = _Teller(output_format, mended=False, quiet=quiet, verbose=verbose, diff=diff, to_stderr=diff)
    teller.tell(_outcomes(paths, settings, None))
    raise typer.Exit(teller.exit_code(found_is_one=True))


@app.command()
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
    images: Images = None,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    url: Url = None,
    encoding: Encoding = None,
    config: Config = None,
    output_format: OutputFormat = Format.TEXT,
    diff: Diff = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Take out what repeats. One file without -o goes to standard output; folders and several files need -o."""
    settings = _settings(config, locals())
    _no_clash(output_format, diff=diff)
    if diff and output is not None:
        raise UsageError("--diff writes nothing; leave out -o, or leave out --diff")
    to_stdout = output is None and not diff
    if to_stdout:
        _only_one_file(paths, output_format)
    teller = _Teller(
        output_format,
        mended=not diff,
        quiet=quiet,
        verbose=verbose,
        diff=diff,
        to_stderr=to_stdout or diff,
        page=to_stdout,
    )
    teller.tell(_outcomes(paths, settings, None if diff else output))
    raise typer.Exit(teller.exit_code(found_is_one=exit_code))


@app.command()
def hook(
    paths: Paths,
    config: Config = None,
) -> None:
    """Mend the given files where they are, for pre-commit. Exit code 1 if any changed; nothing else is written."""
    from captionfix import batch

    settings = _settings(config, {})
    for path in paths:
        if not Path(path).is_file():
            raise UsageError(f"{path or 'an empty path'}: is no file; the hook takes the files to mend, one by one")
    teller = _Teller(Format.TEXT, mended=True, quiet=False, verbose=False, diff=False, to_stderr=False)
    teller.tell(batch.rewrite([Path(path) for path in paths], settings))
    raise typer.Exit(teller.exit_code(found_is_one=True))


@app.command()
def rules(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A rule's code; without one, all are listed.")
    ] = None,
) -> None:
    """Tell what each rule finds, or explain one: why, an example, how safe its mend is."""
    from captionfix.rules import RULES

    if code is None:
        for rule in RULES:
            typer.echo(f"{rule.code}  {rule.name.replace('_', '-'):24} {rule.finds}")
        return
    _check_codes((code,), "CODE")
    for rule in RULES:
        if rule.code.startswith(code.upper()):
            explanation = rule.explanation.replace("``", "`")
            typer.echo(f"## {rule.code}\n\n`{rule.name.replace('_', '-')}`: {rule.finds}.\n\n{explanation}\n")


def _image_values(given: dict[str, Any]) -> dict[str, Any]:
    """What the command line says about images."""
    values = {"images": given["images"]} if given.get("images") is not None else {}
    if given.get("cache_path") is not None:
        if given.get("no_cache"):
            raise UsageError("--cache names a cache and --no-cache wants none; choose one of them")
        if not given["cache_path"] or Path(given["cache_path"]).is_dir():
            raise UsageError(f"--cache takes a file, not {given['cache_path'] or 'an empty path'}")
        values |= {"cache": True, "cache_path": given["cache_path"]}
    return values | ({"cache": False} if given.get("no_cache") else {})


def _settings(config: Path | None, given: dict[str, Any]) -> Settings:
    """The settings of the file with what the command line says over them."""
    values: dict[str, Any] = {}
    for name in ("review_level", "text", "templates", "url", "encoding"):
        if given.get(name) is not None:
            values[name] = given[name]
    for name in ("select", "ignore"):
        if given.get(name):
            values[name] = [code.strip().upper() for item in given[name] for code in item.split(",") if code.strip()]
    if given.get("alt") is not None:
        values["alt"] = given["alt"].value
    settings = load_settings(config).with_values(values | _image_values(given), "command line")
    _check_codes((*settings.select, *settings.ignore), "--select and --ignore")
    if settings.encoding:
        _check_encoding(settings.encoding)
    return settings


def _check_codes(codes: Sequence[str], where: str) -> None:
    import difflib

    from captionfix.rules import RULES

    known = [rule.code for rule in RULES]
    for code in codes:
        if not any(rule.startswith(code.upper()) for rule in known):
            near = difflib.get_close_matches(code.upper(), known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else "captionfix rules lists them"
            raise SettingsError(f"{where}: no rule {code!r}; {hint}")


def _check_encoding(name: str) -> None:
    from captionfix.errors import PageError
    from captionfix.markup.source import read_source

    try:
        read_source(b"", encoding=name)
    except PageError as error:
        raise SettingsError(f"--encoding: {error.cause}; {error.hint}") from error


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


class _Teller:
    """Says what was found, in the form and to the stream that were asked for."""

    def __init__(
        self,
        output_format: Format,
        *,
        mended: bool,
        quiet: bool,
        verbose: bool,
        diff: bool,
        to_stderr: bool,
        page: bool = False,
    ) -> None:
        from captionfix import report

        self._report = report
        self._format, self._mended, self._quiet, self._verbose = output_format, mended, quiet, verbose
        self._diff, self._page, self._to_stderr = diff, page, to_stderr
        self._counts = report.Counts()
        self._pages: list[dict[str, Any]] = []
        self._colour = output_format is Format.TEXT and (sys.stderr if to_stderr else sys.stdout).isatty()

    def tell(self, outcomes: Iterator[Outcome]) -> None:
        """Tell each outcome as it comes, and the sum at the end."""
        if self._format is Format.JSONL:
            self._line({"type": "header", **self._report.header(__version__)})
        for outcome in outcomes:
            self._count(outcome)
            self._tell_notes(outcome)
            {Format.TEXT: self._as_text, Format.JSON: self._as_json, Format.JSONL: self._as_jsonl}[self._format](
                outcome
            )
        self._sum_up()

    def exit_code(self, *, found_is_one: bool) -> int:
        """Return what the run comes to."""
        return self._report.exit_code(self._counts, found_is_one=found_is_one)

    def _count(self, outcome: Outcome) -> None:
        self._counts.errors += outcome.error is not None
        self._counts.others += bool(outcome.left)
        if outcome.cleaned is not None:
            self._counts.add(outcome.cleaned.findings, changed=outcome.cleaned.changed)
            self._counts.bad_pictures += len(outcome.cleaned.bad_pictures)

    def _tell_notes(self, outcome: Outcome) -> None:
        """Say on standard error what changed nothing, whatever the form."""
        for note in outcome.notes:
            typer.echo(f"note: {self._report.printable(note)}".encode("utf-8", "replace"), err=True)

    def _as_text(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._say_error(str(outcome.error))
        if outcome.left and self._verbose and not self._quiet:
            self._say(self._report.printable(f"{outcome.locator}: left alone, {outcome.left}"))
        if outcome.cleaned is None:
            return
        for finding in () if self._quiet else outcome.cleaned.findings:
            self._say(self._coloured(self._report.line(finding), finding.code))
            for line in self._report.evidence_lines(finding) if self._verbose else ():
                self._say(line)
        for bad in () if self._quiet else outcome.cleaned.bad_pictures:
            self._say(self._report.picture_line(outcome.locator, bad))
        if self._diff:
            self._show_diff(outcome)
        elif self._page:
            sys.stdout.buffer.write(outcome.cleaned.result)
            sys.stdout.buffer.flush()

    def _show_diff(self, outcome: Outcome) -> None:
        assert outcome.cleaned is not None
        if not outcome.cleaned.changed:
            return
        for line in self._report.diff(outcome.cleaned.raw, outcome.cleaned.result, outcome.locator):
            if sys.stdout.isatty():
                shown = self._report.printable(line.decode("utf-8", "replace").rstrip("\n"))
                colour = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}.get(shown[:1])
                typer.secho(shown, fg=colour)
            else:
                sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    def _as_json(self, outcome: Outcome) -> None:
        if outcome.cleaned is not None or outcome.error is not None:
            self._pages.append(self._page_record(outcome))

    def _page_record(self, outcome: Outcome) -> dict[str, Any]:
        cleaned, error = outcome.cleaned, outcome.error
        return {
            "page": self._report.printable(outcome.locator),
            "changed": cleaned is not None and cleaned.changed,
            "findings": [self._report.as_json(finding) for finding in cleaned.findings] if cleaned is not None else [],
            "bad_pictures": [self._report.picture_as_json(outcome.locator, bad) for bad in cleaned.bad_pictures]
            if cleaned is not None
            else [],
            "error": self._report.error_as_json(error) if error is not None else None,
        }

    def _as_jsonl(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._line({"type": "error", **self._report.error_as_json(outcome.error)})
        for finding in outcome.cleaned.findings if outcome.cleaned is not None else ():
            self._line({"type": "finding", **self._report.as_json(finding)})
        for bad in outcome.cleaned.bad_pictures if outcome.cleaned is not None else ():
            self._line({"type": "picture", **self._report.picture_as_json(outcome.locator, bad)})

    def _sum_up(self) -> None:
        summary = self._counts.as_json()
        if self._format is Format.JSON:
            self._line({**self._report.header(__version__), "pages": self._pages, "summary": summary})
        elif self._format is Format.JSONL:
            self._line({"type": "summary", **summary})
        elif not self._quiet:
            self._say(self._counts.sentence(mended=self._mended))

    def _line(self, data: dict[str, Any]) -> None:
        sys.stdout.buffer.write(self._report.dumps(data).encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()

    def _say(self, text: str) -> None:
        typer.echo(text.encode("utf-8", "replace"), err=self._to_stderr)

    def _say_error(self, text: str) -> None:
        typer.echo(f"error: {self._report.printable(text)}".encode("utf-8", "replace"), err=True)

    def _coloured(self, line: str, code: str) -> str:
        return line.replace(f" {code} ", f" {typer.style(code, fg=typer.colors.YELLOW)} ", 1) if self._colour else line


_USAGE_ERROR: Any = typer.BadParameter.__bases__[0]
"""What Typer raises for any wrong usage; it has no public name of its own."""


def main() -> None:
    """Run the command line, with wrong usage as exit code 3 and Ctrl-C as 130."""
    try:
        code = typer.main.get_command(app).main(standalone_mode=False)
    except _USAGE_ERROR as error:
        error.show()
        code = USAGE
    except (SettingsError, UsageError) as error:
        typer.echo(f"captionfix: {error}".encode("utf-8", "replace"), err=True)
        code = USAGE
    except CaptionfixError as error:
        typer.echo(f"captionfix: {error}".encode("utf-8", "replace"), err=True)
        code = 2
    except OSError as error:
        typer.echo(f"captionfix: {error}; check the disk, the rights and where the output goes", err=True)
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("captionfix: stopped", err=True)
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
