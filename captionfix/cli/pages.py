"""The commands that go over pages: check, clean and hook."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix import __version__
from captionfix.cli.file_options import (
    TEXT,
    BaselineFile,
    Decisions,
    DryRun,
    Exclude,
    ExitZero,
    ExtendExclude,
    ForceExclude,
    FromReport,
    LogFile,
    MaxFindings,
    OutputFormat,
    Overwrite,
    ReportFile,
    RespectGitignore,
    Resume,
    ShowSettings,
    Statistics,
    StdinFilename,
)
from captionfix.cli.options import (
    STDOUT,
    Alt,
    CachePath,
    Config,
    Diff,
    Encoding,
    Explain,
    Field,
    For,
    Ignore,
    Images,
    Jobs,
    NoCache,
    Paths,
    Quiet,
    ReviewLevel,
    Scripts,
    Select,
    StateDir,
    Templates,
    Text,
    Url,
    UrlField,
    Verbose,
    WarcStyle,
    lines_asked_for,
    output_path,
    settings_of,
    show_settings_of,
)
from captionfix.cli.printer import OutputOptions, Printer
from captionfix.cli.terminal import Bar, bar
from captionfix.errors import UsageError
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.runs.copying import Output
    from captionfix.workers import Outcome

_ALONE = "- must be the only PATH and goes to standard output; name files to use -o or -i"


def check(
    paths: Paths = None,
    select: Select = None,
    ignore: Ignore = None,
    review_level: ReviewLevel = None,
    alt: Alt = None,
    scripts: Scripts = None,
    extractor: For = None,
    text: Text = None,
    templates: Templates = None,
    images: Images = None,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    url: Url = None,
    encoding: Encoding = None,
    field: Field = None,
    url_field: UrlField = None,
    exclude: Exclude = None,
    extend_exclude: ExtendExclude = None,
    force_exclude: ForceExclude = None,
    respect_gitignore: RespectGitignore = None,
    stdin_filename: StdinFilename = None,
    config: Config = None,
    show_settings: ShowSettings = False,
    output_format: OutputFormat = TEXT,
    output: ReportFile = None,
    decisions: Decisions = None,
    diff: Diff = False,
    statistics: Statistics = False,
    baseline: BaselineFile = None,
    max_findings: MaxFindings = 0,
    exit_zero: ExitZero = False,
    log_file: LogFile = None,
    jobs: Jobs = 1,
    explain: Explain = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find doubled captions and pictures; change nothing. Exit with 1 if clean with the same options would change any.

    With --explain, a PATH may be a page and a line (page.html:24): only what is on that line is explained.
    """
    settings = settings_of(config, locals())
    paths = _named(paths, settings, config, show=show_settings)
    _no_clash(output_format, diff=diff)
    paths, only = lines_asked_for(paths) if settings.explain else (paths, {})
    options = OutputOptions(
        output_format,
        quiet=quiet,
        verbose=verbose,
        diff=diff,
        explain=settings.explain,
        statistics=statistics,
        log=log_file,
        baseline=baseline,
        report=_report_file(output, paths),
        origin={"paths": paths, "settings": settings.as_values()},
        next_step=f"captionfix clean {_shown(paths)} --diff shows the changes, -o OUT writes a cleaned copy",
        only=only,
    )
    printer = Printer(options, bar=_bar(paths, quiet=quiet))
    printer.tell(_outcomes(_Input(paths, stdin_filename), settings, None, jobs, options))
    raise typer.Exit(printer.exit_code(found_is_one=not exit_zero, allowed=max_findings))


def clean(
    paths: Paths = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            parser=output_path,
            help="Where the cleaned copy goes: a folder for folders, a file for one file; absent or empty. "
            "- is standard output.",
            show_default=False,
        ),
    ] = None,
    in_place: Annotated[
        bool,
        typer.Option("--in-place", "-i", help="Replace the pages where they are; captionfix undo takes it back."),
    ] = False,
    state_dir: StateDir = None,
    dry_run: DryRun = False,
    resume: Resume = False,
    overwrite: Overwrite = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when something changed.")] = False,
    select: Select = None,
    ignore: Ignore = None,
    review_level: ReviewLevel = None,
    alt: Alt = None,
    scripts: Scripts = None,
    extractor: For = None,
    text: Text = None,
    templates: Templates = None,
    images: Images = None,
    cache_path: CachePath = None,
    no_cache: NoCache = False,
    url: Url = None,
    encoding: Encoding = None,
    field: Field = None,
    url_field: UrlField = None,
    exclude: Exclude = None,
    extend_exclude: ExtendExclude = None,
    force_exclude: ForceExclude = None,
    respect_gitignore: RespectGitignore = None,
    stdin_filename: StdinFilename = None,
    warc_style: WarcStyle = None,
    config: Config = None,
    show_settings: ShowSettings = False,
    decisions: Decisions = None,
    from_report: FromReport = None,
    output_format: OutputFormat = TEXT,
    diff: Diff = False,
    statistics: Statistics = False,
    log_file: LogFile = None,
    jobs: Jobs = 1,
    explain: Explain = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Remove doubled captions and pictures. One file goes to standard output; anything else needs -o OUT or -i."""
    settings, seen = settings_of(config, locals()), None
    if from_report is not None:
        paths, settings, seen = _saved(from_report, paths, settings)
    paths = _named(paths, settings, config, show=show_settings)
    _no_clash(output_format, diff=diff)
    if in_place:
        _only_in_place(paths, output, diff=diff)
    elif output == STDOUT:
        output = None
    if diff and output is not None:
        raise UsageError("--diff writes nothing; leave out -o, or leave out --diff")
    if (resume or overwrite) and (output is None or resume is overwrite):
        raise UsageError("--resume and --overwrite are for an OUT that is not empty: name it with -o, choose one")
    writes = not (diff or dry_run)
    to_stdout = output is None and not in_place and writes
    if to_stdout:
        _only_one_file(paths, output_format)
    options = OutputOptions(
        output_format,
        fixed=writes,
        quiet=quiet,
        verbose=verbose,
        diff=diff,
        page=to_stdout,
        writes=writes and not to_stdout,
        explain=settings.explain,
        statistics=statistics,
        log=log_file,
        next_step="the same command without --dry-run does it" if dry_run else "",
    )
    if in_place and writes:
        printer = _replace(_Input(paths, seen=seen), settings, state_dir, jobs, options)
    else:
        out = _output(output, resume=resume, overwrite=overwrite) if output is not None and writes else None
        printer = Printer(options, bar=_bar(paths, quiet=quiet))
        printer.tell(_outcomes(_Input(paths, stdin_filename, seen), settings, out, jobs, options))
    raise typer.Exit(printer.exit_code(found_is_one=exit_code))


def _saved(
    report: Path, paths: Sequence[str] | None, settings: Settings
) -> tuple[list[str], Settings, Mapping[str, str]]:
    """The pages of a report, its settings with the decisions of this run, and what the pages were."""
    from captionfix.output.saved import read_report

    if paths:
        raise UsageError("--from says which pages it is about; leave out PATH")
    saved = read_report(report, __version__)
    same = Settings(project=settings.project).with_values(saved.settings, str(report))
    accepted, rejected = settings.accepted or same.accepted, settings.rejected or same.rejected
    return list(saved.paths), replace(same, accepted=accepted, rejected=rejected), saved.seen


def _report_file(path: Path | None, paths: Sequence[str]) -> Path | None:
    """Where a report goes; not among the pages that it tells of."""
    if path is None or str(path) == "-":
        return None
    place = path.absolute()
    if any(
        place == named or (named.is_dir() and named in place.parents) for named in map(Path.absolute, map(Path, paths))
    ):
        raise UsageError(f"{path}: lies among the pages that are read; name a file outside of them")
    return path


def _output(path: Path, *, resume: bool, overwrite: bool) -> Output:
    from captionfix.runs.copying import Output

    return Output(path, resume=resume, overwrite=overwrite, version=__version__)


def _replace(given: _Input, settings: Settings, state: Path | None, jobs: int, options: OutputOptions) -> Printer:
    """Replace pages where they are and tell of it; of a run that is cut short, tell how to take back what it did."""
    from captionfix.archives.journal_store import JournalStore
    from captionfix.runs import batch
    from captionfix.workers import Request

    places, journals = [Path(path) for path in given.paths], JournalStore(state)
    journal = batch.journal_for(places, journals, __version__)
    printer = Printer(options, journal, _bar(given.paths, quiet=options.quiet))
    request = Request(seen=given.seen)
    try:
        printer.tell(batch.replace_pages(places, settings, journal, journals, jobs=jobs, request=request))
    finally:
        printer.tell_undo()
    return printer


def hook(
    paths: Paths = None,
    only_check: Annotated[bool, typer.Option("--check", help="Report what would change, and write nothing.")] = False,
    scripts: Scripts = None,
    force_exclude: ForceExclude = None,
    config: Config = None,
) -> None:
    """Fix the given files where they are, for pre-commit. Exit code 1 if any changed; nothing else is written.

    The files are taken for a site's sources, whose scripts run, unless --scripts or the settings say otherwise.
    """
    from captionfix.runs import batch

    default = Settings(scripts="run", project=str(Path().absolute()))
    settings = settings_of(config, {"scripts": scripts, "force_exclude": force_exclude}, default)
    for path in paths or ():
        if not Path(path).is_file():
            raise UsageError(f"{path or 'an empty path'}: is not a file; the hook takes the files to fix, one by one")
    places = [Path(path) for path in paths or ()]
    printer = Printer(OutputOptions(fixed=not only_check, explain=settings.explain, writes=not only_check))
    printer.tell(batch.rewrite(places, settings, only_check=only_check))
    raise typer.Exit(printer.exit_code(found_is_one=True))


@dataclass(frozen=True, slots=True)
class _Input:
    """What is read: paths, the file that standard input would be, and what the pages were when somebody looked."""

    paths: Sequence[str]
    stdin_filename: str | None = None
    seen: Mapping[str, str] | None = None


def _named(paths: Sequence[str] | None, settings: Settings, config: Path | None, *, show: bool) -> list[str]:
    """The paths, where only the settings are to be shown nothing more is done."""
    if show:
        show_settings_of(settings, config)
        raise typer.Exit
    if not paths:
        raise UsageError("PATH is missing; name files, folders, or - for standard input")
    return list(paths)


def _shown(paths: Sequence[str]) -> str:
    """The paths as a shell takes them, as long as a line has room for them."""
    told = shlex.join(paths)
    return told if len(told) <= _ROOM else "PATH..."


_ROOM = 60


def _no_clash(output_format: str, *, diff: bool) -> None:
    if diff and output_format != TEXT:
        raise UsageError("--diff and --format go to the same place; choose one of them")


def _only_in_place(paths: Sequence[str], output: Path | None, *, diff: bool) -> None:
    if output is not None:
        raise UsageError("-i replaces the pages where they are, -o writes a copy; choose one of them")
    if diff:
        raise UsageError("--diff writes nothing; leave out -i, or leave out --diff")
    if "-" in paths:
        raise UsageError("- is standard input, which is nowhere to be replaced; name files or folders for -i")
    _check_named(paths)


def _check_named(paths: Sequence[str]) -> None:
    if "" in paths:
        raise UsageError("an empty path names nothing; is a shell variable unset?")


def _bar(paths: Sequence[str], *, quiet: bool) -> Bar | None:
    def count() -> int:
        from captionfix.archives.files import count

        return count(map(Path, paths))

    return bar(count, quiet=quiet)


def _only_one_file(paths: Sequence[str], output_format: str) -> None:
    if "-" in paths and len(paths) > 1:
        raise UsageError(_ALONE)
    if len(paths) > 1 or (paths[0] != "-" and Path(paths[0]).is_dir()):
        raise UsageError(
            "several pages do not go to standard output; add -o OUT for a cleaned copy or -i to replace them, or check"
        )
    if output_format != TEXT:
        raise UsageError(
            "the page itself goes to standard output; add -o OUT or -i, or use check, for a report in another --format"
        )


def _outcomes(
    given: _Input, settings: Settings, out: Output | None, jobs: int, options: OutputOptions
) -> Generator[Outcome, None, None]:
    from captionfix.runs import batch
    from captionfix.workers import Carried, Request

    paths = given.paths
    _check_named(paths)
    if given.stdin_filename is not None and "-" not in paths:
        raise UsageError("--stdin-filename names standard input; read it with -")
    carried = Carried.PAGES if options.diff or options.page else Carried.NOTHING
    carried = Carried.EXHIBITS if options.form == "html" else carried
    stream = sys.stdout.buffer if options.page else None
    if "-" not in paths:
        return batch.run(
            [Path(path) for path in paths], settings, out or stream, jobs=jobs, request=Request(carried, given.seen)
        )
    if len(paths) > 1 or out is not None:
        raise UsageError(_ALONE)
    if sys.stdin is None:
        raise UsageError("there is no standard input")
    pipe = batch.Pipe(sys.stdin.buffer, given.stdin_filename or "")
    return batch.run_pipe(pipe, settings, jobs=jobs, request=Request(carried, given.seen), out=stream)
