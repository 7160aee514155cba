{#- A query: what each customer's purchases and refunds add up to at the end of a day, one row per customer who has bought.

    day: an expression without columns, or a column of `days`. each, days: see each_day(); the relation of the days, which has the
    column. Rows carry sums from the first one on, so a window of days is the difference of two
    rows: the last one up to its end and the last one before its beginning. One pass over each table finds all of them. -#}
{% macro customer_positions_at(day, each=none, days=none) -%}
{%- set window = var('relationship_window_days') -%}
{%- set rfm_window = var('rfm_window_days') -%}
{%- set days_ago = [0, window, 2 * window, var('loyal_window_days')] + ([] if rfm_window is none else [rfm_window]) -%}
with purchases as (

    select
        {{ each_day(each, 'days') }}
        customer_id,
        max(purchase_number) as purchase_day_count,
        max(orders_so_far) as order_count,
        {{ so_far('purchase_number', 'purchase_date', 'next_purchase_date', day, window) }} as days_before_later,
        {{ so_far('purchase_number', 'purchase_date', 'next_purchase_date', day, 2 * window) }} as days_before_earlier,
        {{ so_far('purchase_number', 'purchase_date', 'next_purchase_date', day, var('loyal_window_days')) }}
            as days_before_loyal,
        {{ so_far('bought_so_far', 'purchase_date', 'next_purchase_date', day, 0) }} as bought,
        {{ so_far('bought_so_far', 'purchase_date', 'next_purchase_date', day, window) }} as bought_before_later,
        {{ so_far('bought_so_far', 'purchase_date', 'next_purchase_date', day, 2 * window) }} as bought_before_earlier,
        {{ so_far('orders_so_far', 'purchase_date', 'next_purchase_date', day, rfm_window) }} as orders_before_rfm,
        {{ so_far('bought_so_far', 'purchase_date', 'next_purchase_date', day, rfm_window) }} as bought_before_rfm,
        max(case when {{ is_last_up_to('purchase_date', 'next_purchase_date', day, 0) }} then median_gap_days end)
            as median_gap_days,
        min(first_purchase_date) as first_purchase_date,
        max(purchase_date) as last_purchase_date
    from {{ ref('core_purchase_days') }}
    {{ 'cross join ' ~ days ~ ' as days' if each }}
    where
        purchase_date <= {{ day }}
        and (
            {%- for days in days_ago | unique %}
            {{ is_last_up_to('purchase_date', 'next_purchase_date', day, days) }}{{ ' or' if not loop.last }}
            {%- endfor %}
        )
    group by {{ each_day(each, 'days') }} customer_id

),

refunds as (

    select
        {{ each_day(each, 'days') }}
        customer_id,
        {{ so_far('refunded_so_far', 'refund_date', 'next_refund_date', day, 0) }} as refunded,
        {{ so_far('refunded_so_far', 'refund_date', 'next_refund_date', day, window) }} as refunded_before_later,
        {{ so_far('refunded_so_far', 'refund_date', 'next_refund_date', day, 2 * window) }} as refunded_before_earlier,
        {{ so_far('refunded_so_far', 'refund_date', 'next_refund_date', day, rfm_window) }} as refunded_before_rfm
    from {{ ref('core_refund_days') }}
    {{ 'cross join ' ~ days ~ ' as days' if each }}
    where refund_date <= {{ day }}
    group by {{ each_day(each, 'days') }} customer_id

),

netted as (

    select
        purchases.*,
        purchases.bought - coalesce(refunds.refunded, 0) as net,
        purchases.bought_before_later - coalesce(refunds.refunded_before_later, 0) as net_before_later,
        purchases.bought_before_earlier - coalesce(refunds.refunded_before_earlier, 0) as net_before_earlier,
        purchases.bought_before_rfm - coalesce(refunds.refunded_before_rfm, 0) as net_before_rfm
    from purchases
    left join refunds
        on
            purchases.customer_id = refunds.customer_id
            {{ and_same_day(each, 'purchases', 'refunds') }}

),

final as (

    select
        {{ each_day(each) }}
        customer_id,
        purchase_day_count,
        purchase_day_count - days_before_loyal as purchase_days_in_window,
        days_before_later - days_before_earlier as earlier_purchase_days,
        order_count,
        order_count - orders_before_rfm as rfm_order_count,
        cast(net as decimal(18, 2)) as net_revenue,
        cast(net - net_before_later as decimal(18, 2)) as later_net_revenue,
        cast(net_before_later - net_before_earlier as decimal(18, 2)) as earlier_net_revenue,
        cast(net - net_before_rfm as decimal(18, 2)) as rfm_net_revenue,
        median_gap_days,
        first_purchase_date,
        last_purchase_date
    from netted

)

select * from final
{%- endmacro %}


{#- A customer's running sum at the end of the day so many days before `day`; 0 before the first row, and where the days
    are none, which stands for the beginning of all history. -#}
{% macro so_far(column, date_column, next_date_column, day, days_ago) -%}
{%- if days_ago is none -%}
0
{%- else -%}
coalesce(max(case when {{ is_last_up_to(date_column, next_date_column, day, days_ago) }} then {{ column }} end), 0)
{%- endif -%}
{%- endmacro %}


{#- Whether a row is the customer's last one up to the end of the day so many days before `day`. -#}
{% macro is_last_up_to(date_column, next_date_column, day, days_ago) -%}
{%- set until = day if days_ago == 0 else add_days(day, -days_ago) -%}
({{ date_column }} <= {{ until }} and coalesce({{ next_date_column }} > {{ until }}, true))
{%- endmacro %}
