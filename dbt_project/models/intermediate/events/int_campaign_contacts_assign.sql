with campaign_contacts as (

    select * from {{ ref('stg_campaign_contacts') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

final as (

    select
        campaign_contacts.campaign_id,
        campaign_contacts.source_campaign_id,
        coalesce(merged.customer_id, campaign_contacts.customer_id) as customer_id,
        campaign_contacts.customer_id as record_id,
        campaign_contacts.arm,
        campaign_contacts.cost_amount,
        campaign_contacts.is_deleted,
        campaign_contacts.sent_at,
        campaign_contacts.opened_at,
        campaign_contacts.clicked_at,
        campaign_contacts.responded_at,
        campaign_contacts.updated_at,
        campaign_contacts._source,
        campaign_contacts._file,
        campaign_contacts._batch_id,
        campaign_contacts._row_number,
        campaign_contacts._extracted_at,
        campaign_contacts._extra
    from campaign_contacts
    left join merged
        on campaign_contacts.customer_id = merged.record_id

)

select * from final
