"""Services that keep, resize or pass on pictures, and how each of them names one.

One row is one convention that a service or a content system publishes, or
writes for everybody; no row knows a single site's habits. Its tests stand in
``tests/urls.txt`` under its name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """How URLs of one service are told, and read.

    Attributes:
        name: what the service is called.
        path: a regular expression for the path, matched from its first slash.
            Groups: ``id`` and ``rest`` name the picture, together; an ``id``
            that starts with a slash is a path of this very host, any other is
            the service's own. ``url`` is the picture's URL within a proxy's,
            ``b64`` and ``hex`` the same in code. ``how`` is about size and
            look, and ``box`` a crop of its own.
        hosts: ends of host names, in words; empty for any host.
        marks: parts of a path, in words, of which one must be there; for a
            service with hosts, none is needed.
        cuts: what, in ``how`` and the parameters, cuts a picture to the sides
            it is given; where it is given one side only, nothing is cut.
        boxes: what, in ``how`` and the parameters, makes another picture or
            another part of it, and so belongs to the crop as it stands.
        parameter: the parameters of which one holds the picture's URL; ``#`` is the fragment. Where
            there is a ``prefix``, it holds the picture's name.
        prefix: what stands before ``id`` where a URL leaves it out.
        likely: whether the name may be wrong, as sizes in file names may be.
        original: the URL of the largest file, with groups in braces.
    """

    name: str
    path: str
    hosts: str = ""
    marks: str = ""
    cuts: str = ""
    boxes: str = ""
    parameter: str = ""
    prefix: str = ""
    likely: bool = False
    original: str = ""


_EXT = r"(?:\.\w{2,5}){0,2}$"
_IMGIX_CUTS = r"\bfit=(?:crop|facearea|min|fillmax)"
_IMGIX_BOXES = (
    r"\b(?:rect|ar|fp-[xyz]|blend[\w-]*|txt[\w-]*|mark[\w-]*|trim|flip|rot|page|frame|crop|mask|monochrome)=[^&]*"
)
CLOUDINARY_CUTS = r"\bc_(?:fill|lfill|fill_pad|thumb|auto)\b"
CLOUDINARY_BOXES = r"(?<![^/])[^/?]*\bc_crop\b[^/]*|\b(?:g|x|y|ar|l|u|e|a|pg)_[^,/&]+"
_TRANSFORM = (
    r"(?:ac|ar|a|bo|br|b|cs|co|c|dl|dn|dpr|du|d|eo|e|fl|fn|fps|f|g|h|if|ki|l|o|pg|p|q|r|so|sp|t|u|vc|vs|w|x|y|z)_"
)

SERVICES = (
    Service(
        "cloudinary",
        rf"/(?P<id>[\w-]+/image/(?:upload|private|authenticated))(?:/s--[\w-]+--)?"
        rf"(?P<how>(?:/{_TRANSFORM}[^/]+)*)(?:/v\d{{1,10}})?(?P<rest>/.+?){_EXT}",
        hosts="res.cloudinary.com",
        cuts=CLOUDINARY_CUTS,
        boxes=CLOUDINARY_BOXES,
        original="https://res.cloudinary.com/{id}{rest}",
    ),
    Service(
        "sanity",
        r"/(?P<id>images/\w+/\w+/[0-9a-f]{24,64}-\d+x\d+)(?:\.\w+)?(?:/.*)?$",
        hosts="cdn.sanity.io",
        cuts=_IMGIX_CUTS,
        boxes=_IMGIX_BOXES,
    ),
    Service(
        "contentful",
        r"/(?P<id>\w+/\w+)/\w+/[^/]+$",
        hosts="images.ctfassets.net downloads.ctfassets.net images.contentful.com",
        cuts=r"\bfit=(?:fill|crop|thumb)",
        boxes=r"\b(?:f|r)=[^&]+",
    ),
    Service(
        "imgix",
        r"(?P<id>/.+)",
        hosts="imgix.net images.unsplash.com plus.unsplash.com images.prismic.io www.datocms-assets.com",
        cuts=_IMGIX_CUTS,
        boxes=_IMGIX_BOXES,
        original="https://{host}{id}",
    ),
    Service(
        "imagekit",
        r"/(?P<id>\w+)(?P<how>/tr:[^/]+)?(?P<rest>/.+)",
        hosts="ik.imagekit.io",
        cuts=r"(?<![a-z])h-\d+",
        boxes=r"\b(?:c|cm|fo|x|y|xc|yc|l|ar|rt|e)-[^,/&]+",
        original="https://ik.imagekit.io/{id}{rest}",
    ),
    Service(
        "storyblok",
        r"(?P<id>/f/\d+/\d+x\d+/\w+/[^/]+)(?:/m(?P<how>/.*)?)?$",
        hosts="a.storyblok.com img2.storyblok.com",
        cuts=r"/[1-9]\d*x[1-9]\d*",
        boxes=r"\d+x\d+:\d+x\d+|focal\([^)]*\)|\bsmart\b",
        original="https://a.storyblok.com{id}",
    ),
    Service(
        "uploadcare",
        r"/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?P<how>/.*)?$",
        hosts="ucarecdn.com",
        cuts=r"/scale_crop/",
        boxes=r"/-/(?:crop|smart_crop|rotate|flip|mirror|overlay)/[^-]*",
        original="https://ucarecdn.com/{id}/",
    ),
    Service(
        "guardian",
        r"/(?:img/media/)?(?P<id>[0-9a-f]{24,64})/(?P<box>\d+_\d+_\d+_\d+)/.+",
        hosts="i.guim.co.uk media.guim.co.uk",
        boxes=r"\b(?:overlay-\w+|precrop|crop)=[^&]*",
    ),
    Service("bbc", r"/(?:news|ace/\w+|content/\w+)/\d+/(?P<id>cpsprodpb/.+?)(?:\.webp)?$", hosts="bbci.co.uk"),
    Service("bbc", rf"/images/ic/(?P<how>[^/]+)/(?P<id>p\w{{7}}){_EXT}", hosts="bbci.co.uk", cuts=r"\d+x[1-9]\d+"),
    Service(
        "nyt",
        r"(?P<id>/images/.+)-(?:articleLarge|articleInline|superJumbo|jumbo|popup|master\d+|blog\d+|"
        r"(?P<box>threeByTwo|square|thumb|mediumThreeByTwo|largeHorizontal|videoSixteenByNine|videoThumb|facebookJumbo|mediumSquare|verticalTwoByThree|sfSpan|moth)\w*)"
        r"(?P<rest>(?:-v\d+)?\.\w+)$",
        hosts="nyt.com",
        original="https://{host}{id}-superJumbo{rest}",
    ),
    Service("cnn", r"(?P<id>/api/v1/images/stellar/.+)", hosts="media.cnn.com", boxes=r"\bc=[^&]+|\b[xy]_[^,&]+"),
    Service("dw", r"/image/(?P<id>\d{6,})_\w+\.\w+$", hosts="static.dw.com www.dw.com"),
    Service(
        "medium",
        r"(?P<how>(?:/[^/]+)*)/(?P<id>[01]\*[^/]+)$",
        hosts="miro.medium.com cdn-images-1.medium.com cdn-images-2.medium.com",
        cuts=r"resize:fill|/fit/c\b|/c(?=/\d)",
        boxes=r"crop:[^/]+|focal[^/]+",
        original="https://miro.medium.com/{id}",
    ),
    Service(
        "shopify",
        r"(?P<id>/(?:[^/]+/)*?(?:files|products|articles|collections|assets)/(?:[^/]+/)*+[^/]+?)(?P<how>_(?:\d+x\d*|x\d+|pico|icon|thumb|small|compact|medium|large|grande|master|original)(?:_crop_\w+)?)?(?:@[23]x)?(?:\.progressive)?(?P<rest>\.\w{3,4})$",
        hosts="cdn.shopify.com",
        cuts=r"_crop_",
        boxes=r"(?:_crop_|\bcrop=)(?!center)\w+",
        likely=True,
        original="https://{host}{id}{rest}",
    ),
    Service(
        "shopify",
        r"(?P<id>/cdn/shop/(?:files|products|articles|collections)/(?:[^/]+/)*+[^/]+?)(?P<how>_(?:\d+x\d*|x\d+|pico|icon|thumb|small|compact|medium|large|grande|master|original)(?:_crop_\w+)?)?(?:@[23]x)?(?:\.progressive)?(?P<rest>\.\w{3,4})$",
        marks="cdn",
        cuts=r"_crop_",
        boxes=r"(?:_crop_|\bcrop=)(?!center)\w+",
        likely=True,
        original="https://{host}{id}{rest}",
    ),
    Service(
        "squarespace",
        r"/content/v1/(?P<id>[0-9a-f]{24}/[\w-]+)(?:/[^/]+)?(?P<rest>/[^/]+)$",
        hosts="images.squarespace-cdn.com static1.squarespace.com",
        original="https://images.squarespace-cdn.com/content/v1/{id}{rest}",
    ),
    Service("squarespace", r"/static/(?P<id>[0-9a-f]{24}/.+)", hosts="static1.squarespace.com static.squarespace.com"),
    Service(
        "wix",
        r"/media/(?P<id>[^/]+)(?:/v1/(?P<how>.+))?$",
        hosts="static.wixstatic.com",
        cuts=r"^fill/|/fill/",
        boxes=r"\bcrop/[^/]+|\bfp_[\d._]+",
        original="https://static.wixstatic.com/media/{id}",
    ),
    Service(
        "wikimedia",
        r"/(?P<id>wikipedia/\w+)(?:/thumb)?(?P<rest>(?:/archive)?)/[0-9a-f]/[0-9a-f]{2}(?P<file>/[^/]+)(?:/(?P<box>page\d+)?[^/]*)?$",
        hosts="upload.wikimedia.org",
    ),
    Service(
        "wikimedia",
        r"/wiki/Special:(?:FilePath|Redirect/file)(?P<file>/[^/]+)$",
        hosts="commons.wikimedia.org",
        prefix="wikipedia/commons",
    ),
    Service("wikimedia", r"/w/thumb\.php$", hosts="commons.wikimedia.org", parameter="f", prefix="wikipedia/commons"),
    Service(
        "mediawiki",
        r"(?P<id>.*)/thumb(?P<rest>/[0-9a-f]/[0-9a-f]{2}/[^/]+)/(?P<box>page\d+)?[^/]*?\d+px-[^/]+$",
        marks="thumb",
        original="https://{host}{id}{rest}",
    ),
    Service(
        "flickr",
        r"(?:/\d+)?/\d+/(?P<id>\d{6,})_\w{6,}?(?:_(?:(?P<box>sq|s|q)|[tmnwzcbhkof]|[3-6]k))?(?:_d)?\.\w+$",
        hosts="staticflickr.com static.flickr.com",
    ),
    Service(
        "twitter",
        r"/(?P<id>(?:media|tweet_video_thumb|ext_tw_video_thumb/\d+/pu/img|amplify_video_thumb/\d+/img|card_img/\d+)/[\w-]+)(?:\.\w+)?(?P<how>:\w+)?$",
        hosts="pbs.twimg.com",
        boxes=r"\bthumb\b",
        original="https://pbs.twimg.com/{id}?format=jpg&name=orig",
    ),
    Service(
        "twitter",
        r"/(?P<id>profile_images/\d+/.+?)(?:_(?:normal|bigger|mini|x96|reasonably_small|\d+x\d+))?(?P<rest>\.\w+)?$",
        hosts="pbs.twimg.com",
        likely=True,
        original="https://pbs.twimg.com/{id}{rest}",
    ),
    Service(
        "blogger",
        r"/(?P<id>(?:[^/]+/)+)(?P<how>[swh]\d+(?:-[\w-]+)?)/(?P<rest>[^/]+)$",
        hosts="bp.blogspot.com googleusercontent.com ggpht.com",
        cuts=r"-(?:c|p|n|cc|pp)\b",
        original="https://{host}/{id}s0/{rest}",
    ),
    Service(
        "google",
        r"/(?P<id>(?!proxy/)[^=]+)=(?P<how>[\w-]+)$",
        hosts="googleusercontent.com ggpht.com",
        cuts=r"-(?:c|p|n|cc|pp)\b",
        original="https://{host}/{id}=s0",
    ),
    Service("google", r"/(?P<id>(?:[^/=]+/)*[^/=]{20,})$", hosts="googleusercontent.com ggpht.com"),
    Service(
        "tumblr",
        r"/(?P<id>[0-9a-f]{32}/[0-9a-f]{16}-[0-9a-f]{2})/(?P<how>s\d+x\d+\w*)/.+",
        hosts="media.tumblr.com",
        boxes=r"_c\d",
    ),
    Service(
        "tumblr", r"/(?:[0-9a-f]{32}/)?(?P<id>tumblr_\w+?)_(?:\d{2,4}|(?P<box>75sq))\.\w+$", hosts="media.tumblr.com"
    ),
    Service(
        "facebook",
        r"/(?:[^/]+/)+\d+_(?P<id>\d{6,})_\d+_[a-z]+\.\w+$",
        hosts="fbcdn.net cdninstagram.com",
        boxes=r"\bc\d+\.\d+\.\d+\.\d+a?",
        likely=True,
    ),
    Service(
        "kinja",
        r"/(?:gawker-media/)?image/upload/(?P<how>.*/)?(?P<id>\w{12,})\.\w+$",
        hosts="kinja-img.com",
        cuts=CLOUDINARY_CUTS,
        boxes=CLOUDINARY_BOXES,
    ),
    Service("conde nast", r"/photos/(?P<id>[0-9a-f]{24})/(?:master|(?P<box>[\w:]+))/.+", marks="photos"),
    Service(
        "hearst",
        r"/hmg-prod(?:\.s3\.amazonaws\.com)?/(?P<id>images/.+)",
        hosts="hips.hearstapps.com",
        boxes=r"\bcrop=[^&]+",
    ),
    Service(
        "arc",
        r".*/resizer/(?P<how>(?:[^/]+/)*)(?P<id>[A-Z0-9]{26})(?:\.\w+)?$",
        marks="resizer",
        cuts=r"\bsmart\b|\bfocal\b|/\d+x[1-9]\d*/",
        boxes=r"\bfocal=[^&]+",
    ),
    Service("arc", r"/\w+/(?P<id>[A-Z0-9]{26})\.\w+$", hosts="images.arcpublishing.com"),
    Service(
        "ghost",
        r"(?P<id>.*/content/images)/size/(?P<how>w\d+(?:h\d+)?)(?:/format/\w+)?(?P<rest>/.+)",
        marks="size",
        cuts=r"h\d+",
        likely=True,
        original="https://{host}{id}{rest}",
    ),
    Service(
        "drupal",
        r"(?P<id>.*)/styles/(?P<how>[\w-]+)/(?:public|private)(?P<rest>/.+?\.\w{3,4}?)(?:\.(?:webp|avif))?$",
        marks="styles",
        boxes=r"square|crop|(?<!\d)\d{1,2}[_x-]\d{1,2}(?!\d)",
        likely=True,
        original="https://{host}{id}{rest}",
    ),
    Service(
        "escenic",
        r".*(?P<id>/\w+\.ece)/(?:ALTERNATES|BINARY)/(?:(?:[wh]\d+|original)(?:\.\w+)?|(?P<box>[\w.-]+))(?P<rest>/[^/]+)$",
        marks="ALTERNATES BINARY",
        likely=True,
    ),
    Service("gatsby", r"(?P<id>.*/static/[0-9a-f]{32})/[0-9a-f]{5}(?P<rest>/[^/]+)$", marks="static"),
    Service(
        "gravatar",
        r"/avatar/(?P<id>[0-9a-f]{32,64})(?:\.\w+)?$",
        hosts="gravatar.com",
        original="https://gravatar.com/avatar/{id}?s=2048",
    ),
    Service(
        "youtube",
        r"/(?:vi|vi_webp|an_webp)/(?P<id>[\w-]{11})/(?:(?:maxres|sd|hq|mq|hq720)?(?:default)?|0|(?P<box>(?:maxres|sd|hq|mq)?[123]))(?:_live)?\.\w+$",
        hosts="ytimg.com img.youtube.com",
        original="https://i.ytimg.com/vi/{id}/maxresdefault.jpg",
    ),
    Service("imgur", r"/(?P<id>\w{7})(?:(?P<box>[sb])|[tmlhr])?\.\w{3,4}$", hosts="i.imgur.com"),
    Service(
        "pinterest",
        r"/(?:\d+x|originals|(?P<box>\d+x\d+(?:_RS)?))/(?P<id>[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32})\.\w+$",
        hosts="i.pinimg.com",
    ),
    Service(
        "amazon",
        r"/images/(?P<id>[IGSP]/[\w%+-]+)(?P<how>\._[\w,.%-]+_)?\.\w+$",
        hosts="media-amazon.com ssl-images-amazon.com images-amazon.com",
        boxes=r"_(?:CR|BO|PI|FM)[^_]+|_SR\d+,\d+",
        original="https://m.media-amazon.com/images/{id}.jpg",
    ),
    Service(
        "ebay",
        r"/images/g/(?P<id>[\w~-]+)/s-l\d+\.\w+$",
        hosts="i.ebayimg.com",
        original="https://i.ebayimg.com/images/g/{id}/s-l1600.jpg",
    ),
    Service("discord", r"/external/[\w-]+/(?:%3F[^/]*/)?(?P<url>https?/.+)", hosts="discordapp.net"),
)

GENERAL = (
    ("wordpress", "/wp-content/uploads/"),
    ("wordpress.com", ".files.wordpress.com/"),
)
"""Services whose pictures the general rule reads rightly: their name, and what tells them."""
