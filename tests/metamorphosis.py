"""Pages written in other ways that mean the same: what is found on a page must not hang on how it is written.

Each function takes the tokens of a page and gives those of a page that says and shows the same. Tags and attributes are
ASCII in every encoding that is cut into tokens, so that pages are read as latin-1 and what is put in is ASCII.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from tokens import Attribute, Token

Tokens = list[Token]
_BEFORE_BODY = frozenset(("html", "head", "meta", "link", "base", "title", "style", "script"))
_BOXES = frozenset(("div", "p", "figure", "figcaption", "section", "article", "span", "a", "img"))
_KEEPING_SPACE = frozenset(("pre", "textarea", "listing"))
_LAZY = re.compile(r"data-(?:lazy-|original-)?(src|srcset)", re.IGNORECASE)
_CLASS_IN_SHEET = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_SHEET = re.compile(r"(<style\b[^>]*>)(.*?)(</style)", re.IGNORECASE | re.DOTALL)
_CREDIT = re.compile(r"\b(?:Photo|Image|Picture)(?=:\s)")
_LETTER = re.compile(r"(?<![\x80-\xff])e")
"""One that is no second byte of a sign."""
_PROSE = 60
"""Letters from which a paragraph that says nothing twice is no caption."""


def tag(name: str, origin: int, *attributes: Attribute) -> Token:
    """A start tag that is put in."""
    return Token("start", f"<{name}>", name, origin).with_attributes(attributes)


def end(name: str, origin: int) -> Token:
    return Token("end", f"</{name}>", name, origin)


def _around_body(tokens: Tokens, before: Callable[[int], Tokens], behind: Callable[[int], Tokens]) -> Tokens:
    """The page with tokens at the beginning and at the end of its body."""
    first = next((at + 1 for at, token in enumerate(tokens) if token.kind == "start" and token.name == "body"), None)
    if first is None:
        first = next((at for at, token in enumerate(tokens) if not _is_before_body(token)), len(tokens))
    last = next(
        (at for at, token in reversed([*enumerate(tokens)]) if token.kind == "end" and token.name == "body"),
        len(tokens),
    )
    origin = tokens[first - 1].origin if first else 0
    return [*tokens[:first], *before(origin), *tokens[first:last], *behind(origin), *tokens[last:]]


def _is_before_body(token: Token) -> bool:
    return token.kind == "comment" or token.name in _BEFORE_BODY or (token.kind == "text" and not token.text.strip())


def _in_boxes(tokens: Tokens, *names: str, style: str = "") -> Tokens:
    """The whole body in boxes."""
    attributes = (Attribute("style", f'"{style}"'),) if style else ()
    return _around_body(
        tokens,
        lambda origin: [tag(name, origin, *attributes) for name in names],
        lambda origin: [end(name, origin) for name in reversed(names)],
    )


def _each_start(tokens: Tokens, change: Callable[[Token], Token]) -> Tokens:
    return [change(token) if token.kind == "start" else token for token in tokens]


def _each_attribute(tokens: Tokens, change: Callable[[Attribute], Attribute]) -> Tokens:
    """Every tag with its attributes changed; a tag of which none changes stays as it is written."""

    def changed(token: Token) -> Token:
        attributes = tuple(map(change, token.attributes))
        return token if attributes == token.attributes else token.with_attributes(attributes)

    return _each_start(tokens, changed)


def body_hidden(tokens: Tokens) -> Tokens:
    """The body stands in a box that a script opens: everything in it is hidden alike."""
    return _in_boxes(tokens, "div", style="display: none")


def body_nested(tokens: Tokens) -> Tokens:
    """The body stands five boxes deeper."""
    return _in_boxes(tokens, *["div"] * 5)


def lazy_renamed(tokens: Tokens) -> Tokens:
    """A lazy picture names its file in an attribute that no library uses."""

    def changed(attribute: Attribute) -> Attribute:
        found = _LAZY.fullmatch(attribute.name)
        return replace(attribute, name=f"data-q7-{found[1]}") if found else attribute

    return _each_attribute(tokens, changed)


def lazy_hidden(tokens: Tokens) -> Tokens:
    """A lazy picture before its noscript is hidden by its own style until the script comes."""

    def hides(at: int) -> bool:
        rest = (token for token in tokens[at + 1 :] if token.kind != "text" or token.text.strip())
        token = tokens[at]
        is_lazy = token.is_picture and any(each.name.lower().startswith("data-") for each in token.attributes)
        return is_lazy and not token.carries("style") and next(rest, token).name == "noscript"

    hidden = Attribute("style", '"visibility: hidden; display: none"')
    return [
        token.with_attributes((*token.attributes, hidden)) if hides(at) else token for at, token in enumerate(tokens)
    ]


def sourceless_hidden(tokens: Tokens) -> Tokens:
    """The page's own sheet hides pictures that have no src yet."""
    for at, token in enumerate(tokens):
        if token.kind == "end" and token.name == "head":
            sheet = Token("raw", "<style>img:not([src]) { visibility: hidden }</style>", "style", token.origin)
            return [*tokens[:at], sheet, *tokens[at:]]
    return tokens


def _with_classes(tokens: Tokens, rename: Callable[[str], str]) -> Tokens:
    used = {name for token in tokens if token.kind == "start" for name in token.get("class").split() if _is_plain(name)}

    if _scripts_name(tokens, used):
        return tokens

    def changed(attribute: Attribute) -> Attribute:
        if attribute.name.lower() != "class" or not attribute.value:
            return attribute
        return attribute.with_text(" ".join(rename(name) if name in used else name for name in attribute.text.split()))

    def in_sheet(found: re.Match[str]) -> str:
        return (
            found[1]
            + _CLASS_IN_SHEET.sub(lambda name: f".{rename(name[1])}" if name[1] in used else name[0], found[2])
            + found[3]
        )

    return [
        replace(token, text=_SHEET.sub(in_sheet, token.text)) if token.kind == "raw" else token
        for token in _each_attribute(tokens, changed)
    ]


def _scripts_name(tokens: Tokens, classes: set[str]) -> bool:
    """Whether a script of the page may name one of its classes: one in a file may name any."""
    scripts = [token.text for token in tokens if token.kind == "raw" and token.name == "script"]
    return any(
        re.match(r"<script\b[^>]*\ssrc\s*=", script, re.IGNORECASE) or any(name in script for name in classes)
        for script in scripts
    )


def _is_plain(name: str) -> bool:
    return re.fullmatch(r"[\w-]+", name, re.ASCII) is not None


def classes_hashed(tokens: Tokens) -> Tokens:
    """Class names are generated by a build, in the page's own sheets as well."""
    return _with_classes(tokens, lambda name: f"k{zlib.crc32(name.encode()):08x}")


def classes_suffixed(tokens: Tokens) -> Tokens:
    """Each class name has a build's suffix."""
    return _with_classes(tokens, lambda name: f"{name}__{zlib.crc32(name.encode()) & 0xFFFFF:05x}")


def images_boxed(tokens: Tokens) -> Tokens:
    """Each picture stands in a box of its own."""
    return [each for token in tokens for each in (_boxed(token) if token.is_picture else [token])]


def _boxed(token: Token) -> Tokens:
    return [tag("span", token.origin), token, end("span", token.origin)]


def captions_boxed(tokens: Tokens) -> Tokens:
    """What a caption says stands in two more boxes."""
    return [*_with_inner_boxes(tokens, "figcaption", ("div", "span"))]


def figures_boxed(tokens: Tokens) -> Tokens:
    """Each figure stands two boxes deeper."""
    boxed: Tokens = []
    depth = sum(token.name == "figure" and token.kind == "start" for token in tokens)
    if depth != sum(token.name == "figure" and token.kind == "end" for token in tokens):
        return tokens
    for token in tokens:
        if token.name == "figure" and token.kind == "start":
            boxed += [tag("div", token.origin), tag("div", token.origin), token]
        elif token.name == "figure" and token.kind == "end":
            boxed += [token, end("div", token.origin), end("div", token.origin)]
        else:
            boxed.append(token)
    return boxed


def _with_inner_boxes(tokens: Tokens, name: str, boxes: tuple[str, ...]) -> Iterator[Token]:
    opened: list[int] = []
    closed = sum(token.name == name and token.kind == "end" for token in tokens)
    is_balanced = closed == sum(token.name == name and token.kind == "start" for token in tokens)
    for token in tokens:
        if is_balanced and token.name == name and token.kind == "end" and opened:
            origin = opened.pop()
            yield from (end(box, origin) for box in reversed(boxes))
        yield token
        if is_balanced and token.name == name and token.kind == "start":
            opened.append(token.origin)
            yield from (tag(box, token.origin) for box in boxes)


def attributes_reordered(tokens: Tokens) -> Tokens:
    """Attributes stand in the opposite order, but where one is given twice, of which the first counts."""

    def changed(token: Token) -> Token:
        names = [each.name.lower() for each in token.attributes]
        if len(names) < 2 or len(set(names)) < len(names):
            return token
        return token.with_attributes(replace(each, space=" ") for each in reversed(token.attributes))

    return _each_start(tokens, changed)


def boxes_renamed(tokens: Tokens) -> Tokens:
    """Boxes that mean nothing have another name that means nothing; pages whose sheets name them stay."""
    names = {"div": "section", "span": "bdi"}
    if any(token.kind == "raw" and re.search(r"\b(?:div|span)\b", token.text) for token in tokens):
        return tokens
    return [
        token.renamed(names[token.name]) if token.kind in ("start", "end") and token.name in names else token
        for token in tokens
    ]


def neighbours_added(tokens: Tokens) -> Tokens:
    """An unrelated paragraph stands before everything, and another behind."""
    first, second = "The library opens at nine on weekdays and closes at six.", "Tickets for the tram are sold aboard."

    def paragraph(text: str, origin: int) -> Tokens:
        return [tag("p", origin), Token("text", text, origin=origin), end("p", origin)]

    return _around_body(tokens, lambda origin: paragraph(first, origin), lambda origin: paragraph(second, origin))


def prose_swapped(tokens: Tokens) -> Tokens:
    """Two paragraphs of the text in a row that say nothing twice change places."""
    whole = _letters("".join(token.text for token in tokens))
    swapped, at = [*tokens], 0
    while at + 7 <= len(swapped):
        one, gap, other = swapped[at : at + 3], swapped[at + 3], swapped[at + 4 : at + 7]
        if _is_prose(one, whole) and gap.kind == "text" and not gap.text.strip() and _is_prose(other, whole):
            swapped[at : at + 7] = [*other, gap, *one]
            at += 7
        else:
            at += 1
    return swapped


def _is_prose(tokens: Tokens, whole: str) -> bool:
    kinds = [(token.kind, token.name) for token in tokens]
    if kinds != [("start", "p"), ("text", ""), ("end", "p")] or tokens[0].attributes:
        return False
    said = _letters(tokens[1].text)
    return len(said) >= _PROSE and whole.count(said) == 1


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w+", text)).casefold()


def _credited(tokens: Tokens, word: str) -> Tokens:
    return [
        replace(token, text=_CREDIT.sub(word, token.text)) if token.kind == "text" else token
        for token in _each_attribute(
            tokens, lambda each: replace(each, value=each.value and _CREDIT.sub(word, each.value))
        )
    ]


def credits_german(tokens: Tokens) -> Tokens:
    """The photographer is named in German."""
    return _credited(tokens, "Foto")


def credits_russian(tokens: Tokens) -> Tokens:
    """The photographer is named in Russian, by references."""
    return _credited(tokens, "&#1060;&#1086;&#1090;&#1086;")


def white_space(tokens: Tokens) -> Tokens:
    """Wherever the page has space, it has a line end and an indent."""
    if any(token.name in _KEEPING_SPACE for token in tokens):
        return tokens
    return [
        replace(token, text=re.sub(r"[ \t\n]+", "\n\t", token.text)) if token.kind == "text" else token
        for token in tokens
    ]


def line_ends(tokens: Tokens) -> Tokens:
    """Lines end as on Windows."""
    if any("\r" in token.text for token in tokens):
        return tokens
    return [replace(token, text=token.text.replace("\n", "\r\n")) for token in tokens]


def names_upper(tokens: Tokens) -> Tokens:
    """Tags and attributes are written in capitals; XML pages, whose names have one case, stay."""
    if any(token.text.lower().startswith("<?xml") or "xmlns" in token.text for token in tokens):
        return tokens

    def changed(attribute: Attribute) -> Attribute:
        return replace(attribute, name=attribute.name.upper())

    return [
        token.renamed(token.name.upper()) if token.kind in ("start", "end") else token
        for token in _each_attribute(tokens, changed)
    ]


def quotes_single(tokens: Tokens) -> Tokens:
    """Values stand in single quotes."""

    def changed(attribute: Attribute) -> Attribute:
        is_double = attribute.value is not None and attribute.value[0] == '"' and "'" not in attribute.value
        return replace(attribute, value=f"'{attribute.text}'") if is_double else attribute

    return _each_attribute(tokens, changed)


def quotes_dropped(tokens: Tokens) -> Tokens:
    """Values that need no quotes have none; XML pages stay."""
    if any(token.text.lower().startswith("<?xml") for token in tokens):
        return tokens

    def changed(attribute: Attribute) -> Attribute:
        needs_none = re.fullmatch(r"[^\s\"'<>=`]+", attribute.text) is not None
        return replace(attribute, value=attribute.text) if needs_none else attribute

    return _each_attribute(tokens, changed)


def comments_between(tokens: Tokens) -> Tokens:
    """A comment stands before each box, text and picture."""
    comment = "<!-- block -->"
    return [
        each
        for token in tokens
        for each in (
            [Token("comment", comment, origin=token.origin), token]
            if token.kind == "start" and token.name in _BOXES
            else [token]
        )
    ]


def data_added(tokens: Tokens) -> Tokens:
    """Each element has the attribute by which a framework scopes its sheets."""
    scope = Attribute("data-v-4b5f2a9c", '""')
    return _each_start(
        tokens, lambda token: token.with_attributes((*token.attributes, scope)) if token.name in _BOXES else token
    )


def ids_added(tokens: Tokens) -> Tokens:
    """Each element has an id that nothing points to."""
    return [
        token.with_attributes((*token.attributes, Attribute("id", f'"n{at}"')))
        if token.kind == "start" and token.name in _BOXES and not token.carries("id")
        else token
        for at, token in enumerate(tokens)
    ]


def letters_referenced(tokens: Tokens) -> Tokens:
    """One letter in each alt and title is a reference."""

    def changed(attribute: Attribute) -> Attribute:
        if attribute.name.lower() not in ("alt", "title") or "&" in attribute.text:
            return attribute
        return replace(attribute, value=attribute.value and _LETTER.sub("&#101;", attribute.value, count=1))

    return _each_attribute(tokens, changed)


ALTERATIONS: dict[str, Callable[[Tokens], Tokens]] = {
    each.__name__: each
    for each in (
        body_hidden, body_nested, lazy_renamed, lazy_hidden, sourceless_hidden, classes_hashed, classes_suffixed,
        images_boxed, captions_boxed, figures_boxed, attributes_reordered, boxes_renamed, neighbours_added,
        prose_swapped, credits_german, credits_russian, white_space, line_ends, names_upper, quotes_single,
        quotes_dropped, comments_between, data_added, ids_added, letters_referenced,
    )
}  # fmt: skip
"""By name, as ``metamorphic.toml`` and the fixtures' ``case.toml`` speak of them."""
