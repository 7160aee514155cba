"""Great Expectations over Postgres, by its own data source. Imports it: import this module inside functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy
from great_expectations.compatibility import pydantic
from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from kehu.warehouse.on_postgres.connection import connect


class KehuPostgresDatasource(PostgresDatasource):
    """Great Expectations' data source for Postgres, which connects as the rest of Kehu does.

    The connection string stays with Kehu: what Great Expectations stores and renders cannot quote a password.
    """

    type: Literal["kehu_postgres"] = "kehu_postgres"
    if TYPE_CHECKING:
        _execution_engine: SqlAlchemyExecutionEngine | None
        _engine: sqlalchemy.Engine | None
    _dsn: str = pydantic.PrivateAttr("")

    def use(self, dsn: str) -> None:
        """Name the database to read."""
        self._dsn = dsn

    def release(self) -> None:
        """Close every connection that was opened."""
        if self._execution_engine is not None:
            self._execution_engine.close()
        if self._engine is not None:
            self._engine.dispose()
        self._execution_engine, self._engine = None, None

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing to test: the gate has asked the database before the first asset is added."""

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """The engine of this source, always the same one, on connections of Kehu's."""
        if self._execution_engine is None:
            self._execution_engine = SqlAlchemyExecutionEngine(
                name=self.name, engine=self.get_engine(), create_temp_table=False
            )
        return self._execution_engine

    def _create_engine(self) -> sqlalchemy.Engine:
        return sqlalchemy.create_engine("postgresql+psycopg2://", creator=self._connect)

    def _connect(self) -> Any:
        connection = connect(self._dsn, "kehu gate")
        connection.autocommit = False
        return connection
