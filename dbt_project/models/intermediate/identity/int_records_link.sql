{{ config(materialized='table') }}

with records as (

    select * from {{ ref('int_records_list') }}

),

matching as (

    select * from records
    where not is_split

),

shared as (

    select * from {{ ref('int_identifiers_count') }}
    where
        record_count > 1
        and is_usable

),

decisions as (

    select * from {{ ref('identity_decisions') }}
    where decision = 'join'

),

-- all that carry an identifier are linked to the earliest of them
by_email as (

    select
        matching.record_number,
        shared.owner_number as linked_number,
        shared.kind as linked_by
    from matching
    inner join shared
        on
            matching.email = shared.identifier
            and shared.kind = 'email'

),

by_phone as (

    select
        matching.record_number,
        shared.owner_number as linked_number,
        shared.kind as linked_by
    from matching
    inner join shared
        on
            matching.phone = shared.identifier
            and shared.kind = 'phone'

),

references_given as (

    select
        customer_id as record_id,
        {{ split_into_rows('external_ids', ',') }} as named_id,
        'external_id' as linked_by
    from {{ ref('stg_customers') }}
    where external_ids is not null
    union all
    select
        {{ lead_record_id() }} as record_id,
        converted_customer_id as named_id,
        'conversion' as linked_by
    from {{ ref('stg_leads') }}
    where converted_customer_id is not null

),

by_reference as (

    select
        matching.record_number,
        named.record_number as linked_number,
        references_given.linked_by
    from references_given
    inner join matching
        on references_given.record_id = matching.record_id
    inner join matching as named
        on {{ trimmed('references_given.named_id') }} = named.record_id

),

by_hand as (

    select
        records.record_number,
        named.record_number as linked_number,
        'manual' as linked_by
    from decisions
    inner join records
        on decisions.record_a = records.record_id
    inner join records as named
        on decisions.record_b = named.record_id

),

unioned as (

    select * from by_email
    union all
    select * from by_phone
    union all
    select * from by_reference
    union all
    select * from by_hand

),

final as (

    select distinct
        greatest(record_number, linked_number) as record_number,
        least(record_number, linked_number) as linked_number,
        linked_by
    from unioned
    where record_number <> linked_number

)

select * from final
