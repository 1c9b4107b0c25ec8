"""What takes off an element what keeps it from those who got its copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from captionfix.layout.blocks import visible_text
from captionfix.layout.page import Page
from captionfix.layout.pictures import LOADED, Picture
from captionfix.layout.visibility import (
    ARIA_HIDDEN,
    FADED,
    HIDDEN,
    After,
    Barrier,
    kept_from,
    without_classes,
)
from captionfix.markup.selectors import Part, Selector
from captionfix.model import Action, DropAttribute, Node, SetAttribute
from captionfix.pictures.urls import is_placeholder, size_of, srcset_urls
from captionfix.text import holds

_LAZY = "lazy"
_MOST = 8
"""Barriers of one element that are lifted, one after another: a style, a class, an attribute, and each twice."""
_Lift = Callable[[Barrier], tuple[Action, ...] | None]


def lifted_for_all(
    page: Page, kept: Picture, duplicate: Picture, carried: Sequence[Action], *, stands_in: bool
) -> tuple[Action, ...] | Barrier:
    """Return what shows a picture to readers without scripts, who see its copy; the barrier that stays, if one does.

    A transparent picture is made opaque. Where a style sheet hides it by a class or an attribute for a lazy
    script, or makes it transparent by a class alone, that goes, if the picture loads its best file without scripts.

    Args:
        page: the page of both.
        kept: the picture.
        duplicate: its copy for readers without scripts.
        carried: what the picture is to be given besides.
        stands_in: whether it is sure that the picture is there for a script to show, the copy for others.
    """
    pair = _Pair(page, kept.node, duplicate.node, carried, scripts=False)

    def lift(barrier: Barrier) -> tuple[Action, ...] | None:
        hiding = barrier.hiding
        if barrier.node is not kept.node:
            return None
        if hiding is None:
            faded = barrier.says.startswith(FADED) and _loads_its_best(kept, carried)
            return barrier.lift if faded or (stands_in and barrier.says in (HIDDEN, ARIA_HIDDEN)) else None
        if hiding.by_itself:
            return barrier.lift if stands_in or not hiding.unheard else None
        hooks = [_hook(kept, *each) for each in hiding.selectors]
        known = [hook for hook in hooks if hook is not None]
        if len(known) < len(hooks) or not _loads_its_best(kept, carried):
            return None
        return tuple(_without(pair.after, kept.node, known))

    return pair.lifted(lift)


def lifted_for_widths(
    page: Page, kept: Node, duplicate: Node, removed: Node, carried: Sequence[Action] = ()
) -> tuple[Action, ...] | Barrier:
    """Return what shows an element on all screens on which its copy showed; the barrier that stays, if one does.

    A class of the common style sheets for screens of some widths goes where nothing else is behind it.

    Args:
        page: the page of both.
        kept: the element.
        duplicate: the one for other screens.
        removed: what goes with the copy.
        carried: what is to be done besides.
    """

    def lift(barrier: Barrier) -> tuple[Action, ...] | None:
        said = visible_text(barrier.node)
        others = (other for other in page.pictures.content_in(barrier.node) if not other.node.inside(kept))
        fits = not said or holds(visible_text(removed), said) or barrier.node.inside(kept)
        is_class = barrier.hiding is None and barrier.says != HIDDEN
        return barrier.lift if is_class and fits and next(others, None) is None else None

    return _Pair(page, kept, duplicate, carried, scripts=True).lifted(lift)


@dataclass(slots=True)
class _Pair:
    """An element that stays, its copy that goes, and what is lifted so far."""

    page: Page
    kept: Node
    duplicate: Node
    carried: Sequence[Action]
    scripts: bool
    done: list[Action] = field(default_factory=list)

    @property
    def after(self) -> After:
        """The elements as they will be."""
        return After((*self.carried, *self.done))

    def lifted(self, lift: _Lift) -> tuple[Action, ...] | Barrier:
        """What lifts one barrier after another, each asked about as all will be."""
        for _ in range(_MOST):
            left = kept_from(self.page, self.kept, self.duplicate, self.after, scripts=self.scripts)
            if not left:
                break
            actions = lift(left[0])
            if actions is None:
                return left[0]
            for action in actions:
                self.done = [each for each in self.done if not _is_on_one(each, action)] + [action]
        return left[0] if left else tuple(self.done)


def _is_on_one(one: Action, other: Action) -> bool:
    """Whether two actions change one attribute."""
    if not isinstance(one, SetAttribute | DropAttribute) or not isinstance(other, SetAttribute | DropAttribute):
        return False
    return one.node is other.node and one.name == other.name


def _hook(picture: Picture, selector: Selector, name: str) -> Part | None:
    """What of an element a selector finds it by, and a lazy script does."""
    parts = selector.last.parts
    for part in parts:
        if part.kind == "class" and (_LAZY in part.name.lower() or (name == "opacity" and len(parts) == 1)):
            return part
        names_file = part.kind == "attribute" and part.name not in ("src", "srcset")
        if names_file and picture.key_of(picture.node.get(part.name)) == picture.key != "":
            return part
    return None


def _without(after: After, node: Node, hooks: Sequence[Part]) -> Iterator[Action]:
    names = [hook.name for hook in hooks if hook.kind == "class"]
    if names:
        yield from without_classes(node, after.of(node).get("class"), names)
    attributes = dict.fromkeys(hook.name for hook in hooks if hook.kind != "class")
    yield from (DropAttribute(node, name) for name in attributes)


def _loads_its_best(picture: Picture, carried: Sequence[Action]) -> bool:
    """Whether no file that waits for a script is larger than all that a picture loads by itself."""
    loaded = {url for name, url in picture.urls if name in LOADED}
    for done in carried:
        if isinstance(done, SetAttribute) and done.name in LOADED:
            loaded.update([done.value] if done.name == "src" else srcset_urls(done.value))
    waits = {url for name, url in picture.urls if name not in LOADED} - loaded
    if not waits:
        return True
    largest = max((size_of(url) for url in loaded if not is_placeholder(url)), default=0)
    return all(size_of(url) <= largest for url in waits)
