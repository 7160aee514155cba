"""How likely the customer is to leave."""

from __future__ import annotations

from kehu.explain.facts import Facts, Section


def risk_section(facts: Facts) -> list[str]:
    """How likely the customer is to leave, as far as a model says so."""
    words, customer = facts.words, facts.customer
    shown = {
        "probability_alive": facts.alive,
        "churn_risk_band": customer["churn_risk_band"],
        "priority": customer["priority"],
    }
    return [words("risk"), *(f"  {words(key, value=value or words('not_modelled'))}" for key, value in shown.items())]


SECTION = Section(70, risk_section)
