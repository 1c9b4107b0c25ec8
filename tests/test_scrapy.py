"""Scrapy: settings, middleware and pipeline by themselves, and real crawls of sites on this machine."""

import functools
import http.server
import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from pages import ROOT, SHARED

import captionfix
from captionfix.errors import SettingsError

pytest.importorskip("scrapy")

from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse, Request, Response, XmlResponse
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from captionfix.integrations import scrapy as integration

SAID = "Boats leave the harbour at dawn"
PAGE = f'<figure><img src="boat.jpg" alt="{SAID}"><figcaption>{SAID}</figcaption></figure>'
CLEAN = PAGE.replace(f'alt="{SAID}"', 'alt=""')
URL = "https://example.org/boats"


def made(component, **settings):
    return component.from_crawler(get_crawler(settings_dict=settings))


def stats_of(component):
    return component._crawler.stats.get_stats()  # noqa: SLF001


def test_the_middleware_keeps_what_a_response_is():
    """Class, flags, status, headers and encoding stay; the selector answers from the cleaned page."""
    middleware = made(integration.ResponseMiddleware)
    response = HtmlResponse(
        URL, body=PAGE.encode("utf-16"), encoding="utf-16", flags=["cached"], status=203, headers={"X-A": "1"}
    )
    after = middleware.process_response(Request(URL), response)
    assert (type(after), after.flags, after.status, after.headers["X-A"]) == (HtmlResponse, ["cached"], 203, b"1")
    assert (after.encoding, after.text) == ("utf-16", CLEAN)
    assert after.css("img::attr(alt)").getall() == [""]
    assert after.selector.response is after
    found = stats_of(middleware)
    assert {name: found[name] for name in found if name.startswith("captionfix/")} == {
        "captionfix/responses/read": 1,
        "captionfix/responses/changed": 1,
        "captionfix/fixed/CF102": 1,
    }


@pytest.mark.parametrize(
    "response",
    [
        HtmlResponse(URL, body=CLEAN.encode()),
        Response(URL, body=PAGE.encode()),
        XmlResponse(URL, body=b"<rss/>"),
        HtmlResponse(URL, body=b"%PDF-1.7"),
    ],
    ids=["clean", "no text", "xml", "pdf"],
)
def test_what_needs_no_mend_comes_through_as_it_is(response):
    """The very same object goes on: what is no HTML, what is clean, and what is refused."""
    assert made(integration.ResponseMiddleware).process_response(Request(URL), response) is response


def test_a_refused_page_is_counted_and_goes_on(caplog):
    """A page over a limit reaches the spider as it came, with a warning and a count."""
    middleware = made(integration.ResponseMiddleware, CAPTIONFIX_MAX_PAGE_BYTES="10")
    response = HtmlResponse(URL, body=PAGE.encode())
    assert middleware.process_response(Request(URL), response) is response
    assert stats_of(middleware)["captionfix/responses/refused/PageLimitError"] == 1
    assert f"{URL} was left as it is" in caplog.text


def test_a_request_may_ask_for_its_page_as_it_came():
    """What a request's meta says holds for its response."""
    response = HtmlResponse(URL, body=PAGE.encode())
    request = Request(URL, meta={integration.SKIP: True})
    assert made(integration.ResponseMiddleware).process_response(request, response) is response


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ({"CAPTIONFIX_IGNORE": "CF104,CF2"}, {"ignore": ("CF104", "CF2")}),
        ({"CAPTIONFIX_SELECT": ["CF1"], "CAPTIONFIX_REVIEW_LEVEL": "1"}, {"select": ("CF1",), "review_level": True}),
        ({"CAPTIONFIX_MAX_PAGE_SECONDS": "5", "CAPTIONFIX_ALT": "keep"}, {"max_page_seconds": 5, "alt": "keep"}),
        ({"CAPTIONFIX_EXTRACTOR": "trafilatura"}, {"extractor": "trafilatura"}),
    ],
)
def test_settings_come_from_the_project(given, becomes):
    """Each setting has its name, and texts of a command line are read as Scrapy reads its own."""
    assert integration.settings_of(Settings(given)) == captionfix.Settings(**becomes)


@pytest.mark.parametrize("given", [{"CAPTIONFIX_ALT": "gone"}, {"CAPTIONFIX_SELECT": "CF9"}])
def test_wrong_settings_stop_the_crawl_at_its_start(given):
    """A setting that means nothing is an error before the first request."""
    with pytest.raises(SettingsError, match="CAPTIONFIX_ settings"):
        made(integration.ResponseMiddleware, **given)


def test_what_is_not_asked_for_is_not_there():
    """Without fields there is no pipeline; responses can be left alone."""
    with pytest.raises(NotConfigured):
        made(integration.ItemPipeline)
    with pytest.raises(NotConfigured):
        made(integration.ResponseMiddleware, CAPTIONFIX_RESPONSES=False)


def test_the_addon_puts_each_in_its_place():
    """Both are added once, and where a project has placed them itself they stay there."""
    settings = Settings({"ITEM_PIPELINES": {"a.B": 1}})
    for _ in range(2):
        integration.Addon().update_settings(settings)
    assert settings.getdict("ITEM_PIPELINES") == {"a.B": 1, "captionfix.integrations.scrapy.ItemPipeline": 400}
    assert settings.getdict("DOWNLOADER_MIDDLEWARES") == {"captionfix.integrations.scrapy.ResponseMiddleware": 50}
    own = Settings({"ITEM_PIPELINES": {integration.ItemPipeline: 7}})
    integration.Addon().update_settings(own)
    assert own.getdict("ITEM_PIPELINES") == {integration.ItemPipeline: 7}


def test_fields_are_cleaned_and_others_stay():
    """Text, bytes and lists of them are cleaned in the fields named; a field that is no page is left."""
    pipeline = made(integration.ItemPipeline, CAPTIONFIX_FIELDS="html,parts,gone,number")
    item = {"url": URL, "html": PAGE, "parts": [PAGE, "x"], "other": PAGE, "number": 3}
    assert pipeline.process_item(item) is item
    assert item == {"url": URL, "html": CLEAN, "parts": [CLEAN, "x"], "other": PAGE, "number": 3}
    assert stats_of(pipeline)["captionfix/fields/changed"] == 2


def test_the_files_of_the_images_pipeline_are_evidence(tmp_path):
    """Pixels of other pictures keep a copy that names alone would take."""
    from images import photo, saved

    page = '<figure><img class="lazy" data-src="u/b-300x200.jpg"><noscript><img src="u/b.jpg"></noscript></figure>'
    for name, picture in (("1.jpg", photo(1, 600, 400)), ("2.jpg", photo(2, 300, 200)), ("3.jpg", photo(1, 300, 200))):
        (tmp_path / name).write_bytes(saved(picture))
    pipeline = made(integration.ItemPipeline, CAPTIONFIX_FIELDS=["html"], IMAGES_STORE=str(tmp_path))

    def item(small):
        images = [
            {"url": "https://example.org/u/b.jpg", "path": "1.jpg"},
            {"url": "https://example.org/u/b-300x200.jpg", "path": small},
        ]
        return pipeline.process_item({"url": URL, "html": page, "images": images})["html"]

    assert item("2.jpg") == page
    assert "noscript" not in item("3.jpg")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(folder):
    """A folder as a site on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def scrapy(*arguments, cwd):
    command = [sys.executable, "-W", "always", "-m", "scrapy", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not [line for line in done.stderr.splitlines() if "Deprecat" in line and "captionfix" in line]
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
def test_the_example_project_runs_as_written(tmp_path):
    """The project of docs/example crawls the example site, stores images, cleans, and extracts each caption once."""
    project = shutil.copytree(ROOT / "docs" / "example", tmp_path / "example")
    with served(ROOT / "fixtures" / "site") as site:
        log = scrapy("crawl", "gazette", "-O", "items.jsonl", "-a", f"site={site}", cwd=project)
    items = [json.loads(line) for line in (project / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    harbour = next(item for item in items if item["url"].endswith("harbour.html"))
    assert harbour["text"].count("The lighthouse, seen from the pier") == 1
    assert harbour["images"]
    assert "<noscript" not in harbour["body_html"]
    assert "'captionfix/fields/changed': 4" in log


SPIDER = """
import json
import scrapy

class Mirror(scrapy.Spider):
    name = "mirror"
    custom_settings = {"ADDONS": {"captionfix.integrations.scrapy.Addon": 500}, "CAPTIONFIX_SCRIPTS": "dead",
                       "TELNETCONSOLE_ENABLED": False}
    start_urls = json.load(open("urls.json"))

    def parse(self, response):
        yield {"url": response.url, "kind": type(response).__name__, "body": response.body.hex(),
               "alts": response.css("img::attr(alt)").getall()}
"""
MIRRORS = {"own": ROOT / "fixtures" / "site", "blog": SHARED / "site-mirrors" / "spaghetti-blog"}


@pytest.mark.slow
@pytest.mark.parametrize("name", MIRRORS)
def test_spiders_get_what_the_library_gives(tmp_path, name):
    """A crawl hands the spider, page by page, the bytes that clean gives for the file and its address."""
    root = MIRRORS[name]
    if not root.exists():
        pytest.skip("the shared mirrors are not here")
    pages = [path for path in sorted(root.rglob("*.html")) if not {"feed", "wp-json"} & set(path.parts)]
    pages = [path for path in pages if "?" not in str(path)][:40]
    (tmp_path / "mirror.py").write_text(SPIDER, encoding="utf-8")
    with served(root) as site:
        paths = {f"{site}{path.relative_to(root).as_posix()}": path for path in pages}
        (tmp_path / "urls.json").write_text(json.dumps([*paths]), encoding="utf-8")
        log = scrapy("runspider", "mirror.py", "-O", "out.jsonl", cwd=tmp_path)
    items = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {item["url"] for item in items} == set(paths)
    settings, changed = captionfix.Settings(scripts="dead"), 0
    for item in items:
        expected = captionfix.clean(paths[item["url"]].read_bytes(), url=item["url"], settings=settings)
        assert (item["kind"], bytes.fromhex(item["body"])) == ("HtmlResponse", expected.html), item["url"]
        changed += expected.changed
    assert changed
    assert f"'captionfix/responses/changed': {changed}" in log
