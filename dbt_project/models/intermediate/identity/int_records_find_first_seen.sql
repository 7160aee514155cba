{{ config(materialized='table') }}

with landed as (

    {% for named in named_records() %}
    select
        {{ named['record'] }} as record_id,
        {%- if named['happened_on'] is none %}
        cast(null as date) as first_event_date,
        0 as has_event,
        {%- else %}
        min(case when _disposition = 'staged' then {{ named['happened_on'] }} end) as first_event_date,
        max(case when _disposition = 'staged' then 1 else 0 end) as has_event,
        {%- endif %}
        min(_extracted_at) as first_seen_at
    from {{ ref('base_' ~ named['entity']) }}
    where
        {{ named['record'] }} is not null
        and _disposition <> 'withdrawn'
    group by {{ named['record'] }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        record_id,
        max(has_event) = 1 as is_in_event,
        min(first_event_date) as first_event_date,
        min(first_seen_at) as first_seen_at
    from landed
    group by record_id

)

select * from final
