"""The table of cases: what rules name is in it, and all of it is named by a rule."""

from __future__ import annotations

import re
from pathlib import Path

import captionfix
from captionfix.rules import RULES
from captionfix.safety import TABLE

ROOM = Path(captionfix.__file__).parent


def test_rules_and_table_know_the_same_cases() -> None:
    """Each rule names its own rows that no check decides, and no others; what pixels say stands in `confirm`."""
    for rule in RULES:
        source = (ROOM / "rules" / f"{rule.name}.py").read_text(encoding="utf-8")
        for row in TABLE:
            assert row.code != rule.code or row.check is not None or f'"{row.case}"' in source, row
        named = re.findall(r'rate\(CODE, "([^"]+)"', source)
        assert set(named) <= {row.case for row in TABLE if row.code == rule.code}
    assert 'rate("*", "other pixels")' in (ROOM / "confirm.py").read_text(encoding="utf-8")


def test_no_rule_rates_by_itself() -> None:
    """How far a finding goes stands in the table only."""
    for rule in RULES:
        source = (ROOM / "rules" / f"{rule.name}.py").read_text(encoding="utf-8")
        assert re.search(r"Safety\.(SAFE|REVIEW)", source) is None, rule.name


def test_each_case_stands_once_with_its_reason() -> None:
    """The table of safety has one row for a case, and each row has a reason."""
    assert len({(row.code, row.case) for row in TABLE}) == len(TABLE)
    assert all(row.says and row.reason for row in TABLE)
