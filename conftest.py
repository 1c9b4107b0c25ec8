"""What is left out where an extra is not installed."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("scrapy") else ["captionfix/integrations/scrapy.py"]
