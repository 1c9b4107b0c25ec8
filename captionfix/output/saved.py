"""A report that was saved to be carried out: which pages it was about, what they were, and how they were read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captionfix.errors import SettingsError

_HINT = "write it anew with check --format json -o FILE"


@dataclass(frozen=True, slots=True)
class SavedReport:
    """What a report says of its run.

    Attributes:
        paths: what was read.
        settings: how, by the names that a settings file has.
        seen: the SHA-256 of each page, in hexadecimal.
    """

    paths: tuple[str, ...]
    settings: Mapping[str, Any]
    seen: Mapping[str, str]


def read_report(path: Path, version: str) -> SavedReport:
    """Return what a report of ``check --format json`` says of its run.

    Args:
        path: the report.
        version: this captionfix; another one may decide otherwise, so that its reports are not carried out.

    Raises:
        SettingsError: it cannot be read, is no such report, or another captionfix wrote it.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        made_by, pages = told["version"], told["pages"]
        found = SavedReport(
            tuple(map(str, told["paths"])),
            dict(told["settings"]),
            {str(page["page"]): str(page["sha256"]) for page in pages if page.get("sha256")},
        )
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}; {_HINT}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError(f"{path}: is not a report that can be carried out; {_HINT}") from error
    if made_by != version:
        raise SettingsError(f"{path}: captionfix {made_by} wrote it, and this is {version}; {_HINT}")
    return found
