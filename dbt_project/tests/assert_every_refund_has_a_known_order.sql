-- Detects: refunds of orders that no source delivered; they are reported here and do not count.
-- Usual cause: a source that delivers refunds of orders from before its own first day.
-- A row: a source, with its refunds and the money. The failures are the refunds.
{{ config(tags=['state'], severity='warn', fail_calc='coalesce(sum(refund_count), 0)') }}

with refunds as (

    select * from {{ ref('core_refunds') }}
    where not is_known_order

),

final as (

    select
        {{ source_name('order_id') }} as source,
        delivered_currency,
        count(*) as refund_count,
        sum(delivered_amount) as delivered_amount
    from refunds
    group by {{ source_name('order_id') }}, delivered_currency

)

select * from final
