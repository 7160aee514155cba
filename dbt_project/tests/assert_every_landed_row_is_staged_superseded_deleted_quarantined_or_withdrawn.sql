-- Detects: rows that staging lost, doubled or read from a batch that the ledger does not know, by entity and batch.
-- Usual cause: a join in a base model that drops or multiplies rows, a batch file that is not the one of the ledger, or
-- an incremental build on a landing zone from which batches were removed (build with --full-refresh).
-- A row: a batch whose rows do not add up.
{{ config(tags=['state']) }}

with batches as (

    select * from {{ source('ops', 'batches') }}

),

dispositions as (

    {% for entity in canonical_entities() -%}
    select
        '{{ entity }}' as entity,
        _source,
        _batch_id,
        sum(case when _disposition = 'staged' then 1 else 0 end) as staged,
        sum(case when _disposition = 'superseded' then 1 else 0 end) as superseded,
        sum(case when _disposition = 'deleted' then 1 else 0 end) as deleted,
        sum(case when _disposition = 'quarantined' then 1 else 0 end) as quarantined,
        sum(case when _disposition = 'withdrawn' then 1 else 0 end) as withdrawn,
        count(*) as kept
    from {{ ref('base_' ~ entity) }}
    group by _source, _batch_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

landed as (

    {% for entity in canonical_entities() -%}
    select
        '{{ entity }}' as entity,
        _source,
        _batch_id,
        count(*) as landed
    from {{ source('landing', entity) }}
    group by _source, _batch_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        coalesce(batches.entity, dispositions.entity, landed.entity) as entity,
        coalesce(batches.source, dispositions._source, landed._source) as source,
        coalesce(batches.batch_id, dispositions._batch_id, landed._batch_id) as batch_id,
        batches.row_count as recorded,
        landed.landed,
        dispositions.staged,
        dispositions.superseded,
        dispositions.deleted,
        dispositions.quarantined,
        dispositions.withdrawn
    from batches
    full outer join dispositions
        on
            batches.entity = dispositions.entity
            and batches.source = dispositions._source
            and batches.batch_id = dispositions._batch_id
    full outer join landed
        on
            coalesce(batches.entity, dispositions.entity) = landed.entity
            and coalesce(batches.source, dispositions._source) = landed._source
            and coalesce(batches.batch_id, dispositions._batch_id) = landed._batch_id
    where
        batches.batch_id is null
        or coalesce(landed.landed, 0) <> batches.row_count
        or coalesce(dispositions.kept, 0) <> batches.row_count
        or coalesce(
            dispositions.staged
            + dispositions.superseded
            + dispositions.deleted
            + dispositions.quarantined
            + dispositions.withdrawn,
            0
        ) <> batches.row_count
        -- all rows of a withdrawn batch are withdrawn, and none of another one
        or coalesce(dispositions.withdrawn, 0)
        <> case when coalesce(batches.is_withdrawn, false) then batches.row_count else 0 end

)

select * from final
