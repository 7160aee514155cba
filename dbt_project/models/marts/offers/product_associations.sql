with pairs as (

    select * from {{ ref('feat_basket_pairs') }}
    where observed_on = {{ as_of_date() }}

),

final as (

    select
        cast(level as varchar) as level,
        cast(item_id_a as varchar) as item_id_a,
        cast(item_id_b as varchar) as item_id_b,
        cast(baskets as bigint) as baskets,
        cast(left_out_baskets as bigint) as left_out_baskets,
        cast(n_a as bigint) as n_a,
        cast(n_b as bigint) as n_b,
        cast(n_ab as bigint) as n_ab,
        cast(support as double precision) as support,
        cast(confidence_ab as double precision) as confidence_ab,
        cast(confidence_ba as double precision) as confidence_ba,
        cast(lift as double precision) as lift,
        cast(score as double precision) as score,
        cast(is_notable as boolean) as is_notable,
        {{ as_of_date() }} as as_of_date
    from pairs

)

select * from final
