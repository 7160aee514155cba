{%- set measures = persona_measures() %}

with points as (

    select * from {{ ref('feat_persona_points') }}

),

-- by the digest of the id: as good as random, and the same customers whatever else changes
drawn as (

    select
        *,
        row_number() over (order by md5(customer_id), customer_id) as place
    from points

),

final as (

    select
        {%- for measure in measures %}
        {{ measure }},
        {%- endfor %}
        count(*) as customers,
        sum(case when place <= {{ var('persona_silhouette_sample') }} then 1 else 0 end) as silhouette_customers
    from drawn
    where place <= {{ var('persona_sample') }}
    group by {{ measures | join(', ') }}

)

select * from final
