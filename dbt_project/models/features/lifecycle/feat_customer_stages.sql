with customers as (

    select * from {{ ref('feat_customers_known') }}

),

final as (

    {{ all_stages_at(
        as_of_date(),
        customers='customers',
        built={
            'positions': ref('feat_customer_positions'),
            'cadences': ref('feat_customer_cadence'),
            'reactivations': ref('feat_customer_reactivations'),
            'measures': ref('feat_rfm_measures'),
            'tiers': ref('feat_customer_value'),
        },
    ) }}

)

select * from final
