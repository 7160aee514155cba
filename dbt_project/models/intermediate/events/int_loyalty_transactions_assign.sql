with loyalty_transactions as (

    select * from {{ ref('stg_loyalty_transactions') }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

final as (

    select
        loyalty_transactions.transaction_id,
        loyalty_transactions.source_transaction_id,
        coalesce(merged.customer_id, loyalty_transactions.customer_id) as customer_id,
        loyalty_transactions.customer_id as record_id,
        loyalty_transactions.order_id,
        loyalty_transactions.kind,
        loyalty_transactions.points,
        loyalty_transactions.is_deleted,
        loyalty_transactions.occurred_at,
        loyalty_transactions.updated_at,
        loyalty_transactions._source,
        loyalty_transactions._file,
        loyalty_transactions._batch_id,
        loyalty_transactions._row_number,
        loyalty_transactions._extracted_at,
        loyalty_transactions._extra
    from loyalty_transactions
    left join merged
        on loyalty_transactions.customer_id = merged.record_id

)

select * from final
