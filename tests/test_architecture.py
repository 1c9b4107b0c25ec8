"""Who may import whom, and which library has which door."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "captionfix"

LAYERS = (
    ("errors", "folders", "formatting", "lazy", "runs.processes", "signatures"),
    ("rule_table",),
    ("settings",),
    ("project",),
    ("limits",),
    ("model",),
    ("words",),
    ("text",),
    ("pictures.names", "pictures.seals", "pictures.services"),
    ("pictures.proxies", "pictures.endings"),
    ("pictures.reading",),
    (
        "pictures.urls",
        "pictures.data_urls",
        "pictures.kinds",
        "pictures.relations",
        "pictures.motion",
        "pictures.search",
        "pictures.vector",
    ),
    ("pictures.decode_limits", "pictures.image_headers"),
    ("pictures.damage", "pictures.open_image", "pictures.poses", "pictures.scaling"),
    ("pictures.decode",),
    ("pictures.fingerprint",),
    ("pictures.crop_hashes", "pictures.align"),
    ("pictures.records",),
    ("pictures.candidates", "pictures.marks", "pictures.local_difference", "pictures.cache"),
    ("pictures.verify", "pictures.upkeep"),
    ("pictures.groups", "pictures.store", "pictures.index", "pictures.match"),
    ("pictures.image_loader",),
    ("markup.templates", "markup.values", "markup.css", "markup.stylesheets", "markup.javascript"),
    ("markup.selectors",),
    ("markup.source",),
    ("markup.splice",),
    ("markup.html", "markup.xml", "markup.plain"),
    ("markup.parse", "responses"),
    ("layout.widths",),
    ("layout.roles",),
    ("layout.pictures", "layout.separation"),
    ("layout.blocks", "layout.sheets", "layout.scripts", "layout.whereabouts"),
    ("layout.page",),
    ("layout.sizes", "layout.visibility", "layout.controls"),
    ("layout.accessible",),
    (
        "layout.articles",
        "layout.attributes",
        "layout.complements",
        "layout.copies",
        "layout.closed",
        "layout.identity",
        "layout.lifting",
        "layout.openers",
        "layout.titles",
    ),
    ("layout.texts",),
    ("layout.owners",),
    ("checks.pairs", "checks.picture_pairs"),
    ("checks.captions", "checks.pictures"),
    ("checks.losses", "checks.strips"),
    ("safety",),
    ("rules.*",),
    ("rules",),
    ("archives.atomic", "archives.openings"),
    ("archives.kinds", "archives.ignore_patterns"),
    ("containers.source",),
    ("containers.packing", "containers.members", "containers.names", "containers.zip_records"),
    ("containers.splicing",),
    ("containers.*",),
    ("containers",),
    ("archives.files", "archives.journal", "archives.mirror_names", "dedupe.names"),
    ("archives.choosing", "archives.journal_store", "archives.site", "dedupe.url_references", "dedupe.rewrite_url"),
    ("archives.scripts",),
    ("archives.removal", "dedupe.mentions"),
    ("archives.inplace", "dedupe.relink"),
    ("dedupe.acting", "dedupe.plans"),
    ("confirm",),
    ("decide",),
    ("mend", "accessible_names", "pair_facts"),
    ("findings", "suppress"),
    ("pipeline",),
    ("workers",),
    ("shards",),
    ("library", "runs.batch", "runs.grouping", "runs.fingerprinting", "runs.image_report", "runs.roots"),
    ("runs.images", "runs.thumbnails"),
    ("output.images",),
    ("output.gallery",),
    ("output.counts", "output.place"),
    ("output.form",),
    ("output.words",),
    ("output.github", "output.json", "output.junit", "output.sarif", "output.text"),
    ("output.jsonl",),
    ("output",),
    ("",),
    ("cli.terminal",),
    ("cli.printer",),
    ("cli.options",),
    ("cli.act", "cli.cache", "cli.pages", "cli.rules", "cli.undo"),
    ("cli.images",),
    ("cli",),
    ("__main__",),
)
_COMMANDS = ("act", "cache", "images", "options", "pages", "printer", "rules", "undo")
DOORS = {
    "turbohtml": {"markup.html"},
    "lxml": {"markup.xml", "pipeline", "library"},  # the last two name its types, for type checkers only
    "typer": {f"cli{module}" for module in ("", *map(".{}".format, _COMMANDS))},
    "rich": {"cli.terminal"},
    "PIL": {"pictures.open_image", "pictures.scaling", "pictures.decode"},
    "pillow_heif": {"pictures.open_image"},
    "pillow_jxl": {"pictures.open_image"},
    "imagehash": {"pictures.fingerprint"},
    "zstandard": {"containers.packing"},
    "sqlite3": {"pictures.cache", "pictures.upkeep"},  # the latter names its type, for type checkers only
    "platformdirs": {"folders"},
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


def layer(module):
    for place, names in enumerate(LAYERS):
        if module in names:
            return place
    for place, names in enumerate(LAYERS):
        if f"{module.split('.')[0]}.*" in names and "." in module:
            return place
    if module in ("archives", "dedupe", "layout", "markup", "pictures", "runs"):
        return 0
    raise AssertionError(f"{module}: a new module needs a layer in LAYERS and a row in ARCHITECTURE.md")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            known = {f"captionfix.{module}" for module, _ in modules()}
            yield from (name if name in known else node.module for name in names)


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value) or "__init__")
def test_imports_run_one_way(module, path):
    """A module imports only from layers below its own."""
    for name in imports(path):
        if name == "captionfix" or name.startswith("captionfix."):
            other = name.removeprefix("captionfix").removeprefix(".")
            assert layer(other) < layer(module), f"{module or '__init__'} imports {name}"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value) or "__init__")
def test_each_library_has_one_door(module, path):
    """A third-party library is imported in its own module only."""
    for name in imports(path):
        top = name.split(".")[0]
        if top in DOORS:
            assert module in DOORS[top], f"{module} imports {name}"
        elif top not in ("captionfix", "__future__", "numpy"):
            assert top in sys.stdlib_module_names, f"{module} imports {name}, which has no door"


def test_every_module_is_on_the_map():
    """ARCHITECTURE.md names every module."""
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for module, _ in modules():
        name = module.split(".")[-1]
        if module.startswith("rules.") or module in (
            "",
            "__main__",
            "markup",
            "layout",
            "checks",
            "pictures",
            "archives",
            "dedupe",
            "runs",
            "rules",
            "cli",
            "output",
            "containers",
        ):
            continue
        assert f"{name}.py" in text, f"{module} is missing from ARCHITECTURE.md"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value) or "__init__")
def test_nothing_waits_for_a_lock_that_a_fork_may_copy(module, path):
    """Attributes worked out on demand are those of `lazy`: the ones of functools lock before Python 3.12."""
    assert "functools.cached_property" not in set(imports(path)) | {
        f"functools.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "functools"
        for alias in node.names
    }
