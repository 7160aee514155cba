{%- set texts = [
    ('ticket', 'int_tickets_assign', 'ticket_id', 'created_at', ['topic', 'text']),
    ('survey', 'int_survey_responses_assign', 'response_id', 'responded_at', ['comment']),
    ('review', 'int_reviews_assign', 'review_id', 'created_at', ['title', 'text']),
    ('interaction', 'int_interactions_assign', 'interaction_id', 'occurred_at', ['outcome']),
] -%}
with written as (

    {% for kind, model, key, moment, columns in texts %}
    select
        '{{ kind }}' as kind,
        {{ key }} as event_id,
        customer_id,
        -- what stands in two columns is two clauses
        coalesce({{ columns | join(", '') || '. ' || coalesce(") }}, '') as words,
        {{ business_date(moment) }} as written_date,
        {{ moment }} as written_at
    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

customers as (

    select * from {{ ref('core_customers') }}
    where is_excluded

),

final as (

    select
        written.kind,
        written.event_id,
        written.customer_id,
        {{ plain_text("substr(written.words, 1, " ~ var('max_text_length') | int ~ ")") }} as words,
        written.written_date,
        written.written_at
    from written
    left join customers
        on written.customer_id = customers.customer_id
    where
        written.written_date <= {{ as_of_date() }}
        and {{ trimmed('written.words') }} not in ('', '.')
        -- what excluded customers write is in no published figure
        and customers.customer_id is null

)

select * from final
