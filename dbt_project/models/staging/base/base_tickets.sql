{{ config(meta=versions_of('tickets')) }}

with {{ landed_cte('tickets') }},

{{ typed_cte('tickets', renamed={'csat_score': 'delivered_csat_score'}) }},

-- a score off its scale is a value that cannot be read: the ticket is kept without it
scaled as not materialized (

    select
        typed.*,
        case
            when {{ is_on_scale('csat', 'typed.delivered_csat_score') }} then typed.delivered_csat_score
        end as csat_score,
        typed.delivered_csat_score_text as csat_score_text
    from typed

),

{{ checked_cte('tickets', 'scaled') }}

select * from checked
