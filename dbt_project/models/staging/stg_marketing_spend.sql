with base as (

    select * from {{ ref('base_marketing_spend') }}

),

final as (

    select
        campaign_id,
        channel,
        currency,
        amount,
        exchange_rate,
        is_deleted,
        spend_date,
        updated_at,
        _source,
        _file,
        _batch_id,
        _row_number,
        _extracted_at,
        _extra
    from base
    where _disposition = 'staged'

)

select * from final
