"""How often Python looks for cycles of objects, in a process of our own."""

from __future__ import annotations

import gc

_OBJECTS = 50_000
"""Objects made, less those freed, after which Python looks; a few megabytes."""


def collect_seldom() -> None:
    """Let Python look for cycles less often than every 700 objects: pages and images are freed without that.

    Looking took 2 % of a run over image-groups, 5 % of one over the caption corpus.
    """
    gc.set_threshold(_OBJECTS, 20, 50)
