with periods as (

    select * from {{ ref('feat_customer_stage_periods') }}

),

final as (

    select
        cast(customer_id as varchar) as customer_id,
        cast(lifecycle_stage as varchar) as lifecycle_stage,
        cast(
            first_value(previous_lifecycle_stage) over (partition by customer_id, stage_since order by valid_from)
            as varchar
        ) as previous_stage,
        cast(relationship_stage as varchar) as relationship_stage,
        cast(rfm_segment as varchar) as rfm_segment,
        cast(value_tier as varchar) as value_tier,
        cast(is_in_base as boolean) as is_in_base,
        valid_to is null as is_current,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(stage_since as date) as stage_since,
        {{ as_of_date() }} as as_of_date
    from periods

)

select * from final
