"""Rows that repeat the header: exports that were pasted together. They are no records, so they are rejects, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kehu.quoting import sql_name, sql_text
from kehu.sources.tables import Table, union_all

REASON = "the row repeats the header"

_MADE_UP = re.compile(r"column_\d+|.*_\d+")
"""Names that a column may have been given: without one of its own, or with that of another."""


def is_header(names: Sequence[str]) -> str:
    """SQL of whether a row's values are the names of its columns; never true of a file of one column."""
    own = [name for name in names if not _MADE_UP.fullmatch(name)]
    if len(own) < 2:
        return "false"
    # as they are written, so that hardly a row is looked at twice
    return "(" + " and ".join(f"trim({sql_name(name)}) = {sql_text(name)}" for name in own) + ")"


def without_repeated(table: Table, file_name: str) -> Table:
    """The table of a file in which there are such rows, with them among its rejects."""
    names = tuple(table.columns)
    condition = f"coalesce({is_header(names)}, false)"
    rejects = (
        f"select {sql_text(file_name)} as _file, _row_number, {sql_text(', '.join(names))} as _raw, {sql_text(REASON)} as _error"
        f" from ({table.relation}) where {condition}"
    )
    return replace(
        table,
        relation=f"select * from ({table.relation}) where not {condition}",
        rejects=union_all([table.rejects, rejects]) if table.rejects else rejects,
    )
