-- Detects: an identity_summary whose records, persons and merged records do not add up with each other, with the map and
-- with dim_customers, or whose events do not add up to those delivered up to D.
-- Usual cause: a record or an event that the map or an assignment has lost, or a new kind of evidence that is not counted.
-- A row: what was compared, and the two numbers.
{{ config(tags=['candidate']) }}

with summary as (

    select * from {{ ref('identity_summary') }}

),

totals as (

    select
        topic,
        sum(row_total) as row_total
    from summary
    group by topic

),

compared as (

    select
        'records and the map' as what,
        (select row_total from totals where topic = 'records') as found,
        (select count(*) from {{ ref('map_source_customers_to_customers') }}) as expected
    union all
    select
        'persons and dim_customers' as what,
        (select row_total from totals where topic = 'persons') as found,
        (select count(*) from {{ ref('dim_customers') }}) as expected
    union all
    select
        'persons and records less merged records' as what,
        (select row_total from totals where topic = 'persons') as found,
        (select row_total from totals where topic = 'records')
        - (select row_total from totals where topic = 'merged_records') as expected
    union all
    select
        'links and customer_record_links' as what,
        (select row_total from totals where topic = 'links') as found,
        (select count(*) from {{ ref('customer_record_links') }}) as expected
    {% for entity, happened_at in [
        ('tickets', 'created_at'), ('survey_responses', 'responded_at'), ('interactions', 'occurred_at')
    ] %}
    union all
    select
        '{{ entity }} up to D' as what,
        (select row_total from totals where topic = '{{ entity }}') as found,
        (
            select count(*) from {{ ref('stg_' ~ entity) }}
            where {{ business_date(happened_at) }} <= {{ as_of_date() }}
        ) as expected
    {% endfor %}

),

final as (

    select * from compared
    where
        found <> expected
        or found is null

)

select * from final
