{#- The CTEs `batches`, `window_days` and `landed`: the landed rows of an entity that are to be staged now.

    `landed` has the columns of landing as they are, and
    _sequence          the place of the batch in the order of landing
    _timezone          the zone of timestamps without an offset
    _delivered_columns the columns that the batch delivered, with a comma before and after each
    _known_columns     of the columns whose absence means something (a status, a currency): those that this batch or an earlier
                       one of its source delivered; where one of them is absent now, that means nothing but a gap
    _is_replaced       a later batch of the same source replaces this row: a `snapshot` replaces all rows before it, a
                       `window` those whose day, as written in its window column, lies within it; a withdrawn one none

    An incremental run reads the rows of the pending batches only, named one by one so that the statistics of the Parquet
    files let it skip all others. -#}
{% macro landed_cte(entity) -%}
{%- set columns = window_columns(entity) -%}
{{ batches_cte(entity) }},

landed as not materialized (
    select
        rows_landed.*,
        batches.sequence as _sequence,
        batches.timezone as _timezone,
        batches.delivered_columns as _delivered_columns,
        batches.known_columns as _known_columns,
        {{ is_replaced(columns) }} as _is_replaced
    from {{ source('landing', entity) }} as rows_landed
    inner join batches
        on
            rows_landed._source = batches.source
            and rows_landed._batch_id = batches.batch_id
    {{ join_window_days(columns) }}
    {%- if is_incremental() %}
    where rows_landed._batch_id in ({{ text_literals(pending_batches(entity) | map(attribute='batch_id') | list) }})
    {%- endif %}
)
{%- endmacro %}


{#- The CTEs `batches` and `window_days` of an entity. -#}
{% macro batches_cte(entity) -%}
batches as (
    select
        batch_id,
        source,
        mode,
        sequence,
        timezone,
        delivered_columns,
        {{ known_columns(entity) }} as known_columns,
        window_column,
        window_from,
        window_to,
        coalesce(is_withdrawn, false) as is_withdrawn,
        max(case when mode = 'snapshot' and not coalesce(is_withdrawn, false) then sequence end) over (partition by source) as last_snapshot,
        string_agg(',' || window_column || ',', '') over (partition by source) as window_columns
    from {{ source('ops', 'batches') }}
    where entity = '{{ entity }}'
),

window_days as (
    select
        batches.source,
        batches.window_column,
        cast(days.day as date) as window_day,
        max(batches.sequence) as sequence
    from batches
    cross join lateral {{ timestamp_series('batches.window_from', 'batches.window_to') }} as days (day)
    where
        batches.mode = 'window'
        and not batches.is_withdrawn
    group by batches.source, batches.window_column, cast(days.day as date)
)
{%- endmacro %}


{#- The columns of an entity of which nothing is taken for something where a source has never delivered them: an order without a status
    is completed, an amount without a currency is in the reporting currency. -#}
{% macro columns_that_may_be_assumed(name) -%}
    {%- set currencies = canonical_entity(name)['columns'] | selectattr('empty_means', 'equalto', 'reporting_currency') -%}
    {{ return((['status'] if name == 'orders' else []) + (currencies | map(attribute='name') | list)) }}
{%- endmacro %}


{#- Those of them that a batch or an earlier one of its source delivered, with a comma before and after each. -#}
{% macro known_columns(entity) -%}
    {%- set columns = columns_that_may_be_assumed(entity) -%}
    {%- if not columns -%}
    ''
    {%- else -%}
    concat(
            {%- for column in columns %}
            max(case when delivered_columns like '%,{{ column }},%' then ',{{ column }},' else '' end) over (
                partition by source order by sequence rows between unbounded preceding and current row
            ){{ ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}


{#- Whether nothing delivered may be taken for something: this source has never told. -#}
{% macro was_never_told(column) -%}
    _known_columns not like '%,{{ column }},%'
{%- endmacro %}


{#- Whether a later batch replaces the row; needs `batches` and `join_window_days`. -#}
{% macro is_replaced(window_columns) -%}
    coalesce(batches.sequence < batches.last_snapshot, false)
    {%- for column in window_columns %}
        or coalesce(batches.sequence < by_{{ column }}.sequence, false)
    {%- endfor %}
{%- endmacro %}


{#- The last window batch that covers the row's day, for each column that any window of the source goes by. -#}
{% macro join_window_days(window_columns) -%}
    {%- for column in window_columns %}
    left join window_days as by_{{ column }}
        on
            rows_landed._source = by_{{ column }}.source
            and by_{{ column }}.window_column = '{{ column }}'
            and case
                when batches.window_columns like '%,{{ column }},%'
                    then {{ day_as_written('rows_landed.' ~ column) }}
            end = by_{{ column }}.window_day
    {%- endfor %}
{%- endmacro %}
