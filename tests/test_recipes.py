"""The recipes run where their libraries are installed."""

import re
import warnings
from importlib.util import find_spec

import pytest
from pages import ROOT

TEXT = (ROOT / "docs" / "recipes" / "README.md").read_text(encoding="utf-8")
BLOCKS = {
    f"{section.splitlines()[0]} {number}": code
    for section in TEXT.split("\n## ")[1:]
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE), 1)
}
MODELS = {"unstructured": ("en_core_web_sm",)}
"""Packages of models that a library would fetch when it is first used."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_recipe_runs(name, tmp_path, monkeypatch):
    """What the recipe asserts holds."""
    for library in re.findall(r"^(?:from|import) (\w+)", BLOCKS[name], re.MULTILINE):
        for needed in (library, *MODELS.get(library, ())):
            if find_spec(needed) is None:
                pytest.skip(f"{needed} is not installed")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the libraries, when they are loaded
        exec(compile(BLOCKS[name], name, "exec"), {"__name__": "recipe"})  # noqa: S102
