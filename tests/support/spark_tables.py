"""The relations of one shop on two engines, for `differences` of same_tables: what DuckDB has built, and what Spark has."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import duckdb

from tests.support.same_tables import Table, kind_of
from tests.support.spark_shop import relations

_WHOLE_NUMBERS = frozenset({"tinyint", "smallint", "integer", "bigint", "hugeint", "ubigint", "uhugeint"})


def duckdb_tables(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, Table]:
    """Every relation of a schema of DuckDB."""
    return {name: _table(connection, f'"{schema}"."{name}"') for name in relations(connection, schema)}


def spark_tables(session: Any, schema: str) -> dict[str, Table]:
    """Every relation of a schema of a session, read through Arrow."""
    found = {}
    with duckdb.connect() as embedded:
        embedded.execute("set TimeZone = 'UTC'")
        for row in session.sql(f"show tables in {schema}").collect():
            if not row["isTemporary"]:
                embedded.register("arrived", session.sql(f"select * from {schema}.{row['tableName']}").toArrow())
                found[row["tableName"]] = _table(embedded, "arrived")
                embedded.unregister("arrived")
    return found


def is_alike(kind: str) -> str:
    """A type by what it holds: how wide whole numbers and sums of decimals are differs, their values must not."""
    return "whole number" if kind in _WHOLE_NUMBERS else kind.partition("(")[0]


def without(table: Table, columns: Collection[str]) -> Table:
    """The table without some columns."""
    kept = [number for number, name in enumerate(table.kinds) if name not in columns]
    kinds = {name: kind for name, kind in table.kinds.items() if name not in columns}
    return Table(kinds, [tuple(row[number] for number in kept) for row in table.rows])


def _table(connection: duckdb.DuckDBPyConnection, relation: str) -> Table:
    described = connection.execute(f"describe select * from {relation}").fetchall()
    kinds = {str(name): is_alike(kind_of(kind, None, None)) for name, kind, *_ in sorted(described)}
    listed = ", ".join(f'"{name}"' for name in kinds)
    rows = connection.execute(f"select {listed} from {relation}").fetchall()
    # 1.50 and 1.5000 are one amount
    decimals = [number for number, kind in enumerate(kinds.values()) if kind == "decimal"]
    return Table(kinds, [_rescaled(row, decimals) for row in rows] if decimals else rows)


def _rescaled(row: tuple[Any, ...], decimals: Sequence[int]) -> tuple[Any, ...]:
    cells = list(row)
    for number in decimals:
        cells[number] = None if row[number] is None else f"{row[number].normalize():f}"
    return tuple(cells)
