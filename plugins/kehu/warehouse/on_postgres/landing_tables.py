"""``landing.<entity>`` on Postgres: tables into which each committed batch is copied once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from kehu.entities import ENTITIES
from kehu.warehouse.on_postgres.copying import copy_rows
from kehu.warehouse.on_postgres.session import PostgresSession

LOADED = "ops.loaded_batches"
"""Which batches are in the landing tables; written in the transaction that copies them."""
_ROWS_AT_ONCE = 65_536


def make_landing_tables(session: PostgresSession) -> None:
    """Make the tables, and the columns that a newer version of Kehu has added to them."""
    session.execute(
        f"create table if not exists {LOADED} (entity varchar, batch_id varchar, primary key (entity, batch_id))"
    )
    for entity in ENTITIES.values():
        columns = entity.landed
        shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        session.execute(f'create table if not exists landing."{entity.name}" ({shape})')
        for name, kind in columns.items():
            session.execute(f'alter table landing."{entity.name}" add column if not exists "{name}" {kind}')


def load_landing(session: PostgresSession, files: Mapping[str, Sequence[Path]]) -> None:
    """Make the landing tables hold the batches of these files, and no others.

    Args:
        session: an open session that may write.
        files: the Parquet files of each entity, committed ones only; the folder of a file names its batch (``batch=<id>``).
    """
    loaded = set(session.rows(f"select entity, batch_id from {LOADED}"))
    wanted = {(entity, batch_of(file)): file for entity, found in files.items() for file in found}
    gone, new = sorted(loaded - wanted.keys()), [key for key in wanted if key not in loaded]
    for entity, batch_id in gone:
        _take_out(session, entity, batch_id)
    for entity, batch_id in new:
        _copy(session, entity, batch_id, wanted[entity, batch_id])
    for entity in sorted({entity for entity, _ in [*gone, *new]}):
        session.execute(f'analyze landing."{entity}"')


def batch_of(file: Path) -> str:
    """The id of the batch that a file of the landing zone holds."""
    return file.parent.name.removeprefix("batch=")


def _take_out(session: PostgresSession, entity: str, batch_id: str) -> None:
    with session.transaction():
        session.execute(f'delete from landing."{entity}" where _batch_id = ?', [batch_id])
        session.execute(f"delete from {LOADED} where entity = ? and batch_id = ?", [entity, batch_id])


def _copy(session: PostgresSession, entity: str, batch_id: str, file: Path) -> None:
    with session.transaction(), pq.ParquetFile(file) as parquet:
        names = [name for name in parquet.schema_arrow.names if name in ENTITIES[entity].landed]
        batches = parquet.iter_batches(_ROWS_AT_ONCE, columns=names)
        copy_rows(session.connection, f'landing."{entity}"', names, (batch.select(names) for batch in batches))
        session.execute(f"insert into {LOADED} (entity, batch_id) values (?, ?)", [entity, batch_id])
