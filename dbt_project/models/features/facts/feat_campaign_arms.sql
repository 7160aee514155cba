with contacts as (

    select * from {{ ref('core_campaign_contacts') }}
    where start_date <= {{ as_of_date() }}

),

excluded_customers as (

    select * from {{ ref('int_customers_exclude') }}

),

-- of what came later nothing is known at D
final as (

    select
        contacts.contact_id,
        contacts.campaign_id,
        contacts.customer_id,
        contacts.arm,
        contacts.cost_amount,
        excluded_customers.customer_id is null as is_counted,
        contacts.sent_date,
        contacts.start_date,
        contacts.sent_at,
        contacts.started_at,
        case when {{ business_date('contacts.bounced_at') }} <= {{ as_of_date() }} then contacts.bounced_at end
            as bounced_at,
        case when {{ business_date('contacts.opened_at') }} <= {{ as_of_date() }} then contacts.opened_at end
            as opened_at,
        case when {{ business_date('contacts.clicked_at') }} <= {{ as_of_date() }} then contacts.clicked_at end
            as clicked_at,
        case when {{ business_date('contacts.responded_at') }} <= {{ as_of_date() }} then contacts.responded_at end
            as responded_at,
        case
            when {{ business_date('contacts.unsubscribed_at') }} <= {{ as_of_date() }} then contacts.unsubscribed_at
        end as unsubscribed_at
    from contacts
    left join excluded_customers
        on contacts.customer_id = excluded_customers.customer_id

)

select * from final
