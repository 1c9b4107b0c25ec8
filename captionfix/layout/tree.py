"""What the layout asks of a whole parsed page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from captionfix.model import Node, Tree


class SearchableTree(Tree, Protocol):
    """What a parser's door tells about a whole page."""

    @property
    def root(self) -> Node | None: ...
    def search(self, *tags: str, classes: Iterable[str] = (), inside: Node | None = None) -> list[Node]: ...
    def told(self, tag: str) -> dict[Any, str]: ...
    def mentions(self, name: str, times: int = 1) -> bool: ...
    def comments_above(self) -> Iterable[str]: ...
    def line_columns(self, nodes: Iterable[Node]) -> list[tuple[int, int]]: ...
