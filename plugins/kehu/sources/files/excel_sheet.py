"""Which sheet of a workbook is read, and its rows as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from kehu.errors import ConfigurationError, SourceUnreadable, nearest
from kehu.sources.files.charsets import unreadable
from kehu.sources.files.excel_cells import odd_cells
from kehu.sources.files.located import SourceFile

NO_VALUE = "a formula without a stored value: open the file in a spreadsheet and save it"
MERGED = "part of merged cells, whose value is in the first of them alone: unmerge them"


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its position (from 0), its cells, and what is odd about some of them, by position."""

    at: int
    cells: list[Any]
    odd: dict[int, str]


@dataclass(frozen=True)
class Sheet:
    """The sheet that is read.

    Attributes:
        file: the workbook.
        name: the sheet's name.
        others: the names of the other sheets that are not hidden.
    """

    file: SourceFile
    name: str
    others: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """The rows from the first, errors as their text: a null would say that nothing was delivered."""
        sheet = _opened(self.file).get_sheet_by_name(self.name)
        odd, merged = odd_cells(self.file.path, self.name), _merged(sheet)
        # calamine pads rows above the first cell, but not the columns to its left.
        left = sheet.start[1] if sheet.start else 0
        for at, cells in enumerate(sheet.iter_rows()):
            for column, text in odd.errors.get(at, {}).items():
                if 0 <= column - left < len(cells):
                    cells[column - left] = text
            problems = dict.fromkeys(merged.get(at, ()), MERGED) | dict.fromkeys(odd.valueless.get(at, ()), NO_VALUE)
            yield Row(at, cells, {column - left: problem for column, problem in problems.items()})


def open_sheet(file: SourceFile, name: str | None) -> Sheet:
    """The named sheet, or the first that is not hidden.

    Raises:
        SourceUnreadable: the file is no workbook, or all sheets are hidden and none is named.
        ConfigurationError: there is no sheet of that name.
    """
    workbook = _opened(file)
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    chosen = _chosen(file, name, shown, workbook.sheet_names)
    return Sheet(file, chosen, tuple(one for one in shown if one != chosen))


def _opened(file: SourceFile) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(str(file.path))
    except (CalamineError, OSError) as error:
        raise unreadable(file, error) from None


def _chosen(file: SourceFile, name: str | None, shown: list[str], all_names: list[str]) -> str:
    if name is not None and name not in all_names:
        raise ConfigurationError(
            "the workbook has no such sheet",
            fix="correct sheet",
            file=file.name,
            sheet=name,
            nearest=nearest(name, all_names) or all_names,
        )
    if name is None and not shown:
        raise SourceUnreadable(
            "all sheets of the workbook are hidden",
            fix="name the one that is meant: sheet:",
            file=file.name,
            sheets=all_names,
        )
    return name or shown[0]


def _merged(sheet: CalamineSheet) -> dict[int, set[int]]:
    """The cells of merged ranges but for the first of each, by row: they show a value and hold none."""
    found: dict[int, set[int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, bottom + 1):
            columns = set(range(left, right + 1)) - ({left} if row == top else set())
            found.setdefault(row, set()).update(columns)
    return found
