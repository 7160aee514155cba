-- columns come from loops, which the linter takes for lines of their own
-- noqa: disable=LT02
{%- set measures = persona_measures() %}

with measured as (

    select * from {{ ref('feat_persona_measures') }}

),

scale as (

    select * from {{ ref('feat_persona_scale') }}

),

-- one row: mean and deviation of every measure; one in which nobody differs tells nobody apart
scales as (

    select
        {%- for measure in measures %}
        max(case when measure = '{{ measure }}' then mean end) as {{ measure }}_mean,
        max(case when measure = '{{ measure }}' and deviation > 0.000001 then deviation end) as {{ measure }}_deviation
        {{- ',' if not loop.last }}
        {%- endfor %}
    from scale

),

-- at most three deviations: a few giants would else be a persona of their own. Who has no value stands in the middle
final as (

    select
        measured.customer_id,
        {%- for measure, scale in measures.items() %}
        {{ persona_point(measure, scale) }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from measured
    cross join scales

)

select * from final
