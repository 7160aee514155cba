with tickets as (

    select * from {{ ref('feat_tickets') }}

),

-- a topic in somebody's own words is none: it may hold a name
final as (

    select
        ticket_id,
        lower(topic) as need
    from tickets
    where lower(topic) in ({{ ticket_topics() }})

)

select * from final
