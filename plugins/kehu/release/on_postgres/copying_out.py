"""A table of a release that Postgres serves is copied into DuckDB: Arrow batches out, no row passes through Python."""

from __future__ import annotations

from adbc_driver_postgresql import dbapi

from kehu.errors import ReleaseError
from kehu.quoting import sql_name
from kehu.release.on_postgres.reading import PostgresRelease
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession

_INCOMING = "_incoming"


def copy_out(release: PostgresRelease, target: DuckDBSession, table: str, schema: str) -> None:
    """Make a table of a release anew in a schema of DuckDB, with the types that it has there.

    Raises:
        ReleaseError: the release has no such table.
    """
    shape = release.columns().get(table)
    if shape is None:
        raise ReleaseError(
            "the release lacks a table of the contract", fix="publish a release built by this version", missing=table
        )
    columns = ", ".join(f"{sql_name(name)} {kind}" for name, kind in shape.items())
    target.execute(f"create table {schema}.{sql_name(table)} ({columns})")
    # a number with decimals arrives as its text, which DuckDB casts exactly
    listed = ", ".join(sql_name(name) for name in shape)
    with dbapi.connect(release.session.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(f"select {listed} from {sql_name(release.schema)}.{sql_name(table)}")
        target.connection.register(_INCOMING, cursor.fetch_record_batch())
        try:
            casts = ", ".join(f"cast({sql_name(name)} as {kind})" for name, kind in shape.items())
            target.execute(f"insert into {schema}.{sql_name(table)} select {casts} from {_INCOMING}")
        finally:
            target.connection.unregister(_INCOMING)
