"""Rows and checksums of tables on Postgres: the same texts, hence the same checksums, as ``checksums.py`` makes on DuckDB."""

from __future__ import annotations

import hashlib
import json

from kehu.quoting import sql_name
from kehu.release.manifest import RUN_SPECIFIC_TABLES, TableSummary
from kehu.warehouse.on_postgres.session import PostgresSession

_COLUMNS = """
    select table_name, column_name, data_type, numeric_precision, numeric_scale from information_schema.columns
    where table_schema = ? order by table_name, ordinal_position
"""
_NAMES = {
    "character varying": "VARCHAR",
    "text": "VARCHAR",
    "double precision": "DOUBLE",
    "bigint": "BIGINT",
    "integer": "INTEGER",
    "smallint": "SMALLINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
}
"""DuckDB's name by Postgres' name of the types that contracts use."""


def summarise_schema(session: PostgresSession, schema: str) -> dict[str, TableSummary]:
    """Rows and checksum of every table of a schema, by name in alphabetical order."""
    return {table: _summarise(session, schema, table, shape) for table, shape in columns_of(session, schema).items()}


def columns_of(session: PostgresSession, schema: str) -> dict[str, list[tuple[str, str]]]:
    """The columns of every table of a schema with DuckDB's names of their types."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, data_type, precision, scale in session.rows(_COLUMNS, [schema]):
        name = f"DECIMAL({precision},{scale})" if data_type == "numeric" else _NAMES.get(data_type, data_type)
        columns.setdefault(table, []).append((column, name))
    return columns


def _summarise(session: PostgresSession, schema: str, table: str, shape: list[tuple[str, str]]) -> TableSummary:
    # concat_ws() takes no more than a hundred arguments.
    text = " || '|' || ".join(_as_text(name, data_type) for name, data_type in shape)
    number = f"cast(cast(('x' || substr(md5({text}), 1, 15)) as bit(60)) as bigint)"
    query = f"select count(*), coalesce(sum({number}), 0) from {sql_name(schema)}.{sql_name(table)}"
    rows, total = session.rows(query)[0]
    content = json.dumps([shape, rows, str(total)])
    checksum = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    return TableSummary(rows=rows, checksum=checksum, is_run_specific=table in RUN_SPECIFIC_TABLES)


def _as_text(name: str, data_type: str) -> str:
    """SQL that writes one value as ``checksums.py`` does; null is the empty text."""
    column = sql_name(name)
    if data_type == "DOUBLE":
        return f"coalesce(ltrim(to_char({column} + 0.0, '9.999999999999EEEE')), '')"
    if data_type == "VARCHAR":
        return f"coalesce(octet_length({column}) || ':' || {column}, '')"
    return f"coalesce(cast({column} as varchar), '')"
