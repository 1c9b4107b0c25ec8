"""The commands that look after the cache of fingerprints."""

from __future__ import annotations

from pathlib import Path

import typer

from captionfix.cli.options import CachePath, settings_of
from captionfix.cli.printer import say

cache_app = typer.Typer(help="Manage the cache of image fingerprints.", no_args_is_help=True)


@cache_app.command()
def info(cache_path: CachePath = None) -> None:
    """Show where the cache is, how large it is, and what it holds."""
    from captionfix.formatting import plural
    from captionfix.pictures.fingerprint import version
    from captionfix.pictures.upkeep import info

    path = _path(cache_path)
    if path is None:
        return
    held = info(path)
    say(f"cache {path}: {plural(held.bytes, 'byte')}")
    if held.is_old:
        say("made by an older captionfix; the next run makes it anew")
        return
    say(f"{plural(held.files, 'file')}, {plural(held.likenesses, 'compared pair')}")
    for name, images, bad in held.versions:
        used = "in use" if name == version() else "of no use, captionfix cache prune takes them out"
        say(f"{plural(images, 'fingerprint')}, {plural(bad, 'bad image')} of version {name}: {used}")


@cache_app.command()
def clear(cache_path: CachePath = None) -> None:
    """Empty the cache; the next run reads all images again."""
    from captionfix.formatting import plural
    from captionfix.pictures.upkeep import clear

    path = _path(cache_path)
    if path is not None:
        say(f"cache {path}: empty, {plural(clear(path), 'byte')} freed")


@cache_app.command()
def prune(cache_path: CachePath = None) -> None:
    """Remove what is no longer needed: entries of files that are gone or changed, and of other versions."""
    from captionfix.formatting import plural
    from captionfix.pictures.fingerprint import version
    from captionfix.pictures.upkeep import prune

    path = _path(cache_path)
    if path is None:
        return
    gone = prune(path, version())
    parts = (plural(gone.files, "file"), plural(gone.fingerprints, "fingerprint"), plural(gone.likenesses, "pair"))
    say(f"cache {path}: {', '.join(parts)} taken out, {plural(gone.bytes, 'byte')} freed")


def _path(named: str | None) -> Path | None:
    """Where the cache lies; None, and told, where there is none yet."""
    from captionfix.pictures.cache_file import default_path

    settings = settings_of(None, {"cache_path": named})
    path = Path(settings.cache_path) if settings.cache_path else default_path()
    if path.exists():
        return path
    say(f"note: there is no cache at {path} yet; check, clean and images make it", to_stderr=True)
    return None
