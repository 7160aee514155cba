"""Which data source of Great Expectations reads a session's warehouse. Imports it: import this module inside functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from kehu.session import Session

if TYPE_CHECKING:
    from great_expectations.data_context import EphemeralDataContext

    from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBSession
    from kehu.warehouse.on_postgres.session import PostgresSession

_NAME = "warehouse"


def add_source(context: EphemeralDataContext, session: Session) -> Any:
    """Add the data source of the session's warehouse to a context; it has ``release`` to close what it opened."""
    if session.kind == "postgres":
        from kehu.gate.gx.gx_postgres import KehuPostgresDatasource

        postgres: KehuPostgresDatasource = context.data_sources.add_kehu_postgres(
            name=_NAME, connection_string="postgresql+psycopg2://kehu@localhost/kehu"
        )
        postgres.use(cast("PostgresSession", session).dsn)
        return postgres
    from kehu.gate.gx.gx_engine import KehuDuckDBDatasource

    duckdb: KehuDuckDBDatasource = context.data_sources.add_kehu_duckdb(name=_NAME, connection_string="duckdb://")
    duckdb.use(cast("DuckDBSession", session).connection)
    return duckdb
