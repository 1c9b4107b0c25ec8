"""Scrapy: spiders get cleaned responses, and html fields of items are cleaned once their images are there.

Switch both on in the project's ``settings.py``::

    ADDONS = {"captionfix.integrations.scrapy.Addon": 500}
    CAPTIONFIX_FIELDS = ["body_html"]

Each setting of `captionfix.Settings` is ``CAPTIONFIX_`` and its name in capitals, such as ``CAPTIONFIX_EXTRACTOR``.
Further ones: ``CAPTIONFIX_RESPONSES`` (clean responses, true by default), ``CAPTIONFIX_FIELDS`` (the fields of items to
be cleaned, none by default), ``CAPTIONFIX_URL_FIELD`` (where an item has its page's address, ``url`` by default).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self

from itemadapter import ItemAdapter
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse, Request, Response

from captionfix.errors import PageError
from captionfix.integrations.media import MediaStore
from captionfix.library import Cleaner, Result
from captionfix.settings import Settings

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_NEAR_THE_SPIDER = 50
"""Behind decompression, redirects and all else that Scrapy's own middlewares do with a response."""
_BEHIND_MEDIA = 400
"""Behind the images pipeline, whose documented place is 1, and before exporters and what extracts text."""
SKIP = "captionfix_skip"
"""The key of a request's meta that lets its response through as it came."""

logger = logging.getLogger(__name__)


class Addon:
    """Puts the middleware and the item pipeline in their places."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Add both where the project has not placed them itself."""
        for name, component, place in (
            ("DOWNLOADER_MIDDLEWARES", ResponseMiddleware, _NEAR_THE_SPIDER),
            ("ITEM_PIPELINES", ItemPipeline, _BEHIND_MEDIA),
        ):
            path = f"{component.__module__}.{component.__qualname__}"
            placed = settings.getdict(name)
            if component not in placed and path not in placed:
                settings.set(name, {**placed, path: place}, settings.getpriority(name) or 0)


class _Component:
    """What both parts have: a cleaner made of the crawler's settings, and its stats."""

    def __init__(self, crawler: Crawler, cleaner: Cleaner) -> None:
        self._crawler, self._cleaner = crawler, cleaner

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the component of a crawler.

        Raises:
            NotConfigured: the crawler's settings leave it nothing to do.
            SettingsError: a setting is wrong.
        """
        if not cls._is_wanted(crawler.settings):
            raise NotConfigured(f"captionfix: no setting asks for the {cls.__name__}")
        return cls(crawler, Cleaner(settings_of(crawler.settings)))

    @classmethod
    def _is_wanted(cls, settings: BaseSettings) -> bool:
        raise NotImplementedError

    def _count(self, name: str, count: int = 1) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(f"captionfix/{name}", count)

    def _note(self, kind: str, done: Result[Any]) -> None:
        self._count(f"{kind}/read")
        if done.changed:
            self._count(f"{kind}/changed")
        for finding in done.findings:
            if finding.applied:
                self._count(f"fixed/{finding.code}")
        if done.bad_pictures:
            self._count("bad_pictures", len(done.bad_pictures))

    def _refuse(self, kind: str, where: str, error: PageError) -> None:
        self._count(f"{kind}/refused/{type(error).__name__}")
        logger.warning("%s was left as it is: %s", where, error, extra={"spider": self._crawler.spider})


class ResponseMiddleware(_Component):
    """A downloader middleware: HTML responses reach the spider cleaned, with their class, flags and encoding.

    A request whose meta says ``captionfix_skip`` gets its response as it came. The HTTP cache keeps pages as they came.
    """

    @classmethod
    def _is_wanted(cls, settings: BaseSettings) -> bool:
        return settings.getbool("CAPTIONFIX_RESPONSES", default=True)

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:  # noqa: ARG002  # Scrapy 2.11
        """Return the response cleaned, or as it is where it is no HTML, repeats nothing, or is refused."""
        if not isinstance(response, HtmlResponse) or request.meta.get(SKIP):
            return response
        try:
            done = self._cleaner.clean(response)
        except PageError as error:
            self._refuse("responses", response.url, error)
            return response
        self._note("responses", done)
        return response.replace(body=done.html) if done.changed else response


class ItemPipeline(_Component):
    """An item pipeline: html fields are cleaned, with the files of the images or files pipeline as evidence.

    It has to stand behind these pipelines, and before any that extracts text from the fields.
    """

    @classmethod
    def _is_wanted(cls, settings: BaseSettings) -> bool:
        return bool(settings.getlist("CAPTIONFIX_FIELDS"))

    def process_item(self, item: Any, spider: Any = None) -> Any:  # noqa: ARG002  # Scrapy 2.11
        """Return the item, its fields cleaned in place."""
        adapter, settings = ItemAdapter(item), self._crawler.settings
        images = self._images(adapter)
        url = adapter.get(settings.get("CAPTIONFIX_URL_FIELD", "url"))
        for name in settings.getlist("CAPTIONFIX_FIELDS"):
            value = adapter.get(name)
            if isinstance(value, (list, tuple)):
                adapter[name] = type(value)(self._cleaned(each, url, images, name) for each in value)
            elif value:
                adapter[name] = self._cleaned(value, url, images, name)
        return item

    def _cleaned(self, value: Any, url: Any, images: MediaStore | None, name: str) -> Any:
        if not isinstance(value, (str, bytes)):
            return value
        try:
            done: Result[Any] = self._cleaner.clean(value, url=url if isinstance(url, str) else None, images=images)
        except PageError as error:
            self._refuse("fields", f"field {name!r} of an item of {url}", error)
            return value
        self._note("fields", done)
        return done.html

    def _images(self, item: ItemAdapter) -> MediaStore | None:
        """What the media pipelines stored for this item, from the local stores that the settings name."""
        settings = self._crawler.settings
        stores = [settings.get(name) for name in ("IMAGES_STORE", "FILES_STORE")]
        folders = [store for store in stores if store and "://" not in str(store)]
        return MediaStore(folders, _results(item, settings)) if folders else None


def _results(item: ItemAdapter, settings: BaseSettings) -> Iterator[Any]:
    for setting, usual in (("IMAGES_RESULT_FIELD", "images"), ("FILES_RESULT_FIELD", "files")):
        found = item.get(settings.get(setting) or usual)
        if isinstance(found, (list, tuple)):
            yield from (each for each in found if isinstance(each, dict))


def settings_of(settings: BaseSettings) -> Settings:
    """Return what the ``CAPTIONFIX_`` settings of a project come to, texts of a command line's ``-s`` included.

    Args:
        settings: those of Scrapy.

    Raises:
        SettingsError: one of them is wrong.
    """
    values: dict[str, Any] = {}
    for field in fields(Settings):
        name = f"CAPTIONFIX_{field.name.upper()}"
        if settings.get(name) is None:
            continue
        kind = str(field.type)
        values[field.name] = (
            settings.getlist(name)
            if kind.startswith("tuple")
            else settings.getbool(name)
            if kind == "bool"
            else settings.getint(name)
            if kind == "int"
            else settings.get(name)
        )
    return Settings().with_values(values, "CAPTIONFIX_ settings")
