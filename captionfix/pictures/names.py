"""What sizes, crops and formats look like in the paths and parameters of any server.

Nothing here knows a service. A size that is dropped makes two URLs one key,
so each shape is one that content systems write by themselves; what only might
be a size (``_thumb``, ``-1024w``) stays in the key and is left to `weaker`.
"""

from __future__ import annotations

import re
from math import log

_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_ONE_PIXEL = ("0", "1", "1x1", "1-1")
_STAND_INS = frozenset(
    ("blank", "placeholder", "spacer", "transparent", "pixel", "empty", "clear", "dummy", "loading", "loader", "lazy",
     "lazyload", "missing", "grey", "gray", "preload", "preloader", "trans", "px", "noimage")
)  # fmt: skip
_FILLERS = frozenset(("image", "img", "picture", "bg", "background", "x", "white", "default", "min", "ajax", "icon"))
_STAND_IN_WORDS = _STAND_INS | _FILLERS
STAND_IN_STARTS = frozenset((*(word[:2] for word in _STAND_IN_WORDS if len(word) > 1), "x.", "x-", "x_"))
"""Two letters that every name of a stand-in starts with, if it starts with a letter."""
_MAY_STAND_IN = re.compile(rf"(?:[01]|1-1)\.|[^a-z]*+(?:{'|'.join(sorted(_STAND_IN_WORDS))})(?![a-z])", re.IGNORECASE)
_NAME_SIZE = re.compile(r"(?:-(?:(\d{2,4})x(\d{2,4})|scaled|rotated)|@[1-4]x)(?=\.\w{3,4}(?:\.(?:webp|avif))?$)")
_AFTER_DASH = frozenset("0123456789sr")
_TWICE_CODED = re.compile(r"(\.(?:jpe?g|png|gif))\.(?:webp|avif)$", re.IGNORECASE)
_MAY_HAVE_SIZE = re.compile(r"/(?:[whs](?:\d\d|_\d)|\d{2,4}x\d|[a-z]{1,2}_[^/,]*+,)")
_FOLDER_SIZE = re.compile(
    r"/(?:(?:size/)?[wh]_?\d{3,4}|s\d{3,4}|\d{3,4}x\d{2,4}|\d{2,4}x\d{3,4}"
    r"|(?=(?:[^/]*,)?[wh]_\d{2,4}[,/])[a-z]{1,2}_[\w.:]++(?:,[a-z]{1,2}_[\w.:]++)*+)(?=/)"
)
_SQUARE_CROP = "1:1"
"""Most pictures are not square, and thumbnails are: WordPress cuts them to 150 by 150 by default."""
_CROP_WORD = re.compile(r"c_(?:fill|lfill|thumb|crop|auto)|g_\w+")
_SIZE_NAME = re.compile(r"(?:[1-9]\d{1,2}0|256|512|768|1024|1366|1536|2048)(?:@(?:[1-9]\d|100))?\.\w{3,4}$")
_RATIO_FOLDER = re.compile(r"\d{1,2}[x_:-]\d{1,2}$")
_LONG_HASH = re.compile(r"(?:[0-9a-f]++|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE)
_HASH_LENGTHS = frozenset((24, 32, 36, 40, 56, 64))
"""Characters of a database's object id, MD5, UUID, SHA-1, SHA-224 and SHA-256."""
_LONG_NUMBER = re.compile(r"(?!(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$)\d{7,}+$")
"""More digits than a year and a month have, and no date."""
_SIZE_WORDS = frozenset(
    ("xxs", "xs", "s", "m", "l", "xl", "xxl", "thumb", "thumbs", "thumbnail", "tiny", "mini", "small", "medium",
     "large", "big", "normal", "preview", "original", "orig", "full")
)  # fmt: skip
_LONGEST_SIZE_NAME = 8
_WEAK_END = re.compile(
    r"(?:[-_](?:thumb|thumbnail|small|medium|large|\d{2,4}w|\d{2,4}x\d{2,4})|-[2-4]x)(?=\.\w{3,4}$)",
    re.IGNORECASE,
)
_TYPO3 = re.compile(r"csm_([^/]+)_[0-9a-f]{10}(?=\.\w{3,4}$)")
_CACHE_FOLDER = re.compile(r"/cache/(?:\d+/)?[0-9a-f]{32}(?=/)")
NO_IDENTITY = frozenset(
    ("image", "images", "img", "lead", "photo", "picture", "pic", "thumb", "thumbnail", "gallery", "gallerymedium",
     "large", "small", "medium", "original", "default", "header", "hero", "teaser", "cover", "download", "file",
     "index", "master")
)  # fmt: skip
"""Names that any picture may have."""
_NOT_LETTERS = re.compile(r"[\W_]+")

_SIZE_PARAMETERS = (
    "w", "h", "width", "height", "maxwidth", "maxheight", "max-w", "max-h", "max_width", "max_height", "mw", "mh",
    "wid", "hei", "sw", "sh", "imwidth", "imheight", "resize", "size", "q", "quality", "qlt", "dpr", "imdensity",
)  # fmt: skip
_LOOK_PARAMETERS = (
    "fm", "format", "auto", "strip", "ssl", "scale", "impolicy", "im", "sharp", "usm", "fit", "mode"
)  # fmt: skip
_NOISE_PARAMETERS = ("itok", "is-pending-load", "webp", "avif")
_CROP_PARAMETERS = (
    "crop", "rect", "precrop", "ar", "focal", "gravity", "cropx", "cropy", "cropw", "croph", "smart", "fp-x", "fp-y"
)  # fmt: skip
_SIZE, _LOOK, _NOISE, _CUT, _CROP = range(1, 6)
_PARAMETERS = {
    **dict.fromkeys(_SIZE_PARAMETERS, _SIZE),
    **dict.fromkeys(_LOOK_PARAMETERS, _LOOK),
    **dict.fromkeys(_NOISE_PARAMETERS, _NOISE),
    **dict.fromkeys(_CROP_PARAMETERS, _CROP),
}
_SIZE_VALUE = re.compile(r"(?=\d)(?:[\d.,x:*!^-]|%2C|%3A|%25|%|px)++$|auto$", re.IGNORECASE)
_LOOKS = re.compile(r"(?:auto|format|compress|p?jpe?g|png|webp|avif|gif|1|all|info|true|none|[A-Z]\w+[,=(].*)*$")
_FITS_BY_CUTTING = frozenset(("crop", "cover", "fill", "min", "facearea", "thumb", "outside"))
_FITS_WHOLE = frozenset(("bounds", "clip", "contain", "inside", "limit", "max", "pad", "resize", "scale"))
_STRICT = {
    **dict.fromkeys(
        ("format", "fm"), re.compile(r"(?:(?:auto|p?jpe?g|jpg2?|png\d*|webp|avif|gif|jxl|jp2|jxr|heic|bmp|tiff?),?)*$")
    ),
    "scale": re.compile(r"(?:both|canvas|down|up|upscalecanvas|width|height|fit|fill|none)?$"),
    "mode": re.compile(r"(?:max|pad|crop|stretch|carve|boxpad|min|none)?$"),
}
"""Parameters that name another picture wherever they say something else: the formats of images, and the words that
ImageResizer and its kin know; ``format=map``, ``scale=8`` and ``mode=satellite`` are maps."""
_NO = frozenset(("0", "no", "false", "none", ""))
_YES = frozenset(("1", "yes", "true"))

_BOTH = re.compile(r"(?<![\d.])(\d{1,5})(?:x|,|:|%2C|/)(\d{1,5})(?![\d.])", re.IGNORECASE)
_SIDE = {
    "w": re.compile(r"(?<![a-z])(?:w|wid|width|imwidth|maxwidth)[=_:/-]?(\d{1,5})", re.IGNORECASE),
    "h": re.compile(r"(?<![a-z])(?:h|hei|height|imheight|maxheight)[=_:/-]?(\d{1,5})", re.IGNORECASE),
}
_SQUARE = re.compile(r"(?<![a-z])s(\d{2,4})(?!\d)")
_NAMED_RATIOS = ((1, 1), (5, 4), (4, 3), (3, 2), (16, 10), (16, 9), (2, 1), (21, 9), (4, 5), (3, 4), (2, 3), (9, 16))
_NEAR = 0.01
"""How far, in the logarithm, rounding to whole pixels may move a ratio: one pixel in a hundred."""


def ratio(width: int, height: int) -> str:
    """Return the shape of a picture, the same word for all sizes of it.

    Args:
        width: pixels, at least 1.
        height: pixels, at least 1.

    >>> ratio(300, 200), ratio(1024, 683), ratio(640, 640), ratio(500, 210)
    ('3:2', '3:2', '1:1', '238:100')
    """
    shape = log(width / height)
    for across, down in _NAMED_RATIOS:
        if abs(shape - log(across / down)) < _NEAR:
            return f"{across}:{down}"
    return f"{round(100 * width / height)}:100"


def sides(text: str) -> tuple[int, int]:
    """Return width and height that a piece of URL asks for, 0 for what it does not say.

    >>> sides("w_300,h_200,c_fill"), sides("resize=300%2C200"), sides("s72-c"), sides("width=640")
    ((300, 200), (300, 200), (72, 72), (640, 0))
    """
    width, height = (int(found[1]) if (found := side.search(text)) else 0 for side in _SIDE.values())
    if width or height:
        return width, height
    if both := _BOTH.search(text):
        return int(both[1]), int(both[2])
    square = _SQUARE.search(text)
    return (int(square[1]), int(square[1])) if square else (0, 0)


def read_path(path: str) -> tuple[str, str]:
    """Return a path without what its server wrote into it about the size, and its crop.

    It is asked for every URL, so each expression runs only after a look that costs less.

    Args:
        path: with or without the host, percent signs decoded.

    >>> read_path("//site.org/u/boat-300x200.jpg"), read_path("/u/boat-150x150.jpg.webp")
    (('//site.org/u/boat.jpg', ''), ('/u/boat.jpg', '1:1'))
    >>> read_path("//cdn.org/w620/boat.jpg"), read_path("//cdn.org/640x360/boat.jpg")
    (('//cdn.org/boat.jpg', ''), ('//cdn.org/boat.jpg', '16:9'))
    """
    crop = ""
    if path.endswith((".webp", ".avif", ".WEBP")):
        path = _TWICE_CODED.sub(r"\1", path)
    start = path.rfind("/") + 1
    at = path.rfind("-")
    if (at > start and path[at + 1 : at + 2] in _AFTER_DASH) or "@" in path:
        path, crop = _without_endings(path, start)
    if _MAY_HAVE_SIZE.search(path, 0, start) is not None:
        path, crop = _without_folders(path, crop)
        start = path.rfind("/") + 1
    letters = path.find(".", start) - start
    if letters in _HASH_LENGTHS:
        return _without_size_word(path, path[start:]), crop
    if 0 < letters <= _LONGEST_SIZE_NAME and path[start].isdigit() and _SIZE_NAME.match(path, start):
        return _id_folder(path), crop
    return path, crop


def _without_endings(path: str, start: int) -> tuple[str, str]:
    """The path without the sizes at its name's end, of which the last one tells a crop."""
    crop = ""
    while (at := max(path.rfind("-"), path.rfind("@"))) > start and (found := _NAME_SIZE.match(path, at)):
        path = path[:at] + path[found.end() :]
        if found[1] and found[1] == found[2]:
            crop = crop or _SQUARE_CROP
    return path, crop


def _without_folders(path: str, crop: str) -> tuple[str, str]:
    for found in _FOLDER_SIZE.finditer(path):
        text = found[0]
        if "," in text:
            words = ",".join(_CROP_WORD.findall(text))
            crop = crop or (f"{words},{_shape(text)}".rstrip(",") if words else "")
        elif "x" in text:
            crop = crop or _shape(text)
    return _FOLDER_SIZE.sub("", path), crop


def _shape(text: str) -> str:
    width, height = sides(text)
    return ratio(width, height) if width and height else ""


def _without_size_word(path: str, name: str) -> str:
    """A file that is named by a hash is itself in every folder of sizes."""
    if _LONG_HASH.match(name.partition(".")[0]) is None:
        return path
    folder = path[: -len(name) - 1]
    above, slash, word = folder.rpartition("/")
    return f"{above}/{name}" if slash and word.lower() in _SIZE_WORDS else path


def _id_folder(path: str) -> str:
    """A file that is named by its size is its folder, if that is named by an id; a folder for a shape is a crop."""
    folder = path.rpartition("/")[0]
    above, _, last = folder.rpartition("/")
    holder = above.rpartition("/")[2] if _RATIO_FOLDER.match(last) else last
    return folder if (len(holder) in _HASH_LENGTHS and _LONG_HASH.match(holder)) or _LONG_NUMBER.match(holder) else path


def read_query(query: str) -> tuple[str, str]:
    """Return the parameters that name a picture, in order of the alphabet, and its crop.

    >>> read_query("v=2&w=300&id=7"), read_query("fit=crop&w=300&h=200"), read_query("rect=0,0,9,9&w=300")
    (('id=7&v=2', ''), ('', '3:2'), ('', 'rect=0,0,9,9'))
    >>> read_query("scale=4&w=300"), read_query("format=map&w=300"), read_query("mode=max&w=300")
    (('scale=4', ''), ('format=map', ''), ('', ''))
    >>> read_query("format=map"), read_query("h=c3bf4dd4"), read_query("format=webp")
    (('format=map', ''), ('h=c3bf4dd4', ''), ('', ''))
    """
    kept: list[str] = []
    looks: list[str] = []
    crops: list[str] = []
    sized = cut = False
    for part in query.replace("&amp;", "&").split("&"):
        name, _, value = part.partition("=")
        kind = _kind(name, value)
        if kind is _SIZE:
            sized = True
        elif kind is _CROP:
            crops.append(f"{name.lower()}={value}")
        elif kind is _CUT:
            cut = True
        elif kind is _LOOK:
            looks.append(part)
        elif kind is None and part:
            kept.append(part)
    kept += [part for part in looks if not _is_only_look(part, sized=sized)]
    if cut and (shape := _shape(query)):
        crops.append(shape)
    if len(kept) > 1:
        kept.sort()
    crop = ",".join(sorted(crops)).replace("%2C", ",").replace("%2c", ",") if crops else ""
    return "&".join(kept), crop


def _kind(name: str, value: str) -> int | None:
    """What a parameter is, by its name and its value; None for what may name the picture."""
    kind = _PARAMETERS.get(name) or _PARAMETERS.get(name.lower())
    if kind is _SIZE:
        return _SIZE if not value or value.isdigit() or _SIZE_VALUE.match(value) else None
    if kind is _CROP:
        return _CUT if value in _YES else _NOISE if value in _NO else _CROP
    if kind is _LOOK and value in _FITS_BY_CUTTING:
        return _CUT
    return _CROP if kind is _LOOK and "Crop" in value else kind


def _is_only_look(part: str, *, sized: bool) -> bool:
    """Whether a parameter changes the look alone; beside a size most do, whatever they say."""
    name, _, value = part.partition("=")
    strict = _STRICT.get(name.lower())
    if strict is not None:
        return value.lower() in _FITS_WHOLE or strict.match(value.lower()) is not None
    return sized or _is_look(value)


def _is_look(value: str) -> bool:
    return value in _FITS_WHOLE or _LOOKS.match(value) is not None or all(map(_LOOKS.match, value.split(",")))


_VERSION = re.compile(r"\d{1,3}")
_IMAGE_END = re.compile(r"[^/]\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
"""A file that a bare number behind its name is no part of: content systems count up to have it loaded anew."""


def weaker(name: str) -> str:
    """Return a key's path without what might be a size or a cache's mark, and might be a name as well.

    >>> weaker("//site.org/_processed_/a/b/csm_boat_0123456789.jpg"), weaker("/u/boat_thumb.jpg")
    ('//site.org/_processed_/a/b/boat.jpg', '/u/boat.jpg')
    >>> weaker("/u/boat-1.jpg"), weaker("/u/boat-e1456789012.jpg")
    ('/u/boat-1.jpg', '/u/boat-e1456789012.jpg')
    >>> weaker("/u/boat.jpg?1"), weaker("/u/boat?1"), weaker("/u/boat.jpg?id=1")
    ('/u/boat.jpg', '/u/boat?1', '/u/boat.jpg?id=1')
    """
    path, mark, query = name.partition("?")
    if mark and _VERSION.fullmatch(query) and _IMAGE_END.search(path):
        mark = query = ""
    if "/cache/" in path:
        path = _CACHE_FOLDER.sub("", path)
    folder, slash, last = path.rpartition("/")
    if "csm_" in last:
        last = _TYPO3.sub(r"\1", last)
    dot = last.rfind(".")
    at = max(last.rfind("-", 0, dot), last.rfind("_", 0, dot))
    if at >= 0 and (found := _WEAK_END.match(last, at)):
        last = last[:at] + last[found.end() :]
    return f"{folder}{slash}{last}{mark}{query}"


def stem(path: str) -> str:
    """Return the letters of a file's name, ``""`` where they could name any picture.

    >>> stem("/u/Boat_at-Sea.jpg"), stem("/u/lead.jpg"), stem("/u/1000x0563.jpg")
    ('boatatsea', '', '')
    """
    letters = last_part(path)
    return "" if letters in NO_IDENTITY or letters.replace("x", "").isdigit() else letters


def last_part(path: str) -> str:
    """Return the letters of the last part of a path, without its ending.

    >>> last_part("/u/Boat_at-Sea.jpg"), last_part("/boats/at-sea")
    ('boatatsea', 'atsea')
    """
    return _NOT_LETTERS.sub("", path.rpartition("/")[2].rsplit(".", 1)[0]).casefold()


def is_stand_in(name: str) -> bool:
    """Return whether a file is named as something that stands in for a picture.

    >>> is_stand_in("lazy_placeholder.gif"), is_stand_in("gray-whale.jpg"), is_stand_in("1x1.png")
    (True, False, True)
    """
    if _MAY_STAND_IN.match(name) is None:
        return False
    letters, dot, _ = name.rpartition(".")
    words = _WORD.findall(letters.lower())
    one_pixel = letters in _ONE_PIXEL
    return bool(dot) and _STAND_IN_WORDS.issuperset(words) and (one_pixel or not _STAND_INS.isdisjoint(words))
