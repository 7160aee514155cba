-- Detects: entries of external_ids that name no record.
-- Usual cause: the source is called otherwise in sources.yml, or the id lacks it (9 for crm:9): nobody is joined by it;
-- or the other source has not delivered its customers yet.
-- A row: a record, and an entry of its external_ids.
{{ config(tags=['state'], severity='warn') }}

with customers as (

    select
        customer_id,
        {{ split_into_rows('external_ids', ',') }} as named_id
    from {{ ref('stg_customers') }}
    where external_ids is not null

),

mapped as (

    select * from {{ ref('int_records_map') }}

),

final as (

    select
        customers.customer_id,
        {{ trimmed('customers.named_id') }} as named_id
    from customers
    left join mapped
        on {{ trimmed('customers.named_id') }} = mapped.record_id
    where
        mapped.record_id is null
        and {{ trimmed('customers.named_id') }} <> ''

)

select * from final
