-- columns come from loops, which the linter takes for lines of their own
-- noqa: disable=LT02
{%- set measures = persona_measures() %}
{%- set places = range(1, var('persona_max_count') + 1) %}

with points as (

    select * from {{ ref('feat_persona_points') }}

),

centres as (

    select * from {{ source('personas', 'persona_centres') }}

),

-- one row: all centres side by side, so that the nearest is found without a join per customer and centre
side_by_side as (

    select
        {%- for place in places %}
        max(case when place = {{ place }} then persona end) as persona_{{ place }},
        {%- for measure in measures %}
        max(case when place = {{ place }} and measure = '{{ measure }}' then centre end) as {{ measure }}_{{ place }}
        {{- ',' if not loop.last }}
        {%- endfor %}{{ ',' if not loop.last }}
        {%- endfor %}
    from centres

),

distances as (

    select
        points.customer_id,
        side_by_side.*,
        {%- for place in places %}
        {{ squared_distance(measures, place) }} as distance_{{ place }}{{ ',' if not loop.last }}
        {%- endfor %}
    from points
    cross join side_by_side

),

-- least() passes over the places that have no persona; of two equally near ones the first counts
nearest as (

    select
        *,
        least(
            {%- for place in places %}
            distance_{{ place }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as distance
    from distances

),

final as (

    select
        customer_id,
        case
            {%- for place in places %}
            when distance_{{ place }} = distance then persona_{{ place }}
            {%- endfor %}
            else 'unknown'
        end as persona
    from nearest

)

select * from final
