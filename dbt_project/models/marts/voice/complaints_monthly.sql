{%- set parts = 'month, kind, need, product_id, segmentation, segment' -%}

with tickets as (

    select
        ticket_id,
        customer_id,
        product_id,
        kind,
        resolution_hours,
        is_open,
        created_date,
        {{ month_start('created_date') }} as month
    from {{ ref('feat_tickets') }}

),

needs as (

    select * from {{ ref('feat_ticket_needs') }}

),

segments as (

    select * from {{ ref('customer_segments') }}

),

segmentations as (

    select distinct segmentation
    from segments

),

complaints as (

    select * from tickets
    where kind = 'complaint'

),

-- a complaint about two needs is in the rows of both; products and segments are of complaints alone
parts as (

    select
        tickets.*,
        'all' as need,
        'all' as about_product_id,
        'all' as segmentation,
        'all' as segment
    from tickets
    union all
    select
        tickets.*,
        coalesce(needs.need, 'none') as need,
        'all' as about_product_id,
        'all' as segmentation,
        'all' as segment
    from tickets
    left join needs
        on tickets.ticket_id = needs.ticket_id
    union all
    select
        complaints.*,
        'all' as need,
        coalesce(complaints.product_id, 'none') as about_product_id,
        'all' as segmentation,
        'all' as segment
    from complaints
    union all
    select
        complaints.*,
        'all' as need,
        'all' as about_product_id,
        segments.segmentation,
        segments.segment
    from complaints
    inner join segments
        on complaints.customer_id = segments.customer_id
    union all
    select
        complaints.*,
        'all' as need,
        'all' as about_product_id,
        segmentations.segmentation,
        'unknown' as segment
    from complaints
    cross join segmentations
    where complaints.customer_id is null

),

-- a day of age is 24 hours at the end of D, whatever the hour of the ticket
timed as (

    select
        month,
        kind,
        need,
        about_product_id as product_id,
        segmentation,
        segment,
        resolution_hours,
        is_open,
        not is_open and resolution_hours is null as is_impossible,
        (is_open or resolution_hours is not null) and created_date <= {{ add_days(as_of_date(), -1) }} as is_24h_old,
        (is_open or resolution_hours is not null) and created_date <= {{ add_days(as_of_date(), -3) }} as is_72h_old
    from parts

),

summed as (

    select
        {{ parts }},
        count(*) as tickets,
        count(*) filter (where kind = 'complaint') as complaints,
        count(*) filter (where is_open) as open_tickets,
        count(*) filter (where is_impossible) as impossible_tickets,
        count(*) filter (where is_24h_old) as tickets_24h,
        count(*) filter (where is_24h_old and resolution_hours <= 24) as resolved_24h,
        count(*) filter (where is_72h_old) as tickets_72h,
        count(*) filter (where is_72h_old and resolution_hours <= 72) as resolved_72h,
        {{ median('resolution_hours') }} as resolution_hours
    from timed
    group by {{ parts }}

),

final as (

    select
        cast(kind as varchar) as kind,
        cast(need as varchar) as need,
        cast(product_id as varchar) as product_id,
        cast(segmentation as varchar) as segmentation,
        cast(segment as varchar) as segment,
        cast(tickets as bigint) as tickets,
        cast(complaints as bigint) as complaints,
        cast(open_tickets as bigint) as open_tickets,
        cast(impossible_tickets as bigint) as impossible_tickets,
        cast(resolution_hours as double precision) as resolution_hours,
        cast({{ ratio('tickets - open_tickets', 'tickets') }} as double precision) as resolved_share,
        cast({{ ratio('resolved_24h', 'tickets_24h') }} as double precision) as resolved_24h_share,
        cast({{ ratio('resolved_72h', 'tickets_72h') }} as double precision) as resolved_72h_share,
        {{ month_end('month') }} <= {{ as_of_date() }} as is_complete,
        cast(month as date) as month,
        {{ as_of_date() }} as as_of_date
    from summed

)

select * from final
