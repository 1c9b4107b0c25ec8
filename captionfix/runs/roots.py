"""The paths of a run over images, and what the files below them are called."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from captionfix.archives import files
from captionfix.errors import UsageError
from captionfix.pictures.records import Keep, KeepPolicy


class Roots:
    """The paths of a run, and what the files below them are called.

    A file is called by its way below the only folder, with slashes; with
    several paths the folder's name, as the user gave it, stands before it.

    Args:
        paths: files and folders.

    Raises:
        UsageError: a file could be met twice.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        self._places = [Path(os.path.realpath(path)) for path in paths]
        self._prefixes = {str(path): path.as_posix().rstrip("/") for path in paths}
        for at, place in enumerate(self._places):
            for other in (*self._places[:at], *self._places[at + 1 :]):
                if place.is_relative_to(other):
                    raise UsageError(f"{paths[at]}: is named twice, or lies inside another path; name each once")

    @property
    def _base(self) -> Path:
        """What names are below."""
        if len(self.paths) > 1:
            return Path()
        return self.paths[0] if self.paths[0].is_dir() else self.paths[0].parent

    def name_of(self, place: files.InputFile) -> str:
        """Return what a file is called."""
        if not place.below:
            return self.name(place.path)
        below = place.below.replace(os.sep, "/")
        return below if len(self.paths) == 1 else f"{self._prefixes[place.named]}/{below}"

    def name(self, path: Path) -> str:
        """Return what a file or folder is called.

        Args:
            path: where it stands, below one of the paths.
        """
        return path.relative_to(self._base).as_posix() if len(self.paths) == 1 else path.as_posix()

    def path(self, name: str) -> Path:
        """Return the file that is called so."""
        return self._base / name

    def policy(self, keep: str) -> KeepPolicy:
        """Return which image of a group is kept.

        Args:
            keep: ``best``, ``largest``, ``smallest``, ``first`` or ``in:PATH``.

        Raises:
            UsageError: it is none of these, or the path holds nothing of the run.
        """
        way, colon, path = keep.partition(":")
        if not colon and way in {each.value for each in Keep} - {"in"}:
            return KeepPolicy(Keep(way))
        if way != "in" or not path:
            raise UsageError(f"--keep takes best, largest, smallest, first or in:PATH, not {keep}")
        folders = tuple(self._folders(Path(path)))
        if not folders:
            raise UsageError(f"--keep in:{path}: lies below none of the paths; name a folder of theirs")
        return KeepPolicy(Keep.IN, folders)

    def _folders(self, folder: Path) -> Iterator[str]:
        """What the names of images in a folder begin with, for each of the paths."""
        wanted = Path(os.path.realpath(folder))
        for path, place in zip(self.paths, self._places, strict=True):
            if place.is_relative_to(wanted):
                yield "" if len(self.paths) == 1 else path.as_posix() + "/" * path.is_dir()
            elif wanted.is_relative_to(place) and wanted.is_dir():
                yield self.name(path / wanted.relative_to(place)) + "/"
