with stages as (

    select * from {{ ref('feat_customer_stages') }}

),

periods as (

    select * from {{ ref('feat_customer_stage_periods') }}

),

previous_release as (

    select * from {{ ref('feat_previous_release_stages') }}

),

-- the state at the last month end before D
last_month as (

    select
        *,
        {{ add_days(month_start(as_of_date()), -1) }} as observed_on
    from periods
    where
        valid_from < {{ month_start(as_of_date()) }}
        and coalesce(valid_to >= {{ month_start(as_of_date()) }}, true)

),

earlier as (

    select
        customer_id,
        'last_month_end' as compared_with,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        {%- endfor %}
        observed_on
    from last_month
    union all
    select
        customer_id,
        'previous_release' as compared_with,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        {%- endfor %}
        observed_on
    from previous_release

),

-- a row at most each, which a group by does not tell: Postgres plans for ten thousands, and spills a million customers
comparisons as (

    select
        'last_month_end' as compared_with,
        max(observed_on) as observed_on
    from last_month
    having count(*) > 0
    union all
    select
        'previous_release' as compared_with,
        max(observed_on) as observed_on
    from previous_release
    having count(*) > 0

),

-- everybody at D beside each comparison: who was not known then has entered only
compared as (

    select
        stages.customer_id,
        comparisons.compared_with,
        {%- for column in segmentation_columns().values() %}
        stages.{{ column }},
        earlier.{{ column }} as earlier_{{ column }},
        {%- endfor %}
        comparisons.observed_on
    from stages
    cross join comparisons
    left join earlier
        on
            stages.customer_id = earlier.customer_id
            and comparisons.compared_with = earlier.compared_with

),

moves as (

    {%- for segmentation, column in segmentation_columns().items() %}
    select
        customer_id,
        compared_with,
        '{{ segmentation }}' as segmentation,
        {{ column }} as segment,
        'entered' as move,
        earlier_{{ column }} as other_segment,
        observed_on
    from compared
    where {{ column }} is distinct from earlier_{{ column }}
    union all
    select
        customer_id,
        compared_with,
        '{{ segmentation }}' as segmentation,
        earlier_{{ column }} as segment,
        'left' as move,
        {{ column }} as other_segment,
        observed_on
    from compared
    where
        earlier_{{ column }} is not null
        and {{ column }} is distinct from earlier_{{ column }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(move as varchar) as move,
        cast(other_segment as varchar) as other_segment,
        cast(compared_with as varchar) as compared_with,
        cast(observed_on as date) as since_date,
        {{ as_of_date() }} as as_of_date
    from moves

)

select * from final
