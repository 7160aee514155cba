with base as (

    select * from {{ ref('base_campaign_contacts') }}

),

final as (

    select
        campaign_id,
        source_campaign_id,
        customer_id,
        arm,
        cost_amount,
        is_deleted,
        sent_at,
        opened_at,
        clicked_at,
        responded_at,
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
