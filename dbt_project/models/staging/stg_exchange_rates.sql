with base as (

    select * from {{ ref('base_exchange_rates') }}

),

final as (

    select
        from_currency,
        to_currency,
        rate,
        is_deleted,
        rate_date,
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
