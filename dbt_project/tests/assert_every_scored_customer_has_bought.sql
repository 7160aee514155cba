-- Detects: a customer of customer_rfm without a lifetime value or, with all history in the window, the reverse; and a
-- frequency or a monetary value that is not the one of customer_lifetime_value.
-- Usual cause: the two populations are filtered differently.
-- A row: a customer who is in one table only, or with two different figures.
{{ config(tags=['candidate']) }}

with rfm as (

    select * from {{ ref('customer_rfm') }}

),

lifetime_values as (

    select * from {{ ref('customer_lifetime_value') }}

),

final as (

    select
        coalesce(rfm.customer_id, lifetime_values.customer_id) as customer_id,
        rfm.frequency,
        lifetime_values.order_count
    from rfm
    full outer join lifetime_values
        on rfm.customer_id = lifetime_values.customer_id
    where
        lifetime_values.customer_id is null
        {% if var('rfm_window_days') is none %}
        or rfm.customer_id is null
        or rfm.frequency <> lifetime_values.order_count
        or rfm.monetary <> lifetime_values.historic_revenue
        {% endif %}

)

select * from final
