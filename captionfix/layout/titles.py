"""Titles, and an ``alt``, that somebody sees: through a script of the page, or as the tooltip of a control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

from captionfix.layout import controls
from captionfix.layout.blocks import has_visible_text
from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.layout.scripts import telling_classes
from captionfix.model import Node
from captionfix.pictures.urls import is_picture_file

_LEVELS = 8
"""Levels above a picture at which the part of a slider or a gallery stands that its library is called for."""
_CARD_LEVELS = 4
"""Levels above a picture at which the card stands that a link covers."""
_ROW = 2
"""Links beside each other, each with nothing but a picture, that are a row of icons."""


@dataclass(frozen=True, slots=True)
class Library:
    """A script library that shows titles, and what tells that it does so.

    Attributes:
        name: what a finding calls it.
        words: what its files or its functions are called, in lower case.
        element: whose title it reads: that of the ``link`` or of the ``picture``.
        classes: classes of that element, or beginnings of them that end in ``*``.
        rels: what its ``rel``, or the ``data-`` attributes that stand for that, begins with.
        carries: attributes that the element has.
        around: classes of what is around it.
        instead: attributes that it reads instead of the title, where the element has them.
        at_once: whether it writes the title into the page as it loads: it is then the caption that readers saw.
        alts: whether it shows the ``alt`` of the picture too: ``always``, or if there is no ``title``.
    """

    name: str
    words: tuple[str, ...]
    element: str = "link"
    classes: tuple[str, ...] = ()
    rels: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    at_once: bool = False
    alts: Literal["", "title", "always"] = ""


LIBRARIES = (
    Library("JCaption", ("jcaption", "system/js/caption"), "picture", classes=("caption",), at_once=True),
    Library("Nivo Slider", ("nivo",), "picture", around=("nivoslider",), at_once=True),
    Library("bxSlider", ("bxslider",), "picture", around=("bxslider",), at_once=True),
    Library("Lightbox", ("lightbox", "slimbox"), rels=("lightbox",), carries=("data-lightbox",),
            instead=("data-title",)),
    Library("fancybox", ("fancybox",), classes=("fancybox*",), rels=("fancybox",), carries=("data-fancybox-group",),
            instead=("data-fancybox-title", "data-fancybox", "data-caption"), alts="title"),
    Library("Colorbox", ("colorbox",), classes=("colorbox*", "cboxelement"), rels=("colorbox",),
            carries=("data-colorbox",)),
    Library("prettyPhoto", ("prettyphoto",), classes=("prettyphoto",), rels=("prettyphoto",), alts="always"),
    Library("Magnific Popup", ("magnific", "mfp"), classes=("mfp-*", "magnific*", "popup-image", "image-popup*"),
            around=("popup-gallery", "mfp-gallery")),
    Library("SimpleLightbox", ("simplelightbox", "simple-lightbox"), "picture",
            around=("simplelightbox", "simple-lightbox", "simplelightbox-gallery")),
    Library("ThickBox", ("thickbox", "tb_init"), classes=("thickbox",)),
    Library("GLightbox", ("glightbox",), classes=("glightbox*",), instead=("data-glightbox", "data-title")),
    Library("Swipebox", ("swipebox",), classes=("swipebox*",), rels=("swipebox",)),
    Library("VenoBox", ("venobox",), classes=("venobox*",), instead=("data-title",)),
    Library("lightGallery", ("lightgallery",), around=("lightgallery", "light-gallery"), instead=("data-sub-html",),
            alts="title"),
    Library("Galleria", ("galleria",), "picture", around=("galleria",), alts="always"),
    Library("baguetteBox", ("baguettebox",), around=("baguettebox*",), instead=("data-caption",)),
    Library("Shadowbox", ("shadowbox",), rels=("shadowbox",)),
)  # fmt: skip
"""Only what these libraries read unasked, by their sources: fancybox 3 and later reads ``data-caption``, GLightbox no
title beside ``data-glightbox``; PhotoSwipe reads none, FlexSlider ``data-thumbcaption``, Highslide what it is told. An
``alt`` is read by prettyPhoto (as its heading) and Galleria (as its description), and, where there is no title, by
fancybox 1 (``titleFromAlt``) and lightGallery (``getCaptionFromTitleOrAlt``)."""

_RELS = ("rel", "data-rel", "data-gal")
"""Where libraries look for the name of a group."""


def shown_title(page: Page, picture: Picture, node: Node, *, is_captioned: bool) -> str:
    """Return which script shows the title of a picture or of its link, ``""`` if none is known to.

    Args:
        page: the page.
        picture: the picture.
        node: the one of the two whose title it is.
        is_captioned: whether a caption in the page says the same. Else a library that writes the title into the
            page counts where the page names it, be its file at hand or not: the title is all that is left of the
            caption that readers saw.
    """
    if not page.scripts.may_run:
        return ""
    for library in LIBRARIES:
        if _is_for(library, picture, node):
            script = page.scripts.of_library(library.words, may_be_missing=library.at_once and not is_captioned)
            if script:
                return f"{library.name}, by {script}"
    return page.scripts.reading_titles(_names(node))


def shown_alt(page: Page, picture: Picture) -> str:
    """Return which script shows the ``alt`` of a picture, ``""`` if none is known to."""
    if not page.scripts.may_run:
        return ""
    for library in LIBRARIES:
        node = picture.node if library.element == "picture" else picture.link
        if not library.alts or node is None or not _is_for(library, picture, node):
            continue
        if library.alts == "title" and (node.get("title") or picture.node.get("title")):
            continue
        if script := page.scripts.of_library(library.words, may_be_missing=False):
            return f"{library.name}, by {script}"
    told = page.scripts.reading_alts(_names(picture.node))
    return told or (page.scripts.reading_alts(_names(picture.link)) if picture.link is not None else "")


def _is_for(library: Library, picture: Picture, node: Node) -> bool:
    if (library.element == "picture") is not (node is picture.node) or node.carries(*library.instead):
        return False
    groups = [node.get(name).lower() for name in _RELS]
    return (
        _has_class(node, library.classes)
        or any(group.startswith(library.rels) for group in groups if group and library.rels)
        or node.carries(*library.carries)
        or any(_has_class(around, library.around) for around in islice(node.ancestors, _LEVELS) if library.around)
    )


def _has_class(node: Node, wanted: tuple[str, ...]) -> bool:
    names = node.get("class").lower().split() if wanted else []
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for name in names for each in wanted)


def _names(node: Node) -> list[str]:
    return [name for name in (node.get("id"), *telling_classes(node)) if name]


def is_control_tooltip(page: Page, picture: Picture) -> bool:
    """Return whether a picture is the face of a control, or stands alone in one of several links in a row: icons."""
    return controls.holding(picture.node) is not None or _is_in_row(page, picture)


def _is_in_row(page: Page, picture: Picture) -> bool:
    """Whether a picture stands alone in one of several links in a row that lead to no picture."""
    link = picture.link
    if link is None or _leads_to_picture(page, link) or has_visible_text(link):
        return False
    item = link
    for around in islice(link.ancestors, _ROW):
        links = [each for kid in around.elements for each in (kid, *kid.elements) if each.tag == "a"]
        if (
            sum(not _leads_to_picture(page, each) and not has_visible_text(each) and _is_filled(each) for each in links)
            >= _ROW
        ):
            return True
        item = around
        if has_visible_text(item):
            break
    return False


def _leads_to_picture(page: Page, link: Node) -> bool:
    """Whether a link opens the picture that it holds, or may: an image file, or a part of this page that there is."""
    href = link.get("href").strip()
    return is_picture_file(href) or (href.startswith("#") and href[1:] in page.ids)


def _is_filled(link: Node) -> bool:
    return next(link.elements, None) is not None


def covering_link(page: Page, picture: Picture) -> Node | None:
    """Return the link that lies over a picture without holding it, so that its card leads elsewhere; None if none does.

    It is an empty sibling of the picture or of what is around that, or Bootstrap's ``stretched-link``.
    """
    if picture.link is not None:
        return None
    inner = picture.node
    for around in islice(picture.node.ancestors, _CARD_LEVELS):
        if len(page.pictures.content_in(around)) > 1:
            break
        for link in chain.from_iterable(_links(kid) for kid in around.elements if kid is not inner):
            if _covers(link) and page.near.leads_elsewhere(link, picture):
                return link
        inner = around
    return None


def _links(node: Node) -> Iterator[Node]:
    """An element, if it is a link that may cover a card, and such links in it, two levels deep."""
    for each in (node, *node.elements, *(inner for kid in node.elements for inner in kid.elements)):
        if each.tag == "a" and each.get("href") and (each is node or "stretched-link" in each.get("class").split()):
            yield each


def _covers(link: Node) -> bool:
    is_empty = not has_visible_text(link) and not any(kid.tag in ("img", "picture", "svg") for kid in link.elements)
    return is_empty or "stretched-link" in link.get("class").split()
