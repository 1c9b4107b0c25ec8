"""Copies of a picture: how far apart they stand, and what one hands on to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from captionfix.layout.blocks import has_visible_text, visible_text
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture, declared_size, is_set, sources
from captionfix.layout.roles import CREDIT_PARTS
from captionfix.layout.sizes import larger_file, names_a_file_of
from captionfix.markup.stylesheets import hidden_by
from captionfix.model import Action, Node, SetAttribute
from captionfix.pictures.urls import (
    ORIGINAL,
    is_picture_file,
    is_placeholder,
    size_of,
    srcset_urls,
    srcset_widths,
    width_hint,
)
from captionfix.text import effective_length, fold, holds, letters, without_counter, without_label

_LEAST = 20
"""Letters of a caption that tell it from what stands under many pictures (caption-rules study, rule 5)."""
_LABELS = ("aria-label", "aria-describedby", "aria-labelledby", "longdesc")
_SAYING = ("data-", *_LABELS)
"""What the names of attributes begin with that may say something of a picture."""
_SPOKEN = ("caption", "license", "licence", *CREDIT_PARTS)
"""What the name of data about a picture holds that readers are told, or are to be."""
_SIDES = ("width", "height")
BARE = frozenset(("src", "srcset", "sizes", "alt", "style", "hidden", *_SIDES, "loading", "decoding", "border"))
"""What an image may carry that nobody but its viewers cares for."""
_LOADING = ("onload", "onerror", "onloadstart", "onabort")
"""Handlers that are about the loading of a picture's own file."""
_PLAIN = ("https:", "http:", "/")
"""What nearly all URLs begin with: quick, for saying yes."""
_SCHEMES = ("http:", "https:", "data:image/")


def levels_up(node: Node, other: Node) -> int:
    """Return how many levels above ``node`` the nearest element around both stands."""
    common = node.common(other)
    return node.depth - common.depth if common is not None else node.depth + 1


def whole_element(picture: Picture) -> Node:
    """Return a picture's element with its sources: the ``picture`` around it, where there is one."""
    parent = picture.node.parent
    return parent if parent is not None and parent.tag == "picture" else picture.node


def figure_or_element(page: Page, kept: Picture, duplicate: Picture) -> Node:
    """Return what goes with a copy: its figure where the survivor's says the same, else its element.

    Args:
        page: the page of both.
        kept: the survivor.
        duplicate: the copy.
    """
    here, there = page.near.figure(kept), page.near.figure(duplicate)
    if here is not None and there is not None and said_by_both(page, here, there):
        return there
    return whole_element(duplicate)


def said_by_both(page: Page, kept: Node, duplicate: Node) -> int:
    """Return how many letters a figure says, all of which another says too; 0 if it says little, or shows more.

    What a gallery puts in front, a number or a label, is not counted.
    """
    if len(page.pictures.content_in(duplicate)) != 1 or kept.inside(duplicate) or duplicate.inside(kept):
        return 0
    if _links_in(page, duplicate) - _links_in(page, kept):
        return 0
    said = without_counter(without_label(visible_text(duplicate)))
    size = effective_length(letters(said))
    return size if size >= _LEAST and holds(visible_text(kept), said) else 0


def tells_more(page: Page, duplicate: Node, kept: Node) -> bool:
    """Return whether a figure holds data for machines, such as a licence, that another lacks."""
    return not _data_in(page, duplicate) <= _data_in(page, kept)


def _data_in(page: Page, node: Node) -> set[tuple[str, str]]:
    found = page.tree.search("meta", "link", "data", inside=node)
    return {(each.get("itemprop"), each.get("content") or each.get("href") or each.get("value")) for each in found}


def _links_in(page: Page, node: Node) -> set[str]:
    """Where the links of a text lead; those around pictures are looked at elsewhere."""
    links = page.tree.search("a", inside=node)
    return {link.get("href") for link in links if not page.pictures.has_picture(link)} - {"", "#"}


def does_more(picture: Picture) -> bool:
    """Return whether a picture does more than show, with or without scripts: an image map, a description elsewhere."""
    return picture.node.carries("usemap", "longdesc")


def has_hidden_purpose(node: Node) -> bool:
    """Return whether an image that hides itself carries what machines, a button or a script may look for."""
    if not node.carries("hidden") and not (node.carries("style") and hidden_by(node.get("style"))):
        return False
    return not BARE.issuperset(node.attribute_names)


def goes_alone(page: Page, picture: Picture, kept: Picture) -> bool:
    """Return whether a picture's element is a picture and no more than its survivor is.

    An unclosed ``amp-img`` takes in what follows it, and a handler does more than show, unless it is about loading or
    the survivor's too, as does what hides itself and has a name.
    """
    element = whole_element(picture)
    if does_more(picture) or has_hidden_purpose(picture.node) or _handlers(picture) - _handlers(kept):
        return False
    others = (other for other in page.pictures.pictures_in(element) if other is not picture and other.noscript is None)
    return not has_visible_text(element) and next(others, None) is None


def _handlers(picture: Picture) -> set[tuple[str, str]]:
    """What a picture does besides loading: nothing is lost with what dresses a file that has come, or has not."""
    told = picture.node.attributes.items()
    return {(name, value) for name, value in told if name.startswith("on") and name not in _LOADING}


def keeps_links(page: Page, duplicate: Picture, kept: Picture) -> bool:
    """Return whether no link is lost with a copy: its own goes to the picture itself, or where the survivor's goes."""
    link, other = duplicate.link, kept.link
    here, there = (each.get("href").strip() if each is not None else "" for each in (link, other))
    if link is None or here == there:
        return True
    if page.near.leads_elsewhere(link, duplicate):
        return False
    return not (is_picture_file(here) and is_picture_file(there)) or duplicate.key_of(here) == duplicate.key_of(there)


def links_to_file(picture: Picture) -> bool:
    """Return whether the link around a picture leads to an image, as its full size."""
    return picture.link is not None and is_picture_file(picture.link.get("href").strip())


def _shows(picture: Picture, link: Node | None) -> bool:
    """Whether a picture names the very file that a link leads to."""
    return link is not None and link.get("href").strip() in {url for _, url in picture.urls}


def is_usable_after(kept: Picture, duplicate: Picture, carried: Sequence[Action]) -> bool:
    """Return whether the survivor shows the picture wherever the copy did, once it has what was handed on."""
    mended = [action.node for action in carried]
    if any(is_placeholder_set(source.get("srcset")) and source not in mended for source in sources(kept.node)):
        return False  # a source that stands in wins over what the picture itself loads
    loads = any(isinstance(action, SetAttribute) and action.name in ("src", "srcset") for action in carried)
    if (loads and duplicate.loads) or _loaded(kept):
        return True
    if duplicate.loads:
        return False
    if kept.loadable and duplicate.loose_key == kept.loose_key != "":
        return True  # neither shows anything without a script, and both name one file
    wanted = duplicate.loadable
    if not wanted:
        return names_a_file_of(duplicate.addresses, kept.addresses)
    return names_a_file_of(wanted, kept.loadable)


def widest(picture: Picture) -> int:
    """Return the largest width in pixels that a picture's files speak of; 65,536 where one of them names no size.

    What names no size is the file as it was made.
    """
    return max((width_hint(url) or ORIGINAL for _, url in picture.urls if not is_placeholder(url)), default=0)


def is_harmless(url: str) -> bool:
    """Return whether a URL may be handed on: http, https, relative, or an image in the URL itself.

    >>> is_harmless("/u/boat.jpg"), is_harmless("javascript:alert(1)"), is_harmless("data:text/html,x")
    (True, False, False)
    """
    if url.startswith(_PLAIN):
        return True
    scheme, colon, _ = url.strip().partition(":")
    if not colon or not scheme.isascii() or any(sign in scheme for sign in "/?#."):
        return True
    return url.strip().lower().startswith(_SCHEMES)


def carry_over(duplicate: Picture, kept: Picture) -> Iterator[Action]:
    """Yield what the survivor takes over from a copy that goes: a file that loads, then what it lacks.

    White space is folded: a value of several lines must not bring other line
    ends into the page.
    """
    files = _with_the_largest([*_files(duplicate, kept)], duplicate, kept)
    yield from files
    if len(duplicate.alt_letters) > len(kept.alt_letters) and kept.alt_letters in duplicate.alt_letters:
        yield SetAttribute(kept.node, "alt", fold(duplicate.alt))
    title = fold(duplicate.node.get("title"))
    if title and not kept.node.get("title"):
        yield SetAttribute(kept.node, "title", title)
    if _plain_size(duplicate, kept, files):
        for side in _SIDES:
            yield SetAttribute(kept.node, side, duplicate.node.get(side).strip())


def _files(duplicate: Picture, kept: Picture) -> Iterator[SetAttribute]:
    """What the survivor is to load, its stand-ins replaced."""
    src, srcset = duplicate.node.get("src").strip(), fold(duplicate.node.get("srcset"))
    stands_in = is_placeholder_set(kept.node.get("srcset"))
    if src and not is_placeholder(src) and is_harmless(src):
        if _needs(kept, src, "" if stands_in else kept.loads):
            yield SetAttribute(kept.node, "src", src)
        if stands_in and not srcset:
            yield SetAttribute(kept.node, "srcset", src)
    for source in sources(kept.node):
        real = _real_set(source, duplicate) if is_placeholder_set(source.get("srcset")) else ""
        if real and all(is_harmless(url) for url in srcset_urls(real)):
            yield SetAttribute(source, "srcset", real)
    if not srcset or not duplicate.loads or not all(is_harmless(url) for url in srcset_urls(srcset)):
        return
    if stands_in or not kept.node.get("srcset"):
        yield SetAttribute(kept.node, "srcset", srcset)
    if duplicate.node.get("sizes") and not kept.node.get("sizes"):
        yield SetAttribute(kept.node, "sizes", fold(duplicate.node.get("sizes")))


def _real_set(source: Node, duplicate: Picture) -> str:
    """The set that a source is to load: that of the copy's source for the same, else what it names for a script."""
    for other in sources(duplicate.node):
        alike = all(other.get(name) == source.get(name) for name in ("media", "type"))
        if alike and other.get("srcset").strip() and not is_placeholder_set(other.get("srcset")):
            return fold(other.get("srcset"))
    named = (fold(source.get(name)) for name in source.attribute_names if name != "srcset")
    return next((value for value in named if is_set(value)), "")


def _with_the_largest(files: list[SetAttribute], duplicate: Picture, kept: Picture) -> list[SetAttribute]:
    """What the survivor is to load, and in its ``src`` the copy's file where that is larger than all it names.

    What screens were shown stays what they are shown: it goes into ``srcset``, so that no page gets wider. Instead of
    a stand-in, a reader without scripts is shown the file.
    """
    node, larger = kept.node, larger_file(duplicate, kept)
    if not larger or not is_harmless(larger) or any(larger in srcset_urls(file.value) for file in files):
        return files
    others = [file for file in files if file.node is not node or file.name != "src"]
    own, srcset = node.get("src").strip(), fold(node.get("srcset"))
    keeps = duplicate.noscript is None and not kept.is_lazy and not is_placeholder(own) and len(others) == len(files)
    if keeps and not srcset and not any(file.name == "srcset" for file in others):
        others.append(SetAttribute(node, "srcset", _as_candidate(own)))
    elif keeps and srcset and all(not width and url != own for url, width in srcset_widths(srcset)):
        others.append(SetAttribute(node, "srcset", f"{_as_candidate(own)}, {srcset}"))
    return [SetAttribute(node, "src", larger), *others]


def _as_candidate(url: str) -> str:
    """A URL as it may stand in a ``srcset``.

    >>> _as_candidate("a b,c.jpg,")
    'a%20b,c.jpg%2C'
    """
    inner = url.strip(",")
    before, behind = url.partition(inner)[::2] if inner else ("", "")
    return f"{before.replace(',', '%2C')}{'%20'.join(inner.split())}{behind.replace(',', '%2C')}"


def says_no_more(duplicate: Picture, kept: Picture) -> bool:
    """Return whether all that a copy says of the picture is said, or can be handed on: no words, no link, no data."""
    if links_to_file(duplicate) and kept.link is None and not _shows(kept, duplicate.link):
        return False
    mine, theirs = kept.alt_letters, duplicate.alt_letters
    if theirs not in mine and mine not in theirs:
        return False
    return not any(
        _says_more(name, value, kept) for name, value in duplicate.node.attributes.items() if name.startswith(_SAYING)
    )


def _says_more(name: str, value: str, kept: Picture) -> bool:
    """Whether an attribute of a copy leads elsewhere, or speaks of the picture, and the survivor's do not."""
    if name.startswith("data-") and _leads_away(value) and not _knows(kept, value):
        return True
    return _is_word(name) and value not in ("", kept.node.get(name))


def _is_word(attribute: str) -> bool:
    """Whether an attribute says something of a picture: a label, or data named after a caption or a credit."""
    return attribute in _LABELS or (attribute.startswith("data-") and any(map(attribute.__contains__, _SPOKEN)))


def _leads_away(url: str) -> bool:
    """Whether the value of an attribute for scripts is the address of something else than an image file."""
    return url.startswith(("https://", "http://", "//")) and not is_picture_file(url)


def _knows(picture: Picture, url: str) -> bool:
    return url in picture.node.attributes.values() or picture.key_of(url) in picture.addresses


def _loaded(kept: Picture) -> str:
    """What the survivor loads: a ``srcset`` of stand-ins hides its ``src`` from browsers."""
    return "" if is_placeholder_set(kept.node.get("srcset")) else kept.loads


def is_placeholder_set(srcset: str) -> bool:
    """Return whether a ``srcset`` is there and names no real file.

    >>> is_placeholder_set("data:image/gif;base64,R0 1w"), is_placeholder_set("a.jpg 1x"), is_placeholder_set("")
    (True, False, False)
    """
    return bool(srcset.strip()) and all(is_placeholder(url) for url in srcset_urls(srcset))


def _needs(kept: Picture, src: str, loaded: str) -> bool:
    """Whether the survivor should load the copy's file instead of what it loads now."""
    own = kept.node.get("src").strip()
    if own == src:
        return False
    if not loaded or is_placeholder(own):
        return True
    smaller = 0 < width_hint(own) < (width_hint(src) or ORIGINAL)
    return kept.is_lazy and (smaller or not width_hint(own))


def _plain_size(duplicate: Picture, kept: Picture, files: Iterable[SetAttribute]) -> bool:
    """Whether the size of a copy is plain, and that of the file that the survivor shows."""
    own = declared_size(duplicate.node)
    if not all(own):
        return False
    box = declared_size(kept.node)
    is_free = not any(kept.node.get(side) for side in _SIDES) or _is_preview(box, own, duplicate)
    return is_free and _shows_its_file(duplicate, kept, files)


def _is_preview(box: tuple[int, int], own: tuple[int, int], duplicate: Picture) -> bool:
    """Whether a box is for the preview of a lazy picture that its copy for readers without scripts shows larger."""
    return duplicate.noscript is not None and all(box) and box[0] < own[0] and box[1] < own[1]


def _shows_its_file(duplicate: Picture, kept: Picture, files: Iterable[SetAttribute]) -> bool:
    """Whether the survivor, once it has what was handed on, shows the copy's file, or one of the same size."""
    node = kept.node
    carried = {file.name: file.value for file in files if file.node is node}
    srcset = carried.get("srcset", "" if is_placeholder_set(node.get("srcset")) else node.get("srcset"))
    shown = [*srcset_urls(srcset)] if srcset else [carried.get("src", node.get("src").strip())]
    if duplicate.loads in shown:
        return True
    size = size_of(duplicate.loads)
    return any(kept.key_of(url) == duplicate.key and size_of(url) == size for url in shown)
