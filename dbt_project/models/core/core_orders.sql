{{ config(materialized='view') }}

with orders as (

    select * from {{ ref('int_orders_value') }}

),

final as (

    select
        order_id,
        {{ source_id('order_id') }} as source_order_id,
        {{ source_name('order_id') }} as source,
        customer_id,
        campaign_id,
        status,
        delivered_status,
        channel,
        currency,
        currency as delivered_currency,
        order_number,
        cast(case when is_excluded then 0 else gross_revenue end as decimal(18, 2)) as gross_revenue,
        cast(case when is_excluded then 0 else discounts end as decimal(18, 2)) as discounts,
        cast(case when is_excluded then 0 else order_discount end as decimal(18, 2)) as order_discount,
        cast(case when is_excluded then 0 else cost end as decimal(18, 2)) as cost,
        delivered_amount,
        is_valid and not is_excluded as is_valid,
        is_return_document,
        is_excluded,
        is_cost_estimated and not is_excluded as is_cost_estimated,
        order_date,
        ordered_at
    from orders

)

select * from final
