with opportunities as (

    select * from {{ ref('stg_opportunities') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

final as (

    select
        opportunities.opportunity_id,
        opportunities.source_opportunity_id,
        opportunities.account_id,
        coalesce(merged.customer_id, opportunities.customer_id) as customer_id,
        opportunities.customer_id as record_id,
        opportunities.name,
        opportunities.stage,
        opportunities.currency,
        opportunities.amount,
        opportunities.exchange_rate,
        opportunities.is_won,
        opportunities.is_deleted,
        opportunities.created_at,
        opportunities.closed_at,
        opportunities.updated_at,
        opportunities._source,
        opportunities._file,
        opportunities._batch_id,
        opportunities._row_number,
        opportunities._extracted_at,
        opportunities._extra
    from opportunities
    left join merged
        on opportunities.customer_id = merged.record_id

)

select * from final
