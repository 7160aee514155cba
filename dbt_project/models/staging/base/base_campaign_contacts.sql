{{ config(meta=versions_of('campaign_contacts')) }}

with {{ landed_cte('campaign_contacts') }},

{{ typed_cte('campaign_contacts', renamed={'contact_id': 'delivered_contact_id'}) }},

-- a contact without an id of its own is known by whom it reached, when and in which campaign
keyed as not materialized (

    select
        *,
        delivered_contact_id_text as contact_id_text,
        delivered_contact_id_delivered as contact_id_delivered,
        coalesce(
            delivered_contact_id,
            _source || ':' || md5(
                coalesce(campaign_id, '') || '|'
                || coalesce(customer_id, '') || '|'
                || coalesce(cast(sent_at as varchar), '')
            )
        ) as contact_id,
        {{ source_id('campaign_id') }} as source_campaign_id
    from typed

),

{{ checked_cte('campaign_contacts', 'keyed') }}

select * from checked
