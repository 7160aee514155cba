"""Great Expectations over an open DuckDB connection. Imports Great Expectations: import this module inside functions.

Great Expectations has no DuckDB data source. Through plain duckdb-engine every SQL metric fails, because the connection
of a query is closed before its rows are fetched; the subclass below keeps one connection open instead.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy
from duckdb_engine import ConnectionWrapper
from great_expectations.compatibility import pydantic
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy.types import BigInteger, Boolean, Date, DateTime, Float, Integer, NullType, Numeric, String

if TYPE_CHECKING:
    import duckdb

_TYPES: dict[str, Any] = {
    "BIGINT": BigInteger,
    "BOOLEAN": Boolean,
    "DATE": Date,
    "DECIMAL": Numeric,
    "DOUBLE": Float,
    "INTEGER": Integer,
    "TIMESTAMP": DateTime,
    "VARCHAR": String,
}
"""SQLAlchemy's type by the first word of DuckDB's."""


class _WithoutTransactions(ConnectionWrapper):
    """A DuckDB connection that commits every statement by itself and that its owner closes.

    Great Expectations opens a second SQLAlchemy connection over the same DuckDB connection here and there, and DuckDB
    knows no transaction within a transaction; a gate only reads, so it needs none.
    """

    def begin(self) -> None:
        """Nothing: see the class."""

    def commit(self) -> None:
        """Nothing: see the class."""

    def rollback(self) -> None:
        """Nothing: see the class."""

    def close(self) -> None:
        """Nothing: see the class."""


class _Columns:
    """Names and types of a table's columns: all that Great Expectations asks of SQLAlchemy's inspector.

    duckdb-engine's own inspector goes through a Postgres catalogue that DuckDB imitates, slower than all checks together.
    """

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, Any]]:
        """Name and type by column, in order."""
        statement = sqlalchemy.text(
            "select column_name, data_type from information_schema.columns where table_name = :table"
            " and table_schema = :schema and table_catalog = current_database() order by ordinal_position"
        )
        with self._engine.connect() as connection:
            rows = connection.execute(statement, {"table": str(table_name), "schema": schema}).fetchall()
        return [{"name": name, "type": _TYPES.get(kind.split("(")[0], NullType)()} for name, kind in rows]

    def get_pk_constraint(self, **_: object) -> dict[str, list[str]]:
        """No constraint: the keys of marts are tests."""
        return {"constrained_columns": []}


class KeptOpenEngine(SqlAlchemyExecutionEngine):
    """Runs every metric on one connection, which stays open so that the rows of a query can be fetched."""

    _connection: sqlalchemy.Connection | None

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        """The one connection; it stays open after the block."""
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def get_inspector(self) -> Any:
        """What tells columns and types."""
        return _Columns(self.engine)

    def close(self) -> None:
        """Give the connection back; the next use opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        super().close()


class KehuDuckDBDatasource(SQLDatasource):
    """A Great Expectations data source over a DuckDB connection that somebody else opened and will close."""

    type: Literal["kehu_duckdb"] = "kehu_duckdb"
    if TYPE_CHECKING:
        _execution_engine: KeptOpenEngine | None
        _engine: sqlalchemy.Engine | None
    _duckdb: Any = pydantic.PrivateAttr(None)

    def use(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through a cursor of ``connection``, so that closing this side leaves the owner's open."""
        self._duckdb = connection.cursor()
        self._duckdb.execute("set TimeZone = 'UTC'")

    def release(self) -> None:
        """Close everything that :meth:`use` opened."""
        if self._execution_engine is not None:
            self._execution_engine.close()
        if self._duckdb is not None:
            self._duckdb.close()
        self._execution_engine, self._engine, self._duckdb = None, None, None

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to test: the connection is open before the first asset is added."""

    def get_execution_engine(self) -> KeptOpenEngine:
        """The engine of this source, always the same one."""
        if self._execution_engine is None:
            self._execution_engine = KeptOpenEngine(name=self.name, engine=self.get_engine(), create_temp_table=False)
        return self._execution_engine

    @property
    def execution_engine_type(self) -> Any:
        """The engine's class."""
        return KeptOpenEngine

    def _create_engine(self) -> sqlalchemy.Engine:
        return sqlalchemy.create_engine(
            "duckdb://", creator=lambda: _WithoutTransactions(self._duckdb), poolclass=sqlalchemy.StaticPool
        )


@atexit.register
def _let_go_of_duckdb() -> None:
    # SQLAlchemy's compilers outlive the interpreter together with duckdb-engine's functions, whose globals keep the
    # duckdb module alive: without this, every run ends with a page of warnings about leaked objects.
    for name in [name for name in sys.modules if name.split(".")[0] == "duckdb_engine"]:
        vars(sys.modules[name]).clear()
