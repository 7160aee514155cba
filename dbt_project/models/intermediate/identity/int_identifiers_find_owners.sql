with identifiers as (

    select * from {{ ref('int_identifiers_count') }}
    where
        is_usable
        and owner_number is not null

),

records as (

    select * from {{ ref('int_records_map') }}

),

final as (

    select
        identifiers.kind,
        identifiers.identifier,
        records.customer_id
    from identifiers
    inner join records
        on identifiers.owner_number = records.record_number

)

select * from final
