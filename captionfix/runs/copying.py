"""Where cleaned copies go, what may stand there already, and how a run that was stopped goes on."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from captionfix.archives import atomic, files
from captionfix.containers.members import Form
from captionfix.errors import UsageError
from captionfix.settings import Settings
from captionfix.shards import Sink, ToFile, ToStream

NAME = ".captionfix-unfinished"
"""The file that stands in a copy until it is whole."""
_BLUR = 2 * 10**9
"""Nanoseconds by which times of one file differ between file systems: FAT keeps every second one."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a copy goes, and what may stand there already.

    Attributes:
        path: a folder for folders, a file for one file.
        resume: go on where a stopped run with the same settings ended.
        overwrite: write over what stands there; files that the run does not write stay.
        version: this captionfix; another one does not go on with the copy.
    """

    path: Path
    resume: bool = False
    overwrite: bool = False
    version: str = ""


class Unfinished:
    """A copy that a run makes.

    Args:
        out: its folder, and what may stand in it already.
        paths: what is copied.
        settings: what to look for and how far to go.

    Raises:
        UsageError: a copy to go on with is none, or another.
    """

    def __init__(self, out: Output, paths: Sequence[Path], settings: Settings) -> None:
        self._mark = out.path / NAME
        values = {name: value for name, value in asdict(settings).items() if name not in ("project", "cache_path")}
        told = json.dumps([out.version, list(map(str, paths)), values])
        self._plan = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        self._is_resumed = out.resume
        if out.resume:
            self._check_stopped(out.path)

    def begin(self) -> None:
        """Say that the copy is not whole.

        Raises:
            PageError: that cannot be written.
        """
        try:
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self._mark, f"{self._plan}\n".encode(), lambda _: None)
        except OSError as error:
            raise files.unwritable(self._mark, error) from error

    def finish(self) -> None:
        """Say that it is."""
        self._mark.unlink(missing_ok=True)

    def is_done(self, place: files.InputFile, target: Path) -> bool:
        """Return whether the stopped run wrote a file's copy: files stand there whole, with the times of their own.

        Args:
            place: the file.
            target: its copy.
        """
        if not self._is_resumed:
            return False
        try:
            before, after = os.lstat(place.path), os.lstat(target)
        except OSError:
            return False
        is_file = stat.S_ISREG(before.st_mode) and stat.S_ISREG(after.st_mode)
        return is_file and abs(before.st_mtime_ns - after.st_mtime_ns) < _BLUR

    def _check_stopped(self, out: Path) -> None:
        if not self._mark.is_file():
            raise UsageError(f"{out}: contains no copy that an interrupted run left; leave out --resume")
        if self._mark.read_text(encoding="utf-8").strip() != self._plan:
            raise UsageError(f"{out}: was begun with other paths, settings or another version; --overwrite starts over")


@dataclass(frozen=True, slots=True)
class Copies:
    """Where the cleaned copies of a run go.

    Attributes:
        targets: the copy of each path.
        stream: takes the copy of one container, if no path does.
        unfinished: the folder that is filled, if one is.
    """

    targets: Mapping[Path, Path] = field(default_factory=dict)
    stream: BinaryIO | None = None
    unfinished: Unfinished | None = None

    @classmethod
    def of(cls, paths: Sequence[Path], out: Path | Output | BinaryIO | None, settings: Settings) -> Self:
        """Return where the copies of a run go.

        Args:
            paths: what is cleaned.
            out: where to; a stream takes that of one container only, and None writes nothing.
            settings: what to look for and how far to go.

        Raises:
            UsageError: the output does not fit the paths.
        """
        if isinstance(out, Path):
            out = Output(out)
        if not isinstance(out, Output):
            return cls(stream=out)
        is_folder = len(paths) > 1 or paths[0].is_dir()
        found = targets(paths, out)
        return cls(found, unfinished=Unfinished(out, paths, settings) if is_folder or out.resume else None)

    def begin(self) -> None:
        """Say that a folder that is filled is not whole."""
        if self.unfinished is not None:
            self.unfinished.begin()

    def finish(self) -> None:
        """Say that it is."""
        if self.unfinished is not None:
            self.unfinished.finish()

    def of_place(self, path: Path, place: files.InputFile) -> Path | None:
        """Return where a file's copy goes.

        Args:
            path: the path of the run that it stands below.
            place: the file.
        """
        target = self.targets.get(path)
        return target / place.below if target is not None else None

    def sink(self, place: files.InputFile, to: Path | None, form: Form) -> Sink | None:  # noqa: ARG002
        """Return where a container's copy goes.

        Args:
            place: the container.
            to: the name of its copy, if it gets one.
            form: its form.
        """
        if to is not None:
            return ToFile(to, place.path)
        return ToStream(self.stream) if self.stream is not None else None

    def is_done(self, place: files.InputFile, to: Path | None) -> bool:
        """Return whether a stopped run wrote a file's copy already.

        Args:
            place: the file.
            to: its copy, if it gets one.
        """
        return to is not None and self.unfinished is not None and self.unfinished.is_done(place, to)


def targets(paths: Sequence[Path], out: Output) -> dict[Path, Path]:
    """Return where each path's cleaned copy goes.

    One folder or one file becomes OUT itself, several paths OUT/<name> each.

    Args:
        paths: what is cleaned.
        out: where the copies go, and what may stand there.

    Raises:
        UsageError: OUT is not empty, lies inside a path, or two paths have one name.
    """
    single_file = len(paths) == 1 and not paths[0].is_dir()
    if not (out.resume or out.overwrite):
        _check_empty(out.path, single_file=single_file)
    elif out.path.exists() and out.path.is_dir() is single_file:
        raise UsageError(f"{out.path}: is {'a folder' if single_file else 'a file'}; name another output")
    resolved = out.path.resolve()
    for path in paths:
        if path.is_dir() and resolved.is_relative_to(path.resolve()):
            raise UsageError(f"{out.path}: lies inside {path}; name an output outside of what is cleaned")
    if len(paths) == 1:
        return {paths[0]: out.path}
    found: dict[Path, Path] = {}
    for path in paths:
        target = out.path / (path.name or path.resolve().name)
        if target in found.values():
            raise UsageError(f"{path}: another path has the name {target.name} too; clean them one at a time")
        found[path] = target
    return found


def _check_empty(out: Path, *, single_file: bool) -> None:
    if out.is_symlink() and not out.exists():
        raise UsageError(f"{out}: is a link to nothing; name another output")
    if not out.exists():
        return
    if single_file and out.is_dir():
        raise UsageError(f"{out}: is a folder; for one file, -o takes the name of the cleaned file")
    if (out.is_dir() and any(out.iterdir())) or (not out.is_dir() and (out.stat().st_size or not single_file)):
        raise UsageError(f"{out}: exists and is not empty; {_hint(out)}")


def _hint(out: Path) -> str:
    if (out / NAME).is_file():
        return "an interrupted run left it: --resume continues, --overwrite starts over"
    return "name an output that does not exist yet, or write over it with --overwrite"
