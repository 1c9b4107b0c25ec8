"""Which files below a path are read, as the settings and the project's ``.gitignore`` files say, and how."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from captionfix.archives import files
from captionfix.archives.ignore_patterns import Pattern, decides, read_patterns
from captionfix.errors import PageError
from captionfix.settings import Settings

EXCLUDE, GITIGNORE = "the exclude setting", ".gitignore"
"""Who leaves a file out, in the words of the summary."""
_LARGEST = 2**20
"""Bytes of a ``.gitignore`` that are read."""
_ANY = "\x01"
"""A name that no file has: a pattern that fits it below a folder leaves out all of that folder."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a folder with all in it, that is not read.

    Attributes:
        place: where it stands.
        by: who leaves it out, `EXCLUDE` or `GITIGNORE`.
    """

    place: files.InputFile
    by: str


@dataclass(frozen=True, slots=True)
class _Layer:
    """Patterns that count below a folder."""

    folder: str
    patterns: tuple[Pattern, ...]
    by: str

    def decides(self, path: str, *, is_folder: bool) -> Pattern | None:
        return decides(self.patterns, _below(path, self.folder), is_folder=is_folder)

    def without_all_of(self, folder: str) -> _Layer:
        """Without the patterns that leave out all of a folder: whoever names it wants it read."""
        path = _below(os.path.join(folder, _ANY), self.folder)
        return replace(self, patterns=tuple(each for each in self.patterns if not each.fits(path, is_folder=False)))


def choose(path: Path, settings: Settings) -> Iterator[files.InputFile | LeftOut | PageError]:
    """Yield what a path holds, in order of name; for a folder everything below it, less what is left out.

    A path that is named is read whatever leaves it out, and so is all of a folder that is named as long as only a
    pattern for the whole of it speaks against that; ``force_exclude`` leaves it out all the same.

    Args:
        path: a file or a folder.
        settings: which patterns count, and below which folder.

    Yields:
        Files, what was left out, and errors for folders that could not be looked into.
    """
    named = os.path.realpath(path)
    base = _base(named, path, settings)
    if settings.force_exclude and (by := _left_out_with_parents(named, base, settings)):
        yield LeftOut(files.InputFile(str(path)), by)
        return
    if not path.is_dir():
        yield files.InputFile(str(path))
        return
    layers = _layers(named, base, settings)
    if named != base:
        layers = [layer.without_all_of(named) for layer in layers]
    yield from _walk(path, named, layers, settings)


def held_by(left: LeftOut) -> Iterator[files.InputFile | PageError]:
    """Yield the files that were left out, one by one.

    Args:
        left: a file, or a folder with all in it.
    """
    if not left.place.path.is_dir() or left.place.path.is_symlink():
        yield left.place
        return
    for place in files.places(left.place.path):
        if isinstance(place, PageError):
            yield place
        else:
            yield files.InputFile(left.place.named, os.path.join(left.place.below, place.below))


def _base(named: str, path: Path, settings: Settings) -> str:
    """The folder that patterns start from: the project's, or else the path that is named."""
    if settings.project is not None and _is_below(named, root := _real(os.path.abspath(settings.project))):
        return root
    return named if path.is_dir() else os.path.dirname(named)


def _walk(
    path: Path, named: str, layers: Sequence[_Layer], settings: Settings
) -> Iterator[files.InputFile | LeftOut | PageError]:
    known = {named: list(layers)}
    problems: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=problems.append):
        below = os.path.relpath(folder, path)
        here = named if below == os.curdir else os.path.join(named, below)
        around = known.pop(here)
        read, left = [], {}
        for name in sorted(folders):
            place = os.path.join(here, name)
            if os.path.islink(os.path.join(folder, name)):
                names.append(name)
            elif by := _left_out(place, around, is_folder=True):
                left[name] = by
            else:
                read.append(name)
                known[place] = [*around, *_gitignore(place, settings)]
        folders[:] = read
        for name in sorted((*names, *left)):
            file = files.InputFile(str(path), name if below == os.curdir else os.path.join(below, name))
            by = left.get(name) or _left_out(os.path.join(here, name), around, is_folder=False)
            yield LeftOut(file, by) if by else file
        while problems:
            yield files.unreadable(problems.pop())
    while problems:
        yield files.unreadable(problems.pop())


def _left_out(path: str, layers: Sequence[_Layer], *, is_folder: bool) -> str:
    """Who leaves a path out, ``""`` for nobody: the settings, or the nearest ``.gitignore`` that says something."""
    exclude, *ignores = layers
    found = exclude.decides(path, is_folder=is_folder)
    if found is not None:
        return EXCLUDE if found.leaves_out else ""
    for layer in reversed(ignores):
        found = layer.decides(path, is_folder=is_folder)
        if found is not None:
            return layer.by if found.leaves_out else ""
    return ""


def _left_out_with_parents(named: str, base: str, settings: Settings) -> str:
    """Who leaves out a path that is named, or a folder around it below the base."""
    steps = [] if named == base else _below(named, base).split("/")
    at = base
    layers = _layers(base, base, settings)
    for number, step in enumerate(steps, 1):
        at = os.path.join(at, step)
        is_folder = number < len(steps) or os.path.isdir(at)
        if by := _left_out(at, layers, is_folder=is_folder):
            return by
        layers += _gitignore(at, settings)
    return ""


def _layers(named: str, base: str, settings: Settings) -> list[_Layer]:
    """The patterns that count in a folder: the settings', then each ``.gitignore`` from the base down to it."""
    found = [_Layer(base, read_patterns((*settings.exclude, *settings.extend_exclude)), EXCLUDE)]
    at = base
    found += _gitignore(at, settings)
    for step in [] if named == base else _below(named, base).split("/"):
        at = os.path.join(at, step)
        found += _gitignore(at, settings)
    return found


def _gitignore(folder: str, settings: Settings) -> list[_Layer]:
    """The patterns of a folder's ``.gitignore``, below the project only: an archive must not steer its own cleaning."""
    if not settings.respect_gitignore or settings.project is None:
        return []
    if not _is_below(folder, _real(os.path.abspath(settings.project))):
        return []
    patterns = _patterns_in(os.path.join(folder, GITIGNORE))
    return [_Layer(folder, patterns, GITIGNORE)] if patterns else []


def _patterns_in(path: str) -> tuple[Pattern, ...]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return read_patterns(file.read(_LARGEST).splitlines())
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _real(folder: str) -> str:
    """Where a folder really is: a link in a project may lead to a foreign archive."""
    return os.path.realpath(folder)


def _below(path: str, folder: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def settings_for(path: Path, settings: Settings) -> Settings:
    """Return the settings for one page: what the project says counts below it only.

    Args:
        path: the page.
        settings: the settings of the run.
    """
    if settings.project is None:
        return settings if not settings.per_file_ignores else _ignoring(settings, _codes(path.name, settings))
    root = _real(os.path.abspath(settings.project))
    place = os.path.join(_real(os.path.abspath(os.path.dirname(path))), path.name)
    if not _is_below(place, root):
        return foreign(settings)
    return _ignoring(_at_home(settings), _codes(_below(place, root), settings))


def _codes(path: str, settings: Settings) -> tuple[str, ...]:
    """The rules that the settings leave out on a page."""
    found: list[str] = []
    for pattern, codes in settings.per_file_ignores:
        decided = decides(read_patterns((pattern,)), path, is_folder=False)
        parents = (path[:at] for at, letter in enumerate(path) if letter == "/")
        if decided or any(decides(read_patterns((pattern,)), parent, is_folder=True) for parent in parents):
            found += codes
    return tuple(found)


@lru_cache(maxsize=8)
def foreign(settings: Settings) -> Settings:
    """Return the settings for what does not belong to the project, such as a page in a container.

    Args:
        settings: the settings of the run.
    """
    return replace(settings, kept=()) if settings.project is not None else settings


@lru_cache(maxsize=8)
def _at_home(settings: Settings) -> Settings:
    return replace(settings, marks=True)


@lru_cache(maxsize=64)
def _ignoring(settings: Settings, codes: tuple[str, ...]) -> Settings:
    return replace(settings, ignore=(*settings.ignore, *codes)) if codes else settings
