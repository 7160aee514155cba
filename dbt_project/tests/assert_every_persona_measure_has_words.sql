-- Detects: a measure of personas without words, or words for a measure that personas do not have.
-- Usual cause: macro persona_measures and the seed persona_words were not edited together.
-- A row: the measure that only one of the two has.
{{ config(tags=['state']) }}

with words as (

    select * from {{ ref('persona_words') }}

),

measures as (

    {% for measure in persona_measures() %}
    select '{{ measure }}' as measure
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        measures.measure,
        words.measure as measure_with_words
    from measures
    full outer join words
        on measures.measure = words.measure
    where
        measures.measure is null
        or words.measure is null

)

select * from final
