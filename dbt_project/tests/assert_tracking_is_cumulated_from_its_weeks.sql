-- Detects: a cumulated count of clv_tracking that is not the running sum of its weeks.
-- Usual cause: weeks that are missing or out of order.
-- A row: a week of a group.
{{ config(tags=['candidate']) }}

with weeks as (

    select
        segment,
        week,
        cumulative_actual,
        cumulative_expected,
        sum(actual) over (
            partition by segment order by week
            rows between unbounded preceding and current row
        ) as actual_so_far,
        sum(expected) over (
            partition by segment order by week
            rows between unbounded preceding and current row
        ) as expected_so_far
    from {{ ref('clv_tracking') }}

),

final as (

    select * from weeks
    where
        abs(cumulative_actual - actual_so_far) > 1e-6 * greatest(1, actual_so_far)
        or abs(cumulative_expected - expected_so_far) > 1e-6 * greatest(1, expected_so_far)

)

select * from final
