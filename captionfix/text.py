"""Caption text: when two texts say the same, and what they say less their dressing.

No similarity scores: captions of a series differ in one word, so two texts
count as the same only where quotes, dashes, white space, case, a credit at
the end, a label for screen readers or a number in front or an ellipsis make the whole
difference.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from captionfix.limits import spend
from captionfix.words import AGENCIES, COUNTER_WORDS, CREDIT_BY, CREDIT_ROOTS, CREDIT_WORDS, FIGURE_WORDS, LABELS

_SPACE_QUOTES_DASHES = re.compile(
    r"(?:[\s\"'`\u00b4\u2018-\u201f\u2039\u203a\u00ab\u00bb\u300c-\u300f\u00ad\u200b\ufeff]|[-\u2010-\u2015\u2212](?!\d))+"
)
_IN_NUMBER = re.compile(r"[.,:/\-\u2013\u2212](?=\d)(?:(?<=\d.)|(?<=[\-\u2013\u2212])(?<!\w.))")
_REFERENCE = re.compile(r"(?<=[^\s\[])\[\d{1,3}\]")
"""The mark of a footnote, as MediaWiki sets it, right behind a word."""
_RAISED = re.compile(r"(?<=\d)(?=[\u00b2\u00b3\u00b9\u2070-\u2089])(?<![\u00b2\u00b3\u00b9\u2070-\u2089])")
_NOT_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_SIGN = "\u01c0"
"""A letter, as Unicode has it, that no caption uses: a dental click."""
_BETWEEN_WORDS = re.compile(r"\s+|(?<![\d\s])[^\w\s$+<=>#%&@](?=\w)|(?<=\w)[^\w\s$+<=>#%&@](?!\d)")
_TAG = re.compile(r"<[^<>]*>")
_MEANING = "$+<=>#%&@"
_NOT_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum() and chr(code) not in _MEANING)
_LOWER = bytes(range(256)).lower()
_DROPPED_SIGNS = (
    "\u0080-\u00a1\u00a7-\u00a9\u00ab\u00ad\u00af\u00b4\u00b6-\u00b8\u00bb\u00bf\u02c2-\u02c5\u02d2-\u02df"
    "\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e\u0384-\u0385\u0387\u055a-\u055f\u0589-\u058a\u05be\u05c0\u05c3"
    "\u05c6\u05f3-\u05f4\u0600-\u0605\u0609-\u060a\u060c-\u060d\u061b-\u061f\u066a-\u066d\u06d4\u06dd"
    "\u0700-\u070d\u070f\u07f7-\u07f9\u0830-\u083e\u085e\u0888\u0890-\u0891\u08e2\u0964-\u0965\u0970\u09fd\u0a76"
    "\u0af0\u0c77\u0c84\u0df4\u0e4f\u0e5a-\u0e5b\u0f04-\u0f12\u0f14\u0f3a-\u0f3d\u0f85\u0fd0-\u0fd4\u0fd9-\u0fda"
    "\u104a-\u104f\u10fb\u1360-\u1368\u1400\u166e\u1680\u169b-\u169c\u16eb-\u16ed\u1735-\u1736\u17d4-\u17d6"
    "\u17d8-\u17da\u1800-\u180a\u180e\u1944-\u1945\u1a1e-\u1a1f\u1aa0-\u1aa6\u1aa8-\u1aad\u1b5a-\u1b60"
    "\u1b7d-\u1b7e\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e-\u1c7f\u1cc0-\u1cc7\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf"
    "\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd-\u1ffe\u2000-\u2043\u2045-\u2051\u2053-\u2064\u2066-\u206f\u207d-\u207e"
    "\u208d-\u208e\u2308-\u230b\u2329-\u232a\u2768-\u2775\u27c5-\u27c6\u27e6-\u27ef\u2983-\u2998\u29d8-\u29db"
    "\u29fc-\u29fd\u2cf9-\u2cfc\u2cfe-\u2cff\u2d70\u2e00-\u2e2e\u2e30-\u2e4f\u2e52-\u2e5d\u3000-\u3003"
    "\u3008-\u3011\u3014-\u301f\u3030\u303d\u309b-\u309c\u30a0\u30fb\ua4fe-\ua4ff\ua60d-\ua60f\ua673\ua67e"
    "\ua6f2-\ua6f7\ua700-\ua716\ua720-\ua721\ua789-\ua78a\ua874-\ua877\ua8ce-\ua8cf\ua8f8-\ua8fa\ua8fc"
    "\ua92e-\ua92f\ua95f\ua9c1-\ua9cd\ua9de-\ua9df\uaa5c-\uaa5f\uaade-\uaadf\uaaf0-\uaaf1\uab5b\uab6a-\uab6b"
    "\uabeb\ufbb2-\ufbc2\ufd3e-\ufd3f\ufe10-\ufe19\ufe30-\ufe52\ufe54-\ufe61\ufe63\ufe68\ufe6a-\ufe6b\ufeff"
    "\uff01-\uff03\uff05-\uff0a\uff0c-\uff0f\uff1a-\uff1b\uff1f-\uff20\uff3b-\uff40\uff5b\uff5d\uff5f-\uff65"
    "\uffe3\ufff9-\ufffb"
)
"""Punctuation, blanks, controls and lone accents of the basic plane (Unicode 14: P, Z, Cc, Cf, Sk), as a regular
expression's ranges: looking them up at each start would take longer than a page."""
_DROPPED = re.compile(f"[{_DROPPED_SIGNS}]+")
_SHORTCODE = re.compile(r"\[/?(?:wp_)?caption\b[^\]]*\]")
"""``[caption]`` and its older name, as WordPress's reference has them (``img_caption_shortcode``)."""
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*(?:more)?\s*$", re.IGNORECASE)
_LONGEST_ELLIPSIS = 24
"""Characters of an ellipsis with what may stand around it."""
BEGINNING = "its first sentences"
"""What a text is of another that goes on where it ends."""
_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
SENTENCE_ENDS = tuple(".!?\u2026\u061f\u06d4\u0964\u3002")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def _any_of(words: Mapping[str, Sequence[str]]) -> str:
    """Any of some words, the longest first, as a regular expression."""
    each = dict.fromkeys(word for several in words.values() for word in several)
    return "|".join(re.escape(word) for word in sorted(each, key=len, reverse=True))


_CREDIT = (
    rf"(?:©|\(c\)|\b(?:fot|ph)\.(?=\s)|"
    rf"(?:(?<!\w)(?:{_any_of(CREDIT_WORDS)})(?!\w)|\b\w{{0,12}}(?:{_any_of(CREDIT_ROOTS)})\w{{0,12}})"
    rf"(?:\s+(?:{_any_of(CREDIT_BY)}|photos?|fotos?|images?))?\s*[:/©\uff1a\uff1d=])"
)
"""What opens a credit; a colon or an equals sign may be full width; Polish and Italian set a full stop."""
_DASHES = "\u2013\u2014"
_LONGEST_CREDIT = 120
_LEAST_CUT = 20
"""Characters of a credit, and letters that a text keeps when it breaks off (caption-rules study)."""
_SAID = 200
"""Characters of two texts that are compared in the time of one step of work."""
_CREDIT_START = re.compile(rf"^[\s(\[\uff08\u3010|/{_DASHES}-]*{_CREDIT}", re.IGNORECASE)
_CREDIT_TAIL = re.compile(
    rf"[\s(\[\uff08\u3010|/{_DASHES}.,\u3002-]+(?:{_CREDIT}|(?:photo|foto) (?:{_any_of(CREDIT_BY)}) ).*$",
    re.IGNORECASE | re.DOTALL,
)
_CREDIT_SIGN = re.compile(r"[\u00a9:/\uff1a\uff1d=]|\(c\)|(?:fot|ph)\.|[pf]h?oto ", re.IGNORECASE)
"""One of these is in each: quick, for ruling out."""
_NAME = r"[A-Z\u00c0-\u00de][^\W\d]*(?:[ .'\u2019-]+[^\W\d]+){0,4}\.?"
_AGENCY = rf"(?:{_any_of(AGENCIES)})(?:\s(?:Photos?|Images?|Pictures?))?"
_NAMES_TAIL = re.compile(
    rf"\s*\({_NAME}\s?/\s?{_NAME}\)\s*$|"
    rf"\s*[(\[\uff08|/{_DASHES}.-]\s*(?:{_NAME}\s?/\s?)?{_AGENCY}(?:\s?/\s?{_NAME})?[)\]\uff09]?\s*$"
)
"""A credit without a word for it: two names in brackets, or an agency behind a sign."""
_NAMES_SIGN = re.compile(rf"/|{_any_of(AGENCIES)}")
_LONGEST_NAMES = 60
"""Characters of two names in brackets."""
_BEHIND_LABEL = rf"(?:\s*[:\uff1a.,\uff0c\u060c{_DASHES}-]\s*|\s+)"
_COUNTER = re.compile(rf"\s*\(?\d{{1,3}}\s*(?:/|{_any_of(COUNTER_WORDS)})\s*\d{{1,3}}\)?{_BEHIND_LABEL}")
"""The number of a picture among a gallery's."""
_PICTURE_WORD = re.compile(rf"\s*(?:{_any_of(FIGURE_WORDS)})\s?[:\uff1a]\s*(?=\S)", re.IGNORECASE)
_LONGER_THAN_A_NAME = 24
"""Letters behind the word for a picture from which they may be a caption; fewer name who took it."""
_LABEL = re.compile(rf"^\s*(?:(?:{_any_of(LABELS)}){_BEHIND_LABEL}|[\u25a0-\u25ff]+\s*)", re.IGNORECASE)

_FIGURE_NUMBER = re.compile(
    rf"[\s(\[]*(?:(?:{_any_of(FIGURE_WORDS)})s?\.?\s*(?:n[ro°]\.?\s*)?(?:\d{{1,4}}(?:[.\-\u2013]\d{{1,3}})*\s?[a-z]?|[ivxlc]{{1,6}})"
    rf"|\d{{1,3}}\.\s*(?:{_any_of(FIGURE_WORDS)}))\W*",
    re.IGNORECASE,
)


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
    same as 5; and 10² is not 102.

    >>> letters("“Boats” leave - the harbour!")
    'boatsleavetheharbour'
    >>> letters("1.5 boats") == letters("15 boats"), letters("10-12") == letters("10\\u201312")
    (False, True)
    >>> letters("Boats of 1921[3]")
    'boatsof1921'
    """
    if "[" in text:
        text = _REFERENCE.sub("", text)
    raw = text.encode("utf-8", "surrogatepass")
    if raw.translate(None, _NOT_DIGITS):
        text = _IN_NUMBER.sub(_SIGN, text if raw.isascii() else _RAISED.sub(_SIGN, text))
        raw = text.encode("utf-8", "surrogatepass")
    if raw.isascii():
        return raw.translate(_LOWER, _NOT_ASCII_LETTERS).decode()
    raw = unicodedata.normalize("NFKC", text).casefold().encode("utf-8", "surrogatepass")
    return _DROPPED.sub("", raw.translate(None, _NOT_ASCII_LETTERS).decode("utf-8", "surrogatepass"))


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
    for word in _BETWEEN_WORDS.split(_REFERENCE.sub("", text) if "[" in text else text):
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


def effective_length(text_letters: str) -> int:
    """Return a text's length in letters, where a CJK, Hangul or Thai letter weighs two.

    The caption corpus's floor of twelve letters is six in these scripts.

    >>> effective_length("boats"), effective_length("港を出る船")
    (5, 10)
    """
    return len(text_letters) + (0 if text_letters.isascii() else len(_CJK.findall(text_letters)))


def is_credit(text: str) -> bool:
    """Return whether a text is a credit line and nothing else.

    >>> is_credit("Photo: A. Person / Agency"), is_credit("Boats leave. Photo: A. Person")
    (True, False)
    >>> is_credit("Photo: Boats leave the harbour at dawn")
    False
    """
    is_short = len(text) <= _LONGEST_CREDIT
    return is_short and _CREDIT_START.match(text) is not None and without_label(text) == text


def without_credit(text: str) -> str:
    """Return the text without a credit at its end.

    >>> without_credit("Boats leave the harbour. (Photo: A. Person)")
    'Boats leave the harbour'
    """
    if is_credit(text):
        return text
    text = _without_tail(text, _LONGEST_CREDIT, _CREDIT_SIGN, _CREDIT_TAIL)
    return _without_tail(text, _LONGEST_NAMES, _NAMES_SIGN, _NAMES_TAIL)


def _without_tail(text: str, most: int, sign: re.Pattern[str], form: re.Pattern[str]) -> str:
    tail = text[-most:]
    return text[: len(text) - len(tail)] + form.sub("", tail) if sign.search(tail) else text


def without_label(text: str) -> str:
    """Return the text without a screen reader's label in front, or the word for a picture before more than a name.

    >>> without_label("Image caption Boats leave the harbour")
    'Boats leave the harbour'
    >>> without_label("Photo: Boats leave the harbour at dawn"), without_label("Photo: A. Person / Agency")
    ('Boats leave the harbour at dawn', 'Photo: A. Person / Agency')
    """
    label = _LABEL.match(text)
    if label:
        return text[label.end() :]
    word = _PICTURE_WORD.match(text)
    return text[word.end() :] if word and _is_sentence(text[word.end() :]) else text


def _is_sentence(text: str) -> bool:
    """Whether a text is more than a name: long, and in scripts with two cases half of its words are in lower case."""
    if effective_length(letters(text)) < _LONGER_THAN_A_NAME:
        return False
    first = [word[0] for word in text.split()]
    return 2 * sum(map(str.islower, first)) >= sum(letter.islower() or letter.isupper() for letter in first)


def without_counter(text: str) -> str:
    """Return the text without the number that a gallery gives its picture in front.

    >>> without_counter("2/5 Boats leave the harbour"), without_counter("1/2 litre of milk")
    ('Boats leave the harbour', '1/2 litre of milk')
    """
    found = _COUNTER.match(text) if text[:1].isdecimal() or text[:1] == "(" else None
    bare = text[found.end() :] if found else text
    return text if bare[:1].islower() else bare


def without_shortcode(text: str) -> str:
    """Return the text without the marks of WordPress's caption shortcode, where no server rendered it.

    >>> without_shortcode("Boats leave the harbour[/caption]")
    'Boats leave the harbour'
    >>> without_shortcode('[caption id="attachment_9" width="300"]')
    ''
    """
    return _SHORTCODE.sub("", text).strip() if text[-1:] == "]" else text


def is_figure_number(text: str) -> bool:
    """Return whether a text is a figure's label, its number and nothing else.

    >>> is_figure_number("Figure 1."), is_figure_number("Abb. 2.3a:"), is_figure_number("Figure 1. Boats leave")
    (True, True, False)
    """
    return _FIGURE_NUMBER.fullmatch(text) is not None


def without_figure_number(text: str) -> str:
    """Return the text without a figure's number in front, where more stands behind it.

    >>> without_figure_number("Figure 1. Boats leave"), without_figure_number("Figure 1.")
    ('Boats leave', 'Figure 1.')
    """
    found = _FIGURE_NUMBER.match(text)
    if found is None or found.end() == len(text) or text[found.end() - 1].isalnum():
        return text
    return text[found.end() :]


def is_truncated(text: str) -> bool:
    """Return whether a text breaks off with an ellipsis."""
    return _ELLIPSIS.search(text[-_LONGEST_ELLIPSIS:]) is not None


def without_ellipsis(text: str) -> str:
    """Return the text without the ellipsis that it breaks off with.

    >>> without_ellipsis("Boats leave the har..."), without_ellipsis("Boats leave")
    ('Boats leave the har', 'Boats leave')
    """
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
    spend(1 + (len(outer) + len(inner)) // _SAID)
    whole, part = letters(outer), letters(inner)
    if whole == part:
        return "equal"
    return next(_ways(outer, inner, whole, part), "") if part else ""


def _ways(outer: str, inner: str, whole: str, part: str) -> Iterator[str]:
    """In which ways a text says all that another says; of each, its letters are at hand."""
    bare = letters(without_label(inner))
    if bare == letters(without_label(outer)):
        yield "equal but for a label"
    if letters(without_counter(inner)) == whole or letters(without_counter(outer)) == part:
        yield "equal but for a counter"
    if whole.startswith(bare) and letters(without_credit(outer)) == bare:
        yield "equal but for a credit"
    cut = letters(without_ellipsis(inner))
    if is_truncated(inner) and len(cut) >= _LEAST_CUT and whole.startswith(cut):
        yield "cut off"
    if len(part) >= _LEAST_CUT and _opens(fold(outer), fold(inner)):
        yield BEGINNING


def _opens(outer: str, inner: str) -> bool:
    """Whether a text is the other's first sentences, curly quotes or straight ones."""
    outer, inner = outer.translate(_STRAIGHT), inner.translate(_STRAIGHT)
    return outer.startswith(inner) and inner[-1] in SENTENCE_ENDS and outer[len(inner) : len(inner) + 1].isspace()
