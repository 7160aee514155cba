{{ config(materialized='view') }}

with features as (

    select * from {{ ref('feat_churn_features') }}

),

final as (

    select
        observed_on,
        customer_id,
        purpose,
        days_since as days_of_silence,
        case
            when purchase_days <= 1 then 1
            when purchase_days <= 3 then 2
            when purchase_days <= 11 then 3
            else 4
        end as frequency_band,
        case
            when overdue_ratio <= 0.5 then 1
            when overdue_ratio <= 1 then 2
            when overdue_ratio <= 1.5 then 3
            when overdue_ratio <= 2 then 4
            when overdue_ratio <= 3 then 5
            when overdue_ratio <= 4 then 6
            else 7
        end as overdue_band,
        {%- for name, expression in churn_inputs().items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        has_left
    from features

)

select * from final
