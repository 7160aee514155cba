"""The sections of an explanation: published figures in, lines of text out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kehu.explain.explain_wording import Words
from kehu.release.manifest import Rules

_MEASURES = (("recency_days", "R", "r_score"), ("frequency", "F", "f_score"), ("monetary", "M", "m_score"))


_RECORDS_SHOWN = 20


@dataclass(frozen=True)
class Facts:
    """What the release says of one customer; a dictionary without a row of that table is empty."""

    words: Words
    language: str
    currency: str
    rules: Rules
    as_of: date
    customer: dict[str, Any]
    rfm: dict[str, Any]
    cut_points: list[tuple[str, str, float]]
    lifecycle: dict[str, Any]
    lifetime: dict[str, Any]
    quality: dict[str, Any]
    records: list[tuple[str, str, Any]]
    """Source id, kind and moment of first sight of each record of the person, the first one first."""
    links: list[tuple[str, str, str]]
    """Source id, kind of evidence, and the earlier record that it points to."""

    def threshold(self, name: str) -> Any:
        """A dbt var as it was when the release was built."""
        return self.rules.thresholds.get(name)


def identity_section(facts: Facts) -> list[str]:
    """The records that are this person, and what joined each to earlier ones."""
    words, records = facts.words, facts.records
    described = [{"record": name, "kind": words(kind), "day": f"{seen:%Y-%m-%d}"} for name, kind, seen in records]
    if len(records) == 1:
        return [words("one_record", **described[0])]
    lines = [words("records", count=len(records))]
    for number, record in enumerate(described[:_RECORDS_SHOWN]):
        links = [(by, other) for name, by, other in facts.links if name == record["record"]]
        said = [words("link", linked_by=words(by), record=other) for by, other in links]
        shown = ", ".join(said) or words("bridged" if number else "primary")
        lines.append("  " + words("record", **record, links=shown))
    if len(records) > _RECORDS_SHOWN:
        lines.append("  " + words("more_records", count=len(records) - _RECORDS_SHOWN))
    return lines


def rfm_section(facts: Facts) -> list[str]:
    """Cut points → scores → cell of the grid."""
    words, rfm = facts.words, facts.rfm
    if not rfm:
        return [words("rfm_none")]
    label = rfm[f"label_{facts.language}"] or rfm["rfm_segment"]
    lines = [words("rfm", label=label, segment=rfm["rfm_segment"])]
    for measure, letter, score in _MEASURES:
        cuts = [cut for name, _, cut in facts.cut_points if name == measure]
        origin = next((origin for name, origin, _ in facts.cut_points if name == measure), "computed")
        below = sum(cut < float(rfm[measure]) for cut in cuts)
        formula = f"5 - {below}" if letter == "R" else f"1 + {below}"
        value = figure_text(rfm[measure])
        lines += [
            "  " + words(measure, value=value, currency=facts.currency),
            "    " + words("cuts", origin=words(origin), cuts=" | ".join(figure_text(cut) for cut in cuts)),
            "    "
            + words(
                "score", below=below, count=len(cuts), value=value, letter=letter, formula=formula, score=rfm[score]
            ),
        ]
    return [*lines, "  " + words("cell", code=rfm["rfm_code"], r=rfm["r_score"], f=rfm["f_score"], label=label)]


def tier_section(facts: Facts, rank: dict[str, Any], label: str | None) -> list[str]:
    """Rank → cumulative revenue before → thresholds.

    Args:
        facts: the customer's figures.
        rank: ``buyers``, ``rank``, ``before`` and ``total`` among the customers with a valid order.
        label: the tier's name in the language of the explanation.
    """
    words, customer = facts.words, facts.customer
    tier = customer["value_tier"]
    if not customer["order_count"]:
        return [words("tier_none")]
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


def risk_section(facts: Facts) -> list[str]:
    """How likely the customer is to leave, as far as a model says so."""
    words, customer = facts.words, facts.customer
    shown = {
        "probability_alive": alive_text(facts),
        "churn_risk_band": customer["churn_risk_band"],
        "priority": customer["priority"],
    }
    return [words("risk"), *(f"  {words(key, value=value or words('not_modelled'))}" for key, value in shown.items())]


def alive_text(facts: Facts) -> str | None:
    """The probability of still buying; where the model says 1 by construction, with that note. None without a prediction."""
    alive = facts.customer["probability_alive"]
    if alive is None:
        return facts.words("alive_baseline") if facts.lifetime.get("model_grade") == "C" else None
    model = facts.lifetime.get("model_name")
    if model == "nbd" or (model == "bg_nbd" and facts.lifetime.get("x") == 0):
        return facts.words(f"alive_{model}", value=percent_text(alive))
    return percent_text(alive)


def figure_text(value: Any) -> str:
    """A number for people: money with its cents, other figures without needless digits."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent_text(share: Any) -> str:
    """A share as a percentage with two decimals."""
    return f"{float(share):.2%}".replace("%", " %")
