with base as (

    select * from {{ ref('base_accounts') }}

),

final as (

    select
        account_id,
        source_account_id,
        parent_account_id,
        name,
        industry,
        currency,
        country,
        region,
        city,
        employee_count,
        annual_revenue,
        is_deleted,
        created_at,
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
