"""A list of actions as text: columns for a terminal, CSV for people, CSV for tools."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

SHOWN = ("priority", "due_date", "customer_id", "label", "reason", "figures", "channel", "offer_name")
"""Columns of the list in a terminal; personal ones come behind."""
_FORMULA = r"^[=@\t\r]|^[+\-].*[^0-9 ()/.\-].*"
"""What a spreadsheet would compute: not a telephone number, nor a negative one."""


def as_columns(actions: pa.Table, extra: tuple[str, ...] = ()) -> list[str]:
    """Lines of columns that line up, the first one with their names."""
    names = [*SHOWN, *extra]
    texts = [[name, *("" if value is None else str(value) for value in actions[name].to_pylist())] for name in names]
    widths = [max(map(_width, column)) for column in texts]
    return [
        "  ".join(_padded(*cell) for cell in zip(row, widths, strict=True)).rstrip() for row in zip(*texts, strict=True)
    ]


def as_csv(actions: pa.Table, *, for_people: bool) -> str:
    """CSV with a header; for people a cell that a spreadsheet would compute begins with an apostrophe."""
    if for_people:
        columns = [_guarded(column) if pa.types.is_string(column.type) else column for column in actions.columns]
        actions = pa.table(dict(zip(actions.column_names, columns, strict=True)))
    target = io.BytesIO()
    csv.write_csv(actions, target)
    return target.getvalue().decode("utf-8")


def _guarded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.match_substring_regex(column, _FORMULA), pc.binary_join_element_wise("'", column, ""), column)


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
