"""``ops.batches`` and ``ops.sources``: what the models are shown of the landing zone, and what may be expected in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
        where row_count > 0 and not coalesce(is_withdrawn, false)
    )
    select entity, source, batch_id, sequence, sequence < coalesce(last_snapshot, 0) as never_counts
    from deliveries
    where sequence < last_of_file or sequence < coalesce(last_snapshot, 0)
    union all
    select entity, source, batch_id, sequence, true as never_counts
    from ops.batches
    where is_withdrawn
    order by entity, sequence
"""
_DELIVERIES = """
    select
        source,
        entity,
        batch_id,
        file,
        delivered_columns,
        sequence < max(sequence) over (partition by entity, source, file) as is_replaced,
        sequence < coalesce(max(case when mode = 'snapshot' then sequence end) over (partition by entity, source), 0)
            as is_before_a_snapshot
    from ops.batches
    where row_count > coalesce(reject_count, 0) and not coalesce(is_withdrawn, false)
    order by source, entity, sequence
"""
_EXPECTED = """
    select sources.entity, bool_or(coalesce(sources.is_required, true) or coalesce(batches.row_count, 0) > 0)
    from ops.sources as sources
    left join ops.batches as batches
        on
            batches.source = sources.source
            and batches.entity = sources.entity
            and not coalesce(batches.is_withdrawn, false)
    group by sources.entity
"""
_EXTRACTIONS = "select source, max(extracted_at) from ops.batches where batch_id = any(?) group by source"


@dataclass(frozen=True)
class Delivery:
    """A batch that brought rows, and the canonical columns that it had.

    ``is_replaced``: a later one of the same file has come; ``is_before_a_snapshot``: a later snapshot.
    """

    source: str
    entity: str
    batch_id: str
    file: str
    columns: tuple[str, ...]
    is_replaced: bool
    is_before_a_snapshot: bool


def replace_batches(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write down which batches the models are shown."""
    replace_rows(session, "ops.batches", rows)


def replace_sources(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Write down which source delivers which entity, and whether it must."""
    replace_rows(session, "ops.sources", rows)


def loaded_batches(session: Session) -> dict[str, bool]:
    """The ids of the batches that the models are shown, and whether they count; a withdrawn one is shown as such."""
    return dict(session.rows("select batch_id, not coalesce(is_withdrawn, false) from ops.batches"))


def turned_wholes(session: Session) -> set[str]:
    """The snapshots and windows that were ever withdrawn or put back: what they took away is not kept row by row."""
    return {
        row[0]
        for row in session.rows("select batch_id from ops.batches where mode <> 'append' and withdrawal_count > 0")
    }


def replaced_deliveries(session: Session) -> list[tuple[str, str, str, bool]]:
    """Entity, source and id of the batches after which a later one of the same file, or a snapshot, has come; withdrawn ones too.

    The last value says that no rule lets it count: it was withdrawn, or a snapshot came after it. A batch without rows takes
    no place: there would be nothing to look at.
    """
    return [
        (entity, source, batch_id, bool(never_counts))
        for entity, source, batch_id, _, never_counts in session.rows(_REPLACED)
    ]


def deliveries(session: Session) -> Iterator[Delivery]:
    """The batches with rows that are not withdrawn, of each source and entity in the order of their landing."""
    for source, entity, batch_id, file, columns, is_replaced, is_before in session.rows(_DELIVERIES):
        names = tuple(filter(None, (columns or "").split(",")))
        yield Delivery(source, entity, batch_id, file, names, bool(is_replaced) or bool(is_before), bool(is_before))


def batches_lacking(entity: str, column: str) -> str:
    """SQL of the ids of an entity's batches that did not deliver a column."""
    return f"select batch_id from ops.batches where entity = '{entity}' and delivered_columns not like '%,{column},%'"


def expected_entities(session: Session) -> dict[str, bool]:
    """Whether each configured entity must be there: a required source delivers it, or another one has."""
    return dict(session.rows(_EXPECTED))


def last_extractions(session: Session, batch_ids: Sequence[str]) -> dict[str, datetime]:
    """When the latest of some batches was extracted, by source."""
    return dict(session.rows(_EXTRACTIONS, [list(batch_ids)]))
