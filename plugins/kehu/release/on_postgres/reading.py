"""Reading one release on Postgres, whichever name its schema has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2.errors
import pyarrow as pa

from kehu.errors import ReleaseError
from kehu.release.ids import ReleaseId
from kehu.release.on_postgres.checksums import columns_of
from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse
from kehu.warehouse.on_postgres.release_schemas import PUBLISHED, SWAP, schema_of_release, where_is
from kehu.warehouse.on_postgres.session import PostgresSession

_TABLE = re.compile(r"\banalytics\.")


class PostgresRelease:
    """One release; queries name its tables ``analytics.<table>``, as on every warehouse."""

    kind = "postgres"

    def __init__(self, session: PostgresSession, schema: str) -> None:
        self.schema = schema
        self.session = session

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one query and fetch all of its rows."""
        with _named_errors(self.schema):
            return self.session.rows(self._placed(sql), parameters)

    def records(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run one query and fetch all of its rows as dictionaries by column."""
        with _named_errors(self.schema):
            return self.session.records(self._placed(sql), parameters)

    def arrow(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and fetch it as an Arrow table."""
        with _named_errors(self.schema):
            return self.session.arrow(self._placed(sql), parameters)

    def columns(self) -> dict[str, dict[str, str]]:
        """Type by column by table, in DuckDB's names."""
        return {table: dict(shape) for table, shape in columns_of(self.session, self.schema).items()}

    def _placed(self, sql: str) -> str:
        return sql if self.schema == PUBLISHED else _TABLE.sub(f'"{self.schema}".', sql)


@contextmanager
def _named_errors(schema: str) -> Iterator[None]:
    try:
        yield
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn) as error:
        raise ReleaseError(
            "the release lacks a table or a column of the contract",
            fix="publish a release built by this version",
            schema=schema,
            cause=str(error).splitlines()[0],
        ) from error


@contextmanager
def open_schema(database: PostgresWarehouse, release_id: ReleaseId) -> Iterator[PostgresRelease]:
    """Read a release for the block, during which no schema changes its name: all queries see the same release.

    Raises:
        ReleaseError: the release is not kept.
    """
    with database.session(read_only=True) as session:
        session.execute("select pg_advisory_lock_shared(hashtext('kehu'), ?)", [SWAP])
        schema = where_is(session, release_id)
        if schema is None:
            raise ReleaseError(
                "the schema of the release is gone",
                fix="publish the day again, or read another release: `kehu releases` lists them",
                release=release_id,
                missing=schema_of_release(release_id),
            )
        yield PostgresRelease(session, schema)
