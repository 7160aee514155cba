"""Storing a candidate as a release and looking it over, on the warehouse that is configured."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from kehu.release.catalog import find, postgres_store
from kehu.release.manifest import Manifest
from kehu.release.on_duckdb.folder import store_candidate
from kehu.release.on_duckdb.reading import verify
from kehu.release.pointer import release_folder
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

if TYPE_CHECKING:
    from kehu.warehouse.on_postgres.postgres_backend import PostgresWarehouse


def store(settings: Settings, warehouse: Warehouse, release_id: str, previous: str | None, now: datetime) -> Manifest:
    """Make an immutable release of a candidate; BI does not read it yet, and a crash leaves no half release.

    Raises:
        ReleaseError: the candidate or the record of its run is not there.
    """
    if settings.warehouse == "postgres":
        from kehu.release.on_postgres.export import store_release

        return store_release(settings, cast("PostgresWarehouse", warehouse), release_id, previous, now)
    return store_candidate(settings, warehouse, release_id, previous, now)


def verify_release(settings: Settings, release_id: str) -> None:
    """See that a stored release holds what its manifest says.

    Raises:
        ReleaseError: it does not; BI must not be pointed at it.
    """
    if settings.warehouse == "postgres":
        postgres_store().verify_release(settings, find(settings, release_id))
    else:
        verify(settings, release_folder(settings, release_id))
