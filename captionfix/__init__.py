"""Remove doubled photo captions and doubled pictures from scraped web pages.

Every other byte stays. See `clean`, `check`, `clean_tree` and `Cleaner`. What is not listed here is in its module:
further errors in `captionfix.errors`, the parts of a finding in `captionfix.model`, what fingerprints and their
comparison tell in `captionfix.pictures.fingerprint`, ``.relations``, ``.index`` and ``.urls``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from warnings import warn

from captionfix.errors import CaptionfixError, PageError, PageLimitError, SettingsError
from captionfix.library import Cleaner, Result, check, clean, clean_tree
from captionfix.model import Finding, Safety
from captionfix.settings import Settings

if TYPE_CHECKING:
    from captionfix.pictures.index import PictureIndex, same_picture
    from captionfix.pictures.urls import picture_key

__version__ = "0.1.0"

__all__ = [
    "CaptionfixError",
    "Cleaner",
    "Finding",
    "PageError",
    "PageLimitError",
    "PictureIndex",
    "Result",
    "Safety",
    "Settings",
    "SettingsError",
    "__version__",
    "check",
    "clean",
    "clean_tree",
    "picture_key",
    "same_picture",
]

_LATER = {
    "PictureIndex": "pictures.index",
    "picture_key": "pictures.urls",
    "same_picture": "pictures.index",
}
"""What pages need not, and its module: loaded when it is asked for."""
_MOVED = {
    "CaseCheck": "model.CaseCheck",
    "Confidence": "pictures.urls.Confidence",
    "Edit": "model.Edit",
    "EncodingError": "errors.EncodingError",
    "Evidence": "model.Evidence",
    "Fingerprint": "pictures.fingerprint.Fingerprint",
    "IndexFileError": "errors.IndexFileError",
    "Kin": "pictures.relations.ImageRelation",
    "Likeness": "pictures.relations.Likeness",
    "Match": "pictures.index.Match",
    "NotAPageError": "errors.NotAPageError",
    "PictureError": "errors.PictureError",
    "PictureKey": "pictures.urls.PictureKey",
    "Span": "model.Span",
    "UsageError": "errors.UsageError",
    "Window": "pictures.relations.Window",
    "fingerprint": "pictures.fingerprint.fingerprint",
    "phash": "pictures.fingerprint.phash",
}
"""Where names of the release before are now; they are found here for one more release."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"captionfix.{_LATER[name]}"), name)
    if name in _MOVED:
        module, _, new = _MOVED[name].rpartition(".")
        warn(f"captionfix.{name} is now captionfix.{module}.{new}", DeprecationWarning, stacklevel=2)
        return getattr(import_module(f"captionfix.{module}"), new)
    raise AttributeError(f"module 'captionfix' has no attribute {name!r}")
