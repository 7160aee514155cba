{{ config(materialized='table') }}

with records as (

    select * from {{ ref('int_records_map') }}

),

final as (

    select
        record_id,
        customer_id,
        source,
        is_primary
    from records
    where record_count > 1

)

select * from final
