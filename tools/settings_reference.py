"""Write docs/settings.md: every setting, what it does and its default, as the code says it.

python tools/settings_reference.py
"""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from captionfix.settings import Settings

TARGET = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """# Settings

What the settings file (`captionfix.toml`, or `[tool.captionfix]` in `pyproject.toml`), the
[command line](cli.md#settings) and [`captionfix.Settings`](library.md) take. Made from the code by
`tools/settings_reference.py`.

| setting | what it does | default |
|---|---|---|
"""


def described() -> dict[str, str]:
    """Each setting's description in the class's documentation."""
    text = inspect.cleandoc(Settings.__doc__ or "").split("Args:\n")[1].split("\n\n")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", text, re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in found}


def reference() -> str:
    """The whole page."""
    said, hints = described(), get_type_hints(Settings)
    rows = []
    for field in fields(Settings):
        if field.name == "project":
            continue
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        told = "not set" if default is None else f"`{json.dumps(default)}`"
        choices = [repr(each) for each in get_args(hints[field.name]) if isinstance(each, str)]
        among = f" One of {', '.join(f'`{each[1:-1]}`' for each in choices)}." if choices else ""
        text = re.sub(r"``(.*?)``", r"`\1`", said[field.name]).replace("|", "\\|")
        rows.append(f"| `{field.name.replace('_', '-')}` | {text[0].upper()}{text[1:]}{among} | {told} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
