"""Figures of a record against scikit-learn, by hand and by identities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from kehu.risk.candidates import FLAT, table
from kehu.risk.policy import Policy
from kehu.risk.record import auc, judge, tenths
from kehu.risk.window import Window
from tests.unit.risk.planted_windows import window


def test_figures_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(5)
    for decimals in (1, 2, 8):
        probability = np.clip(np.round(draw.random(501), decimals), 0.001, 0.999)
        left = (draw.random(501) < probability).astype(float)
        found = judge(probability, left, Policy())
        assert found.auc == pytest.approx(roc_auc_score(left, probability), abs=1e-12)
        assert found.log_loss == pytest.approx(log_loss(left, probability), abs=1e-12)
        assert found.brier == pytest.approx(brier_score_loss(left, probability), abs=1e-12)


def test_equal_probabilities_share_what_became_of_them() -> None:
    found = tenths(np.full(15, 0.4), np.array([1.0] * 6 + [0.0] * 9))
    assert [one.customers for one in found] == [1.5] * 10
    assert all(one.left == pytest.approx(0.6) and one.expected == pytest.approx(0.6) for one in found)
    assert auc(np.full(15, 0.4), np.array([1.0] * 6 + [0.0] * 9)) == 0.5


def test_tenths_add_up() -> None:
    one = window(1003, 7)
    probability = 1 / (1 + np.exp(3.4 - one.silence))
    found = tenths(probability, one.left)
    assert sum(each.customers for each in found) == pytest.approx(1003)
    assert sum(each.left for each in found) == pytest.approx(one.left.sum())
    assert sum(each.expected for each in found) == pytest.approx(probability.sum())
    rates = [each.expected / each.customers for each in found]
    assert rates == sorted(rates, reverse=True)


def test_bands_are_counted_by_hand() -> None:
    found = judge(np.array([0.9, 0.6, 0.59, 0.3, 0.29]), np.array([1.0, 0, 1, 0, 1]), Policy())
    assert (found.precision_high, found.recall_high) == (0.5, pytest.approx(1 / 3))
    assert (found.precision_medium, found.recall_medium) == (0.5, pytest.approx(1 / 3))


def test_a_cell_is_drawn_to_its_row_and_the_row_to_all() -> None:
    frequency, overdue = np.array([1, 1, 1, 2]), np.array([1, 1, 2, 7])
    found = table(Window((), np.empty((4, 0)), frequency, overdue, np.array([1.0, 0, 1, 0])))
    row = (2 + 10 * 0.5) / (3 + 10)
    assert found.probability[0, 0] == pytest.approx((1 + 20 * row) / 22)
    assert found.probability[0, 6] == pytest.approx(row)
    assert found.probability[3, 3] == pytest.approx(0.5)
    assert FLAT < 1e-3


@pytest.mark.parametrize(
    "wrong", [{"risk_horizon_days": 0}, {"risk_medium": 0.7}, {"risk_high": 1.0}, {"risk_penalty": 0}]
)
def test_thresholds_out_of_range_are_named(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Policy(**wrong)  # type: ignore[arg-type]
