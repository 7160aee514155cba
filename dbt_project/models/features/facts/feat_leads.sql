with leads as (

    select
        *,
        {{ business_date('created_at') }} as created_date,
        {{ business_date('converted_at') }} as delivered_converted_date
    from {{ ref('stg_leads') }}

),

final as (

    select
        lead_id,
        converted_customer_id,
        created_date,
        case when delivered_converted_date <= {{ as_of_date() }} then delivered_converted_date end as converted_date
    from leads
    where created_date <= {{ as_of_date() }}

)

select * from final
