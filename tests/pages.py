"""What several test files share: pages, an independent reader for them, and a result rebuilt from its findings."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import forked
import html5lib

from captionfix.archives.site import given_images
from captionfix.model import Edit, Finding
from captionfix.pictures.image_loader import PageImages
from captionfix.pipeline import Cleaned, clean_page
from captionfix.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

Item = TypeVar("Item")

SILENT = {
    "script", "style", "template", "noscript", "iframe", "object", "textarea", "noembed", "noframes", "head", "title",
}  # fmt: skip
_WORD = re.compile(r"\w+")
_URL_NAMES = ("src", "data-src", "data-original", "data-lazy-src")
_SET_NAMES = ("srcset", "data-srcset")


@dataclass(frozen=True)
class Case:
    """A folder below ``fixtures/<rule>``: a page, what it must become, and why."""

    folder: Path

    @property
    def rule(self) -> str:
        return self.folder.parent.name

    @property
    def before_path(self) -> Path:
        return next(self.folder.glob("before.*"))

    @cached_property
    def before(self) -> bytes:
        return self.before_path.read_bytes()

    @cached_property
    def after(self) -> bytes | None:
        """The page as it must be afterwards; None where it must stay as it is."""
        path = self.before_path.with_stem("after")
        return path.read_bytes() if path.exists() else None

    @cached_property
    def notes(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "case.toml").read_text(encoding="utf-8"))

    @property
    def why(self) -> str:
        return f"{self.rule}/{self.folder.name}: {self.notes['why']}"

    @property
    def settings(self) -> Settings:
        return Settings().with_values(self.notes.get("settings", {}), str(self.folder / "case.toml"))

    @property
    def page_images(self) -> PageImages | None:
        """The files beside the page, below the folder that ``images`` names, or in its own."""
        folder = ROOT / "fixtures" / self.notes["images"] if "images" in self.notes else self.folder / "beside"
        return given_images(folder, None) if folder.is_dir() else None

    @property
    def text(self) -> bool:
        return self.before_path.suffix in (".txt", ".md")

    def clean(self, raw: bytes) -> Cleaned:
        """Another page cleaned as this one is."""
        return clean_page(raw, self.settings, locator=self.why, text=self.text, page_images=self.page_images)

    @cached_property
    def cleaned(self) -> Cleaned:
        """The page cleaned, once for all tests."""
        return self.clean(self.before)


def failing(check: Callable[[Item], None], items: Iterable[Item], name: Callable[[Item], str] = str) -> dict[str, str]:
    """What fails a check, and why: for many small things in one test, since a test of its own costs more than each."""
    found = {}
    for item in items:
        try:
            check(item)
        except AssertionError as error:
            found[name(item)] = str(error)
    return found


def why_of(case: Case) -> str:
    return case.why


def by_rule(some: Iterable[Case]) -> dict[str, list[Case]]:
    """Cases by the folder they stand in."""
    found: dict[str, list[Case]] = {}
    for case in some:
        found.setdefault(case.rule, []).append(case)
    return found


def cases() -> list[Case]:
    """The cases that show one rule each; those of ``shapes`` are whole pages, for all rules together."""
    return [case for case in _cases("*") if case.rule != "shapes"]


def shapes() -> list[Case]:
    return _cases("shapes")


@cache
def _cases(rule: str) -> list[Case]:
    return [Case(path.parent) for path in sorted((ROOT / "fixtures").glob(f"{rule}/*/case.toml"))]


def shared_pages() -> list[Path]:
    """The pages beside the repository, none where they are absent."""
    return sorted([*SHARED.glob("caption-corpus/pages/*.html"), *SHARED.glob("site-mirrors/**/*.html")])


def edits_of(findings: Iterable[Finding]) -> list[Edit]:
    """All edits of findings, each once, in order of place."""
    return sorted(dict.fromkeys(edit for finding in findings for edit in finding.edits), key=lambda edit: edit.span)


def rebuild(raw: bytes, findings: Iterable[Finding]) -> bytes:
    """The page that somebody gets who makes the reported edits by hand."""
    pieces, last = [], 0
    for edit in edits_of(findings):
        assert edit.span.start >= last, f"{edit} runs into the edit that ends at {last}"
        pieces += [raw[last : edit.span.start], edit.replacement]
        last = edit.span.end
    return b"".join([*pieces, raw[last:]])


def parse(page: bytes | str, **hints: str) -> Any:
    """The page as a conformant parser of another make reads it, scripts off, names without their namespace."""
    hints = {"useChardet": False, **hints} if isinstance(page, bytes) else {}  # type: ignore[dict-item]
    return html5lib.parse(page, namespaceHTMLElements=False, **hints)


def visible(root: Any) -> Iterator[str]:
    """The text that a reader gets, with a space wherever an element begins or ends."""
    body = root.find("body")
    stack: list[Any] = [body] if body is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node.tag, str) and node.tag not in SILENT:
            inner = [" ", node.text or ""]
            for kid in node:
                inner += [kid, kid.tail or ""]
            stack += [" ", *reversed(inner)]


def words(root: Any) -> set[str]:
    return set(_WORD.findall("".join(visible(root)).replace("\u00ad", "")))


def is_said(word: str, root: Any) -> bool:
    """Whether a word is in the visible text, be it that spaces or capitals stand elsewhere."""
    return word.casefold() in "".join(_WORD.findall("".join(visible(root)).replace("\u00ad", ""))).casefold()


def picture_urls(root: Any) -> tuple[set[str], set[str]]:
    """The URLs that pictures name in any attribute, and those that load without a script."""
    named, loading = set(), set()
    for node in root.iter():
        if node.tag not in ("img", "amp-img", "amp-anim", "source"):
            continue
        for name, value in node.attrib.items():
            found = set()
            if name in _URL_NAMES:
                found = {value.strip()}
            elif name in _SET_NAMES:
                found = {part.split()[0] for part in re.split(r",\s+", value) if part.split()}
            named |= found
            if name in ("src", "srcset"):
                loading |= found
    return named, loading


def doubled_page(number: int) -> bytes:
    """A page whose caption stands in its alt and in its text again; no two are alike."""
    caption = f"Boat {number} leaves the old harbour at dawn"
    text = f"<p>Story {number}, told at length.</p>\r\n" * (number % 17)
    figure = f'<figure><img src="{number}.jpg" alt="{caption}"><figcaption>{caption}</figcaption></figure>\r\n'
    return f"<!DOCTYPE html>\r\n<h1>Boat {number}</h1>\r\n{figure}{text}".encode() + b"<p>\xff\r\n"


def doubled_site(folder: Path, pages: int) -> dict[Path, bytes]:
    """A site of such pages and some files beside them; returns what each file holds."""
    for number in range(pages):
        path = folder / f"{number // 10:02}" / f"{number:03}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(doubled_page(number))
        path.with_suffix(".css").write_bytes(b"p{}")
    return snapshot(folder)


def snapshot(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder, temporary ones too, with its bytes."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def command_line(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run captionfix as users do, see `forked.run`."""
    return forked.run(
        *arguments, stdin=options.pop("input", b""), environment=options.pop("environment", {}), **options
    )
