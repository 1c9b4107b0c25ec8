"""Services that pass on pictures from elsewhere, and where in their URLs the picture's own URL stands.

The rows are of the same kind as in ``services.py``.
"""

from __future__ import annotations

from captionfix.pictures.services import CLOUDINARY_BOXES, CLOUDINARY_CUTS, Service

_INNER = r"(?P<url>https?:/.+|https?%3A.+|//.+)"
_THUMBOR_STEP = (
    r"(?:meta|trim(?::[\w:-]+)?|\d+x\d+:\d+x\d+|(?:adaptive-|full-)?fit-in|-?\d*x-?\d*|left|center|right|top|middle|"
    r"bottom|smart|filters:[^/]*)"
)

PROXIES = (
    Service("wayback", r".*?/web/\d{1,14}(?:[a-z]{2}_)?/(?P<url>https?:.+|//.+)", marks="web"),
    Service(
        "archive.today", rf"/(?:o/)?\w+/{_INNER}", hosts="archive.today archive.ph archive.is archive.li archive.md"
    ),
    Service("googlecache", r"/search$", hosts="webcache.googleusercontent.com", parameter="q"),
    Service(
        "photon",
        r"/(?P<url>[\w-]+\.[\w.-]+/.+)",
        hosts="i0.wp.com i1.wp.com i2.wp.com i3.wp.com",
        cuts=r"\bresize=",
        boxes=r"\bcrop=[^&]*(?:,|%2C)[^&]*",
    ),
    Service(
        "cloudinary fetch",
        rf"/[\w-]+/image/fetch/(?:s--[\w-]+--/)?(?P<how>.*?)/?{_INNER}",
        hosts="cloudinary.com",
        cuts=CLOUDINARY_CUTS,
        boxes=CLOUDINARY_BOXES,
    ),
    Service(
        "substack",
        rf"/image/fetch/(?P<how>.*?)/?{_INNER}",
        hosts="substackcdn.com cdn.substack.com",
        cuts=CLOUDINARY_CUTS,
        boxes=CLOUDINARY_BOXES,
    ),
    Service(
        "next",
        r".*/(?:_next/image|_vercel/image|\.netlify/images|_image)/?$",
        marks="_next _vercel .netlify _image",
        parameter="url href",
        cuts=r"\bfit=(?:cover|crop|fill)",
    ),
    Service(
        "ipx",
        r".*/_ipx/(?P<how>[^/]+)/(?P<url>.+)",
        marks="_ipx",
        cuts=r"\bfit_(?:cover|fill)",
        boxes=r"\b(?:crop|extract|position|pos)_[^,&]+",
    ),
    Service(
        "cloudflare",
        r".*/cdn-cgi/image/(?P<how>[^/]+)/(?P<url>.+)",
        marks="cdn-cgi",
        cuts=r"\bfit=(?:cover|crop)",
        boxes=r"\b(?:gravity|trim|rotate|blur|border)=[^,]+",
    ),
    Service(
        "brightspot",
        r".*/dims[34]?/(?P<how>.+)",
        marks="dims dims3 dims4",
        parameter="url",
        boxes=r"\b(?:legacy_)?crop/[^/]+|thumbnail/[^/]+\^",
    ),
    Service("imrs", r".*/imrs\.php$", marks="imrs.php", parameter="src"),
    Service(
        "weserv",
        r"/",
        hosts="images.weserv.nl wsrv.nl",
        parameter="url",
        cuts=r"\bfit=cover",
        boxes=r"\b(?:a|cx|cy|cw|ch|crop|mask|flip|ro|trim)=[^&]*",
    ),
    Service("google proxy", r"/gadgets/proxy$", hosts="googleusercontent.com", parameter="url"),
    Service("google proxy", r"/proxy/.+", hosts="googleusercontent.com", parameter="#"),
    Service("duckduckgo", r"/iu/$", hosts="external-content.duckduckgo.com", parameter="u"),
    Service("facebook proxy", r"/safe_image\.php$", hosts="fbcdn.net facebook.com", parameter="url"),
    Service("amp cache", r"/(?:i|ii/w\d+)/(?:s/)?(?P<url>[\w-]+\.[\w.-]+/.+)", hosts="cdn.ampproject.org"),
    Service("camo", r"/[0-9a-f]{40,64}/(?P<hex>(?:[0-9a-f]{2})+)$", hosts="camo.githubusercontent.com"),
    Service(
        "cloudimage",
        r"/(?:v7/)?(?P<url>(?:https?:/)?/?[\w-]+\.[\w.-]+/.+)",
        hosts="cloudimg.io",
        cuts=r"\bfunc=crop",
        boxes=r"\b(?:gravity|tl_px|br_px)=[^&]*",
    ),
    Service(
        "thumbor",
        rf"(?P<pre>(?:/[^/]+)*?)/(?:unsafe|[\w-]{{27}}=)(?P<how>(?:/{_THUMBOR_STEP})*)/(?P<url>.+)",
        marks="unsafe thumbor fit-in smart :",
        cuts=r"(?<!fit-in)/[1-9]\d*x[1-9]\d*(?![\d:])",
        boxes=r"(?<=/)\d+x\d+:\d+x\d+(?=[/?])|\bfilters:[^/]*(?:watermark|blur|rotate)[^/]*",
    ),
    Service(
        "imgproxy",
        r"(?:/[\w-]+)*?(?P<how>(?:/[a-z_]+:[^/]+)+)/plain/(?P<url>[^@]+)(?:@\w+)?$",
        marks="plain",
        cuts=r"\b(?:rs|resize|rt|resizing_type):(?:fill|fill-down|auto)\b",
        boxes=r"\b(?:c|crop|g|gravity|t|trim|rot|rotate|wm|bl|blur):[^/]+",
    ),
    Service(
        "imgproxy",
        r"(?:/[\w-]+)*?(?P<how>(?:/[a-z_]+:[^/]+)+)/(?P<b64>[\w/-]{16,}=*)(?:\.\w+)?$",
        marks=":",
        cuts=r"\b(?:rs|resize|rt|resizing_type):(?:fill|fill-down|auto)\b",
        boxes=r"\b(?:c|crop|g|gravity|t|trim|rot|rotate|wm|bl|blur):[^/]+",
    ),
    Service(
        "embedded",
        rf"(?P<how>(?:/[^/]+)*?)/{_INNER}",
        marks="http: https: %",
        cuts=rf"{CLOUDINARY_CUTS}|\b(?:fit[=:_](?:cover|crop|fill)|smart|rs:fill|rt:fill|s:\d+:\d+:c)\b",
        boxes=CLOUDINARY_BOXES,
    ),
    Service(
        "arc",
        rf".*/resizer/[\w-]{{20,}}=*(?P<how>(?:/{_THUMBOR_STEP})*)/(?P<url>[\w-]+\.[\w.-]+/.+)",
        marks="resizer",
        cuts=r"/\d+x[1-9]\d*",
    ),
)
