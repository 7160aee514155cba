"""At risk: the record before the names, bands that add up, reasons and weights in words."""

from __future__ import annotations

import json
from functools import cache

import pytest

from kehu.report.sections import risk
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain

WORDS = Wording("en", "USD")


def candidate(name, order, **more):
    return {
        "candidate": name, "sort_order": order, "customers": 900, "horizon_days": 90, "base_rate": 0.4, "auc": 0.812,
        "log_loss": 0.5, "brier": 0.17, "calibration_error": 0.031, "precision_high": 0.78, "recall_high": 0.6,
        "precision_medium": 0.45, "recall_medium": 0.25, "lift_top_tenth": 2.1, "lead_time_days": 41.4, "grade": "A",
        "is_used": False, "is_judged": False, **more,
    }  # fmt: skip


RECORD = [
    candidate("base_rate", 1, grade=None),
    candidate("logistic", 4, is_used=True, is_judged=True),
]
TENTHS = [
    {"candidate": "logistic", "tenth": n, "customers": 90.0, "mean_probability": 1 - n / 11, "left_rate": 0.95 - n / 12,
     "lift": 2.1 - n / 6, "is_judged": True}
    for n in range(1, 11)
]  # fmt: skip
WEIGHTS = [
    {"candidate": "logistic", "feature": feature, "label_en": english, "label_zh": chinese, "coefficient": weight,
     "is_used": True}
    for feature, english, chinese, weight in (
        ("intercept", "Level", "水平", 9.0), ("complaints_90d", "Complaints of the last 90 days", "近90天投诉", 0.4),
        ("purchase_days", "Purchase days so far", "累计购买天数", -0.9), ("refund_share", "Refunds", "退款", 0.0),
    )
]  # fmt: skip
SCORED = [
    ("s:1", "high", "overdue,complaints", 50, "active", "high"), ("s:2", "high", "overdue", 20, "active", "low"),
    ("s:3", "high", None, 5, "new", "low"), ("s:4", "medium", "complaints", 10, "active", "high"),
    ("s:5", "low", None, 1, "new", "high"),
]  # fmt: skip


def tables(**changed):
    return {
        "churn_risk_record": RECORD,
        "churn_risk_calibration": TENTHS,
        "churn_risk_coefficients": WEIGHTS,
        "churn_risk_table": [],
        "customer_churn_risk": [
            {"customer_id": who, "risk_band": band, "reasons": reasons, "revenue_at_risk": money}
            for who, band, reasons, money, _, _ in SCORED
        ],
        "dim_customers": [
            {"customer_id": who, "lifecycle_stage": stage, "value_tier": tier} for who, _, _, _, stage, tier in SCORED
        ],
        "segment_summary": [
            {"segmentation": "value_tier", "segment": "high", "label_en": "High value", "label_zh": "高价值"}
        ],
    } | changed


@cache
def whole():
    """The chapter of all that is known, in English."""
    return risk.build(risk.read(reader_of(**tables())), WORDS)


def section(words=WORDS, **changed):
    if words is WORDS and not changed:
        return whole()
    return risk.build(risk.read(reader_of(**tables(**changed))), words)


def chart(built, chart_id):
    return next(one for one in built.charts if one.id == chart_id)


def test_what_the_last_flags_became_comes_before_who_is_flagged_now():
    built = section()
    assert plain(built.headline) == (
        "Of the customers flagged high 90 days ago 78% have left, of all 40%; "
        "today 3 customers are flagged, with USD 75.00 at risk"
    )
    assert [one.id for one in built.charts] == [
        "risk-flags", "risk-calibration", "risk-value-tier", "risk-lifecycle", "risk-reasons", "risk-weights",
    ]  # fmt: skip
    (bars,) = json.loads(chart(built, "risk-flags").wide)["data"]
    assert bars["x"] == [0.78, 0.45, 0.4]
    assert "AUC 0.812" in built.notes[0]
    assert "a median of 41 days" in built.notes[1]


def test_calibration_and_lift_are_those_of_the_release():
    shown = chart(section(), "risk-calibration")
    left, expected = json.loads(shown.wide)["data"]
    assert left["y"] == [row["left_rate"] for row in TENTHS]
    assert expected["y"] == [row["mean_probability"] for row in TENTHS]
    assert shown.headline == "The tenth with the highest probabilities left 2.1 times as often as all"


def test_the_bands_of_each_segmentation_add_up_to_all_scored():
    built = section()
    for one in ("risk-value-tier", "risk-lifecycle"):
        counts = [int(cell) for row in chart(built, one).table.rows for cell in row[1:5]]
        assert sum(counts) == len(SCORED)
    first = chart(built, "risk-value-tier").table.rows[0]
    assert first == ("High value", "1", "1", "1", "0", "61.00")


def test_a_reason_is_counted_for_everybody_at_high_risk_who_has_it():
    shown = chart(section(), "risk-reasons")
    assert shown.table.rows[:2] == (
        ("Silent for longer than usual", "2"),
        ("Complained in the last 90 days", "1"),
    )
    assert plain(shown.headline) == "Silent for longer than usual: 67% of the 3 customers at high risk"


def test_weights_are_told_in_words_and_the_level_is_not_one():
    shown = chart(section(), "risk-weights")
    assert shown.headline == "Purchase days so far weighs most: more of it lowers the risk"
    assert [row[1] for row in shown.table.rows] == ["lowers the risk", "raises the risk", "changes nothing"]
    assert "9.00" not in repr(shown)
    assert chart(section(Wording("zh", "CNY")), "risk-weights").headline == "“累计购买天数”权重最大：数值越大，风险越低"


def test_a_table_in_use_is_drawn_cell_by_cell():
    cells = [
        {"purchase_days_label": "1", "overdue_label": label, "frequency_band": 1, "overdue_band": band, "customers": 20,
         "customers_left": 9, "probability": 0.3 * band, "is_used": True}
        for band, label in ((1, "0–0.5"), (2, "0.5–1"))
    ]  # fmt: skip
    built = section(churn_risk_table=cells, churn_risk_coefficients=[])
    (grid,) = json.loads(chart(built, "risk-cells").wide)["data"]
    assert grid["z"] == [[0.3, 0.6]]
    assert "risk-weights" not in [one.id for one in built.charts]


def test_nobody_flagged_then_is_not_a_share_of_nothing():
    unflagged = [candidate("table", 3, is_used=True, is_judged=True, precision_high=None, recall_high=0.0, grade="B")]
    assert section(churn_risk_record=unflagged).headline.startswith(
        "Nobody was flagged high 90 days ago, and 40% of all"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_too_little_history_is_said_and_no_figure_invented(language):
    words = Wording(language, "USD")
    nothing = [candidate("none", 0, grade="insufficient", is_used=True)]
    built = section(words, churn_risk_record=nothing)
    assert "risk_horizon_days" in built.missing
    assert not built.charts
    assert "orders" in section(words, customer_churn_risk=[]).missing
    assert "orders" in risk.build(risk.read(reader_of()), words).missing


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_customer_is_named(language):
    assert "s:1" not in repr(section(Wording(language, "USD")))
