"""A workbook as spreadsheets write it, as small as it can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile


class ExcelError(str):
    """The text of a cell that holds an error."""


@dataclass(frozen=True)
class Formula:
    """A formula; ``stored`` is the XML of the value that was computed for it, if any was."""

    text: str
    stored: str = ""
    attributes: str = ""


def write_workbook(
    path: Path,
    sheets: dict[str, list[list[object]]],
    hidden: Collection[str] = (),
    merged: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """A minimal workbook: numbers, booleans, inline strings, errors and formulas.

    Args:
        path: where it goes.
        sheets: rows by the name of the sheet.
        hidden: names of sheets that are hidden.
        merged: ranges such as ``A2:A4`` by the name of the sheet.
    """
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    namespace = "http://schemas.openxmlformats.org"
    with ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{namespace}/package/2006/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
            f'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{namespace}/package/2006/relationships"><Relationship Id="r" Type='
            f'"{namespace}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )

        def state(name: str) -> str:
            return ' state="hidden"' if name in hidden else ""

        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"{state(name)}/>' for n, name in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{namespace}/spreadsheetml/2006/main"'
            f' xmlns:r="{namespace}/officeDocument/2006/relationships"><sheets>{listed}</sheets></workbook>',
        )
        links = "".join(
            f'<Relationship Id="r{n}" Type="{namespace}/officeDocument/2006/relationships/worksheet"'
            f' Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{namespace}/package/2006/relationships">{links}</Relationships>',
        )
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            body = "".join(f'<row r="{r}">{_cells(r, row)}</row>' for r, row in enumerate(rows, start=1))
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{namespace}/spreadsheetml/2006/main"><sheetData>{body}</sheetData>'
                f"{_merged((merged or {}).get(name, ()))}</worksheet>",
            )


def _cells(row_number: int, row: list[object]) -> str:
    shown = []
    for column, value in enumerate(row):
        place = f"{chr(65 + column)}{row_number}"
        if isinstance(value, Formula):
            shown.append(f'<c r="{place}"{value.attributes}><f>{escape(value.text)}</f>{value.stored}</c>')
        elif isinstance(value, ExcelError):
            shown.append(f'<c r="{place}" t="e"><f>1/0</f><v>{value}</v></c>')
        elif isinstance(value, bool):
            shown.append(f'<c r="{place}" t="b"><v>{int(value)}</v></c>')
        elif isinstance(value, int | float):
            shown.append(f'<c r="{place}"><v>{value}</v></c>')
        elif value is not None:
            shown.append(f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>')
    return "".join(shown)


def _merged(ranges: Sequence[str]) -> str:
    if not ranges:
        return ""
    cells = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    return f'<mergeCells count="{len(ranges)}">{cells}</mergeCells>'
