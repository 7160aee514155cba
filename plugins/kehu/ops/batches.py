"""``ops.batches`` and ``ops.sources``: what the models are shown of the landing zone, and what may be expected in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kehu.session import Session, replace_rows

_REPLACED = """
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
"""
_EXPECTED = """
    select sources.entity, bool_or(coalesce(sources.is_required, true) or coalesce(batches.row_count, 0) > 0)
    from ops.sources as sources
    left join ops.batches as batches on batches.source = sources.source and batches.entity = sources.entity
    group by sources.entity
"""
_EXTRACTIONS = "select source, max(extracted_at) from ops.batches where batch_id = any(?) group by source"


def replace_batches(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write down which batches the models are shown."""
    replace_rows(session, "ops.batches", rows)


def replace_sources(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write down which source delivers which entity, and whether it must."""
    replace_rows(session, "ops.sources", rows)


def loaded_batches(session: Session) -> set[str]:
    """The ids of the batches that the models are shown."""
    return {row[0] for row in session.rows("select batch_id from ops.batches")}


def replaced_deliveries(session: Session) -> list[tuple[str, str, str, bool]]:
    """Entity, source and id of the batches after which a later one of the same file, or a snapshot, has come.

    The last value says whether it was a snapshot. A batch without rows takes no place: there would be nothing to look at.
    """
    return [
        (entity, source, batch_id, bool(is_before)) for entity, source, batch_id, is_before in session.rows(_REPLACED)
    ]


def expected_entities(session: Session) -> dict[str, bool]:
    """Whether each configured entity must be there: a required source delivers it, or another one has."""
    return dict(session.rows(_EXPECTED))


def last_extractions(session: Session, batch_ids: Sequence[str]) -> dict[str, datetime]:
    """When the latest of some batches was extracted, by source."""
    return dict(session.rows(_EXTRACTIONS, [list(batch_ids)]))
