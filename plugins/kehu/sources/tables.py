"""A source's file as a relation in DuckDB, whatever its format was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kehu.quoting import sql_name, sql_text

RESERVED = ("_row_number", "_file")
"""Columns that every relation has besides the file's own."""

BROKEN = "_broken_cells"
"""A map of column and problem, of cells that show something else than what can be read; not one of the file's columns."""

_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


@dataclass(frozen=True)
class Table:
    """What can be read from one file.

    Attributes:
        relation: a query that yields the file's columns, ``_row_number`` (1-based) and ``_file``.
        columns: the file's columns with their DuckDB types.
        texts: for columns whose text is not simply a cast of the value: the expression that yields it.
        rejects: a query that yields ``_file``, ``_row_number``, ``_raw``, ``_error``.
        has_broken: whether the relation has ``BROKEN``: a row with such a cell in a column that is used is a reject.
    """

    relation: str
    columns: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    rejects: str | None = None
    has_broken: bool = False

    def text(self, column: str) -> str:
        """The expression of a column's value as text, as delivered."""
        return self.texts.get(column) or as_text(sql_name(column), self.columns[column])


def as_text(expression: str, duckdb_type: str) -> str:
    """Text of a typed value: ISO for dates and times, JSON for nested values, UTF-8 for bytes where they are that."""
    if duckdb_type == "VARCHAR":
        return expression
    if duckdb_type == "JSON":
        return f"({expression} ->> '$')"
    if duckdb_type == "BLOB":
        return f"coalesce(try(decode({expression})), {expression}::varchar)"
    if duckdb_type.endswith("]") or duckdb_type.startswith(_NESTED):
        return f"to_json({expression})::varchar"
    return f"{expression}::varchar"


def empty_relation(columns: Mapping[str, str]) -> str:
    """A relation of these columns without rows: enough to check a mapping before the file is read."""
    selected = [f"null::{kind} as {sql_name(name)}" for name, kind in columns.items()]
    return f"select {', '.join([*selected, 'null::bigint as _row_number', 'null::varchar as _file'])} where false"


def unique_names(header: Sequence[str | None]) -> list[str]:
    """Names for the columns of a header: SQL ignores case, so a name that is there already gets a number behind it.

    A column without a name is called ``column_<position>``.
    """
    seen = {name.lower() for name in (*RESERVED, BROKEN)}
    names = []
    for position, raw in enumerate(header, start=1):
        name = (raw or "").strip() or f"column_{position}"
        candidate, number = name, 2
        while candidate.lower() in seen:
            candidate, number = f"{name}_{number}", number + 1
        seen.add(candidate.lower())
        names.append(candidate)
    return names


def union_all(queries: Iterable[str]) -> str:
    """One query of many with the same columns."""
    return " union all by name ".join(f"(from ({query}))" for query in queries)


def file_literal(name: str) -> str:
    """The ``_file`` column."""
    return f"{sql_text(name)} as _file"
