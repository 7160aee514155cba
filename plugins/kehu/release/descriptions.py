"""What the dbt project says of the tables of a candidate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kehu.ops.tables import candidate_schema
from kehu.quoting import sql_name, sql_text
from kehu.release.ids import ReleaseId
from kehu.release.rules import newest_artifact
from kehu.settings import Settings


def comments(settings: Settings, release_id: ReleaseId, schema: str, tables: set[str]) -> Iterator[str]:
    """Statements that give a candidate's tables and columns their descriptions, as far as dbt's manifest has any.

    Args:
        schema: where the tables are, as SQL names it.
        tables: the tables that are there.
    """
    for node in candidate_models(settings, release_id):
        table = node.get("alias") or node.get("name")
        if table not in tables:
            continue
        target = f"{schema}.{sql_name(table)}"
        if node.get("description"):
            yield f"comment on table {target} is {sql_text(_one_line(node['description']))}"
        for column in node.get("columns", {}).values():
            if column.get("description") and column.get("data_type"):
                text = sql_text(_one_line(column["description"]))
                yield f"comment on column {target}.{sql_name(column['name'])} is {text}"


def candidate_models(settings: Settings, release_id: ReleaseId) -> list[dict[str, Any]]:
    """The models of a candidate as dbt's manifest has them; none if dbt left no manifest."""
    artifact = newest_artifact(settings, release_id, "manifest.json")
    if artifact is None:
        return []
    nodes = json.loads(artifact.read_text(encoding="utf-8"))["nodes"].values()
    schema = candidate_schema(release_id)
    return [node for node in nodes if node.get("resource_type") == "model" and node.get("schema") == schema]


def contracts(settings: Settings, release_id: ReleaseId) -> dict[str, dict[str, str]]:
    """Type by column by table of a candidate whose contract dbt enforces; none if dbt left no manifest."""
    return {
        node.get("alias") or node["name"]: {
            column["name"]: column.get("data_type") or "" for column in node.get("columns", {}).values()
        }
        for node in candidate_models(settings, release_id)
        if ((node.get("config") or {}).get("contract") or {}).get("enforced")
    }


def _one_line(text: str) -> str:
    """The text without line ends."""
    return " ".join(text.split())
