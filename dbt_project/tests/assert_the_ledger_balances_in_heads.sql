-- Detects: a row of customer_ledger whose movements do not lead from opening to closing, a month that does not open
-- as the one before closed, a negative head count, and a segmentation whose heads are not those of the whole base.
-- Usual cause: an edit of feat_segment_flows or of the groups in customer_ledger.
-- A row: a month, segmentation and segment that do not balance.
{{ config(tags=['candidate']) }}

with ledger as (

    select
        *,
        lag(closing, 1, 0) over (partition by segmentation, segment order by month) as closing_before
    from {{ ref('customer_ledger') }}

),

base as (

    select * from ledger
    where segmentation = 'all'

),

rows_at_fault as (

    select
        month,
        segmentation,
        segment
    from ledger
    where
        opening + new + reactivated + moved_in - lapsed - moved_out <> closing
        or opening <> closing_before
        or least(opening, new, reactivated, moved_in, lapsed, moved_out, closing) < 0
        or (segment in ('outside_base', 'guests') and greatest(opening, new, reactivated, moved_in, closing) > 0)

),

segmentations as (

    select
        month,
        segmentation,
        sum(opening) as opening,
        sum(new) as new,
        sum(reactivated) as reactivated,
        sum(lapsed) as lapsed,
        sum(closing) as closing,
        sum(moved_in - moved_out) as moved
    from ledger
    group by month, segmentation

),

whole_base as (

    select
        month,
        sum(opening) as opening,
        sum(new) as new,
        sum(reactivated) as reactivated,
        sum(lapsed) as lapsed,
        sum(closing) as closing
    from base
    group by month

),

final as (

    select * from rows_at_fault
    union all
    select
        segmentations.month,
        segmentations.segmentation,
        'all of them' as segment
    from segmentations
    left join whole_base
        on segmentations.month = whole_base.month
    where
        segmentations.moved <> 0
        or segmentations.opening is distinct from whole_base.opening
        or segmentations.new is distinct from whole_base.new
        or segmentations.reactivated is distinct from whole_base.reactivated
        or segmentations.lapsed is distinct from whole_base.lapsed
        or segmentations.closing is distinct from whole_base.closing

)

select * from final
