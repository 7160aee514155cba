"""How likely the customer is to leave, by what, and whether it is urgent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import percent_text

SHOWN_PARTS = 5
"""So many features are named, those that weigh most."""
_PLAIN = frozenset({"satisfaction_change", "refund_share", "discount_share"})
_SIGNED = frozenset({"later_net_revenue", "earlier_net_revenue"})
_MISSING = {"no_satisfaction_change": "satisfaction_change", "no_shares": "refund_share"}
_FIGURES = {
    "overdue": "overdue_ratio",
    "complaints": "complaints_90d",
    "dissatisfied": "satisfaction_change",
    "buying_less": "buying_ratio",
}
_COEFFICIENTS = """
    select feature, label_en, label_zh, mean_value, deviation, coefficient
    from analytics.churn_risk_coefficients
    where is_used and feature <> 'intercept'
    order by sort_order
"""


def risk_section(facts: Facts) -> list[str]:
    """How likely the customer is to leave, as far as a model says so."""
    words, customer = facts.words, facts.customer
    lines = [("probability_alive", facts.alive), ("churn_risk_band", customer["churn_risk_band"])]
    found = [f"  {words(key, value=value or words('not_modelled'))}" for key, value in lines]
    if "customer_churn_risk" in facts.release.columns():
        found += _why(facts)
    found.append(f"  {words('priority', value=customer['priority'] or words('not_modelled'))}")
    return [words("risk"), *found]


def _why(facts: Facts) -> list[str]:
    """Probability, model, reasons with their figures, and the part of each feature."""
    words = facts.words
    row = facts.row("select * from analytics.customer_churn_risk where customer_id = ?", facts.customer_id)
    if row.get("churn_probability") is None:
        return []
    lines = [
        words(
            "churn_probability",
            value=percent_text(row["churn_probability"]),
            days=facts.threshold("risk_horizon_days"),
            model=row["model_name"],
            grade=row["model_grade"],
        ),
        words("revenue_at_risk", value=f"{row['revenue_at_risk']:,.2f} {facts.currency}"),
    ]
    for reason in (row["reasons"] or "").split(","):
        if reason:
            lines.append(words(f"reason_{reason}", value=f"{float(row[_FIGURES[reason]]):.2f}".rstrip("0").rstrip(".")))
    label = f"label_{facts.language}"
    for name, factor in parts(row, facts.release.records(_COEFFICIENTS, ()), label)[:SHOWN_PARTS]:
        lines.append(words("part", name=name, factor=f"{factor:.2f}"))
    return [f"  {line}" for line in lines]


def parts(row: Mapping[str, Any], coefficients: list[dict[str, Any]], label: str) -> list[tuple[str, float]]:
    """What each feature multiplies the odds to leave by, against an average customer; the heaviest first.

    Args:
        row: of ``customer_churn_risk``.
        coefficients: those in use, of ``churn_risk_coefficients``.
        label: the column with the names of features.
    """
    found = [
        (one[label], one["coefficient"] * (entered(one["feature"], row) - one["mean_value"]) / one["deviation"])
        for one in coefficients
    ]
    found.sort(key=lambda part: (-abs(part[1]), part[0]))
    return [(name, math.exp(weight)) for name, weight in found]


def entered(feature: str, row: Mapping[str, Any]) -> float:
    """A feature as the model takes it: the macro ``churn_inputs`` says the same in SQL."""
    if feature == "no_own_cadence":
        return 0.0 if row["is_own_cadence"] else 1.0
    if feature in _MISSING:
        return 1.0 if row[_MISSING[feature]] is None else 0.0
    value = float(row["days_since_last_order" if feature == "days_since" else feature] or 0)
    if feature in _PLAIN:
        return value
    return math.copysign(math.log1p(abs(value)), value) if feature in _SIGNED else math.log1p(value)


SECTION = Section(70, risk_section)
