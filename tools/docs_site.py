"""What MkDocs does besides: files of the project's root become pages, and links between them and docs/ are kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
PAGES = {
    "README.md": "index.md", "ARCHITECTURE.md": "architecture.md", "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "reporting.md", "fixtures/README.md": "fixtures.md",
    "docs/example/README.md": "example.md",
}  # fmt: skip
"""Files outside of the site, and the pages that they become."""
_OWN = re.compile(r"https://(?:github|raw\.githubusercontent)\.com/captionfix/captionfix/(?:(?:blob|tree)/)?main/")
"""How the README, which package indexes show too, leads to files of this repository."""
_LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[\w-]+)?\))")


def on_config(config: Any) -> Any:
    """List the decisions, in their order."""
    for section in config.nav:
        for entry in section.get("Explanation", ()):
            if "Decisions" in entry:
                entry["Decisions"] = [
                    f"decisions/{path.name}" for path in sorted((ROOT / "docs/decisions").glob("*.md"))
                ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are no files of docs/."""
    for name, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to where their files are on the site; those to files that are not on it become words."""
    path = page.file.src_uri
    origin = next((name for name, made in PAGES.items() if made == path), f"docs/{path}")
    depth = "../" * path.count("/")

    def led(link: re.Match[str]) -> str:
        target = (ROOT / origin).parent.joinpath(link[2]).resolve()
        if not target.is_relative_to(ROOT):
            return link[0]
        name = target.relative_to(ROOT).as_posix()
        if name in PAGES:
            return f"{link[1]}{depth}{PAGES[name]}{link[3]}"
        is_page = name.startswith("docs/") and not name.startswith("docs/example/") and target.is_file()
        return f"{link[1]}{depth}{name.removeprefix('docs/')}{link[3]}" if is_page else f"{link[1]}#{link[3][-1]}"

    return _LINK.sub(led, _OWN.sub("", markdown) if origin == "README.md" else markdown)
