-- Detects: a customer in no persona, or money that personas gain or lose; a number of personas that was not the
-- chosen one.
-- Usual cause: centres and names of personas that are not of the same features.
-- A row: the sums that differ.
{{ config(tags=['candidate']) }}

with personas as (

    select
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue,
        sum(case when persona <> 'unknown' then 1 else 0 end) as persona_count
    from {{ ref('personas') }}

),

customers as (

    select
        count(*) as customers,
        coalesce(sum(net_revenue), 0) as net_revenue
    from {{ ref('dim_customers') }}

),

choice as (

    select coalesce(max(case when is_chosen and persona_count > 1 then persona_count end), 0) as chosen_count
    from {{ ref('persona_choice') }}

),

final as (

    select
        personas.customers as customers_in_personas,
        customers.customers,
        personas.net_revenue as net_revenue_in_personas,
        customers.net_revenue,
        personas.persona_count,
        choice.chosen_count
    from personas
    cross join customers
    cross join choice
    where
        personas.customers <> customers.customers
        or personas.net_revenue <> customers.net_revenue
        or personas.persona_count <> choice.chosen_count

)

select * from final
