with tenths as (

    select * from {{ source('scores', 'risk_tenths') }}

),

records as (

    select * from {{ source('scores', 'risk_record') }}

),

final as (

    select
        cast(tenths.model_name as varchar) as candidate,
        cast(tenths.tenth as integer) as tenth,
        cast(tenths.customers as double precision) as customers,
        cast(tenths.expected_left as double precision) as expected_left,
        cast(tenths.customers_left as double precision) as customers_left,
        {{ ratio('tenths.expected_left', 'tenths.customers') }} as mean_probability,
        {{ ratio('tenths.customers_left', 'tenths.customers') }} as left_rate,
        {{ ratio('tenths.customers_left', 'tenths.customers * records.base_rate') }} as lift,
        cast(records.is_judged as boolean) as is_judged,
        {{ as_of_date() }} as as_of_date
    from tenths
    inner join records
        on tenths.model_name = records.model_name

)

select * from final
