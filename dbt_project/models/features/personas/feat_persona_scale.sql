{%- set measures = persona_measures() %}

with measured as (

    select * from {{ ref('feat_persona_measures') }}

),

-- decimals: a sum of floats depends on the order of the threads, and with it who stands nearest to which centre
levels as (

    {% for measure, scale in measures.items() %}
    select
        '{{ measure }}' as measure,
        {{ persona_level(measure, scale) }} as level
    from measured
    where {{ measure }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

summed as (

    select
        measure,
        count(*) as customers,
        sum(level) as level_sum,
        sum(cast(level as decimal(18, 6)) * cast(level as decimal(18, 6))) as square_sum
    from levels
    group by measure

),

means as (

    select
        measure,
        customers,
        cast(level_sum as double precision) / nullif(customers, 0) as mean,
        cast(square_sum as double precision) / nullif(customers, 0) as mean_square
    from summed

),

final as (

    select
        measure,
        customers,
        mean,
        sqrt(greatest(mean_square - mean * mean, 0)) as deviation
    from means

)

select * from final
