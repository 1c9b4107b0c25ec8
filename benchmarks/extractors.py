"""What extractors print of pages, as they come and after captionfix: doubled captions, lost lines, new lines, time.

    pip install '.[test]' trafilatura readability-lxml newspaper4k inscriptis html2text resiliparse beautifulsoup4 \
        markitdown jusText
    python benchmarks/extractors.py FOLDER... [--only "trafilatura;markitdown"] [--list] [--settings default]

Folders hold pages; without one, the pages of fixtures are taken. What is not
installed is left out by name; extractors of npm (defuddle, @mozilla/readability,
with jsdom) are run where CAPTIONFIX_NODE_MODULES names a folder that holds them.

A line is *doubled* where it stands once more within the five lines before it: 25
letters or more that the page says of a picture, in an attribute or a marked
caption, the text of an image and its title each a line of its own. A
line is *lost* where the output after cleaning does not say all its sentences, and *new* the
other way round. Both are listed with ``--list``, for a person to judge. Each
extractor runs with the profile that is named for it in ``extracting.py``, or, with
``--settings default``, with the defaults.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from extracting import Extractor, installed, text_of
from lxml import html

from captionfix import CaptionfixError, Cleaner, Settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
LEAST = 25
"""Letters of a line that can be a doubled caption; fewer are labels."""
SHORT = 8
"""Letters that a line says twice in a row by chance, as in "haha"."""
NEAR = 5
"""Lines within which the same line is a double."""
_IMAGE = re.compile(
    r"!\[([^\]]*)\]\(\s*(?:<[^>]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\s*(?:\"([^\"]*)\"|'([^']*)')?\s*\)"
)
_BRACKETED = re.compile(r"\[([^\[\]]+)\]")
_LINK = re.compile(r"\[([^\[\]]*)\]\(\s*(?:<[^>]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\s*(?:\"[^\"]*\"|'[^']*')?\s*\)")
_LINK_END = re.compile(r"\]?\((?:/|https?:|data:)[^\n]*?\)(?=\W*$|[^\w\"'(])")
"""What is left of a link over several lines, or of a URL with blanks in it."""
_SENTENCE = re.compile(r"(?<=[.!?…。])")
_MARKED = "//figcaption | //*[contains(@class, 'caption') or contains(@class, 'legend')][not(*//img)]"
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def lines(text: str) -> Iterator[tuple[str, str]]:
    """Each line with its letters; what stands in brackets, and an image's title, are lines of their own.

    One that says the same twice in a row is two.
    """
    for line in text.splitlines():
        rest, pieces = line, []
        for found in _IMAGE.finditer(line):
            pieces += [piece for piece in found.groups() if piece]
            rest = rest.replace(found[0], " ", 1)
        rest = _LINK.sub(r"\1 ", rest)
        pieces += _BRACKETED.findall(rest)
        for piece in (*pieces, _LINK_END.sub(" ", _BRACKETED.sub(" ", rest))):
            said = letters(_TAG.sub(" ", unescape(piece)))
            half = len(said) // 2
            for part in (said[:half], said[half:]) if half >= SHORT and said[:half] == said[half:] else (said,):
                if part:
                    yield part, piece.strip()


def doubles(text: str, captions: set[str]) -> list[str]:
    """The lines, of those that are captions, that stand within five lines of the same line."""
    found, last = [], deque[str](maxlen=NEAR)
    for said, line in lines(text):
        if len(said) >= LEAST and said in last and said in captions:
            found.append(line)
        last.append(said)
    return found


def captions_of(page: bytes) -> set[str]:
    """The letters of what a page says of its pictures: attributes, and texts that are marked as captions."""
    root = html.fromstring(text_of(page).encode() or b"<p>", parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    told = [value for node in root.iter("img", "amp-img") for value in (node.get("alt"), node.get("title")) if value]
    told += [str(node.text_content()) for node in root.xpath(_MARKED)]
    return {said for said in map(letters, told) if len(said) >= LEAST}


def missing(before: str, after: str) -> list[str]:
    """The lines of one text of which another does not say every sentence."""
    whole = letters("".join(piece for _, piece in lines(after)))
    told = dict.fromkeys(lines(before))
    return [line for said, line in told if len(said) >= LEAST and _lacks(whole, said, line)]


def _lacks(whole: str, said: str, line: str) -> bool:
    parts = [part for piece in _SENTENCE.split(line) if len(part := letters(piece)) >= LEAST]
    return said not in whole and not (parts and all(part in whole for part in parts))


@dataclass
class Score:
    """What became of one extractor's output."""

    pages: int = 0
    raw: Counter[str] = field(default_factory=Counter)
    clean: Counter[str] = field(default_factory=Counter)
    lost: list[tuple[str, str]] = field(default_factory=list)
    new: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    overhead: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cleaning: float = 0.0


def cleaner_for(extractor: Extractor, chosen: str) -> Cleaner:
    if chosen == "default":
        return Cleaner()
    if chosen.startswith("{"):
        return Cleaner(Settings(**json.loads(chosen)))
    return Cleaner(Settings.for_extractor(chosen if chosen != "profile" else extractor.profile))


def run(extractor: Extractor, pages: Iterable[Path], chosen: str) -> Score:
    score, cleaner = Score(), cleaner_for(extractor, chosen)
    for path in pages:
        page = path.read_bytes()
        try:
            start = time.process_time()
            before = extractor.extract(page)
            middle = time.process_time()
            cleaned = cleaner.clean(page).html
            end = time.process_time()
            after = before if cleaned == page else extractor.extract(cleaned)
        except CaptionfixError as error:
            print(f"{path.name}: {error}")
            continue
        except Exception as error:  # an extractor that gives up on a page prints nothing of it
            print(f"{path.name}: {extractor.name} gave up: {type(error).__name__}")
            continue
        note(score, path.name, captions_of(page), before, after)
        score.seconds += middle - start
        score.cleaning += end - middle
        score.overhead.append((end - middle) / max(middle - start, 1e-6))
    return score


def note(score: Score, name: str, captions: set[str], before: str, after: str) -> None:
    score.pages += 1
    first, second = doubles(before, captions), doubles(after, captions)
    score.raw[name] += len(first)
    score.clean[name] += len(second)
    score.left += [(name, line) for line in second]
    score.lost += [(name, line) for line in missing(before, after)]
    score.new += [(name, line) for line in missing(after, before)]


def _pages(lines: Counter[str]) -> int:
    return sum(map(bool, lines.values()))


def told(name: str, score: Score) -> str:
    share = f"{score.cleaning / score.seconds:8.0%} {statistics.median(score.overhead):7.0%}" if score.seconds else ""
    return (
        f"{name:27} {score.pages:5} {_pages(score.raw):6} {score.raw.total():6} "
        f"{_pages(score.clean):6} {score.clean.total():6} {len(score.lost):5} {len(score.new):5}  {share}"
    )


HEAD = """\
                                     doubled raw doubled clean       lines captionfix's time
extractor                   pages  pages  lines  pages  lines  lost   new    in all  median"""


def pages_of(folders: list[Path], every: int) -> list[Path]:
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".html", ".htm")]
    if not folders:
        found = sorted(FIXTURES.glob("shapes/*/before.html"))
    return found[::every]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--only", default="", help="extractors whose name holds one of these, divided by semicolons")
    parser.add_argument("--settings", default="profile", help="profile, default, a profile's name, or settings as JSON")
    parser.add_argument("--every", type=int, default=1, help="take every n-th page")
    parser.add_argument("--list", action="store_true", help="list doubles left, lost and new lines")
    options = parser.parse_args()
    pages = pages_of(options.folders, options.every)
    print(f"{len(pages)} pages, settings: {options.settings}\n{HEAD}")
    for extractor in installed(options.only):
        score = run(extractor, pages, options.settings)
        print(told(extractor.name, score), flush=True)
        for kind in ("left", "lost", "new") if options.list else ():
            for name, line in getattr(score, kind):
                print(f"    {kind:5} {name[:40]:40} {line[:140]}")


if __name__ == "__main__":
    main()
