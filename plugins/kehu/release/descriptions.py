"""What the dbt project says of the tables of a candidate."""

from __future__ import annotations

import json
from typing import Any

from kehu.release.rules import newest_artifact
from kehu.settings import Settings
from kehu.warehouse.bookkeeping import candidate_schema


def documented_models(settings: Settings, release_id: str) -> list[dict[str, Any]]:
    """The models of a candidate as dbt's manifest has them, if dbt left one."""
    artifact = newest_artifact(settings, release_id, "manifest.json")
    if artifact is None:
        return []
    nodes = json.loads(artifact.read_text(encoding="utf-8"))["nodes"].values()
    schema = candidate_schema(release_id)
    return [node for node in nodes if node.get("resource_type") == "model" and node.get("schema") == schema]


def one_line(text: str) -> str:
    """The text without line ends."""
    return " ".join(text.split())
