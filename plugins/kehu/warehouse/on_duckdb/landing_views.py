"""Shows the committed batches to the models: ``landing.<entity>`` as a view over their Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kehu.entities import ENTITIES, Entity


def landing_views(files: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    """The statements that make a view an entity, with today's columns whatever version of Kehu has landed a batch.

    Args:
        files: the Parquet files of each entity, committed ones only.
    """
    for entity in ENTITIES.values():
        yield f"create or replace view landing.{entity.name} as {_select(entity, files.get(entity.name, ()))}"


def _select(entity: Entity, files: Sequence[Path]) -> str:
    columns = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in entity.landed.items())
    empty = f"select {columns} where false"
    if not files:
        return empty
    quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    landed = f"from read_parquet([{quoted}], hive_partitioning = false, union_by_name = true)"
    names = ", ".join(f'"{name}"' for name in entity.landed)
    return f"select {names} from ({empty} union all by name {landed})"
