"""One frozen value for everything a user can choose."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit

from captionfix.errors import SettingsError
from captionfix.extractors import PROFILES, Profile
from captionfix.rule_table import no_rule

Alt = Literal["empty", "unlinked", "drop", "keep"]
ALT_CHOICES: tuple[str, ...] = get_args(Alt)
Scripts = Literal["auto", "run", "dead"]
SCRIPTS_CHOICES: tuple[str, ...] = get_args(Scripts)
WarcStyle = Literal["response", "conversion"]
WARC_STYLES: tuple[str, ...] = get_args(WarcStyle)
LIMITS = ("max_page_bytes", "max_page_rounds", "max_page_work", "max_page_seconds")
EXCLUDED = (
    ".git", ".hg", ".svn", ".bzr", ".jj", ".venv", "venv", ".direnv", "node_modules", "__pycache__", "__pypackages__",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".eggs", ".cache", ".idea", ".vscode",
)  # fmt: skip
"""Folders of version control, environments, packages, caches and editors, which hold no pages of the site."""
_CHOICES = {"alt": ALT_CHOICES, "scripts": SCRIPTS_CHOICES, "warc_style": WARC_STYLES, "extractor": ("", *PROFILES)}


@dataclass(frozen=True, slots=True)
class Settings:
    """What to look for and how far to go.

    Args:
        select: rule codes, or beginnings of codes, to apply; empty means all.
        ignore: rule codes, or beginnings of codes, to leave out; wins over ``select``.
        review_level: also apply findings that ask for a person's eye.
        alt: what becomes of an ``alt`` that the visible caption says already:
            ``empty`` makes it ``alt=""``, ``unlinked`` does so only where the
            picture is not linked at all, ``drop`` takes the attribute away,
            ``keep`` leaves it.
        scripts: whether the page's own scripts can still run, and so need what they open, slide or
            show: ``auto`` looks, in the page and in the files beside it; ``run`` says that they
            do, as in a site's source, ``dead`` that none does, as in a folder of scraped pages.
        extractor: the text extractor that the page is cleaned for, see `for_extractor`; ``""`` for readers.
        text: look at plain text too: ``.txt`` and ``.md`` in folders, named files whatever they are called.
        templates: edit template sources (``<?php``, ``{{`` and their like) too.
        images: look at images' pixels where a rule asks about them.
        cache: keep what was seen of images for the next run, in folders and files; the library keeps nothing.
        cache_path: where, instead of the user's cache folder.
        url: where the page came from: ``/u/a.jpg`` and the whole address are then one picture.
        encoding: the page's encoding where the caller knows it, as HTTP would say.
        field: the field, or column, of tables that holds the page: JSON Lines and their like. Dots lead into objects.
        url_field: the one that says where the page came from.
        warc_style: what becomes of a crawl's pages: ``response`` writes the crawl again, ``conversion`` leaves it as it
            was and adds each changed page behind its own, as a record of that type.
        max_page_bytes: a larger page is refused before it is parsed; 0 sets no limit, here and below.
        max_page_rounds: a page that brings up something new in more rounds than these is refused.
        max_page_work: a page that takes more steps is refused: comparisons, and what is parsed, by its length. The
            same page takes the same steps on every machine.
        max_page_seconds: the last resort, for what no step counts: a page that takes longer is refused between two
            steps. It is the only limit that hangs on the machine.
        max_container_ratio: a container that unpacks to more than so many times its size is not read further. The
            pages of a site come to some 10 times theirs.
        explain: note of each finding every case that was asked, see ``checks`` of `captionfix.Finding`.
        exclude: files and folders that are not read unless they are named, as patterns of gitignore(5), below the
            project or, without one, below the path that is named.
        extend_exclude: more of them.
        respect_gitignore: leave out what the project's ``.gitignore`` files leave out.
        force_exclude: leave out what is named too, as hooks need that are given files one by one.
        per_file_ignores: codes, or beginnings of codes, to leave out on pages that fit a pattern of the same form.
        keep_file: the file of recorded decisions, below the project.
        kept: keys of pairs that were judged no repeat, see ``key`` of `captionfix.Finding`; one that is named twice
            stands for two pairs on a page.
        accepted: keys of pairs that somebody looked at: what is for review is applied for them too.
        rejected: keys of pairs that somebody judged no repeat, however many of them a page has.
        marks: heed ``data-captionfix="keep"`` and ``<!-- captionfix: keep -->`` in pages, wherever they come from.
        project: the folder below which patterns, ``.gitignore``, marks and recorded decisions count; None for nowhere.

    Raises:
        SettingsError: a value is of another type, or names a rule that there is not.

    >>> Settings(select=("CF1",)).wants("CF101"), Settings(ignore=("CF101",)).wants("CF101")
    (True, False)
    >>> Settings(select="CF2")
    Traceback (most recent call last):
    captionfix.errors.SettingsError: 'select' takes several rule codes, such as ("CF102", "CF2"), not 'CF2'
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    review_level: bool = False
    alt: Alt = "empty"
    scripts: Scripts = "auto"
    extractor: str = ""
    text: bool = False
    templates: bool = False
    images: bool = True
    cache: bool = True
    cache_path: str | None = None
    url: str | None = None
    encoding: str | None = None
    explain: bool = False
    field: str = "html"
    url_field: str = "url"
    warc_style: WarcStyle = "response"
    max_page_bytes: int = 100_000_000
    max_page_rounds: int = 50
    max_page_work: int = 20_000_000
    max_page_seconds: int = 30
    max_container_ratio: int = 200
    exclude: tuple[str, ...] = EXCLUDED
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    keep_file: str = ".captionfix-keep"
    kept: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    marks: bool = False
    project: str | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = _checked(field.name, str(field.type), getattr(self, field.name), "")
            object.__setattr__(self, field.name, value)

    def wants(self, code: str) -> bool:
        """Return whether a rule is to be applied."""
        if code.startswith(self.ignore or ("\0",)):
            return False
        if (profile := self.profile) is not None and code in profile.ignore:
            return False
        return not self.select or code.startswith(self.select)

    @classmethod
    def for_extractor(cls, name: str, **others: Any) -> Self:
        """Return settings for pages that a text extractor reads next, and nobody else.

        Of a caption that stands in an attribute and as text, the copy stays that the extractor prints: trafilatura
        passes by most texts that are no paragraphs, ``figcaption`` among them, and prints ``alt`` and ``title`` with
        pictures. What is there for people who see, hear or operate a page, such as a link's name, is no reason
        to keep a copy; no script runs.

        Args:
            name: ``trafilatura``, ``inscriptis``, ``html2text``, ``resiliparse``, ``beautifulsoup``, ``markitdown``,
                ``readability`` or ``newspaper``.
            others: further settings.

        Raises:
            SettingsError: there is no profile of that name.

        >>> Settings.for_extractor("markitdown", url="https://example.org/").extractor
        'markitdown'
        """
        if not name:
            raise SettingsError(f"'extractor' takes one of {', '.join(PROFILES)}, not {name!r}")
        return cls(extractor=name, **others)

    @property
    def profile(self) -> Profile | None:
        """What the extractor prints for which the page is cleaned; None for readers."""
        return PROFILES.get(self.extractor)

    def as_values(self) -> dict[str, Any]:
        """Return what differs from the defaults, by the names and in the form that a settings file has.

        >>> Settings(review_level=True, ignore=("CF2",)).as_values()
        {'ignore': ('CF2',), 'review-level': True}
        """
        return {
            field.name.replace("_", "-"): dict(value) if field.name == "per_file_ignores" else value
            for field in fields(self)
            if field.name != "project" and (value := getattr(self, field.name)) != field.default
        }

    def with_values(self, values: Mapping[str, Any], origin: str) -> Self:
        """Return a copy with values as a settings file gives them.

        Args:
            values: names with dashes or underscores, values as TOML has them.
            origin: where they come from, for the error text.

        Raises:
            SettingsError: a name is unknown or a value is of the wrong type.
        """
        kinds = {f.name: str(f.type) for f in fields(self)}
        clean: dict[str, Any] = {}
        for name, value in values.items():
            key = name.replace("-", "_")
            if key not in kinds or key == "project":
                raise SettingsError(f"{origin}: unknown setting {name!r}{_nearest(key, kinds)}")
            clean[key] = _checked(key, kinds[key], value, origin)
        return replace(self, **clean)


def _nearest(name: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return (
        f"; did you mean {near[0].replace('_', '-')!r}?"
        if near
        else f"; known: {', '.join(sorted(known)).replace('_', '-')}"
    )


def _checked(key: str, kind: str, value: Any, origin: str) -> Any:
    """A value as `Settings` holds it."""
    name = f"{origin}: {key.replace('_', '-')!r}" if origin else repr(key)
    if kind.startswith("tuple"):
        return _several(key, value, name)
    if key in _CHOICES:
        if value in _CHOICES[key]:
            return value
        raise SettingsError(f"{name} takes one of {', '.join(filter(None, _CHOICES[key]))}, not {value!r}")
    if kind == "int":
        if type(value) is int and value >= 0:
            return value
        raise SettingsError(f"{name} takes a whole number, 0 for no limit, not {value!r}")
    if kind == "bool":
        if type(value) is bool:
            return value
        raise SettingsError(f"{name} takes true or false, not {value!r}")
    if value is not None and not isinstance(value, str):
        raise SettingsError(f"{name} takes text, not {value!r}")
    if key == "url" and value and not _is_sound(value):
        raise SettingsError(f"{name} takes where the page came from, such as https://example.org/boats, not {value!r}")
    return value


def _several(key: str, value: Any, name: str) -> tuple[Any, ...]:
    if key == "per_file_ignores":
        return _codes_by_pattern(value, name)
    return _codes(value, name) if key in ("select", "ignore") else _texts(value, name, "texts")


def _codes(value: Any, name: str) -> tuple[str, ...]:
    """Codes in capitals, none of which is unknown. A single text is refused: it would be read letter by letter."""
    told = _texts(value, name, 'rule codes, such as ("CF102", "CF2")')
    codes = tuple(code.strip().upper() for code in told if code.strip())
    for code in codes:
        if why := no_rule(code):
            raise SettingsError(f"{name}: {why}")
    return codes


def _texts(value: Any, name: str, what: str) -> tuple[str, ...]:
    if not isinstance(value, (tuple, list, set, frozenset)) or not all(isinstance(text, str) for text in value):
        raise SettingsError(f"{name} takes several {what}, not {value!r}")
    return tuple(value)


def _codes_by_pattern(value: Any, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A table of patterns with codes, as TOML and Python have it, or as `Settings` holds it."""
    rows = tuple(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(rows, tuple) or not all(isinstance(row, tuple) and isinstance(row[0], str) for row in rows):
        raise SettingsError(f'{name} takes a table of patterns with codes, such as "old/*" = ["CF102"], not {value!r}')
    return tuple((pattern, _codes(codes, f"{name}, {pattern!r}")) for pattern, codes in rows)


def _is_sound(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https", "file", "")
    except ValueError:
        return False
