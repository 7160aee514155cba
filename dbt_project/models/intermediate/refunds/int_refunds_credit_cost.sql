with refunds as (

    select * from {{ ref('int_refunds_convert') }}

),

order_lines as (

    select * from {{ ref('int_order_lines_value') }}

),

-- what the customer paid for a line, and what of it earlier refunds have given back
naming_a_line as (

    select
        refunds.refund_id,
        order_lines.cost as line_cost,
        order_lines.gross_revenue - order_lines.discounts as paid_amount,
        sum(refunds.value_amount) over (
            partition by refunds.order_id, refunds.line_id
            order by refunds.refund_date, refunds.refunded_at, refunds.refund_id
            rows between unbounded preceding and current row
        ) as refunded_so_far,
        refunds.value_amount
    from refunds
    inner join order_lines
        on
            refunds.order_id = order_lines.order_id
            and refunds.line_id = order_lines.line_id
    where refunds.is_counted

),

with_refunds_before as (

    select
        *,
        refunded_so_far - value_amount as refunded_before
    from naming_a_line

),

-- the cost comes back in proportion to the money, and never more than once
final as (

    select
        refund_id,
        {{ prorated('line_cost', 'least(refunded_so_far, paid_amount)', 'paid_amount') }}
        - {{ prorated('line_cost', 'least(refunded_before, paid_amount)', 'paid_amount') }} as cost_credit
    from with_refunds_before

)

select * from final
