with base as (

    select * from {{ ref('base_opportunities') }}

),

final as (

    select
        opportunity_id,
        source_opportunity_id,
        account_id,
        customer_id,
        name,
        stage,
        currency,
        amount,
        exchange_rate,
        is_won,
        is_deleted,
        created_at,
        closed_at,
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
