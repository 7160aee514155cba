"""The rules of the lifecycle, in order."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text


def lifecycle_section(facts: Facts) -> list[str]:
    """The figures, then each rule in order: matched or not."""
    words, row = facts.words, facts.lifecycle
    label = row[f"label_{facts.language}"] or row["lifecycle_stage"]
    lines = [words("lifecycle", label=label, stage=row["lifecycle_stage"])]
    if row["last_purchase_date"] is not None:
        whose = words("own" if row["is_own_cadence"] else "population")
        lines += [
            "  "
            + words(
                "dates",
                first=row["first_purchase_date"],
                last=row["last_purchase_date"],
                days=row["days_since_last_order"],
            ),
            "  "
            + words(
                "cadence",
                cadence=figure_text(row["own_cadence_days"]),
                whose=whose,
                overdue=figure_text(row["days_overdue"]),
            ),
            "  "
            + words(
                "limits", at_risk=figure_text(row["at_risk_limit_days"]), churn=figure_text(row["churn_limit_days"])
            ),
        ]
    lines += ["  " + words("since", since=row["stage_since"]), "  " + words("first_match")]
    return [*lines, *_rules(facts)]


def _rules(facts: Facts) -> list[str]:
    words, row = facts.words, facts.lifecycle
    first, last = row["first_purchase_date"], row["last_purchase_date"]
    figures: dict[str, object] = {
        **{name: figure_text(value) for name, value in facts.rules.thresholds.items() if name.endswith("_days")},
        "loyal_min_days": facts.threshold("loyal_min_days"),
        "purchase_days": row["purchase_day_count"],
        "in_window": row["purchase_days_in_window"],
        "days": row["days_since_last_order"] if last else words("none"),
        "tenure": (facts.as_of - first).days if first else words("none"),
        "churn": figure_text(row["churn_limit_days"]) if last else words("none"),
        "at_risk": figure_text(row["at_risk_limit_days"]) if last else words("none"),
        "returned": row["returned_on"] or words("none"),
    }
    verdict, lines = "no_match", []
    for rule in facts.rules.lifecycle:
        is_it = rule.reason_code == row["lifecycle_reason"]
        shown = words("match" if is_it else verdict)
        label = rule.label_zh if facts.language == "zh" else rule.label_en
        lines.append(f"    {rule.rule_order}. {label}: {words(rule.reason_code, **figures)} → {shown}")
        if is_it:
            verdict = "not_reached"
    if verdict == "no_match":
        lines.append(f"    {words(row['lifecycle_reason'], **figures)} → {words('match')}")
    return lines


SECTION = Section(40, lifecycle_section)
