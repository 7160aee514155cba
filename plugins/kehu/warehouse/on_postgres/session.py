"""One open Postgres connection behind the protocol."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
import psycopg2.extensions
import pyarrow as pa

from kehu.warehouse.on_postgres.copying import copy_rows

_ARROW: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
}
"""Arrow's type by the number of Postgres' type; others are taken from the values."""


class PostgresSession:
    """One connection. Placeholders are written ``?``, as everywhere in Kehu.

    Args:
        connection: open, committing by itself.
        dsn: how it was opened, for who must open one of their own.
    """

    kind = "postgres"

    def __init__(self, connection: psycopg2.extensions.connection, dsn: str) -> None:
        self.connection = connection
        self.dsn = dsn

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement."""
        with self.connection.cursor() as cursor:
            cursor.execute(*_bound(sql, parameters))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(*_bound(sql, parameters))
            return list(cursor.fetchall())

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of one query as dictionaries by column."""
        with self.connection.cursor() as cursor:
            cursor.execute(*_bound(sql, parameters))
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""
        with self.connection.cursor() as cursor:
            cursor.execute(*_bound(sql, parameters))
            described = cursor.description or ()
            rows = cursor.fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(described)
        arrays = [pa.array(values, _ARROW.get(one.type_code)) for one, values in zip(described, columns, strict=True)]
        return pa.Table.from_arrays(arrays, names=[one.name for one in described])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the block as one, or roll it back."""
        self.execute("begin")
        try:
            yield
        except BaseException:
            # a connection that is lost has rolled back by itself
            with suppress(psycopg2.InterfaceError, psycopg2.OperationalError):
                self.execute("rollback")
            raise
        self.execute("commit")

    def append(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add a few rows to a bookkeeping table, columns matched by name."""
        if rows:
            self.append_arrow(table, pa.Table.from_pylist([dict(row) for row in rows]))

    def append_arrow(self, table: str, rows: pa.Table) -> None:
        """Add an Arrow table to a table, columns matched by name."""
        copy_rows(self.connection, table, rows.column_names, rows.to_batches())

    def fingerprint(self, relation: str) -> tuple[int, str]:
        """Rows of a relation and the sum of their hashes."""
        hashes = "coalesce(sum(cast(hashtextextended(cast(whole as text), 0) as numeric)), 0)"
        found = self.rows(f"select count(*), cast({hashes} as text) from {relation} as whole")
        return found[0][0], found[0][1]

    def checkpoint(self) -> None:
        """Nothing to do: what is committed is on the disk."""


def _bound(sql: str, parameters: Sequence[object]) -> tuple[str, list[object] | None]:
    """The statement with psycopg2's placeholders; without parameters it is left as it is."""
    if not parameters:
        return sql, None
    return sql.replace("%", "%%").replace("?", "%s"), [_plain(value) for value in parameters]


def _plain(value: object) -> object:
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value
