-- Detects: lines of orders that no source delivered; they are reported here and do not count.
-- Usual cause: orders and lines extracted at different times, or lines of another source.
-- A row: a source, with its lines and orders. The failures are the lines.
{{ config(tags=['state'], severity='warn', fail_calc='coalesce(sum(line_count), 0)') }}

with order_lines as (

    select * from {{ ref('core_order_lines') }}
    where not is_known_order

),

final as (

    select
        {{ source_name('order_id') }} as source,
        count(*) as line_count,
        count(distinct order_id) as order_count
    from order_lines
    group by {{ source_name('order_id') }}

)

select * from final
