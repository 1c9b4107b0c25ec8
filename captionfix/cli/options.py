"""What the commands' options are called, what they mean, and the settings they come to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from captionfix.errors import SettingsError, UsageError
from captionfix.extractors import PROFILES
from captionfix.project import load_settings
from captionfix.settings import ALT_CHOICES, SCRIPTS_CHOICES, WARC_STYLES, Settings


class AltChoice(Enum):
    """What becomes of a redundant alt."""

    EMPTY = "empty"
    UNLINKED = "unlinked"
    DROP = "drop"
    KEEP = "keep"


class ScriptsChoice(Enum):
    """Whether the pages' own scripts can still run."""

    AUTO = "auto"
    RUN = "run"
    DEAD = "dead"


class WarcStyleChoice(Enum):
    """What becomes of the pages of a crawl."""

    RESPONSE = "response"
    CONVERSION = "conversion"


assert tuple(choice.value for choice in WarcStyleChoice) == WARC_STYLES
assert tuple(choice.value for choice in AltChoice) == ALT_CHOICES
assert tuple(choice.value for choice in ScriptsChoice) == SCRIPTS_CHOICES

STDOUT = Path("-")
"""What ``-o -`` comes to: standard output."""


_PLACE = re.compile(r"(?s)(.+):([0-9]+)")
"""A page and a line of it; the name may itself hold colons, as those of Windows' drives do."""


def lines_asked_for(paths: Sequence[str]) -> tuple[list[str], dict[str, set[int]]]:
    """Return the paths without lines, each once, and of which pages only some lines are asked for.

    Args:
        paths: as given; a file that is called so is no page with a line.

    Raises:
        UsageError: a line of a folder.

    >>> lines_asked_for(["a.html:3", "C:\\\\b.html:24", "-:1", "c.html"])
    (['a.html', 'C:\\\\b.html', '-', 'c.html'], {'a.html': {3}, 'C:\\\\b.html': {24}, '-': {1}})
    """
    plain: list[str] = []
    lines: dict[str, set[int]] = {}
    for path in paths:
        place = None if Path(path).exists() else _PLACE.fullmatch(path)
        if place is None:
            plain.append(path)
        elif Path(place[1]).is_dir():
            raise UsageError(f"{path}: {place[1]} is a folder, which has no lines; name a page of it")
        else:
            lines.setdefault(place[1], set()).add(int(place[2]))
            plain.append(place[1])
    whole = {path for path in paths if path in plain}
    return [*dict.fromkeys(plain)], {path: found for path, found in lines.items() if path not in whole}


def output_path(text: str) -> Path:
    """Return where an output goes; only the bare ``-`` is standard output, ``./-`` is a file of that name.

    >>> output_path("-") == STDOUT, output_path("./-") == STDOUT, output_path("out") == STDOUT
    (True, False, False)
    """
    path = Path(text)
    return path.absolute() if path == STDOUT and text != "-" else path


Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH...", help="Files, folders, or - for standard input.", show_default=False),
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
    typer.Option("--review-level/--no-review-level", help="Also fix findings that are for review.", show_default=False),
]
Alt = Annotated[
    AltChoice | None,
    typer.Option(
        "--alt",
        help="What to do with an alt that repeats the visible caption: empty it (default), "
        "empty it only on pictures without a link, drop the attribute, or keep it.",
        show_default=False,
    ),
]
Scripts = Annotated[
    ScriptsChoice | None,
    typer.Option(
        "--scripts",
        help="Whether the pages' own scripts can still run, so that what they open or show stays: look at the page "
        "and the files beside it (auto, the default), run (a site's source), or dead (scraped pages).",
        show_default=False,
    ),
]
For = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="EXTRACTOR",
        help="Clean for a text extractor that reads the pages next, and for nobody else: of a caption that is in an "
        f"attribute and in the text, the copy stays that it prints. One of {', '.join(PROFILES)}.",
        show_default=False,
    ),
]
Text = Annotated[
    bool | None,
    typer.Option(
        "--text/--no-text",
        help="Also read plain text: .txt and .md in folders, and named files without such an ending.",
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
        help="Use this file as the cache of image fingerprints, not the one in the user's cache folder.",
        show_default=False,
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Do not use the cache of image fingerprints.")]
Field = Annotated[
    str | None,
    typer.Option(
        "--field",
        metavar="NAME",
        help="In JSON Lines, the field that holds the page; dots lead into objects. [default: html]",
        show_default=False,
    ),
]
UrlField = Annotated[
    str | None,
    typer.Option(
        "--url-field", metavar="NAME", help="The field that says where it came from. [default: url]", show_default=False
    ),
]
WarcStyle = Annotated[
    WarcStyleChoice | None,
    typer.Option(
        "--warc-style",
        help="Of a WARC file: write the crawl again, to be replayed (response, the default), or leave it as it was and "
        "add a record behind each page that changes (conversion).",
        show_default=False,
    ),
]
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
Keep = Annotated[
    str,
    typer.Option(
        "--keep",
        metavar="WHICH",
        help="Which file of a group is kept: best, largest or smallest in pixels, first in order, "
        "or in:PATH for one in that folder.",
    ),
]
Report = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        parser=output_path,
        help="Write the report to this file, whole or not at all, instead of standard output, which is -.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file instead of the captionfix.toml or pyproject.toml found from the working directory upwards.",
        show_default=False,
    ),
]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a unified diff and write nothing.")]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", metavar="N", min=0, help="How many processes work at once; 0 takes as many as there are cores."
    ),
]
StateDir = Annotated[
    Path | None,
    typer.Option(
        "--state-dir",
        metavar="FOLDER",
        envvar="CAPTIONFIX_STATE_DIR",
        help="Where journals are kept; by default the user's state folder.",
        show_default=False,
    ),
]
Explain = Annotated[
    bool | None,
    typer.Option(
        "--explain/--no-explain",
        help="Explain each comparison, also of what is kept: which cases hold, which do not, and why.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show errors only.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        help="Also show what is kept, the evidence of each finding, equal findings one by one, and skipped files.",
    ),
]


_CHOOSING = ("force_exclude", "respect_gitignore")


def settings_of(config: Path | None, given: dict[str, Any], default: Settings | None = None) -> Settings:
    """Return the settings of the file with what the command line says over them.

    Args:
        config: the file; None for the working directory's.
        given: the command's options by name; what is no setting is passed over.
        default: what holds where neither says anything.

    Raises:
        SettingsError: the file or an option is wrong.
    """
    values: dict[str, Any] = {}
    plain = ("extractor", "review_level", "text", "templates", "url", "encoding", "explain", "field", "url_field")
    for name in (*plain, *_CHOOSING):
        if given.get(name) is not None:
            values[name] = given[name]
    for name in ("select", "ignore"):
        if given.get(name):
            values[name] = [code.strip().upper() for item in given[name] for code in item.split(",") if code.strip()]
    for name in ("exclude", "extend_exclude"):
        if given.get(name):
            values[name] = given[name]
    for name in ("alt", "scripts", "warc_style"):
        if given.get(name) is not None:
            values[name] = given[name].value
    values |= _image_values(given) | _choices(given.get("decisions"))
    settings = load_settings(config, default=default).with_values(values, "command line")
    if settings.encoding:
        _check_encoding(settings.encoding)
    return settings


def _choices(path: Path | None) -> dict[str, Any]:
    """What was decided in a review."""
    if path is None:
        return {}
    from captionfix.project import read_choices

    accepted, rejected = read_choices(path)
    return {"accepted": accepted, "rejected": rejected}


def show_settings_of(settings: Settings, config: Path | None) -> None:
    """Show settings, as a settings file would have them, and the file they come from.

    Args:
        settings: the settings.
        config: the file that was named, if one was.
    """
    import json
    from dataclasses import asdict

    from captionfix.formatting import printable
    from captionfix.project import find_settings_file

    found = config or find_settings_file()
    typer.echo(printable(f"# settings file: {found or 'none from the working directory upwards'}").encode())
    for name, value in asdict(settings).items():
        if name == "project":
            typer.echo(printable(f"# project: {value or 'none'}").encode())
        elif name == "per_file_ignores":
            rows = (f"{json.dumps(pattern)} = {json.dumps(codes)}" for pattern, codes in value)
            typer.echo(printable(f"per-file-ignores = {{{', '.join(rows)}}}").encode())
        else:
            known = value is not None
            typer.echo(printable(f"{'' if known else '# '}{name.replace('_', '-')} = {_toml(value)}").encode())


def _toml(value: object) -> str:
    """A value in TOML, whose texts, numbers and lists are those of JSON."""
    import json

    return json.dumps(value, ensure_ascii=False) if value is not None else "not set"


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


def _check_encoding(name: str) -> None:
    from captionfix.errors import PageError
    from captionfix.markup.source import read_source

    try:
        read_source(b"", encoding=name)
    except PageError as error:
        raise SettingsError(f"--encoding: {error.cause}; {error.hint}") from error
