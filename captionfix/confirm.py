"""What pixels say about repeats that markup and URLs suggest: they confirm, or they keep a picture where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from captionfix.layout.page import Page
from captionfix.layout.pictures import Picture
from captionfix.model import Node, Relation, Remove, Repeat
from captionfix.safety import rate


def confirmed(repeats: Iterable[Repeat], page: Page) -> Iterator[Repeat]:
    """Yield repeats with what the pixels say about their pictures.

    A picture that the pixels show to be another one stays, whatever its URL,
    its name or its caption, and so does the caption of such a picture: the
    repeat is only reported. Only what would take something out of the page is
    looked at.

    Args:
        repeats: what the rules saw.
        page: the page they saw it on.
    """
    for repeat in repeats:
        yield _looked_at(repeat, page) if page.has_images else repeat


def _looked_at(repeat: Repeat, page: Page) -> Repeat:
    if not any(isinstance(action, Remove) for action in repeat.actions):
        return repeat
    copy, stays = _only_picture(page, repeat.copy), _only_picture(page, repeat.stays)
    if copy is None or stays is None or copy is stays:
        return repeat
    verdict = page.compare(copy, stays)
    if verdict is None or verdict.relation is Relation.UNKNOWN:
        return repeat
    evidence = (*repeat.evidence, verdict.evidence)
    if verdict.relation is Relation.DIFFERENT:
        return replace(repeat, evidence=evidence, safety=rate("*", "other pixels").safety, actions=())
    return replace(repeat, evidence=evidence)


def _only_picture(page: Page, node: object) -> Picture | None:
    """The picture that an element is, or the only one in it; of a caption, the only one near it."""
    if not isinstance(node, Node):
        return None
    own = page.picture(node)
    near = [own] if own is not None else page.pictures_in(node) or page.nearest_pictures(node)
    return near[0] if len(near) == 1 else None
