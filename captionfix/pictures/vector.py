"""SVG that is written otherwise: the same once attributes, quotes and comments are put in one form."""

from __future__ import annotations

import hashlib
import re
from xml.etree.ElementTree import ParseError, canonicalize

_MOST = 2**22
"""Bytes beyond which an SVG is known by its bytes only: a map of a megabyte is large, and parsing takes memory."""
_DECLARES = re.compile(rb"<!(?:DOCTYPE[^>\[]*\[|ENTITY|ATTLIST)", re.IGNORECASE)
"""What may make much of little when it is parsed, or give elements attributes that are not written."""


def drawn(data: bytes) -> bytes:
    """Return the SHA-256 of an SVG in canonical form (W3C, Canonical XML 2.0); empty where it has none.

    Args:
        data: the file.

    >>> one, other = b"<svg width='1' height='2'/>", b'<?xml version="1.0"?><svg  height="2" width="1"></svg>'
    >>> drawn(one) == drawn(other) != drawn(b"<svg width='2' height='2'/>")
    True
    >>> drawn(b"<svg>")
    b''
    """
    if len(data) > _MOST or _DECLARES.search(data):
        return b""
    try:
        told = canonicalize(data.decode("utf-8-sig"))
    except (ParseError, ValueError, LookupError, RecursionError):
        return b""
    return hashlib.sha256(b"SVG " + told.encode("utf-8", "surrogatepass")).digest()
