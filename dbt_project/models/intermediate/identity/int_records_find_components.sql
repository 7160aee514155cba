{{ config(materialized='connected_components') }}

with links as (

    select * from {{ ref('int_records_link') }}

),

final as (

    select
        record_number as node,
        linked_number as neighbour
    from links

)

select * from final
