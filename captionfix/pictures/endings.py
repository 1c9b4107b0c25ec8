"""Sizes at the ends of files' names, which a pair of names shows and one alone does not.

``boats-600.jpg`` may be a boat's number, a year or a size. Beside
``boats-1200.jpg`` in the same folder it is likely a size; nothing here is
evidence enough by itself, and no key drops any of it.
"""

from __future__ import annotations

import re

from captionfix.pictures.names import NO_IDENTITY

_SMALL, _MEDIUM, _BARE, _LARGE = range(1, 5)
_SAID_SIZES = {
    **dict.fromkeys(("thumb", "thumbnail", "small", "tiny", "mini", "preview", "klein", "vorschau", "petit", "petite",
                     "miniatura", "pequena", "pequeno", "piccola", "piccolo", "liten", "lille"), _SMALL),
    **dict.fromkeys(("medium", "mittel", "moyen"), _MEDIUM),
    **dict.fromkeys(("large", "big", "full", "original", "orig", "hires", "zoom", "gross", "grand", "grande", "stor"),
                    _LARGE),
}  # fmt: skip
"""Words that content systems and editors set behind a file's name, in the languages of the caption corpus."""
_NOT_LETTERS = re.compile(r"[\W_]+")
_MARK = re.compile(r"([1-9]\d{1,2}0|256|512|576|768|992|1024|1536|2048)(?:w|px)?|([1-9]\d{1,3})x(?:[1-9]\d{1,3})?")
"""A width: round, of WordPress's sizes, or where Bootstrap's screens begin; any with a height or an ``x``
behind it, as Shopify writes."""
_WIDER = 4 / 3
"""How far two widths of one picture lie apart: the nearest two of WordPress's (768, 1024, 1536, 2048). Years and
neighbours in a series lie nearer."""
_NUMBER = re.compile(r"(\d+)")
_LONGEST_NUMBER = 4
"""Digits of a year, and of what cameras count to; ids, of which one picture may have several, are longer."""
_AS_MADE = 1 << 16
"""Pixels, more than any size that a name says: what no size is said of is the file as it was made."""
_YEARS = range(1900, 2100)
_NUMBERED = NO_IDENTITY | {
    "dsc",
    "dscn",
    "dscf",
    "page",
    "seite",
    "bild",
    "foto",
    "slide",
    "scan",
    "figure",
    "fig",
    "no",
}
"""Names that cameras, scanners and editors number; what stands behind them is a number in a series."""


def sizes_apart(one: str, other: str) -> tuple[int, int] | None:
    """Return the sizes of two keys that are equal but for a size at the end of the file's name; None for others.

    The weakest evidence there is: ``boats-1200`` and ``boats-600`` may be two
    boats. It is for pairs that structure and words join as well.

    Args:
        one: a key, as `url_key` gives it.
        other: another one.

    Returns:
        Two numbers to be compared with each other only: the smaller file's is the smaller.

    >>> sizes_apart("/u/boats-600.jpg", "/u/boats-1200.jpg"), sizes_apart("/u/boats.jpg", "/u/boats_klein.jpg")
    ((600, 1200), (3, 1))
    >>> sizes_apart("/u/boats_600x400.jpg", "/u/boats_1200x800.jpg")
    (600, 1200)
    >>> sizes_apart("/u/boats_600x.jpg", "/u/boats_90x.jpg")
    (600, 90)
    >>> sizes_apart("/u/boats-1.jpg", "/u/boats-2.jpg"), sizes_apart("/u/boats-2010.jpg", "/u/boats-2020.jpg")
    (None, None)
    >>> sizes_apart("/u/boats-600.jpg", "/v/boats-1200.jpg"), sizes_apart("/u/dsc-600.jpg", "/u/dsc-1200.jpg")
    (None, None)
    """
    at = one.partition("?")[0].partition("#")[0].rfind("/") + 1
    if one == other or not other.startswith(one[:at]) or _letter(one, at) != _letter(other, at):
        return None
    first, second = _split_key(one), _split_key(other)
    if first[::2] != second[::2]:
        return None
    (bare, width, word), (base, across, said) = _marked(first[1]), _marked(second[1])
    if bare.casefold() != base.casefold():
        return None
    if width or across:
        return None if word or said else _widths(bare, width, across)
    return (word or _BARE, said or _BARE) if word != said else None


def is_series(one: str, other: str) -> bool:
    """Return whether two keys are equal but for one number that is no size: neighbours in a series, two years.

    >>> is_series("/u/boats-1.jpg", "/u/boats-2.jpg"), is_series("/u/boats-600.jpg", "/u/boats-1200.jpg")
    (True, False)
    >>> is_series("/u/boats-1a2b.jpg", "/u/boats-3c4d.jpg")
    False
    """
    first, second = _split_key(one), _split_key(other)
    if first[::2] != second[::2] or sizes_apart(one, other) is not None:
        return False
    here, there = _NUMBER.split(first[1].casefold()), _NUMBER.split(second[1].casefold())
    if len(here) != len(there) or here[::2] != there[::2]:
        return False
    differ = [pair for pair in zip(here[1::2], there[1::2], strict=True) if pair[0] != pair[1]]
    return len(differ) == 1 and max(map(len, differ[0])) <= _LONGEST_NUMBER


def without_size(key: str) -> str:
    """Return a key without what might be a size at the end of its name, to find what `sizes_apart` is to judge.

    >>> without_size("/u/boats-600.jpg"), without_size("/u/boats_klein.jpg"), without_size("/u/boats-1.jpg")
    ('/u/boats.jpg', '/u/boats.jpg', '/u/boats-1.jpg')
    """
    folder, name, rest = _split_key(key)
    bare, width, said = _marked(name)
    return f"{folder}{bare}{rest}" if width or said else key


def _letter(key: str, at: int) -> str:
    """The letter at a place of a key, whatever its case: quick, for ruling out."""
    return key[at : at + 1].casefold()[:1]


def _split_key(key: str) -> tuple[str, str, str]:
    """A key's folder, its file's name without ending, and all behind that."""
    path, mark, query = key.partition("?") if "?" in key else key.partition("#")
    folder, slash, name = path.rpartition("/")
    letters, dot, ending = name.rpartition(".")
    return folder + slash, letters, f"{dot}{ending}{mark}{query}"


def _marked(name: str) -> tuple[str, int, int]:
    """A file's name without the size at its end, the width that says, and what its word says."""
    at = max(name.rfind("-"), name.rfind("_"), name.rfind("@"))
    mark = name[at + 1 :].casefold() if at > 0 else ""
    if said := _SAID_SIZES.get(mark, 0):
        return name[:at], 0, said
    found = _MARK.fullmatch(mark) if mark[:1].isdigit() else None
    return (name[:at], int(found[1] or found[2]), 0) if found is not None else (name, 0, 0)


def _widths(bare: str, width: int, across: int) -> tuple[int, int] | None:
    """Two widths, or one and what no width is said of, if they may be sizes of one picture."""
    letters = _NOT_LETTERS.sub("", bare.casefold())
    if letters in _NUMBERED or letters.isdecimal():
        return None
    if width and across:
        return (width, across) if max(width, across) >= _WIDER * min(width, across) else None
    if (width or across) in _YEARS:
        return None
    return width or _AS_MADE, across or _AS_MADE
