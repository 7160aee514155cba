with base as (

    select * from {{ ref('base_campaigns') }}

),

final as (

    select
        campaign_id,
        source_campaign_id,
        name,
        channel,
        objective,
        currency,
        cost_amount,
        exchange_rate,
        is_deleted,
        started_at,
        ended_at,
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
