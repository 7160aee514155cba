with periods as (

    select * from {{ ref('feat_customer_stage_periods') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

refunds as (

    select * from {{ ref('feat_refunds') }}
    where customer_id is not null

),

events as (

    select
        customer_id,
        {{ month_start('purchase_date') }} as month,
        gross_revenue - discounts as amount
    from purchase_days
    union all
    select
        customer_id,
        {{ month_start('refund_date') }} as month,
        0 - amount as amount
    from refunds

),

revenues as (

    select
        customer_id,
        month,
        least({{ month_end('month') }}, {{ as_of_date() }}) as observed_on,
        sum(amount) as net_revenue
    from events
    group by customer_id, month

),

-- a customer's month goes with the period in which it ends; a period that began there brought its opening along
money as (

    select
        revenues.month,
        periods.valid_from = revenues.observed_on as has_moved,
        periods.*,
        revenues.net_revenue
    from revenues
    inner join periods
        on
            revenues.customer_id = periods.customer_id
            and revenues.observed_on >= periods.valid_from
            and coalesce(revenues.observed_on < periods.valid_to, true)

),

heads as (

    select
        {{ month_start('valid_from') }} as month,
        *
    from periods

),

flows as (

    select
        month,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        previous_{{ column }},
        {%- endfor %}
        had_bought,
        is_in_base,
        was_in_base,
        1 as customers,
        0 as net_revenue
    from heads
    union all
    select
        month,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        case when has_moved then previous_{{ column }} else {{ column }} end as previous_{{ column }},
        {%- endfor %}
        case when has_moved then had_bought else true end as had_bought,
        is_in_base,
        case when has_moved then was_in_base else is_in_base end as was_in_base,
        0 as customers,
        net_revenue
    from money

),

final as (

    select
        month,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        previous_{{ column }},
        {%- endfor %}
        had_bought,
        is_in_base,
        was_in_base,
        cast(sum(customers) as bigint) as customers,
        cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
    from flows
    group by
        month,
        {%- for column in segmentation_columns().values() %}
        {{ column }},
        previous_{{ column }},
        {%- endfor %}
        had_bought,
        is_in_base,
        was_in_base

)

select * from final
