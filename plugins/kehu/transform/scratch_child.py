"""What the process in which dbt lives does for a plan: say what the project is, and build parts of it in another database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_project(manifest: Any, file: Path) -> None:
    """Write the parts of dbt's manifest that say what is built from what, in the form of ``manifest.json``."""
    nodes = {name: _node(node) for name, node in manifest.nodes.items()}
    macros = {
        name: {
            "name": macro.name,
            "package_name": macro.package_name,
            "macro_sql": macro.macro_sql,
            "original_file_path": macro.original_file_path,
        }
        for name, macro in manifest.macros.items()
        if macro.package_name == "kehu"
    }
    sources = {
        name: {"source_name": source.source_name, "name": source.name} for name, source in manifest.sources.items()
    }
    file.write_text(json.dumps({"nodes": nodes, "macros": macros, "sources": sources}, default=str), encoding="utf-8")


def _node(node: Any) -> dict[str, Any]:
    test = getattr(node, "test_metadata", None)
    return {
        "name": node.name,
        "alias": node.alias,
        "resource_type": str(node.resource_type),
        "schema": node.schema,
        "original_file_path": node.original_file_path,
        "fqn": list(node.fqn),
        "raw_code": node.raw_code,
        "checksum": node.checksum.to_dict(),
        "config": node.config.to_dict(omit_none=False),
        "columns": {name: column.to_dict(omit_none=False) for name, column in node.columns.items()},
        "depends_on": {"nodes": list(getattr(node.depends_on, "nodes", ()))},
        "test_metadata": test.to_dict(omit_none=False) if test else None,
        "attached_node": getattr(node, "attached_node", None),
    }


def move(manifest: Any, database: str) -> None:
    """Let all nodes and sources of a parsed project be in another database, whatever they were parsed with."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            node.relation_name = node.relation_name.replace(f'"{node.database}"', f'"{database}"', 1)
        node.database = database


def fqn_selection(manifest: Any, names: Iterable[str]) -> list[str]:
    """The words that make dbt take exactly these nodes."""
    return [
        "--select",
        *(f"fqn:{'.'.join(manifest.nodes[name].fqn)}" for name in names),
        "--indirect-selection",
        "empty",
    ]
