"""Many paths, one after the other: each file to its outcome, each outcome to its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captionfix.archives import files
from captionfix.archives.site import Site, open_site
from captionfix.errors import PageError
from captionfix.pictures.album import PageAlbum
from captionfix.pipeline import Cleaned, clean_page
from captionfix.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes:
        locator: the file, as the user named it.
        cleaned: the page before and after; None for what is no page and for what could not be read.
        error: what went wrong, if anything.
        left: why it was not looked at, if it is no page.
        notes: what went wrong beside it and changed nothing, such as a cache that cannot be used.
    """

    locator: str
    cleaned: Cleaned | None = None
    error: PageError | None = None
    left: str = ""
    notes: tuple[str, ...] = ()


def run(paths: Sequence[Path], settings: Settings, out: Path | None = None) -> Iterator[Outcome]:
    """Yield what becomes of every file below the paths, in order; write cleaned copies if asked.

    A page that cannot be read never stops the others; where its bytes are
    there, they go into the copy as they are.

    Args:
        paths: files and folders.
        settings: what to look for and how far to go.
        out: where the cleaned copy goes; None writes nothing.

    Raises:
        UsageError: the output does not fit the paths; nothing has been written yet.
    """
    targets = files.targets(paths, out) if out is not None else {}
    for path in paths:
        target = targets.get(path)
        if target is not None and path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        site = open_site(path, settings) if settings.images else None
        for entry in files.entries(path, text=settings.text):
            if isinstance(entry, PageError):
                yield Outcome(entry.locator, error=entry)
            else:
                yield _with_notes(_outcome(entry, settings, _place(path, entry, target), site), site)


def _with_notes(outcome: Outcome, site: Site | None) -> Outcome:
    """Return an outcome with what the cache had to say meanwhile."""
    notes = site.album.take_troubles() if site is not None else []
    return replace(outcome, notes=tuple(notes)) if notes else outcome


def rewrite(paths: Sequence[Path], settings: Settings) -> Iterator[Outcome]:
    """Yield what becomes of files that are mended where they are; nothing else is written.

    Args:
        paths: files, as a pre-commit hook is given them.
        settings: what to look for and how far to go.
    """
    for path in paths:
        for outcome in run([path], replace(settings, cache=False)):
            if outcome.cleaned is not None and outcome.cleaned.changed:
                try:
                    files.overwrite(Path(outcome.locator), outcome.cleaned.result)
                except PageError as error:
                    yield Outcome(outcome.locator, error=error)
                    continue
            yield outcome


def _place(path: Path, entry: files.Entry, target: Path | None) -> Path | None:
    if target is None:
        return None
    return target / entry.relative if path.is_dir() else target


def _outcome(entry: files.Entry, settings: Settings, target: Path | None, site: Site | None) -> Outcome:
    locator = str(entry.path)
    try:
        if not entry.is_page:
            if target is not None:
                files.copy(entry, target)
            return Outcome(locator, left=_WHY_LEFT[entry.kind])
        raw = files.read(entry.path)
        cleaned, error = clean_bytes(
            raw, settings, locator, entry.kind, site.page(entry.path) if site is not None else None
        )
        if target is not None:
            files.write(target, cleaned.result if cleaned is not None else raw, entry.path)
    except PageError as problem:
        return Outcome(locator, error=problem)
    return Outcome(locator, cleaned, error)


_WHY_LEFT = {
    files.Kind.OTHER: "no page",
    files.Kind.LINK: "a link",
    files.Kind.SPECIAL: "a pipe, a socket or a device",
}


def clean_bytes(
    raw: bytes, settings: Settings, locator: str, kind: files.Kind, album: PageAlbum | None = None
) -> tuple[Cleaned | None, PageError | None]:
    """Return a page cleaned, or why it could not be.

    Args:
        raw: the page.
        settings: what to look for and how far to go.
        locator: its name.
        kind: HTML, XHTML or text.
        album: the page's images.
    """
    try:
        return clean_page(
            raw, settings, locator=locator, text=kind is files.Kind.TEXT, xml=kind is files.Kind.XHTML, album=album
        ), None
    except PageError as error:
        return None, error
