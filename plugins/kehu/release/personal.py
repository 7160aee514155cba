"""Which published columns are personal: those that a model's YAML tags, and those named as a personal column of an entity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kehu.entities import PERSONAL_EVERYWHERE
from kehu.errors import ReleaseError
from kehu.release.descriptions import candidate_models
from kehu.release.ids import ReleaseId
from kehu.release.rules import newest_artifact
from kehu.settings import Settings

PERSONAL_NAMES = PERSONAL_EVERYWHERE
"""Names that are masked in whatever table they are published, so that a forgotten tag shows nothing. A customer's city and
region are not: they are erased with the person, but many share them, and dashboards are cut by them."""


def tagged_columns(settings: Settings, release_id: ReleaseId) -> dict[str, set[str]]:
    """The columns of a candidate that carry ``config: {meta: {personal: true}}``, by table.

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
        names = {column["name"] for column in node.get("columns", {}).values() if _is_personal(column)}
        if names:
            tagged[node.get("alias") or node["name"]] = names
    return tagged


def _is_personal(column: Mapping[str, Any]) -> bool:
    meta = {**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}
    return bool(meta.get("personal"))
