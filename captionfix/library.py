"""Calls for scrapers: a page in, a cleaned page out."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from captionfix.errors import PictureError
from captionfix.rule_table import RULES
from captionfix.settings import Settings

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

    from captionfix.archives.site import Given
    from captionfix.model import Finding
    from captionfix.pictures.image_loader import ImageLoader, PageImages
    from captionfix.responses import HasBody, HasContent, HasRoot

Html = TypeVar("Html", str, bytes)


@dataclass(frozen=True, slots=True)
class Result(Generic[Html]):
    """What cleaning a page gave.

    Attributes:
        html: the cleaned page: text where text was given, bytes where bytes or a response were.
        findings: what was found, in order of place.
        changed: whether the page differs from what was given.
        bad_pictures: images that rules asked about and that could not be looked at.
    """

    html: Html
    findings: tuple[Finding, ...]
    changed: bool
    bad_pictures: tuple[PictureError, ...] = ()


class Cleaner:
    """Cleans many pages in one way, from any number of threads.

    What it keeps between pages is what images look like, by their bytes, and nothing of the pages, so that a page
    comes out the same whichever came before.

    Args:
        settings: what to look for and how far to go.
        images: where the pages' images are, see `clean`; what a call is given goes before.

    Raises:
        TypeError: ``settings`` are no `Settings`.

    >>> cleaner = Cleaner(Settings(ignore=("CF104",)))
    >>> page = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> [cleaner.clean(each).changed for each in (page, page.encode(), "<p>Boats leave</p>")]
    [True, True, False]
    """

    def __init__(self, settings: Settings | None = None, *, images: Given | None = None) -> None:
        if not isinstance(settings, Settings | None):
            raise TypeError(f"settings= takes captionfix.Settings(...), not {settings!r}")
        self.settings = settings or Settings()
        self._images = images
        self._loader: ImageLoader | None = None

    @overload
    def clean(
        self, html: str, *, url: str | None = None, images: Given | None = None, markdown: bool = False
    ) -> Result[str]: ...
    @overload
    def clean(
        self,
        html: bytes | HasBody | HasContent,
        *,
        url: str | None = None,
        images: Given | None = None,
        markdown: bool = False,
    ) -> Result[bytes]: ...
    def clean(
        self,
        html: str | bytes | HasBody | HasContent,
        *,
        url: str | None = None,
        images: Given | None = None,
        markdown: bool = False,
    ) -> Result[str] | Result[bytes]:
        """Take doubled captions and doubled pictures out of a page; see `captionfix.clean`."""
        pipeline = _pipeline("captionfix.responses")
        if isinstance(html, str):
            # A lone surrogate, which Python text may hold, survives the way there and back.
            raw, chosen = html.encode("utf-8", "surrogatepass"), self._for(url, None, "utf-8", force=True)
        else:
            from captionfix.responses import received

            found = received(html)
            raw, chosen = found.raw, self._for(url, found.url, found.encoding)
        done = pipeline.clean_page(raw, chosen, text=markdown, page_images=self._images_for(images, chosen))
        if not isinstance(html, str):
            return Result(done.result, done.findings, done.changed, done.bad_pictures)
        text = done.result.decode("utf-8", "surrogatepass") if done.changed else html
        return Result(text, done.findings, done.changed, done.bad_pictures)

    def check(
        self, html: str | bytes | HasBody | HasContent, *, url: str | None = None, images: Given | None = None
    ) -> tuple[Finding, ...]:
        """Find doubled captions and doubled pictures on a page, and change nothing; see `captionfix.check`."""
        # Two calls, since each is of one type to the type checker.
        if isinstance(html, str):
            done: Result[str] | Result[bytes] = self.clean(html, url=url, images=images)
        else:
            done = self.clean(html, url=url, images=images)
        _log(done.bad_pictures)
        return done.findings

    def clean_tree(
        self, tree: _Element | _ElementTree | HasRoot, *, url: str | None = None, images: Given | None = None
    ) -> tuple[Finding, ...]:
        """Take what is doubled out of an lxml tree or a selector, in place; see `captionfix.clean_tree`."""
        pipeline = _pipeline("captionfix.markup.xml", "captionfix.responses")
        from captionfix.responses import tree_of

        root, address = tree_of(tree)
        chosen = self._for(url, address, None)
        page_images = self._images_for(images, chosen)
        findings: tuple[Finding, ...] = pipeline.clean_tree(root, chosen, page_images=page_images)
        _log(page_images.bad if page_images is not None else ())
        return findings

    def _for(self, url: str | None, address: str | None, encoding: str | None, *, force: bool = False) -> Settings:
        """The settings for one page: what the call says, then the settings, then the response."""
        told = url or self.settings.url or address
        written = encoding if force or not self.settings.encoding else self.settings.encoding
        if (told, written) == (self.settings.url, self.settings.encoding):
            return self.settings
        return replace(self.settings, url=told, encoding=written)

    def _images_for(self, images: Given | None, chosen: Settings) -> PageImages | None:
        if images is None and self._images is None:
            return None
        with _loading:
            from captionfix.archives.site import given_images, opened
            from captionfix.pictures.image_loader import ImageLoader
        self._loader = self._loader or ImageLoader()
        if images is None and self._images is not None:
            images = self._images = opened(self._images)
        return given_images(images, chosen.url, self._loader) if images is not None else None


@overload
def clean(
    html: str,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
    markdown: bool = False,
) -> Result[str]: ...
@overload
def clean(
    html: bytes | HasBody | HasContent,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
    markdown: bool = False,
) -> Result[bytes]: ...
def clean(
    html: Any,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
    markdown: bool = False,
) -> Any:
    """Take doubled captions and doubled pictures out of a page.

    Args:
        html: a page or a fragment. Bytes keep their encoding, line ends and
            whatever is broken in them; text comes back as text. Of a response of
            Scrapy, requests or httpx the bytes are taken, with its URL and the
            encoding that its server told.
        url: where the page came from, if known.
        images: where the page's images are: a folder that holds what its host
            served, or the URL of one that fsspec knows, such as ``s3://bucket/site``, a WARC file, a mapping from URL
            to bytes, or a call from URL to bytes or None. Asked only where a rule needs pixels, for the
            absolute URL where ``url`` is known, then as the page has it. Folders and mappings are also
            looked into for the page's script files, see ``scripts`` in `captionfix.Settings`.
        settings: what to look for and how far to go.
        markdown: whether it is Markdown or plain text, such as a converter's output, rather than HTML.

    Returns:
        The cleaned page with what was found. Spans of findings are bytes; for
        text, bytes of its UTF-8 form.

    Raises:
        NotAPageError: what is given is plainly no page, such as a PDF, a feed or JSON.
        PageLimitError: it needs more than a limit of the settings allows.
        PageError: the page cannot be read, such as unsound UTF-16.
        TypeError: ``html`` is something else, such as a tree, or ``images`` is none of these, or gives
            something else than bytes.

    >>> page = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> clean(page).html
    '<figure><img src="boat.jpg" alt=""><figcaption>Boats leave</figcaption></figure>'
    >>> clean('![Boats leave](boat.jpg "Boats leave")', markdown=True).html
    '![Boats leave](boat.jpg)'
    """
    return Cleaner(settings).clean(html, url=url, images=images, markdown=markdown)


def check(
    html: str | bytes | HasBody | HasContent,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
    explain: bool = False,
) -> tuple[Finding, ...]:
    """Find doubled captions and doubled pictures on a page, and change nothing.

    Args:
        html: a page, a fragment or a response, as for `clean`.
        url: where the page came from, if known.
        images: as for `clean`; images that cannot be looked at are logged.
        settings: what to look for and how far to go.
        explain: list for each finding every case that was asked, with whether it held and why that
            matters (``checks``), and on which lines both stand (``lines``); also ``explain`` of the settings.

    Raises:
        NotAPageError: what is given is plainly no page, such as a PDF, a feed or JSON.
        PageLimitError: it needs more than a limit of the settings allows.
        PageError: the page cannot be read.

    >>> [finding.code for finding in check('<img src="a.jpg" alt="Boats leave" title="Boats leave">')]
    ['CF104']
    >>> said = "Boats leave the harbour at dawn."
    >>> page = f'<figure><img src="a.jpg"><figcaption>{said}</figcaption><p>{said}</p></figure>'
    >>> [finding] = check(page, explain=True)
    >>> finding.case, [check.case for check in finding.checks if check.held][0], finding.lines
    ('one figure', 'one figure', ((1, 1), (1, 1)))
    """
    if explain:
        settings = replace(settings or Settings(), explain=True)
    return Cleaner(settings).check(html, url=url, images=images)


def clean_tree(
    tree: _Element | _ElementTree | HasRoot,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
) -> tuple[Finding, ...]:
    """Take doubled captions and doubled pictures out of an lxml tree, in place.

    Text behind a removed element stays. The findings are those of `clean`
    wherever libxml2 builds the tree that the HTML standard asks for.

    Args:
        tree: an element or a tree, from ``lxml.html`` or readability, or a selector of parsel or Scrapy.
        url: where the page came from, if known.
        images: as for `clean`; images that cannot be looked at are logged.
        settings: what to look for and how far to go.

    Raises:
        PageLimitError: it needs more than a limit of the settings allows; it is as it was, over new elements where
            edits had begun.
        TypeError: it is no tree.

    >>> import lxml.html
    >>> page = '<figure><img src="b.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> root = lxml.html.fromstring(page)
    >>> [finding.code for finding in clean_tree(root)], root.find("img").get("alt")
    (['CF102'], '')
    """
    return Cleaner(settings).clean_tree(tree, url=url, images=images)


_loading = threading.Lock()
"""Held while modules are loaded: a process forked meanwhile would wait for ever for what another thread loads."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def _pipeline(*more: str) -> ModuleType:
    """The steps for a page, loaded with all that they load on their way."""
    with _loading:
        from captionfix import pipeline

        _ = [rule.module for rule in RULES]
        for name in more:
            import_module(name)
        return pipeline


def _log(bad: Iterable[PictureError]) -> None:
    from captionfix.formatting import printable

    for error in bad:
        logging.getLogger("captionfix").warning("picture %s", printable(str(error)))
