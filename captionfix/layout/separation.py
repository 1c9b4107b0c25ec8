"""What a reader sees, hears or fills in besides words, and what of it stands between two texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise, takewhile

from captionfix.layout.roles import SMALL, Roles
from captionfix.model import COMMENT, Node
from captionfix.text import fold

_REPLACED = frozenset(
    ("audio", "canvas", "embed", "form", "iframe", "input", "link", "map", "math", "meta", "meter", "noscript",
     "object", "script", "select", "style", "svg", "template", "video")
)  # fmt: skip
"""What a reader sees, hears or fills in besides the text."""
_FILMS = frozenset(("audio", "canvas", "embed", "figure", "form", "iframe", "map", "math", "meter", "object", "video"))
"""What shows something of its own, to which a caption may belong; a drawing too, where it is no icon."""
_HOLD_ICONS = frozenset(("a", "button", "summary", "label"))
"""What a drawing in it is an icon of."""
_DRAWN = frozenset(("svg", "g", "path", "use", "circle", "rect", "line", "polygon", "polyline", "ellipse"))
"""What icons are drawn with."""
_SILENT = frozenset(
    ("br", "col", "hr", "img", "input", "link", "meta", "noscript", "param", "script", "source", "style", "template",
     "track", "wbr")
)  # fmt: skip
"""What is empty by itself or shows nothing; pictures are looked for elsewhere."""
_MEANINGS = {
    "abbr": "title", "acronym": "title", "dfn": "title", "time": "datetime", "data": "value",
    "sup": "", "sub": "", "cite": "", "del": "", "ins": "", "s": "",
}  # fmt: skip
"""Elements that say more than their letters: in which attribute, or, by what they are, about their words."""
_MOST = 500
"""Elements, far more than stand between two captions of one picture: at most 61 in the caption corpus."""
_PAINTED = re.compile(r"background(?:(?!background)[^;])*?(?:url|image-set)\(", re.IGNORECASE)


def holds_more(node: Node, beside: Node) -> bool:
    """Return whether an element holds, or is, something that is no text, and another does not: a film, a form.

    A drawing, such as a camera before a caption, counts where the other has not the same one.
    """
    found = [*_with_all_below(node)]
    if any(each.tag in _REPLACED and each.tag not in _DRAWN for each in found):
        return True
    drawn = _drawings(found)
    return bool(drawn) and drawn != _drawings(_with_all_below(beside))


def _drawings(nodes: Iterable[Node]) -> list[Mapping[str, str]]:
    return [node.attributes for node in nodes if node.tag in _DRAWN]


def meanings(node: Node) -> set[tuple[str, str]]:
    """Return what the markup of a text says beyond its letters, element by element.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<p>10<sup>2</sup> m, <time datetime=1911-04>1911</time>"))
    >>> sorted(meanings(tree.search("p")[0]))
    [('sup', '2'), ('time', '1911-04')]
    """
    return {
        (each.tag, said)
        for each in _with_all_below(node)
        if each.tag in _MEANINGS
        and (said := each.get(_MEANINGS[each.tag]) if _MEANINGS[each.tag] else fold(each.raw_text()))
    }


def content_between(one: Node, other: Node, roles: Roles, *, anything: bool) -> bool:
    """Return whether something that shows, or that a script fills, stands between two elements.

    Such a thing may be what the caption behind or before it belongs to: a
    film, a drawing, a background, an element of the page's own making, an
    empty box with data for a script.

    Args:
        one: an element.
        other: another, before or behind it; neither holds the other.
        roles: the page's roles, which know icons.
        anything: whether words and whatever else count as well, as where no
            picture joins the two, and also what stands on both outer sides.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<p>Boats<div data-photo=1></div><p>Boats<i></i><p>Boats"))
    >>> one, other, third = tree.search("p")
    >>> [content_between(other, each, Roles(), anything=False) for each in (one, third)]
    [True, False]
    """
    common = next(node for node in other.ancestors if node is not one and one.inside(node))
    kids = common.children
    first, last = sorted((_up_to(one, common), _up_to(other, common)), key=lambda side: kids.index(side[-1]))
    start, end = kids.index(first[-1]), kids.index(last[-1])
    if all(any(node.tag == "figure" for node in side) for side in (first, last)):
        return True
    if end - start > _MOST:
        return True
    between = [*_behind(first), *kids[start + 1 : end], *_before(last)]
    if any(map(is_painted, _around_outside_of_captions(first, last))) or _any_shows(between, roles):
        return True
    if not anything:
        return False
    above, below = [*kids[:start], *_before(first)], [*_behind(last), *kids[end + 1 :]]
    return any(map(_says, between)) or (_any_shows(above, roles) and _any_shows(below, roles))


def _around_outside_of_captions(*sides: Sequence[Node]) -> Iterator[Node]:
    """What is around two elements below what holds both; in a caption, it is a way to show words."""
    return (around for side in sides for around in side[1:] if around.nearest("figcaption") is None)


def _up_to(node: Node, common: Node) -> list[Node]:
    """An element and what is around it below another, the outermost last."""
    return [node, *takewhile(lambda around: around is not common, node.ancestors)]


def _behind(side: Sequence[Node]) -> Iterator[Node | str]:
    for inner, outer in pairwise(side):
        yield from outer.children[outer.children.index(inner) + 1 :]


def _before(side: Sequence[Node]) -> Iterator[Node | str]:
    for inner, outer in pairwise(side):
        yield from outer.children[: outer.children.index(inner)]


def _says(kid: Node | str) -> bool:
    """Whether a piece of a page is more than white space, a comment or a new line."""
    return bool(kid.strip()) if isinstance(kid, str) else kid.tag not in {COMMENT, "br", "wbr"}


def _any_shows(kids: Sequence[Node | str], roles: Roles) -> bool:
    """Whether any of these, or anything in them, shows something besides words, icons aside."""
    nodes = (each for kid in kids if isinstance(kid, Node) for each in _with_all_below(kid))
    return any(shows(each, roles) for each in islice(nodes, _MOST)) or next(nodes, None) is not None


def shows(node: Node, roles: Roles) -> bool:
    """Return whether an element shows something, by its name, its style or what a script finds on it.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<div data-map=1></div><div>Boats</div><video></video>"))
    >>> [shows(node, Roles()) for node in tree.search("div", "video")]
    [True, False, True]
    """
    if node.tag in _FILMS:
        return True
    if node.tag in _SILENT or SMALL in roles.of(node):
        return False
    if node.tag == "svg":
        return not (_is_sprite(node) or any(around.tag in _HOLD_ICONS for around in node.ancestors))
    return is_painted(node) or (
        not any(map(_says, node.children))
        and any(value and name.startswith("data-") for name, value in node.attributes.items())
    )


def _is_sprite(svg: Node) -> bool:
    """Whether a drawing is nothing but one of a sheet of many: an icon."""
    drawn = [kid for kid in svg.elements if kid.tag not in ("title", "desc")]
    return len(drawn) == 1 and drawn[0].tag == "use" and not any(True for _ in drawn[0].elements)


def is_painted(node: Node) -> bool:
    """Return whether an element is a picture itself, whatever it holds: by its style, its role, or its name.

    >>> from captionfix.markup.html import HtmlTree
    >>> from captionfix.markup.source import read_source
    >>> tree = HtmlTree(read_source(b"<div style='background:url(a.jpg)'></div><div role=img></div><div>Boats</div>"))
    >>> [is_painted(node) for node in tree.search("div")]
    [True, True, False]
    """
    return ("-" in node.tag and not fold(node.raw_text())) or (
        node.tag != "svg"
        and not node.is_bare
        and (node.get("role") == "img" or _PAINTED.search(node.get("style")) is not None)
    )


def _with_all_below(node: Node) -> Iterator[Node]:
    """An element and all in it; none of a comment."""
    return iter(()) if node.tag == COMMENT else node.all_below
