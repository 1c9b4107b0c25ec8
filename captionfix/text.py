"""Caption text: when two texts say the same, and what they say less their dressing.

No similarity scores: captions of a series differ in one word, so two texts
count as the same only where quotes, dashes, white space, case, a credit at
the end, a label for screen readers in front or an ellipsis make the whole
difference.
"""

from __future__ import annotations

import html
import re
import unicodedata

_SPACE_QUOTES_DASHES = re.compile(
    r"(?:[\s\"'`\u00b4\u2018-\u201f\u2039\u203a\u00ab\u00bb\u300c-\u300f\u00ad\u200b\ufeff]|[-\u2010-\u2015\u2212](?!\d))+"
)
_IN_NUMBER = re.compile(r"[.,:/\-\u2013\u2212](?=\d)(?:(?<=\d.)|(?<=[\-\u2013\u2212])(?<!\w.))")
_NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_SIGN = "\u01c0"
"""A letter, as Unicode has it, that no caption uses: a dental click."""
_BETWEEN_WORDS = re.compile(r"\s+|(?<![\d\s])[^\w\s$+<=>#%&@](?=\w)|(?<=\w)[^\w\s$+<=>#%&@](?!\d)")
_TAG = re.compile(r"<[^<>]*>")
_MEANING = "$+<=>#%&@"
_NOT_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum() and chr(code) not in _MEANING)


def _dropped() -> str:
    """The signs of the basic plane that say nothing: punctuation, blanks, controls, accents on their own."""
    kinds = ((chr(code), unicodedata.category(chr(code))) for code in range(0x80, 0x10000))
    return "".join(sign for sign, kind in kinds if kind != "Cs" and (kind[0] in "PZC" or kind == "Sk"))


_DROPPED = re.compile(f"[{re.escape(_dropped())}{re.escape(_NOT_ASCII_LETTERS.decode())}]+")
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:more)?\s*$", re.IGNORECASE)
_LONGEST_ELLIPSIS = 24
"""Characters of an ellipsis with what may stand around it."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")

CREDIT_WORDS = (
    "image", "picture", "rights", "courtesy", "source", "via", "quelle", "grafik", "imagen", "crédito", "credito",
    "fuente", "cortesía", "imagem", "fonte", "crédit", "crédits", "illustration", "zdjęcie", "источник", "写真", "图片",
    "图", "사진", "صورة",
)  # fmt: skip
"""Words that open a credit, by the languages of the web's most used news sites."""

CREDIT_ROOTS = ("photo", "foto", "fotó", "bild", "rechte", "credit", "copyright", "фото")
"""Roots of such words: photographer, Bildrechte, fotografía, fotocredit."""

LABELS = (
    "image caption", "caption", "media caption", "photo caption", "picture caption", "bildunterschrift",
    "bildbeschreibung", "pie de foto", "legenda", "légende", "didascalia", "bildtext", "billedtekst",
)  # fmt: skip
"""What pages put in front of a caption for those who cannot see the picture."""

_CREDIT = (
    rf"(?:©|\(c\)|(?:\b(?:{'|'.join(map(re.escape, CREDIT_WORDS))})\b|"
    rf"\b\w{{0,12}}(?:{'|'.join(map(re.escape, CREDIT_ROOTS))})\w{{0,12}})"
    rf"(?:\s+(?:by|von|de|di|av|credit|courtesy))?\s*[:/©])"
)
_DASHES = "\u2013\u2014"
_LONGEST_CREDIT = 120
_LEAST_CUT = 20
"""Characters of a credit, and letters that a text keeps when it breaks off (caption-rules study)."""
_CREDIT_START = re.compile(rf"^[\s(\[|/{_DASHES}-]*{_CREDIT}", re.IGNORECASE)
_CREDIT_TAIL = re.compile(
    rf"[\s(\[|/{_DASHES}.,-]+(?:{_CREDIT}|(?:photo|foto) (?:by|von|de) ).*$", re.IGNORECASE | re.DOTALL
)
_LABEL = re.compile(rf"^\s*(?:{'|'.join(map(re.escape, LABELS))})\s*[:.{_DASHES}-]?\s+", re.IGNORECASE)


def fold(text: str) -> str:
    """Return the text with runs of white space as one space, trimmed.

    >>> fold("  Boats\\u00a0leave\\n the harbour ")
    'Boats leave the harbour'
    """
    if not text.isascii():
        text = text.replace("\u200b", " ").replace("\ufeff", " ")
    return " ".join(text.split())


def letters(text: str) -> str:
    """Return what a text says: letters with their marks, digits and symbols, folded by NFKC (annex 15) and case.

    Inside a number, and before one, a sign counts: 1.5 is not 15, nor -5 the
    same as 5.

    >>> letters("“Boats” leave - the harbour!")
    'boatsleavetheharbour'
    >>> letters("1.5 boats") == letters("15 boats"), letters("10-12") == letters("10\\u201312")
    (False, True)
    """
    if text.encode("utf-8", "surrogatepass").translate(None, _NOT_DIGITS):
        text = _IN_NUMBER.sub(_SIGN, text)
    if text.isascii():
        return text.lower().encode().translate(None, _NOT_ASCII_LETTERS).decode()
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).casefold())


def holds(text: str, part: str) -> bool:
    """Return whether a text holds another as whole words.

    >>> holds("The therapist at work", "therapist at work"), holds("The therapist at work", "the rapist at work")
    (True, False)
    >>> holds("Joann Smith, mayor", "Ann Smith"), holds("In 51234 boats", "1234 boats")
    (False, False)
    """
    whole, piece = letters(text), letters(part)
    if whole == piece:
        return True
    here, there = _word_bounds(text, whole), _word_bounds(part, piece)
    found = whole.find(piece)
    while found >= 0:
        if all(found + at in here or _CJK.match(whole, found + at) for at in there):
            return True
        found = whole.find(piece, found + 1)
    return False


def _word_bounds(text: str, text_letters: str) -> set[int]:
    """Where words begin and end, counted in letters."""
    bounds, at = {0}, 0
    for word in _BETWEEN_WORDS.split(text):
        at += len(letters(word))
        bounds.add(at)
    return bounds if at == len(text_letters) else {0, len(text_letters)}


def words(text: str) -> str:
    """Return a text without what may differ between two copies of one paragraph: space, quotes, dashes, case.

    >>> words("“All  of them?”") == words('"all of them?"'), words("all of them?") == words("all of them.")
    (True, False)
    """
    return _SPACE_QUOTES_DASHES.sub("", unicodedata.normalize("NFKC", text).casefold())


def attribute_text(value: str) -> str:
    """Return what an attribute says: escaped markup and entities in it resolved.

    >>> attribute_text("&lt;p&gt;Boats&amp;nbsp;leave&lt;/p&gt;")
    'Boats leave'
    """
    if "&" in value:
        value = html.unescape(html.unescape(value))
    return fold(_TAG.sub(" ", value)) if "<" in value else fold(value)


def weight(text_letters: str) -> int:
    """Return a text's length in letters, where a CJK, Hangul or Thai letter weighs two.

    The caption corpus's floor of twelve letters is six in these scripts.

    >>> weight("boats"), weight("港を出る船")
    (5, 10)
    """
    return len(text_letters) + (0 if text_letters.isascii() else len(_CJK.findall(text_letters)))


def is_credit(text: str) -> bool:
    """Return whether a text is a credit line and nothing else.

    >>> is_credit("Photo: A. Person / Agency"), is_credit("Boats leave. Photo: A. Person")
    (True, False)
    """
    return len(text) <= _LONGEST_CREDIT and _CREDIT_START.match(text) is not None


def without_credit(text: str) -> str:
    """Return the text without a credit at its end.

    >>> without_credit("Boats leave the harbour. (Photo: A. Person)")
    'Boats leave the harbour'
    """
    if is_credit(text):
        return text
    tail = text[-_LONGEST_CREDIT:]
    return text[: len(text) - len(tail)] + _CREDIT_TAIL.sub("", tail)


def without_label(text: str) -> str:
    """Return the text without a screen reader's label in front.

    >>> without_label("Image caption Boats leave the harbour")
    'Boats leave the harbour'
    """
    return _LABEL.sub("", text)


def is_truncated(text: str) -> bool:
    """Return whether a text breaks off with an ellipsis."""
    return _ELLIPSIS.search(text[-_LONGEST_ELLIPSIS:]) is not None


def _without_ellipsis(text: str) -> str:
    tail = text[-_LONGEST_ELLIPSIS:]
    return text[: len(text) - len(tail)] + _ELLIPSIS.sub("", tail)


def says(outer: str, inner: str) -> str:
    """Return how the text ``outer`` says all that ``inner`` says, ``""`` if it does not.

    >>> says("Boats leave the harbour at dawn. Photo: A. Person", "Boats leave the harbour at dawn")
    'equal but for a credit'
    >>> says("Boats leave the harbour at dawn", "Boats leave the harbour a...")
    'cut off'
    >>> says("Boats leave the harbour", "Boats enter the harbour")
    ''
    """
    whole, part = letters(outer), letters(inner)
    if whole == part:
        return "equal"
    if not part:
        return ""
    bare = letters(without_label(inner))
    if bare == letters(without_label(outer)):
        return "equal but for a label"
    if whole.startswith(bare) and letters(without_credit(outer)) == bare:
        return "equal but for a credit"
    cut = letters(_without_ellipsis(inner))
    if is_truncated(inner) and len(cut) >= _LEAST_CUT and whole.startswith(cut):
        return "cut off"
    return ""
