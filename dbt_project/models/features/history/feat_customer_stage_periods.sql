with changes as (

    select * from {{ ref('customer_stage_changes') }}
    where month_end <= {{ as_of_date() }}

),

stages as (

    select * from {{ ref('feat_customer_stages') }}

),

customers as (

    select * from {{ ref('feat_customers_known') }}

),

-- everybody without a purchase is placed alike
prospects as (

    {{ prospect_stages() }}

),

-- who was delivered without created_at has been known from the beginning
beginning as (

    select
        {{ month_end('coalesce(least(min(known_from), min(first_event_date)), ' ~ as_of_date() ~ ')') }} as month_end
    from customers

),

known as (

    select
        customers.customer_id,
        stages.first_purchase_date,
        coalesce({{ month_end('customers.known_from') }}, beginning.month_end) as month_end
    from customers
    inner join stages
        on customers.customer_id = stages.customer_id
    cross join beginning

),

observations as (

    select
        customer_id,
        month_end as observed_on,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        true as has_bought,
        is_in_base
    from changes
    union all
    select
        known.customer_id,
        known.month_end as observed_on,
        prospects.lifecycle_stage,
        prospects.relationship_stage,
        'unknown' as rfm_segment,
        'unknown' as value_tier,
        false as has_bought,
        false as is_in_base
    from known
    cross join prospects
    where
        known.month_end <= {{ as_of_date() }}
        and coalesce(known.month_end < {{ month_start('known.first_purchase_date') }}, true)
    union all
    select
        customer_id,
        {{ as_of_date() }} as observed_on,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        first_purchase_date is not null as has_bought,
        is_in_base
    from stages
    where {{ as_of_date() }} < {{ month_end(as_of_date()) }}

),

compared as (

    select
        *,
        lag(observed_on) over customer as previous_observed_on,
        lag(lifecycle_stage) over customer as previous_lifecycle_stage,
        lag(relationship_stage) over customer as previous_relationship_stage,
        lag(rfm_segment) over customer as previous_rfm_segment,
        lag(value_tier) over customer as previous_value_tier,
        coalesce(lag(has_bought) over customer, false) as had_bought,
        coalesce(lag(is_in_base) over customer, false) as was_in_base
    from observations
    window customer as (partition by customer_id order by observed_on)

),

-- only the observation at D can be the same as the one before
periods as (

    select *
    from compared
    where
        previous_observed_on is null
        or lifecycle_stage <> previous_lifecycle_stage
        or relationship_stage <> previous_relationship_stage
        or rfm_segment <> previous_rfm_segment
        or value_tier <> previous_value_tier
        or is_in_base <> was_in_base

),

final as (

    select
        customer_id,
        lifecycle_stage,
        relationship_stage,
        rfm_segment,
        value_tier,
        previous_lifecycle_stage,
        previous_relationship_stage,
        previous_rfm_segment,
        previous_value_tier,
        had_bought,
        is_in_base,
        was_in_base,
        observed_on as valid_from,
        lead(observed_on) over customer as valid_to,
        max(
            case when coalesce(lifecycle_stage <> previous_lifecycle_stage, true) then observed_on end
        ) over customer as stage_since
    from periods
    window customer as (partition by customer_id order by observed_on)

)

select * from final
