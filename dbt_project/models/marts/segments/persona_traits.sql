{%- set measures = persona_measures() %}

with centres as (

    select * from {{ source('personas', 'persona_centres') }}

),

words as (

    select * from {{ ref('persona_words') }}

),

measured as (

    select * from {{ ref('feat_persona_measures') }}

),

personas as (

    select * from {{ ref('feat_customer_personas') }}

),

-- decimals, so that the mean does not depend on the order of the rows
summed as (

    select
        personas.persona,
        {% for measure in measures %}
        sum(cast(measured.{{ measure }} as decimal(18, 6))) as {{ measure }}_sum,
        count(measured.{{ measure }}) as {{ measure }}_count
        {%- if not loop.last %},{% endif %}
        {% endfor %}

    from measured
    inner join personas
        on measured.customer_id = personas.customer_id
    group by personas.persona

),

means as (

    {% for measure in measures %}
    select
        persona,
        '{{ measure }}' as measure,
        {{ ratio(measure ~ '_sum', measure ~ '_count') }} as mean,
        {{ ratio('sum(' ~ measure ~ '_sum) over ()', 'sum(' ~ measure ~ '_count) over ()') }} as mean_of_all
    from summed
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- who is in no persona has no centre, but figures like everybody
places as (

    select
        persona,
        measure,
        trait_rank,
        label_rank,
        centre,
        level
    from centres
    union all
    select
        'unknown' as persona,
        measure,
        null as trait_rank,
        null as label_rank,
        null as centre,
        null as level
    from words

),

final as (

    select
        cast(places.persona as varchar) as persona,
        cast(places.measure as varchar) as measure,
        cast(words.name_en as varchar) as name_en,
        cast(words.name_zh as varchar) as name_zh,
        cast(
            case when places.centre > 0 then words.high_en when places.centre <= 0 then words.low_en end as varchar
        ) as trait_en,
        cast(
            case when places.centre > 0 then words.high_zh when places.centre <= 0 then words.low_zh end as varchar
        ) as trait_zh,
        cast(places.trait_rank as integer) as trait_rank,
        cast(places.label_rank as integer) as label_rank,
        cast(words.sort_order as integer) as sort_order,
        cast(means.mean as double precision) as mean,
        cast(means.mean_of_all as double precision) as mean_of_all,
        cast(places.centre as double precision) as centre,
        cast(places.level as double precision) as level,
        {{ as_of_date() }} as as_of_date
    from places
    inner join words
        on places.measure = words.measure
    left join means
        on
            places.persona = means.persona
            and places.measure = means.measure

)

select * from final
