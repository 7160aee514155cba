{#- A query: the relationship stage of each customer at the end of a day with the figures that decide it.

    lifecycle: the relation of lifecycle_stages_at(day). positions: that of customer_positions_at(day). each: see each_day(). The two windows are
    compared as whole numbers of cents and days, so that a ratio exactly at a limit is on the right side of it. -#}
{% macro relationship_stages_at(lifecycle, positions, each=none) -%}
{%- set window = var('relationship_window_days') -%}
with rules as (

    select * from {{ ref('relationship_rules') }}

),

rule_orders as (

    {{ rule_orders('rules', relationship_reason_codes()) }}

),

measured as (

    select
        {{ each_day(each, 'lifecycle') }}
        lifecycle.customer_id,
        lifecycle.lifecycle_reason,
        lifecycle.days_since_first_order,
        positions.purchase_day_count,
        positions.earlier_purchase_days,
        positions.later_net_revenue,
        positions.earlier_net_revenue,
        -- days of the earlier window on which the customer was one, that of the first purchase included
        least(
            {{ window }}, greatest(0, lifecycle.days_since_first_order - {{ window }} + 1)
        ) as earlier_tenure_days
    from {{ lifecycle }} as lifecycle
    left join {{ positions }} as positions
        on
            lifecycle.customer_id = positions.customer_id
            {{ and_same_day(each, 'lifecycle', 'positions') }}

),

-- later / (earlier × window / tenure) is compared without a division
scaled as (

    select
        *,
        cast(later_net_revenue as decimal(28, 2)) * earlier_tenure_days as later_scaled,
        cast(earlier_net_revenue as decimal(28, 2)) * {{ window }} as earlier_scaled
    from measured

),

matched as (

    select
        scaled.*,
        {{ first_rule_that_matches({
            'no_valid_order': 'scaled.purchase_day_count is null',
            'overdue_or_silent':
                "scaled.lifecycle_reason in ('silent_beyond_churn_limit', 'overdue_against_cadence')",
            'no_revenue_in_both_windows': 'scaled.earlier_net_revenue <= 0 and scaled.later_net_revenue <= 0',
            'revenue_fell':
                'scaled.earlier_net_revenue > 0 and scaled.earlier_purchase_days >= '
                ~ var('relationship_decline_min_days')
                ~ ' and scaled.later_scaled <= ' ~ var('relationship_decline_ratio') ~ ' * scaled.earlier_scaled',
            'few_purchase_days': 'scaled.purchase_day_count <= ' ~ var('relationship_exploration_max_days'),
            'short_tenure': 'scaled.days_since_first_order < ' ~ var('relationship_min_tenure_days'),
            'revenue_grew':
                'scaled.earlier_net_revenue > 0 and scaled.later_scaled >= '
                ~ var('relationship_growth_ratio') ~ ' * scaled.earlier_scaled',
            'revenue_returned': 'scaled.earlier_net_revenue <= 0 and scaled.later_net_revenue > 0',
        }) }} as rule_order
    from scaled
    cross join rule_orders

),

final as (

    select
        {{ each_day(each, 'matched') }}
        matched.customer_id,
        rules.relationship_stage,
        rules.reason_code as relationship_reason,
        rules.label_en as relationship_label_en,
        rules.label_zh as relationship_label_zh,
        matched.earlier_purchase_days,
        case when matched.purchase_day_count is not null then matched.earlier_tenure_days end as earlier_tenure_days,
        matched.later_net_revenue,
        matched.earlier_net_revenue,
        case
            when matched.earlier_net_revenue > 0 then {{ ratio('matched.later_scaled', 'matched.earlier_scaled') }}
        end as revenue_ratio
    from matched
    left join rules
        on matched.rule_order = rules.rule_order

)

select * from final
{%- endmacro %}


{#- The conditions that relationship_stages_at() can decide; the seed relationship_rules says their order and their stage. -#}
{% macro relationship_reason_codes() -%}
{{ return([
    'no_valid_order',
    'overdue_or_silent',
    'no_revenue_in_both_windows',
    'revenue_fell',
    'few_purchase_days',
    'short_tenure',
    'revenue_grew',
    'revenue_returned',
    'no_other_rule',
]) }}
{%- endmacro %}
