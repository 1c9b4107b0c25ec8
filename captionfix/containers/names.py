"""Names of members that no careful program unpacks as they are: they are passed over."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:")


def why_odd(name: str) -> str:
    """Return what is wrong with a member's name, with its article; nothing for a sound one.

    Args:
        name: the name, as the container has it.

    >>> why_odd("a/b.html"), why_odd("../b.html"), why_odd("C:\\\\b.html")
    ('', 'an entry whose name leads out of the archive', 'an entry with an absolute name')
    """
    plain = name.replace("\\", "/")
    if "\0" in name:
        return "an entry whose name ends early"
    if plain.startswith("/") or _DRIVE.match(plain):
        return "an entry with an absolute name"
    return "an entry whose name leads out of the archive" if ".." in plain.split("/") else ""
