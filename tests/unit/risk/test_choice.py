"""The nested choice: what is chosen and graded, that the judging window decides nothing, and every way to have too little."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kehu.risk.candidates import LinearFit, fit
from kehu.risk.choice import Choice, choose
from kehu.risk.policy import Policy
from kehu.risk.window import Window
from tests.unit.risk.planted_windows import window

POLICY = Policy()
Windows = tuple[Window, Window, Window]


def three(customers: int = 1500, **given: float) -> Windows:
    return (window(customers, 1, **given), window(customers, 2, **given), window(customers, 3, **given))


def chosen(windows: Windows, customers: int = 1500, days: int = 500, policy: Policy = POLICY) -> Choice:
    return choose(windows, customers, days, policy)


def test_complaints_are_found_and_the_grade_is_that_of_a_window_not_seen() -> None:
    found = chosen(three())
    assert (found.used, found.judged, found.grade) == ("logistic", "logistic", "A")
    assert found.records["logistic"].auc > found.records["recency"].auc + 0.05  # type: ignore[operator]
    fitted = found.fits["logistic"]
    assert isinstance(fitted, LinearFit)
    assert fitted.terms["complaints_90d"].coefficient > fitted.terms["days_since"].coefficient > 0
    assert "constant" not in fitted.terms


def test_the_window_of_the_record_decides_neither_who_is_judged_nor_its_fit() -> None:
    windows = three()
    first = chosen(windows)
    turned = replace(windows[0], left=1 - windows[0].left)
    second = chosen((turned, *windows[1:]), policy=Policy(risk_grade_a_calibration=1))
    assert second.records["logistic"].auc == pytest.approx(1 - first.records["logistic"].auc)  # type: ignore[operator]
    probabilities = [fit("logistic", windows[1], POLICY).predict(windows[0]) for _ in range(2)]  # type: ignore[union-attr]
    assert first.judged_fit is not None
    assert np.array_equal(first.judged_fit.predict(windows[0]), probabilities[0])
    assert second.grade == "C"
    assert second.used in ("base_rate", "recency")


def test_the_order_of_customers_changes_nothing_beyond_the_last_digits() -> None:
    windows = three()
    turned = tuple(
        Window(one.names, one.inputs[::-1], one.frequency_band[::-1], one.overdue_band[::-1], one.left[::-1])
        for one in windows
    )
    first, second = chosen(windows), chosen(turned)  # type: ignore[arg-type]
    assert (first.used, first.grade) == (second.used, second.grade)
    for name, record in first.records.items():
        assert record.log_loss == pytest.approx(second.records[name].log_loss, abs=1e-9)


def test_silence_that_says_nothing_leaves_the_baseline() -> None:
    found = chosen(three(weight=0.0))
    assert found.grade == "C"
    assert found.used in ("base_rate", "recency")
    assert "is used" in found.reason


@pytest.mark.parametrize("left", [0.0, 1.0])
def test_nobody_left_or_everybody_did(left: float) -> None:
    found = chosen(three(left=left))
    assert (found.used, found.grade) == ("base_rate", "C")
    probability = found.fits["base_rate"].predict(window(5, 9))
    assert probability == pytest.approx((left * 1500 + 0.5) / 1501)
    assert found.records["base_rate"].auc is None
    assert found.records["base_rate"].log_loss < 0.01


def test_nobody_left_in_one_window_only() -> None:
    good = three()
    for place in range(3):
        windows = list(good)
        windows[place] = replace(good[place], left=np.zeros(1500))
        found = chosen(tuple(windows))  # type: ignore[arg-type]
        assert found.grade in ("B", "C")
        assert found.used in found.fits
        assert found.reason


@pytest.mark.parametrize(
    ("windows", "customers", "days", "said"),
    [
        (three(50), 50, 500, "50 customers to score, 200 are needed"),
        (three(), 1500, 80, "80 days of history, 180 are needed"),
        ((window(1500, 1), window(20, 2), window(0, 3)), 1500, 200, "20 customers 180 days ago, 200 are needed"),
        ((window(0, 1), window(0, 2), window(0, 3)), 300, 200, "0 customers 90 days ago, 200 are needed"),
    ],
)
def test_too_little_is_an_answer(windows: Windows, customers: int, days: int, said: str) -> None:
    found = chosen(windows, customers, days)
    assert (found.used, found.grade, found.reason) == (None, "insufficient", said)
    assert not found.fits


def test_a_choice_that_nothing_judges_is_not_made() -> None:
    windows = three()
    found = chosen((windows[0], windows[1], window(30, 3)))
    assert (found.used, found.grade) == ("base_rate", "C")
    assert "30 customers 270 days ago are too few to judge a choice" in found.reason


def test_customers_who_are_all_alike() -> None:
    alike = tuple(
        replace(
            one, inputs=np.ones_like(one.inputs), frequency_band=np.ones(1500, int), overdue_band=np.ones(1500, int)
        )
        for one in three()
    )
    found = chosen(alike)  # type: ignore[arg-type]
    assert (found.used, found.grade) == ("base_rate", "C")
