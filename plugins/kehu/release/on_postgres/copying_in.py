"""A candidate that DuckDB has computed is copied into a schema of Postgres: Arrow batches in, no row passes through Python."""

from __future__ import annotations

import re

from kehu.errors import ReleaseError
from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name
from kehu.release.ids import ReleaseId
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
from kehu.warehouse.on_postgres.copying import copy_rows
from kehu.warehouse.on_postgres.release_schemas import schema_of_release
from kehu.warehouse.on_postgres.session import PostgresSession

_COLUMNS = """
    select table_name, column_name, data_type from duckdb_columns()
    where database_name = current_database() and schema_name = ? order by table_name, column_index
"""
_ROWS_AT_ONCE = 65_536
_TYPES = {
    "VARCHAR": "varchar",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38, 0)",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
"""Postgres' type by DuckDB's name of those that contracts use."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def columns_of_candidate(source: DuckDBSession, release_id: ReleaseId) -> dict[str, dict[str, str]]:
    """Type by column by table of a candidate."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in source.rows(_COLUMNS, [candidate_schema(release_id)]):
        tables.setdefault(table, {})[column] = kind
    return tables


def copy_candidate(
    source: DuckDBSession, target: PostgresSession, release_id: ReleaseId, tables: dict[str, dict[str, str]]
) -> None:
    """Make the tables of a candidate anew in the schema of its release; call it in a transaction of the target.

    Raises:
        ReleaseError: a column has a type that Postgres does not hold.
    """
    schema = sql_name(schema_of_release(release_id))
    candidate = sql_name(candidate_schema(release_id))
    target.execute(f"create schema {schema}")
    for table, shape in tables.items():
        columns = ", ".join(f"{sql_name(name)} {_type(table, name, kind)}" for name, kind in shape.items())
        target.execute(f"create table {schema}.{sql_name(table)} ({columns})")
        batches = source.connection.sql(f"from {candidate}.{sql_name(table)}").to_arrow_reader(_ROWS_AT_ONCE)
        copy_rows(target.connection, f"{schema}.{sql_name(table)}", list(shape), batches)


def _type(table: str, column: str, kind: str) -> str:
    if number := _DECIMAL.fullmatch(kind):
        return f"numeric({number[1]}, {number[2]})"
    if kind not in _TYPES:
        raise ReleaseError(
            "a published column has a type that Postgres does not hold",
            fix="cast it in its mart to one that every warehouse has",
            table=table,
            column=column,
            type=kind,
        )
    return _TYPES[kind]
