"""The extractors that benchmarks run, each by its name, with what it needs; bytes of a page in, text out."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import os
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NODE = Path(__file__).with_name("extracting.mjs")
"""What runs the extractors of npm; ``CAPTIONFIX_NODE_MODULES`` names the folder that holds them."""


@dataclass(frozen=True)
class Extractor:
    """One way to call an extractor.

    Attributes:
        name: how it is called in tables.
        profile: the profile of `captionfix.Settings.for_extractor` that suits it.
        module: the Python package it needs, ``""`` for one of npm.
        extract: from the bytes of a page to text, lines as the extractor breaks them.
    """

    name: str
    profile: str
    module: str
    extract: Callable[[bytes], str]

    @property
    def is_there(self) -> bool:
        if self.module:
            return importlib.util.find_spec(self.module) is not None
        return bool(os.environ.get("CAPTIONFIX_NODE_MODULES"))


def text_of(raw: bytes) -> str:
    """A page as text, as whoever hands text to an extractor has decoded it."""
    from captionfix.markup.source import read_source

    source = read_source(raw)
    return raw.decode(source.encoding, "replace")


def trafilatura(raw: bytes, **options: Any) -> str:
    from trafilatura import extract

    return extract(raw, **options) or ""


def readability(raw: bytes) -> str:
    from lxml import html
    from readability import Document

    return _lines(html.fromstring(Document(text_of(raw)).summary(html_partial=True) or "<p>"))


def newspaper(raw: bytes) -> str:
    from newspaper import Article

    article = Article("https://example.org/", fetch_images=False)
    article.download(input_html=text_of(raw))
    article.parse()
    return str(article.text)


def inscriptis(raw: bytes, *, deduplicate: bool) -> str:
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    return str(get_text(text_of(raw), ParserConfig(display_images=True, deduplicate_captions=deduplicate)))


def html2text(raw: bytes) -> str:
    from html2text import HTML2Text

    handler = HTML2Text(bodywidth=0)
    handler.unicode_snob = True  # otherwise a letter is written in ASCII where the page has it as an entity
    return str(handler.handle(text_of(raw)))


def resiliparse(raw: bytes, *, main: bool) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(text_of(raw), main_content=main, alt_texts=True))


def beautifulsoup(raw: bytes) -> str:
    from bs4 import BeautifulSoup

    return str(BeautifulSoup(raw, "lxml").get_text("\n", strip=True))


def markitdown(raw: bytes) -> str:
    return str(_markitdown().convert_stream(io.BytesIO(raw), file_extension=".html").markdown)


@cache
def _markitdown() -> Any:
    from markitdown import MarkItDown

    return MarkItDown()


def justext(raw: bytes) -> str:
    import justext as module

    paragraphs = module.justext(raw, module.get_stoplist("English"))
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def _lines(root: Any) -> str:
    """The visible text of HTML that an extractor gives, a line for each block."""
    from inscriptis import Inscriptis

    return str(Inscriptis(root).get_text())


@dataclass
class _Node:
    """A process of Node that extracts page after page."""

    kind: str

    def __post_init__(self) -> None:
        folder = os.environ["CAPTIONFIX_NODE_MODULES"]
        self.process = subprocess.Popen(
            ["node", str(NODE), self.kind, folder],  # noqa: S607 the one on the path
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def extract(self, raw: bytes) -> str:
        assert self.process.stdin  # noqa: S101
        assert self.process.stdout  # noqa: S101
        self.process.stdin.write(json.dumps(text_of(raw)) + "\n")
        self.process.stdin.flush()
        return str(json.loads(self.process.stdout.readline()))


@cache
def _node(kind: str) -> _Node:
    return _Node(kind)


ALL = (
    Extractor("trafilatura", "trafilatura", "trafilatura", trafilatura),
    Extractor("trafilatura, images", "trafilatura", "trafilatura", lambda raw: trafilatura(raw, include_images=True)),
    Extractor(
        "trafilatura, images, recall",
        "trafilatura",
        "trafilatura",
        lambda raw: trafilatura(raw, include_images=True, favor_recall=True),
    ),
    Extractor("readability-lxml", "readability", "readability", readability),
    Extractor("newspaper4k", "newspaper", "newspaper", newspaper),
    Extractor("inscriptis, images", "inscriptis", "inscriptis", lambda raw: inscriptis(raw, deduplicate=False)),
    Extractor("inscriptis, its own dedup", "inscriptis", "inscriptis", lambda raw: inscriptis(raw, deduplicate=True)),
    Extractor("html2text", "html2text", "html2text", html2text),
    Extractor("resiliparse, main", "resiliparse", "resiliparse", lambda raw: resiliparse(raw, main=True)),
    Extractor("resiliparse, all", "resiliparse", "resiliparse", lambda raw: resiliparse(raw, main=False)),
    Extractor("BeautifulSoup", "beautifulsoup", "bs4", beautifulsoup),
    Extractor("markitdown", "markitdown", "markitdown", markitdown),
    Extractor("jusText", "beautifulsoup", "justext", justext),
    Extractor("Readability.js", "readability", "", lambda raw: _node("readability").extract(raw)),
    Extractor("Defuddle", "markitdown", "", lambda raw: _node("defuddle").extract(raw)),
)


def installed(names: str = "") -> Iterator[Extractor]:
    """The extractors that are there, or those of them whose name holds one of some words; who is left out is told."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for each in ALL:
        if names and not any(word.strip().lower() in each.name.lower() for word in names.split(";")):
            continue
        if each.is_there:
            yield each
        else:
            print(f"{each.name} is not installed: left out")
