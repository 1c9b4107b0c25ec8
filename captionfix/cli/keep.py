"""The command that records decisions: pairs that are no repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captionfix.cli.options import Config, Scripts, lines_asked_for, settings_of
from captionfix.cli.printer import say
from captionfix.errors import UsageError
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.model import Finding


def keep(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PAGE[:LINE]...",
            help="A page and a line on which one of a pair stands; without a line, all pairs of the page.",
            show_default=False,
        ),
    ],
    decisions: Annotated[
        Path | None,
        typer.Option(
            "--decisions",
            metavar="FILE",
            help="Record what a review rejected, and nothing else; PAGE may be a folder.",
            show_default=False,
        ),
    ] = None,
    scripts: Scripts = None,
    config: Config = None,
) -> None:
    """Record in the project's .captionfix-keep that findings are not repeats: they stay from now on.

    A pair is named by what it says and shows, so that it stays decided when files move or lines shift. One more copy
    on the same page is a repeat again.
    """
    from captionfix.project import decision_lines, keep_file, read_choices

    settings = settings_of(config, {"scripts": scripts, "explain": True})
    if settings.project is None:
        raise UsageError(
            "decisions are recorded beside the settings file; make one first, such as an empty captionfix.toml"
        )
    rejected = set(read_choices(decisions)[1]) if decisions is not None else None
    found = _each_once(_found(paths, settings, rejected))
    file = keep_file(settings)
    with file.open("a", encoding="utf-8") as out:
        out.write(decision_lines((finding.key, _note(finding)) for finding in found))
    for finding in found:
        say(f"{file}: {finding.key} {_note(finding)}")


def _found(paths: Sequence[str], settings: Settings, rejected: Container[str] | None) -> Iterator[list[Finding]]:
    """The findings of each page that are to stay: those on the lines that were named, or that a review rejected."""
    from captionfix.runs import batch

    plain, only = lines_asked_for(paths)
    for outcome in batch.run([Path(path) for path in plain], settings):
        if outcome.error is not None:
            raise outcome.error
        lines = only.get(outcome.locator, ())
        findings = [finding for finding in outcome.findings or () if finding.is_open]
        if rejected is not None:
            yield [finding for finding in findings if finding.key in rejected]
            continue
        touched = [each for each in findings if not lines or any(map(each.touches, lines))]
        if outcome.findings is not None and not touched:
            where = f"{outcome.locator}:{min(lines)}" if lines else outcome.locator
            raise UsageError(f"{where}: nothing to decide there; check --explain tells what was compared")
        yield touched


def _each_once(pages: Iterable[list[Finding]]) -> list[Finding]:
    """Findings, each key as often as the page has it that has it most: a line keeps one pair on every page."""
    found: dict[tuple[str, int], Finding] = {}
    for page in pages:
        number: Counter[str] = Counter()
        for finding in page:
            number[finding.key] += 1
            found.setdefault((finding.key, number[finding.key]), finding)
    return list(found.values())


def _note(finding: Finding) -> str:
    from captionfix.output.place import from_here
    from captionfix.output.words import shortened

    what = f'"{shortened(finding.caption)}"' if finding.caption else shortened(finding.picture, from_end=True)
    return f"{finding.code} {from_here(finding.page)}:{finding.line} {what}".rstrip()
