"""The parts of a customer's risk multiply to the odds that the warehouse has computed."""

from __future__ import annotations

import math
import re

import pytest

from kehu.explain.sections.risk import entered, parts
from tests.support.repository import ROOT

ROW = {
    "days_since_last_order": 50,
    "own_cadence_days": 20.0,
    "overdue_ratio": 2.5,
    "complaints_90d": 2,
    "later_net_revenue": -30,
    "satisfaction_change": None,
    "refund_share": 0.25,
    "is_own_cadence": True,
}
FEATURES = [
    ("days_since", "Silence", 3.0, 1.0, 0.5),
    ("complaints_90d", "Complaints", 0.1, 0.4, 0.8),
    ("later_net_revenue", "Revenue", 4.0, 2.0, -0.3),
    ("refund_share", "Refunds", 0.05, 0.1, 0.1),
    ("no_satisfaction_change", "No answers", 0.5, 0.5, -0.2),
]
COEFFICIENTS = [
    {"feature": name, "label_en": label, "mean_value": mean, "deviation": deviation, "coefficient": coefficient}
    for name, label, mean, deviation, coefficient in FEATURES
]


def test_parts_multiply_to_the_odds_against_an_average_customer() -> None:
    values = [math.log(51), math.log(3), -math.log(31), 0.25, 1.0]
    score = sum(
        coefficient * (value - mean) / deviation
        for value, (*_, mean, deviation, coefficient) in zip(values, FEATURES, strict=True)
    )
    found = parts(ROW, COEFFICIENTS, "label_en")
    assert math.prod(factor for _, factor in found) == pytest.approx(math.exp(score))
    assert [name for name, _ in found][:2] == ["Complaints", "Revenue"]


def test_every_input_of_the_model_can_be_told() -> None:
    macro = (ROOT / "dbt_project" / "macros" / "risk" / "churn_inputs.sql").read_text(encoding="utf-8")
    names = re.findall(r"^    '(\w+)': churn_(log|signed_log|plain)", macro, re.MULTILINE)
    assert len(names) > 15
    row = dict.fromkeys([name for name, _ in names], 3.0) | {"days_since_last_order": 3.0, "is_own_cadence": False}
    for name, kind in names:
        expected = {"log": math.log(4), "signed_log": math.log(4), "plain": 3.0}[kind]
        assert entered(name, row) == pytest.approx(
            {"no_own_cadence": 1.0, "no_satisfaction_change": 0.0, "no_shares": 0.0}.get(name, expected)
        )
