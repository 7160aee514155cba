{{ config(materialized='table') }}

with records as (

    select * from {{ ref('int_records_map') }}
    where record_count > 1

),

links as (

    select * from {{ ref('int_records_link') }}

),

customers as (

    select * from {{ ref('stg_customers') }}

),

countries as (

    select * from {{ ref('int_countries_list_names') }}

),

described as (

    select
        records.customer_id,
        records.record_id,
        records.record_kind,
        records.source,
        customers.birth_date,
        lower(customers.gender) as gender,
        coalesce(countries.country_code, lower(customers.country)) as country
    from records
    left join customers
        on records.record_id = customers.customer_id
    left join countries
        on lower(customers.country) = countries.country_name

),

of_one_source as (

    select
        customer_id,
        max(record_count) as record_count
    from (
        select
            customer_id,
            source,
            count(*) as record_count
        from described
        where record_kind = 'customer'
        group by customer_id, source
    ) as by_source
    group by customer_id

),

link_totals as (

    select
        records.customer_id,
        count(*) as link_count,
        sum(case when links.linked_by = 'phone' then 1 else 0 end) as phone_count
    from links
    inner join records
        on links.record_number = records.record_number
    group by records.customer_id

),

totals as (

    select
        customer_id,
        count(*) as record_count,
        count(distinct source) as source_count,
        count(distinct birth_date) as birth_dates,
        count(distinct gender) as genders,
        count(distinct country) as countries
    from described
    group by customer_id

),

measured as (

    select
        totals.*,
        of_one_source.record_count as records_of_one_source,
        link_totals.link_count,
        link_totals.phone_count
    from totals
    inner join link_totals
        on totals.customer_id = link_totals.customer_id
    left join of_one_source
        on totals.customer_id = of_one_source.customer_id

),

{%- set reasons = [
    ('many_records', 'record_count', 'record_count >= ' ~ var('review_min_records')),
    ('conflicting_birth_dates', 'birth_dates', 'birth_dates > 1'),
    ('conflicting_genders', 'genders', 'genders > 1'),
    ('conflicting_countries', 'countries', 'countries > 1'),
    ('only_a_phone_in_common', 'phone_count', 'phone_count = link_count'),
    ('several_records_of_one_source', 'records_of_one_source', 'records_of_one_source > 1'),
] %}

final as (

    {% for reason, figure, condition in reasons %}
    select
        customer_id,
        '{{ reason }}' as reason_code,
        {{ figure }} as figure,
        record_count,
        source_count,
        link_count
    from measured
    where {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
