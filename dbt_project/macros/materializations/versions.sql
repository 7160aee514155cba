{#- A materialization: every landed row of an entity, once, with what became of it.

    The model's SQL gives the rows that are to be staged now, with their `_reason` if they cannot be used: all landed rows on a
    full build, those of the pending batches on an incremental one (is_incremental() tells, see landed_cte). The
    materialization says which version of each key is in force, `_disposition`:

    A row with a `_reason` is quarantined. The other rows of a key are ranked: those that no later batch replaced before
    those that one did, then `updated_at`, `_extracted_at`, the order of landing, `_batch_id`, `_row_number`, `_file`, all
    descending. The first is staged, or deleted if it was replaced or says `is_deleted`; the rest are superseded. Before all
    this, the rows of a batch that was taken back are withdrawn: they are kept, and count for nothing.

    `_changed_in` is the number of the state in which the row came or last changed its disposition. Without a pending batch,
    and without one that was withdrawn or put back since, an incremental build does nothing.

    meta (see versions_of):
        entity: the canonical entity.
        key: the columns whose values name one record; one of them holds the source.
        window_columns: the columns that a `window` batch may go by. -#}
{% materialization versions, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set meta = config.get('meta') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set backup = none -%}
    {%- if not is_incremental() -%}
        {%- set backup = versions_build(existing, target, sql, meta) -%}
    {%- else -%}
        {%- set pending = pending_batches(meta['entity']) -%}
        {%- set turned = turned_batches(meta['entity']) -%}
        {%- if pending or turned -%}
            {%- do versions_increase(target, sql, meta, pending, turned) -%}
        {%- else -%}
            {%- do store_raw_result(name='main', message='NOTHING PENDING', code='OK', rows_affected='0') -%}
        {%- endif -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target, model) -%}
    {{ adapter.commit() }}
    {%- if backup is not none -%}
        {%- do adapter.drop_relation(backup) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- dbt's own macro of this name knows the materialization `incremental` only. -#}
{% macro is_incremental() -%}
    {%- if not execute -%}
        {{ return(False) }}
    {%- endif -%}
    {%- set relation = adapter.get_relation(this.database, this.schema, this.table) -%}
    {{ return(
        relation is not none
        and relation.type == 'table'
        and model.config.materialized in ('incremental', 'versions')
        and not should_full_refresh()
    ) }}
{%- endmacro %}


{#- Build the table beside the one that is there and put it in its place; returns what the old one is called now. -#}
{% macro versions_build(existing, target, sql, meta) -%}
    {{ return(adapter.dispatch('versions_build')(existing, target, sql, meta)) }}
{%- endmacro %}


{% macro default__versions_build(existing, target, sql, meta) -%}
    {%- set intermediate = make_intermediate_relation(target) -%}
    {%- set backup = make_backup_relation(target, 'table' if existing is none else existing.type) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup)) -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, intermediate, all_versions_sql(sql, meta)) }}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do adapter.rename_relation(existing, backup) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate, target) -%}
    {{ return(backup if existing is not none else none) }}
{%- endmacro %}


{#- Spark commits each statement by itself, and not all that speak it rename tables: the old one is gone first. -#}
{% macro spark__versions_build(existing, target, sql, meta) -%}
    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, target, all_versions_sql(sql, meta)) }}
    {%- endcall -%}
    {{ return(none) }}
{%- endmacro %}


{#- Put the rows of the pending batches, and those whose disposition they or the turned batches change, into the table. -#}
{% macro versions_increase(target, sql, meta, pending, turned) -%}
    {%- set changed = working_table(target.identifier ~ '__changed') -%}
    {%- do run_statement(drop_working_table_sql(changed)) -%}
    {%- do run_statement(create_working_table_sql(changed, changed_versions_sql(sql, meta, pending, turned))) -%}
    {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- call statement('main') -%}
        {{ replace_keys_sql(target, changed, ['_batch_id', '_file', '_row_number'], columns) }}
    {%- endcall -%}
    {%- do run_statement(drop_working_table_sql(changed)) -%}
{%- endmacro %}


{#- All rows. Most keys have one version, so only keys with several are ranked: sorting all rows would cost several times as
    much. `checked` is read three times, so it and all before it say `not materialized`: to read the landed columns again takes
    a third of the memory of keeping all rows. -#}
{% macro all_versions_sql(sql, meta) -%}
    {{ return(adapter.dispatch('all_versions_sql')(sql, meta)) }}
{%- endmacro %}


{% macro default__all_versions_sql(sql, meta) -%}
{%- set key, withdrawn = meta['key'], withdrawn_batches(meta['entity']) -%}
with checked as not materialized (
    {{ sql }}
),

contested_keys as (
    select {{ key | join(', ') }}
    from checked
    where {{ key[0] }} is not null
    group by {{ key | join(', ') }}
    having count(*) > 1
),

uncontested as (
    select
        checked.*,
        case
            {{ when_withdrawn('checked', withdrawn) }}
            when checked._reason is not null then 'quarantined'
            else {{ disposition_of_first('checked') }}
        end as _disposition
    from checked
    left join contested_keys
        on {{ same_key(key, 'checked', 'contested_keys') }}
    where
        checked._reason is not null
        or contested_keys.{{ key[0] }} is null
),

contested as (
    select
        checked.*,
        case
            {{ when_withdrawn('checked', withdrawn) }}
            when {{ version_number(key, 'checked', withdrawn) }} > 1 then 'superseded'
            else {{ disposition_of_first('checked') }}
        end as _disposition
    from checked
    inner join contested_keys
        on {{ same_key(key, 'checked', 'contested_keys') }}
    where checked._reason is null
),

dispositions as not materialized (
    select * from uncontested
    union all
    select * from contested
),

final as (
    select
        *,
        {{ state_number() }} as _changed_in
    from dispositions
)

select * from final
{%- endmacro %}


{#- On Spark a CTE that is read three times is computed three times: one sort of all rows costs less. Rows that can be used have no
    `_reason`, so they are ranked among themselves. -#}
{% macro spark__all_versions_sql(sql, meta) -%}
{%- set key, withdrawn = meta['key'], withdrawn_batches(meta['entity']) -%}
with checked as (
    {{ sql }}
),

final as (
    select
        checked.*,
        case
            {{ when_withdrawn('checked', withdrawn) }}
            when checked._reason is not null then 'quarantined'
            when {{ version_number(key + ['_reason'], 'checked', withdrawn) }} > 1 then 'superseded'
            else {{ disposition_of_first('checked') }}
        end as _disposition,
        {{ state_number() }} as _changed_in
    from checked
)

select * from final
{%- endmacro %}


{#- What changes on an incremental run: it ranks the keys that pending rows name, those that a pending snapshot or window
    took rows from, and those of the turned batches: withdrawn or put back since, of mode append (what a snapshot or window took
    away is not kept by row, so that only a full build can give it back). Of the rows that are already here it needs those that can still come first: what was superseded and replaced cannot,
    unless nothing of its key is left unreplaced. It gives back the pending rows and those that changed. Where all pending
    batches append, nothing is taken away, and the steps that look for it are left out. -#}
{% macro changed_versions_sql(sql, meta, pending, turned) -%}
{%- set key, withdrawn = meta['key'], withdrawn_batches(meta['entity']) -%}
{%- set turned_ids = turned | map(attribute='batch_id') | list -%}
{%- set replacing = pending | rejectattr('mode', 'equalto', 'append') | list -%}
{%- set carried = [] -%}
{%- for column in adapter.get_columns_in_relation(this) if column.name not in ('_disposition', '_reason', '_is_replaced', '_changed_in') -%}
    {%- do carried.append(column.name) -%}
{%- endfor -%}
with checked as not materialized (
    {{ sql }}
),

{% if replacing -%}
{{ batches_cte(meta['entity']) }},

{{ rows_in_window_ctes(meta['entity'], pending, meta['window_columns']) }}
{% endif -%}
present as not materialized (
    select
        rows_staged.{{ carried | join(',\n        rows_staged.') }},
        rows_staged._reason,
        rows_staged._disposition as _previous_disposition,
        rows_staged._is_replaced as _was_replaced,
        {%- if replacing %}
        rows_staged._is_replaced
            or coalesce(batches.sequence < batches.last_snapshot, false)
            or rows_in_window._row_number is not null as _is_replaced
        {%- else %}
        rows_staged._is_replaced
        {%- endif %}
    from {{ this }} as rows_staged
    {%- if replacing %}
    inner join batches
        on
            rows_staged._source = batches.source
            and rows_staged._batch_id = batches.batch_id
    left join rows_in_window
        on
            rows_staged._batch_id = rows_in_window._batch_id
            and rows_staged._file = rows_in_window._file
            and rows_staged._row_number = rows_in_window._row_number
    {%- endif %}
),

existing as not materialized (
    select
        {{ carried | join(',\n        ') }},
        _previous_disposition,
        _was_replaced,
        _is_replaced
    from present
    where _reason is null
),

affected_keys as (
    select distinct {{ key | join(', ') }}
    from checked
    where _reason is null
    {%- if replacing %}
    union
    select {{ key | join(', ') }}
    from existing
    where _is_replaced and not _was_replaced
    {%- endif %}
    {%- if turned %}
    union
    select {{ key | join(', ') }}
    from existing
    where _batch_id in ({{ text_literals(turned_ids) }})
    {%- endif %}
),

candidates as (
    select
        {{ carried | join(',\n        ') }},
        cast(null as varchar) as _previous_disposition,
        false as _was_replaced,
        _is_replaced
    from checked
    where _reason is null
    union all
    select existing.*
    from existing
    inner join affected_keys
        on {{ same_key(key, 'existing', 'affected_keys') }}
    where
        existing._previous_disposition <> 'superseded'
        or not existing._was_replaced
        {%- if turned %}
        or existing._batch_id in ({{ text_literals(turned_ids) }})
        {%- endif %}
),

{% if replacing or turned -%}
keys_gone as (
    select {{ key | join(', ') }}
    from candidates
    group by {{ key | join(', ') }}
    having min(case {{ when_withdrawn('candidates', withdrawn, then='1') }} when _is_replaced then 1 else 0 end) = 1
),

{% endif -%}
versions as (
    select * from candidates
    {%- if replacing or turned %}
    union all
    select existing.*
    from existing
    inner join keys_gone
        on {{ same_key(key, 'existing', 'keys_gone') }}
    where
        existing._previous_disposition = 'superseded'
        and existing._was_replaced
        {%- if turned %}
        and existing._batch_id not in ({{ text_literals(turned_ids) }})
        {%- endif %}
    {%- endif %}
),

ranked as (
    select
        versions.*,
        case
            {{ when_withdrawn('versions', withdrawn) }}
            when {{ version_number(key, 'versions', withdrawn) }} > 1 then 'superseded'
            else {{ disposition_of_first('versions') }}
        end as _disposition
    from versions
),

changed as not materialized (
    select
        {{ carried | join(',\n        ') }},
        _is_replaced,
        cast(null as varchar) as _reason,
        _disposition
    from ranked
    where
        _previous_disposition is null
        or _previous_disposition <> _disposition
        or _was_replaced <> _is_replaced
    union all
    select
        {{ carried | join(',\n        ') }},
        _is_replaced,
        _reason,
        case {{ when_withdrawn('checked', withdrawn) }} else 'quarantined' end as _disposition
    from checked
    where _reason is not null
    {%- if replacing or turned %}
    union all
    select
        {{ carried | join(',\n        ') }},
        _is_replaced,
        _reason,
        case {{ when_withdrawn('present', withdrawn) }} else 'quarantined' end as _disposition
    from present
    where
        _reason is not null
        and (
            _is_replaced <> _was_replaced
            or _previous_disposition <> case {{ when_withdrawn('present', withdrawn) }} else 'quarantined' end
        )
    {%- endif %}
),

final as (
    select
        *,
        {{ state_number() }} as _changed_in
    from changed
)

select * from final
{%- endmacro %}


{#- The CTE `rows_in_window`: rows staged before that a pending window covers. Their days are read in landing again, because
    the text of the date is not kept. -#}
{% macro rows_in_window_ctes(entity, pending, window_columns) -%}
rows_in_window as (
    select distinct
        rows_landed._batch_id,
        rows_landed._file,
        rows_landed._row_number
    from {{ source('landing', entity) }} as rows_landed
    inner join batches
        on
            rows_landed._source = batches.source
            and rows_landed._batch_id = batches.batch_id
    {{ join_window_days(window_columns) }}
    where
        rows_landed._batch_id not in ({{ text_literals(pending | map(attribute='batch_id') | list) }})
        and rows_landed._source in (
            {{- text_literals(pending | selectattr('mode', 'equalto', 'window') | map(attribute='source') | unique | list) -}}
        )
        and (
            {%- for column in window_columns %}
            {{ "or " if not loop.first }}by_{{ column }}.sequence > batches.sequence
            {%- endfor %}
        )
),
{% endmacro %}


{#- The rank of a row among the versions of its key; the first is in force. -#}
{% macro version_number(key, relation, withdrawn) -%}
    row_number() over (
                partition by {% for column in key %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor %}
                order by
                    {%- if withdrawn %}
                    case {{ when_withdrawn(relation, withdrawn, then='1') }} else 0 end,
                    {%- endif %}
                    {{ relation }}._is_replaced,
                    {{ relation }}.updated_at desc nulls last,
                    {{ relation }}._extracted_at desc,
                    {{ relation }}._sequence desc,
                    {{ relation }}._batch_id desc,
                    {{ relation }}._row_number desc,
                    {{ relation }}._file desc
            )
{%- endmacro %}


{#- The branch of a `case` for the rows of withdrawn batches. -#}
{% macro when_withdrawn(relation, withdrawn, then="'withdrawn'") -%}
    when {% if withdrawn %}{{ relation }}._batch_id in ({{ text_literals(withdrawn) }}){% else %}false{% endif %} then {{ then }}
{%- endmacro %}


{#- What becomes of the first version of a key. -#}
{% macro disposition_of_first(relation) -%}
    case when {{ relation }}._is_replaced or {{ relation }}.is_deleted then 'deleted' else 'staged' end
{%- endmacro %}


{#- The condition under which rows of two relations have the same key. -#}
{% macro same_key(key, left, right) -%}
    {% for column in key -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor %}
{%- endmacro %}
