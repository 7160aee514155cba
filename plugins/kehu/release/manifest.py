"""``manifest.json``: what a release is, what it was built from and what it holds."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kehu.errors import ReleaseError

RELEASE_FILE = "kehu.duckdb"
"""The published file. Its catalog is called ``kehu`` after it, so that ``analytics.release`` is schema and table."""

DEPRECATED_FILES = ("analytics.duckdb", "bi.duckdb")
"""Its names in the version before, which stay as second names of it for one version. A release of that version has them alone,
until it is brought to today's names: see ``on_duckdb/older_releases.py``."""

MANIFEST_FILE = "manifest.json"
SCHEMA = "analytics"

RUN_SPECIFIC_TABLES = frozenset({"release", "data_quality", "map_source_customers_to_customers"})
"""Tables that hold run times and run ids: equal data does not give them equal checksums."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BatchReference(_Record):
    """A landed batch that the release was built from."""

    batch_id: str
    source: str
    entity: str


class TableSummary(_Record):
    """The content of one published table; ``checksum`` does not depend on the order of rows."""

    rows: int
    checksum: str
    is_run_specific: bool = False


class SourceFreshness(_Record):
    """How recent a source is: its latest extraction (UTC) and its latest order's business date."""

    source: str
    extracted_at: datetime | None
    order_date: date | None


class LifecycleRule(_Record):
    """One row of the seed ``lifecycle_rules``; the first rule that matches a customer gives the stage."""

    rule_order: int
    stage: str
    reason_code: str
    label_en: str
    label_zh: str


class Rules(_Record):
    """The thresholds (dbt vars) in force and the order of the lifecycle rules."""

    thresholds: dict[str, str | int | float | bool | None]
    lifecycle: tuple[LifecycleRule, ...]


class Manifest(_Record):
    """One release; times are UTC. ``previous_release_id`` is the release to go back to from this one.

    ``erasures`` names the erasures of customers that it has been through, at its build or since.
    """

    release_id: str
    as_of_date: date
    built_at: datetime
    published_at: datetime
    previous_release_id: str | None
    code_version: str
    warehouse: str
    content_checksum: str
    file_bytes: int
    freshness: tuple[SourceFreshness, ...]
    rules: Rules
    tables: dict[str, TableSummary]
    batches: tuple[BatchReference, ...]
    erasures: tuple[str, ...] = ()


def content_checksum(tables: dict[str, TableSummary]) -> str:
    """One checksum of all tables that do not hold run times: equal for two releases with the same data."""
    compared = {name: table.checksum for name, table in tables.items() if not table.is_run_specific}
    return hashlib.md5(json.dumps(compared, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read and validate the manifest of a release folder, and see that its file is there in full length.

    Raises:
        ReleaseError: the folder is damaged; says what is wrong with it.
    """
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
    except OSError:
        raise _damaged(folder, f"{MANIFEST_FILE} cannot be read") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _damaged(folder, f"{MANIFEST_FILE} is not valid: {where} {first['msg']}".replace("  ", " ")) from None
    if manifest.release_id != folder.name:
        raise _damaged(folder, f"{MANIFEST_FILE} names another release, {manifest.release_id}")
    file = release_file(folder)
    try:
        size = file.stat().st_size
    except OSError:
        raise _damaged(folder, f"{file.name} cannot be read") from None
    if size != manifest.file_bytes:
        raise _damaged(folder, f"{file.name} has {size} bytes instead of {manifest.file_bytes}")
    return manifest


def release_file(folder: Path) -> Path:
    """The file of a release, also where the version before has written it."""
    file, before = folder / RELEASE_FILE, folder / DEPRECATED_FILES[0]
    return before if before.is_file() and not file.exists() else file


def _damaged(folder: Path, problem: str) -> ReleaseError:
    return ReleaseError(
        f"the folder of the release is damaged: {problem}",
        fix="restore the folder from a backup, or remove it and build the day again",
        release=folder.name,
    )
