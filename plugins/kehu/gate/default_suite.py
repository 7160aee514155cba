"""The suite of every entity that has none of its own: ``expectations/landing/_default.yml``, written out for the entity.

``for_each: key`` and ``for_each: required`` stand for one expectation a column of the key, and a column that is required besides;
``{column}`` and ``{entity}`` are their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kehu.entities import ENTITIES, Entity

DEFAULT = "_default"
"""The name of the file without its ending."""
_FOR_EACH = ("key", "required")


def written_out(content: Any, table: str) -> Any:
    """The content of the default suite as a suite of one entity; what is no suite stays as it is.

    Raises:
        ValueError: ``for_each`` names something else; says what it may name.
    """
    if not isinstance(content, dict) or not isinstance(content.get("expectations"), list):
        return content
    entity = ENTITIES[table]
    items = [one for item in content["expectations"] for one in _items(item, entity)]
    return {**content, "table": table, "entities": [table], "expectations": items}


def _items(item: Any, entity: Entity) -> Iterator[Any]:
    if not isinstance(item, dict) or "for_each" not in item:
        yield _filled(item, entity=entity.name)
        return
    kind = item["for_each"]
    if kind not in _FOR_EACH:
        raise ValueError(f"for_each must be one of {', '.join(_FOR_EACH)}, not {kind}")
    required = [name for name in entity.required if (name in entity.key) == (kind == "key")]
    rest = {key: value for key, value in item.items() if key != "for_each"}
    yield from (_filled(rest, entity=entity.name, column=column) for column in required)


def _filled(value: Any, **names: str) -> Any:
    """The value with the names filled into every text of it; other placeholders stay."""
    if isinstance(value, dict):
        return {key: _filled(one, **names) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, **names) for one in value]
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(f"{{{name}}}", text)
    return value
