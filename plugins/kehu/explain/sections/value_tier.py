"""Why a customer is of high, medium or low value."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text, percent_text

_RANK = """
    select
        count(*) as buyers,
        count(*) filter (where net_revenue > ?) + 1 as rank,
        coalesce(sum(greatest(net_revenue, 0)) filter (where net_revenue > ?), 0) as before,
        coalesce(sum(greatest(net_revenue, 0)), 0) as total
    from analytics.dim_customers
    where order_count > 0
"""
_LABEL = """
    select label_en, label_zh from analytics.segment_summary where segmentation = 'value_tier' and segment = ?
"""


def tier_section(facts: Facts) -> list[str]:
    """Rank → cumulative revenue before → thresholds."""
    words, customer = facts.words, facts.customer
    tier = customer["value_tier"]
    if not customer["order_count"]:
        return [words("tier_none")]
    rank = facts.row(_RANK, customer["net_revenue"], customer["net_revenue"])
    label = facts.row(_LABEL, tier).get(f"label_{facts.language}")
    net = figure_text(customer["net_revenue"])
    lines = [
        words("tier", label=label or tier, tier=tier),
        "  "
        + words("rank", value=net, currency=facts.currency, rank=f"{rank['rank']:,}", buyers=f"{rank['buyers']:,}"),
    ]
    if customer["net_revenue"] <= 0:
        return [*lines, "  " + words("tier_not_positive")]
    share = percent_text(rank["before"] / rank["total"])
    figures = {
        "before": figure_text(rank["before"]),
        "total": figure_text(rank["total"]),
        "currency": facts.currency,
        "share": share,
    }
    limits = {name: percent_text(facts.threshold(f"value_tier_{name}")) for name in ("high", "medium")}
    return [*lines, "  " + words("before", **figures), "  " + words(f"tier_{tier}", share=share, **limits)]


SECTION = Section(30, tier_section)
