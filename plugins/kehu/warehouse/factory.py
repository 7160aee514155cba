"""Which warehouse the settings ask for."""

from __future__ import annotations

from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.protocol import Role, Warehouse


def open_warehouse(settings: Settings, role: Role = "build") -> Warehouse:
    """The warehouse of ``KEHU_WAREHOUSE``; nothing is opened yet.

    Args:
        role: what it is opened for; on Postgres with roles it decides what may be read and written.

    Raises:
        ConfigurationError: it is Postgres, and ``KEHU_WAREHOUSE_DSN`` is not set.
    """
    if settings.warehouse == "postgres":
        # Only who works on Postgres pays for its driver.
        from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse

        return PostgresWarehouse(settings, role)
    return DuckDBWarehouse(settings)
