{%- set given = var('margin_rate') %}
{%- set origin = "case when net_revenue > 0 then 'measured' else 'default' end" if given is none else "'var'" %}

with customers as (

    select * from {{ ref('feat_customer_orders') }}
    where order_count > 0

),

sums as (

    select
        coalesce(sum(net_revenue), 0) as net_revenue,
        coalesce(sum(gross_margin), 0) as gross_margin
    from customers

),

decided as (

    select
        {{ origin }} as origin,
        {{ ratio('gross_margin', 'net_revenue') }} as measured_rate
    from sums

),

final as (

    select
        origin,
        case origin
            when 'measured' then measured_rate
            when 'default' then cast({{ var('default_margin_rate') }} as double precision)
            else cast({{ 'null' if given is none else given }} as double precision)
        end as margin_rate
    from decided

)

select * from final
