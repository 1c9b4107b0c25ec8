"""Score a cleaner of doubled captions and pictures on the fixtures.

    python benchmarks/markup.py
    python benchmarks/markup.py --command 'captionfix clean {page} -o {out}'
    python benchmarks/markup.py --command 'my-cleaner --stdin'

Without ``--command`` the built-in contenders run: captionfix in process, a
naive cleaner, and the extractors that are installed. A command gets the page
as the file ``{page}``, or on standard input where it names none; it writes the
file or folder ``{out}``, or to standard output where it names none.

A cleaner is judged by what a reader of its output gets, so that writing the
page anew is no fault: by text (cut into runs where a block begins or ends),
pictures, their ``alt`` and ``title``, the titles of links around them, and
links. A page is *right* when all that is as in ``after``; *harmed* when text,
a picture, an attribute or a link is gone that ``after`` has, something new was
added, or a picture no longer loads by itself; *missed* when only repeats are
left that ``after`` has not.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import html5lib

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
SILENT = {"script", "style", "template", "noscript", "iframe", "object", "textarea", "noembed", "noframes", "head"}
INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-image")
KINDS = ("text", "picture", "attribute")
LONG = 60  # characters: with fewer a run is a label or a headline, which extractors drop on purpose

Cleaner = Callable[["Page"], bytes]
Runs = Counter[Any]


@dataclass(frozen=True)
class Page:
    """A fixture: the page, what an editor makes of it, and which URLs are one picture."""

    folder: Path

    @property
    def path(self) -> Path:
        return next(self.folder.glob("before.*"))

    @cached_property
    def before(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def after(self) -> bytes:
        path = self.path.with_stem("after")
        return path.read_bytes() if path.exists() else self.before

    @cached_property
    def notes(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "case.toml").read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def same(self) -> list[list[str]]:
        return list(self.notes.get("same", []))


@dataclass
class View:
    """What a reader gets of a page: how often each run, picture, attribute and link is there."""

    text: Runs = field(default_factory=Counter)
    picture: Runs = field(default_factory=Counter)
    attribute: Runs = field(default_factory=Counter)
    link: Runs = field(default_factory=Counter)
    loading: set[str] = field(default_factory=set)


def view(raw: bytes, same: list[list[str]]) -> View:
    """Read a page as a browser without scripts does."""
    seen = View()
    root = parse(raw)
    seen.text.update(runs(root.find("body")))
    above = {kid: parent for parent in root.iter() for kid in parent}
    for node in root.iter("a"):
        if href := node.get("href"):
            seen.link[href] += 1
    for node in [*root.iter("img"), *root.iter("amp-img")]:
        if node.tag == "img" and above[node].tag in ("amp-img", "noscript") and _inside(node, above, "amp-img"):
            continue
        name = _picture(node, same)
        seen.picture[name] += 1
        if _loads(node, name, same):
            seen.loading.add(name)
        for attribute in ("alt", "title"):
            if said := _plain(node.get(attribute, "")):
                seen.attribute[name, attribute, said] += 1
        if (link := _inside(node, above, "a")) is not None and (said := _plain(link.get("title", ""))):
            seen.attribute[name, "link", said] += 1
    return seen


def parse(raw: bytes) -> Any:
    """Read a page as UTF-8 where it is that, whatever it says: a cleaner may write another encoding than it read."""
    hints = {} if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or not _is_utf8(raw) else {"override_encoding": "utf-8"}
    return html5lib.parse(raw, namespaceHTMLElements=False, useChardet=False, **hints)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def runs(body: Any) -> Iterator[str]:
    """The visible text, cut wherever a block begins or ends."""
    pieces: list[str] = []
    stack: list[Any] = [body] if body is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif node is None:
            if run := _plain("".join(pieces)):
                yield run
            pieces.clear()
        elif isinstance(node.tag, str) and node.tag not in SILENT:
            inner: list[Any] = [" " if node.tag in ("br", "img") else node.text or ""]
            for kid in node:
                inner += [kid, kid.tail or ""]
            if node.tag not in INLINE and node.tag not in ("br", "img"):
                inner = [None, *inner, None]
            stack += reversed(inner)


def _plain(text: str) -> str:
    return " ".join(re.sub("[\u00ad\u200b]", "", text).split())


def _inside(node: Any, above: dict[Any, Any], tag: str) -> Any:
    while (node := above.get(node)) is not None:
        if node.tag == tag:
            return node
    return None


def _picture(node: Any, same: list[list[str]]) -> str:
    """A name for what the element shows: its group of URLs, or its real URL."""
    urls = [node.get(name, "") for name in (*LAZY, "src", "srcset", "data-srcset")]
    for group in same:
        if any(part in url for part in group for url in urls):
            return group[0]
    return next((url for url in urls if url), "")


def _loads(node: Any, name: str, same: list[list[str]]) -> bool:
    """Whether the picture shows without a script: its own URL in src, and no stand-in in srcset before it."""
    parts = next((group for group in same if group[0] == name), [name])
    chosen = node.get("srcset") or node.get("src", "")
    return any(part in chosen for part in parts)


def compare(had: View, want: View, got: View) -> str:
    """``right``, ``missed`` or ``harmed``."""
    if got == had:
        return "right" if had == want else "missed"
    kinds = (*KINDS, "link")
    lost = any(getattr(want, kind) - getattr(got, kind) for kind in kinds)
    added = any(getattr(got, kind) - (getattr(had, kind) | getattr(want, kind)) for kind in kinds)
    if lost or added or want.loading - got.loading:
        return "harmed"
    return "missed" if any(getattr(got, kind) - getattr(want, kind) for kind in KINDS) else "right"


@dataclass
class Score:
    """What a cleaner made of a set of pages."""

    pages: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    both: Counter[str] = field(default_factory=Counter)
    verdicts: dict[str, str] = field(default_factory=dict)

    def add(self, page: Page, output: bytes) -> None:
        had, want, got = (view(raw, page.same) for raw in (page.before, page.after, output))
        self.verdicts[page.name] = verdict = compare(had, want, got)
        self.pages[verdict] += 1
        for kind in KINDS:
            before, left = getattr(had, kind), getattr(got, kind)
            wanted, removed = before - getattr(want, kind), before - left
            self.wanted[kind] += wanted.total()
            self.removed[kind] += removed.total()
            self.both[kind] += (wanted & removed).total()

    def rates(self, *kinds: str) -> str:
        both, removed, wanted = (sum(count[kind] for kind in kinds) for count in (self.both, self.removed, self.wanted))
        return f"{_share(both, removed)} {_share(both, wanted)}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:5.3f}" if whole else "    -"


def score(cleaner: Cleaner, pages: list[Page]) -> Score:
    """Run a cleaner over the pages; one that fails on a page has harmed it."""
    result = Score()
    for page in pages:
        try:
            output = cleaner(page)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"{page.name}: {error}", file=sys.stderr)
            output = b""
        result.add(page, output)
    return result


def command(template: str) -> Cleaner:
    """A cleaner that is another program."""

    def run(page: Page) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder, "page.html"), Path(folder, "out.html")
            source.write_bytes(page.before)
            words = [word.format(page=source, out=out) for word in shlex.split(template)]
            given = None if "{page}" in template else page.before
            done = subprocess.run(words, input=given, capture_output=True, timeout=60, check=False)
            if "{out}" not in template:
                found = done.stdout
            elif out.is_dir():
                found = next(path for path in out.rglob("*") if path.is_file()).read_bytes()
            else:
                found = out.read_bytes() if out.exists() else b""
            if not found:
                said = done.stderr.decode(errors="replace")[:200]
                raise ValueError(f"no output, exit code {done.returncode}: {said}")
            return found

    return run


def captionfix_clean(page: Page) -> bytes:
    from captionfix.pipeline import clean_page
    from captionfix.settings import Settings

    return clean_page(page.before, Settings()).result


def naive_clean(page: Page) -> bytes:
    """Drop each block whose text, and each picture whose URL, was there before; empty an alt that is seen as text.

    What somebody writes in an afternoon: two sets and no idea of where things stand.
    """
    root = parse(page.before)
    above = {kid: parent for parent in root.iter() for kid in parent}
    texts: set[str] = set()
    urls: set[str] = set()
    for node in list(root.find("body").iter()):
        said = _plain(node.text or "") if len(node) == 0 else ""
        if said and node.tag in ("p", "figcaption", "div", "td", "span"):
            if said in texts:
                _drop(node, above[node])
            texts.add(said)
        elif node.tag == "img" and (url := node.get("data-src") or node.get("src")):
            if url in urls:
                _drop(node, above[node])
            urls.add(url)
    for node in root.iter("img"):
        if _plain(node.get("alt", "")) in texts:
            node.set("alt", "")
    written: str = html5lib.serialize(root, omit_optional_tags=False, quote_attr_values="always")
    return written.encode()


def _drop(node: Any, parent: Any) -> None:
    at = list(parent).index(node)
    if at:
        parent[at - 1].tail = (parent[at - 1].tail or "") + (node.tail or "")
    else:
        parent.text = (parent.text or "") + (node.tail or "")
    parent.remove(node)


def extractors() -> dict[str, Callable[[bytes], str]]:
    """The extractors that are installed: page in, HTML of the article out."""
    found: dict[str, Callable[[bytes], str]] = {}
    if importlib.util.find_spec("trafilatura"):
        import trafilatura

        def extract(raw: bytes) -> str:
            return trafilatura.extract(raw, include_images=True, output_format="html", favor_recall=True) or ""

        found["trafilatura"] = extract
    if importlib.util.find_spec("readability"):
        from readability import Document
        from readability.readability import Unparseable

        def summary(raw: bytes) -> str:
            try:
                return str(Document(raw).summary())
            except Unparseable:
                return ""

        found["readability-lxml"] = summary
    return found


@dataclass
class Reading:
    """How often an extractor prints what a page holds twice."""

    captions: Counter[str] = field(default_factory=Counter)
    attributes: Counter[str] = field(default_factory=Counter)
    pictures: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    long: int = 0

    def add(self, page: Page, output: str) -> None:
        had, want = view(page.before, page.same), view(page.after, page.same)
        seen = view(output.encode(), page.same)
        said = " ".join(runs(html5lib.parse(output, namespaceHTMLElements=False).find("body")))
        for text in had.text - want.text:
            if want.text[text]:
                self.captions[_times(said.count(text), want.text[text])] += 1
        told = {text for *_, text in seen.attribute}
        for *_, text in had.attribute - want.attribute:
            self.attributes[_times((text in said) + (text in told), 1)] += 1
        for name in had.picture - want.picture:
            self.pictures[_times(seen.picture[name], want.picture[name])] += 1
        long = [text for text in want.text if len(text) >= LONG]
        self.long += len(long)
        self.kept += sum(text in said for text in long)


def _times(got: int, want: int) -> str:
    return "lost" if got < want else "once" if got == want else "twice"


def html_pages() -> dict[str, list[Page]]:
    """The pages by set, less those not for every cleaner: settings of their own, images that decide, plain text."""
    found = [Page(path.parent) for path in sorted(FIXTURES.glob("*/*/case.toml"))]
    found = [page for page in found if page.path.suffix == ".html" and not {"settings", "images"} & page.notes.keys()]
    return {
        "shapes": [page for page in found if page.folder.parent.name == "shapes"],
        "rules": [page for page in found if page.folder.parent.name != "shapes"],
    }


def print_cleaners(cleaners: dict[str, Cleaner], verbose: bool) -> None:
    sets = html_pages()
    print(f"{'pages':>47} {'all':>13} {'text':>14} {'pictures':>14} {'attributes':>15}")
    print(f"set     cleaner                 right missed harmed {'  prec  rec  ' * (1 + len(KINDS))}")
    for title, pages in sets.items():
        for name, cleaner in cleaners.items():
            result = score(cleaner, pages)
            counts = " ".join(f"{result.pages[verdict]:6}" for verdict in ("right", "missed", "harmed"))
            rates = "  ".join([result.rates(*KINDS), *(result.rates(kind) for kind in KINDS)])
            print(f"{title:7} {name[:22]:22} {counts}  {rates}")
            if verbose:
                for page, verdict in result.verdicts.items():
                    if verdict != "right":
                        print(f"          {verdict}: {page}")


def print_extractors() -> None:
    pages = html_pages()["shapes"]
    print(f"\n{'':30} {'captions':^20} {'attributes':^20} {'pictures':^20} {'long'}")
    print(f"{'extractor':30} {'  once twice   lost  ' * 3} runs")
    for name, extract in extractors().items():
        for label, prepare in ((name, lambda page: page.before), (f"captionfix, {name}", captionfix_clean)):
            reading = Reading()
            for page in pages:
                reading.add(page, extract(prepare(page)))
            counts = (reading.captions, reading.attributes, reading.pictures)
            cells = [f"{count[key]:6}" for count in counts for key in ("once", "twice", "lost")]
            print(f"{label:30} {' '.join(cells)}  {reading.kept / reading.long:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--command", help="score this program; {page} and {out} stand for files")
    parser.add_argument("-v", "--verbose", action="store_true", help="name the pages that are not right")
    given = parser.parse_args()
    if given.command:
        print_cleaners({"command": command(given.command)}, given.verbose)
        return
    cleaners: dict[str, Cleaner] = {"nothing": lambda page: page.before}
    cleaners |= {"captionfix": captionfix_clean, "naive": naive_clean}
    print_cleaners(cleaners, given.verbose)
    print_extractors()


if __name__ == "__main__":
    main()
