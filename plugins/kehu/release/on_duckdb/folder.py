"""A release folder: prepared under another name, sealed, and put in place by one rename."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path

from kehu.files.durable import fsync_path
from kehu.files.fault_points import step
from kehu.release.ids import ReleaseId
from kehu.release.manifest import MANIFEST_FILE, RELEASE_FILE, SCHEMA, Manifest, TableSummary
from kehu.release.on_duckdb.checksums import summarise_tables
from kehu.release.on_duckdb.cleanup import temporary_folder
from kehu.release.on_duckdb.export import export_candidate
from kehu.release.on_duckdb.older_releases import link_deprecated
from kehu.release.on_duckdb.pointer import release_folder
from kehu.release.on_duckdb.reading import open_folder
from kehu.release.origin import LATEST_ORDERS, origin_of, recorded_batches
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse


def store_candidate(
    settings: Settings, warehouse: Warehouse, release_id: ReleaseId, previous: str | None, now: datetime
) -> Manifest:
    """Make an immutable release folder of a candidate; BI does not read it yet.

    Until the last rename nothing of it has a name that anybody looks at, so a crash leaves no half release.

    Raises:
        ReleaseError: the candidate or the record of its run is not there.
    """
    recorded_batches(settings, release_id)
    folder = temporary_folder(settings, release_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with warehouse.session() as session:
        facts = export_candidate(settings, session, release_id, folder, previous=previous, now=now)
        origin = origin_of(settings, session, release_id, previous, now)
    step("publish:exported")
    tables, latest_orders = _read_back(settings, folder)
    manifest = origin.manifest(facts, tables, latest_orders, (folder / RELEASE_FILE).stat().st_size)
    _seal(folder, manifest)
    step("publish:synced")
    os.rename(folder, release_folder(settings, release_id))
    fsync_path(settings.releases_dir)
    step("publish:renamed")
    return manifest


def _seal(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, take the right to write away, and bring everything to the disk."""
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    for name in (RELEASE_FILE, MANIFEST_FILE):
        (folder / name).chmod(0o444)
        fsync_path(folder / name)
    link_deprecated(folder)


def _read_back(settings: Settings, folder: Path) -> tuple[dict[str, TableSummary], dict[str, date]]:
    """Summarise what was really written, through the door by which readers come."""
    with open_folder(settings, folder) as release:
        tables = summarise_tables(release.connection)
        latest = dict(release.rows(LATEST_ORDERS.format(schema=SCHEMA))) if "fct_orders" in tables else {}
    return tables, latest
