with purchase_days as (

    select * from {{ ref('core_purchase_days') }}

),

refund_days as (

    select * from {{ ref('core_refund_days') }}

),

facts as (

    select
        {{ month_start('purchase_date') }} as month,
        count(*) as facts,
        sum(
            {{ row_hash(["'bought'", 'customer_id', 'purchase_date', 'order_count', 'gross_revenue - discounts']) }}
        ) as hash_sum
    from purchase_days
    group by {{ month_start('purchase_date') }}
    union all
    select
        {{ month_start('refund_date') }} as month,
        count(*) as facts,
        sum({{ row_hash(["'refunded'", 'customer_id', 'refund_date', 'amount']) }}) as hash_sum
    from refund_days
    group by {{ month_start('refund_date') }}

),

final as (

    select
        {{ month_end('month') }} as month_end,
        cast(sum(facts) as bigint) as facts,
        cast(sum(facts) as varchar) || '/' || cast(sum(hash_sum) as varchar) as fingerprint
    from facts
    group by month

)

select * from final
