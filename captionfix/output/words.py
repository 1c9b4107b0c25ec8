"""A finding in words, as every form of report but JSON tells it."""

from __future__ import annotations

from captionfix.formatting import printable
from captionfix.model import Finding, Safety

_LONGEST = 60
"""Characters of a caption that a line shows, as messages of the rules do."""
_NOTES = {
    Safety.SAFE: "reported only",
    Safety.REVIEW: "for review: --review-level fixes it",
    Safety.SHOW: "kept",
}


def message(finding: Finding) -> str:
    """Return what was found: the rule's sentence, the caption, the picture and where the other copy stands.

    >>> from captionfix.model import Safety
    >>> message(Finding("CF101", "a.html", (), 9, 1, "the caption again", (), Safety.SAFE, kept_at=(4, 2),
    ...                 caption="Boats leave", picture="img/boat.jpg"))
    'the caption again: "Boats leave" (also at 4:2; picture img/boat.jpg)'
    """
    told = finding.message
    if finding.caption and '"' not in told:
        told += f': "{shortened(finding.caption)}"'
    others = (
        "also at {}:{}".format(*finding.kept_at) if finding.kept_at else "",
        f"picture {shortened(finding.picture, from_end=True)}" if finding.picture else "",
    )
    beside = "; ".join(filter(None, others))
    return printable(f"{told} ({beside})" if beside else told)


def note(finding: Finding) -> str:
    """Return why a finding is not fixed, ``""`` where it is."""
    if finding.applied:
        return ""
    if finding.suppressed:
        return f"kept: {finding.suppressed}"
    return printable(f"not fixed: {finding.refused}" if finding.refused else _NOTES[finding.safety])


def shortened(text: str, *, from_end: bool = False) -> str:
    """Return at most so much of a text as a line shows.

    Args:
        text: the text.
        from_end: whether its end says more than its beginning, as of a URL.

    >>> shortened("a" * 70)[-3:], shortened("a" * 70 + "/b.jpg", from_end=True)[-6:]
    ('aa…', '/b.jpg')
    """
    if len(text) <= _LONGEST:
        return text
    return "…" + text[1 - _LONGEST :] if from_end else text[: _LONGEST - 1] + "…"
