"""Of the rows that were read, those that landed batches do not hold in force already.

A row is in force if it is in the newest batch that knows its key. Whoever reads a table again and again then lands what has
changed and nothing else, and a value that returns to what it was lands again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.landing.digest import row_text
from kehu.landing.extract import Rows
from kehu.landing.ledger import Batch
from kehu.quoting import sql_name, sql_text


def new_rows(landing_dir: Path, entity: str, rows: Rows, history: Sequence[Batch]) -> Rows:
    """The rows without those in force, as a query: nothing is read here.

    Args:
        landing_dir: where the batches lie.
        entity: the canonical entity.
        rows: what the source has.
        history: the batches of its source and entity, oldest first.
    """
    known = _appended(history)
    if not known:
        return replace(rows, is_increment=True)
    guarded = rows.guarded
    return replace(
        rows,
        accepted=_accepted(landing_dir, entity, rows, known),
        rejects=_rejects(landing_dir, rows.rejects, known) if rows.rejects else None,
        guarded=(lambda: new_rows(landing_dir, entity, guarded(), history)) if guarded else None,
        is_increment=True,
    )


def _appended(history: Sequence[Batch]) -> list[Batch]:
    """The batches since one that replaced others: what is in force before it cannot be told by key alone."""
    others = [number for number, batch in enumerate(history, start=1) if batch.mode != "append"]
    return list(history[max(others, default=0) :])


def _accepted(landing_dir: Path, entity: str, rows: Rows, known: Sequence[Batch]) -> str:
    canonical = ENTITIES[entity]
    columns = [*canonical.column_names, "_extra"]
    texts = [sql_name(name) if name in (*rows.delivered, "_extra") else "null::varchar" for name in columns]
    key = row_text(sql_name(name) for name in canonical.key)
    return f"""
        with
        fresh as (
            select
                *,
                md5_number({row_text(texts)}) as _row_hash,
                md5_number({key}) as _key_hash,
            from ({rows.accepted})
        ),
        landed as (
            select
                md5_number({row_text(map(sql_name, columns))}) as _row_hash,
                md5_number({key}) as _key_hash,
                known.sequence,
                known.has_same_columns,
            from {_files(landing_dir, known)} as batches
            inner join {_books(known, rows.delivered)} on batches._batch_id = known.batch_id
            where batches._error is null
        ),
        newest as (
            select _key_hash, max(sequence) as sequence
            from landed
            where _key_hash in (select _key_hash from fresh)
            group by _key_hash
        ),
        in_force as (
            select landed._row_hash
            from landed
            inner join newest on landed._key_hash = newest._key_hash and landed.sequence = newest.sequence
            where landed.has_same_columns
        )
        select * exclude (_row_hash, _key_hash) from fresh where _row_hash not in (select _row_hash from in_force)
    """


def _rejects(landing_dir: Path, rejects: str, known: Sequence[Batch]) -> str:
    """Rejects have no key: one that has landed is not told again."""
    hashed = f"md5_number({row_text(['_raw', '_error'])})"
    landed = f"select {hashed} from {_files(landing_dir, known)} where _error is not null"
    return f"select * from ({rejects}) where {hashed} not in ({landed})"


def _files(landing_dir: Path, known: Sequence[Batch]) -> str:
    paths = ", ".join(sql_text(str(landing_dir / batch.path)) for batch in known)
    return f"read_parquet([{paths}], hive_partitioning = false)"


def _books(known: Sequence[Batch], delivered: tuple[str, ...]) -> str:
    rows = [
        f"({sql_text(batch.batch_id)}, {batch.sequence}, {str(batch.delivered_columns == delivered).lower()})"
        for batch in known
    ]
    return f"(values {', '.join(rows)}) as known(batch_id, sequence, has_same_columns)"
