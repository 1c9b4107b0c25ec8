"""The project that a run belongs to: its settings file, the folder that holds it, the decisions recorded there."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from captionfix.errors import SettingsError
from captionfix.settings import Settings

_FILE, _SHARED = "captionfix.toml", "pyproject.toml"
_DECISION = re.compile(r"([0-9a-f]{16})(?:\s+(.*))?")


def find_settings_file(directory: Path | None = None) -> Path | None:
    """Return the settings file of a folder's project; None where there is none.

    That is the first ``captionfix.toml``, or ``pyproject.toml`` with a table ``[tool.captionfix]``, of the folder and
    those around it. Nothing below is looked at: a settings file inside an archive must not steer its own cleaning.

    Args:
        directory: where to begin; the working directory by default.

    Raises:
        SettingsError: a ``pyproject.toml`` on the way is not TOML.
    """
    start = (directory or Path()).absolute()
    for folder in (start, *start.parents):
        if (own := folder / _FILE).is_file():
            return own
        if (shared := folder / _SHARED).is_file() and _table(shared) is not None:
            return shared
    return None


def load_settings(
    named: Path | None = None, directory: Path | None = None, default: Settings | None = None
) -> Settings:
    """Return the settings of a project, with the decisions recorded in it.

    Args:
        named: a settings file to read instead of the project's.
        directory: where to look, see `find_settings_file`; the working directory by default.
        default: what holds where the file says nothing.

    Raises:
        SettingsError: a file is not TOML, holds unknown or wrong settings, or a recorded decision cannot be read.
    """
    settings = default or Settings()
    path = named or find_settings_file(directory)
    if path is not None:
        values = _table(path)
        settings = settings.with_values(values or {}, str(path))
        settings = replace(settings, project=str(path.absolute().parent))
    if settings.project is None:
        return settings
    return replace(settings, kept=(*settings.kept, *read_decisions(keep_file(settings))))


def keep_file(settings: Settings) -> Path:
    """Return where the decisions of a project are recorded.

    Args:
        settings: settings with a project.
    """
    return Path(settings.project or "", settings.keep_file)


def read_decisions(path: Path) -> Iterator[str]:
    """Yield the keys that a file of decisions records, one a line; what stands behind a key is a note.

    Args:
        path: the file; one that is not there records nothing.

    Raises:
        SettingsError: the file cannot be read, or a line does not begin with a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not (told := line.strip()) or told.startswith("#"):
            continue
        found = _DECISION.fullmatch(told)
        if found is None:
            raise SettingsError(
                f"{path}:{number}: does not begin with a key (16 hexadecimal digits); check --explain shows it"
            )
        yield found[1]


def read_choices(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that a review accepted, and those that it rejected.

    Args:
        path: the file that the review page saved.

    Raises:
        SettingsError: it cannot be read, or is no such file.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}; save it from the review page") from error
    return choices_of(told, str(path))


def choices_of(told: Any, origin: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys that a review accepted, and those that it rejected.

    Args:
        told: what its file holds.
        origin: where that comes from, for the error text.

    Raises:
        SettingsError: it holds something else.

    >>> choices_of({"tool": "captionfix", "schema": 1, "accept": ["0123456789abcdef"], "reject": []}, "a.json")
    (('0123456789abcdef',), ())
    """
    if not isinstance(told, dict) or told.get("tool") != "captionfix" or told.get("schema") != 1:
        raise SettingsError(f"{origin}: contains no decisions; save them from the page of check --format html")
    both = [told.get("accept", []), told.get("reject", [])]
    for keys in both:
        if not isinstance(keys, list) or not all(isinstance(key, str) and _DECISION.fullmatch(key) for key in keys):
            raise SettingsError(f"{origin}: contains something that is not a key of 16 hexadecimal digits")
    return tuple(both[0]), tuple(both[1])


def decision_lines(decisions: Iterable[tuple[str, str]]) -> str:
    """Return lines of a file of decisions.

    Args:
        decisions: keys, each with a note for people.

    >>> decision_lines([("0123456789abcdef", "CF101 Boats\\nleave")])
    '0123456789abcdef  CF101 Boats leave\\n'
    """
    return "".join(f"{key}  {' '.join(note.split())}\n" for key, note in decisions)


def _table(path: Path) -> dict[str, Any] | None:
    """The settings that a file holds; None for a ``pyproject.toml`` without a table of them."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from error
    if path.name != _SHARED:
        return data
    tools = data.get("tool", {})
    table = tools.get("captionfix") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.captionfix is not a table")
    return table
