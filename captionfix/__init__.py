"""Remove doubled photo captions and doubled pictures from scraped web pages."""

__version__ = "0.1.0"
