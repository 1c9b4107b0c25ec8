"""Images of Markdown as people and converters write them, each with the text that stands behind it.

CommonMark's inline and full reference images, with Pandoc's attributes, Obsidian's embeds and sizes; links around
them may run over several lines and paragraphs, as Turndown, html2text and markdownify leave them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TEXT = r"(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*?"
_TITLE = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\))"""
_URL = r"(?:<[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))*(?:[ ](?:[^\s()<>\"'])+)*)"
_INLINE = rf"\(\s*{_URL}(?:(?P<title>\s+{_TITLE}))?\s*\)"
_IMAGE = re.compile(
    rf"!\[(?P<text>{_TEXT})(?P<size>\|\d+(?:x\d+)?)?\](?:{_INLINE}|\[[^\[\]]+\])(?:\{{[^{{}}\n]*\}})?"
    r"|!\[\[[^\[\]|\n]+(?P<alias>\|(?!\d+(?:x\d+)?\]\])[^\[\]|\n]+)?(?:\|\d+(?:x\d+)?)?\]\]"
)
"""An image; a reference whose text is its label, ``![boat]``, is none: without its text it would name nothing."""
_LINK_END = re.compile(rf"\s*\](?:\(\s*{_URL}(?:\s+{_TITLE})?\s*\)|\[[^\[\]]*\])(?:\{{[^{{}}\n]*\}})?")
_LINK_START = re.compile(r"[ \t]*(?:\[\s*)?\Z")
_UNSAID = re.compile(
    r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\]\[[^\[\]]*\]|</?[a-zA-Z][^<>]*>|^[ ]{0,3}\[[^\[\]]+\]:[^\n]*|^:::[^\n]*"
    r"|\{[.#][^{}\n]*\}",
    re.MULTILINE,
)
"""What of Markdown is no text: targets of links, tags, definitions of references, Pandoc's fences and attributes."""
_CODE = re.compile(r"(`+)[^`].*?(?<!`)\1(?!`)", re.DOTALL)
_FRONT = re.compile(
    r"(---|\+\+\+)[ \t]*\n(?:.*\n)*?(?:\1|\.\.\.)[ \t]*(?:\n|\Z)|;;;[ \t]*\n(?:.*\n)*?;;;[ \t]*(?:\n|\Z)"
    r"|\{\s*\n(?:.*\n)*?\}[ \t]*\n"
)
"""YAML, TOML and JSON before the text, as Jekyll and Hugo take them."""
_BLOCK = re.compile(r"[ ]{0,3}<(figure|div|p|center|table|picture|a|section|article|details)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImageText:
    """One image.

    Attributes:
        text: where its text stands, an Obsidian embed's with the bar before it; empty where it has none.
        title: where its title stands, with the blanks before it; None where it has none.
        end: where it ends, with the link around it.
        is_linked: whether a link is around it.
        says: its text.
        titled: its title.
    """

    text: tuple[int, int]
    title: tuple[int, int] | None
    end: int
    is_linked: bool
    says: str
    titled: str


def images_in(view: str, start: int, end: int) -> Iterator[ImageText]:
    """Yield the images of a paragraph that begin a line, blanks and what opens a link aside.

    Args:
        view: the page.
        start: where the paragraph begins.
        end: where it ends.

    >>> [image.says for image in images_in("[![Boats](a.jpg)](b.html) x ![No](c.jpg)", 0, 40)]
    ['Boats']
    """
    code = [match.span() for match in _CODE.finditer(view, start, end)]
    for found in _IMAGE.finditer(view, start, end):
        line = view.rfind("\n", start, found.start()) + 1 or start
        before = view[line : found.start()]
        if not _LINK_START.match(before) or any(begin <= found.start() < stop for begin, stop in code):
            continue
        linked = _LINK_END.match(view, found.end(), end)
        title = found.span("title") if found["title"] else None
        text = found.span("alias") if found["alias"] else found.span("text") if found["text"] is not None else None
        yield ImageText(
            text or (found.end(), found.end()),
            title,
            linked.end() if linked else found.end(),
            linked is not None or "[" in before or view[start : found.start()].rstrip().endswith("["),
            (found["alias"] or "|")[1:] or found["text"] or "",
            (found["title"] or "").strip()[1:-1],
        )


def holds_image(text: str) -> bool:
    """Return whether a text holds an image.

    >>> holds_image("![](a.jpg)"), holds_image("A [link](a.jpg)!")
    (True, False)
    """
    return "![" in text and _IMAGE.search(text) is not None


def said(text: str) -> str:
    """Return what a piece of Markdown says to a reader: without targets, tags and definitions.

    >>> said("[Boats *leave*](b.html) <br> the harbour")
    '[Boats *leave*  the harbour'
    """
    return re.sub(r"[ ]{2,}", "  ", _UNSAID.sub(" ", text)).strip()


def front_matter(view: str) -> int:
    """Return where the front matter of a page ends, 0 where it has none.

    >>> front_matter("---\\ntitle: Boats\\n---\\nText"), front_matter("Text\\n---\\n")
    (21, 0)
    """
    at = len(view) - len(view.lstrip("\ufeff \n"))
    found = _FRONT.match(view, at)
    return found.end() if found else 0


def html_blocks(view: str, places: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """Yield where HTML stands between the paragraphs of Markdown, a figure up to its end tag.

    Args:
        view: the page.
        places: where its paragraphs begin and end, and their kinds.
    """
    done = 0
    for start, end, kind in places:
        opened = _BLOCK.match(view, start, end) if kind not in ("code", "front matter") and start >= done else None
        if opened is None:
            continue
        done = end
        close = f"</{opened[1].lower()}>"
        if opened[1].lower() == "figure" and close not in view[start:end].lower():
            at = view.lower().find(close, end)
            done = at + len(close) if at >= 0 else end
        yield start, done
