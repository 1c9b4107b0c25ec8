"""Containers: files that hold many pages. One table of their forms, and what opens them."""

from __future__ import annotations

import re
from importlib import import_module

from captionfix.archives.kinds import sniff
from captionfix.containers.members import Container, Form
from captionfix.containers.packing import peeked
from captionfix.containers.source import Source
from captionfix.settings import Settings
from captionfix.signatures import ZSTD, unpacked

_PACKINGS = ("gz", "zst", "bz2", "xz")
FORMS = (
    Form("warc", "warc", packings=_PACKINGS, in_place=False),
    Form("zip", "zipped"),
    Form("jsonl", "jsonlines", packings=_PACKINGS),
    Form("tar", "tar", packings=_PACKINGS),
    Form("csv", "table_csv", packings=_PACKINGS),
    Form("parquet", "parquet"),
    Form("sqlite", "database"),
    Form("mhtml", "mhtml"),
    Form("epub", "zipped"),
    *(Form(key, "feeds", packings=_PACKINGS) for key in ("rss", "atom", "rdf", "wxr")),
)  # fmt: skip
"""The forms that are read and written, by the keys of their formats."""


def form_of(head: bytes, name: str = "") -> tuple[Form, str] | None:
    """Return the form of a container and the packing around it; None for what is none.

    Args:
        head: the file's first bytes.
        name: its name, which counts where too little of what it is packed with can be unpacked.

    Raises:
        MissingExtraError: what unpacks it is not installed.

    >>> form_of(b"PK\\3\\4")[0].module, form_of(b"<p>")
    ('zipped', None)
    """
    start = head.lstrip()
    if start[:1] == b"<" and not _XML.match(start):
        return None
    found = sniff(head, complete=False)
    if found is None:
        return None
    key, packing, inside = found.key, "", head
    if key == ZSTD.key:
        packing, inside = key, peeked(head)
        held = sniff(inside, complete=False)
        key = held.key if held is not None and inside else _key_of(name)
    elif "." in key:
        key, packing = key.split(".", 1)
        inside = unpacked(head, _PEEKED)
    if key == "json" and b"\n" not in inside.strip():  # a first line that is longer than what was read
        key = "jsonl"
    if key in ("text", "markup") and name.lower().endswith((".csv", ".tsv")):  # whatever its records look like
        key = "csv"
    for form in FORMS:
        if form.key == key and (not packing or packing in form.packings):
            return form, packing
    return None


_PEEKED = 2**12
_XML = re.compile(rb"<(?:\?xml|!--|(?:[A-Za-z]+:)?(?:rss|rdf|feed)\b)", re.IGNORECASE)
"""What a feed begins with; of pages, only those in XML do."""


def _key_of(name: str) -> str:
    """The key of the form that a name tells, such as ``warc`` of ``crawl.warc.zst``."""
    parts = name.lower().split(".")
    return next((form.key for form in FORMS if form.key in parts[1:]), "")


def open_container(form: Form, source: Source, settings: Settings) -> Container:
    """Open a container.

    Args:
        form: what it is.
        source: its bytes.
        settings: the fields that hold pages, and its limits.

    Raises:
        NotAPageError: it holds no pages, as far as the settings tell where they are.
        ContainerError: it is cut off or damaged, so that nothing of it can be read.
        MissingExtraError: what reads it is not installed.
    """
    opened: Container = import_module(f"{__name__}.{form.module}").open_container(source, settings)
    return opened
