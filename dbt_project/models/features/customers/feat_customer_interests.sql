with known as (

    select * from {{ ref('feat_customers_known') }}
    where not is_inferred

),

customers as (

    select * from {{ ref('core_customers') }}
    where interests is not null

),

stated as (

    select
        customers.customer_id,
        {{ split_into_rows('customers.interests', '[,;|，；、]') }} as interest
    from customers
    inner join known
        on customers.customer_id = known.customer_id

),

-- each is stated once, so none is stated more often or more recently: the first by alphabet
final as (

    select
        customer_id,
        min(lower({{ trimmed('interest') }})) as main_interest,
        count(distinct lower({{ trimmed('interest') }})) as interest_count
    from stated
    where {{ trimmed('interest') }} <> ''
    group by customer_id

)

select * from final
