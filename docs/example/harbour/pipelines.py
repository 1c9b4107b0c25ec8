"""What is done with an item once its html is clean."""

from parsel import Selector


class ExtractText:
    """Makes text of the cleaned html: behind captionfix, so that no caption is in it twice."""

    def process_item(self, item, spider=None):
        """Add the text of the body, a line for each piece of it."""
        pieces = Selector(item["body_html"]).xpath("//body//text()").getall()
        item["text"] = "\n".join(piece.strip() for piece in pieces if piece.strip())
        return item
