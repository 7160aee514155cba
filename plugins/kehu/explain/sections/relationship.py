"""The two windows of the relationship stage."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text


def relationship_section(facts: Facts) -> list[str]:
    """The two windows, and the rule that matched first."""
    words, row = facts.words, facts.lifecycle
    label = row[f"relationship_label_{facts.language}"] or row["relationship_stage"]
    lines = [words("relationship", label=label, stage=row["relationship_stage"])]
    figures: dict[str, object] = {
        name: figure_text(value) for name, value in facts.rules.thresholds.items() if name.startswith("relationship_")
    }
    figures |= {
        "purchase_days": row["purchase_day_count"],
        "earlier_days": row["earlier_purchase_days"],
        "later": figure_text(row["later_net_revenue"]),
        "earlier": figure_text(row["earlier_net_revenue"]),
        "tenure_within": row["earlier_tenure_days"],
        "tenure": (facts.as_of - row["first_purchase_date"]).days if row["first_purchase_date"] else words("none"),
        "ratio": words("none") if row["revenue_ratio"] is None else figure_text(row["revenue_ratio"]),
        "lifecycle": row[f"label_{facts.language}"] or row["lifecycle_stage"],
        "currency": facts.currency,
    }
    if row["earlier_tenure_days"] is not None:
        lines += ["  " + words("windows", **figures), "  " + words("ratio", **figures)]
    return [*lines, "  " + words("decided_by", rule=words(row["relationship_reason"], **figures))]


SECTION = Section(50, relationship_section)
