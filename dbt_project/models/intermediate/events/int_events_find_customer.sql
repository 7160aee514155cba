{{ config(materialized='table') }}

with countries as (

    select * from {{ ref('int_countries_list_names') }}
    where country_name = '{{ home_country() }}'

),

owners as (

    select * from {{ ref('int_identifiers_find_owners') }}

),

-- one that names a customer belongs to them, whatever address it carries
anonymous as (

    {% for event in addressed_events() %}
    select
        '{{ event['kind'] }}' as kind,
        {{ event['key'] }} as event_id,
        {{ normalised_email('email') if event['email'] else 'cast(null as varchar)' }} as email,
        {{ dialled_digits('phone') if event['phone'] else 'cast(null as varchar)' }} as dialled
    from {{ ref('stg_' ~ event['entity']) }}
    where
        customer_id is null
        and coalesce({{ event['addresses'] | join(', ') }}) is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

normalised as (

    select
        anonymous.kind,
        anonymous.event_id,
        anonymous.email,
        {{ e164('anonymous.dialled', 'countries') }} as phone
    from anonymous
    left join countries
        on true

),

final as (

    select
        normalised.kind,
        normalised.event_id,
        coalesce(email_owners.customer_id, phone_owners.customer_id) as customer_id,
        case when email_owners.customer_id is not null then 'email' else 'phone' end as assigned_by
    from normalised
    left join owners as email_owners
        on
            normalised.email = email_owners.identifier
            and email_owners.kind = 'email'
    left join owners as phone_owners
        on
            normalised.phone = phone_owners.identifier
            and phone_owners.kind = 'phone'
    where coalesce(email_owners.customer_id, phone_owners.customer_id) is not null

)

select * from final
