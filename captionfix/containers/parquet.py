"""Parquet: a page in a column of each row. Schema, metadata and row groups stay; the file is written anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, BinaryIO

from captionfix.containers.members import HEAD, Member, Writer
from captionfix.containers.source import CHUNK, Source
from captionfix.errors import MissingExtraError, NotAPageError
from captionfix.model import Edit
from captionfix.settings import Settings

_ROWS = 64
"""Rows that are read at once: pages have some 100 KB."""


def _pyarrow(name: str = "pyarrow") -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError("Parquet", "parquet") from error


class Parquet:
    """An open Parquet file.

    Args:
        source: the file.
        settings: which column holds the page, and which its URL.

    Raises:
        NotAPageError: it has no such column.
        ContainerError: it has no footer, as when it is cut off.
        MissingExtraError: the library is not installed.
    """

    def __init__(self, source: Source, settings: Settings) -> None:
        arrow, self._parquet = _pyarrow(), _pyarrow("pyarrow.parquet")
        self._source, self._settings = source, settings
        self._file = source.open()
        try:
            self._table = self._parquet.ParquetFile(self._file)
        except (arrow.ArrowException, OSError) as error:
            size = self._file.seek(0, 2)
            self._file.close()
            raise source.error(f"is cut off or damaged: {_short(error)}", size) from error
        names = self._table.schema_arrow.names
        kinds = {name: self._table.schema_arrow.field(name).type for name in set(names)}
        if settings.field not in names or not _is_text(kinds[settings.field]):
            self._file.close()
            told = ", ".join(name for name in names if _is_text(kinds[name])) or "none"
            cause = f"is a Parquet file without a column of text {settings.field!r}"
            raise NotAPageError(source.locator, cause, f"name the one that holds the pages, --field: {told}")
        is_url = settings.url_field in names and _is_text(kinds[settings.url_field])
        self._columns = [
            settings.field,
            *([settings.url_field] if is_url and settings.url_field != settings.field else []),
        ]

    def members(self) -> Iterator[Member]:
        """Yield the pages, row by row; see `captionfix.containers.members.Container`."""
        arrow = _pyarrow()
        row = 0
        for group in range(self._table.num_row_groups):
            try:
                for batch in self._table.iter_batches(_ROWS, row_groups=[group], columns=self._columns):
                    for values in batch.to_pylist():
                        yield self._member(row, values)
                        row += 1
            except (arrow.ArrowException, OSError) as error:
                offset = self._table.metadata.row_group(group).column(0).data_page_offset
                raise self._source.error(f"cannot be read from row {row:,} on: {_short(error)}", offset) from error

    def writer(self, out: BinaryIO) -> Writer:
        """Return what writes a copy."""
        return _Writer(self._source, self._table, self._settings.field, out)

    def close(self) -> None:
        """Let go of the file."""
        self._table.close()
        self._file.close()

    def _member(self, row: int, values: dict[str, Any]) -> Member:
        page = values[self._settings.field]
        url = values.get(self._settings.url_field) or ""
        url = url if isinstance(url, str) else url.decode("utf-8", "replace")
        name = url or f"row {row + 1}"
        if page is None:
            return Member(name, row, left=f"a row without {self._settings.field}")
        is_text = isinstance(page, str)
        data = page.encode("utf-8") if is_text else page
        return Member(
            name, row, data[:HEAD], lambda _: data, url, "text/html", "utf-8" if is_text else "", handle=(row, is_text)
        )


def _is_text(kind: Any) -> bool:
    return str(kind) in ("string", "large_string", "binary", "large_binary", "string_view", "binary_view")


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


class _Writer:
    """Writes the file anew, one row group after the other."""

    def __init__(self, source: Source, table: Any, column: str, out: BinaryIO) -> None:
        self._source, self._table, self._column, self._out = source, table, column, out
        self._to: Any = None
        self._group = self._begins = 0
        self._new: dict[int, str | bytes] = {}

    def put(self, member: Member, data: bytes, edits: Sequence[Edit]) -> None:  # noqa: ARG002 the whole value is set
        row, is_text = member.handle
        self._to = self._to or self._begun()
        while row >= self._begins + self._table.metadata.row_group(self._group).num_rows:
            self._flush()
        self._new[row - self._begins] = data.decode("utf-8") if is_text else data

    def finish(self) -> None:
        if self._to is None:
            with self._source.open() as file:
                shutil.copyfileobj(file, self._out, CHUNK)
            return
        while self._group < self._table.num_row_groups:
            self._flush()
        self._to.close()

    def _begun(self) -> Any:
        """A file with the schema, the metadata and the packing of the old one."""
        parquet, told = _pyarrow("pyarrow.parquet"), self._table.metadata
        first = told.row_group(0)
        columns = [first.column(at) for at in range(first.num_columns)]
        packings = {column.path_in_schema: column.compression for column in columns}
        written = [column.path_in_schema for column in columns if column.has_dictionary_page]
        return parquet.ParquetWriter(
            self._out,
            self._table.schema_arrow,
            version=told.format_version,
            compression={name: "NONE" if packing == "UNCOMPRESSED" else packing for name, packing in packings.items()},
            use_dictionary=written or False,
            write_statistics=any(column.is_stats_set for column in columns),
        )

    def _flush(self) -> None:
        """Write the next row group."""
        table = self._table.read_row_group(self._group)
        rows = table.num_rows
        if self._new:
            at = table.schema.get_field_index(self._column)
            table = table.set_column(at, table.schema.field(at), self._replaced(table.column(at)))
        self._to.write_table(table, row_group_size=max(rows, 1))
        self._group, self._begins, self._new = self._group + 1, self._begins + rows, {}

    def _replaced(self, column: Any) -> Any:
        arrow, compute = _pyarrow(), _pyarrow("pyarrow.compute")
        mask = arrow.array([row in self._new for row in range(len(column))])
        new = arrow.array([self._new[row] for row in sorted(self._new)], type=column.type)
        return compute.replace_with_mask(column.combine_chunks(), mask, new)


open_container = Parquet
