"""What scrapers hold: responses, selectors, one cleaner for many threads."""

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import lxml.html
import pytest

import captionfix
from captionfix import Cleaner, Settings

SAID = "Čluny opouštějí přístav"
PAGE = f'<figure><img src="boat.jpg" alt="{SAID}"><figcaption>{SAID}</figcaption></figure>'
CLEAN = PAGE.replace('alt="Čluny opouštějí přístav"', 'alt=""')
LAZY = (
    '<p><img class="lazy" data-src="u/boat.jpg"><noscript><img src="https://example.org/n/u/boat.jpg"></noscript></p>'
)
HTML = "text/html"


def of_requests(body, content_type=HTML, url="https://example.org/n/story.html"):
    requests = pytest.importorskip("requests")
    response = requests.Response()
    response.raw, response.url, response.status_code = io.BytesIO(body), url, 200
    response.headers["Content-Type"] = content_type
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    return response


def of_httpx(body, content_type=HTML, url="https://example.org/n/story.html"):
    httpx = pytest.importorskip("httpx")
    return httpx.Response(200, content=body, headers={"content-type": content_type}, request=httpx.Request("GET", url))


def of_scrapy(body, content_type=HTML, url="https://example.org/n/story.html"):
    http = pytest.importorskip("scrapy.http")
    return http.HtmlResponse(url, body=body, headers={"Content-Type": content_type})


def of_any(body, content_type=HTML, url="https://example.org/n/story.html"):
    """What only looks like a response: no library is imported to know one."""
    return SimpleNamespace(content=body, url=url, headers={"content-type": content_type}, encoding=None)


MAKERS = pytest.mark.parametrize("make", [of_requests, of_httpx, of_scrapy, of_any])


@MAKERS
def test_a_response_is_cleaned_in_the_encoding_its_server_told(make):
    """The server's charset goes before what the page says of itself, as in a browser."""
    page = f"<meta charset=iso-8859-1>{PAGE}".encode("windows-1250")
    result = captionfix.clean(make(page, "text/html; charset=windows-1250"))
    assert result.html == page.replace(' alt="Čluny opouštějí přístav"'.encode("windows-1250"), b' alt=""')
    (finding,) = result.findings
    assert "Čluny opouštějí přístav" in finding.message


@MAKERS
def test_without_a_charset_the_page_tells_its_encoding(make):
    """What requests and httpx guess where the server is silent is not believed."""
    page = f"<meta charset=windows-1250>{PAGE}".encode("windows-1250")
    (finding,) = captionfix.check(make(page))
    assert "Čluny opouštějí přístav" in finding.message


@MAKERS
def test_a_charset_that_does_not_exist_is_passed_over(make):
    """A server that invents an encoding costs nothing: the page tells its own."""
    page = f"<meta charset=utf-8>{PAGE}".encode()
    (finding,) = captionfix.check(make(page, "text/html; charset=klingon"))
    assert "Čluny" in finding.message


@MAKERS
def test_the_address_of_a_response_is_that_of_its_page(make):
    """A short and a whole name are one picture, since the response tells where its page came from."""
    response = make(LAZY.encode())
    assert not captionfix.clean(LAZY).changed
    assert captionfix.clean(response).changed
    assert not captionfix.clean(response, url="https://elsewhere.org/").changed


@MAKERS
def test_a_response_without_doubles_comes_back_as_its_bytes(make):
    """What is given back is the very object that the response holds."""
    response = make(b"<p>Boats leave")
    assert captionfix.clean(response).html is getattr(response, "body", None) or response.content
    assert not captionfix.clean(response).changed


def test_an_encoding_set_by_hand_counts():
    """A response whose encoding somebody set, and settings that name one, are believed, settings first."""
    page = PAGE.encode("windows-1250")
    response = of_any(page)
    response.encoding = "windows-1250"
    assert "Čluny" in captionfix.check(response)[0].message
    response.encoding = "windows-1251"
    assert "Čluny" in captionfix.check(response, settings=Settings(encoding="windows-1250"))[0].message


@pytest.mark.parametrize("url", ["about:blank", "data:text/html,<p>", "http://[::1", "", None])
def test_an_address_that_is_no_place_is_passed_over(url):
    """A response from nowhere is a page whose address is unknown, not an error."""
    assert captionfix.clean(of_any(PAGE.encode(), url=url)).html == CLEAN.encode()


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (None, "clean takes text, bytes, or a response"),
        (SimpleNamespace(content=None), "whose body or content is bytes, not SimpleNamespace"),
        (SimpleNamespace(body="<p>"), "body or content is bytes"),
        (lxml.html.fromstring("<p>x"), "clean_tree cleans trees and selectors"),
    ],
)
def test_what_is_no_page_is_refused_with_a_word(page, says):
    """Trees, unread responses and nothing at all are refused, with what takes them."""
    with pytest.raises(TypeError, match=says):
        captionfix.clean(page)


def test_wrong_settings_are_refused():
    """Settings are a value of their own kind, never a dictionary."""
    with pytest.raises(TypeError, match=r"settings= takes captionfix\.Settings"):
        captionfix.clean(PAGE, settings={"alt": "keep"})


def test_a_selector_is_cleaned_in_place():
    """What is asked of a selector afterwards is asked of the cleaned page; a part of it can be cleaned alone."""
    parsel = pytest.importorskip("parsel")
    selector = parsel.Selector(f"<main>{PAGE}</main><aside>{PAGE}</aside>")
    assert [finding.code for finding in captionfix.clean_tree(selector.css("main")[0])] == ["CF102"]
    assert selector.css("img::attr(alt)").getall() == ["", "Čluny opouštějí přístav"]
    captionfix.clean_tree(selector)
    assert selector.xpath("//@alt").getall() == ["", ""]


def test_a_selector_of_json_is_refused():
    """JSON has no tree."""
    parsel = pytest.importorskip("parsel")
    with pytest.raises(TypeError, match="a selector of HTML or XML, not of json"):
        captionfix.clean_tree(parsel.Selector('{"a": 1}', type="json"))


def test_the_selector_of_a_response_knows_its_address():
    """Scrapy's selector is cleaned with the address of its response, and the response answers from it."""
    response = of_scrapy(LAZY.encode())
    (finding,) = captionfix.clean_tree(response.selector)
    assert finding.applied
    assert response.css("noscript").getall() == []


def test_no_library_is_imported_for_responses():
    """Responses and selectors are known by what they have."""
    before = set(sys.modules)
    captionfix.clean(of_any(PAGE.encode()))
    assert not {"scrapy", "parsel", "requests", "httpx"} & (set(sys.modules) - before)


PAGES = [
    f"<h1>{number}</h1>{PAGE}<figure><img src='b.jpg' alt='Boat {number}'><figcaption>Boat {number}</figcaption>"
    f"</figure><p><img class=lazy data-src='{number}.jpg'><noscript><img src='{number}.jpg'></noscript>"
    for number in range(40)
]


def same_bytes(_url):
    """One picture, whatever it is called."""
    return b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>"


def test_eight_threads_get_what_one_gets():
    """One cleaner gives eight threads what it gives one, page by page, trees and pixels included."""
    cleaner = Cleaner(images=same_bytes)
    alone = [captionfix.clean(page, images=same_bytes) for page in PAGES]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(cleaner.clean, PAGES * 3)) == alone * 3
        trees = list(pool.map(lambda page: cleaner.clean_tree(lxml.html.fromstring(page)), PAGES))
    assert [[finding.code for finding in found] for found in trees] == [
        [finding.code for finding in done.findings] for done in alone
    ]


def test_from_asyncio():
    """asyncio.to_thread keeps the loop free; the results are those of plain calls."""

    async def crawl():
        cleaner = Cleaner(Settings(ignore=["CF104"]))
        return await asyncio.gather(*(asyncio.to_thread(cleaner.clean, page) for page in PAGES))

    assert [done.html for done in asyncio.run(crawl())] == [captionfix.clean(page).html for page in PAGES]


def test_a_cleaner_looks_at_an_image_once():
    """What an image looks like is known from page to page, by its bytes; the pages are not."""
    from captionfix.pictures import fingerprint as looking

    seen = []
    real = looking.fingerprint
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>"
    page = "<article><figure><img src='a.jpg'></figure><p>One.</p><figure><img src='b.jpg'></figure></article>"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looking, "fingerprint", lambda data: seen.append(data) or real(data))
        cleaner = Cleaner(images={"a.jpg": svg, "b.jpg": svg})
        for _ in range(3):
            cleaner.clean(page)
    assert len(seen) == 1


def test_a_cleaner_holds_pages_to_the_limits():
    """A page over a limit raises, and the cleaner goes on with the next."""
    cleaner = Cleaner(Settings(max_page_bytes=200))
    with pytest.raises(captionfix.PageLimitError, match="max-page-bytes"):
        cleaner.clean(PAGE * 3)
    assert cleaner.clean(CLEAN).html == CLEAN
