{{
    config(
        materialized='incremental',
        incremental_strategy='replace_keys',
        unique_key='customer_id',
        on_schema_change='fail',
        meta={'never_null': 'purchase_date'},
    )
}}

with valid_orders as (

    select * from {{ ref('order_values') }}
    where
        is_valid
        and customer_id is not null

),

-- one text that changes whenever what a customer bought does, whatever the reason
fingerprints as (

    select
        customer_id,
        cast(sum({{ row_hash(['order_date', 'gross_revenue', 'discounts']) }}) as varchar) as orders_fingerprint
    from valid_orders
    group by customer_id

),

{% if is_incremental() -%}
kept as (

    select
        customer_id,
        orders_fingerprint
    from {{ this }}
    where purchase_number = 1

),

touched as (

    select coalesce(fingerprints.customer_id, kept.customer_id) as customer_id
    from fingerprints
    full outer join kept
        on fingerprints.customer_id = kept.customer_id
    where fingerprints.orders_fingerprint is distinct from kept.orders_fingerprint

),

orders as (

    select * from valid_orders
    where customer_id in (select touched.customer_id from touched)

),

{% else -%}
orders as (

    select * from valid_orders

),

{% endif -%}

days as (

    select
        customer_id,
        order_date as purchase_date,
        count(*) as order_count,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts
    from orders
    group by customer_id, order_date

),

numbered as (

    select
        *,
        row_number() over (partition by customer_id order by purchase_date) as purchase_number,
        lag(purchase_date) over (partition by customer_id order by purchase_date) as previous_purchase_date,
        lead(purchase_date) over (partition by customer_id order by purchase_date) as next_purchase_date,
        first_value(purchase_date) over (partition by customer_id order by purchase_date) as first_purchase_date,
        sum(order_count) over (
            partition by customer_id order by purchase_date
            rows between unbounded preceding and current row
        ) as orders_so_far,
        sum(gross_revenue - discounts) over (
            partition by customer_id order by purchase_date
            rows between unbounded preceding and current row
        ) as bought_so_far
    from days

),

spaced as (

    select
        *,
        {{ days_between('previous_purchase_date', 'purchase_date') }} as gap_days
    from numbered

),

-- each row with the customer's last gaps, its own included; the first purchase day brings no gap
remembered as (

    select
        *,
        array_agg(gap_days) over (
            partition by customer_id order by purchase_date
            rows between {{ var('cadence_gaps') - 1 }} preceding and current row
        ) as last_gaps
    from spaced

),

paced as (

    select
        *,
        -- two gaps make a cadence
        case when purchase_number >= 3 then {{ list_median('last_gaps') }} end as median_gap_days
    from remembered

),

final as (

    select
        paced.customer_id,
        fingerprints.orders_fingerprint,
        paced.purchase_date,
        paced.purchase_number,
        paced.gap_days,
        paced.median_gap_days,
        lag(paced.median_gap_days) over (partition by paced.customer_id order by paced.purchase_date)
            as earlier_median_gap_days,
        paced.order_count,
        cast(paced.gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(paced.discounts as decimal(18, 2)) as discounts,
        cast(paced.orders_so_far as bigint) as orders_so_far,
        cast(paced.bought_so_far as decimal(18, 2)) as bought_so_far,
        paced.first_purchase_date,
        paced.next_purchase_date
    from paced
    -- with the first day only: it stands for the customer
    left join fingerprints
        on
            paced.customer_id = fingerprints.customer_id
            and paced.purchase_number = 1
    {%- if is_incremental() %}
    union all
    select {{ nothing_left('customer_id') }}
    from touched
    where customer_id not in (select orders.customer_id from orders)
    {%- endif %}

)

select * from final
