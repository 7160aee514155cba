"""Excel sheets: read by calamine, written in blocks to a scratch Parquet file, every cell as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kehu.errors import ConfigurationError, SourceUnreadable, nearest
from kehu.landing.workspace import Workspace, identifier, literal
from kehu.sources.files.charsets import unreadable
from kehu.sources.files.excel_errors import error_cells
from kehu.sources.files.located import SourceFile
from kehu.sources.tables import Table, file_literal, unique_names

_BLOCK_ROWS = 20_000
_LARGEST_WHOLE = 1e21
"""Below it a whole number is written out, as an id has to be; above it is no id but a magnitude."""


def read_excel(work: Workspace, file: SourceFile, sheet_name: str | None) -> Table:
    """One sheet as a table; its first row that is not empty is the header. Empty rows are left out, but counted.

    Raises:
        SourceUnreadable: the file is no workbook, or the sheet is empty.
        ConfigurationError: there is no sheet of that name.
    """
    rows = enumerate(_rows(file, _sheet(file, sheet_name)))
    header_at, header = next(((at, cells) for at, cells in rows if _has_content(cells)), (0, None))
    if header is None:
        raise SourceUnreadable("the sheet is empty: not even a header", fix="deliver it again", file=file.name)
    names = unique_names([cell_text(cell) for cell in header])
    filled = ((at - header_at, cells) for at, cells in rows if _has_content(cells))
    scratch = work.new_file(".parquet")
    _write(filled, names, str(scratch))
    columns = ", ".join(identifier(name) for name in names)
    relation = f"select {columns}, _row_number, {file_literal(file.name)} from read_parquet({literal(str(scratch))})"
    return Table(relation, dict.fromkeys(names, "VARCHAR"))


def cell_text(cell: Any) -> str | None:
    """The text of a cell: whole numbers without ``.0``, dates and times in ISO, empty cells as None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < _LARGEST_WHOLE else repr(cell)
    return str(cell)


def _sheet(file: SourceFile, name: str | None) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_path(str(file.path))
        names = workbook.sheet_names
        if name is not None and name not in names:
            raise ConfigurationError(
                "the workbook has no such sheet",
                fix="correct sheet",
                file=file.name,
                sheet=name,
                nearest=nearest(name, names) or names,
            )
        return workbook.get_sheet_by_name(name) if name else workbook.get_sheet_by_index(0)
    except (CalamineError, OSError, IndexError) as error:
        raise unreadable(file, error) from None


def _rows(file: SourceFile, sheet: CalamineSheet) -> Iterator[list[Any]]:
    """The rows of a sheet from its first, errors as their text: a null would say that nothing was delivered."""
    errors = error_cells(file.path, sheet.name)
    # calamine pads rows above the first cell, but not the columns to its left.
    left = sheet.start[1] if sheet.start else 0
    for at, cells in enumerate(sheet.iter_rows()):
        for column, text in errors.get(at, {}).items():
            if 0 <= column - left < len(cells):
                cells[column - left] = text
        yield cells


def _has_content(cells: Sequence[Any]) -> bool:
    return any(cell not in ("", None) for cell in cells)


def _write(rows: Iterator[tuple[int, Sequence[Any]]], names: list[str], path: str) -> None:
    schema = pa.schema([*((name, pa.string()) for name in names), ("_row_number", pa.int64())])
    with pq.ParquetWriter(path, schema) as writer:
        while block := list(islice(rows, _BLOCK_ROWS)):
            numbers, cells = zip(*block, strict=True)
            texts = [pa.array(map(cell_text, column), pa.string()) for column in zip(*cells, strict=True)]
            writer.write_table(pa.table([*texts, pa.array(numbers, pa.int64())], schema=schema))
