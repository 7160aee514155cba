-- Detects: an active customer of a month who is counted in none, or in two, of new, returning and resurrected.
-- Usual cause: an edit of the previous or the first purchase month in feat_customer_months.
-- A row: a month whose parts do not add up.
{{ config(tags=['candidate']) }}

with months as (

    select * from {{ ref('kpi_monthly') }}

),

final as (

    select
        months.month,
        months.active,
        months.new,
        months.{{ adapter.quote('returning') }},
        months.resurrected
    from months
    where months.active <> months.new + months.{{ adapter.quote('returning') }} + months.resurrected

)

select * from final
