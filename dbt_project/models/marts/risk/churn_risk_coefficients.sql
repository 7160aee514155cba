with coefficients as (

    select * from {{ source('scores', 'risk_coefficients') }}
    where purpose in ('used', 'shown')

),

words as (

    select * from {{ ref('churn_feature_words') }}

),

final as (

    select
        cast(coefficients.model_name as varchar) as candidate,
        cast(coefficients.feature as varchar) as feature,
        cast(words.label_en as varchar) as label_en,
        cast(words.label_zh as varchar) as label_zh,
        cast(
            case
                when coefficients.feature = 'intercept' then 'level'
                when coefficients.coefficient > 0 then 'more of it raises the risk'
                when coefficients.coefficient < 0 then 'more of it lowers the risk'
                else 'no effect'
            end as varchar
        ) as direction,
        cast(coefficients.sort_order as integer) as sort_order,
        cast(coefficients.mean as double precision) as mean_value,
        cast(coefficients.deviation as double precision) as deviation,
        cast(coefficients.coefficient as double precision) as coefficient,
        cast(coefficients.purpose = 'used' as boolean) as is_used,
        {{ as_of_date() }} as as_of_date
    from coefficients
    left join words
        on coefficients.feature = words.feature

)

select * from final
