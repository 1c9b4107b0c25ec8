"""Elements of lxml: what HTML calls them, and how they are changed and taken out, the text behind them left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from lxml import etree

from captionfix.markup.splice import (
    Taken,
    lines_taken,
)
from captionfix.model import COMMENT, DropAttribute, SetAttribute

_MARKUP_SPACES = (
    "{http://www.w3.org/1999/xhtml}",
    "{http://www.w3.org/2000/svg}",
    "{http://www.w3.org/1998/Math/MathML}",
)
"""Namespaces whose elements bear the names that HTML knows them by; others keep their namespace in the name."""
NEVER_CLOSED = ("source", "track", "wbr", "keygen", "bgsound")
"""Void elements that libxml2 does not know: it puts what follows into them."""
_GONE, _GONE_ALONE = "captionfix-gone", "captionfix-gone-alone"
"""Names of elements on their way out, with and without what stands in them."""
UNSETTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What libxml2's HTML parser lets through and lxml refuses to write."""


def html_name(tag: Any) -> str:
    """Return an element's name in lower case, without the namespaces that HTML takes for granted."""
    if not isinstance(tag, str):
        return COMMENT
    if tag.startswith(_MARKUP_SPACES):
        return tag.partition("}")[2].lower()
    return tag.lower()


def change(action: SetAttribute | DropAttribute) -> None:
    """Set or drop an attribute, whatever the case its name is written in."""
    handle = action.node.handle
    name = next((name for name in handle.keys() if name.lower() == action.name), action.name)  # noqa: SIM118
    if isinstance(action, SetAttribute):
        handle.set(name, UNSETTABLE.sub("", action.value))
    else:
        handle.attrib.pop(name, None)


def groups(handles: Iterable[Any]) -> list[list[Any]]:
    """Return elements in document order, siblings with nothing but blanks between them together."""
    groups: list[list[Any]] = []
    for handle in handles:
        last = groups[-1][-1] if groups else None
        if last is not None and last.getnext() is handle and not (last.tail or "").strip(" \t"):
            groups[-1].append(handle)
        else:
            groups.append([handle])
    return groups


def line_around(group: Sequence[Any]) -> Taken:
    """Return the blanks that go with siblings that stand alone on their line."""
    before, after = _text_before(group[0]), group[-1].tail or ""
    view = f">{before}{after}<".replace("\r", " ")
    return lines_taken(view, len(before) + 1, len(before) + 1)


def _text_before(handle: Any) -> str:
    previous = handle.getprevious()
    return (handle.getparent().text if previous is None else previous.tail) or ""


def shorten(group: Sequence[Any], taken: Taken) -> bool:
    """Take from the texts around and between elements the blanks that go with them; False where there are none."""
    before, after = _text_before(group[0]), group[-1].tail or ""
    kept_before, kept_after = before[: len(before) - taken.before], after[taken.after :]
    blanks = before[len(kept_before) :] + after[: taken.after]
    if len(blanks) != taken.before + taken.after or blanks.strip() or UNSETTABLE.search(kept_before + kept_after):
        return False
    for handle in group[:-1]:
        handle.tail = None
    if taken.before:
        _set_text_before(group[0], kept_before or None)
    if taken.after:
        group[-1].tail = kept_after or None
    return True


def _set_text_before(handle: Any, text: str | None) -> None:
    previous = handle.getprevious()
    if previous is None:
        handle.getparent().text = text
    else:
        previous.tail = text


def remove(root: Any, handles: Sequence[Any]) -> None:
    """Take elements out and leave the text behind them.

    lxml's own ``remove`` takes it along, and joining texts by hand fails on
    characters that libxml2 reads but does not write.
    """
    if not handles:
        return
    tags = [handle.tag for handle in handles]
    for handle, tag in zip(handles, tags, strict=True):
        handle.tag = _GONE_ALONE if html_name(tag) in NEVER_CLOSED else _GONE
    etree.strip_elements(root, _GONE, with_tail=False)
    etree.strip_tags(root, _GONE_ALONE)
    for handle, tag in zip(handles, tags, strict=True):
        with suppress(ValueError):  # a name that libxml2 reads but does not write
            handle.tag = tag
