with base as (

    select * from {{ ref('base_tickets') }}

),

final as (

    select
        ticket_id,
        source_ticket_id,
        customer_id,
        email,
        phone,
        kind,
        status,
        channel,
        topic,
        text,
        csat_score,
        is_deleted,
        created_at,
        first_response_at,
        resolved_at,
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
