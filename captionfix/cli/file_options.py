"""Which options choose files, and which choose what is told and what fails."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from captionfix.output import FORMS

TEXT = "text"
"""The form for people; all others are for programs."""


def form_of(text: str) -> str:
    """Return the name of a report's form.

    >>> form_of("SARIF")
    'sarif'
    """
    if text.lower() not in FORMS:
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(FORMS)}")
    return text.lower()


Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="PATTERN",
        help="Exclude these files and folders instead of those of the settings; patterns as in .gitignore; repeatable.",
    ),
]
ExtendExclude = Annotated[
    list[str] | None,
    typer.Option("--extend-exclude", metavar="PATTERN", help="Exclude these files and folders too; repeatable."),
]
ForceExclude = Annotated[
    bool | None,
    typer.Option(
        "--force-exclude/--no-force-exclude",
        help="Also exclude files that are named as PATH, where a pattern or .gitignore matches.",
        show_default=False,
    ),
]
RespectGitignore = Annotated[
    bool | None,
    typer.Option(
        "--respect-gitignore/--no-respect-gitignore",
        help="Respect .gitignore files below the project's folder.",
        show_default=False,
    ),
]
StdinFilename = Annotated[
    str | None,
    typer.Option(
        "--stdin-filename",
        metavar="FILE",
        help="The file that standard input would be: for messages, patterns and the images beside it.",
        show_default=False,
    ),
]
ShowSettings = Annotated[
    bool, typer.Option("--show-settings", help="Show the settings and the file they come from, and exit.")
]
OutputFormat = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORM",
        parser=form_of,
        autocompletion=lambda: list(FORMS.items()),
        help=f"The form of the report: {', '.join(f'{name} ({what})' for name, what in FORMS.items())}.",
    ),
]
Statistics = Annotated[
    bool, typer.Option("--statistics", help="Show how often each rule found something, instead of each finding.")
]
MaxFindings = Annotated[
    int,
    typer.Option(
        "--max-findings", metavar="N", min=0, help="Exit with 1 only if there are more findings to fix than N."
    ),
]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings to fix.")]
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="An earlier report (--format json or jsonl): findings that it has are counted but do not fail.",
        show_default=False,
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where the report goes; - is standard output. A file that is there is replaced.",
        show_default=False,
    ),
]
Decisions = Annotated[
    Path | None,
    typer.Option(
        "--decisions",
        metavar="FILE",
        help="What was decided in the page of --format html: accepted pairs go, rejected ones stay.",
        show_default=False,
    ),
]
FromReport = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Carry out a report of check --format json: the same pages, if they are still the same, by its settings.",
        show_default=False,
    ),
]
LogFile = Annotated[
    Path | None,
    typer.Option(
        "--log-file",
        metavar="FILE",
        help="Append everything that -v shows, and all errors, to this file.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Report what would change; write nothing else.")]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the copy in OUT that an interrupted run left.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Overwrite files in OUT; other files there stay as they are.")
]
