-- Detects: links by an e-mail or telephone number that more records carry than max_records_per_identifier, that the two
-- records do not share, or that a record split off by identity_decisions has.
-- Usual cause: int_records_link counts identifiers in another way than the definitions.
-- A row: a link, and on how many records its identifier is.
{{ config(tags=['state']) }}

with records as (

    select * from {{ ref('int_records_list') }}

),

links as (

    select * from {{ ref('int_records_link') }}
    where linked_by in ('email', 'phone')

),

identifiers as (

    select
        links.*,
        case links.linked_by when 'email' then later.email else later.phone end as later_identifier,
        case links.linked_by when 'email' then earlier.email else earlier.phone end as earlier_identifier,
        later.is_split or earlier.is_split as is_split
    from links
    inner join records as later
        on links.record_number = later.record_number
    inner join records as earlier
        on links.linked_number = earlier.record_number

),

carried as (

    select
        'email' as kind,
        email as identifier,
        count(*) as record_count
    from records
    where email is not null
    group by email
    union all
    select
        'phone' as kind,
        phone as identifier,
        count(*) as record_count
    from records
    where phone is not null
    group by phone

),

final as (

    select
        identifiers.record_number,
        identifiers.linked_number,
        identifiers.linked_by,
        carried.record_count
    from identifiers
    left join carried
        on
            identifiers.linked_by = carried.kind
            and identifiers.later_identifier = carried.identifier
    where
        identifiers.is_split
        or identifiers.later_identifier is null
        or identifiers.later_identifier <> coalesce(identifiers.earlier_identifier, '')
        or carried.record_count > {{ var('max_records_per_identifier') }}

)

select * from final
