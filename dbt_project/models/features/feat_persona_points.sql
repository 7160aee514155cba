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
        {% for measure in measures %}
        max(case when measure = '{{ measure }}' then mean end) as {{ measure }}_mean,
        max(case when measure = '{{ measure }}' and deviation > 0.000001 then deviation end) as {{ measure }}_deviation
        {%- if not loop.last %},{% endif %}
        {% endfor %}

    from scale

),

-- deviations from the mean, at most three of them: a few giants would else be a persona of their own. Who has no value
-- stands in the middle
final as (

    select
        measured.customer_id,
        {% for measure, scale in measures.items() %}
        cast(
            coalesce(
                least(
                    greatest(
                        (cast({{ persona_level('measured.' ~ measure, scale) }} as double precision) - scales.{{ measure }}_mean)
                        / scales.{{ measure }}_deviation,
                        case when measured.{{ measure }} is not null and scales.{{ measure }}_deviation is not null then -3 end
                    ),
                    case when measured.{{ measure }} is not null and scales.{{ measure }}_deviation is not null then 3 end
                ),
                0
            ) as decimal(4, 2)
        ) as {{ measure }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}

    from measured
    cross join scales

)

select * from final
