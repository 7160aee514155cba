"""Shows the committed batches to the models: ``landing.<entity>`` as a view over their Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kehu.entities import ENTITIES, PLUMBING, Entity

_PLUMBING_TYPES = {"_row_number": "bigint", "_extracted_at": "timestamp"}


def landing_views(files: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    """The statements that make a view an entity; an entity without a file is an empty typed view.

    Args:
        files: the Parquet files of each entity, committed ones only.
    """
    for entity in ENTITIES.values():
        found = files.get(entity.name, ())
        source = _files_sql(found) if found else _empty_sql(entity)
        yield f"create or replace view landing.{entity.name} as {source}"


def _files_sql(files: Sequence[Path]) -> str:
    quoted = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"select * from read_parquet([{quoted}], hive_partitioning = false)"


def _empty_sql(entity: Entity) -> str:
    columns = [f'cast(null as varchar) as "{name}"' for name in entity.column_names]
    columns += [f"cast(null as {_PLUMBING_TYPES.get(name, 'varchar')}) as {name}" for name in PLUMBING]
    return f"select {', '.join(columns)} where false"
