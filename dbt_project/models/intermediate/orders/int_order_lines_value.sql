{{
    config(
        materialized='incremental',
        incremental_strategy='replace_keys',
        unique_key='order_id',
        on_schema_change='fail',
        meta={'never_null': 'line_id'},
    )
}}
-- an increment also reads {{ ref('int_orders_list_changes') }}, {{ ref('int_records_merge') }}
-- and {{ ref('int_customers_exclude') }}

with

{% if is_incremental() -%}
-- the orders whose lines may be other ones now: landed anew, of another person, of a product with another price list
touched_orders as (

    {% if last_state_number() == 0 -%}
    -- no line has been here so far
    select order_id from {{ ref('stg_order_lines') }}
    {% else -%}
    select order_id
    from {{ ref('int_orders_list_changes') }}
    where _changed_in > {{ last_state_number() }}
    {% endif -%}
    union
    select kept.order_id
    from {{ this }} as kept
    left join {{ ref('int_records_merge') }} as merged
        on kept.record_id = merged.record_id
    left join {{ ref('int_customers_exclude') }} as excluded_customers
        on coalesce(merged.customer_id, kept.record_id) = excluded_customers.customer_id
    left join {{ ref('stg_products') }} as products
        on kept.product_id = products.product_id
    where
        {{ is_another_persons('kept') }}
        or products.unit_cost is distinct from kept.list_cost
        or products.currency is distinct from kept.list_currency

),

order_lines as (

    select * from {{ ref('stg_order_lines') }}
    where order_id in (select touched_orders.order_id from touched_orders)

),

orders as (

    select * from {{ ref('int_orders_flag_completed') }}
    where order_id in (select touched_orders.order_id from touched_orders)

),

{% else -%}
order_lines as (

    select * from {{ ref('stg_order_lines') }}

),

orders as (

    select * from {{ ref('int_orders_flag_completed') }}

),

{% endif -%}
products as (

    select * from {{ ref('stg_products') }}

),

rates as (

    select * from {{ ref('base_reporting_rates') }}

),

delivered as (

    select
        order_lines.order_id,
        order_lines.line_id,
        order_lines.product_id,
        orders.customer_id,
        orders.record_id,
        products.currency as list_currency,
        order_lines.quantity,
        orders.exchange_rate,
        coalesce(
            cast(order_lines.amount as decimal(38, 14)),
            {{ widen('order_lines.quantity') }} * order_lines.unit_price
        ) as line_value,
        -- some shops deliver discounts as negative numbers
        abs(coalesce(order_lines.discount_amount, 0)) as line_discount,
        coalesce(order_lines.unit_cost, products.unit_cost) as unit_cost,
        products.unit_cost as list_cost,
        -- a price list has no day: the rate is that of the order's day
        case
            when order_lines.unit_cost is not null or products.currency = orders.currency then orders.exchange_rate
            when products.currency = '{{ reporting_currency() }}' then 1
            else coalesce(rates.exchange_rate, last_rates.exchange_rate)
        end as cost_rate,
        orders.order_id is not null as is_known_order,
        coalesce(orders.is_completed, false) as is_counted,
        coalesce(orders.is_excluded, false) as is_excluded,
        orders.order_date,
        orders.ordered_at
    from order_lines
    left join orders
        on order_lines.order_id = orders.order_id
    left join products
        on order_lines.product_id = products.product_id
    {{ join_rates('products.currency', 'orders.order_date') }}

),

-- the one rounding of line amounts; everything above adds rounded values
rounded as (

    select
        *,
        line_value < 0 or quantity < 0 as is_return,
        {{ money('line_value') }} as delivered_amount,
        {{ money('abs(line_value) * exchange_rate') }} as line_amount,
        {{ money('line_discount', 'exchange_rate') }} as discount_amount,
        -- a cost too large for an amount (a bar code as quantity) is no cost: it is estimated, and stops nobody
        case
            when abs(cast(quantity as double precision) * unit_cost * cost_rate) < 1e12
                then {{ money('abs(quantity)', 'unit_cost', 'cost_rate') }}
        end as known_cost
    from delivered

),

costed as (

    select
        *,
        is_counted and not is_return as is_sold,
        is_counted and is_return as is_given_back,
        coalesce(
            known_cost,
            case
                when is_return then {{ money('line_amount', '1 - ' ~ var('default_margin_rate')) }}
                else {{ money('line_amount - discount_amount', '1 - ' ~ var('default_margin_rate')) }}
            end
        ) as cost_amount
    from rounded

),

final as (

    select
        order_id,
        line_id,
        product_id,
        customer_id,
        record_id,
        list_currency,
        quantity,
        list_cost,
        delivered_amount,
        case when is_sold then line_amount else 0 end as gross_revenue,
        case when is_sold then discount_amount else 0 end as discounts,
        case when is_sold then cost_amount else 0 end as cost,
        case when is_given_back then line_amount else 0 end as returned_amount,
        case when is_given_back then cost_amount else 0 end as returned_cost,
        is_known_order,
        is_counted,
        is_excluded,
        is_return,
        is_sold and known_cost is null as is_cost_estimated,
        order_date,
        ordered_at,
        {{ state_number() }} as _changed_in
    from costed
    {%- if is_incremental() %}
    union all
    select {{ nothing_left('order_id') }}
    from touched_orders
    where order_id not in (select order_lines.order_id from order_lines)
    {%- endif %}

)

select * from final
