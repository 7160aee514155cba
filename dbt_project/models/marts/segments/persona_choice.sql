with choice as (

    select * from {{ source('personas', 'persona_choice') }}

),

final as (

    select
        cast(persona_count as integer) as persona_count,
        cast(silhouette as double precision) as silhouette,
        cast(smallest_share as double precision) as smallest_share,
        cast(is_chosen as boolean) as is_chosen,
        {{ as_of_date() }} as as_of_date
    from choice

)

select * from final
