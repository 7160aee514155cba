"""Which warehouse the settings ask for."""

from __future__ import annotations

from kehu.settings import Settings
from kehu.warehouse.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.protocol import Warehouse


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse of ``KEHU_WAREHOUSE``; nothing is opened yet.

    Raises:
        ConfigurationError: it is Postgres, and ``KEHU_WAREHOUSE_DSN`` is not set.
    """
    if settings.warehouse == "postgres":
        # Only who works on Postgres pays for its driver.
        from kehu.warehouse.postgres_backend import PostgresWarehouse

        return PostgresWarehouse(settings)
    return DuckDBWarehouse(settings)
