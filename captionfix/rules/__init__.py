"""Rules look at a page and propose; which there are tells `captionfix.rule_table`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from captionfix.limits import spend
from captionfix.model import Proposal
from captionfix.rule_table import RULES
from captionfix.settings import Settings

__all__ = ["RULES", "find_repeats"]


def find_repeats(page: Any, reads: str, settings: Settings) -> Iterator[Proposal]:
    """Yield what the selected rules see on a page.

    Args:
        page: what the rules of this kind read.
        reads: ``markup`` or ``text``.
        settings: which rules are wanted, and their options.
    """
    for rule in RULES:
        if rule.reads == reads and settings.wants(rule.code):
            spend()
            for proposal in rule.find(page, settings):
                spend()
                yield proposal
