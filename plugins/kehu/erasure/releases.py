"""Takes erased persons out of the releases that are kept, on the warehouse that is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.erasure.ledger import ErasureLedger
from kehu.release.catalog import postgres_store
from kehu.settings import Settings

if TYPE_CHECKING:
    from kehu.warehouse.protocol import Warehouse


def erase_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """Take whoever is in the ledger out of every release that is kept and has not been through it.

    Returns:
        The rows that changed, by release and table.
    """
    if settings.warehouse == "postgres":
        from kehu.erasure.releases_on_postgres import erase_schemas

        return erase_schemas(settings, warehouse, ledger)
    from kehu.erasure.releases_on_duckdb import erase_folders

    return erase_folders(settings, ledger)


def count_in_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """What :func:`erase_releases` would change."""
    if settings.warehouse == "postgres":
        from kehu.erasure.releases_on_postgres import count_in_schemas

        return count_in_schemas(settings, warehouse, ledger)
    from kehu.erasure.releases_on_duckdb import count_in_folders

    return count_in_folders(settings, ledger)


def releases_behind(settings: Settings, erasures: tuple[str, ...]) -> list[str]:
    """The whole releases that have not been through all of these erasures."""
    if settings.warehouse == "postgres":
        names = postgres_store().kept_ids(settings)
        manifests = [postgres_store().find_manifest(settings, name) for name in names]
        return [one.release_id for one in manifests if one and not set(erasures) <= set(one.erasures)]
    from kehu.erasure.releases_on_duckdb import folders_behind

    return [folder.name for folder, _ in folders_behind(settings, erasures)]
