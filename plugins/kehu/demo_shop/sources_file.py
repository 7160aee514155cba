"""The ``sources.yml`` that reads a demo shop, made from the list of its exports."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from kehu.demo_shop.exports import DAYS, EXPORTS, SOURCES, Export
from kehu.entities import ENTITIES

_HEAD = "# How Kehu reads this demo shop. Made by `kehu demo-shop`; see docs/demo_shop.md.\n"
_VARIABLES = {"home_country": "China,CN,中国", "home_city": "上海"}


def sources_text(last_day: date) -> str:
    """The mapping of all exports until a day; columns and entities that Kehu does not know are left out."""
    sources = [_source(name, timezone, last_day) for name, timezone in SOURCES.items()]
    document = {"sources": sources, "vars": _VARIABLES}
    return _HEAD + str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))


def _source(name: str, timezone: str, last_day: date) -> dict[str, Any]:
    exports = [export for export in EXPORTS.values() if export.source == name and export.entity in ENTITIES]
    entities = {export.entity: _mapping(export) for export in exports}
    return {
        "name": name,
        "kind": "files",
        "path": ".",
        "required": True,
        "timezone": timezone,
        # Another object each time: YAML would write a reference.
        "last_day": last_day.replace(),
        "entities": entities,
    }


def _mapping(export: Export) -> dict[str, Any]:
    entity = ENTITIES[export.entity]
    columns: dict[str, Any] = {n: title for n, title in export.columns.items() if n in entity.column_names}
    columns |= {name: {"value": value} for name, value in export.constants.items()}
    mapping: dict[str, Any] = {"file": f"{DAYS}/*/{export.file}"}
    if export.encoding != "utf-8":
        mapping["encoding"] = export.encoding
    return mapping | {"columns": columns}
