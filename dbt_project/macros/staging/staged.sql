{#- The model stg_<entity>: the versions in force. -#}
{% macro staged(entity) -%}
with base as (

    select * from {{ ref('base_' ~ entity) }}

),

final as (

    select
        {{ staged_columns(entity) | join(',\n        ') }},
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra
    from base
    where _disposition = 'staged'

)

select * from final
{%- endmacro %}


{#- The model quarantine_<entity>: the rows that cannot be used, with what a person needs to find and mend each of them. -#}
{% macro quarantined(entity) -%}
with quarantined as (

    select * from {{ ref('base_' ~ entity) }}
    where _disposition = 'quarantined'

),

landed as (

    select * from {{ source('landing', entity) }}

),

delivered as (

    select
        quarantined._source,
        quarantined._file,
        quarantined._batch_id,
        quarantined._row_number,
        quarantined._extracted_at,
        quarantined._reason as reason,
        case
            when landed._error is null and quarantined._reason not like 'row %' then split_part(replace(quarantined._reason, ',', ' '), ' ', 1)
        end as reason_column,
        {{ json_text(canonical_entity(entity)['columns'] | map(attribute='name') | list, 'landed') }} as delivered,
        landed._extra,
        landed._raw,
        landed._error
    from quarantined
    inner join landed
        on
            quarantined._source = landed._source
            and quarantined._batch_id = landed._batch_id
            and quarantined._file = landed._file
            and quarantined._row_number = landed._row_number
            -- a batch that a query made may number a row of its result like an unreadable line of the file
            and (quarantined._reason = '{{ unreadable() }}') = (landed._error is not null)

),

final as (

    select
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        reason,
        reason_column,
        coalesce(_error, {{ json_value('delivered', 'reason_column') }}) as reason_value,
        delivered,
        _extra,
        _raw
    from delivered

)

select * from final
{%- endmacro %}
