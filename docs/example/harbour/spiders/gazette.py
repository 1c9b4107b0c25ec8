"""A spider over the example site."""

import scrapy


class Gazette(scrapy.Spider):
    """Follows the links of a site's home page and takes each article, with its images."""

    name = "gazette"

    def __init__(self, site="http://127.0.0.1:8765/", **others):
        super().__init__(**others)
        self.start_urls = [site]
        self.allowed_domains = ["127.0.0.1"]

    def parse(self, response):
        """Follow every link to a page of the site."""
        yield from response.follow_all(css="a[href$='.html']", callback=self.parse_article)

    def parse_article(self, response):
        """Yield an article with its html and the addresses of its images."""
        article = response.css("article, main")
        sources = response.css("article img::attr(src), article img::attr(data-src)").getall()
        if article:
            yield {
                "url": response.url,
                "title": response.css("title::text").get(),
                "body_html": article[0].get(),
                "image_urls": [url for url in map(response.urljoin, sources) if url.startswith("http")],
            }
