"""What to offer the customer and why: loyalty points with their tier, recommendations with what they follow from, campaigns."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text

_LOYALTY = """
    select loyalty_tier, tier_since, balance, points_expiring_30d, next_tier, points_to_next_tier
    from analytics.customer_loyalty
    where customer_id = ?
"""
_RECOMMENDATIONS = """
    select
        coalesce(offered.product_name, advice.product_id) as product,
        advice.kind,
        coalesce(bought.product_name, advice.because_of) as because_of
    from analytics.customer_recommendations as advice
    left join analytics.dim_products as offered on advice.product_id = offered.product_id
    left join analytics.dim_products as bought on advice.because_of = bought.product_id
    where advice.customer_id = ?
    order by advice.recommendation_rank
    limit 3
"""
_CAMPAIGNS = """
    select
        count(*) filter (where arm = 'treatment') as contacted,
        count(*) filter (where arm = 'control') as held_back
    from analytics.fct_campaign_contacts
    where customer_id = ?
"""


def offers_section(facts: Facts) -> list[str]:
    """Points, the first three recommendations, how often campaigns reached the customer; what is not published is left out."""
    published, words = set(facts.release.columns()), facts.words
    lines: list[str] = []
    if "customer_loyalty" in published:
        lines += _loyalty(facts)
    if {"customer_recommendations", "dim_products"} <= published:
        lines += _recommendations(facts)
    if "fct_campaign_contacts" in published:
        row = facts.row(_CAMPAIGNS, facts.customer_id)
        lines.append(words("campaigns", contacted=row["contacted"], held_back=row["held_back"]))
    return [words("offers"), *("  " + line for line in lines or [words("offers_unknown")])]


def _loyalty(facts: Facts) -> list[str]:
    words, row = facts.words, facts.row(_LOYALTY, facts.customer_id)
    if not row:
        return [words("no_member")]
    lines = [
        words("member", tier=words(f"tier_{row['loyalty_tier']}"), since=row["tier_since"]),
        words("points", balance=figure_text(row["balance"]), expiring=figure_text(row["points_expiring_30d"])),
    ]
    if row["next_tier"]:
        missing = figure_text(row["points_to_next_tier"])
        lines.append(words("next_tier", tier=words(f"tier_{row['next_tier']}"), points=missing))
    return lines


def _recommendations(facts: Facts) -> list[str]:
    words, rows = facts.words, facts.release.records(_RECOMMENDATIONS, [facts.customer_id])
    if not rows:
        return [words("no_recommendations")]
    return [words("recommendations"), *("  " + words(f"offer_{row['kind']}", **row) for row in rows)]


SECTION = Section(80, offers_section)
