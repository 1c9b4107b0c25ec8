"""Classes by which the common style sheets show an element on screens of some widths only: published conventions.

Bootstrap 2 to 5, Tailwind, Foundation 5 and 6, UIkit 2 and 3, Bulma, Materialize, W3.CSS, Vuetify, Ionic, Elementor,
WPBakery, Avada and fresnel. The widths are those that each is published with; a site may have set others, but two
elements of one page have the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from captionfix.markup.stylesheets import WIDEST

_BOOTSTRAP_3 = {"xs": (0, 768), "sm": (768, 992), "md": (992, 1200), "lg": (1200, WIDEST), "xl": (1200, WIDEST)}
_BOOTSTRAP_2 = {"phone": (0, 768), "tablet": (768, 980), "desktop": (980, WIDEST)}
_BOOTSTRAP = {"sm": 576, "md": 768, "lg": 992, "xl": 1200, "xxl": 1400}
_TAILWIND = {"xs": 480, "sm": 640, "md": 768, "lg": 1024, "xl": 1280, "2xl": 1536}
_FOUNDATION = {
    "small": (0, 640),
    "medium": (640, 1024),
    "large": (1024, 1200),
    "xlarge": (1200, 1440),
    "xxlarge": (1440, WIDEST),
}
_UIKIT = {"s": 640, "m": 960, "l": 1200, "xl": 1600}
_UIKIT_2 = {"small": (0, 768), "medium": (768, 960), "large": (960, WIDEST)}
_BULMA = {
    "mobile": (0, 769),
    "tablet": (769, 1024),
    "desktop": (1024, 1216),
    "widescreen": (1216, 1408),
    "fullhd": (1408, WIDEST),
}
_MATERIALIZE = {"small": (0, 601), "med": (601, 993), "medium": (601, 993), "large": (993, WIDEST)}
_VUETIFY = {"xs": (0, 600), "sm": (600, 960), "md": (960, 1264), "lg": (1264, 1904), "xl": (1904, WIDEST)}
_ELEMENTOR = {"mobile": (0, 768), "phone": (0, 768), "tablet": (768, 1025), "desktop": (1025, WIDEST)}
_FRESNEL = {"xs": (0, 640), "sm": (640, 768), "md": (768, 1024), "lg": (1024, 1280), "xl": (1280, WIDEST)}

Widths = tuple[int, int]


def _keys(tiers: Mapping[str, object]) -> str:
    return "|".join(sorted(tiers, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class _Row:
    """A form of names: which tier each speaks of, and what it does there."""

    form: re.Pattern[str]
    tiers: Mapping[str, Widths]
    hides: bool


def _row(form: str, tiers: Mapping[str, Widths], *, hides: bool) -> _Row:
    return _Row(re.compile(form.replace("TIER", rf"(?P<tier>{_keys(tiers)})")), tiers, hides)


_ROWS = (
    _row(r"(?:vc_)?hidden-TIER", _BOOTSTRAP_3, hides=True),
    _row(r"visible-TIER(?:-(?:block|inline|inline-block))?", _BOOTSTRAP_3, hides=False),
    _row(r"hidden-TIER", _BOOTSTRAP_2, hides=True),
    _row(r"visible-TIER", _BOOTSTRAP_2, hides=False),
    _row(r"hidden-TIER-(?:and-)?(?P<way>up|down)", _VUETIFY, hides=True),
    _row(r"hidden-TIER-only", _VUETIFY, hides=True),
    _row(r"hide-for-TIER(?:-(?P<way>up|down|only))?", _FOUNDATION, hides=True),
    _row(r"show-for-TIER(?:-(?P<way>up|down|only))?", _FOUNDATION, hides=False),
    _row(r"uk-hidden-TIER", _UIKIT_2, hides=True),
    _row(r"uk-visible-TIER", _UIKIT_2, hides=False),
    _row(r"is-hidden-TIER(?:-(?P<way>only))?", _BULMA, hides=True),
    _row(r"(?:w3-)?hide-TIER", _MATERIALIZE, hides=True),
    _row(r"hide-on-TIER(?:-only|-and-(?P<way>up|down))", _MATERIALIZE, hides=True),
    _row(r"ion-hide-TIER-(?P<way>up|down)", _BOOTSTRAP_3, hides=True),
    _row(r"elementor-hidden-TIER", _ELEMENTOR, hides=True),
    _row(r"fusion-no-TIER-visibility", _FOUNDATION, hides=True),
    _row(r"fresnel-(?P<how>at|lessThan|greaterThan|greaterThanOrEqual)-TIER", _FRESNEL, hides=False),
)
_SHOWN = (
    r"(?:block|inline|inline-block|flex|inline-flex|grid|inline-grid|contents|table|table-row|table-cell|list-item)"
)
_STEPS = (
    (re.compile(rf"d-(?:(?P<tier>{_keys(_BOOTSTRAP)})-)?(?:(?P<none>none)|{_SHOWN})"), _BOOTSTRAP),
    (re.compile(rf"(?:(?P<tier>{_keys(_TAILWIND)}):)?(?:(?P<none>hidden)|{_SHOWN})"), _TAILWIND),
)
"""Names that hold from a width on, until another of them says otherwise."""
_FROM = (
    (re.compile(rf"max-(?P<tier>{_keys(_TAILWIND)}):hidden"), _TAILWIND, True),
    (re.compile(rf"uk-visible@(?P<tier>{_keys(_UIKIT)})"), _UIKIT, True),
    (re.compile(rf"uk-hidden@(?P<tier>{_keys(_UIKIT)})"), _UIKIT, False),
)
"""Names that hide below a width, or else from it on."""
_STATE = re.compile(rf"(?P<variants>(?:[\w-]+(?:\[[^\]\s]*\])?(?:/[\w-]+)?:)+)(?:hidden|invisible|{_SHOWN})")
_TIERS = re.compile(rf"(?:(?:max-|min-)?(?:{_keys(_TAILWIND)})|(?:max|min)-\[[^\]]*\]|print|screen)")
"""Tailwind's variants that speak of widths and of paper; the others speak of a state: dark, hover, open."""
_ALWAYS = frozenset(("display-none", "hide", "is-hidden", "mfp-hide", "uk-hidden", "w3-hide"))
"""Names that take off the page at all widths: Bootstrap's, Foundation's, and the common ones."""
_MAY_BE = re.compile(r"hidden|hide|visible|show|(?<!\S)d-|:|@|fresnel-|fusion-no|display-none")
"""In each of all these names: quick, for ruling out."""
EDGES = tuple(
    sorted(
        {
            0,
            *(edge for row in _ROWS for widths in row.tiers.values() for edge in widths if edge < WIDEST),
            *(edge for tiers in (_BOOTSTRAP, _TAILWIND, _UIKIT) for edge in tiers.values()),
        }
    )
)
"""Where the widths begin at which these names change what they do."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """At which widths the classes of an element hide it.

    Attributes:
        spans: the widths, each from one up to another.
        names: the classes that do it.
    """

    spans: tuple[Widths, ...]
    names: frozenset[str]

    def at(self, width: int) -> bool:
        """Return whether it is hidden at a width."""
        return any(least <= width < most for least, most in self.spans)

    @property
    def everywhere(self) -> bool:
        """Whether it is hidden at all widths."""
        return all(self.at(edge) for edge in EDGES)


_NOT_HIDDEN = Hidden((), frozenset())


def hidden_at(classes: str) -> Hidden:
    """Return at which widths the common style sheets hide an element of some classes.

    >>> hidden_at("d-none d-md-block").spans, hidden_at("hero md:hidden").spans, hidden_at("visible-xs").spans
    (((0, 768),), ((768, 65536),), ((768, 65536),))
    >>> hidden_at("hidden").everywhere, sorted(hidden_at("hidden lg:flex").names), hidden_at("overflow-hidden").spans
    (True, ['hidden'], ())
    """
    if _MAY_BE.search(classes) is None:
        return _NOT_HIDDEN
    names = classes.split()
    spans: list[Widths] = []
    found: set[str] = set()
    for tells in (_by_steps, _by_tiers, _by_edges):
        for name, widths in tells(names):
            found.add(name)
            spans += widths
    for name in _ALWAYS.intersection(names):
        found.add(name)
        spans.append((0, WIDEST))
    return Hidden(tuple(sorted(spans)), frozenset(found)) if spans else _NOT_HIDDEN


def by_state(classes: str) -> str:
    """Return the class that shows an element, or hides it, in some state of the page or the system; ``""`` if none.

    >>> by_state("hidden dark:block"), by_state("hidden md:block print:hidden")
    ('dark:block', '')
    """
    if ":" not in classes:
        return ""
    for name in classes.split():
        found = _STATE.fullmatch(name)
        if found and not all(_TIERS.fullmatch(each) for each in found["variants"][:-1].split(":")):
            return name
    return ""


def speaks_of_widths(classes: str) -> bool:
    """Return whether one of an element's classes is for screens of some widths only, by these conventions."""
    hidden = hidden_at(classes)
    return bool(hidden.spans) and not hidden.everywhere


def _by_steps(names: Sequence[str]) -> Iterator[tuple[str, Sequence[Widths]]]:
    """Where names hide that hold from a width on."""
    for form, tiers in _STEPS:
        read = ((name, form.fullmatch(name)) for name in names)
        told = [(tiers.get(found["tier"] or "", 0), name, found["none"]) for name, found in read if found]
        told.sort(key=lambda step: step[0])
        ends = [*(least for least, _, _ in told[1:]), WIDEST]
        for (least, name, hides), end in zip(told, ends, strict=False):
            if hides and least < end:
                yield name, ((least, end),)


def _by_tiers(names: Sequence[str]) -> Iterator[tuple[str, Sequence[Widths]]]:
    """Where names hide that speak of a tier: those that show there hide everywhere else, all of them together."""
    shown: dict[str, Widths] = {}
    for name in names:
        for row in _ROWS:
            found = row.form.fullmatch(name)
            if found is None:
                continue
            widths = _span(found.groupdict(), row)
            if row.hides:
                yield name, (widths,)
            else:
                shown[name] = widths
            break
    if shown:
        rest = _without(sorted(shown.values()))
        yield from ((name, rest) for name in shown)


def _span(found: Mapping[str, str | None], row: _Row) -> Widths:
    least, most = row.tiers[str(found["tier"])]
    way, how = found.get("way"), found.get("how")
    if how:
        return {"at": (least, most), "lessThan": (0, least), "greaterThan": (most, WIDEST)}.get(how, (least, WIDEST))
    if "way" in found and way is None:
        way = "up" if least else "only"
    return {"up": (least, WIDEST), "down": (0, most)}.get(way or "", (least, most))


def _without(spans: Iterable[Widths]) -> tuple[Widths, ...]:
    """All widths less some."""
    rest, at = [], 0
    for least, most in spans:
        if at < least:
            rest.append((at, least))
        at = max(at, most)
    return (*rest, (at, WIDEST)) if at < WIDEST else tuple(rest)


def _by_edges(names: Sequence[str]) -> Iterator[tuple[str, Sequence[Widths]]]:
    for form, tiers, below in _FROM:
        for name in names:
            if (found := form.fullmatch(name)) is not None:
                edge = tiers[found["tier"]]
                yield name, ((0, edge) if below else (edge, WIDEST),)
