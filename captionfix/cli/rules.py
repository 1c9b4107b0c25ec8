"""The command that explains the rules."""

from __future__ import annotations

from typing import Annotated

import typer

from captionfix.errors import SettingsError
from captionfix.rule_table import RULES, no_rule


def rules(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A rule's code; without one, all are listed.")
    ] = None,
) -> None:
    """Tell what each rule finds, or explain one: why, an example, how safe its mend is."""
    if code is None:
        for rule in RULES:
            typer.echo(f"{rule.code}  {rule.name.replace('_', '-'):24} {rule.finds}")
        return
    if why := no_rule(code.upper()):
        raise SettingsError(f"CODE: {why}")
    for rule in RULES:
        if rule.code.startswith(code.upper()):
            explanation = rule.explanation.replace("``", "`")
            typer.echo(f"## {rule.code}\n\n`{rule.name.replace('_', '-')}`: {rule.finds}.\n\n{explanation}\n")
            typer.echo(_cases(rule.code) + "\n")


def _cases(code: str) -> str:
    """How far a rule's cases may go, as a table; the pixels of other pictures are a case of every rule."""
    from captionfix.safety import TABLE

    rows = [row for row in TABLE if row.code == code or (row.code == "*" and not code.startswith("CF3"))]
    told = [f"| {row.described} | {row.safety.value} | {row.reason} |" for row in rows]
    return "\n".join(("| the case | safety | why |", "|---|---|---|", *told))
