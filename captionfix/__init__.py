"""Remove doubled photo captions and doubled pictures from scraped web pages.

Every other byte stays. See `clean`, `check` and `clean_tree`.
"""

from captionfix.errors import CaptionfixError, EncodingError, PageError, PictureError, SettingsError, UsageError
from captionfix.library import Result, check, clean, clean_tree
from captionfix.model import Edit, Evidence, Finding, Safety, Span
from captionfix.pictures.urls import Confidence, PictureKey, picture_key
from captionfix.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "CaptionfixError",
    "Confidence",
    "Edit",
    "EncodingError",
    "Evidence",
    "Finding",
    "PageError",
    "PictureError",
    "PictureKey",
    "Result",
    "Safety",
    "Settings",
    "SettingsError",
    "Span",
    "UsageError",
    "__version__",
    "check",
    "clean",
    "clean_tree",
    "picture_key",
]
