"""The command that explains the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from captionfix.errors import SettingsError
from captionfix.rule_table import RULES, Rule, no_rule

if TYPE_CHECKING:
    from captionfix.safety import Row


def rules(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A rule's code or its beginning; without one, all are listed.")
    ] = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Lines and Markdown, or JSON with all of it.")
    ] = "text",
) -> None:
    """List the rules, or explain some: what they find, why, an example, how safe the fix is, case by case."""
    if code is not None and (why := no_rule(code.upper())):
        raise SettingsError(f"CODE: {why}")
    chosen = [rule for rule in RULES if code is None or rule.code.startswith(code.upper())]
    if output_format == "json":
        _show_json(chosen)
        return
    for rule in chosen:
        if code is None:
            typer.echo(f"{rule.code}  {_name(rule):24} {rule.finds}")
        else:
            typer.echo(f"## {rule.code}\n\n`{_name(rule)}`: {rule.finds}.\n\n{_explanation(rule)}\n")
            typer.echo(_table(rule) + "\n")


def _name(rule: Rule) -> str:
    return rule.name.replace("_", "-")


def _explanation(rule: Rule) -> str:
    return rule.explanation.replace("``", "`")


def _show_json(chosen: list[Rule]) -> None:
    from captionfix.formatting import dumps

    told = [
        {
            "code": rule.code,
            "name": _name(rule),
            "reads": rule.reads,
            "finds": rule.finds,
            "explanation": _explanation(rule),
            "cases": [
                {"case": row.case, "described": row.described, "safety": row.safety.value, "reason": row.reason}
                for row in _cases(rule)
            ],
        }
        for rule in chosen
    ]
    typer.echo(dumps(told).encode())


def _cases(rule: Rule) -> list[Row]:
    """How far a rule's cases may go; the pixels of other pictures are a case of every rule."""
    from captionfix.safety import TABLE

    return [row for row in TABLE if row.code == rule.code or (row.code == "*" and not rule.code.startswith("CF3"))]


def _table(rule: Rule) -> str:
    told = [f"| {row.described} | {row.safety.value} | {row.reason} |" for row in _cases(rule)]
    return "\n".join(("| the case | safety | why |", "|---|---|---|", *told))
