"""Which warehouse the settings ask for."""

from __future__ import annotations

from kehu.settings import Settings
from kehu.warehouse.duckdb_backend import DuckDBWarehouse
from kehu.warehouse.protocol import Warehouse


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse of ``KEHU_WAREHOUSE``; nothing is opened yet."""
    return DuckDBWarehouse(settings)
