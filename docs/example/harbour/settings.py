"""What the crawl does: images are stored, html fields cleaned, text extracted, in this order."""

BOT_NAME = "harbour"
SPIDER_MODULES = ["harbour.spiders"]
ROBOTSTXT_OBEY = False

ADDONS = {"captionfix.integrations.scrapy.Addon": 500}
CAPTIONFIX_RESPONSES = False  # the fields below are cleaned instead, with the images at hand
CAPTIONFIX_FIELDS = ["body_html"]
CAPTIONFIX_SCRIPTS = "dead"

IMAGES_STORE = "images"
ITEM_PIPELINES = {
    "scrapy.pipelines.images.ImagesPipeline": 1,
    # captionfix puts its own pipeline at 400
    "harbour.pipelines.ExtractText": 500,
}
