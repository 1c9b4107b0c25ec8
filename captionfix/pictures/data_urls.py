"""Images that stand in the page itself: ``data:`` URLs (RFC 2397, Fetch Standard section 6)."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from captionfix.errors import LEFT_OUT, PictureError

MOST = 2**26
"""Characters of a URL that are looked at: 48 MiB of image."""
_WHITE = re.compile(rb"[\t\n\f\r ]+")


def read_data_url(url: str) -> bytes:
    """Return the bytes in a ``data:`` URL, none if it is empty.

    Args:
        url: a URL that begins with ``data:`` in any case.

    Raises:
        PictureError: it has no comma, or its Base64 is broken.

    >>> read_data_url("data:image/gif;base64,R0lGOD lh"), read_data_url("DATA:,a%20b#c"), read_data_url("data:,")
    (b'GIF89a', b'a b', b'')
    """
    head, comma, body = url.partition("#")[0].partition(",")
    if not comma:
        raise PictureError(head[:60], "is a data: URL without a comma", LEFT_OUT)
    data = unquote_to_bytes(body)
    if not re.search(r";\s*base64\s*$", head, re.IGNORECASE):
        return data
    data = _WHITE.sub(b"", data).rstrip(b"=")
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise PictureError(f"{head[:60]},…", "is broken Base64", LEFT_OUT) from error
