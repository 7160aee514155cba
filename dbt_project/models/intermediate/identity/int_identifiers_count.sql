{{ config(materialized='table') }}

with records as (

    select * from {{ ref('int_records_list') }}

),

identifiers as (

    select
        'email' as kind,
        email as identifier,
        record_number,
        is_split
    from records
    where email is not null
    union all
    select
        'phone' as kind,
        phone as identifier,
        record_number,
        is_split
    from records
    where phone is not null

),

-- a record that was taken out still has its identifiers: they are on as many records as before
final as (

    select
        kind,
        identifier,
        min(case when not is_split then record_number end) as owner_number,
        count(*) as record_count,
        {{ is_usable_identifier('count(*)') }} as is_usable
    from identifiers
    group by kind, identifier

)

select * from final
