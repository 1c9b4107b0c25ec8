"""Remove doubled photo captions and doubled pictures from scraped web pages.

Every other byte stays. See `clean`, `check` and `clean_tree`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from warnings import warn

from captionfix.errors import (
    CaptionfixError,
    EncodingError,
    IndexFileError,
    NotAPageError,
    PageError,
    PageLimitError,
    PictureError,
    SettingsError,
    UsageError,
)
from captionfix.library import Cleaner, Result, check, clean, clean_tree
from captionfix.model import CaseCheck, Edit, Evidence, Finding, Safety, Span
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.pictures.fingerprint import Fingerprint, fingerprint, phash
    from captionfix.pictures.index import Match, PictureIndex, same_picture
    from captionfix.pictures.relations import ImageRelation, Likeness, Window
    from captionfix.pictures.urls import Confidence, PictureKey, picture_key

__version__ = "0.1.0"

__all__ = [
    "CaptionfixError",
    "CaseCheck",
    "Cleaner",
    "Confidence",
    "Edit",
    "EncodingError",
    "Evidence",
    "Finding",
    "Fingerprint",
    "ImageRelation",
    "IndexFileError",
    "Likeness",
    "Match",
    "NotAPageError",
    "PageError",
    "PageLimitError",
    "PictureError",
    "PictureIndex",
    "PictureKey",
    "Result",
    "Safety",
    "Settings",
    "SettingsError",
    "Span",
    "UsageError",
    "Window",
    "__version__",
    "check",
    "clean",
    "clean_tree",
    "fingerprint",
    "phash",
    "picture_key",
    "same_picture",
]

_LATER = {
    "Confidence": "urls",
    "Fingerprint": "fingerprint",
    "ImageRelation": "relations",
    "Likeness": "relations",
    "Match": "index",
    "PictureIndex": "index",
    "PictureKey": "urls",
    "Window": "relations",
    "fingerprint": "fingerprint",
    "phash": "fingerprint",
    "picture_key": "urls",
    "same_picture": "index",
}
"""What pages need not, and its module: loaded when it is asked for."""
_RENAMED = {"Kin": "ImageRelation"}
"""Names of the release before, for one more release."""


def __getattr__(name: str) -> Any:
    if name in _RENAMED:
        warn(f"captionfix.{name} is now captionfix.{_RENAMED[name]}", DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name in _LATER:
        return getattr(import_module(f"captionfix.pictures.{_LATER[name]}"), name)
    raise AttributeError(f"module 'captionfix' has no attribute {name!r}")
