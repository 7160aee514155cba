{#- The CTEs `batches`, `window_days` and `landed`: the landed rows of an entity that are to be staged now.

    `landed` has the columns of landing as they are, and
    _sequence          the place of the batch in the order of landing
    _timezone          the zone of timestamps without an offset
    _delivered_columns the columns that the batch delivered, with a comma before and after each
    _is_replaced       a later batch of the same source replaces this row: a `snapshot` replaces all rows before it, a
                       `window` those whose day, as written in its window column, lies within it

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
        window_column,
        window_from,
        window_to,
        max(case when mode = 'snapshot' then sequence end) over (partition by source) as last_snapshot,
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
    where batches.mode = 'window'
    group by batches.source, batches.window_column, cast(days.day as date)
)
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
