{{ config(meta=versions_of('orders')) }}
{%- set left_of_total -%}
    (
                rated.total_amount
                - coalesce(rated.tax_amount, 0)
                - coalesce(rated.shipping_amount, 0)
                + abs(coalesce(rated.discount_amount, 0))
            )
{%- endset %}

with {{ landed_cte('orders') }},

status_map as (

    select * from {{ ref('map_order_status') }}

),

-- what a source says of its own statuses goes before the map
own_statuses as (

    {{ statuses_of_sources() }}

),

{{ typed_cte('orders', renamed={'status': 'delivered_status', 'subtotal_amount': 'delivered_subtotal_amount'}) }},

dated as not materialized (

    select
        *,
        {{ business_date('ordered_at') }} as order_date
    from typed

),

{{ rated_ctes('dated', day='order_date') }},

mapped as not materialized (

    select
        rated.*,
        -- where the goods are not delivered, they are what the total leaves
        coalesce(
            rated.delivered_subtotal_amount,
            case when abs({{ left_of_total }}) < 1000000000000 then cast({{ left_of_total }} as decimal(18, 6)) end
        ) as subtotal_amount,
        rated.delivered_subtotal_amount_text as subtotal_amount_text,
        rated.delivered_subtotal_amount is null and rated.total_amount is not null as is_subtotal_derived,
        case
            when rated.{{ was_never_told('status') }} then 'completed'
            else coalesce(own_statuses.status, status_map.status)
        end as status,
        coalesce(own_statuses.is_refunded, status_map.is_refunded, false) as is_refunded
    from rated
    left join status_map
        on {{ comparable_status('rated.delivered_status') }} = status_map.delivered_status
    left join own_statuses
        on
            rated._source = own_statuses.source
            and {{ comparable_status('rated.delivered_status') }} = own_statuses.delivered_status

),

{% set problems = {
    'ordered_at': when_before_1970('ordered_at'),
    'status': "when status is null and delivered_status is null then 'status is missing'
            when status is null then 'status is unknown'",
    'currency': "when currency is null then 'currency is missing'
            when exchange_rate is null then 'currency has no exchange rate'",
} -%}

{{ checked_cte('orders', 'mapped', problems) }}

select * from checked
