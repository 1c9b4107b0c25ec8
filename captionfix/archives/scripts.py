"""The script files of one page, read through what finds its images: below the same root, with limits of their own."""

from __future__ import annotations

from captionfix.beside import Declared, ScriptFile
from captionfix.errors import PictureError
from captionfix.pictures.image_loader import PageImages

MOST = 2**22
"""Bytes of a script that is read; the libraries that open boxes have some 200,000, whole applications 2,000,000."""
MOST_IN_ALL = 2**24
"""Bytes of a page's scripts that are read."""


class ScriptFiles:
    """The script files beside one page. Nothing is read before somebody asks, and nothing is run.

    Args:
        page_images: what finds the page's files.

    >>> from captionfix.archives.site import given_images
    >>> files = ScriptFiles(given_images({"js/a.js": b"go()"}, None))
    >>> files.read("js/a.js", Declared()), files.read("js/b.js", Declared())
    (ScriptFile(text='go()', is_read=True), None)
    """

    def __init__(self, page_images: PageImages) -> None:
        self._page_images = page_images
        self._left = MOST_IN_ALL

    def read(self, url: str, declared: Declared) -> ScriptFile | None:
        """Return what a script file says, None where it is not there.

        Args:
            url: as the page has it.
            declared: what the page says about its place.
        """
        if not self._page_images.holds_files:
            return None
        try:
            # A query says which version of a still file is meant; mirrors keep it in the name, sources do not.
            found = (self._page_images.image(each, declared) for each in dict.fromkeys((url, url.partition("?")[0])))
            file = next((each for each in found if each is not None), None)
            if file is None:
                return None
            if file.stamp is not None and file.stamp.size > min(MOST, self._left):
                return ScriptFile("", is_read=False)
            data = file.read()
        except PictureError:
            return ScriptFile("", is_read=False)
        if len(data) > min(MOST, self._left):
            return ScriptFile("", is_read=False)
        self._left -= len(data)
        return ScriptFile(data.decode("utf-8", "replace"))
