with buyers as (

    select * from {{ ref('feat_customer_months') }}
    where is_active

),

ranked as (

    select
        month,
        greatest(net_revenue, 0) as revenue,
        row_number() over (partition by month order by greatest(net_revenue, 0), customer_id) as ascending_rank,
        count(*) over (partition by month) as buyer_count
    from buyers

),

final as (

    select
        month,
        {{ gini('ascending_rank', 'revenue', 'max(buyer_count)') }} as gini,
        {{ top_20_share('ascending_rank', 'revenue', 'buyer_count') }} as top_20_share
    from ranked
    group by month

)

select * from final
