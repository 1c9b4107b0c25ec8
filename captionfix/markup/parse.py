"""Which parser reads a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from captionfix.markup.html import HtmlTree
from captionfix.markup.source import Source
from captionfix.markup.splice import NotWellFormedError

if TYPE_CHECKING:
    from captionfix.markup.xml import XmlTree


def parse(source: Source, *, xml: bool) -> HtmlTree | XmlTree:
    """Return a page's tree: by an XML parser where the page says that it is XML and is, else by an HTML parser.

    Args:
        source: the page.
        xml: whether its name or its type says that it is XML; one that begins with ``<?xml`` says so itself.

    >>> from captionfix.markup.source import read_source
    >>> page = read_source(b"<?xml version='1.0'?><p>Boats</p>")
    >>> type(parse(page, xml=False)).__name__, type(parse(read_source(b"<p>Boats"), xml=True)).__name__
    ('XmlTree', 'HtmlTree')
    """
    if xml or source.view.lstrip().startswith("<?xml"):
        from captionfix.markup.xml import XmlTree

        try:
            return XmlTree(source)
        except NotWellFormedError:
            pass
    return HtmlTree(source)
