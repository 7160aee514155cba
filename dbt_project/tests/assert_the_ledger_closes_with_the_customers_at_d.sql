-- Detects: a segment that closes the month of D in customer_ledger with other heads than customer_lifecycle,
-- customer_rfm and the value tiers have in it at D.
-- Usual cause: an observation at D that is not in the history, or an edit of one of the two ways to the same figure.
-- A row: a segmentation and segment with both counts.
{{ config(tags=['candidate']) }}

with ledger as (

    select * from {{ ref('customer_ledger') }}
    where
        month = {{ month_start(as_of_date()) }}
        and closing <> 0

),

stages as (

    select * from {{ ref('feat_customer_stages') }}
    where is_in_base

),

members as (

    {%- for segmentation, column in segmentation_columns().items() %}
    select
        '{{ segmentation }}' as segmentation,
        {{ column }} as segment,
        count(*) as customers
    from stages
    group by {{ column }}
    union all
    {%- endfor %}
    select
        'all' as segmentation,
        'all' as segment,
        count(*) as customers
    from stages
    having count(*) > 0

),

final as (

    select
        coalesce(ledger.segmentation, members.segmentation) as segmentation,
        coalesce(ledger.segment, members.segment) as segment,
        ledger.closing,
        members.customers
    from ledger
    full outer join members
        on
            ledger.segmentation = members.segmentation
            and ledger.segment = members.segment
    where ledger.closing is distinct from members.customers

)

select * from final
