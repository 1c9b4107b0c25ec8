"""Images that are the same picture as one page for a browser: nothing outside of it is loaded, no script runs."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence

from captionfix.errors import PictureError
from captionfix.exhibits import Thumbnail
from captionfix.formatting import plural, printable
from captionfix.model import Safety
from captionfix.output.images import figures, relation, why
from captionfix.pictures.relations import Group, Member, Window
from captionfix.runs.image_report import Bad, FindMentions, ImageCounts, ImageMention, ImageReport

SIDE, SMALL_SIDE = 192, 112
"""Pixels of a thumbnail's longer side, some 7 and 3 KB: cards are 168 to 208 CSS pixels wide."""
_MANY = 4000
"""Thumbnails of a page above which they are small ones: browsers hold a page of 30 MB with ease, not one of 300."""
_WIDEST = 6
"""Cards of a group that stand side by side where there is room; small groups share a row."""
_MOST_PLACES = 100
"""Places of an image that are listed: a logo stands on every page, and lists of thousands are for the other forms."""
_UNITS = ("bytes", "KB", "MB", "GB", "TB")
_THOUSAND = 1000
_FEW = 10


def html_parts(
    survey: ImageReport, thumbnails: Iterator[Thumbnail | None], find_mentions: FindMentions | None = None
) -> Iterator[str]:
    """Yield a page, group by group.

    Args:
        survey: what was found.
        thumbnails: of all members of all groups in their order; None for those that cannot be drawn.
        find_mentions: tells which places name an image, if that is to be told.
    """
    yield _HEAD + _top(survey)
    for number, group in enumerate(survey.groups, 1):
        yield _group(number, group, thumbnails, find_mentions)
    if not survey.groups:
        yield '<p class="none">No two images are the same picture.</p>\n'
    if survey.bad:
        yield f'</main>\n<section class="bad"><h2>{plural(len(survey.bad), "file")} could not be looked at</h2>\n<ul>\n'
        yield from (_bad(error) for error in survey.bad)
        yield "</ul></section>\n</body>\n</html>\n"
    else:
        yield "</main>\n</body>\n</html>\n"


def side(survey: ImageReport) -> int:
    """Return how long and high the thumbnails of a page are to be at most, in pixels."""
    return SIDE if survey.counts.groups + survey.counts.repeats <= _MANY else SMALL_SIDE


def _text(text: str) -> str:
    """Text as it may stand in a page, in attributes too."""
    return html.escape(printable(text), quote=True)


def _name(file: str) -> str:
    """A file's name, which may be broken after slashes; its letters run in their own direction."""
    return f"<bdi>{_text(file).replace('/', '/<wbr>')}</bdi>"


def amount(size: int) -> str:
    """Return a number of bytes as people say it.

    >>> amount(999), amount(2_031_331), amount(45_200_000)
    ('999 bytes', '2.0 MB', '45 MB')
    """
    value, unit = float(size), 0
    while value >= _THOUSAND and unit + 1 < len(_UNITS):
        value, unit = value / _THOUSAND, unit + 1
    return f"{value:.{int(unit > 0 and value < _FEW)}f} {_UNITS[unit]}"


def _top(survey: ImageReport) -> str:
    roots = ", ".join(_name(root) for root in survey.roots)
    tiles = "".join(f"<div><dt>{told}</dt><dd>{figure}</dd></div>" for told, figure in _tiles(survey.counts))
    return (
        f'<header><h1>The same pictures</h1>\n<p class="roots">{roots}</p>\n'
        f"<dl>{tiles}</dl>\n{_filter(survey)}</header>\n<main>\n"
    )


def _tiles(counts: ImageCounts) -> Iterator[tuple[str, str]]:
    yield "images", f"{counts.images:,}"
    yield "groups", f"{counts.groups:,}"
    yield "files that repeat", f"{counts.repeats:,}"
    yield "in the repeats", amount(counts.bytes)
    if counts.bad or counts.unread:
        yield "could not be looked at", f"{counts.bad + counts.unread:,}"


def _is_safe(group: Group) -> bool:
    return all(member.safety is Safety.SAFE for member in group.members)


def _filter(survey: ImageReport) -> str:
    """A choice of groups, where there is one; style sheets alone act on it."""
    safe = sum(map(_is_safe, survey.groups))
    if safe in (0, len(survey.groups)):
        return ""
    choices = (("all", len(survey.groups)), ("safe", safe), ("for review", len(survey.groups) - safe))
    buttons = "".join(
        f'<label><input type="radio" name="shown" id="{name.split()[-1]}"{" checked" * (name == "all")}>'
        f"{name} <b>{number:,}</b></label>"
        for name, number in choices
    )
    return f"<fieldset><legend>Show groups</legend>{buttons}</fieldset>\n"


def _group(
    number: int, group: Group, thumbnails: Iterator[Thumbnail | None], find_mentions: FindMentions | None
) -> str:
    kept, *others = group.members
    kind = "safe" if _is_safe(group) else "review"
    cards = [_card(kept, None, next(thumbnails, None), find_mentions)]
    cards += [_card(member, kept, next(thumbnails, None), find_mentions) for member in others]
    wide = min(len(cards), _WIDEST)
    head = f'<a href="#group-{number}">{number:,}</a> {_name(group.keep)} <small>{plural(len(cards), "file")}</small>'
    return (
        f'<section class="group {kind}" id="group-{number}" style="--wide:{wide}">\n<h2>{head}</h2>\n'
        f'<div class="cards">\n{"".join(cards)}</div>\n</section>\n'
    )


def _card(member: Member, kept: Member | None, thumbnail: Thumbnail | None, find_mentions: FindMentions | None) -> str:
    """A member, with what makes it one where it is not the kept one."""
    review = kept is not None and member.safety is not Safety.SAFE
    label = "kept" if kept is None else relation(member) + " · for review" * review
    kind = "kept" if kept is None else "review" if review else "safe"
    parts = [
        f'<figure class="{kind}"><div class="shown">{_picture(member, thumbnail)}</div>\n<figcaption>',
        f'<span class="label">{_text(label)}</span> <strong>{_name(member.file)}</strong>',
        f'<span class="figures">{_text(figures(member))}</span>',
    ]
    if kept is not None:
        parts.append(_map(member, kept) + (f'<span class="why">{_text(why(member))}</span>' if member.evidence else ""))
    if find_mentions is not None:
        parts.append(_places(find_mentions(member.file)))
    return "".join(parts) + "</figcaption></figure>\n"


def _places(mentions: Sequence[ImageMention]) -> str:
    """The places that name an image, folded."""
    if not mentions:
        return '<span class="why">no place names it</span>'
    told = [
        f"<li>{_name(mention.page)}:{mention.line}:{mention.column} <small>{_text(mention.kind)}</small></li>"
        for mention in mentions[:_MOST_PLACES]
    ]
    if len(mentions) > _MOST_PLACES:
        told.append(f"<li>and {len(mentions) - _MOST_PLACES:,} more</li>")
    return f"<details><summary>{plural(len(mentions), 'place')}</summary><ul>{''.join(told)}</ul></details>"


def _picture(member: Member, thumbnail: Thumbnail | None) -> str:
    if thumbnail is None:
        return f'<span class="blank">{_text(member.format)}</span>'
    url = f"data:image/jpeg;base64,{base64.b64encode(thumbnail.data).decode('ascii')}"
    return f'<img src="{url}" width="{thumbnail.width}" height="{thumbnail.height}" alt="{_text(member.file)}">'


def _map(member: Member, kept: Member) -> str:
    """Which part of the kept image a crop shows."""
    window = member.window
    if window == Window() or not kept.height:
        return ""
    place = f"left:{window.left:.1%};top:{window.top:.1%};right:{1 - window.right:.1%};bottom:{1 - window.bottom:.1%}"
    return (
        f'<span class="map" style="aspect-ratio:{kept.width}/{kept.height}" '
        f'title="the part of the kept image that it shows"><i style="{place}"></i></span>'
    )


def _bad(error: Bad) -> str:
    kind = "bad" if isinstance(error, PictureError) else "unread"
    where = f" at byte {error.offset:,}" if error.offset is not None else ""
    return (
        f'<li class="{kind}"><strong>{_name(error.locator)}</strong> '
        f"<span>{_text(error.cause)}{where}; {_text(error.hint)}</span></li>\n"
    )


_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>The same pictures</title>
<style>
:root {
  color-scheme: light dark;
  --page: #f4f3f0; --card: #fff; --well: #eceae5; --line: #dedbd4; --ink: #22211e; --soft: #6c6860;
  --kept: #1c6b52; --kept-ground: #e3f1eb; --safe: #3d5a80; --safe-ground: #e8eef5;
  --review: #9a5312; --review-ground: #fbecdb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161615; --card: #20201e; --well: #191918; --line: #383733; --ink: #ebe9e3; --soft: #a29e94;
    --kept: #7fd1b0; --kept-ground: #17382d; --safe: #a9c4e6; --safe-ground: #223046;
    --review: #f0b476; --review-ground: #40290f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 84rem; padding: clamp(1rem, 3vw, 2.5rem); background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: clamp(1.6rem, 4vw, 2.3rem); line-height: 1.1; letter-spacing: -0.02em; margin: 0; }
.roots { margin: 0.35rem 0 0; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0; }
dl div {
  display: flex; flex-direction: column-reverse; padding: 0.8rem 1rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.7rem;
}
dt { color: var(--soft); font-size: 0.86rem; }
dd { margin: 0; font-size: 1.55rem; font-weight: 650; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; display: flex; flex-wrap: wrap; gap: 0.5rem; }
legend { float: left; margin-right: 0.5rem; padding: 0.3rem 0; color: var(--soft); }
fieldset label {
  display: flex; align-items: center; gap: 0.35rem; padding: 0.3rem 0.85rem; border: 1px solid var(--line);
  border-radius: 2rem; background: var(--card); cursor: pointer;
}
fieldset label:has(:checked) { background: var(--ink); color: var(--page); border-color: var(--ink); }
fieldset label:has(:focus-visible) { outline: 3px solid var(--safe); outline-offset: 2px; }
fieldset input { position: absolute; opacity: 0; pointer-events: none; }
fieldset b { font-weight: 500; opacity: 0.65; font-variant-numeric: tabular-nums; }
body:has(#safe:checked) .group.review, body:has(#review:checked) .group.safe { display: none; }
main { display: flex; flex-wrap: wrap; gap: 1rem; }
.group {
  flex: 1 1 calc(var(--wide) * 11.75rem + 1.4rem); min-width: 0; max-width: 100%; padding: 1rem 1.1rem 1.1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 0.9rem;
  content-visibility: auto; contain-intrinsic-size: auto 24rem;
}
h2 { margin: 0 0 0.85rem; font-size: 1rem; font-weight: 600; }
h2 a { color: var(--soft); text-decoration: none; font-weight: 400; margin-right: 0.35rem; }
h2 small { color: var(--soft); font-weight: 400; font-size: 0.86rem; margin-left: 0.35rem; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; }
.shown {
  aspect-ratio: 4 / 3; display: grid; place-items: center; overflow: hidden; background: var(--well);
  border-radius: 0.55rem; outline: 1px solid var(--line); outline-offset: -1px;
}
.shown img { display: block; max-width: 100%; max-height: 100%; width: auto; height: auto; }
.shown img, .blank { grid-area: 1 / 1; min-width: 0; min-height: 0; }
.blank { color: var(--soft); font-weight: 600; letter-spacing: 0.06em; }
figure.kept .shown { outline: 3px solid var(--kept); outline-offset: 0; }
figcaption { display: grid; gap: 0.2rem; justify-items: start; padding-top: 0.6rem; font-size: 0.86rem; }
figcaption strong { font-weight: 550; line-height: 1.3; }
.label {
  padding: 0.1rem 0.55rem; border-radius: 1rem; font-size: 0.76rem; font-weight: 600;
  color: var(--safe); background: var(--safe-ground);
}
figure.review .label { color: var(--review); background: var(--review-ground); }
figure.kept .label { color: var(--kept); background: var(--kept-ground); }
.figures { font-variant-numeric: tabular-nums; }
details { max-width: 100%; font-size: 0.8rem; color: var(--soft); }
summary { cursor: pointer; }
details ul { margin: 0.3rem 0 0; padding: 0; list-style: none; max-height: 12rem; overflow: auto; }
.why { color: var(--soft); font-size: 0.8rem; }
.map { position: relative; width: 5rem; max-height: 5rem; border: 1px solid var(--line); background: var(--well); }
.map i { position: absolute; background: var(--review); opacity: 0.75; }
.none {
  flex: 1; margin: 0; padding: 3rem 1rem; text-align: center; color: var(--soft); background: var(--card);
  border-radius: 0.9rem;
}
.bad { margin-top: 2rem; }
.bad ul { list-style: none; margin: 0; padding: 0; }
.bad li { padding: 0.6rem 0; border-top: 1px solid var(--line); }
.bad li strong { font-weight: 550; }
.bad li span { color: var(--soft); }
@media (max-width: 30rem) {
  .cards { grid-template-columns: 1fr 1fr; gap: 0.8rem; }
  .group { padding: 0.8rem; }
}
@media print { .group { break-inside: avoid; content-visibility: visible; } }
</style>
</head>
<body>
"""
