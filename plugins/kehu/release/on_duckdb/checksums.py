"""Rows and an order-insensitive checksum of a table, for telling whether two releases hold the same data.

A row becomes one text, the text an MD5, the first 60 bits of it a number, and the numbers of all rows are summed: the
order of rows does not matter, duplicates do. Only text that every version writes alike enters: floating point values
are written with 13 significant digits, so that the order in which threads add does not matter either.
"""

from __future__ import annotations

import hashlib
import json

import duckdb

from kehu.release.manifest import RUN_SPECIFIC_TABLES, SCHEMA, TableSummary

_FLOATS = {"FLOAT", "DOUBLE"}
_SELF_DELIMITING = ("DECIMAL", "TIMESTAMP")
_PLAIN = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "UHUGEINT", "DATE", "TIME", "UUID",
}  # fmt: skip

_COLUMNS = """
    select table_name, column_name, data_type from information_schema.columns
    where table_schema = ? order by table_name, ordinal_position
"""


def summarise_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, TableSummary]:
    """Rows and checksum of every table of an opened release, by name in alphabetical order."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, data_type in connection.execute(_COLUMNS, [SCHEMA]).fetchall():
        columns.setdefault(table, []).append((column, data_type))
    return {table: _summarise(connection, table, shape) for table, shape in columns.items()}


def _summarise(connection: duckdb.DuckDBPyConnection, table: str, shape: list[tuple[str, str]]) -> TableSummary:
    text = "concat_ws('|', " + ", ".join(_as_text(name, data_type) for name, data_type in shape) + ")"
    query = f"""select count(*), coalesce(sum(cast('0x' || md5({text})[:15] as bigint)), 0) from "{table}" """
    rows, total = connection.execute(query).fetchall()[0]
    content = json.dumps([shape, rows, str(total)])
    checksum = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    return TableSummary(rows=rows, checksum=checksum, is_run_specific=table in RUN_SPECIFIC_TABLES)


def _as_text(name: str, data_type: str) -> str:
    """SQL that writes one value so that no two different rows give the same text; null is the empty text."""
    column = '"' + name.replace('"', '""') + '"'
    if data_type in _FLOATS:
        return f"coalesce(format('{{:.12e}}', {column} + 0.0), '')"
    if data_type in _PLAIN or data_type.startswith(_SELF_DELIMITING):
        return f"coalesce(cast({column} as varchar), '')"
    return f"coalesce(strlen(cast({column} as varchar)) || ':' || cast({column} as varchar), '')"
