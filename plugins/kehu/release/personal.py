"""Which published columns are personal: those that a model's YAML tags, and those that are personal in an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kehu.entities import ENTITIES, PERSONAL_EVERYWHERE
from kehu.errors import ReleaseError
from kehu.release.descriptions import candidate_models
from kehu.release.ids import ReleaseId
from kehu.release.rules import newest_artifact
from kehu.settings import Settings

PERSONAL_NAMES = PERSONAL_EVERYWHERE
"""Names that are masked in whatever table they are published, so that a forgotten tag shows nothing."""
SHARED_BY_MANY = frozenset({"city", "region"})
"""Personal, so that an erasure removes them with the person, and yet published: dashboards are cut by them."""
_NOT_ONLY_OF_PERSONS = {"name", "reason"}
PERSONAL_COLUMNS = frozenset(
    column.name
    for entity in ENTITIES.values()
    for column in entity.columns
    if column.personal and column.name not in _NOT_ONLY_OF_PERSONS
)
"""Names of columns that describe a person, in whatever table they stand."""


def is_personal(table: str, column: str) -> bool:
    """Whether a column of a published table describes a person; a refund's reason does, a segment's name does not.

    The one rule for both what an erasure removes and, but for what many share, what is masked.
    """
    entity = ENTITIES.get(table.removeprefix("fct_").removeprefix("dim_"))
    if entity is not None and column in entity.column_names:
        return entity.column(column).personal
    return column in PERSONAL_COLUMNS


def is_masked(table: str, column: str) -> bool:
    """Whether only readers of personal values see a column of a published table, tagged or not."""
    return is_personal(table, column) and column not in SHARED_BY_MANY


def tagged_columns(settings: Settings, release_id: ReleaseId) -> dict[str, set[str]]:
    """The columns of a candidate that are masked: by their tag ``config: {meta: {personal: true}}`` or by the rule; by table.

    Raises:
        ReleaseError: dbt has built the candidate, and its manifest, which has the tags, is gone.
    """
    folder = settings.runs_dir / release_id / "candidate"
    if folder.is_dir() and newest_artifact(settings, release_id, "manifest.json") is None:
        raise ReleaseError(
            "the run has lost dbt's manifest, which says which columns are personal",
            fix="start a new run",
            release=release_id,
        )
    tagged: dict[str, set[str]] = {}
    for node in candidate_models(settings, release_id):
        table = node.get("alias") or node["name"]
        columns = node.get("columns", {}).values()
        names = {column["name"] for column in columns if _is_tagged(column) or is_masked(table, column["name"])}
        if names:
            tagged[table] = names
    return tagged


def _is_tagged(column: Mapping[str, Any]) -> bool:
    meta = {**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}
    return bool(meta.get("personal"))
