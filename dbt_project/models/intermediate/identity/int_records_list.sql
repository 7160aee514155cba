{{ config(materialized='table') }}

with first_seen as (

    select * from {{ ref('int_records_find_first_seen') }}

),

countries as (

    select * from {{ ref('int_countries_list_names') }}

),

splits as (

    select distinct record_a as record_id from {{ ref('identity_decisions') }}
    where decision = 'split'

),

delivered as (

    select
        customer_id as record_id,
        'customer' as record_kind,
        email,
        phone,
        country,
        {{ dialled_digits('phone') }} as dialled,
        {{ business_date('created_at') }} as created_date
    from {{ ref('stg_customers') }}
    union all
    select
        {{ lead_record_id() }} as record_id,
        'lead' as record_kind,
        email,
        phone,
        cast(null as varchar) as country,
        {{ dialled_digits('phone') }} as dialled,
        {{ business_date('created_at') }} as created_date
    from {{ ref('stg_leads') }}

),

-- what was delivered once and is deleted now is a record only if an event still names it
known as (

    select
        first_seen.record_id,
        coalesce(delivered.record_kind, 'inferred') as record_kind,
        {{ source_name('first_seen.record_id') }} as source,
        {{ normalised_email('delivered.email') }} as email,
        {{ e164('delivered.dialled', 'countries') }} as phone,
        splits.record_id is not null as is_split,
        delivered.created_date,
        first_seen.first_seen_at
    from first_seen
    left join delivered
        on first_seen.record_id = delivered.record_id
    left join countries
        on coalesce(lower(delivered.country), '{{ home_country() }}') = countries.country_name
    left join splits
        on first_seen.record_id = splits.record_id
    where
        first_seen.is_in_event
        or delivered.record_id is not null

),

final as (

    select
        row_number() over (order by first_seen_at, source, record_id) as record_number,
        record_id,
        record_kind,
        source,
        email,
        phone,
        is_split,
        created_date,
        first_seen_at
    from known

)

select * from final
