"""What a run has come to: counts, the sentences that tell them, the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from captionfix.formatting import kinds, plural
from captionfix.model import Edit, Finding
from captionfix.rule_table import RULES

if TYPE_CHECKING:
    from captionfix.workers import Outcome

_MOST_RULES = 4
"""Rules that the first line names, those that found most; --statistics and reports have all."""


@dataclass(slots=True)
class Counts:
    """What a run has seen so far.

    Attributes:
        pages: pages that were read.
        changed: pages that cleaning changes.
        others: files that are no pages, by what they are.
        errors: what could not be read or written.
        bad_pictures: images that could not be looked at.
        fixed: findings that are fixed, or would be, by safety.
        rules: the same, by rule.
        saved: bytes that the pages get shorter.
        refused: findings whose fix was refused.
        for_review: findings that are for a person.
        kept: look-alikes: compared, and nothing to be done.
        suppressed: findings that somebody said to keep, by who says so.
        left_out: files and folders that were not read, by who leaves them out.
        done: files that a stopped run had done already.
        more: what else a report for programs sums up, such as the journal.
    """

    pages: int = 0
    changed: int = 0
    others: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    bad_pictures: int = 0
    fixed: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    saved: int = 0
    refused: int = 0
    for_review: int = 0
    kept: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    done: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """Count a file."""
        self.errors += outcome.error is not None
        self.done += outcome.is_done
        if outcome.left_out:
            self.left_out[outcome.left_out] += 1
        if outcome.left:
            self.others[outcome.left] += 1
        if outcome.findings is not None:
            self.add(outcome.findings, changed=outcome.changed)
            self.bad_pictures += len(outcome.bad_pictures)

    def add(self, findings: Iterable[Finding], *, changed: bool) -> None:
        """Count a page."""
        self.pages += 1
        self.changed += changed
        edits: set[Edit] = set()
        for finding in findings:
            edits.update(finding.edits)
            if finding.suppressed:
                self.suppressed[finding.suppressed] += 1
            elif finding.applied:
                self.fixed[finding.safety.value] += 1
                self.rules[finding.code] += 1
            elif finding.refused:
                self.refused += 1
            elif finding.is_kept:
                self.kept += 1
            else:
                self.for_review += 1
        self.saved += sum(edit.span.end - edit.span.start - len(edit.replacement) for edit in edits)

    def by_rule(self) -> Iterator[tuple[str, str, int]]:
        """Yield code, what the rule finds and number, of each rule that found something to fix, the most first."""
        finds = {rule.code: rule.finds for rule in RULES}
        for code, number in sorted(self.rules.items(), key=lambda each: (-each[1], each[0])):
            yield code, finds.get(code, ""), number

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "pages": self.pages,
            "changed": self.changed,
            "other_files": self.others.total(),
            "other_kinds": dict(self.others.most_common()),
            "fixable": dict(self.fixed),
            "rules": {code: number for code, _, number in self.by_rule()},
            "bytes_saved": self.saved,
            "refused": self.refused,
            "suppressed": dict(sorted(self.suppressed.items())),
            "excluded": dict(sorted(self.left_out.items())),
            "shown": self.for_review + self.kept,
            "errors": self.errors,
            "bad_pictures": self.bad_pictures,
            **self.more,
        }

    def sentences(self, *, fixed: bool) -> Iterator[str]:
        """Yield the counts as lines: what was found, what was kept, what was left alone and why.

        Look-alikes are what is compared and kept, with nothing to be done about it.

        Args:
            fixed: whether what can be fixed has been.

        >>> list(Counts(pages=2).sentences(fixed=True))
        ['2 pages read, 0 changed: nothing repeats']
        >>> list(Counts(pages=2, kept=14).sentences(fixed=False))
        ['2 pages read, 0 to change: nothing to fix', 'kept: 14 look-alikes (--explain tells why)']
        >>> list(Counts(others=Counter(["an RSS feed"])).sentences(fixed=True))
        ['no pages read', 'skipped: 1 other file (1 RSS feed)']
        """
        yield self._found(fixed=fixed)
        kept = [
            f"{plural(self.kept, 'look-alike')} (--explain tells why)" if self.kept else "",
            *(f"{plural(number, 'finding')} by {who}" for who, number in sorted(self.suppressed.items())),
        ]
        if any(kept):
            yield f"kept: {', '.join(filter(None, kept))}"
        if self.others:
            yield f"skipped: {plural(self.others.total(), 'other file')} ({kinds(self.others)})"
        if self.left_out:
            told = (f"{plural(number, 'path')} by {who}" for who, number in sorted(self.left_out.items()))
            yield f"excluded: {', '.join(told)}"
        if self.done:
            yield f"done by the interrupted run: {plural(self.done, 'file')}"
        failed = [
            f"{plural(self.bad_pictures, 'picture')} could not be compared" if self.bad_pictures else "",
            plural(self.errors, "error") if self.errors else "",
        ]
        if any(failed):
            yield ", ".join(filter(None, failed))

    def _found(self, *, fixed: bool) -> str:
        if not self.pages:
            return "no pages read"
        parts = [
            f"{self.fixed.total():,} {'fixed' if fixed else 'to fix'} ({self._rules()})" if self.fixed else "",
            f"{plural(self.saved, 'byte')} less" if self.fixed and self.saved > 0 else "",
            f"{self.refused:,} refused" if self.refused else "",
            f"{self.for_review:,} for review" if self.for_review else "",
        ]
        nothing = "nothing to fix" if self.kept or self.suppressed else "nothing repeats"
        changed = f"{self.changed:,} {'changed' if fixed else 'to change'}"
        return f"{plural(self.pages, 'page')} read, {changed}: {', '.join(filter(None, parts)) or nothing}"

    def _rules(self) -> str:
        told = [f"{code} {number:,}" for code, _, number in self.by_rule()]
        return ", ".join(told[:_MOST_RULES]) + (" …" if told[_MOST_RULES:] else "")

    def exit_code(self, *, found_is_one: bool, allowed: int = 0) -> int:
        """Return what the run comes to: 2 with errors, else 1 where findings count and are there, else 0.

        Args:
            found_is_one: whether findings that can be fixed, or changes, make it 1.
            allowed: how many of them may be there all the same.
        """
        if self.errors:
            return 2
        return int(found_is_one and self.fixed.total() > allowed)
