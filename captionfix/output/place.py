"""Where a page stands, as services want to be told: from the working directory, with slashes, or as a URI."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def from_here(locator: str) -> str:
    """Return a page's name as seen from the working directory, with slashes, the same on every machine.

    What stands outside of it keeps its name.

    >>> from_here("./site//a.html"), from_here("-")
    ('site/a.html', '-')
    """
    path = os.path.relpath(locator) if Path(locator).is_absolute() else os.path.normpath(locator)
    outside = path == os.pardir or path.startswith(os.pardir + os.sep)
    return (os.path.normpath(locator) if outside else path).replace(os.sep, "/")


def uri(locator: str) -> str:
    """Return a page's name as a URI: relative to the working directory where it stands below it.

    >>> uri("site/boats & co.html"), uri("a:b.html")
    ('site/boats%20%26%20co.html', 'a%3Ab.html')
    """
    name = from_here(locator)
    if Path(name).is_absolute():
        return Path(name).as_uri()
    return quote(name.encode("utf-8", "surrogateescape"), safe="/-._~")
