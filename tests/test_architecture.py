"""Who may import whom, and which library has which door: ARCHITECTURE.md says it, and this reads it there."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

from pages import failing

PACKAGE = Path(__file__).parent.parent / "captionfix"
MAP = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")


def name_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def listed():
    """The layers of ARCHITECTURE.md, from below: the names on each line."""
    for line in re.search(r"^```layers\n(.*?)^```", MAP, re.MULTILINE | re.DOTALL)[1].splitlines():
        package, _, names = line.rpartition(": ")
        dotted = [".".join(filter(None, (package, name.replace("/", ".")))) for name in names.split(", ")]
        yield [name.removesuffix("__init__").removesuffix(".") for name in dotted]


LAYERS = list(listed())
_COMMANDS = ("act", "cache", "file_options", "images", "keep", "options", "pages", "printer", "review", "rules", "undo")
DOORS = {
    "turbohtml": {"markup.html"},
    "lxml": {"markup.lxml_elements", "markup.lxml_tree", "markup.xml", "pipeline", "library"},
    # pipeline and library name its types, for type checkers only
    "typer": {f"cli{module}" for module in ("", *map(".{}".format, _COMMANDS))},
    "rich": {"cli.terminal"},
    "PIL": {"pictures.open_image", "pictures.scaling", "pictures.decode"},
    "pillow_heif": {"pictures.open_image"},
    "pillow_jxl": {"pictures.open_image"},
    "imagehash": {"pictures.fingerprint"},
    "pyarrow": {"containers.parquet"},
    "zstandard": {"containers.packing"},
    "sqlite3": {
        "containers.database",
        "pictures.cache",
        "pictures.cache_file",
        "pictures.upkeep",
    },  # the latter names its type, for type checkers only
    "platformdirs": {"folders"},
    "scrapy": {"integrations.scrapy"},
    "itemadapter": {"integrations.scrapy"},  # Scrapy's own
    "fsspec": {"archives.remote"},
}


def layer(module):
    """How high a module stands; a package that only says what is in it stands below all."""
    for names in ({module}, {f"{module.rpartition('.')[0]}.*"} - {".*"}):
        for place, line in enumerate(LAYERS):
            if not names.isdisjoint(line):
                return place
    if MODULES[module].name == "__init__.py" and not imports(module):
        return -1
    raise AssertionError(f"{module}: a new module needs a layer and a row in ARCHITECTURE.md")


@cache
def imports(module):
    found = []
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name.removeprefix("captionfix.") in MODULES else node.module for name in names]
    return [name for name in found if name != "__future__"]


def test_imports_run_one_way():
    """A module imports only from layers below its own."""
    assert failing(imports_from_below, MODULES) == {}


def imports_from_below(module):
    for name in imports(module):
        if name == "captionfix" or name.startswith("captionfix."):
            other = name.removeprefix("captionfix").removeprefix(".")
            assert layer(other) < layer(module), f"{module or '__init__'} imports {name}"


def test_each_library_has_one_door():
    """A third-party library is imported in its own module only."""
    assert failing(uses_its_doors, MODULES) == {}


def uses_its_doors(module):
    for name in imports(module):
        top = name.split(".")[0]
        if top in DOORS:
            assert module in DOORS[top], f"{module} imports {name}"
        elif top not in ("captionfix", "numpy"):
            assert top in sys.stdlib_module_names, f"{module} imports {name}, which has no door"


def test_every_module_is_on_the_map():
    """ARCHITECTURE.md has a row for each module in the table of its package, and names none that is gone."""
    packages = re.split(r"^### .*?`(\w+)/`.*$", MAP[: MAP.index("```layers")], flags=re.MULTILINE)[1:]
    rows = dict(zip(packages[::2], packages[1::2], strict=True))
    names = {
        f"{package}.{name}".removeprefix("captionfix.")
        for package, text in rows.items()
        for row in re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    silent = {name for name, path in MODULES.items() if path.name == "__init__.py" and not imports(name)}
    rules = {name for name in MODULES if name == "rules" or name.startswith("rules.")}
    assert {name.removesuffix("__init__").removesuffix(".") for name in names} == set(MODULES) - silent - rules - {
        "__main__"
    }
    assert {name for line in LAYERS for name in line if not name.endswith("*")} <= set(MODULES)


def test_nothing_waits_for_a_lock_that_a_fork_may_copy():
    """Attributes worked out on demand are those of `lazy`: the ones of functools lock before Python 3.12."""
    assert failing(waits_for_no_lock, MODULES) == {}


def waits_for_no_lock(module):
    assert "functools.cached_property" not in set(imports(module)) | {
        f"functools.{alias.name}"
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "functools"
        for alias in node.names
    }
