"""A picture's own tag once more: to load its file ahead, or twice in a row.

**Why it is bad.** A hidden ``img`` that only makes browsers load a file early is a second picture to whatever reads a
page without its styles; a tag that an editor or a template wrote twice shows twice.

**Example.**

    <img src="boat.jpg" style="display:none">
    <figure><img src="boat.jpg" alt="Boats leave the harbour"></figure>

The first goes. Of two equal tags with nothing between, the second goes.

**What counts as a copy.** An ``img`` that its own style takes off the page, that has a ``src`` and no more (no words,
no id, no class, no data, no handler), of a file that another picture shows. Or an ``img`` right behind one with the
same attributes, exactly two, which show a photo: 200 pixels wide and high, or twenty letters of ``alt``.

**Safety.** Safe. What is or may be part of a control or a link, in a line of text, or alone in showing its file, stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from captionfix.layout.copies import has_hidden_purpose
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, declared_size
from captionfix.layout.visibility import barriers
from captionfix.markup.stylesheets import hidden_by, shown_style
from captionfix.model import Evidence, Node, Proposal, Remove
from captionfix.safety import rate
from captionfix.settings import Settings
from captionfix.text import effective_length

CODE = "CF207"
_LEAST_SIDE, _LEAST_ALT = 200, 20
"""Pixels and letters from which an image is no star, bullet or face (caption-rules study)."""
_CONTROLS = ("a", "button", "label", "summary", "option", "li")


def find(page: Page, settings: Settings) -> Iterator[Proposal]:
    """Yield images that only load a file ahead, and those that stand twice in a row."""
    for picture in page.pictures.outside_noscript:
        shown = _preloaded(page, picture)
        if shown is not None:
            yield _proposal(picture, shown, "the image only loads a file ahead that the page shows", "preload")
        elif (first := _same_before(page, picture)) is not None:
            yield _proposal(picture, first, "the same image tag twice in a row", "twice")


def _proposal(duplicate: Picture, kept: Picture, message: str, case: str) -> Proposal:
    row = rate(CODE, case)
    evidence = (Evidence("url", "the same file", duplicate.key), row.evidence)
    return Proposal(CODE, duplicate.node, kept.node, message, evidence, row.safety, (Remove(duplicate.node),), row.case)


def _preloaded(page: Page, picture: Picture) -> Picture | None:
    """The picture that shows a file which an image only loads ahead."""
    node = picture.node
    style = node.get("style")
    if not style or node.tag != "img" or not picture.loads or "display" not in hidden_by(style):
        return None
    if shown_style(style).strip("; ") or has_hidden_purpose(node) or node.get("alt").strip():
        return None
    if node.nearest(*_CONTROLS, "picture", "template") is not None:
        return None
    others = (other for other in page.pictures.places.get(picture.key, ()) if other is not picture)
    return next(
        (other for other in others if other.loads == picture.loads and not barriers(page, other.node, node)), None
    )


def _same_before(page: Page, picture: Picture) -> Picture | None:
    """The picture right before another that has the same tag, where these two are all there are."""
    node, index = picture.node, picture.index
    before = page.pictures[index - 1] if index else None
    if before is None or not _are_twins(page, before.node, node) or not picture.loads or not _is_photo(picture):
        return None
    if node.nearest(*_CONTROLS, "picture") is not None:
        return None
    around = [page.pictures[at].node for at in (index - 2, index + 1) if 0 <= at < len(page.pictures)]
    return None if any(_has_same_tag(other, node) for other in around) else before


def _has_same_tag(one: Node, other: Node) -> bool:
    return one.parent is other.parent and one.tag == other.tag and dict(one.attributes) == dict(other.attributes)


def _are_twins(page: Page, one: Node, other: Node) -> bool:
    """Whether two elements with one tag stand side by side, in no line of text."""
    if not _has_same_tag(one, other) or one.parent is None:
        return False
    place, behind = (page.reader.place(one.parent, node) for node in (one, other))
    if min(place, behind) < 0:
        return False
    between = one.parent.children[place + 1 : behind]
    return all(isinstance(kid, str) and kid.isspace() for kid in between) and page.reader.splits_lines(one.parent)


def _is_photo(picture: Picture) -> bool:
    if picture.is_icon or any(name.startswith("on") for name in picture.node.attribute_names):
        return False
    return min(declared_size(picture.node)) >= _LEAST_SIDE or effective_length(picture.alt_letters) >= _LEAST_ALT
