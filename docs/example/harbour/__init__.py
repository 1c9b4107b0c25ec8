"""A Scrapy project whose items are cleaned."""
