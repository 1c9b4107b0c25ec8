"""URLs of pictures: which of them name the same picture, whatever its size.

A URL is never a reason to remove anything by itself; it is one of the pieces
of evidence that a rule joins. `picture_key` says all that a URL tells;
`url_key` only the name, for those who ask thousands of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urljoin

from captionfix.pictures.names import is_stand_in, last_part, stem, weaker
from captionfix.pictures.reading import NEVER, UrlFacts, general, read

_CANDIDATE = re.compile(r"([^\s,]\S*[^\s,]|[^\s,])((?:\s+[\d.]+[wxh])*)\s*(?:,|$)")
_DESCRIBED = re.compile(r"\s(\d{1,6})w")
ORIGINAL = 1 << 16
"""The width in pixels of a file that names no size: what was made is larger than what was made of it."""
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg|bmp|tiff?)(?:$|[?#])", re.IGNORECASE)
_WIDTH = re.compile(
    r"[?&,/=_-](?:(?<=[?&,/])(?:w|width|imwidth|maxwidth|resize|fit)[=-]|(?<=[-_/])(?!16x10)(?=\d{2,4}x\d{2,4}[./_])|"
    r"(?<=[/_=,])w_?|(?<=[/=])s(?=\d{3})|(?<=/)(?:max/|(?=\d+px-)|(?=\d+@\d+\.))|(?<=[?&])format=(?=\d+w))"
    r"(\d{2,4})(?!\d)",
    re.IGNORECASE,
)
"""All marks that stand before a width come first, as one set: so a search skips what is none."""

_NAMED_SHAPE = re.compile(r"[-_]([1-9]\d{1,3})x([1-9]\d{1,3})\.\w{3,4}(?:\.(?:webp|avif))?(?:$|[?#])")


class Confidence(Enum):
    """How sure it is that two URLs with one key show one picture."""

    EXACT = "exact"
    LIKELY = "likely"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class PictureKey:
    """What a URL tells about the picture behind it; two are equal when their ``key`` is.

    Attributes:
        key: the same text for all URLs of one picture in one crop, another
            for another crop. Made for comparing; its form may change.
        picture: the key without the crop, and without what only might be a
            size (``_thumb``, ``-1024w``, the hash of TYPO3's ``csm_``): the
            same text means the same picture only with more evidence.
        stem: the letters of the file's name, ``""`` where they could name any
            picture (``image.jpg``, ``500.jpg``); weaker still.
        confidence: exact, where a service's own id or the whole URL names the
            picture; likely, where a size was dropped by a convention that a
            name could break by chance (an original called ``poster-1920x1080.jpg``); weak,
            where ``picture`` dropped more than ``key``.
        service: what told, such as ``"cloudinary"``; ``""`` for the rules that hold on any server.
        id: the picture's name there, ``""`` outside services.
        crop: what part or look of the picture it is, ``""`` if the URL does not say.
        width: the width in pixels that the URL speaks of, 0 if it does not.
        original: the URL of the original or the largest file, ``""`` if not known.
    """

    key: str
    picture: str = field(compare=False)
    stem: str = field(compare=False)
    confidence: Confidence = field(compare=False)
    service: str = field(compare=False, default="")
    id: str = field(compare=False, default="")
    crop: str = field(compare=False, default="")
    width: int = field(compare=False, default=0)
    original: str = field(compare=False, default="")

    def __str__(self) -> str:
        return self.key


def picture_key(url: str, base: str | None = None) -> PictureKey | None:
    """Return which picture a URL names, whatever its size, format, proxy or server's spelling.

    Nothing is fetched. Proxies and web archives are unwrapped, at most five
    inside one another.

    Args:
        url: a picture's URL, absolute or relative, as a page has it. Any text will do.
        base: the URL of the page, to make a relative ``url`` whole.

    Returns:
        What the URL tells; None for a placeholder (``data:``, ``blank.gif``), which names no picture.

    >>> small = picture_key("https://i0.wp.com/site.org/u/boat-300x200.jpg?ssl=1")
    >>> small == picture_key("http://site.org/u/boat.jpg"), small.confidence, small.original
    (True, <Confidence.LIKELY: 'likely'>, 'https://site.org/u/boat.jpg')
    >>> bird = picture_key("https://pbs.twimg.com/media/EabC_d1XYAA.jpg:large")
    >>> bird.service, bird.id, bird.confidence.value
    ('twitter', 'media/EabC_d1XYAA', 'exact')
    >>> picture_key("/u/boat-1.jpg") == picture_key("/u/boat-2.jpg"), picture_key("/img/blank.gif")
    (False, None)
    """
    whole = join(url, base) if base else url
    name, crop, told = read(whole)
    if not name:
        return None
    loose = weaker(name)
    key = f"{name}#{crop}" if crop else name
    shown = told.id if told is not None and told.id else name
    service, original, likely = _origin(whole, name, told)
    sure = Confidence.LIKELY if likely else Confidence.EXACT
    confidence = sure if loose == name else Confidence.WEAK
    letters = stem(weaker(shown).partition("?")[0])
    identity = told.id if told is not None else ""
    return PictureKey(key, loose, letters, confidence, service, identity, crop, width_hint(whole), original)


def _origin(url: str, name: str, told: UrlFacts | None) -> tuple[str, str, bool]:
    """The service, the original's URL, and whether a size was dropped that a name could hold by chance."""
    return general(url, name) if told is None else (told.service.name, told.original, told.likely)


def url_key(url: str) -> str:
    """Return a URL's `PictureKey.key` alone, ``""`` for a placeholder.

    >>> url_key("https://site.org/u/boat-300x200.jpg?w=300") == url_key("http://site.org/u/boat.jpg")
    True
    >>> url_key("/u/boat-1.jpg") == url_key("/u/boat-2.jpg"), url_key("/u/boat-150x150.jpg")
    (False, '/u/boat.jpg#1:1')
    """
    name, crop, _ = read(url)
    return f"{name}#{crop}" if crop else name


def loose_key(key: str) -> str:
    """Return the `PictureKey.picture` that belongs to a `PictureKey.key`.

    >>> loose_key("/u/boat_thumb.jpg#1:1")
    '/u/boat.jpg'
    """
    return weaker(key.partition("#")[0])


def join(url: str, base: str) -> str:
    """Return a URL as a page at ``base`` means it; as it is, where the two do not fit.

    >>> join("u/boat.jpg", "https://site.org/a/"), join("//[bad/boat.jpg", "https://site.org/a/")
    ('https://site.org/a/u/boat.jpg', '//[bad/boat.jpg')
    """
    url = url.strip()
    if url.startswith(("https://", "http://", *NEVER)):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def is_placeholder(url: str) -> bool:
    """Return whether a URL is a stand-in until a script loads the picture.

    >>> is_placeholder("data:image/gif;base64,R0lGOD"), is_placeholder("/img/lazy_placeholder.gif")
    (True, True)
    >>> is_placeholder("/img/boat.jpg"), is_placeholder("/img/gray-whale.jpg")
    (False, False)
    """
    if not url or url.startswith(NEVER):
        return True
    return is_stand_in(url.partition("?")[0].rpartition("/")[2])


def is_picture_file(url: str) -> bool:
    """Return whether a URL names an image file.

    >>> is_picture_file("/u/boat.jpg?w=300"), is_picture_file("/boats.html")
    (True, False)
    """
    return _PICTURE_FILE.search(url) is not None


def srcset_urls(value: str) -> Iterator[str]:
    """Yield the URLs of a ``srcset``.

    >>> list(srcset_urls("a.jpg 300w, b,c.jpg 2x,d.jpg"))
    ['a.jpg', 'b,c.jpg', 'd.jpg']
    """
    for match in _CANDIDATE.finditer(value):
        if not match[1].startswith("data:"):
            yield match[1]


def srcset_widths(value: str) -> Iterator[tuple[str, int]]:
    """Yield the URLs of a ``srcset``, each with the width it is said to have, 0 where none is.

    >>> list(srcset_widths("a.jpg 300w, b.jpg 2x"))
    [('a.jpg', 300), ('b.jpg', 0)]
    """
    for match in _CANDIDATE.finditer(value):
        if not match[1].startswith("data:"):
            width = _DESCRIBED.search(match[2])
            yield match[1], int(width[1]) if width else 0


def width_hint(url: str) -> int:
    """Return the width in pixels that a URL speaks of, 0 if it does not.

    >>> width_hint("/u/boat-300x200.jpg"), width_hint("/u/boat.jpg?w=640"), width_hint("/u/boat.jpg")
    (300, 640, 0)
    >>> width_hint("/u/16x9/boat.jpg")
    0
    """
    found = _WIDTH.search(url)
    return int(found[1]) if found else 0


def size_of(url: str) -> int:
    """Return how large the file behind a URL is: its width, `ORIGINAL` where nothing made it smaller, 0 if unknown.

    >>> size_of("/u/boat.jpg?w=640"), size_of("/u/boat.jpg") == ORIGINAL, size_of("/u/boat.jpg?h=90")
    (640, True, 0)
    >>> size_of("/u/boat_thumb.jpg"), size_of("/u/styles/large/public/boat.jpg")
    (0, 0)
    """
    name, crop, told = read(url)
    if not name:
        return 0
    if width := width_hint(url):
        return width
    if crop or weaker(name) != name:
        return 0
    service, original, likely = _origin(url, name, told)
    is_named = (service and not likely) or name in (url, url.partition(":")[2])
    return ORIGINAL if original == url or (is_named and not original) else 0


def shape_hint(url: str) -> tuple[int, int] | None:
    """Return the width and the height in pixels that a file's name ends with; None where it does not.

    >>> shape_hint("/u/boat-300x200.jpg?x=1"), shape_hint("/2020/04/boat.jpg")
    ((300, 200), None)
    """
    found = _NAMED_SHAPE.search(url)
    return (int(found[1]), int(found[2])) if found else None


def is_one_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether one picture, scaled, can have both sizes: one pixel off, as `wp_image_matches_ratio` has it.

    Args:
        one: width and height in pixels, at least 1.
        other: the same of the other file.

    >>> is_one_shape((300, 169), (1920, 1080)), is_one_shape((1920, 1080), (1080, 1920))
    (True, False)
    """
    (width, height), (across, down) = sorted((one, other))
    return abs(down * width / across - height) <= 1 or abs(across * height / down - width) <= 1


def file_stem(url: str) -> str:
    """Return the letters of a URL's file name, without its ending.

    >>> file_stem("https://site.org/u/Boat_at-Sea.jpg?x=1")
    'boatatsea'
    """
    return last_part(url_key(url).partition("?")[0].partition("#")[0])
