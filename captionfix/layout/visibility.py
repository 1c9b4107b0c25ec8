"""What stands between an element and those who are to get it: readers on screens of each width, on paper, by ear.

The one place that knows what hides. None of it is certain: a script may take a class away, somebody may open what is
closed, a sheet elsewhere may overrule. So nothing goes because of it; it tells which of two stays, and whether what
stays reaches all whom the copy reached. What is around both hides both, and is no evidence for or against either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from captionfix.layout.elements import inherited
from captionfix.layout.page import Page
from captionfix.layout.page_cache import Question
from captionfix.layout.roles import FOR_EARS, HIDDEN_IN_PRINT, PRINT_ONLY, RESPONSIVE
from captionfix.layout.sheets import NOWHERE, Hiding
from captionfix.layout.widths import by_state, hidden_at
from captionfix.markup.selectors import Element
from captionfix.markup.stylesheets import PAPER, shown_style
from captionfix.model import Action, DropAttribute, Node, SetAttribute

HIDDEN, ARIA_HIDDEN = "hidden", "aria-hidden"
FADED = "kept out of sight by the class"
_FADED = frozenset(("invisible", "opacity-0", "scale-0"))
"""Classes of Bootstrap and Tailwind that lazy scripts take off what they have loaded."""
_CLOSED = ("details", "dialog")


@dataclass(frozen=True, slots=True)
class Barrier:
    """One thing that keeps an element from somebody.

    Attributes:
        node: the element that carries it: itself, or one around it.
        says: what it is, for a person.
        unseen: the widths of screens, and paper, where readers do not see it.
        unheard: those where screen readers pass it by.
        lift: what takes it off; None where nothing in the page can.
        hiding: what the page's style sheets, and its own style, say, where it is these.
        sometimes: whether it stands there in some state of the page only, and so closes nothing.
    """

    node: Node
    says: str
    unseen: frozenset[int] = NOWHERE
    unheard: frozenset[int] = NOWHERE
    lift: tuple[Action, ...] | None = None
    hiding: Hiding | None = None
    sometimes: bool = False


_BARRIERS: Question[tuple[Node, bool], tuple[Barrier, ...]] = Question()
"""What an element hides itself with, for readers with scripts or without."""
_UNSEEN: Question[Node, frozenset[int]] = Question()
"""Where an element does not show, by itself or by what is around it."""
_PRINTED: Question[Node, Node | None] = Question()
"""What is around an element, or it, on paper only."""


class After:
    """The elements of a page as they will be, once some actions are done.

    Args:
        actions: those that change attributes count.
    """

    def __init__(self, actions: Iterable[Action] = ()) -> None:
        self._changed: dict[Node, dict[str, str]] = {}
        for done in actions:
            if isinstance(done, SetAttribute | DropAttribute):
                values = self._changed.setdefault(done.node, dict(done.node.attributes))
                if isinstance(done, SetAttribute):
                    values[done.name] = done.value
                else:
                    values.pop(done.name, None)

    def of(self, node: Node) -> Element:
        """Return what an element will be."""
        return _Changed(node, self._changed[node], self) if node in self._changed else node


class _Changed:
    """An element with other attributes."""

    __slots__ = ("_after", "_node", "_values")

    def __init__(self, node: Node, values: dict[str, str], after: After) -> None:
        self._node, self._values, self._after = node, values, after

    @property
    def tag(self) -> str:
        return self._node.tag

    @property
    def parent(self) -> Element | None:
        around = self._node.parent
        return self._after.of(around) if around is not None else None

    def get(self, name: str) -> str:
        return self._values.get(name, "")

    def carries(self, *names: str) -> bool:
        return not self._values.keys().isdisjoint(names)


AS_IT_IS = After()


def barriers(
    page: Page, node: Node, beside: Node | None, after: After = AS_IT_IS, *, scripts: bool = True
) -> list[Barrier]:
    """Return what keeps an element from somebody who gets another; an extractor gets all.

    Args:
        page: the page of both.
        node: the element.
        beside: the other; None for all that hides the element, whoever gets what.
        after: what the elements will be.
        scripts: for readers with scripts, or for those without.
    """
    if page.profile is not None:
        return []
    found: list[Barrier] = []
    inner: Node | None = None
    for each in node.around_less(beside):
        found += _of(page, each, after, scripts=scripts)
        if _is_closed_in(each, inner):
            everywhere = page.sheets.everywhere
            found.append(Barrier(each, f"closed {each.tag}", everywhere, everywhere))
        inner = each
    return found


def _of(page: Page, node: Node, after: After, *, scripts: bool) -> tuple[Barrier, ...]:
    """What an element hides itself with, worked out once as it is."""
    element = after.of(node)
    if element is not node:
        return tuple(_own(page, node, element, scripts=scripts))
    answers = page.answers(_BARRIERS)
    known = answers.get((node, scripts))
    if known is None:
        known = answers[node, scripts] = tuple(_own(page, node, node, scripts=scripts))
    return known


def unseen(found: Iterable[Barrier]) -> frozenset[int]:
    """Return where readers do not see what some barriers stand before."""
    return NOWHERE.union(*(barrier.unseen for barrier in found if not barrier.sometimes))


def unheard(found: Iterable[Barrier]) -> frozenset[int]:
    """Return where screen readers pass it by, paper aside."""
    return NOWHERE.union(*(barrier.unheard for barrier in found if not barrier.sometimes)) - {PAPER}


def kept_from(
    page: Page, kept: Node, duplicate: Node, after: After = AS_IT_IS, *, scripts: bool = True
) -> list[Barrier]:
    """Return what would keep an element from somebody who got its copy.

    Args:
        page: the page of both.
        kept: the element that stays.
        duplicate: the one that goes.
        after: what the elements will be.
        scripts: for readers with scripts, or for those without.
    """
    mine = barriers(page, kept, duplicate, after, scripts=scripts)
    if not mine:
        return mine
    theirs = barriers(page, duplicate, kept, scripts=scripts)
    sight, ear = unseen(theirs), unheard(theirs)
    states = {each.says for each in theirs if each.sometimes}
    mine = [each for each in mine if not each.sometimes or each.says not in states]
    return [each for each in mine if each.unseen - sight or each.unheard - ear - {PAPER}]


def _own(page: Page, node: Node, element: Element, *, scripts: bool) -> Iterator[Barrier]:
    if element.carries("hidden"):
        everywhere = page.sheets.everywhere
        yield Barrier(node, HIDDEN, everywhere, everywhere, (DropAttribute(node, "hidden"),))
    if element.get("aria-hidden") == "true":
        yield Barrier(node, ARIA_HIDDEN, unheard=page.sheets.everywhere, lift=(DropAttribute(node, "aria-hidden"),))
    hiding = page.sheets.hiding(element, scripts=scripts)
    if hiding.unseen:
        yield _by_style(node, element, hiding)
    if classes := element.get("class"):
        yield from _by_class(page, node, classes)


def _by_style(node: Node, element: Element, hiding: Hiding) -> Barrier:
    style = element.get("style")
    lift: tuple[Action, ...] | None = None
    if hiding.by_itself:
        rest = shown_style(style)
        lift = (SetAttribute(node, "style", rest) if rest else DropAttribute(node, "style"),)
    says = "its own style" if hiding.by_itself else "a style sheet of the page"
    return Barrier(node, says, hiding.unseen, hiding.unheard, lift, hiding)


def _by_class(page: Page, node: Node, classes: str) -> Iterator[Barrier]:
    """What the common style sheets hide by a class, on screens and on paper."""
    screens = page.sheets.screens
    if not FOR_EARS.isdisjoint(classes.split()):
        yield Barrier(node, "for screen readers only", page.sheets.everywhere)
    if state := by_state(classes):
        yield Barrier(node, f'class "{state}"', page.sheets.everywhere, screens, sometimes=True)
        return
    for name in _FADED.intersection(classes.split()):
        unheard = screens if name == "invisible" else NOWHERE
        yield Barrier(
            node, f'{FADED} "{name}"', page.sheets.everywhere, unheard, without_classes(node, classes, (name,))
        )
    hidden = hidden_at(classes)
    roles = page.roles.of(node) if hidden.spans or "print" in classes or "screen-only" in classes else NOWHERE
    if hidden.spans:
        unseen = frozenset(width for width in screens if hidden.at(width))
        if unseen == screens and PRINT_ONLY not in roles:
            unseen |= {PAPER}
        says = f'class "{" ".join(sorted(hidden.names))}"'
        lift = without_classes(node, classes, hidden.names) if not hidden.everywhere else None
        yield Barrier(node, says, unseen, unseen, lift)
    if PRINT_ONLY in roles and not hidden.everywhere:
        yield Barrier(node, "on paper only", screens, screens)
    if HIDDEN_IN_PRINT in roles:
        yield Barrier(node, "on screens only", frozenset((PAPER,)))


def without_classes(node: Node, classes: str, names: Iterable[str]) -> tuple[Action, ...]:
    """Return what takes some of its classes off an element."""
    gone = {*names}
    rest = " ".join([name for name in classes.split() if name not in gone])
    return (SetAttribute(node, "class", rest) if rest else DropAttribute(node, "class"),)


def is_out_of_sight(page: Page, node: Node) -> bool:
    """Return whether an element, or what is around it, does not show on any screen when the page opens."""
    around = inherited(page.answers(_UNSEEN), node, partial(_unseen, page))
    return page.sheets.screens <= around | unseen(barriers(page, node, node.parent))


def _unseen(page: Page, around: frozenset[int] | None, node: Node) -> frozenset[int]:
    """Where an element does not show, by itself or by what is around it."""
    hidden = (around or NOWHERE) | unseen(_of(page, node, AS_IT_IS, scripts=True))
    return hidden | page.sheets.everywhere if _is_closed_in(node.parent, node) else hidden


def _is_closed_in(node: Node | None, inner: Node | None) -> bool:
    """Whether an element is closed as long as nobody opens it, and what is in it, a summary aside, with it."""
    if node is None or node.tag not in _CLOSED or node.carries("open"):
        return False
    return inner is None or inner.tag != "summary"


def is_print_only(page: Page, node: Node) -> bool:
    """Return whether an element is on paper only: by a class, or by the page's own style sheets."""
    return printed_part(page, node) is not None


def printed_part(page: Page, node: Node) -> Node | None:
    """Return the outermost element on paper only that is an element, or is around it; None where none is."""
    if not page.sheets.speak_of_paper and PRINT_ONLY not in page.roles.around(node):
        return None
    return inherited(page.answers(_PRINTED), node, partial(_printed, page))


def _printed(page: Page, around: Node | None, node: Node) -> Node | None:
    if around is not None:
        return around
    hidden = unseen(_of(page, node, AS_IT_IS, scripts=True))
    return node if PAPER not in hidden and page.sheets.screens <= hidden else None


def is_hidden_in_print(page: Page, node: Node) -> bool:
    """Return whether an element is on screens only, likewise."""
    if not page.sheets.speak_of_paper and HIDDEN_IN_PRINT not in page.roles.around(node):
        return False
    hidden = (unseen(_of(page, each, AS_IT_IS, scripts=True)) for each in (node, *node.ancestors))
    return any(PAPER in each and not page.sheets.screens <= each for each in hidden)


def words_for_screens(page: Page, node: Node, beside: Node) -> list[Node]:
    """Return what is around an element, and not around another, that a class of the site's own shows on some screens.

    What the page's own style sheets say of such a class is known; what the common style sheets do, too.
    """
    return [
        each
        for each in node.around_less(beside)
        if RESPONSIVE in page.roles.of(each)
        and not hidden_at(each.get("class")).spans
        and not any(page.sheets.speaks_of(name) for name in each.get("class").split())
    ]


def is_put_aside(page: Page, node: Node, other: Node) -> bool:
    """Return whether the page itself keeps an element out of sight, or from screen readers, apart from another.

    What its sheets do to both alike, as to pictures that fade in, tells nothing.
    """
    mine, theirs = barriers(page, node, other), barriers(page, other, node)
    if any(each.says in (HIDDEN, ARIA_HIDDEN) or (each.hiding and each.hiding.by_itself) for each in mine):
        return True
    told, known = ({hid for each in side if each.hiding for hid in each.hiding.selectors} for side in (mine, theirs))
    return not told <= known
