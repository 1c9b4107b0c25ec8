"""What is known of a page beyond one look at it: what stays the same in all its rounds, and what is beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from captionfix.beside import Declared, ScriptFile, ScriptReader
from captionfix.extractors import Profile
from captionfix.layout.pictures import Keys
from captionfix.layout.scripts import Scripts
from captionfix.layout.sheets import Sheets

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Question(Generic[Asked, Answer]):
    """A question about a page's parts whose answers the page keeps, see `captionfix.layout.page.Page.answers`."""


@dataclass(slots=True)
class PageCache:
    """What URLs, class names and texts of a page say, whatever elements hold them: the same in all its rounds.

    Attributes:
        keys: of URLs.
        roles: of the words of class names.
        letters: of visible texts.
        values: of attributes, as text and letters.
        sheets: the style sheets; None as long as nobody asked.
        scripts: the scripts; likewise.
    """

    keys: Keys
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    sheets: Sheets | None = None
    scripts: Scripts | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a page's scripts and readers besides the page.

    Attributes:
        audience: whether they can run: ``auto``, ``run`` or ``dead``, see `captionfix.settings.Settings`.
        files: what reads script files, if anything does.
        profile: the extractor that alone gets the page; None where people do.
    """

    audience: str = "auto"
    files: ScriptReader | None = None
    profile: Profile | None = None

    def read(self, url: str, declared: Declared) -> ScriptFile | None:
        """Return what a script file says, None where it is not there."""
        return self.files.read(url, declared) if self.files is not None else None
