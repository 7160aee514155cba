"""The tables and curves that let a reader see how the predictions did: tracking, calibration, gains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Booleans, Floats, Parameters
from kehu.clv.grouping import Distinct, grouped_sums
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.summaries import Holdout, Weeks

LAST_BUCKET = 7
DECILES = 10


@dataclass(frozen=True)
class Tracking:
    """Repeat purchases by week, actual and expected; shape (weeks,) each.

    ``model`` made ``expected`` and ``expected_cumulative`` (fitted to calibration only): the chosen one, else the one
    with the lowest holdout RMSE, to see why it was not chosen; all three are None where no model could be fitted.
    """

    model: str | None
    week: Floats
    is_holdout: Booleans
    actual: Floats
    actual_cumulative: Floats
    expected: Floats | None
    expected_cumulative: Floats | None


@dataclass(frozen=True)
class Calibration:
    """Holdout purchases by calibration frequency 0 … 6, 7 and more; sums over the customers, shape (8,) each."""

    frequency: Floats
    customers: Floats
    actual: Floats
    expected: Floats


@dataclass(frozen=True)
class Gains:
    """Holdout purchases by decile of predicted purchases, the highest first; shape (10,) each.

    A summary on the border of two deciles is divided in proportion, so customers need not be whole.
    ``cumulative_share`` is the share of all actual purchases in this decile and those before it (0 without any).
    """

    decile: Floats
    customers: Floats
    actual: Floats
    expected: Floats
    cumulative_share: Floats


def tracking(weeks: Weeks, holdout: Holdout, model: PurchaseModel | None, parameters: Parameters | None) -> Tracking:
    """Actual purchases by week beside those a model fitted to calibration expects of the customers it saw.

    A customer acquired ``offset`` weeks after the first purchase of anybody has E[X(end - offset)] repeat purchases by
    the end of a week.
    """
    actual = np.cumsum(weeks.purchases)
    if model is None or parameters is None:
        return Tracking(None, weeks.week, weeks.is_holdout, weeks.purchases, actual, None, None)
    by_t = Distinct.of(holdout.t)
    customers = by_t.sums(holdout.weight)
    elapsed = np.maximum(weeks.end[:, None] - (holdout.calibration_weeks - by_t.values), 0.0)
    times = Distinct.of(elapsed.ravel())
    expected = model.expected_from_start(parameters, times.values)[times.index].reshape(elapsed.shape) @ customers
    by_week = np.diff(expected, prepend=0.0)
    return Tracking(model.name, weeks.week, weeks.is_holdout, weeks.purchases, actual, by_week, expected)


def calibration(predicted: Floats, holdout: Holdout) -> Calibration:
    """Sum predictions per summary, shape (summaries,), and what was bought, by frequency in calibration."""
    bucket = np.minimum(holdout.x, LAST_BUCKET).astype(np.intp)
    sums = [
        grouped_sums(bucket, amounts, LAST_BUCKET + 1)
        for amounts in (holdout.weight, holdout.weight * holdout.holdout_x, holdout.weight * predicted)
    ]
    return Calibration(np.arange(LAST_BUCKET + 1.0), *sums)


def gains(predicted: Floats, holdout: Holdout) -> Gains:
    """Rank customers by prediction and see where the purchases were; equal predictions share alike."""
    ranked = Distinct.of(-predicted)
    customers = ranked.sums(holdout.weight)
    ranks = np.append(0.0, np.cumsum(customers))
    borders = np.linspace(0.0, ranks[-1], DECILES + 1)

    def by_decile(amounts: Floats) -> Floats:
        until = np.append(0.0, np.cumsum(ranked.sums(amounts)))
        return np.diff(np.interp(borders, ranks, until))

    actual = by_decile(holdout.weight * holdout.holdout_x)
    whole = actual.sum()
    share = np.cumsum(actual) / whole if whole > 0 else np.zeros(DECILES)
    return Gains(
        decile=np.arange(1.0, DECILES + 1),
        customers=by_decile(holdout.weight),
        actual=actual,
        expected=by_decile(holdout.weight * predicted),
        cumulative_share=share,
    )
