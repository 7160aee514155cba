"""Which warehouse the settings ask for."""

from __future__ import annotations

from pathlib import Path

from kehu.errors import UsageError
from kehu.settings import Settings
from kehu.warehouse.on_duckdb.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.on_duckdb.scratch import DuckDBScratch
from kehu.warehouse.protocol import Role, Scratch, Warehouse


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


def open_scratch(settings: Settings, folder: Path, copy: Path | None = None) -> Scratch:
    """A place beside the warehouse in which models can be built without changing it; nothing is opened yet.

    Args:
        folder: where its files go.
        copy: the copy of the warehouse that it stands on; by default it stands on the warehouse itself.

    Raises:
        UsageError: the warehouse is Postgres, which has no such place yet.
    """
    if settings.warehouse == "postgres":
        raise UsageError(
            "this works where DuckDB computes; Postgres has no scratch database yet",
            fix="plan in a home of its own with KEHU_WAREHOUSE=duckdb, on the same sources",
            warehouse=settings.warehouse,
        )
    return DuckDBScratch(settings, folder, copy)
