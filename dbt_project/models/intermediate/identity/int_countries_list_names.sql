with countries as (

    select * from {{ ref('country_calling_codes') }}

),

named as (

    select
        {{ split_into_rows("country_code || '|' || country_code_3 || '|' || names", '[|]') }} as country_name,
        country_code,
        calling_code,
        trunk_prefix,
        shortest_number,
        national_pattern
    from countries

),

final as (

    select
        lower(country_name) as country_name,
        country_code,
        calling_code,
        trunk_prefix,
        shortest_number,
        national_pattern
    from named

)

select * from final
