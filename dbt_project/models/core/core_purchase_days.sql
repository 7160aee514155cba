{{
    config(
        materialized='incremental',
        incremental_strategy='replace_keys',
        unique_key=['customer_id', 'purchase_date'],
        on_schema_change='fail',
        meta={'never_null': 'purchase_number'},
    )
}}

with valid_orders as (

    select * from {{ ref('core_orders') }}
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
    where next_purchase_date is null

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

{% if is_incremental() -%}
kept_days as (

    select * from {{ this }}
    where customer_id in (select touched.customer_id from touched)

),

compared as (

    select
        coalesce(days.customer_id, kept_days.customer_id) as customer_id,
        coalesce(days.purchase_date, kept_days.purchase_date) as purchase_date,
        days.customer_id is null as is_gone,
        (
            days.order_count is distinct from kept_days.order_count
            or days.gross_revenue is distinct from kept_days.gross_revenue
            or days.discounts is distinct from kept_days.discounts
        ) as is_another
    from days
    full outer join kept_days
        on
            days.customer_id = kept_days.customer_id
            and days.purchase_date = kept_days.purchase_date

),

changes as (

    select
        customer_id,
        min(purchase_date) as changed_from
    from compared
    where is_another
    group by customer_id

),

-- how many of a customer's first days are what they were
unchanged as (

    select
        kept_days.customer_id,
        max(kept_days.purchase_number) as day_count
    from kept_days
    inner join changes
        on
            kept_days.customer_id = changes.customer_id
            and kept_days.purchase_date < changes.changed_from
    group by kept_days.customer_id

),

-- what stays is left out, but for the gaps that the medians of the rest look back on
recent as (

    select spaced.*
    from spaced
    left join unchanged
        on spaced.customer_id = unchanged.customer_id
    where spaced.purchase_number >= coalesce(unchanged.day_count, 0) - {{ var('cadence_gaps') }}

),

{% else -%}
recent as (

    select * from spaced

),

{% endif -%}
-- each row with the customer's last gaps, its own included; the first purchase day brings no gap
remembered as (

    select
        *,
        array_agg(gap_days) over (
            partition by customer_id order by purchase_date
            rows between {{ var('cadence_gaps') - 1 }} preceding and current row
        ) as last_gaps
    from recent

),

paced as (

    select
        *,
        -- two gaps make a cadence
        case when purchase_number >= 3 then {{ list_median('last_gaps') }} end as median_gap_days
    from remembered

),

described as (

    select
        *,
        lag(median_gap_days) over (partition by customer_id order by purchase_date) as earlier_median_gap_days
    from paced

),

final as (

    select
        described.customer_id,
        fingerprints.orders_fingerprint,
        described.purchase_date,
        described.purchase_number,
        described.gap_days,
        described.median_gap_days,
        described.earlier_median_gap_days,
        described.order_count,
        cast(described.gross_revenue as decimal(18, 2)) as gross_revenue,
        cast(described.discounts as decimal(18, 2)) as discounts,
        cast(described.orders_so_far as bigint) as orders_so_far,
        cast(described.bought_so_far as decimal(18, 2)) as bought_so_far,
        described.first_purchase_date,
        described.next_purchase_date
    from described
    -- with the last day only: whatever changes, that one is written again
    left join fingerprints
        on
            described.customer_id = fingerprints.customer_id
            and described.next_purchase_date is null
    {%- if is_incremental() %}
    left join unchanged
        on described.customer_id = unchanged.customer_id
    -- the last day that is what it was may have another next one
    where described.purchase_number >= coalesce(unchanged.day_count, 0)
    union all
    select {{ nothing_left(['customer_id', 'purchase_date']) }}
    from compared
    where is_gone
    {%- endif %}

)

select * from final
