-- Detects: an identity_summary whose records, persons and merged records do not add up with each other, with the map
-- and with dim_customers, or whose events do not add up to those delivered up to D.
-- Usual cause: a record or an event that the map or an assignment has lost, or a kind of evidence that is not counted.
-- A row: what was compared, and the two numbers.
{{ config(tags=['candidate']) }}

{%- set tables = [
    ('records', 'map_source_customers_to_customers'),
    ('persons', 'dim_customers'),
    ('links', 'customer_record_links'),
] %}
{%- set events = [
    ('tickets', 'created_at'),
    ('survey_responses', 'responded_at'),
    ('interactions', 'occurred_at'),
] %}

with summary as (

    select * from {{ ref('identity_summary') }}

),

counted as (

    {% for topic, table in tables %}
    select
        '{{ topic }}' as topic,
        count(*) as expected
    from {{ ref(table) }}
    union all
    {% endfor %}
    {% for topic, happened_at in events %}
    select
        '{{ topic }}' as topic,
        count(*) as expected
    from {{ ref('stg_' ~ topic) }}
    where {{ business_date(happened_at) }} <= {{ as_of_date() }}
    union all
    {% endfor %}
    -- records less merged records are persons
    select
        'merged_records' as topic,
        sum(case topic when 'records' then row_total when 'persons' then -row_total end) as expected
    from summary

),

totals as (

    select
        topic,
        sum(row_total) as row_total
    from summary
    group by topic

),

final as (

    select
        counted.topic,
        totals.row_total,
        counted.expected
    from counted
    left join totals
        on counted.topic = totals.topic
    where
        totals.row_total is null
        or totals.row_total <> counted.expected

)

select * from final
