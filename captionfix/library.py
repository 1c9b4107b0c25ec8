"""Calls for scrapers: a page in, a cleaned page out."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

from captionfix.errors import PictureError
from captionfix.settings import Settings

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

    from captionfix.archives.site import Given
    from captionfix.model import Finding
    from captionfix.pictures.album import PageAlbum

Html = TypeVar("Html", str, bytes)


@dataclass(frozen=True, slots=True)
class Result(Generic[Html]):
    """What cleaning a page gave.

    Attributes:
        html: the cleaned page, text or bytes as it was given.
        findings: what was found, in order of place.
        changed: whether the page differs from what was given.
        bad_pictures: images that rules asked about and that could not be looked at.
    """

    html: Html
    findings: tuple[Finding, ...]
    changed: bool
    bad_pictures: tuple[PictureError, ...] = ()


def clean(
    html: Html, *, url: str | None = None, images: Given | None = None, settings: Settings | None = None
) -> Result[Html]:
    """Take doubled captions and doubled pictures out of a page.

    Args:
        html: a page or a fragment. Bytes keep their encoding, line ends and
            whatever is broken in them; text comes back as text.
        url: where the page came from, if known.
        images: where the page's images are: a folder that holds what its host
            served, a mapping from URL to bytes, or a call from URL to bytes or
            None. Asked only where a rule needs pixels, for the absolute URL
            where ``url`` is known, then as the page has it. Folders and mappings are also
            looked into for the page's script files, see ``scripts`` in `captionfix.Settings`.
        settings: what to look for and how far to go.

    Returns:
        The cleaned page with what was found. Spans of findings are bytes; for
        text, bytes of its UTF-8 form.

    Raises:
        NotAPageError: what is given is plainly no page, such as a PDF, a feed or JSON.
        PageLimitError: it needs more than a limit of the settings allows.
        PageError: the page cannot be read, such as unsound UTF-16.
        TypeError: ``images`` is none of these, or gives something else than bytes.

    >>> page = '<figure><img src="boat.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> clean(page).html
    '<figure><img src="boat.jpg" alt=""><figcaption>Boats leave</figcaption></figure>'
    """
    clean_page = _pipeline().clean_page
    chosen = _chosen(url, settings)
    album = _album(images, chosen)
    if isinstance(html, bytes):
        done = clean_page(html, chosen, album=album)
        return Result(done.result, done.findings, done.changed, done.bad_pictures)
    # A lone surrogate, which Python text may hold, survives the way there and back.
    done = clean_page(html.encode("utf-8", "surrogatepass"), replace(chosen, encoding="utf-8"), album=album)
    text = done.result.decode("utf-8", "surrogatepass") if done.changed else html
    return Result(text, done.findings, done.changed, done.bad_pictures)


def check(
    html: str | bytes,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
    explain: bool = False,
) -> tuple[Finding, ...]:
    """Find doubled captions and doubled pictures on a page, and change nothing.

    Args:
        html: a page or a fragment.
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
    # Two calls, since each is of one type to the type checker.
    if isinstance(html, bytes):
        done: Result[bytes] | Result[str] = clean(html, url=url, images=images, settings=settings)
    else:
        done = clean(html, url=url, images=images, settings=settings)
    _log(done.bad_pictures)
    return done.findings


def clean_tree(
    tree: _Element | _ElementTree,
    *,
    url: str | None = None,
    images: Given | None = None,
    settings: Settings | None = None,
) -> tuple[Finding, ...]:
    """Take doubled captions and doubled pictures out of an lxml tree, in place.

    Text behind a removed element stays. The findings are those of `clean`
    wherever libxml2 builds the tree that the HTML standard asks for.

    Args:
        tree: an element or a tree, from ``lxml.html``, parsel or readability.
        url: where the page came from, if known.
        images: as for `clean`; images that cannot be looked at are logged.
        settings: what to look for and how far to go.

    Raises:
        PageLimitError: it needs more than a limit of the settings allows; it is as it was, over new elements where
            edits had begun.

    >>> import lxml.html
    >>> page = '<figure><img src="b.jpg" alt="Boats leave"><figcaption>Boats leave</figcaption></figure>'
    >>> root = lxml.html.fromstring(page)
    >>> [finding.code for finding in clean_tree(root)], root.find("img").get("alt")
    (['CF102'], '')
    """
    clean_in_place = _pipeline("captionfix.markup.xml").clean_tree
    chosen = _chosen(url, settings)
    album = _album(images, chosen)
    findings: tuple[Finding, ...] = clean_in_place(tree, chosen, album=album)
    _log(album.bad if album is not None else ())
    return findings


_loading = threading.Lock()
"""Held while modules are loaded: a process forked meanwhile would wait for ever for what another thread loads."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)


def _pipeline(*more: str) -> ModuleType:
    """The steps for a page, loaded with all that they load on their way."""
    with _loading:
        from captionfix import pipeline
        from captionfix.rules import RULES

        _ = [rule.module for rule in RULES]
        for name in more:
            import_module(name)
        return pipeline


def _album(images: Given | None, settings: Settings) -> PageAlbum | None:
    if images is None:
        return None
    from captionfix.archives.site import given_images

    return given_images(images, settings.url)


def _log(bad: Iterable[PictureError]) -> None:
    from captionfix.report import printable

    for error in bad:
        logging.getLogger("captionfix").warning("picture %s", printable(str(error)))


def _chosen(url: str | None, settings: Settings | None) -> Settings:
    chosen = settings or Settings()
    return replace(chosen, url=url) if url else chosen
