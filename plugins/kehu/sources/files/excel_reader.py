"""Excel sheets: read by calamine, written in blocks to a scratch Parquet file, every cell as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kehu.errors import SourceUnreadable
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.files.excel_sheet import Row, Sheet
from kehu.sources.files.repeated_headers import is_header, without_repeated
from kehu.sources.tables import BROKEN, Table, file_literal, unique_names

_BLOCK_ROWS = 20_000
_EXPONENT = 1e16
"""From it on Python writes an exponent by itself."""
_LARGEST_WHOLE = 2**53
"""Up to it a whole number is written out, as an id has to be; above it digits are lost, and the text must show that."""


def read_excel(work: Workspace, sheet: Sheet, skip: int) -> Table:
    """A sheet as a table; the first row that is not empty behind ``skip`` rows is the header.

    Empty rows are left out, but counted.

    Raises:
        SourceUnreadable: the sheet is empty.
    """
    rows = (row for row in sheet.rows() if row.at >= skip)
    header = next((row for row in rows if _has_content(row)), None)
    if header is None:
        raise SourceUnreadable(
            "the sheet is empty: not even a header",
            fix="deliver it again, or name another sheet",
            file=sheet.file.name,
            sheet=sheet.name,
            others=list(sheet.others),
        )
    names = unique_names([cell_text(cell) for cell in header.cells])
    scratch = work.new_file(".parquet")
    _write((row for row in rows if _has_content(row)), header.at, names, str(scratch))
    columns = ", ".join(map(sql_name, [*names, BROKEN]))
    relation = (
        f"select {columns}, _row_number, {file_literal(sheet.file.name)} from read_parquet({sql_text(str(scratch))})"
    )
    table = Table(relation, dict.fromkeys(names, "VARCHAR"), has_broken=True)
    repeats = work.rows(f"select 1 from ({relation}) where {is_header(names)} limit 1")
    return without_repeated(table, sheet.file.name) if repeats else table


def cell_text(cell: Any) -> str | None:
    """The text of a cell: whole numbers without ``.0``, dates and times in ISO, empty cells as None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) <= _LARGEST_WHOLE:
            return f"{cell:.0f}"
        return f"{cell:.15e}" if cell.is_integer() and abs(cell) < _EXPONENT else repr(cell)
    return str(cell)


def _has_content(row: Row) -> bool:
    return any(cell not in ("", None) for cell in row.cells)


def _write(rows: Iterator[Row], header_at: int, names: list[str], path: str) -> None:
    broken = pa.map_(pa.string(), pa.string())
    schema = pa.schema([*((name, pa.string()) for name in names), ("_row_number", pa.int64()), (BROKEN, broken)])
    with pq.ParquetWriter(path, schema) as writer:
        while block := list(islice(rows, _BLOCK_ROWS)):
            columns: Sequence[tuple[Any, ...]] = list(zip(*(row.cells for row in block), strict=True))
            texts = [pa.array(map(cell_text, column), pa.string()) for column in columns]
            numbers = pa.array([row.at - header_at for row in block], pa.int64())
            odd = pa.array([_named(row, names) for row in block], broken)
            writer.write_table(pa.table([*texts, numbers, odd], schema=schema))


def _named(row: Row, names: list[str]) -> list[tuple[str, str]] | None:
    """What is odd about a row's cells, by the names of their columns."""
    return [(names[at], problem) for at, problem in row.odd.items() if 0 <= at < len(names)] or None
