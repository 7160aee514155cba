"""What taking deliveries back would do to the records in force, as the state of the warehouse holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kehu.entities import ENTITIES
from kehu.landing.ledger import Batch
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse


def effect_of_withdrawing(settings: Settings, batches: Sequence[Batch]) -> Iterator[str]:
    """A line for each entity, and what cannot be counted."""
    if not batches:
        yield "nothing of it counts: there is nothing to withdraw"
    for entity, mine in _by_entity(batches).items():
        yield _rows(entity, mine)
        found = _records_in_force(settings, entity, mine)
        if found is None:
            yield "  no build has taken them in yet"
            continue
        in_force, go_back, quarantined = found
        yield (
            f"  {in_force:,} of them are in force: {in_force - go_back:,} records disappear, {go_back:,} become what another"
            f" delivery says; {quarantined:,} rows leave quarantine"
        )
        if any(batch.mode != "append" for batch in mine):
            yield "  what a snapshot or window among them had replaced counts again; the next build is a whole one"


def effect_of_putting_back(batches: Sequence[Batch]) -> Iterator[str]:
    """A line for each entity."""
    for entity, mine in _by_entity(batches).items():
        yield f"{_rows(entity, mine)} count again; where two deliveries know a record, the later version is in force"
        if any(batch.mode != "append" for batch in mine):
            yield "  a snapshot or window among them replaces again what it had replaced; the next build is a whole one"


def _by_entity(batches: Sequence[Batch]) -> dict[str, list[Batch]]:
    return {name: mine for name in ENTITIES if (mine := [batch for batch in batches if batch.entity == name])}


def _rows(entity: str, batches: Sequence[Batch]) -> str:
    count = sum(batch.row_count for batch in batches)
    return f"{entity}: {count:,} rows of {len(batches):,} {'delivery' if len(batches) == 1 else 'deliveries'}"


def _records_in_force(settings: Settings, entity: str, batches: Sequence[Batch]) -> tuple[int, int, int] | None:
    """Records in force by these batches, those of them that another batch knows, quarantined rows; None if not built."""
    warehouse = open_warehouse(settings)
    if not warehouse.is_made():
        return None
    with warehouse.session(read_only=True) as session:
        if not _is_built(session, entity):
            return None
        ids = [batch.batch_id for batch in batches]
        (row,) = session.rows(_sql(entity), [ids, ids, ids])
        return (int(row[0]), int(row[1]), int(row[2])) if row[3] else None


def _is_built(session: Session, entity: str) -> bool:
    sql = "select 1 from information_schema.tables where table_schema = 'staging' and table_name = ?"
    return bool(session.rows(sql, [f"base_{entity}"]))


def _sql(entity: str) -> str:
    """Ranks the other versions of each key as the materialization ``versions`` does."""
    found = ENTITIES[entity]
    published = [column for column in found.columns if column.of and column.name in found.key]
    key = [*(() if published else ("_source",)), *found.key]
    listed = ", ".join(key)
    same = " and ".join(f"ranked.{name} = mine.{name}" for name in key)
    return f"""
        with mine as (
            select * from staging.base_{entity} where _batch_id = any(?)
        ),
        ranked as (
            select
                {listed},
                _is_replaced or coalesce(is_deleted, false) as is_gone,
                row_number() over (
                    partition by {listed}
                    order by _is_replaced, updated_at desc nulls last, _extracted_at desc, _sequence desc, _batch_id desc,
                        _row_number desc, _file desc
                ) as number
            from staging.base_{entity}
            where _reason is null and _disposition <> 'withdrawn' and _batch_id <> all(?)
        )
        select
            coalesce(sum(case when mine._disposition = 'staged' then 1 else 0 end), 0),
            coalesce(sum(case when mine._disposition = 'staged' and not ranked.is_gone then 1 else 0 end), 0),
            coalesce(sum(case when mine._disposition = 'quarantined' then 1 else 0 end), 0),
            exists (select 1 from staging.base_{entity} as base where base._batch_id = any(?))
        from mine
        left join ranked on {same} and ranked.number = 1
    """
