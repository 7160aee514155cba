with tickets as (

    select * from {{ ref('feat_tickets') }}

),

final as (

    select
        cast(ticket_id as varchar) as ticket_id,
        cast(customer_id as varchar) as customer_id,
        cast(product_id as varchar) as product_id,
        cast(kind as varchar) as kind,
        cast(delivered_kind as varchar) as delivered_kind,
        cast(status as varchar) as status,
        cast(priority as varchar) as priority,
        cast(channel as varchar) as channel,
        cast(topic as varchar) as topic,
        cast(text as varchar) as {{ adapter.quote('text') }},  -- noqa: RF06
        cast(csat_score as integer) as csat_score,
        cast(first_response_hours as double precision) as first_response_hours,
        cast(resolution_hours as double precision) as resolution_hours,
        cast(is_open as boolean) as is_open,
        cast(has_impossible_times as boolean) as has_impossible_times,
        cast(created_date as date) as created_date,
        cast(resolved_date as date) as resolved_date,
        cast(created_at as timestamp) as created_at,
        cast(first_response_at as timestamp) as first_response_at,
        cast(resolved_at as timestamp) as resolved_at,
        cast(reopened_at as timestamp) as reopened_at
    from tickets

)

select * from final
