"""What the landing gate looks at: the last delivery of every file, and not those that it took the place of.

A file that could not be read stays in the landing zone when a corrected one has landed: it has been judged, and must not
block every run after it.
"""

from __future__ import annotations

from collections.abc import Collection

from kehu.warehouse.protocol import Session


def queries(session: Session, increments: Collection[str]) -> dict[str, str]:
    """SQL of the rows that count, by entity; an entity of which all rows count is left out.

    A batch counts unless a later one of the same source, entity and file has come, or a later snapshot of that entity. One
    without rows takes no place: there would be nothing to look at.

    Args:
        session: an open session of the warehouse.
        increments: sources whose batches add to each other, though all of them are of the same table or query.
    """
    rows = session.rows("""
        with deliveries as (
            select
                entity,
                source,
                batch_id,
                sequence,
                max(sequence) over (partition by entity, source, file) as last_of_file,
                max(case when mode = 'snapshot' then sequence end) over (partition by entity, source) as last_snapshot
            from ops.batches
            where row_count > 0
        )
        select entity, source, batch_id, sequence < coalesce(last_snapshot, 0) as is_before_a_snapshot
        from deliveries
        where sequence < last_of_file or sequence < coalesce(last_snapshot, 0)
        order by entity, sequence
    """)
    replaced: dict[str, list[str]] = {}
    for entity, source, batch_id, is_before_a_snapshot in rows:
        if is_before_a_snapshot or source not in increments:
            replaced.setdefault(entity, []).append(batch_id)
    return {entity: _others(entity, batch_ids) for entity, batch_ids in replaced.items()}


def _others(entity: str, batch_ids: list[str]) -> str:
    listed = ", ".join("'" + batch_id.replace("'", "''") + "'" for batch_id in batch_ids)
    return f'select * from landing."{entity}" where _batch_id not in ({listed})'
