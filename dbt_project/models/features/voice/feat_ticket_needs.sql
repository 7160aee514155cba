with texts as (

    select * from {{ ref('feat_text_needs') }}

),

final as (

    select
        event_id as ticket_id,
        need
    from texts
    where kind = 'ticket'

)

select * from final
