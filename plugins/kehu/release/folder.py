"""A release folder: prepared under another name, sealed, and put in place by one rename."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date, datetime
from pathlib import Path

from kehu.errors import ReleaseError
from kehu.release.checksums import summarise_tables
from kehu.release.cleanup import temporary_folder
from kehu.release.export import export_candidate
from kehu.release.ids import as_utc, parse_release_id
from kehu.release.manifest import (
    MANIFEST_FILE,
    QUALIFIED_FILE,
    RELEASE_FILE,
    BatchReference,
    Manifest,
    SourceFreshness,
    TableSummary,
    content_checksum,
)
from kehu.release.pointer import release_folder
from kehu.release.reading import open_release
from kehu.release.rules import rules_in_force
from kehu.settings import Settings
from kehu.warehouse.durable import fsync_path
from kehu.warehouse.protocol import Warehouse
from kehu.warehouse.steps import step

_EXTRACTIONS = "select source, max(extracted_at) from ops.batches where list_contains(?, batch_id) group by source"
_LATEST_ORDERS = "select split_part(order_id, ':', 1), max(order_date) from analytics.fct_orders group by all"


def store_candidate(
    settings: Settings, warehouse: Warehouse, release_id: str, previous: str | None, now: datetime
) -> Manifest:
    """Make an immutable release folder of a candidate; BI does not read it yet.

    Until the last rename nothing of it has a name that anybody looks at, so a crash leaves no half release.

    Raises:
        ReleaseError: the candidate or the record of its run is not there.
    """
    batches = _batches(settings, release_id)
    folder = temporary_folder(settings, release_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with warehouse.session() as session:
        facts = export_candidate(settings, session, release_id, folder, previous=previous, now=now)
        rules = rules_in_force(settings, session, release_id)
        extractions = dict(session.rows(_EXTRACTIONS, [[batch.batch_id for batch in batches]]))
    step("publish:exported")
    tables, latest_orders = _read_back(settings, folder)
    manifest = Manifest(
        release_id=release_id,
        as_of_date=parse_release_id(release_id).as_of,
        built_at=facts.built_at,
        published_at=as_utc(now),
        previous_release_id=previous,
        code_version=facts.code_version,
        warehouse=warehouse.name,
        content_checksum=content_checksum(tables),
        file_bytes=(folder / RELEASE_FILE).stat().st_size,
        freshness=_freshness(batches, extractions, latest_orders),
        rules=rules,
        tables=tables,
        batches=batches,
    )
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
    os.link(folder / RELEASE_FILE, folder / QUALIFIED_FILE)
    fsync_path(folder)


def _batches(settings: Settings, release_id: str) -> tuple[BatchReference, ...]:
    """What the run was built from, as its record says."""
    file = settings.runs_dir / release_id / "run.json"
    try:
        recorded = json.loads(file.read_text(encoding="utf-8"))["batches"]
    except (OSError, ValueError, KeyError):
        raise ReleaseError(
            "the record of the run does not say which batches it was built from",
            fix="start a new run",
            release=release_id,
            file=file.name,
        ) from None
    found = [BatchReference.model_validate(batch) for batch in recorded]
    return tuple(sorted(found, key=lambda batch: (batch.source, batch.entity, batch.batch_id)))


def _read_back(settings: Settings, folder: Path) -> tuple[dict[str, TableSummary], dict[str, date]]:
    """Summarise what was really written, through the door by which readers come."""
    with open_release(settings, folder) as release:
        tables = summarise_tables(release)
        latest = dict(release.execute(_LATEST_ORDERS).fetchall()) if "fct_orders" in tables else {}
    return tables, latest


def _freshness(
    batches: tuple[BatchReference, ...], extractions: dict[str, datetime], latest_orders: dict[str, date]
) -> tuple[SourceFreshness, ...]:
    return tuple(
        SourceFreshness(source=source, extracted_at=extractions.get(source), order_date=latest_orders.get(source))
        for source in sorted({batch.source for batch in batches} | set(latest_orders))
    )
