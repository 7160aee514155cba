{{
    config(
        materialized='incremental',
        incremental_strategy='replace_keys',
        unique_key='order_id',
        on_schema_change='fail',
        meta={'never_null': 'is_valid'},
    )
}}
-- an increment also reads {{ ref('int_orders_list_changes') }}, {{ ref('int_records_merge') }}
-- and {{ ref('int_customers_exclude') }}
{%- set estimated_discount = 'order_discount * (1 - ' ~ var('default_margin_rate') ~ ')' %}

{%- if is_incremental() %}
{%- set last_state = last_state_number() %}
{%- endif %}

with

{% if is_incremental() -%}
-- landed anew, with other lines, or of another person
touched_orders as (

    select order_id
    from {{ ref('int_orders_list_changes') }}
    where _changed_in > {{ last_state }}
    union
    select order_id
    from {{ ref('int_order_lines_value') }}
    where _changed_in > {{ last_state }}
    union
    select kept.order_id
    from {{ this }} as kept
    left join {{ ref('int_records_merge') }} as merged
        on kept.record_id = merged.record_id
    left join {{ ref('int_customers_exclude') }} as excluded_customers
        on coalesce(merged.customer_id, kept.record_id) = excluded_customers.customer_id
    where {{ is_another_persons('kept') }}

),

orders as (

    select * from {{ ref('int_orders_flag_completed') }}
    where order_id in (select touched_orders.order_id from touched_orders)

),

order_lines as (

    select * from {{ ref('int_order_lines_value') }}
    where
        is_known_order
        and order_id in (select orders.order_id from orders)

),

{% else -%}
orders as (

    select * from {{ ref('int_orders_flag_completed') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_value') }}
    where is_known_order

),

{% endif -%}
line_totals as (

    select
        order_id,
        sum(delivered_amount) as delivered_amount,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(cost) as cost,
        sum(case when is_cost_estimated then gross_revenue else 0 end) as estimated_revenue,
        max(case when is_return then 0 else 1 end) as has_sales,
        max(case when is_cost_estimated then 1 else 0 end) as has_estimated_cost,
        max(case when is_return or is_cost_estimated then 0 else 1 end) as has_known_cost
    from order_lines
    group by order_id

),

-- an order without lines is one line of its subtotal
totalled as (

    select
        orders.*,
        line_totals.order_id is null as is_without_lines,
        coalesce(line_totals.delivered_amount, {{ money('coalesce(orders.subtotal_amount, 0)') }}) as delivered_total,
        coalesce(
            line_totals.gross_revenue, {{ money('abs(coalesce(orders.subtotal_amount, 0))', 'orders.exchange_rate') }}
        ) as goods_amount,
        coalesce(line_totals.discounts, 0) as line_discounts,
        {{ money('abs(coalesce(orders.discount_amount, 0))', 'orders.exchange_rate') }} as order_discount,
        line_totals.cost as line_cost,
        line_totals.estimated_revenue,
        coalesce(line_totals.has_estimated_cost, 1) = 1 as has_estimated_cost,
        coalesce(line_totals.has_known_cost, 0) = 1 as has_known_cost,
        orders.is_completed and case
            when line_totals.order_id is null then coalesce(orders.subtotal_amount, 0) >= 0
            else line_totals.has_sales = 1
        end as is_valid
    from orders
    left join line_totals
        on orders.order_id = line_totals.order_id

),

-- lines estimate their cost before the order's own discount: its effect is taken off here
costed as (

    select
        *,
        case
            when is_without_lines then {{ money('goods_amount - order_discount', '1 - ' ~ var('default_margin_rate')) }}
            when not has_estimated_cost then line_cost
            when not has_known_cost
                then line_cost - {{ money('order_discount', '1 - ' ~ var('default_margin_rate')) }}
            else
                line_cost - {{ prorated(estimated_discount, 'estimated_revenue', 'goods_amount') }}
        end as cost_amount
    from totalled

),

-- rounded before they are numbered: the sort below carries every column along
valued as (

    select
        order_id,
        customer_id,
        record_id,
        campaign_id,
        status,
        delivered_status,
        channel,
        currency,
        cast(case when is_valid then goods_amount else 0 end as decimal(18, 2)) as gross_revenue,
        cast(case when is_valid then line_discounts + order_discount else 0 end as decimal(18, 2)) as discounts,
        cast(case when is_valid then order_discount else 0 end as decimal(18, 2)) as order_discount,
        cast(case when is_valid then cost_amount else 0 end as decimal(18, 2)) as cost,
        cast(
            case when is_completed and not is_valid and is_without_lines then goods_amount else 0 end as decimal(18, 2)
        ) as returned_amount,
        cast(delivered_total as decimal(18, 2)) as delivered_amount,
        is_valid,
        is_completed and not is_valid as is_return_document,
        is_excluded,
        is_without_lines,
        is_valid and has_estimated_cost as is_cost_estimated,
        order_date,
        ordered_at
    from costed

),

{% if is_incremental() -%}
-- whoever has, or had, such an order: what follows the first of them is numbered again
touched_days as (

    select
        customer_id,
        order_date
    from valued
    union all
    select
        customer_id,
        order_date
    from {{ this }}
    where order_id in (select touched_orders.order_id from touched_orders)

),

touched_customers as (

    select
        customer_id,
        min(order_date) as first_date
    from touched_days
    where customer_id is not null
    group by customer_id

),

orders_before as (

    select
        kept.customer_id,
        max(kept.order_number) as order_count
    from {{ this }} as kept
    inner join touched_customers
        on
            kept.customer_id = touched_customers.customer_id
            and kept.order_date < touched_customers.first_date
    group by kept.customer_id

),

kept_after as (

    select kept.*
    from {{ this }} as kept
    inner join touched_customers
        on
            kept.customer_id = touched_customers.customer_id
            and kept.order_date >= touched_customers.first_date
    where kept.order_id not in (select touched_orders.order_id from touched_orders)

),

to_number as (

    select
        valued.*,
        true as is_computed,
        coalesce(orders_before.order_count, 0) as orders_before,
        cast(null as bigint) as kept_order_number
    from valued
    left join orders_before
        on valued.customer_id = orders_before.customer_id
    union all
    select
        {%- for column in adapter.get_columns_in_relation(this) if column.name not in ('order_number', '_changed_in') %}
        kept_after.{{ column.name }},
        {%- endfor %}
        false as is_computed,
        coalesce(orders_before.order_count, 0) as orders_before,
        kept_after.order_number as kept_order_number
    from kept_after
    left join orders_before
        on kept_after.customer_id = orders_before.customer_id

),

{% else -%}
to_number as (

    select
        *,
        true as is_computed,
        0 as orders_before,
        cast(null as bigint) as kept_order_number
    from valued

),

{% endif -%}
-- guests get a partition each, so that they are not one giant customer here either
numbered as (

    select
        *,
        case
            when is_valid and not is_excluded and customer_id is not null
                then orders_before + row_number() over (
                        partition by customer_id, case when customer_id is null then order_id end, is_valid
                        order by order_date, ordered_at, order_id
                    )
        end as order_number
    from to_number

),

final as (

    select
        order_id,
        customer_id,
        record_id,
        campaign_id,
        status,
        delivered_status,
        channel,
        currency,
        gross_revenue,
        discounts,
        order_discount,
        cost,
        returned_amount,
        delivered_amount,
        is_valid,
        is_return_document,
        is_excluded,
        is_without_lines,
        is_cost_estimated,
        order_date,
        ordered_at,
        order_number,
        {{ state_number() }} as _changed_in
    from numbered
    where
        is_computed
        or order_number is distinct from kept_order_number
    {%- if is_incremental() %}
    union all
    select {{ nothing_left('order_id') }}
    from touched_orders
    where order_id not in (select orders.order_id from orders)
    {%- endif %}

)

select * from final
