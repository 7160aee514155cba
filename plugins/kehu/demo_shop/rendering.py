"""Rows as the bytes of a file: CSV, JSON lines or a workbook. The same rows give the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from pyarrow import csv

from kehu.demo_shop.exports import Export

_MADE = datetime(2020, 1, 1, tzinfo=UTC)
_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


def rendered_csv(export: Export, table: pa.Table, with_header: bool) -> bytes:
    """The lines of a CSV file; texts are quoted where a value may need it."""
    sink = pa.BufferOutputStream()
    quoting = "needed" if export.has_text else "none"
    csv.write_csv(
        table, sink, csv.WriteOptions(include_header=with_header, quoting_style=quoting, quoting_header="none")
    )
    content = sink.getvalue().to_pybytes()
    return content if export.encoding == "utf-8" else content.decode("utf-8").encode(export.encoding)


def rendered_json(export: Export, table: pa.Table) -> bytes:
    """One object a line; empty values are left out of no line, they are null."""
    parts = []
    for number, name in enumerate(table.column_names):
        values = table[name].combine_chunks()
        if export.has_text:
            for plain, escaped in _ESCAPES:
                values = pc.replace_substring(values, plain, escaped)
        quoted = pc.binary_join_element_wise('"', values, '"', "")
        before = ("{" if number == 0 else ", ") + f'"{name}": '
        parts += [pa.scalar(before), pc.fill_null(quoted, "null")]
    lines = pc.binary_join_element_wise(*parts, pa.scalar("}"), "")
    everything = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    return bytes(pc.binary_join(everything, "\n")[0].as_buffer()) + b"\n"


def rendered_workbook(table: pa.Table) -> bytes:
    """A workbook of one sheet; what looks like a number is one."""
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": True})
    book.set_properties({"created": _MADE})
    sheet = book.add_worksheet("export")
    sheet.write_row(0, 0, table.column_names)
    for number, name in enumerate(table.column_names):
        sheet.write_column(1, number, table[name].to_pylist())
    book.close()
    return stream.getvalue()
