with tickets as (

    select
        *,
        {{ business_date('created_at') }} as created_date
    from {{ ref('int_tickets_assign') }}

),

final as (

    select
        ticket_id,
        customer_id,
        kind,
        created_date,
        created_at
    from tickets
    where created_date <= {{ as_of_date() }}

)

select * from final
