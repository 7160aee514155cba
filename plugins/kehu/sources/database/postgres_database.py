"""Postgres through ADBC: binary COPY into Arrow, in one read-only transaction that sees one state of the data.

The server turns every value into its text, so that nothing depends on what a client library knows of a type. Statements go
through the extended protocol, which takes one statement at a time: a query cannot smuggle in a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from adbc_driver_postgresql import StatementOptions, dbapi

from kehu.errors import KehuError, SourceTableMissing, nearest
from kehu.quoting import sql_name, sql_text
from kehu.sources.database.database_address import DatabaseUrl
from kehu.sources.database.database_errors import is_missing_table, named_error, refused_connection
from kehu.sources.database.reading import Relation
from kehu.sources.spool import Column, LowerBound, TextFile
from kehu.sources.tables import unique_names

_CHUNK_BYTES = 8 << 20
_SESSION = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "idle_in_transaction_session_timeout": "0",
}
_TYPE = b"POSTGRESQL:type"
_ORDERS: dict[str, Literal["number", "moment"]] = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric"), "number"),
    **dict.fromkeys(("date", "timestamp", "timestamptz"), "moment"),
}
_DRIVER_ERRORS = (dbapi.Error, pa.ArrowException, OSError)
_TABLES = """
    select case when pg_table_is_visible(c.oid) then c.relname else n.nspname || '.' || c.relname end
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
"""


class PostgresDatabase:
    """A Postgres server, read through ADBC.

    Args:
        url: where it is.
        source: the source's name, for errors.
        lock_timeout_seconds: how long to wait for a table that somebody changes.
    """

    def __init__(self, url: DatabaseUrl, source: str, lock_timeout_seconds: float) -> None:
        self._url = url
        self._source = source
        self._lock_timeout = max(1, int(lock_timeout_seconds * 1000))
        self._connection: Any = None
        self._cursor: Any = None
        self._now: datetime | None = None

    def open(self) -> None:
        """Connect and begin; the state of the data is that of this moment."""
        try:
            self._connection = dbapi.connect(self._url.libpq(), autocommit=True)
        except _DRIVER_ERRORS as error:
            place = {"source": self._source, **self._url.whereabouts()}
            raise refused_connection(error, self._url.without_secrets(str(error)), place) from None
        options = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(_CHUNK_BYTES)}
        self._cursor = self._connection.cursor(adbc_stmt_kwargs=options)
        try:
            self._cursor.execute("begin isolation level repeatable read read only")
            for name, value in {**_SESSION, "lock_timeout": str(self._lock_timeout)}.items():
                self._cursor.execute(f"set local {name} = {sql_text(value)}")
            self._now = self._rows("select now()")[0][0]
        except _DRIVER_ERRORS as error:
            raise named_error(error, {"source": self._source}) from None

    def close(self) -> None:
        """End the transaction and the connection."""
        for part in (self._cursor, self._connection):
            with suppress(*_DRIVER_ERRORS):
                if part is not None:
                    part.close()
        self._cursor = self._connection = None

    def now(self) -> datetime | None:
        """When the transaction began, by the server's clock."""
        return self._now.astimezone(UTC) if self._now else None

    def columns(self, relation: Relation) -> list[Column]:
        """The columns; takes the lock that keeps the table what it is until the end."""
        origin = _from(relation)
        try:
            schema = self._cursor.adbc_execute_schema(f"select * from {origin}")
            self._rows(f"select 1 from {origin} limit 0")
        except _DRIVER_ERRORS as error:
            if relation.table and is_missing_table(error):
                raise self._missing(relation) from None
            raise named_error(error, relation.location(), is_about_sql=True) from None
        types = [(str(field.name), _type(field)) for field in schema]
        shown = unique_names([name for name, _ in types])
        return [
            Column(name, other, kind, _ORDERS.get(kind, "none"))
            for (name, kind), other in zip(types, shown, strict=True)
        ]

    def read(self, relation: Relation, columns: Sequence[Column], low: LowerBound | None, target: Path) -> None:
        """Stream the rows; the server makes texts of the values."""
        texts = [f"{_text(column)} as c{number}" for number, column in enumerate(columns)]
        sql = f"select {', '.join(texts)} from {_from(relation)}"
        if low is not None:
            # A row without a value is read too: landing refuses it, instead of never seeing it.
            name = f"source.{sql_name(low.column)}"
            sql += f" where {name} >= {_bound(low)} or {name} is null"
        try:
            self._cursor.execute(sql)
            with TextFile(target, columns) as file:
                for batch in self._batches():
                    file.write(batch.columns)
        except _DRIVER_ERRORS as error:
            raise named_error(error, relation.location()) from None

    def _batches(self) -> Iterable[pa.RecordBatch]:
        """The result, batch by batch. ``fetch_record_batch`` gives the same, with errors that have lost their SQLSTATE."""
        batches: Iterable[pa.RecordBatch] = self._cursor._results.reader
        return batches

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql)
        rows: list[tuple[Any, ...]] = self._cursor.fetchall()
        return rows

    def _missing(self, relation: Relation) -> KehuError:
        """What is there instead; the failed statement has ended the transaction."""
        self._cursor.execute("rollback")
        present = [str(row[0]) for row in self._rows(_TABLES)]
        return SourceTableMissing(
            "the database has no such table",
            fix="correct table, and see whether the role of the URL sees its schema",
            **relation.location(),
            nearest=nearest(relation.label, present) or sorted(present)[:5],
        )


def _from(relation: Relation) -> str:
    if relation.table:
        return f"{'.'.join(map(sql_name, relation.table))} as source"
    return f"(\n{relation.query}\n) as source"


def _type(field: pa.Field) -> str:
    name = (field.metadata or {}).get(_TYPE, b"").decode()
    if pa.types.is_list(field.type):
        return f"{name.removeprefix('_')}[]"
    return "record" if pa.types.is_struct(field.type) else name


def _text(column: Column) -> str:
    """SQL of a value's text: JSON for arrays and rows, a plain number for money, the server's own text for the rest."""
    name = f"source.{sql_name(column.name)}"
    if column.type.endswith("[]") or column.type == "record":
        return f"to_json({name})::text"
    if column.type == "money":
        return f"{name}::numeric::text"
    return f"{name}::text"


def _bound(low: LowerBound) -> str:
    if isinstance(low.value, datetime):
        return f"{sql_text(low.value.isoformat(' '))}::{'timestamptz' if low.value.tzinfo else 'timestamp'}"
    return f"{low.value:f}"
